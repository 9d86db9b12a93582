"""Where a text wants citations: its marked places, with the words around them as the models read them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf
from typing import Literal

from core.text import end_of, start_of
from indexer.manuscripts import MARK, Block, Manuscript, Mark, Sentence, read_text
from training.contexts import tidied

MAX_PLACES = 200
CONTEXT_CHARS = 200
BEFORE_CHARS = 500
AFTER_CHARS = 120
"""As much as the citation models are measured with."""
_MAX_BLOCKS = 50
"""Paragraphs looked back over: short ones add little."""
SENTENCE_CHARS = 1_000
_HERE = "\x00"
_TIGHT = tuple(",.;:!?)]")

PlaceKind = Literal["placeholder", "citation", "printed", "field", "missing", "whole"]
"""Of a mark; a sentence that cites nothing and should; a text in which nothing is marked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place that wants a citation: half-open span of its markers, its line and column (1-based).

    ``context`` is the text to both sides, to be shown; ``before`` reaches further back within the section and ends at
    the place, and ``after`` is the little that follows: rankers are asked with these. All are plain text on one line,
    without markers. ``title`` is that of the whole text and ``section`` the heading above the
    place, "" where there is none. ``keys`` are those that the place cites already. Places of one ``paragraph`` (its
    position in the text) stand near each other. ``need`` is the probability that the sentence needs a citation, where
    nothing marks it.
    """

    start: int
    end: int
    line: int
    context: str
    before: str
    after: str = ""
    title: str = ""
    section: str = ""
    column: int = 1
    sentence: str = ""
    kind: PlaceKind = "placeholder"
    keys: tuple[str, ...] = ()
    paragraph: int = 0
    need: float | None = None


def find_places(text: str, *, limit: int = MAX_PLACES) -> tuple[list[Place], int]:
    """The first marked places of a text, or the whole text when none is marked, and how many more are marked."""
    manuscript = read_text(text)
    places, left_out = places_of(manuscript, limit=limit)
    return places or [whole_text(manuscript)], left_out


def places_of(manuscript: Manuscript, *, limit: int = MAX_PLACES) -> tuple[list[Place], int]:
    """The first places of a draft that are marked or cite already, and how many more there are.

    The context reaches ``CONTEXT_CHARS`` to both sides, ``before`` that of ``BEFORE_CHARS``, cut between words.
    """
    marks = sorted(manuscript.marks, key=lambda mark: mark.start)
    return [_marked(manuscript, mark) for mark in marks[:limit]], max(0, len(marks) - limit)


def uncited(manuscript: Manuscript, sentence: Sentence, *, need: float) -> Place:
    """The end of a sentence that cites nothing, as a place; it stands before its full stop and has no width."""
    block = manuscript.blocks[sentence.block]
    end = sentence.end
    while end > sentence.start and manuscript.text[end - 1] in ".!?":
        end -= 1
    at = max(block.start, sentence.at - (sentence.end - end))
    place = _place(manuscript, end, end, at, at, block)
    return replace(place, kind="missing", sentence=sentence_text(sentence), need=need, paragraph=sentence.block)


def whole_text(manuscript: Manuscript) -> Place:
    """A text in which nothing is marked: what it is about, and what would follow it."""
    plain = manuscript.plain or manuscript.text
    blocks = manuscript.blocks
    end = len(manuscript.text)
    shared = " ".join(plain.replace(MARK, " ").split())
    if not blocks:
        return Place(start=0, end=end, line=1, context=shared, before=end_of(shared, BEFORE_CHARS), kind="whole",
                     title=manuscript.title)  # fmt: skip
    last = _place(manuscript, end, end, blocks[-1].end, blocks[-1].end, blocks[-1])
    return replace(last, start=0, line=1, column=1, context=shared, kind="whole")


def sentence_text(sentence: Sentence) -> str:
    """A sentence as models read it, tidied where its markers were; what is longer than any is cut."""
    return tidied(start_of(sentence.text, SENTENCE_CHARS))


def section_above(manuscript: Manuscript, heading: int | None) -> str:
    """The heading above, "" where there is none or only the title."""
    text = manuscript.headings[heading].text if heading is not None else ""
    return text if text != manuscript.title else ""


def sections_above(manuscript: Manuscript, heading: int | None) -> list[str]:
    """The headings above, outermost first, without the title."""
    found: list[str] = []
    level: float = inf
    for above in reversed(manuscript.headings[: heading + 1] if heading is not None else ()):
        if above.level < level and above.text != manuscript.title:
            found.append(above.text)
        level = min(level, above.level)
    return found[::-1]


def _marked(manuscript: Manuscript, mark: Mark) -> Place:
    block = manuscript.blocks[mark.block]
    place = _place(manuscript, mark.start, mark.end, mark.at, mark.at + 1, block)
    sentence = sentence_text(manuscript.sentences[mark.sentence]) if mark.sentence is not None else ""
    return replace(place, kind=mark.kind, keys=mark.keys, sentence=sentence, paragraph=mark.block)


def _place(manuscript: Manuscript, start: int, end: int, at: int, behind: int, block: Block) -> Place:
    """A place in the source whose text ends ``at`` a position of the plain text and goes on ``behind`` another."""
    before, after = _around(manuscript, at, behind, block)
    head, tail = end_of(before, CONTEXT_CHARS), start_of(after, CONTEXT_CHARS)
    return Place(
        start=start,
        end=end,
        line=manuscript.line_of(start),
        column=manuscript.column_of(start),
        context=(head + tail if tail.startswith(_TIGHT) else f"{head} {tail}").strip(),
        before=end_of(before, BEFORE_CHARS),
        after=start_of(after, AFTER_CHARS),
        title=manuscript.title,
        section=section_above(manuscript, block.heading),
    )


def _around(manuscript: Manuscript, at: int, behind: int, block: Block) -> tuple[str, str]:
    """The text of the section to both sides of a place, longer than any model reads, its markers taken out."""
    own = manuscript.plain[max(block.start, at - 2 * BEFORE_CHARS) : at]
    before = [own, *_beside(manuscript, block, -1, 2 * BEFORE_CHARS - len(own))]
    own = manuscript.plain[behind : min(block.end, behind + 2 * CONTEXT_CHARS)]
    after = [own, *_beside(manuscript, block, 1, 2 * CONTEXT_CHARS - len(own))]
    # Brackets may stand around several markers: tidied together, and the place is found again by its mark.
    joined = f"{' '.join(reversed(before))}{_HERE}{' '.join(after)}".replace(MARK, " ")
    head, _, tail = tidied(joined).partition(_HERE)
    return head.strip(), tail.strip()


def _beside(manuscript: Manuscript, block: Block, step: int, chars: int) -> Iterator[str]:
    """The paragraphs of a section before (-1) or after (1) one of them, nearest first, up to so many characters."""
    if block.kind not in ("body", "abstract"):
        return
    index = bisect_left(manuscript.blocks, block.start, key=lambda each: each.start)
    for _ in range(_MAX_BLOCKS):
        index += step
        if chars <= 0 or not 0 <= index < len(manuscript.blocks):
            return
        other = manuscript.blocks[index]
        if other.kind == "heading" or other.heading != block.heading:
            return
        if other.kind == block.kind:
            text = manuscript.plain[other.start : other.end]
            text = text[-chars:] if step < 0 else text[:chars]
            chars -= len(text)
            yield text
