"""A paper while it is being read from an XML file, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from core.records import Author, Box, PassageKind, Reference
from core.text import clean
from indexer.xml.inline import Anchor, Place, Rich

_MAX_BLOCK_CHARS = 20_000
"""Longer paragraphs are cut: no author wrote them, and the search for sentences looks back and forth within one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What a paper says of itself."""

    title: str = ""
    authors: tuple[Author, ...] = ()
    affiliations: tuple[str, ...] = ()
    year: int | None = None
    venue: str = ""
    doi: str = ""
    arxiv_id: str = ""
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, item, caption, note or formula; the items of one list share ``list_id``."""

    rich: Rich
    kind: PassageKind
    section: int | None
    label: str
    boxes: tuple[Box, ...]
    list_id: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, and the position of the first block under it."""

    text: str
    number: str
    level: int
    first_block: int
    boxes: tuple[Box, ...]


@dataclass(slots=True, kw_only=True)
class Draft:
    """A paper while it is being read, in reading order."""

    front: Front = field(default_factory=Front)
    references: list[Reference] = field(default_factory=list)
    by_id: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Positions of the references that an id of the source names."""
    page_count: int = 0
    blocks: list[Block] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)

    def add_heading(self, text: str, *, level: int, number: str = "", boxes: tuple[Box, ...] = ()) -> None:
        """Begin a section; ``level`` counts from 1, and leaps of more than one are taken as one."""
        depth = self.headings[-1].level + 1 if self.headings else 1
        heading = Heading(clean(text), number, max(1, min(level, depth)), len(self.blocks), boxes)
        self.headings.append(heading)

    def add(
        self,
        rich: Rich,
        kind: PassageKind = "paragraph",
        *,
        label: str = "",
        boxes: tuple[Box, ...] = (),
        list_id: int = 0,
        apart: bool = False,
    ) -> None:
        """Add a block to the section that was begun last; ``apart`` from all sections when they do not hold it."""
        section = len(self.headings) - 1 if self.headings and not apart else None
        for part in _short_enough(rich):
            self.blocks.append(Block(rich=part, kind=kind, section=section, label=label, boxes=boxes, list_id=list_id))


def _short_enough(rich: Rich) -> Iterator[Rich]:
    """The text, or its parts when it is too long; a citation at the cut is lost."""
    if len(rich.text) <= _MAX_BLOCK_CHARS:
        if rich.text:
            yield rich
        return
    start = 0
    while start < len(rich.text):
        end = min(start + _MAX_BLOCK_CHARS, len(rich.text))
        space = rich.text.rfind(" ", start + 1, end) if end < len(rich.text) else -1
        end = space if space > 0 else end
        if end > start:
            yield _part(rich, start, end)
        start = end + 1 if space > 0 else end


def _part(rich: Rich, start: int, end: int) -> Rich:
    return Rich(
        rich.text[start:end],
        tuple(
            Anchor(anchor.start - start, anchor.end - start, anchor.targets, anchor.boxes)
            for anchor in rich.anchors
            if start <= anchor.start and anchor.end <= end
        ),
        tuple(
            Place(max(place.start - start, 0), min(place.end, end) - start, place.boxes)
            for place in rich.places
            if place.start < end and place.end > start
        ),
    )
