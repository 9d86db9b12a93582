"""LaTeX source cut into tokens, one at a time, so that what a token means may depend on those before it.

A token is a string whose first character tells its kind: ``\\name`` a command, ``{`` ``}`` ``$`` ``&`` ``~`` ``^``
``_`` ``[`` ``]`` themselves, ``#1`` a parameter, one space white space, and anything else a run of text.
"""

from __future__ import annotations

import re
from bisect import bisect_right

PAR = "\\par"
SPACE = " "
_REST = r"""
  | (?P<symbol>\\(?:[^\n]|\n)?)
  | (?P<par>[^\S\n]*+\n[^\S\n]*+\n\s*+)
  | (?P<space>\s++)
  | (?P<comment>%[^\n]*+(?:\n[^\S\n]*+)?)
  | (?P<parameter>\#++\d?)
  | (?P<text>[^\\{}$&~#^_%\s\[\]]++)
  | (?P<special>.)
"""
_BLANKS = r"[^\S\n]*+(?:\n[^\S\n]*+(?!\n))?"
_PLAIN = re.compile(rf"(?P<word>\\[A-Za-z]++){_BLANKS}{_REST}", re.VERBOSE | re.DOTALL)
_WITH_AT = re.compile(rf"(?P<word>\\[A-Za-z@]++){_BLANKS}{_REST}", re.VERBOSE | re.DOTALL)


class Lexer:
    """A source text and the place reached in it."""

    __slots__ = ("_lines", "_never", "at_is_letter", "name", "position", "text")

    def __init__(self, text: str, *, name: str = "", at_is_letter: bool = False) -> None:
        self.text = text
        self.name = name
        self.position = 0
        self.at_is_letter = at_is_letter
        self._lines: list[int] | None = None
        self._never: set[str] = set()

    def next(self) -> str | None:
        """The next token, or None at the end. A blank line is the token ``PAR``."""
        text = self.text
        while self.position < len(text):
            match = (_WITH_AT if self.at_is_letter else _PLAIN).match(text, self.position)
            if match is None:  # every character begins some token
                self.position += 1
                continue
            self.position = match.end()
            kind = match.lastgroup
            if kind == "text" or kind == "special" or kind == "parameter" or kind == "word":
                return match[kind]
            if kind == "space":
                return SPACE
            if kind == "par":
                return PAR
            if kind == "symbol":
                return "\\ " if match[0] in ("\\\n", "\\\t", "\\") else match[0]
            if text.startswith("\n", self.position):  # a comment, then an empty line
                return PAR
        return None

    def until(self, end: str) -> str | None:
        """The source from here up to ``end``, which is passed over; None, and nothing is read, when it never comes."""
        if end in self._never:
            return None
        found = self.text.find(end, self.position)
        if found < 0:
            self._never.add(end)  # looked for once: time stays linear in the source
            return None
        body = self.text[self.position : found]
        self.position = found + len(end)
        return body

    def line(self) -> int:
        """The line reached, counted from 1."""
        if self._lines is None:
            self._lines = [match.end() for match in re.finditer("\n", self.text)]
        return bisect_right(self._lines, max(self.position - 1, 0)) + 1


def tokenize(text: str, *, at_is_letter: bool = False) -> list[str]:
    """All tokens of a text."""
    lexer = Lexer(text, at_is_letter=at_is_letter)
    tokens: list[str] = []
    while (token := lexer.next()) is not None:
        tokens.append(token)
    return tokens


def source(tokens: list[str]) -> str:
    """Tokens as source again: a space parts a command from a letter behind it."""
    parts: list[str] = []
    word = False
    for token in tokens:
        if word and token[0].isalpha():
            parts.append(" ")
        parts.append("\n\n" if token == PAR else token)
        word = len(token) > 1 and token[0] == "\\" and token[-1].isalpha()
    return "".join(parts)
