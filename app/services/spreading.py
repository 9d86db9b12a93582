"""Suggestions of one paragraph seen together: its places should not all begin with the same work.

The rule: of places in one paragraph that stand within ``APART_CHARS`` of each other, a work stays first where it fits
best; at the others the best work that is not first nearby comes first instead, if its probability is at least
``NEARLY`` of the best. Nothing is left out, and no probability changes; where no other work fits nearly as well, the
same one stays first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.services.places import BEFORE_CHARS

if TYPE_CHECKING:
    from app.services.suggestions import PlaceSuggestions

APART_CHARS = BEFORE_CHARS
"""Places farther apart read nothing of each other."""
NEARLY = 0.8
"""Share of the best probability."""


def spread(places: Sequence[PlaceSuggestions]) -> tuple[PlaceSuggestions, ...]:
    """The same places, with another work first where the rule above asks for it."""
    paragraphs: defaultdict[int, list[int]] = defaultdict(list)
    for index, each in enumerate(places):
        if each.suggestions:
            paragraphs[each.place.paragraph].append(index)
    found = list(places)
    for members in paragraphs.values():
        first: dict[int, list[int]] = {}
        for index in sorted(members, key=lambda index: (-places[index].suggestions[0].probability, index)):
            chosen = _choose(places[index], first)
            found[index] = _with_first(places[index], chosen)
            work = places[index].suggestions[chosen].work.id
            first.setdefault(work, []).append(places[index].place.start)
    return tuple(found)


def _choose(each: PlaceSuggestions, first: dict[int, list[int]]) -> int:
    """The position of the suggestion that comes first; ``first`` is where works are so already."""
    best = each.suggestions[0]
    for position, suggestion in enumerate(each.suggestions):
        if suggestion.probability < NEARLY * best.probability:
            break
        near = (abs(each.place.start - start) <= APART_CHARS for start in first.get(suggestion.work.id, ()))
        if not any(near):
            return position
    return 0


def _with_first(each: PlaceSuggestions, position: int) -> PlaceSuggestions:
    if position == 0:
        return each
    rest = each.suggestions[:position] + each.suggestions[position + 1 :]
    return replace(each, suggestions=(each.suggestions[position], *rest))
