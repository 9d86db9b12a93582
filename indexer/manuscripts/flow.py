"""Plain text under construction, each piece with its place in the source.

A reader of a format writes what it finds, from front to back; ``indexer.manuscripts.assembly`` makes marks and
sentences of it.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from indexer.manuscripts.records import MARK, BlockKind, Heading, Listed, MarkKind


@dataclass(frozen=True, slots=True)
class Found:
    """A marker in the source, before those beside each other are joined."""

    start: int
    end: int
    kind: MarkKind
    keys: tuple[str, ...] = ()
    textual: bool = False


@dataclass(slots=True)
class RawBlock:
    """Pieces of plain text and the source spans that they stand for; each of ``marks`` is a ``MARK`` in them."""

    kind: BlockKind
    heading: int | None
    texts: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    marks: list[Found] = field(default_factory=list)

    def add(self, text: str, start: int, end: int) -> None:
        """Add a piece."""
        self.texts.append(text)
        self.starts.append(start)
        self.ends.append(end)


class SourceMap:
    """From positions in the text of a block back to the source."""

    def __init__(self, block: RawBlock) -> None:
        self._block = block
        self._offsets = [0]
        for text in block.texts:
            self._offsets.append(self._offsets[-1] + len(text))

    def start(self, position: int) -> int:
        """Where in the source the character at a position begins."""
        piece, inside = self._locate(position)
        return self._block.starts[piece] + (inside if self._is_verbatim(piece) else 0)

    def end(self, position: int) -> int:
        """Where in the source the character before a position ends."""
        piece, inside = self._locate(position - 1)
        return self._block.starts[piece] + inside + 1 if self._is_verbatim(piece) else self._block.ends[piece]

    def _locate(self, position: int) -> tuple[int, int]:
        piece = bisect_right(self._offsets, position) - 1
        return piece, position - self._offsets[piece]

    def _is_verbatim(self, piece: int) -> bool:
        return self._block.ends[piece] - self._block.starts[piece] == len(self._block.texts[piece])


@dataclass(slots=True)
class Flow:
    """Where a reader writes to: blocks that are done, and those that are open within one another."""

    blocks: list[RawBlock] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    listed: list[Listed] = field(default_factory=list)
    bibliographies: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    title: str = ""
    kind: BlockKind = "body"
    """Of blocks that begin now."""
    _open: list[RawBlock] = field(default_factory=list)

    def text(self, text: str, start: int, end: int) -> None:
        """Add plain text for a span of the source."""
        if text:
            self._current().add(text, start, end)

    def mark(self, found: Found) -> None:
        """Add a marker."""
        block = self._current()
        block.add(MARK, found.start, found.end)
        block.marks.append(found)

    def end_block(self) -> None:
        """A paragraph ends; the next piece begins another one of its kind."""
        if self._open:
            block = self._open[-1]
            if block.texts:
                self.blocks.append(block)
                self._open[-1] = RawBlock(block.kind if len(self._open) > 1 else self.kind, self._heading())
            elif len(self._open) == 1:
                block.kind, block.heading = self.kind, self._heading()

    def turn(self, kind: BlockKind) -> None:
        """End the paragraph; from here text is of another kind."""
        self.kind = kind
        self.end_block()

    def open(self, kind: BlockKind) -> None:
        """Begin a block within the present one, which goes on behind it: a footnote."""
        self._current()
        self._open.append(RawBlock(kind, self._heading()))

    def close(self) -> RawBlock:
        """End the innermost block that was opened."""
        block = self._open.pop()
        if block.texts:
            self.blocks.append(block)
        return block

    def close_all(self) -> None:
        """End all blocks."""
        while self._open:
            self.close()

    def heading(self, text: str, *, level: int, start: int, end: int) -> None:
        """Add a heading: text behind it is under it. Paragraph and kind end."""
        if text:
            self.headings.append(Heading(text=text, level=level, start=start, end=end))
        self.turn("body")

    def _current(self) -> RawBlock:
        if not self._open:
            self._open.append(RawBlock(self.kind, self._heading()))
        return self._open[-1]

    def _heading(self) -> int | None:
        return len(self.headings) - 1 if self.headings else None
