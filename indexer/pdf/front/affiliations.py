"""Affiliations among the lines below a title."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.text import clean, title_key
from indexer.pdf.front.byline import MARK, after_names, text_of
from indexer.pdf.front.places import is_contact, is_institution, is_place
from indexer.pdf.geometry import Line

_EMAIL = re.compile(r"(?:\{[^{}@]{1,200}\}|[\w.+-]{1,80})\s?@\s?[\w-]+(?:\.[\w-]+)+|(?:https?://|www\.)\S+")
_LABEL = re.compile(r"\b(?:e-?mails?(?: address(?:es)?)?|corresponding author|orcid(?: id)?)\s*:?\s*$", re.IGNORECASE)
_PRINTED_MARK = re.compile(r"^\s*(?:[\[(]?(?:\d{1,2}|[a-h])[\])]\s*|(?:\d{1,2})(?:\.\s+|\s+|(?=[A-Z]))|[*†‡§¶∗#⋆]+\s*)")
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b.*\b(?:19|20)\d\d\b|^\(?(?:dated|received|accepted|published|revised|submitted)\b", re.IGNORECASE
)
_FIRST_NUMBER = re.compile(r"^1\.?\s+[^\W\d_]")
_MIN_CHARS = 4
_MAX = 200
_MAX_CHARS = 400


def read_affiliations(lines: Sequence[Line], *, names: frozenset[int]) -> tuple[str, ...]:
    """Read the affiliations in the order printed, each once, without marks, addresses of mail and of the web.

    Args:
        lines: Between title and abstract, from top to bottom and left to right.
        names: Identities of the lines that hold names.
    """
    blocks: list[list[Line]] = []
    texts: list[str] = []
    for line in lines:
        if id(line) in names:
            if (rest := after_names(line)) and (is_institution(rest) or is_place(rest)):
                texts.append(_clean(rest).strip(" ,;.:"))
            continue
        for block in reversed(blocks):
            if _joins(block[-1], line):
                block.append(line)
                break
        else:
            blocks.append([line])
    texts.extend(entry for block in blocks for entry in _entries(block))
    found: dict[str, str] = {}
    for text in texts:
        if len(text) >= _MIN_CHARS and (is_institution(text) or is_place(text)) and not _DATE.search(text):
            found.setdefault(title_key(text), text[:_MAX_CHARS])
    return tuple(found.values())[:_MAX]


def _joins(last: Line, line: Line) -> bool:
    """True when a line goes on below another, in the same block."""
    apart = line.baseline - last.baseline
    overlap = min(last.x1, line.x1) - max(last.x0, line.x0)
    return 0 < apart < 1.6 * max(last.size, line.size) and overlap > 0 and abs(last.size - line.size) < 0.15 * last.size


def _entries(block: Sequence[Line]) -> list[str]:
    """The affiliations of a block: a mark begins the next one, so does an address of mail."""
    if _FIRST_NUMBER.match(block[0].text) and not block[0].spans[0].raised:
        numbered = _numbered(" ".join(line.text for line in block))
        if len(numbered) > 1:
            return [_clean(entry).strip(" ,;.:") for entry in numbered]
    entries: list[str] = []
    open_entry = False
    marked = any(_begins_marked(line) for line in block)
    for index, line in enumerate(block):
        for number, piece in enumerate(re.split(f"{MARK}|;\\s|\\s{{3,}}", text_of(line).replace(f"{MARK} ", MARK))):
            begins = number > 0 or (marked and _begins_marked(line)) or bool(_DATE.search(piece))
            text = _clean(piece)
            if begins or not open_entry:
                entries.append(text)
            elif text:
                wrapped = marked or _is_full(block[index - 1], block)
                entries[-1] = _glued(entries[-1], text, wrapped=wrapped)
            open_entry = not (_EMAIL.search(piece) or (is_contact(piece) and not is_institution(_clean(piece))))
    return [entry.strip(" ,;.:") for entry in entries if entry]


def _numbered(text: str) -> list[str]:
    """The parts of a text that counts them itself, as in ``1 Here 2 There``."""
    entries: list[str] = []
    position, number = 0, 1
    while number < _MAX:
        following = re.compile(rf"\s{number + 1}\.?\s(?=[^\W\d_])").search(text, position)
        entries.append(text[position : following.start() if following else len(text)])
        if following is None:
            break
        position, number = following.start() + 1, number + 1
    return entries


def _begins_marked(line: Line) -> bool:
    return text_of(line).startswith(MARK) or bool(_PRINTED_MARK.match(line.text))


def _is_full(line: Line, block: Sequence[Line]) -> bool:
    return line.width > 0.85 * max(item.width for item in block) and line.width > 30 * line.size * 0.5


def _glued(before: str, after: str, *, wrapped: bool) -> str:
    if before.endswith("-") and after[:1].islower():
        return before[:-1] + after
    if not before or before.endswith((",", ";")) or wrapped or after[:1].islower():
        return f"{before} {after}".strip()
    return f"{before}, {after}"


def _clean(text: str) -> str:
    text = _EMAIL.sub(" ", text)
    text = _LABEL.sub("", text.strip(" ;,"))
    return clean(_PRINTED_MARK.sub("", text.replace(MARK, " "))).strip(" ;")
