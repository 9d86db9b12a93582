"""What a draft holds, whatever format it came in: its text, and what stands where."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from core.records import Notice

Format = Literal["tex", "md", "txt", "docx"]
BlockKind = Literal["body", "abstract", "caption", "footnote", "table", "heading", "bibliography"]
MarkKind = Literal["placeholder", "citation", "printed", "field"]
"""A place that is marked for want of a citation, a command that cites, a citation typed as it will be printed, a field
of a word processor."""
MARK = "\ufffc"
"""Stands for each mark in plain text; no other text has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading in plain text, its level (1 is the highest) and its half-open span in the source."""

    text: str
    level: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Citing commands or placeholders beside each other: one place of the text.

    ``start`` and ``end`` span the source, ``at`` is where it stands in ``Manuscript.plain``. ``keys`` are those that it
    cites, in order. ``textual`` marks are a part of their sentence, as in *Smith (2020) shows*. ``sentence`` is None in
    headings.
    """

    start: int
    end: int
    kind: MarkKind
    keys: tuple[str, ...]
    textual: bool
    at: int
    block: int
    sentence: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of prose: its half-open span in the source, marks included, and its plain text without marks.

    ``heading`` is the position of the heading above in ``Manuscript.headings``; ``cites`` is true with a mark in it;
    ``at`` is where it ends in ``Manuscript.plain``.
    """

    start: int
    end: int
    text: str
    heading: int | None
    kind: BlockKind
    block: int
    at: int
    cites: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph or the like: its half-open span in ``Manuscript.plain``."""

    start: int
    end: int
    kind: BlockKind
    heading: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An entry of a reference list that the draft itself holds: key, and as much as it tells.

    ``raw`` is the entry as printed, where its fields are not told apart.
    """

    key: str
    title: str = ""
    doi: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How a file spells its text: bytes are ``bom`` and the text in the codec, without loss."""

    codec: str = "utf-8"
    bom: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manuscript:
    """A draft as read.

    ``text`` is the source as typed (of a .docx its paragraphs, one a line); spans are half-open positions in it.
    ``plain`` is the running text without markup, comments, mathematics and what is no text: blocks parted by blank
    lines, in the order of the source, with ``MARK`` where a mark stands. ``bibliographies`` are the names of files that
    it takes references from, ``listed`` the references that it holds itself, and ``inputs`` names parts that stand in
    other files, which are not read.
    """

    name: str
    format: Format
    text: str
    title: str = ""
    headings: tuple[Heading, ...] = ()
    blocks: tuple[Block, ...] = ()
    plain: str = ""
    sentences: tuple[Sentence, ...] = ()
    marks: tuple[Mark, ...] = ()
    bibliographies: tuple[str, ...] = ()
    listed: tuple[Listed, ...] = ()
    inputs: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    encoding: Encoding = Encoding()
    line_starts: Sequence[int] = field(default=(0,), repr=False, compare=False)

    def line_of(self, position: int) -> int:
        """The line of a position in ``text``, counted from 1."""
        return bisect_right(self.line_starts, position)

    def column_of(self, position: int) -> int:
        """The column of a position in its line, counted from 1."""
        return position - self.line_starts[self.line_of(position) - 1] + 1
