"""Blocks of plain text to marks, sentences and running text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.sentences import sentence_spans
from indexer.manuscripts.flow import Flow, Found, RawBlock, SourceMap
from indexer.manuscripts.records import MARK, Block, BlockKind, Mark, Sentence
from indexer.manuscripts.typed import typed_marks

_BETWEEN = re.compile(r"[\s,;]{0,20}")
"""May stand between marks that are one place."""
_NO_PROSE: tuple[BlockKind, ...] = ("heading", "bibliography")
_RAISED, _NAMED = "¹", "X"
"""What marks look like to the splitter of sentences: a raised number, or a name."""
_APART = "\n\n"
_REFERENCES = re.compile(
    r"\W*(?:\d+\W*)?(?:references|bibliography|literature(?: cited)?|works cited|reference list)\W*", re.I
)


@dataclass(frozen=True, slots=True)
class _Group:
    """Marks beside each other: their span in the text of their block and what they mark."""

    start: int
    end: int
    found: Found


@dataclass(slots=True)
class Assembled:
    """What becomes of the blocks of a draft."""

    blocks: list[Block]
    plain: str
    marks: list[Mark]
    sentences: list[Sentence]


def assemble(flow: Flow, *, numbered: bool) -> Assembled:
    """Find the marks of all blocks, join those beside each other, and split prose into sentences."""
    flow.close_all()
    done = Assembled([], "", [], [])
    texts: list[str] = []
    length = 0
    lists = {index for index, heading in enumerate(flow.headings) if _REFERENCES.fullmatch(heading.text)}
    for raw in sorted(flow.blocks, key=lambda block: block.starts[0]):
        kind = "bibliography" if raw.heading in lists and raw.kind != "heading" else raw.kind
        text = _Text(raw, numbered=numbered and kind not in _NO_PROSE)
        if not text.clean.strip():
            continue
        index = len(done.blocks)
        done.blocks.append(Block(start=length, end=length + len(text.clean), kind=kind, heading=raw.heading))
        if kind != "bibliography":
            done.marks += text.marks(at=length, block=index)
        if kind not in _NO_PROSE:
            _add_sentences(done, text, done.blocks[-1], index)
        texts.append(text.clean)
        length += len(text.clean) + len(_APART)
    done.plain = _APART.join(texts)
    return done


class _Text:
    """The text of a block with one ``MARK`` for each group of marks, and the way back to the source."""

    def __init__(self, raw: RawBlock, *, numbered: bool) -> None:
        whole = "".join(raw.texts)
        self._map = SourceMap(raw)
        self.groups = _groups(whole, raw.marks, numbered=numbered)
        parts: list[str] = []
        self.places: list[int] = []
        self._shifts: list[int] = []
        position = length = 0
        for group in self.groups:
            parts += (whole[position : group.start], MARK)
            length += group.start - position + 1
            self.places.append(length - 1)
            position = group.end
            self._shifts.append(position - length)
        parts.append(whole[position:])
        self.clean = "".join(parts)

    def marks(self, *, at: int, block: int) -> list[Mark]:
        """The marks of the block."""
        found: list[Mark] = []
        for group, place in zip(self.groups, self.places, strict=True):
            start, end = self._map.start(group.start), self._map.end(group.end)
            one = group.found
            found.append(
                Mark(
                    start=start, end=end, kind=one.kind, keys=one.keys, textual=one.textual, at=at + place, block=block
                )
            )
        return found

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The source span of a span of the clean text."""
        return self._map.start(self._before(start, at_end=False)), self._map.end(self._before(end, at_end=True))

    def sentences(self) -> list[tuple[int, int]]:
        """Spans of sentences in the clean text, none of them marks alone; marks behind a full stop belong before it."""
        shown = self.clean
        if self.groups:
            letters = list(shown)
            for group, place in zip(self.groups, self.places, strict=True):
                letters[place] = _NAMED if group.found.textual else _RAISED
            shown = "".join(letters)
        spans: list[tuple[int, int]] = []
        for start, end in sentence_spans(shown):
            moved = self._moved(start, end) if spans else start
            if moved > start:
                spans[-1] = (spans[-1][0], moved)
                start = moved + len(shown[moved:end]) - len(shown[moved:end].lstrip())
            if start < end:
                spans.append((start, end))
        return spans

    def _moved(self, start: int, end: int) -> int:
        """Where a sentence begins that has the mark of the one before it in front: a capital or nothing follows."""
        index = bisect_right(self.places, start) - 1
        if index < 0 or self.places[index] != start or self.groups[index].found.textual:
            return start
        following = self.clean[start + 1 : end].lstrip(f"{MARK} \n\t.")
        return start + 1 if not following[:1].islower() else start

    def _before(self, position: int, *, at_end: bool) -> int:
        """A position of the clean text in the whole one."""
        index = bisect_right(self.places, position - at_end) - 1
        if index < 0:
            return position
        if self.places[index] == position and not at_end:
            return self.groups[index].start
        return position + self._shifts[index]


def _groups(text: str, structural: Sequence[Found], *, numbered: bool) -> list[_Group]:
    """The marks of a text, those that the reader knows and those that are typed, in order and joined."""
    known = zip((match.start() for match in re.finditer(MARK, text)), structural, strict=True) if structural else ()
    single = [_Group(place, place + 1, found) for place, found in known]
    single += [_Group(found.start, found.end, found) for found in typed_marks(text, numbered=numbered)]
    single.sort(key=lambda group: (group.start, -group.end))
    groups: list[list[_Group]] = []
    reached = 0
    for group in single:
        if group.start < reached:
            continue
        if groups and _is_beside(text, groups[-1][-1], group):
            groups[-1].append(group)
        else:
            groups.append([group])
        reached = group.end
    return [_joined(members) for members in groups]


def _is_beside(text: str, one: _Group, other: _Group) -> bool:
    """Whether a mark goes on with the one before it: not when it begins a part of a sentence of its own."""
    apart = text[one.end : other.start]
    return _BETWEEN.fullmatch(apart) is not None and not (apart.strip() and other.found.textual)


def _joined(members: Sequence[_Group]) -> _Group:
    first = members[0]
    if len(members) == 1:
        return first
    keys = tuple(dict.fromkeys(key for member in members for key in member.found.keys))
    wanted = any(member.found.kind == "placeholder" for member in members)
    found = replace(first.found, kind="placeholder" if wanted else first.found.kind, keys=keys)
    return _Group(first.start, members[-1].end, found)


def _add_sentences(done: Assembled, text: _Text, block: Block, index: int) -> None:
    position = len(done.marks) - len(text.groups)
    for start, end in text.sentences():
        begins, ends = text.source(start, end)
        cites = False
        while position < len(done.marks) and done.marks[position].at < block.start + end:
            done.marks[position] = replace(done.marks[position], sentence=len(done.sentences))
            position += 1
            cites = True
        done.sentences.append(
            Sentence(
                start=begins,
                end=ends,
                text=" ".join(text.clean[start:end].replace(MARK, " ").split()),
                heading=block.heading,
                kind=block.kind,
                block=index,
                at=block.start + end,
                cites=cites,
            )
        )
