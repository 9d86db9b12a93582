"""Arguments of LaTeX commands, by where they stand in the source."""

from __future__ import annotations

import re
from bisect import bisect_left

from indexer.manuscripts.groups import Groups

BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
BRACKETS = re.compile(r"\s{0,9}\[[^\[\]]{0,400}(?:\[[^\[\]]{0,100}\][^\[\]]{0,400}){0,2}\]")
_SPACES = re.compile(r"[^\S\n]*(?:\n[^\S\n]*)?")
_LENGTH = re.compile(r"\s{0,9}=?\s{0,9}-?(?:[\d.]{1,9}\s?)?(?:pt|em|ex|cm|mm|in|\\[A-Za-z]{1,40})?")
ARGUMENT_CHARS = 50_000
LINE_CHARS = 2_000


class Source:
    """The source of a draft; all methods take and give positions in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._groups = Groups(text)
        self._lost: set[str] = set()
        self._blank_lines: list[int] | None = None

    def spaces(self, position: int) -> int:
        """Behind white space, but before a blank line."""
        match = _SPACES.match(self.text, position)
        behind = match.end() if match else position
        # A blank line is left where it is: it ends the paragraph.
        return position if self.text.startswith("\n", behind) else behind

    def skip(self, kinds: str, position: int) -> int:
        """Pass over arguments that are no text; kinds as in ``indexer.latex.symbols.arguments``."""
        text = self.text
        for kind in kinds:
            if kind == "*":
                position += text.startswith("*", position)
            elif kind == "o":
                bracket = BRACKETS.match(text, position)
                position = bracket.end() if bracket else position
            elif kind == "m":
                position = self.behind_group(position)
            elif kind in "dn":
                length = _LENGTH.match(text, position)
                position = length.end() if length else position
        return position

    def group(self, position: int, *, within: int) -> tuple[int, int] | None:
        """The inside of the group that comes next, or None."""
        opening = self.spaces(position)
        if not self.text.startswith("{", opening):
            return None
        closing = self._groups.closing(opening, within=within)
        return None if closing is None else (opening + 1, closing)

    def behind_group(self, position: int) -> int:
        """Behind the group that comes next, or where it would begin."""
        group = self.group(position, within=ARGUMENT_CHARS)
        return group[1] + 1 if group else position

    def argument(self, end: int, *, within: int) -> tuple[int, int, int]:
        """Inside of a command's last argument, and behind it; of one that is never closed, the rest of the line."""
        position = end + self.text.startswith("*", end)
        bracket = BRACKETS.match(self.text, position)
        position = bracket.end() if bracket and self.text.startswith("{", bracket.end()) else position
        group = self.group(position, within=within)
        if group is not None:
            return (*group, group[1] + 1)
        opening = self.spaces(position)
        opening += self.text.startswith("{", opening)
        line = self.text.find("\n", opening, opening + LINE_CHARS)
        rest = line if line >= 0 else min(len(self.text), opening + LINE_CHARS)
        command = self.text.find("\\", opening, rest)
        rest = command if command >= 0 else rest
        return opening, rest, rest

    def behind_environment(self, name: str, behind: int) -> int:
        """Behind an environment without text; of one that never ends, the next blank line."""
        end = f"\\end{{{name}}}"
        found = -1 if end in self._lost else self.text.find(end, behind)
        if found >= 0:
            return found + len(end)
        self._lost.add(end)  # looked for once: time stays linear in the source
        blank = self._next_blank_line(behind)
        return behind if blank is None else blank

    def _next_blank_line(self, position: int) -> int | None:
        if self._blank_lines is None:
            self._blank_lines = [match.start() for match in BLANK_LINE.finditer(self.text)]
        index = bisect_left(self._blank_lines, position)
        return self._blank_lines[index] if index < len(self._blank_lines) else None
