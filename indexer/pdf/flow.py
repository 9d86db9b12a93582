"""Lines to running text that remembers where each character stands on its page."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.records import Box
from indexer.pdf.geometry import Line, Span
from indexer.pdf.glyphs import superscript

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_HYPHENS = "-\u00ad\u2010"
_UNSPACED = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
"""Chinese and Japanese: lines are joined without a space."""
_TOKEN_END = re.compile(r"\S+$")
_ADDRESS = re.compile(r"(?:https?:|www\.|doi[.:]|10\.\d{4,9}/|arxiv:)", re.IGNORECASE)
_COMPOUND = frozenset(
    {"self", "non", "cross", "multi", "semi", "quasi", "pseudo", "meta", "state", "well", "high", "low",
     "long", "short",
     "large", "small", "open", "real", "time", "data", "end", "one", "two", "three", "first", "second", "half", "full"}
)  # fmt: skip
_SECOND_PARTS = frozenset(
    {"aware", "based", "centred", "centered", "dependent", "defined", "dimensional", "driven", "effective", "ended",
     "free", "friendly", "grained", "guided", "independent", "intensive", "known", "level", "like", "negative", "order",
     "oriented", "parametric", "positive", "related", "scale", "sensitive", "shot", "source", "specific", "supervised",
     "trained", "wide"}
)  # fmt: skip
"""What follows a word that stands alone in the paper as well is more often the second part of a compound."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters ``start`` to ``end`` of a flow and the rectangle that they fill."""

    start: int
    end: int
    page: int
    x0: float
    y0: float
    x1: float
    y1: float
    raised: int = 0
    italic: bool = False


