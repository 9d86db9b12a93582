"""Macros that a document defines: what they stand for, where they hold, and how they are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from indexer.latex.mouth import Mouth
from indexer.latex.tokens import SPACE, tokenize

NO_VALUE = "\\NoValue"
_MAX_PARAMETERS = 9
_NAME_TOKENS = 50


@dataclass(frozen=True, slots=True)
class Parameter:
    """How one argument is read: ``m`` group, ``o`` brackets, ``d`` other brackets, ``s`` star, ``u`` up to tokens."""

    kind: Literal["m", "o", "d", "s", "u"]
    tokens: tuple[str, ...] = ()
    pair: str = "[]"


@dataclass(frozen=True, slots=True)
class Macro:
    """A body with ``#n`` for its arguments; ``prefix`` must stand before the first of them."""

    body: tuple[str, ...]
    parameters: tuple[Parameter, ...] = ()
    prefix: tuple[str, ...] = ()


Meaning = Macro | str
"""A macro, or the token (a command known to the reader, or a character) that a name was made equal to."""


class Macros:
    """Names and their meanings, with TeX's groups."""

    def __init__(self) -> None:
        self._table: dict[str, Meaning] = {}
        self._undo: list[list[tuple[str, Meaning | None]] | None] = []
        self.environments: dict[str, tuple[Macro, Macro]] = {}
        self.flags: dict[str, bool] = {}

    def get(self, token: str) -> Meaning | None:
        """What a command was defined to mean; None when the document says nothing."""
        return self._table.get(token)

    def __contains__(self, token: str) -> bool:
        return token in self._table

    @property
    def names(self) -> frozenset[str]:
        """The commands defined here and now."""
        return frozenset(self._table)

    def define(self, token: str, meaning: Meaning | None, *, everywhere: bool = False) -> None:
        """Give a command a meaning until the group ends; None takes it away."""
        if self._undo and not everywhere:
            changes = self._undo[-1]
            if changes is None:
                changes = self._undo[-1] = []
            changes.append((token, self._table.get(token)))
        if meaning is None:
            self._table.pop(token, None)
        else:
            self._table[token] = meaning

    def open(self) -> None:
        """Begin a group."""
        self._undo.append(None)

    def close(self) -> None:
        """End a group: its definitions are forgotten. Without an open group nothing happens."""
        if not self._undo:
            return
        for token, meaning in reversed(self._undo.pop() or ()):
            if meaning is None:
                self._table.pop(token, None)
            else:
                self._table[token] = meaning


def call(macro: Macro, mouth: Mouth) -> bool:
    """Read a macro's arguments and put its body before what follows; False when no expansion is left for it."""
    for token in macro.prefix:
        mouth.takes(token)
    arguments = [_read(parameter, mouth) for parameter in macro.parameters]
    lengths = {f"#{number}": len(argument) for number, argument in enumerate(arguments, 1)}
    size = sum(lengths.get(token, 1) for token in macro.body) if arguments else len(macro.body)
    if not mouth.budget.may_expand(size):
        return False
    if not arguments and not any(token[0] == "#" for token in macro.body):
        return mouth.push(list(macro.body))
    tokens: list[str] = []
    for token in macro.body:
        if token[0] != "#":
            tokens.append(token)
        elif token in lengths:
            tokens.extend(arguments[int(token[1:]) - 1])
        elif token.startswith("##"):
            tokens.append(token[1:])
    return mouth.push(tokens)


def _read(parameter: Parameter, mouth: Mouth) -> list[str]:
    if parameter.kind == "m":
        return mouth.argument()
    if parameter.kind == "s":
        return ["\\BooleanTrue"] if mouth.star() else ["\\BooleanFalse"]
    if parameter.kind == "u":
        return mouth.upto(list(parameter.tokens))
    found = mouth.optional(*parameter.pair) if parameter.kind in ("o", "d") else None
    return list(parameter.tokens) if found is None else found


def read_name(mouth: Mouth) -> str:
    r"""The command that a definition names, as ``\newcommand{\x}`` or ``\newcommand\x``; empty when there is none."""
    token = mouth.peek()
    if token is None:
        return ""
    if token == "{":
        mouth.next()
        inside = [part for part in mouth.group()[:_NAME_TOKENS] if part != SPACE]
        return inside[0] if inside and inside[0][0] == "\\" else ""
    if token[0] != "\\":
        return ""
    mouth.next()
    return token


def read_newcommand(mouth: Mouth) -> Macro:
    r"""What follows the name in ``\newcommand``: ``[count][default]{body}``."""
    count = _count(mouth.optional())
    default = mouth.optional() if count else None
    body = mouth.argument()
    parameters = [Parameter("m")] * count
    if default is not None and parameters:
        parameters[0] = Parameter("o", tuple(default))
    return Macro(tuple(body), tuple(parameters))


def read_environment(mouth: Mouth) -> tuple[Macro, Macro]:
    r"""What follows the name in ``\newenvironment``: ``[count][default]{begin}{end}``."""
    begin = read_newcommand(mouth)
    return begin, Macro(tuple(mouth.argument()))


def read_def(mouth: Mouth) -> Macro:
    r"""What follows the name in ``\def``: parameter text and body."""
    text: list[str] = []
    while (token := mouth.next()) is not None and token != "{" and len(text) < _NAME_TOKENS:
        if token == "}":
            mouth.push([token])
            return Macro(())
        text.append(token)
    body = mouth.group()
    places = [place for place, token in enumerate(text) if token[0] == "#" and token[1:].isdigit()][:_MAX_PARAMETERS]
    parameters: list[Parameter] = []
    for number, place in enumerate(places):
        end = places[number + 1] if number + 1 < len(places) else len(text)
        delimiter = tuple(text[place + 1 : end])
        parameters.append(Parameter("u", delimiter) if delimiter else Parameter("m"))
    return Macro(tuple(body), tuple(parameters), tuple(text[: places[0]] if places else text))


def read_document_command(mouth: Mouth) -> Macro:
    r"""What follows the name in ``\NewDocumentCommand``: ``{specification}{body}``."""
    specification = Mouth(mouth.budget, tokens=mouth.argument())
    body = mouth.argument()
    parameters: list[Parameter] = []
    while (token := specification.next()) is not None and len(parameters) < _MAX_PARAMETERS:
        if token[0] in "\\{}[]$&~#^_" or token == SPACE:
            continue
        if len(token) > 1:
            specification.push([token[1:]])
        parameters.extend(_document_parameter(token[0], specification))
    return Macro(tuple(body), tuple(parameters))


def _document_parameter(letter: str, specification: Mouth) -> list[Parameter]:
    if letter in "mvb":
        return [Parameter("m")]
    if letter == "s":
        return [Parameter("s")]
    if letter == "o":
        return [Parameter("o", (NO_VALUE,))]
    if letter == "O":
        return [Parameter("o", tuple(specification.argument()))]
    if letter in "dDrR":
        opening, closing = specification.argument(), specification.argument()
        default = tuple(specification.argument()) if letter in "DR" else (NO_VALUE,)
        pair = (opening[:1] + closing[:1]) or ["[", "]"]
        return [Parameter("d", default, "".join(pair)[:2].ljust(2, "]"))]
    return []


def _count(tokens: list[str] | None) -> int:
    text = "".join(tokens or ()).strip()
    return min(int(text), _MAX_PARAMETERS) if text.isascii() and text.isdigit() else 0


def plain(text: str) -> Macro:
    """A macro without arguments whose body is a piece of source."""
    return Macro(tuple(tokenize(text, at_is_letter=True)))
