"""What linking finds, and the brackets of a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Texts = Sequence[tuple[str, Sequence[tuple[int, int]]]]
"""Paragraphs with the spans of their superscripts."""
_OPENING = {"(": ")", "[": "]"}
_BRACKET = re.compile(r"[()\[\]]")
_MAX_OPEN = 8
"""Brackets nested deeper than this are formulas or rubbish."""


@dataclass(frozen=True, slots=True)
class Link:
    """A citation in a text: its half-open span and the positions of the entries that it names."""

    start: int
    end: int
    reference_indices: tuple[int, ...]
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """Brackets that belong together: the positions of the opening one and after the closing one."""

    start: int
    end: int


def bracket_pairs(text: str, *, most: int) -> list[Pair]:
    """Pairs of brackets at most ``most`` characters apart, by their beginnings; an inner pair follows its outer one."""
    opened: list[tuple[str, int]] = []
    pairs: list[Pair] = []
    for match in _BRACKET.finditer(text):
        char, position = match[0], match.start()
        if char in _OPENING:
            opened.append((_OPENING[char], position))
            del opened[:-_MAX_OPEN]
        else:
            depth = next((depth for depth in range(len(opened) - 1, -1, -1) if opened[depth][0] == char), None)
            if depth is None:
                continue
            start = opened[depth][1]
            del opened[depth:]
            if position - start < most:
                pairs.append(Pair(start, position + 1))
    return sorted(pairs, key=lambda pair: (pair.start, -pair.end))


def without_overlaps(links: Iterable[Link]) -> list[Link]:
    """The links in order; of two that overlap, the one that begins first, and of two that begin together the longer."""
    kept: list[Link] = []
    for link in sorted(links, key=lambda link: (link.start, -link.end)):
        if not kept or link.start >= kept[-1].end:
            kept.append(link)
    return kept
