"""Marked citations of a text to mentions: neighbours in one bracket are one, and ranges name all between their ends."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.records import Author, Box, Reference
from core.text import name_key
from indexer.pdf.glyphs import lowered
from indexer.xml.inline import Anchor

_MAX_RANGE = 60
_MAX_BRACKET_CHARS = 1_500
_DASH = "[–—‐‑‒−-]"
_CONNECTION = re.compile(r"[\s,;()\[\]–—‐‑‒−-]{0,12}")
_NUMERIC = re.compile(r"[\s()\[\]]*\d+[a-z]?(?:[\s,;()\[\]–—‐‑‒−-]+\d+[a-z]?)*[\s,;()\[\]–—‐‑‒−-]*")
_OWN_RANGE = re.compile(rf"(\d{{1,4}})[\s()\[\]]{{0,3}}{_DASH}[\s()\[\]]{{0,3}}(\d{{1,4}})")
_NUMBER = re.compile(r"\d{1,4}")
_NAMES_BETWEEN = re.compile(
    r"(?:['’]s|,?\s(?:et\.?\sal\.?|and\s(?:others|colleagues|coworkers)|(?:(?:and|&)\s)?(?:[^\W\d_a-z]\S{0,40}))){0,6},?\s?"
)
_CLOSING = {")": "(", "]": "["}


@dataclass(frozen=True, slots=True)
class Link:
    """A mention of a text: its half-open span, and the positions of the entries that it names."""

    start: int
    end: int
    reference_indices: tuple[int, ...]
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Targets:
    """The entries by the ids and by the numbers that citations show; build it with ``make_targets``."""

    by_id: Mapping[str, tuple[int, ...]]
    by_number: Mapping[int, int]
    authors: Sequence[tuple[Author, ...]]

    def of(self, anchor: Anchor) -> tuple[int, ...]:
        """Positions of the entries that an anchor names; ids of nothing in the list are passed over."""
        found = (index for target in anchor.targets for index in self.by_id.get(target, ()))
        return tuple(dict.fromkeys(found))


def make_targets(references: Sequence[Reference], by_id: Mapping[str, tuple[int, ...]]) -> Targets:
    """Prepare a reference list; an entry without a numeric label has the number of its position."""
    labelled = {int(ref.label): ref.index for ref in references if ref.label.isdecimal() and len(ref.label) < 6}
    numbers = labelled if 2 * len(labelled) >= len(references) else {ref.index + 1: ref.index for ref in references}
    return Targets(by_id, numbers, [ref.authors for ref in references])


def find_links(text: str, anchors: Sequence[Anchor], targets: Targets) -> list[Link]:
    """The mentions of a text, in order and without overlaps."""
    known = [anchor for anchor in sorted(anchors, key=lambda anchor: anchor.start) if targets.of(anchor)]
    if not known:
        return []
    text_lowered = lowered(text)
    brackets = _brackets(text, known)
    groups: list[list[int]] = []
    for index in range(len(known)):
        if groups and _belong(text_lowered, known, brackets, groups[-1][-1], index):
            groups[-1].append(index)
        else:
            groups.append([index])
    links: list[Link] = []
    for group in groups:
        members = [known[index] for index in group]
        same = {brackets[index] for index in group}
        bracket = same.pop() if len(same) == 1 else None
        link = _link(text, text_lowered, members, bracket, targets)
        if link.start < link.end and (not links or link.start >= links[-1].end):
            links.append(link)
    return links


def _brackets(text: str, anchors: Sequence[Anchor]) -> list[tuple[int, int] | None]:
    """For each anchor the innermost pair of brackets around its first letter or digit."""
    keys = [_key_position(text, anchor) for anchor in anchors]
    order = sorted(range(len(anchors)), key=lambda index: keys[index])
    opened: list[int] = []
    around: dict[int, list[int]] = {}
    closes: dict[int, int] = {}
    waiting = iter([*order, -1])
    current = next(waiting)
    for position, char in enumerate(text):
        while current >= 0 and keys[current] == position:
            around[current] = opened[-3:]
            current = next(waiting)
        if char in "([":
            opened.append(position)
        elif char in _CLOSING and opened and text[opened[-1]] == _CLOSING[char]:
            closes[opened.pop()] = position
    pairs: list[tuple[int, int] | None] = []
    for index in range(len(anchors)):
        closed = [start for start in around.get(index, []) if start in closes]
        near = closed and closes[closed[-1]] - closed[-1] <= _MAX_BRACKET_CHARS
        pairs.append((closed[-1], closes[closed[-1]] + 1) if near else None)
    return pairs


def _key_position(text: str, anchor: Anchor) -> int:
    position = anchor.start
    while position < anchor.end and not text[position].isalnum():
        position += 1
    return min(position, len(text) - 1)


def _belong(
    text: str, anchors: Sequence[Anchor], brackets: Sequence[tuple[int, int] | None], first: int, second: int
) -> bool:
    """Whether two neighbouring anchors are one mention."""
    one, other = anchors[first], anchors[second]
    between = text[one.end : other.start]
    if brackets[first] is not None and brackets[first] == brackets[second]:
        return len(between) <= 120
    if _CONNECTION.fullmatch(between) is None:
        return False
    numeric = all(not text[each.start : each.end].strip() or _is_numeric(text, each) for each in (one, other))
    return numeric or (brackets[first] is None and brackets[second] is None and between.strip() in (",", ";"))


def _is_numeric(text: str, anchor: Anchor) -> bool:
    return anchor.end - anchor.start <= 120 and _NUMERIC.fullmatch(text[anchor.start : anchor.end]) is not None


def _link(
    text: str, text_lowered: str, members: Sequence[Anchor], bracket: tuple[int, int] | None, targets: Targets
) -> Link:
    start, end = members[0].start, max(member.end for member in members)
    if bracket is not None and _is_citation_only(text, members, bracket):
        start, end = min(start, bracket[0]), max(end, bracket[1])
        if text[start] == "(":
            start = _narrative_start(text, start, members[0], targets)
    boxes = tuple(dict.fromkeys(box for member in members for box in member.boxes))
    return Link(start, end, _indices(text_lowered, members, targets), boxes)


def _is_citation_only(text: str, members: Sequence[Anchor], bracket: tuple[int, int]) -> bool:
    """Whether a bracket holds little but its citations; a longer remark is no part of the mention."""
    inner, words = bracket[0] + 1, 0
    for member in members:
        words += len(text[inner : max(inner, member.start)].split())
        inner = max(inner, member.end)
    words += len(text[inner : bracket[1] - 1].split())
    raised = any(char in "⁰¹²³⁴⁵⁶⁷⁸⁹" for char in text[members[0].start : members[0].end])
    return words <= (0 if raised else 3 + 3 * len(members))


def _narrative_start(text: str, bracket: int, anchor: Anchor, targets: Targets) -> int:
    """Where ``Smith and Doe (2020)`` begins, when only the year is marked in the source."""
    if any(char.isalpha() for char in text[anchor.start : anchor.end][:-1]):
        return bracket
    authors = targets.authors[targets.of(anchor)[0]]
    family = name_key(authors[0].family) if authors else ""
    from_ = max(0, bracket - 120)
    before = text[from_:bracket]
    at = before.rfind(authors[0].family) if family else -1
    if at < 0 or (at and before[at - 1].isalnum()):
        return bracket
    rest = before[at + len(authors[0].family) :]
    return from_ + at if _NAMES_BETWEEN.fullmatch(rest) else bracket


def _indices(text: str, members: Sequence[Anchor], targets: Targets) -> tuple[int, ...]:
    indices: list[int] = []
    for position, member in enumerate(members):
        if position:
            indices.extend(_skipped(text, members[position - 1], member, targets))
        indices.extend(_with_own_range(text, member, targets))
    return tuple(dict.fromkeys(indices))


def _skipped(text: str, one: Anchor, other: Anchor, targets: Targets) -> list[int]:
    """Entries between the ends of a range such as ``3–7`` whose ends are marked one by one."""
    window = text[max(one.start, one.end - 12) : other.end][:40]
    ends = _NUMBER.findall(text[max(one.start, one.end - 12) : one.end])
    starts = _NUMBER.findall(text[other.start : min(other.end, other.start + 12)])
    if not ends or not starts:
        return []
    first, last = int(ends[-1]), int(starts[0])
    joined = re.search(rf"{ends[-1]}[\s()\[\]]*{_DASH}[\s()\[\]]*{starts[0]}", window)
    return _between(first, last, targets) if joined else []


def _with_own_range(text: str, member: Anchor, targets: Targets) -> tuple[int, ...]:
    """The entries of one anchor, and those within a range that its text shows."""
    named = targets.of(member)
    if not _is_numeric(text, member):
        return named
    found = list(named)
    for match in _OWN_RANGE.finditer(text, member.start, member.end):
        first, last = int(match[1]), int(match[2])
        if targets.by_number.get(first) in named:
            found.extend([*_between(first, last, targets), *_between(last - 1, last + 1, targets)])
    return tuple(sorted(dict.fromkeys(found))) if len(found) > len(named) else named


def _between(first: int, last: int, targets: Targets) -> list[int]:
    if not 0 < last - first <= _MAX_RANGE:
        return []
    return [targets.by_number[number] for number in range(first + 1, last) if number in targets.by_number]
