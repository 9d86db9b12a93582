"""What TeX does before it typesets: macros, definitions and conditionals, each step counted against the budget."""

from __future__ import annotations

import re
from collections.abc import Callable

from indexer.latex.conditionals import Conditionals
from indexer.latex.counters import Counters
from indexer.latex.counting import FORMATS, Counting
from indexer.latex.macros import (
    NO_VALUE,
    Macro,
    Macros,
    call,
    plain,
    read_def,
    read_document_command,
    read_environment,
    read_name,
    read_newcommand,
)
from indexer.latex.mouth import Mouth
from indexer.latex.tokens import PAR, SPACE, source

Handler = Callable[[Mouth], None]
_NAME_CHARS = 100
_BODY_CITES = re.compile(r"^\\(?:\w*cit\w+|cite|nocite)$")
_LET_DEPTH = 20
_MAX_DEPTH = 60


class Expander:
    """Meanings of the commands that leave no text themselves.

    Args:
        macros, counters: Of the document.
        is_known: True for commands that the reader understands itself.
        is_structural: True for those of them that a document may not redefine.
    """

    def __init__(
        self,
        macros: Macros,
        counters: Counters,
        *,
        is_known: Callable[[str], bool],
        is_structural: Callable[[str], bool],
    ) -> None:
        self.macros = macros
        self.counters = counters
        self.in_package = False
        self._depth = 0
        self._everywhere = False
        self._is_known = is_known
        self._is_structural = is_structural
        self._conditionals = Conditionals(macros, counters, expand=self.expand, is_known=is_known)
        counting = Counting(counters, number_of=self._conditionals.number_of, in_package=lambda: self.in_package)
        self._commands: dict[str, Handler] = {**self._definitions(), **self._expansions(), **counting.commands()}

    def _definitions(self) -> dict[str, Handler]:
        return {
            "\\def": self._def,
            "\\gdef": self._gdef,
            "\\edef": self._def,
            "\\xdef": self._gdef,
            "\\long": _nothing,
            "\\global": self._global,
            "\\outer": _nothing,
            "\\protected": _nothing,
            "\\let": self._let,
            "\\futurelet": self._futurelet,
            "\\newcommand": self._newcommand,
            "\\renewcommand": self._newcommand,
            "\\providecommand": self._providecommand,
            "\\DeclareRobustCommand": self._newcommand,
            "\\newrobustcmd": self._newcommand,
            "\\renewrobustcmd": self._newcommand,
            "\\NewDocumentCommand": self._document_command,
            "\\RenewDocumentCommand": self._document_command,
            "\\DeclareDocumentCommand": self._document_command,
            "\\ProvideDocumentCommand": self._document_command,
            "\\DeclareMathOperator": self._operator,
            "\\newenvironment": self._environment,
            "\\renewenvironment": self._environment,
            "\\newif": self._newif,
        }

    def _expansions(self) -> dict[str, Handler]:
        macros = self.macros
        return {
            "\\csname": self._csname,
            "\\expandafter": self._expandafter,
            "\\makeatletter": _at_letter(True),
            "\\makeatother": _at_letter(False),
            "\\ExplSyntaxOn": _skip_to("\\ExplSyntaxOff"),
            "\\begingroup": lambda mouth: macros.open(),
            "\\bgroup": lambda mouth: macros.open(),
            "\\endgroup": lambda mouth: macros.close(),
            "\\egroup": lambda mouth: macros.close(),
            "\\@firstofone": lambda mouth: _put(mouth, mouth.argument()),
            "\\texorpdfstring": lambda mouth: _choose(mouth, True),
            "\\@firstoftwo": lambda mouth: _choose(mouth, True),
            "\\@secondoftwo": lambda mouth: _choose(mouth, False),
            "\\@gobble": lambda mouth: _drop(mouth, 1),
            "\\@gobbletwo": lambda mouth: _drop(mouth, 2),
            "\\@ifnextchar": self._ifnextchar,
            "\\kernel@ifnextchar": self._ifnextchar,
            "\\@ifstar": self._ifstar,
        }

    def expand(self, token: str, mouth: Mouth) -> bool:
        """Carry out a command, when it is one of those that only change what is read next."""
        if self._depth >= _MAX_DEPTH:
            return False
        self._depth += 1
        try:
            return self._expand(token, mouth)
        finally:
            self._depth -= 1

    def _expand(self, token: str, mouth: Mouth) -> bool:
        meaning = self.macros.get(token)
        hops = 0
        while isinstance(meaning, str) and hops < _LET_DEPTH:
            if meaning[0] != "\\" or meaning not in self.macros or meaning == token:
                if meaning == token:
                    break
                mouth.budget.spend(1)
                return self._alias(meaning, mouth)
            token, meaning, hops = meaning, self.macros.get(meaning), hops + 1
        if isinstance(meaning, Macro):
            call(meaning, mouth)
            return True
        handler = self._commands.get(token)
        if handler is not None:
            handler(mouth)
            return True
        if token.startswith("\\the") and self.counters.has(token[4:]):
            _put(mouth, plain_tokens(self.counters.default(token[4:])))
            return True
        return self._conditionals.expand(token, mouth)

    def _alias(self, meaning: str, mouth: Mouth) -> bool:
        if meaning[0] == "\\" and (handler := self._commands.get(meaning)) is not None:
            handler(mouth)
            return True
        if meaning[0] == "\\" and self._conditionals.expand(meaning, mouth):
            return True
        # Meant is a command of the reader, or a character: it comes next, under its own name.
        mouth.push([Quoted(meaning)])
        return True

    def text(self, tokens: list[str], mouth: Mouth) -> str:
        """The source that tokens expand to."""
        inner = Mouth(mouth.budget, tokens=tokens)
        parts: list[str] = []
        while (token := inner.next()) is not None:
            if token[0] == "\\" and not isinstance(token, Quoted) and self.expand(token, inner):
                continue
            parts.append(token)
        return source(parts)

    def may_define(self, token: str, body: tuple[str, ...] = ()) -> bool:
        """False for what carries the structure of a document, and in packages for all that is understood already."""
        if not token:
            return False
        if _BODY_CITES.match(token) and self._is_known(token):
            return not self.in_package and any(_BODY_CITES.match(part) for part in body)
        if self._is_structural(token) or token in self._commands:
            return False
        if self.in_package and token.startswith("\\the") and self.counters.has(token[4:]):
            # Classes define these by their own inner commands, whose outcome the class's rules already state.
            return bool(body) and all(self._is_number_form(part) for part in body)
        return not (self.in_package and self._is_known(token))

    def _is_number_form(self, token: str) -> bool:
        if token[0] != "\\":
            return True
        return token[1:] in FORMATS or (token.startswith("\\the") and self.counters.has(token[4:]))

    def _global(self, mouth: Mouth) -> None:
        self._everywhere = mouth.peek() in ("\\def", "\\let", "\\edef", "\\long")

    def _define(self, token: str, macro: Macro, *, everywhere: bool = False) -> None:
        everywhere, self._everywhere = everywhere or self._everywhere, False
        if self.may_define(token, macro.body):
            self.macros.define(token, macro, everywhere=everywhere)

    def _def(self, mouth: Mouth, *, everywhere: bool = False) -> None:
        token = read_name(mouth)
        macro = read_def(mouth)
        self._define(token, macro, everywhere=everywhere)

    def _gdef(self, mouth: Mouth) -> None:
        self._def(mouth, everywhere=True)

    def _let(self, mouth: Mouth) -> None:
        token = read_name(mouth)
        mouth.skip_spaces()
        if mouth.takes("="):
            mouth.skip_spaces()
        meant = mouth.next()
        if meant is not None:
            self._equate(token, meant)

    def _equate(self, token: str, meant: str) -> None:
        if not token or token == meant:
            return
        meaning = self.macros.get(meant) if meant[0] == "\\" else None
        everywhere, self._everywhere = self._everywhere, False
        if self.may_define(token, (meant,)):
            self.macros.define(token, meaning if meaning is not None else meant, everywhere=everywhere)

    def _futurelet(self, mouth: Mouth) -> None:
        name, first, second = read_name(mouth), mouth.next(), mouth.next()
        if name and second is not None:
            self._equate(name, second)
        mouth.push([token for token in (first, second) if token is not None])

    def _newcommand(self, mouth: Mouth) -> None:
        mouth.star()
        token = read_name(mouth)
        macro = read_newcommand(mouth)
        self._define(token, macro)

    def _providecommand(self, mouth: Mouth) -> None:
        mouth.star()
        token = read_name(mouth)
        macro = read_newcommand(mouth)
        if token not in self.macros and not self._is_known(token):
            self._define(token, macro)

    def _document_command(self, mouth: Mouth) -> None:
        token = read_name(mouth)
        macro = read_document_command(mouth)
        self._define(token, macro)

    def _operator(self, mouth: Mouth) -> None:
        star = "*" if mouth.star() else ""
        token = read_name(mouth)
        body = ["\\operatorname" + star, "{", *mouth.argument(), "}"]
        self._define(token, Macro(tuple(body)))

    def _environment(self, mouth: Mouth) -> None:
        mouth.star()
        name = source(mouth.argument()).strip()
        begin, end = read_environment(mouth)
        if not self._is_structural(f"\\begin{{{name}}}"):
            self.macros.environments[name] = (begin, end)

    def _newif(self, mouth: Mouth) -> None:
        token = read_name(mouth)
        if token.startswith("\\if"):
            self.macros.flags.setdefault(token[3:], False)

    def _csname(self, mouth: Mouth) -> None:
        mouth.push(["\\" + self.name_in(mouth)])

    def name_in(self, mouth: Mouth) -> str:
        r"""The name spelled up to ``\endcsname``."""
        parts: list[str] = []
        size = 0
        while size < _NAME_CHARS and (token := mouth.next()) is not None and token != "\\endcsname":
            if token == PAR:
                mouth.push([token])
                break
            if token[0] == "\\":
                self.expand(token, mouth)
                size += 1
                continue
            if token != SPACE:
                parts.append(token)
                size += len(token)
        return "".join(parts) or "relax"

    def _expandafter(self, mouth: Mouth) -> None:
        first = mouth.next()
        second = mouth.next()
        if first is None or second is None:
            mouth.push([first] if first is not None else [])
            return
        if second[0] != "\\" or second in ("\\let", "\\def", "\\newcommand") or not self.expand(second, mouth):
            mouth.push([second])
        mouth.push([first])

    def _ifnextchar(self, mouth: Mouth) -> None:
        wanted = mouth.argument()
        yes, no = mouth.argument(), mouth.argument()
        token = mouth.peek()
        met = bool(wanted) and token is not None and (token == wanted[0] or token[0] == wanted[0])
        _put(mouth, yes if met else no)

    def _ifstar(self, mouth: Mouth) -> None:
        yes, no = mouth.argument(), mouth.argument()
        _put(mouth, yes if mouth.star() else no)


class Quoted(str):
    """A token that is taken as it stands: what a document defined under its name does not count."""

    __slots__ = ()


def plain_tokens(text: str) -> list[str]:
    """Tokens of a short piece of source."""
    return list(plain(text).body)


def _nothing(mouth: Mouth) -> None:
    """A prefix that changes nothing here."""


def _at_letter(value: bool) -> Handler:
    def switch(mouth: Mouth) -> None:
        lexer = mouth.file
        if lexer is not None:
            lexer.at_is_letter = value

    return switch


def _skip_to(end: str) -> Handler:
    def skip(mouth: Mouth) -> None:
        lexer = mouth.lexer
        if lexer is not None:
            lexer.until(end)

    return skip


def _put(mouth: Mouth, tokens: list[str]) -> None:
    if mouth.budget.may_expand(len(tokens)):
        mouth.push(tokens)


def _choose(mouth: Mouth, first: bool) -> None:
    yes, no = mouth.argument(), mouth.argument()
    _put(mouth, yes if first else no)


def _drop(mouth: Mouth, count: int) -> None:
    for _ in range(count):
        mouth.argument()


__all__ = ["NO_VALUE", "Expander", "Quoted", "plain_tokens"]
