"""Taking citation markers out of a sentence so that nothing tells where they stood.

A sentence is *whole* when it still reads as one: a marker that was a part of the grammar ("as in [12]", "Smith (2020)
shows") leaves a hole, which would tell the answer, so such sentences are no examples.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from training.contexts import tidied

Span = tuple[int, int]
_MARK = "\x00"
_YEAR = r"(?:1[5-9]|20)\d\d[a-z]?"
_NAME = r"[A-ZÀ-ÞŁŚŠŽ][\w'’\-]+"
_AUTHORS = rf"{_NAME}(?:(?:,? {_NAME}| [A-Z]\.)*(?:,? (?:and|&) (?:[A-Z]\. ?)*{_NAME}|,? et al\.?))?"
_UNLINKED = re.compile(
    rf"(?<=[(\[;,])\s*(?:(?:see|e\.g\.,?|cf\.?|also|in) )*{_AUTHORS},? ?{_YEAR}(?=[)\];,\s])"  # (Name et al., 2020; …
    rf"|(?<![(\[;,] )(?<![(\[;,]){_NAME}(?: (?:and|&) {_NAME}|,? et al\.?)?,? [(\[]{_YEAR}"  # Name et al. (2020)
    rf"|\bet al\.?,? ?{_YEAR}"
)
_NUMBERS = re.compile(r"\[\s*(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)\s*\]")
_INTERVAL = re.compile(r"(?:[∈=×^]|\b(?:range|interval|within|between|uniformly|size|shape|to|from))\s*$", re.I)
_DONE = "\x01"
"""Stands where a bracket of markers was."""
_BRACKET = re.compile(rf"[(\[]([^()\[\]]*[{_MARK}{_DONE}][^()\[\]]*)[)\]]")
_DATED = re.compile(_YEAR)
_MORE_YEARS = re.compile(rf"(?:(?:,|\band\b|&)\s*)*\b(?:{_YEAR}|[a-h])\b(?=\s*(?:[,;]|$))")
_CONNECTING = frozenset(
    """
    a above adapted after aforementioned al also an and article articles as at based below but by cf chap chapter
    compare comprehensive contrast data derived described detail details discussed discussion e.g e.g. eg elsewhere et
    example examples excellent following for found from further g general given here i.e i.e. ibid in including
    instance its information introduced is like method modified more most note notably of on or original originally
    other others our overview overviews p pp previously proposed published recent recently ref refs reference
    references reported reproduced respectively review reviewed reviews same sec section see seen shown similar
    similarly such supplementary survey surveys that the their therein these this to used using via we with work
    works
    """.split()
)
_WORDS = re.compile(r"[^\W_]+(?:\.[^\W_]+)*")
_HOLE_BEFORE = re.compile(
    r"(?:^|[(\[]|\b(?:about|according to|against|and|are|as|at|between|both|but|by|cf|compared|e\.g|"
    r"following|for|from|given|i\.e|in|is|like|of|on|or|our|per|refs?|references?|see|than|that|the|this|through|to|under|unlike|upon|using|versus|via|vs|was|we|were|where|whereas|"
    r"which|while|with|within|work)\.?,?)\s*$",
    re.I,
)
_BROKEN = re.compile(
    rf"[(\[]\s*[)\],;.]|[,;:]\s*[,;:)\]]|\s[,;]|\s\.(?:\s|$)|^[^\w\"“‘'(\[]"
    rf"|\bet al\.?,?\s*[(\[]?\s*(?:{_YEAR}|[)\];])|(?:^|[;,(]\s*){_YEAR}\s*[)\];]"
    r"|\b(?:[Ss]ee|e\.g\.|cf\.|i\.e\.|and|or|in|by|of|from|as|to|with|also|the)\s*[.;)\]]"
)
_NEAR = 40
_SPACED = re.compile(r"\s+([!?。！？，；：、])")
_TWO_STOPS = re.compile(r"(?<!\.)\.\s?\.$")
_BULLET = re.compile(r"^[-–—•*·]\s+")


@dataclass(frozen=True, slots=True)
class Stripped:
    """A sentence without its markers; not ``whole`` when it shows that something is missing."""

    text: str
    whole: bool


def unlinked_markers(text: str, references: int) -> list[Span]:
    """Spans of what is written like a citation though no mention tells of it.

    Args:
        references: Length of the paper's numbered reference list, 0 when citations are no numbers in brackets.
    """
    found = [match.span() for match in _UNLINKED.finditer(text)] if _DATED.search(text) else []
    for match in _NUMBERS.finditer(text) if references else ():
        numbers = [int(number) for number in re.findall(r"\d+", match[1])]
        before = text[max(0, match.start() - 20) : match.start()]
        if all(1 <= number <= references for number in numbers) and not _INTERVAL.search(before):
            found.append(match.span())
    return found


def stripped(text: str, markers: Iterable[Span]) -> Stripped:
    """Take markers out of a sentence, along with the brackets, words and signs that served them alone."""
    marked, in_grammar = _marked(text, _merged([_inner(text, span) for span in markers]))
    while marked != (marked := _BRACKET.sub(_without_marks, marked)):
        pass
    in_grammar = in_grammar or _MARK in marked or _leaves_hole(marked)
    # What has no marker is tidied as well: the model must not learn the difference.
    plain = _BULLET.sub("", tidied(marked.replace(_MARK, " ").replace(_DONE, " ")))
    plain = _TWO_STOPS.sub(".", _SPACED.sub(r"\1", plain))
    return Stripped(plain, not in_grammar and not _BROKEN.search(plain) and _balanced(plain))


def _inner(text: str, span: Span) -> Span:
    """The span without brackets around it, half brackets and separators at its ends."""
    start, end = span
    while start < end and (text[start] in " ,;" or (text[start] in "([" and not _closes(text[start:end]))):
        start += 1
    while start < end and (text[end - 1] in " ,;" or (text[end - 1] in ")]" and not _opens(text[start:end]))):
        end -= 1
    if end - start > 1 and text[start] in "([" and text[end - 1] in ")]":
        return start + 1, end - 1
    return start, end


def _closes(piece: str) -> bool:
    return piece.count("(") + piece.count("[") <= piece.count(")") + piece.count("]")


def _opens(piece: str) -> bool:
    return piece.count("(") + piece.count("[") >= piece.count(")") + piece.count("]")


def _merged(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _marked(text: str, spans: Sequence[Span]) -> tuple[str, bool]:
    """The text with a mark for each marker, and whether one of them is a part of the grammar by its own form."""
    parts: list[str] = []
    position = 0
    in_grammar = False
    for start, end in spans:
        inside = text[start:end]
        # "Smith et al. (2020": the name is a word of the sentence; "(2020)": the name stands before the bracket.
        alone = text[:start].endswith(("(", "[")) and _DATED.fullmatch(inside) is not None
        in_grammar |= alone or "(" in inside or "[" in inside
        parts += [text[position:start], _MARK]
        position = end
    parts.append(text[position:])
    return "".join(parts), in_grammar


def _without_marks(bracket: re.Match[str]) -> str:
    """A bracket without its markers, or ``_DONE`` in its place when they were all that it was for."""
    kept: list[str] = []
    for segment in bracket[1].split(";"):
        rest = segment.replace(_MARK, "").replace(_DONE, "")
        if rest == segment:
            kept.append(segment.strip())
            continue
        while rest != (rest := _MORE_YEARS.sub("", rest).strip(" ,;:.&–-")):
            pass
        if any(word.lower() not in _CONNECTING for word in _WORDS.findall(rest)):
            kept.append(rest)
    inside = "; ".join(piece for piece in kept if piece)
    return f"{bracket[0][0]}{inside}{bracket[0][-1]}" if _WORDS.search(inside) else _DONE


def _leaves_hole(marked: str) -> bool:
    gaps = [position for position, char in enumerate(marked) if char == _DONE] if _DONE in marked else []
    return any(_HOLE_BEFORE.search(marked[max(0, position - _NEAR) : position]) for position in gaps)


def _balanced(text: str) -> bool:
    return text.count("(") == text.count(")") and text.count("[") == text.count("]")
