"""Mixed content to plain text that remembers where citations stand.

White space is collapsed as a browser does it; digits in superscript elements become superscript characters; elements
that do not belong to the running line (lists, displayed formulas, footnotes) are handed back in their place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.records import Box
from core.text import clean
from indexer.pdf.glyphs import superscript

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAX_DEPTH = 150
_DROPPED = dict.fromkeys(map(ord, "\u00ad\u200b\ufeff\u2060"))


@dataclass(frozen=True, slots=True)
class Anchor:
    """A citation as marked in the source: its span of the text, and the ids that it names."""

    start: int
    end: int
    targets: tuple[str, ...]
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a span of the text stands on the pages."""

    start: int
    end: int
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Rich:
    """Text on one line with its citations, and its places where the source tells them."""

    text: str
    anchors: tuple[Anchor, ...] = ()
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How the elements of a vocabulary are read; those not named are transparent."""

    skipped: frozenset[str] = frozenset()
    spaced: frozenset[str] = frozenset()
    """A space parts them from their neighbours."""
    touching: Callable[[_Element], bool] = lambda element: False
    """A space parts them from a letter, digit or stop that they would run into."""
    breaking: frozenset[str] = frozenset()
    """They end the line of text before them; a new one begins behind."""
    floating: frozenset[str] = frozenset()
    """They are set apart without ending the line."""
    raised: Callable[[_Element], bool] = lambda element: False
    formula: Callable[[_Element], str | None] = lambda element: None
    """The text of a formula, or None for any other element."""
    citation: Callable[[_Element], tuple[str, ...]] = lambda element: ()
    """The ids that a citation names; nothing for any other element."""
    boxes: Callable[[_Element], tuple[Box, ...]] = lambda element: ()
    sentence: str = ""
    """The element whose boxes are those of a stretch of text."""


Segment = Rich | tuple[str, "_Element"]
"""A line of text, or an element that was taken out of one, with its name."""


def tag_of(element: _Element) -> str:
    """The element's name; empty for what is no element (comments, entities)."""
    tag = element.tag
    return tag if isinstance(tag, str) else ""


def children(element: _Element) -> Iterator[_Element]:
    """The child elements, without comments and entities."""
    return (child for child in element if isinstance(child.tag, str))


def all_text(element: _Element) -> str:
    """Every character that an element holds."""
    if not isinstance(element.tag, str):
        return ""  # a comment, or an entity that nothing defines
    return "".join(str(text) for text in element.itertext())


def plain(element: _Element | None, rules: Rules) -> str:
    """All text of an element on one line; empty for None."""
    if element is None:
        return ""
    return " ".join(segment.text for segment in flow(element, rules) if isinstance(segment, Rich) and segment.text)


def join(parts: Sequence[Rich]) -> Rich:
    """Lines put behind one another, a space between two."""
    text = ""
    anchors: list[Anchor] = []
    places: list[Place] = []
    for part in parts:
        if not part.text:
            continue
        shift = len(text) + 1 if text else 0
        text = f"{text} {part.text}" if text else part.text
        anchors.extend(Anchor(each.start + shift, each.end + shift, each.targets, each.boxes) for each in part.anchors)
        places.extend(Place(each.start + shift, each.end + shift, each.boxes) for each in part.places)
    return Rich(text, tuple(anchors), tuple(places))


def flow(element: _Element, rules: Rules) -> list[Segment]:
    """The content of an element as lines of text and, between and behind them, the elements taken out of them."""
    walker = _Walker(rules)
    walker.enter(element, 0)
    walker.end_line()
    return walker.segments


@dataclass(slots=True)
class _Walker:
    rules: Rules
    segments: list[Segment] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    length: int = 0
    space: bool = False
    touches: bool = False
    raised: bool = False
    anchors: list[Anchor] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    floats: list[_Element] = field(default_factory=list)

    def enter(self, element: _Element, depth: int) -> None:
        """Read what an element holds."""
        if depth > _MAX_DEPTH:
            self.write(all_text(element))
            return
        self.write(element.text or "")
        for child in element:
            if isinstance(child.tag, str):
                self.child(child, child.tag, depth)
            else:
                self.space = True  # an entity that nobody declared
            self.write(child.tail or "")

    def child(self, element: _Element, tag: str, depth: int) -> None:
        """Read one child by the rules of its name."""
        rules = self.rules
        if tag in rules.skipped:
            return
        if tag in rules.breaking:
            self.end_line()
            self.segments.append((tag, element))
            return
        if tag in rules.floating:
            self.floats.append(element)
            return
        formula = rules.formula(element)
        if formula is not None:
            self.write(formula)
            return
        self.space = self.space or tag in rules.spaced
        self.touches = self.touches or rules.touching(element)
        targets = rules.citation(element)
        raised, self.raised = self.raised, self.raised or self._raises(element)
        start = self.length + (1 if self.space and self.length else 0)
        self.enter(element, depth + 1)
        self.raised = raised
        if targets:
            self.anchors.append(Anchor(start, max(start, self.length), targets, rules.boxes(element)))
        elif rules.sentence and tag == rules.sentence:
            boxes = rules.boxes(element)
            if boxes and self.length > start:
                self.places.append(Place(start, self.length, boxes))
        self.space = self.space or tag in rules.spaced
        self.touches = self.touches or rules.touching(element)

    def _raises(self, element: _Element) -> bool:
        return self.rules.raised(element) and not any(char.isalpha() for char in all_text(element))

    def write(self, text: str) -> None:
        """Add text, with at most one space between words."""
        if not text:
            return
        words = clean(text.translate(_DROPPED) if not text.isascii() else text)
        if not words:
            self.space = True
            return
        if text[0].isspace() or (self.touches and words[0].isalnum() and self._ends_bare()):
            self.space = True
        if self.space and self.length:
            self.parts.append(" ")
            self.length += 1
        words = superscript(words) if self.raised else words
        self.parts.append(words)
        self.length += len(words)
        self.space, self.touches = text[-1].isspace(), False

    def _ends_bare(self) -> bool:
        return bool(self.parts) and (self.parts[-1][-1].isalnum() or self.parts[-1][-1] in ".,;")

    def end_line(self) -> None:
        """Hand over the line so far, and what floated in it."""
        text = "".join(self.parts)
        if text:
            anchors = tuple(_trimmed(anchor, text) for anchor in self.anchors)
            self.segments.append(Rich(text, anchors, tuple(self.places)))
        self.segments.extend((tag_of(element), element) for element in self.floats)
        self.parts, self.anchors, self.places, self.floats = [], [], [], []
        self.length, self.space = 0, False


def _trimmed(anchor: Anchor, text: str) -> Anchor:
    """The anchor without a space at its beginning."""
    start, end = min(anchor.start, len(text)), min(anchor.end, len(text))
    while start < end and text[start] == " ":
        start += 1
    return Anchor(start, end, anchor.targets, anchor.boxes)
