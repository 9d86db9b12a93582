"""Which braces of LaTeX source belong together, found in one pass."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left

_SIGN = re.compile(
    r"\\[^A-Za-z]|%[^\n]*|[{}]|\\begin\s*\{(verbatim|Verbatim|lstlisting|minted|alltt|comment)(\*?)\}", re.DOTALL
)


class Groups:
    """The braces of a source; those that are never closed belong to nothing."""

    def __init__(self, text: str) -> None:
        self._opened = array("q")
        self._closed = array("q")
        waiting: list[int] = []
        position = 0
        sign = _SIGN.search
        lost: set[str] = set()
        while match := sign(text, position):
            position = match.end()
            first = match[0]
            if first == "{":
                waiting.append(len(self._opened))
                self._opened.append(match.start())
                self._closed.append(-1)
            elif first == "}":
                if waiting:
                    self._closed[waiting.pop()] = match.start()
            elif match[1]:
                position = _behind(text, f"\\end{{{match[1]}{match[2]}}}", position, lost)

    def closing(self, opening: int, *, within: int) -> int | None:
        """Where the group that begins at a brace ends; None when it does not end ``within`` so many characters."""
        index = bisect_left(self._opened, opening)
        if index == len(self._opened) or self._opened[index] != opening:
            return None
        closed = self._closed[index]
        return closed if 0 <= closed - opening <= within else None


def _behind(text: str, end: str, position: int, lost: set[str]) -> int:
    """Behind the end of an environment, or where it begins when that never comes."""
    if end in lost:
        return position
    found = text.find(end, position)
    if found < 0:
        lost.add(end)  # looked for once: time stays linear in the source
        return position
    return found + len(end)
