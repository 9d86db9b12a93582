"""Lines of scripts written from right to left, put into the order in which they are read.

The PDF library turns such lines round by itself, but misplaces numbers, brackets and the parts of ligatures. The places
of the characters tell the order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LEFT_TO_RIGHT = frozenset({"L", "EN", "AN"})
_WITHIN_NUMBERS = frozenset({"ES", "CS", "ET"})
_WITHIN_PHRASES = frozenset({"ES", "CS", "ET", "WS", "ON"})

PlacedChar = tuple[str, float, float]
"""A character with its left and right edge."""


def reads_leftwards(text: str) -> bool:
    """True when most of a text's strong characters are written from right to left."""
    marks = len(_RIGHT_TO_LEFT.findall(text))
    return marks > 0 and 2 * marks >= sum(1 for char in text if char.isalpha())


def has_leftward(text: str) -> bool:
    """True when a text holds any character that is written from right to left."""
    return bool(_RIGHT_TO_LEFT.search(text))


def in_reading_order(chars: Iterable[PlacedChar]) -> str:
    """Order the characters of a line that is read leftwards: numbers and words of other scripts run rightwards.

    A part of a ligature has no width and follows the character that ends where it stands.
    """
    ordered = sorted(chars, key=lambda char: (-char[2], char[1] == char[2]))
    kinds = [unicodedata.bidirectional(char) for char, _, _ in ordered]
    parts: list[str] = []
    index = 0
    while index < len(ordered):
        end = _end_of_run(kinds, index)
        run = [char for char, _, _ in ordered[index:end]]
        parts.extend(reversed(run) if end - index > 1 else run)
        index = end
    return "".join(parts)


def _end_of_run(kinds: Sequence[str], start: int) -> int:
    """Position after a run that is written rightwards: words with the spaces between them, or one number."""
    if kinds[start] not in _LEFT_TO_RIGHT:
        return start + 1
    phrase = _reach(kinds, start, _WITHIN_PHRASES)
    return phrase if "L" in kinds[start:phrase] else _reach(kinds, start, _WITHIN_NUMBERS)


def _reach(kinds: Sequence[str], start: int, neutral: frozenset[str]) -> int:
    end = index = start + 1
    while index < len(kinds) and (kinds[index] in _LEFT_TO_RIGHT or kinds[index] in neutral):
        if kinds[index] in _LEFT_TO_RIGHT:
            end = index + 1
        index += 1
    return end
