"""The stream of tokens under reading: files that input one another, and the bodies of macros put back before them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from indexer.latex.tokens import PAR, SPACE, Lexer

_MAX_FRAMES = 2_000
_MAX_OPTIONAL_TOKENS = 2_000
_MAX_DELIMITED_TOKENS = 20_000
_MAX_RUNAWAYS = 50
STEPS_A_CHAR = 2
"""Steps that each character of a source is worth."""


class StepsSpentError(Exception):
    """Reading took more steps than the source is worth: it is a bomb, or damaged."""


@dataclass(slots=True)
class Budget:
    """Work that may still be done, shared by all that is read for one document."""

    steps: int
    expansions: int
    runaways: int = field(default=_MAX_RUNAWAYS)

    def spend(self, steps: int) -> None:
        """Count steps.

        Raises:
            StepsSpentError: None are left.
        """
        self.steps -= steps
        if self.steps < 0:
            raise StepsSpentError

    def may_expand(self, tokens: int) -> bool:
        """True, and counted, while expansions of that size are left."""
        if self.expansions < tokens:
            return False
        self.expansions -= tokens + 1
        return True


class Mouth:
    """Gives tokens from the innermost source; what is put back comes first."""

    def __init__(self, budget: Budget, *, first: Lexer | None = None, tokens: Iterable[str] = ()) -> None:
        self.budget = budget
        self._frames: list[Lexer | list[str]] = []
        if first is not None:
            self._frames.append(first)
        given = list(tokens)
        if given:
            self.push(given)

    def next(self) -> str | None:
        """The next token as it stands, or None when all sources have ended."""
        self.budget.spend(1)
        frames = self._frames
        while frames:
            top = frames[-1]
            if type(top) is list:
                if top:
                    return top.pop()
            else:
                token = top.next()  # type: ignore[union-attr]
                if token is not None:
                    return token
            frames.pop()
        return None

    def push(self, tokens: list[str]) -> bool:
        """Put tokens before all others; False, and nothing is done, when sources are nested too deep."""
        while self._frames and not self._frames[-1] and isinstance(self._frames[-1], list):
            self._frames.pop()
        if len(self._frames) >= _MAX_FRAMES:
            return False
        if tokens:
            self.budget.spend(len(tokens) // 4)
            self._frames.append(tokens[::-1])
        return True

    def push_source(self, lexer: Lexer) -> bool:
        """Read another text before going on with this one; False when sources are nested too deep."""
        if len(self._frames) >= _MAX_FRAMES:
            return False
        self._frames.append(lexer)
        return True

    @property
    def lexer(self) -> Lexer | None:
        """The source text when nothing put back stands before it."""
        while self._frames and isinstance(self._frames[-1], list) and not self._frames[-1]:
            self._frames.pop()
        top = self._frames[-1] if self._frames else None
        return top if isinstance(top, Lexer) else None

    @property
    def file(self) -> Lexer | None:
        """The innermost source text, whatever stands before it."""
        return next((frame for frame in reversed(self._frames) if isinstance(frame, Lexer)), None)

    def open_files(self) -> list[str]:
        """Names of the texts under reading, outermost first."""
        return [frame.name for frame in self._frames if isinstance(frame, Lexer)]

    def end_file(self) -> None:
        """Give up what is left of the innermost source text, and of what was put back before it."""
        while self._frames:
            if isinstance(self._frames.pop(), Lexer):
                return

    def skip_spaces(self) -> None:
        """Pass over white space, but over no blank line."""
        while (token := self.next()) == SPACE:
            pass
        if token is not None:
            self.push([token])

    def peek(self) -> str | None:
        """The next token that is no white space, left in its place; white space before it is passed over."""
        while (token := self.next()) == SPACE:
            pass
        if token is not None:
            self.push([token])
        return token

    def takes(self, token: str) -> bool:
        """True, and passed over, when that token comes next; text that begins with it is parted."""
        found = self.next()
        if found == token:
            return True
        if found is not None:
            if found[0] == token and len(found) > 1:
                self.push([found[1:]])
                return True
            self.push([found])
        return False

    def argument(self) -> list[str]:
        """The next argument: the inside of a group, or one token (one character of a text)."""
        token = self.peek()
        if token is None or token == "}" or token == PAR:
            return []
        self.next()
        if token == "{":
            return self.group()
        if token[0] != "\\" and len(token) > 1 and token[0] != "#":
            self.push([token[1:]])
            return [token[0]]
        return [token]

    def group(self) -> list[str]:
        """The tokens up to the brace that closes a group already open.

        Of a group that never closes, only the tokens up to the first blank line count, and the rest is put back.
        """
        tokens: list[str] = []
        depth = 0
        while (token := self.next()) is not None:
            if token == "{":
                depth += 1
            elif token == "}":
                if depth == 0:
                    return tokens
                depth -= 1
            tokens.append(token)
        if PAR in tokens and self.budget.runaways > 0:
            self.budget.runaways -= 1
            first = tokens.index(PAR)
            self.push(tokens[first:])
            return tokens[:first]
        return tokens

    def optional(self, opening: str = "[", closing: str = "]") -> list[str] | None:
        """An argument in brackets when one comes next, else None."""
        spaces: list[str] = []
        while (token := self.next()) == SPACE:
            spaces.append(token)
        if token != opening:
            self.push([*spaces, token] if token is not None else spaces)
            return None
        found = self._within(opening, closing)
        if found is None:
            self.budget.spend(_MAX_OPTIONAL_TOKENS // 8)
        return found

    def _within(self, opening: str, closing: str) -> list[str] | None:
        tokens: list[str] = []
        braces = brackets = 0
        while len(tokens) < _MAX_OPTIONAL_TOKENS and (token := self.next()) is not None:
            if token == "{":
                braces += 1
            elif token == "}":
                braces -= 1
            elif braces == 0 and token == closing:
                if brackets == 0:
                    return tokens
                brackets -= 1
            elif braces == 0 and token == opening:
                brackets += 1
            elif token == PAR:
                tokens.append(token)
                break
            tokens.append(token)
            if braces < 0:
                break
        self.push([opening, *tokens])
        # The bracket is text: the caller reads it again as such.
        return None

    def star(self) -> bool:
        """True, and passed over, when a star comes next."""
        return self.takes("*")

    def upto(self, delimiter: list[str]) -> list[str]:
        """The tokens before a delimiter, which is passed over; the outer braces of a lone group are taken off."""
        tokens: list[str] = []
        depth = 0
        size = len(delimiter)
        while len(tokens) < _MAX_DELIMITED_TOKENS and (token := self.next()) is not None:
            if token == "{":
                depth += 1
            elif token == "}":
                depth -= 1
                if depth < 0:
                    self.push([token])
                    return tokens
            tokens.append(token)
            if depth == 0 and tokens[-size:] == delimiter:
                return _bare(tokens[:-size])
            if depth == 0 and size == 1 and token[0] != "\\" and delimiter[0] in token:
                before, _, after = token.partition(delimiter[0])
                tokens[-1:] = [before] if before else []
                if after:
                    self.push([after])
                return _bare(tokens)
            if token == PAR and PAR not in delimiter:
                break
        return tokens


def _bare(tokens: list[str]) -> list[str]:
    if len(tokens) < 2 or tokens[0] != "{" or tokens[-1] != "}":
        return tokens
    depth = 0
    for token in tokens[:-1]:
        depth += (token == "{") - (token == "}")
        if depth == 0:
            return tokens
    return tokens[1:-1]
