"""Where a text wants citations: its marked places, with the words around them."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace

MAX_PLACES = 200
CONTEXT_CHARS = 200
BEFORE_CHARS = 500
AFTER_CHARS = 120
"""As much as the citation models are measured with."""
_WORD_CHARS = 50
_MARKER = re.compile(
    r"\[(?:cite|citation|citation needed|ref|\?)\]"
    r"|\\(?:paren|text|auto|foot)?cite[tp]?\*?(?:\[[^\]]{0,1000}\]){0,2}\{[^}]{0,1000}\}"
    r"|\[@[^\]]{0,1000}\]|\[START_REF\](?:.{0,1000}?\[END_REF\])?",
    re.IGNORECASE,
)
"""Bounded repetitions: an opened bracket that is never closed must not make the scan quadratic."""
_HEADING = re.compile(
    r"^[ ]{0,3}\#{1,6}[ \t]{1,9}(?P<markdown>\S[^\n]{0,300})"
    r"|\\(?:sub){0,2}(?:section|chapter)\*?\{(?P<latex>[^{}]{1,300})\}",
    re.MULTILINE,
)
_TITLE = re.compile(r"\\title\{(?P<latex>[^{}]{1,300})\}|\A\s*\#[ \t]{1,9}(?P<markdown>\S[^\n]{0,300})")
"""What LaTeX calls so, or a heading of the first level that opens the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a citation is wanted: half-open span of the marker and its line (1-based).

    ``context`` is the text to both sides, for rankers that compare texts; ``before`` reaches further back within the
    section and ends at the place, for models that go on from there, and ``after`` is the little that follows. All are
    on one line, without markers. ``title`` is that of the whole text and ``section`` the heading above the place, ""
    where there is none.
    """

    start: int
    end: int
    line: int
    context: str
    before: str
    after: str = ""
    title: str = ""
    section: str = ""


def find_places(text: str, *, limit: int = MAX_PLACES) -> tuple[list[Place], int]:
    """The first marked places of a text, or the whole text when none is marked, and how many more are marked.

    The context reaches ``CONTEXT_CHARS`` to both sides, ``before`` that of ``BEFORE_CHARS``, widened to whole words.
    """
    places: list[Place] = []
    outline = _outline(text)
    left_out, line, counted_to = 0, 1, 0
    for match in _MARKER.finditer(text):
        if len(places) >= limit:
            left_out += 1
            continue
        line += text.count("\n", counted_to, match.start())
        counted_to = match.start()
        context = _context(text, match.start(), match.end())
        places.append(_place(text, match.start(), match.end(), line, context, outline))
    if not places:
        whole = _place(text, len(text), len(text), 1, " ".join(text.split()), outline)
        return [replace(whole, start=0)], 0
    return places, left_out


def _place(text: str, start: int, end: int, line: int, context: str, outline: _Outline) -> Place:
    above = bisect_right(outline.headings, start, key=lambda each: each.end)
    heading = outline.headings[above - 1] if above else None
    return Place(
        start=start,
        end=end,
        line=line,
        context=context,
        before=_before(text, start, heading.end if heading else 0),
        after=_after(text, end),
        title=outline.title,
        section=heading.text if heading and heading.text != outline.title else "",
    )


@dataclass(frozen=True, slots=True)
class _Heading:
    text: str
    end: int


@dataclass(frozen=True, slots=True)
class _Outline:
    """The title of a text, "" when it has none, and its headings in order, the title among them where it is one."""

    title: str
    headings: tuple[_Heading, ...]


def _outline(text: str) -> _Outline:
    headings = tuple(_Heading(_heading(match), match.end()) for match in _HEADING.finditer(text))
    titled = _TITLE.search(text)
    return _Outline(_heading(titled) if titled else "", headings)


def _heading(found: re.Match[str]) -> str:
    return _unmarked(found["latex"] or found["markdown"].rstrip().rstrip("#"))


def _context(text: str, start: int, end: int) -> str:
    """The text around a span; it is cut between words, unless what stands there is longer than any word."""
    left, right = max(0, start - CONTEXT_CHARS), min(len(text), end + CONTEXT_CHARS)
    left = _word_start(text, left)
    return _unmarked(f"{text[left:start]} {text[end : _word_end(text, right)]}")


def _before(text: str, end: int, least: int) -> str:
    return _unmarked(text[max(least, _word_start(text, max(0, end - BEFORE_CHARS))) : end])


def _after(text: str, start: int) -> str:
    return _unmarked(text[start : _word_end(text, min(len(text), start + AFTER_CHARS))])


def _word_start(text: str, left: int) -> int:
    """Where the word at a position begins, unless it is endless."""
    return text.rfind(" ", max(0, left - _WORD_CHARS), left) + 1 or max(0, left - _WORD_CHARS)


def _word_end(text: str, right: int) -> int:
    space = text.find(" ", right, right + _WORD_CHARS)
    return space if space >= 0 else min(len(text), right + _WORD_CHARS)


def _unmarked(text: str) -> str:
    return " ".join(_MARKER.sub(" ", text).split())
