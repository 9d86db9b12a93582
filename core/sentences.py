"""Where sentences begin and end in scholarly prose."""

from __future__ import annotations

import re

_END = re.compile(r"[.!?。！？](?:[\"'”’)\]]{0,3}[⁰¹²³⁴⁵⁶⁷⁸⁹⁻,]*|\s*\[\d[\d,;–\- ]*\])(?=\s|$)|[。！？]")
_ABBREVIATIONS = frozenset(
    """
    al approx art cf ch chap co corp dept dr ed eds e.g eq eqs etc ex fig figs i.e inc jr ltd mr mrs ms no nos p pp
    prof ref refs resp sec secs sect sr st tab tabs vol vols vs
    """.split()
)
_LAST_WORD = re.compile(r"([\w.]+)$")
_WINDOW = 60
"""Characters looked at on either side of a full stop: what is beyond decides nothing, and looking costs time."""


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Half-open spans of the sentences of a text, in order, without the white space between them.

    Abbreviations (et al., Fig., e.g.), initials and decimals do not end a sentence.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if text[match.start()] == "." and not _ends_sentence(text, match.start(), match.end()):
            continue
        _append(spans, text, start, match.end())
        start = match.end()
    _append(spans, text, start, len(text))
    return spans


def split_sentences(text: str) -> list[str]:
    """The sentences of a text, in order."""
    return [text[start:end] for start, end in sentence_spans(text)]


def _ends_sentence(text: str, dot: int, end: int) -> bool:
    following = text[end : end + _WINDOW].lstrip()
    if following and following[0].islower():
        return False
    word = _LAST_WORD.search(text[max(0, dot - _WINDOW) : dot])
    if word is None:
        return True
    last = word.group(1).lower()
    is_initial = len(last) == 1 and last.isalpha() and text[dot - 1].isupper()
    return not (last in _ABBREVIATIONS or (is_initial and bool(following)))


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))