@dataclass(slots=True)
class _Row:
    """A rectangle over pieces of one line, while it grows."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float

    def holds(self, piece: Piece, x0: float) -> bool:
        """True when a piece that begins at x0 continues the line."""
        overlap = min(self.y1, piece.y1) - max(self.y0, piece.y0)
        level = overlap > 0.5 * min(self.y1 - self.y0, piece.y1 - piece.y0)
        return self.page == piece.page and level and -2.0 <= x0 - self.x1 <= 40.0

    def box(self) -> Box:
        """The rectangle, to a tenth of a point."""
        return Box(
            page=self.page,
            x0=round(self.x0, 1),
            y0=round(self.y0, 1),
            x1=round(max(self.x0, self.x1), 1),
            y1=round(max(self.y0, self.y1), 1),
        )


@dataclass(frozen=True, slots=True)
class Flow:
    """Running text. Pieces stand in order and do not overlap; spaces at line ends belong to none."""

    text: str
    pieces: tuple[Piece, ...]

    def boxes(self, start: int, end: int) -> tuple[Box, ...]:
        """One rectangle a line for a span of the text, in reading order."""
        rows: list[_Row] = []
        first = bisect_right(self.pieces, start, key=lambda piece: piece.end)
        for piece in self.pieces[first:]:
            if piece.start >= end:
                break
            x0, x1 = _clip(piece, start, end)
            last = rows[-1] if rows else None
            if last is not None and last.holds(piece, x0):
                last.x0, last.x1 = min(last.x0, x0), max(last.x1, x1)
                last.y0, last.y1 = min(last.y0, piece.y0), max(last.y1, piece.y1)
            else:
                rows.append(_Row(piece.page, x0, piece.y0, x1, piece.y1))
        return tuple(row.box() for row in rows)

    def page_at(self, position: int) -> int:
        """The page of the character at a position; of the last one when the position is the end."""
        index = bisect_right(self.pieces, position, key=lambda piece: piece.end)
        return self.pieces[min(index, len(self.pieces) - 1)].page

    def raised(self) -> tuple[tuple[int, int], ...]:
        """Spans of superscript characters; neighbours are joined."""
        return _runs((piece.start, piece.end) for piece in self.pieces if piece.raised > 0)

    def italic(self) -> tuple[tuple[int, int], ...]:
        """Spans of italic characters; neighbours are joined across one space."""
        return _runs(((piece.start, piece.end) for piece in self.pieces if piece.italic), bridge=1)


def vocabulary(lines: Iterable[Line]) -> Counter[str]:
    """How often each word, in lower case, stands undivided within a line."""
    words: Counter[str] = Counter()
    for line in lines:
        found = _WORD.findall(line.text.lower())
        words.update(found[:-1] if line.text[-1:] in _HYPHENS else found)
    return words


def make_flow(lines: Sequence[Line], words: Counter[str], *, raise_digits: bool = True) -> Flow:
    """Join lines, undoing hyphenation.

    Args:
        lines: In reading order.
        words: The paper's vocabulary, which tells a divided word from a compound.
        raise_digits: Write superscript digits as such, so that they do not run into the word before them.
    """
    parts: list[str] = []
    pieces: list[Piece] = []
    position = 0
    for index, line in enumerate(lines):
        spans = _texts(line, raise_digits=raise_digits)
        if index + 1 < len(lines):
            ending, drop = _line_end(line.text, lines[index + 1].text, words)
            if drop:
                spans[-1] = (spans[-1][0], spans[-1][1][:-1])
        else:
            ending = ""
        for span, text in spans:
            if parts and parts[-1].endswith(" "):
                text = text.lstrip()
            parts.append(text)
            if text.strip():
                pieces.append(_piece(span, text, position, line))
            position += len(text)
        parts.append(ending)
        position += len(ending)
    return Flow("".join(parts).replace("\u00ad", "-"), tuple(pieces))


def join_flows(flows: Sequence[Flow], separator: str = " ") -> Flow:
    """Put flows behind one another."""
    parts: list[str] = []
    pieces: list[Piece] = []
    position = 0
    for flow in flows:
        if parts:
            parts.append(separator)
            position += len(separator)
        parts.append(flow.text)
        pieces.extend(_shifted(piece, position) for piece in flow.pieces)
        position += len(flow.text)
    return Flow("".join(parts), tuple(pieces))


def merge_boxes(boxes: Sequence[Box]) -> tuple[Box, ...]:
    """Join the boxes of lines that stand under one another in one column into one box a run."""
    merged: list[Box] = []
    for box in boxes:
        last = merged[-1] if merged else None
        height = box.y1 - box.y0
        if (
            last is not None
            and last.page == box.page
            and -0.5 * height <= box.y0 - last.y1 <= 1.0 * height
            and min(last.x1, box.x1) > max(last.x0, box.x0)
        ):
            merged[-1] = replace(
                last, x0=min(last.x0, box.x0), y0=min(last.y0, box.y0), x1=max(last.x1, box.x1), y1=max(last.y1, box.y1)
            )
        else:
            merged.append(box)
    return tuple(merged)


def _texts(line: Line, *, raise_digits: bool) -> list[tuple[Span, str]]:
    texts = [
        (span, superscript(span.text) if raise_digits and span.raised > 0 and span.text[:1].isalnum() else span.text)
        for span in line.spans
    ]
    texts[0] = (texts[0][0], texts[0][1].lstrip())
    texts[-1] = (texts[-1][0], texts[-1][1].rstrip())
    return texts


def _piece(span: Span, text: str, position: int, line: Line) -> Piece:
    # A superscript's box takes the height of its line, so that highlights stay even.
    y0, y1 = (line.y0, line.y1) if span.raised else (span.y0, span.y1)
    return Piece(
        start=position,
        end=position + len(text.rstrip()),
        page=line.page,
        x0=span.x0,
        y0=y0,
        x1=span.x1,
        y1=y1,
        raised=span.raised,
        italic=span.italic,
    )


def _line_end(text: str, following: str, words: Counter[str]) -> tuple[str, bool]:
    """What joins two lines, and whether the hyphen at the end of the first goes."""
    token = _TOKEN_END.search(text)
    if token is not None and _in_address(token[0], following):
        return "", False
    if _UNSPACED.match(text[-1:]) and _UNSPACED.match(following):
        return "", False
    if text[-1:] not in _HYPHENS or len(text) < 2 or not text[-2].isalnum():
        return " ", False
    if text[-1] == "\u00ad":
        return "", True
    if not following[:1].islower():
        return "", False
    before = re.search(r"([^\W\d_]+(?:-[^\W\d_]+)*)-$", text.replace("\u2010", "-"))
    after = _WORD.match(following)
    if before is None or after is None:
        return "", False
    first, second = before[1].lower(), after[0].lower()
    whole, compound = words[first + second], words[f"{first}-{second}"]
    if whole != compound:
        return "", whole > compound
    compound_word = first.rpartition("-")[2] in _COMPOUND or (second in _SECOND_PARTS and words[first] > 0)
    return "", not compound_word


def _in_address(token: str, following: str) -> bool:
    """True when a web address or DOI goes on in the next line."""
    match = _ADDRESS.search(token)
    if match is None or not following:
        return False
    begun = token[match.start() :]
    first = following.split(maxsplit=1)[0]
    if begun[-1] in "/-_=?&%:" or first[0] in "/-_=?&%#":
        return True
    return begun[-1] == "." and not first[0].isupper() and bool(re.search(r"[\d/]", first))


def _clip(piece: Piece, start: int, end: int) -> tuple[float, float]:
    """Left and right edge of the part of a piece under a span, in proportion to its characters."""
    if start <= piece.start and piece.end <= end:
        return piece.x0, piece.x1
    length = max(1, piece.end - piece.start)
    width = piece.x1 - piece.x0
    x0 = piece.x0 + max(0, start - piece.start) / length * width
    return x0, max(x0, piece.x1 - max(0, piece.end - end) / length * width)


def _shifted(piece: Piece, offset: int) -> Piece:
    return Piece(
        start=piece.start + offset,
        end=piece.end + offset,
        page=piece.page,
        x0=piece.x0,
        y0=piece.y0,
        x1=piece.x1,
        y1=piece.y1,
        raised=piece.raised,
        italic=piece.italic,
    )


def _runs(spans: Iterable[tuple[int, int]], *, bridge: int = 0) -> tuple[tuple[int, int], ...]:
    runs: list[tuple[int, int]] = []
    for start, end in spans:
        if runs and start - runs[-1][1] <= bridge:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return tuple(runs)
