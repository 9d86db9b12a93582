"""The reference lists of a paper as tables of labels, and which of them a place in the text cites from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.records import Reference


@dataclass(frozen=True, slots=True)
class ReferenceList:
    """One list: its pages, the entries in it, and the entries of each label: one, or all that a note names."""

    first_page: int
    last_page: int
    indices: frozenset[int]
    labels: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of a paper in order: one, or one a chapter, or one of the paper and one of its supplement."""

    lists: tuple[ReferenceList, ...]

    def scope(self, page: int) -> list[ReferenceList]:
        """The lists that text of a page may cite from, likeliest first.

        A list follows the text that cites it; text after the last list cites that.
        """
        if page <= 0 or len(self.lists) < 2:
            return list(self.lists)
        later = [item for item in self.lists if item.first_page >= page]
        earlier = [item for item in self.lists if item.first_page < page]
        return [*later, *reversed(earlier)]

    def find(self, labels: Iterable[str], page: int) -> tuple[int, ...]:
        """The entries of labels, all of one list if possible; empty when a label is in no list."""
        wanted = list(dict.fromkeys(labels))
        scope = self.scope(page)
        for item in scope:
            if all(label in item.labels for label in wanted):
                return _flat(item.labels[label] for label in wanted)
        found: list[tuple[int, ...]] = []
        for label in wanted:
            indices = next((item.labels[label] for item in scope if label in item.labels), None)
            if indices is None:
                return ()
            found.append(indices)
        return _flat(found)

    def nearest(self, indices: Sequence[int], page: int) -> list[int]:
        """Of entries in several lists, those of the list that text of a page cites from."""
        if len(self.lists) < 2 or len(indices) < 2:
            return list(indices)
        for item in self.scope(page):
            inside = [index for index in indices if index in item.indices]
            if inside:
                return inside
        return list(indices)


def _flat(groups: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(index for group in groups for index in group))


def label_key(label: str) -> str:
    """What two printings of one label share."""
    return "".join(label.split()).casefold()


def number_lists(references: Sequence[Reference]) -> Lists:
    """Tables of numbers: the labels as printed, or the positions when most entries have none."""
    labelled = sum(1 for ref in references if any(char.isdigit() for char in ref.label))
    if labelled >= 0.5 * len(references):
        return _tables(references, {ref.index: label_key(ref.label) for ref in references if ref.label})
    return _tables(references, {ref.index: "" for ref in references}, counted=True)


def _tables(references: Sequence[Reference], labels: Mapping[int, str], *, counted: bool = False) -> Lists:
    tables: list[ReferenceList] = []
    for group in _groups(references):
        keys = {str(place): (ref.index,) for place, ref in enumerate(group, 1)} if counted else {}
        for ref in group:
            key = labels.get(ref.index, "")
            if key:
                keys.setdefault(key, (ref.index,))
        tables.append(ReferenceList(group[0].page, _last_page(group[-1]), frozenset(ref.index for ref in group), keys))
    return Lists(tuple(tables))


def _groups(references: Sequence[Reference]) -> list[list[Reference]]:
    """Part the entries into lists: where numbers begin again, or where pages of text stand between two entries."""
    groups: list[list[Reference]] = []
    last = 0
    for ref in references:
        number = int(ref.label) if ref.label.isdigit() and len(ref.label) < 6 else 0
        again = 0 < number <= last and number <= 2
        if not groups or again or ref.page - _last_page(groups[-1][-1]) > 1:
            groups.append([])
            last = 0
        groups[-1].append(ref)
        last = number or last
    return groups


def _last_page(ref: Reference) -> int:
    return max((box.page for box in ref.boxes), default=ref.page)
