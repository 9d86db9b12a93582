"""TeX's and LaTeX's conditionals, decided from what the source says; what only typesetting would know is false."""

from __future__ import annotations

import re
from collections.abc import Callable

from indexer.latex.counters import Counters
from indexer.latex.macros import NO_VALUE, Macros
from indexer.latex.mouth import Mouth
from indexer.latex.tokens import PAR, SPACE, source

_TWO_WAY = frozenset(
    {"ifthenelse", "iff", "ifdef", "ifundef", "ifcsdef", "ifcsundef", "ifbool", "iftoggle", "ifblank", "notblank",
     "ifstrempty", "ifstrequal", "ifboolexpr", "ifnumequal", "ifnumcomp", "ifempty", "ifinlist", "ifdefempty",
     "ifdefvoid", "ifcsvoid"}
)  # fmt: skip
_ALWAYS = {"true": True, "false": False, "mmode": False, "hmode": True, "vmode": False, "inner": False, "pdf": True,
           "PDFTeX": True, "pdftex": True, "xetex": False, "XeTeX": False, "luatex": False,
           "LuaTeX": False}  # fmt: skip
_PRIMITIVES = frozenset(
    {"", "x", "cat", "num", "dim", "odd", "case", "defined", "csname", "hbox", "vbox", "void", "eof"}
)
_RELATION = re.compile(r"([^<>=]*)([<>=])(.*)", re.DOTALL)
_NUMBER = re.compile(r"[+-]?\d{1,9}")
_ALIASES = {"\\z@": 0, "\\@ne": 1, "\\tw@": 2, "\\thr@@": 3, "\\m@ne": -1}
_MAX_CONDITION = 200


class Conditionals:
    """Carries out the conditionals of a document.

    Args:
        macros, counters: Of the document.
        expand: Carries out a command that leaves no text.
        is_known: True for commands that the reader understands.
    """

    def __init__(
        self,
        macros: Macros,
        counters: Counters,
        *,
        expand: Callable[[str, Mouth], bool],
        is_known: Callable[[str], bool],
    ) -> None:
        self._macros = macros
        self._counters = counters
        self._expand = expand
        self._is_known = is_known
        self._choices: dict[str, Callable[[Mouth], bool]] = {
            "\\ifthenelse": lambda mouth: self._condition(mouth.argument(), mouth),
            "\\@ifundefined": lambda mouth: not self._defined("\\" + source(mouth.argument())),
            "\\ifcsdef": lambda mouth: self._defined("\\" + source(mouth.argument())),
            "\\ifcsundef": lambda mouth: not self._defined("\\" + source(mouth.argument())),
            "\\ifdef": lambda mouth: self._defined("".join(mouth.argument())),
            "\\ifundef": lambda mouth: not self._defined("".join(mouth.argument())),
            "\\ifbool": lambda mouth: macros.flags.get(source(mouth.argument()), False),
            "\\iftoggle": lambda mouth: macros.flags.get(source(mouth.argument()), False),
            "\\ifblank": lambda mouth: not source(mouth.argument()).strip(),
            "\\notblank": lambda mouth: bool(source(mouth.argument()).strip()),
            "\\ifstrempty": lambda mouth: not mouth.argument(),
            "\\ifstrequal": lambda mouth: mouth.argument() == mouth.argument(),
            "\\IfValueTF": lambda mouth: mouth.argument() != [NO_VALUE],
            "\\IfNoValueTF": lambda mouth: mouth.argument() == [NO_VALUE],
            "\\IfBooleanTF": lambda mouth: mouth.argument() == ["\\BooleanTrue"],
            "\\@ifclassloaded": lambda mouth: bool(mouth.argument()) and False,
            "\\@ifpackageloaded": lambda mouth: bool(mouth.argument()) and False,
            "\\IfFileExists": lambda mouth: bool(mouth.argument()) and False,
        }
        self._one_way: dict[str, Callable[[Mouth], bool]] = {
            "\\IfValueT": lambda mouth: mouth.argument() != [NO_VALUE],
            "\\IfNoValueT": lambda mouth: mouth.argument() == [NO_VALUE],
            "\\IfBooleanT": lambda mouth: mouth.argument() == ["\\BooleanTrue"],
            "\\IfValueF": lambda mouth: mouth.argument() == [NO_VALUE],
            "\\IfBooleanF": lambda mouth: mouth.argument() != ["\\BooleanTrue"],
        }

    def expand(self, token: str, mouth: Mouth) -> bool:
        """Carry out a conditional, or one of its parts; False when the token is none."""
        if token in ("\\else", "\\or"):
            self._skip(mouth, stop_at_else=False)
            return True
        if token == "\\fi":
            return True
        choice = self._choices.get(token)
        if choice is not None:
            met = choice(mouth)
            yes, no = mouth.argument(), mouth.argument()
            mouth.push(yes if met else no)
            return True
        if (one_way := self._one_way.get(token)) is not None:
            met = one_way(mouth)
            argument = mouth.argument()
            mouth.push(argument if met else [])
            return True
        if token in ("\\booltrue", "\\toggletrue", "\\setbool", "\\boolfalse", "\\togglefalse"):
            name = source(mouth.argument())
            self._macros.flags[name] = source(mouth.argument()) == "true" if token == "\\setbool" else "true" in token
            return True
        if self._sets_flag(token):
            return True
        if self._is_if(token):
            if self._takes_groups(token, mouth):
                return True
            if token == "\\ifcase":
                self._case(mouth)
            elif not self._decide(token, mouth):
                self._skip(mouth, stop_at_else=True)
            return True
        return False

    def number_of(self, tokens: list[str], mouth: Mouth) -> int:
        """The number that tokens spell."""
        return self._number(Mouth(mouth.budget, tokens=tokens))

    def _sets_flag(self, token: str) -> bool:
        for ending, value in (("true", True), ("false", False)):
            if token.endswith(ending) and token[1 : -len(ending)] in self._macros.flags:
                self._macros.flags[token[1 : -len(ending)]] = value
                return True
        return False

    def _is_if(self, token: str) -> bool:
        return token.startswith("\\if") and token[1:] not in _TWO_WAY and token not in self._macros

    def _takes_groups(self, token: str, mouth: Mouth) -> bool:
        """True, and done, for an unknown command of that name with two groups: the second, for false, is read."""
        if token[3:] in _PRIMITIVES or token[3:] in _ALWAYS or token[3:] in self._macros.flags or mouth.peek() != "{":
            return False
        first = mouth.argument()
        if mouth.peek() != "{":
            mouth.push(["{", *first, "}"])
            return False
        mouth.push(mouth.argument())
        return True

    def _skip(self, mouth: Mouth, *, stop_at_else: bool, stop_at_or: bool = False) -> str:
        r"""Pass over tokens to the matching ``\fi`` or, when told, the ``\else`` or ``\or`` of this level."""
        depth = 0
        skipped: list[str] = []
        while (token := mouth.next()) is not None:
            skipped.append(token)
            if token[0] != "\\":
                continue
            if token == "\\fi":
                if depth == 0:
                    return token
                depth -= 1
            elif depth == 0 and ((token == "\\else" and stop_at_else) or (token == "\\or" and stop_at_or)):
                return token
            elif token == "\\end" and mouth.peek() == "{":
                # An unbalanced conditional must not swallow the end of the document.
                inside = mouth.argument()
                if inside == ["document"]:
                    mouth.push(["\\end", "{", *inside, "}"])
                    return token
            elif self._is_if(token):
                depth += 1
        if mouth.budget.runaways > 0:
            # It never ends: better to read what should be left out than to lose the rest.
            mouth.budget.runaways -= 1
            mouth.push(skipped)
        return ""

    def _case(self, mouth: Mouth) -> None:
        wanted = self._number(mouth)
        for _ in range(max(0, min(wanted, 1_000))):
            if self._skip(mouth, stop_at_else=True, stop_at_or=True) != "\\or":
                return
        if wanted < 0:
            self._skip(mouth, stop_at_else=True)

    def _decide(self, token: str, mouth: Mouth) -> bool:
        name = token[3:]
        if name in self._macros.flags:
            return self._macros.flags[name]
        if name in _ALWAYS:
            return _ALWAYS[name]
        if name == "x":
            return self._same(mouth.next(), mouth.next())
        if name in ("", "cat"):
            first, second = self._expanded(mouth), self._expanded(mouth)
            return first == second
        if name == "num":
            return self._compare(mouth)
        if name == "dim":
            self._compare(mouth)
            return False
        if name == "odd":
            return self._number(mouth) % 2 == 1
        if name == "defined":
            return self._defined(mouth.next() or "")
        if name == "csname":
            parts: list[str] = []
            while len(parts) < _MAX_CONDITION and (part := mouth.next()) not in (None, "\\endcsname"):
                parts.append(str(part))
            return self._defined("\\" + "".join(parts))
        if name in ("hbox", "vbox", "void", "eof"):
            mouth.next()
        return False

    def _same(self, first: str | None, second: str | None) -> bool:
        if first is None or second is None:
            return False
        if first == second:
            return True
        return self._meaning(first) == self._meaning(second)

    def _meaning(self, token: str) -> object:
        if token[0] != "\\":
            return token
        found = self._macros.get(token)
        if found is not None:
            if not isinstance(found, str) and not found.body and not found.parameters:
                return "\\@empty"
            return found
        if token in ("\\undefined", "\\@undefined", "\\relax", "\\@empty", "\\empty"):
            # \csname makes unknown names equal to \relax: the two are told from one another by nobody here.
            return "\\@empty" if "empty" in token else None
        return token if self._is_known(token) else None

    def _defined(self, token: str) -> bool:
        token = token.strip()
        return token in self._macros or self._is_known(token)

    def _expanded(self, mouth: Mouth) -> str:
        """The next character, or the next command that cannot be expanded."""
        for _ in range(_MAX_CONDITION):
            token = mouth.peek()
            if token is None:
                return ""
            if token == "\\fi" or token == "\\else":
                return ""
            mouth.next()
            if token[0] == "\\":
                if not self._expand(token, mouth):
                    return token
                continue
            if len(token) > 1:
                mouth.push([token[1:]])
            return token[0]
        return ""

    def _compare(self, mouth: Mouth) -> bool:
        first = self._number(mouth)
        relation = ""
        for _ in range(_MAX_CONDITION):
            token = mouth.peek()
            if token is None or token == PAR or token in ("\\fi", "\\else"):
                return False
            mouth.next()
            match = _RELATION.match(token)
            if match is not None and token[0] != "\\":
                relation = match[2]
                if match[3]:
                    mouth.push([match[3]])
                break
        second = self._number(mouth)
        return first < second if relation == "<" else first > second if relation == ">" else first == second

    def _number(self, mouth: Mouth) -> int:
        for _ in range(_MAX_CONDITION):
            token = mouth.peek()
            if token is None:
                return 0
            if token in _ALIASES:
                mouth.next()
                return _ALIASES[token]
            if token == "\\value":
                mouth.next()
                return self._counters.get(source(mouth.argument()))
            if token.startswith("\\c@"):
                mouth.next()
                return self._counters.get(token[3:])
            if token[0] == "\\":
                if token in ("\\fi", "\\else", PAR):
                    return 0
                mouth.next()
                if not self._expand(token, mouth):
                    return 0
                continue
            match = _NUMBER.match(token)
            if match is None:
                return 0
            mouth.next()
            rest = token[match.end() :]
            if rest:
                mouth.push([rest])
            elif (following := mouth.next()) is not None and following != SPACE:
                mouth.push([following])
            return int(match[0])
        return 0

    def _condition(self, tokens: list[str], mouth: Mouth) -> bool:
        r"""The condition of ``\ifthenelse``: equal, boolean, isundefined, a comparison; the first of several counts."""
        inner = Mouth(mouth.budget, tokens=tokens)
        if inner.peek() in ("\\not", "\\NOT"):
            inner.next()
            return not self._plain_condition(inner, mouth)
        return self._plain_condition(inner, mouth)

    def _plain_condition(self, inner: Mouth, mouth: Mouth) -> bool:
        first = inner.peek()
        if first == "\\equal":
            inner.next()
            return self._flat(inner.argument(), mouth) == self._flat(inner.argument(), mouth)
        if first == "\\boolean":
            inner.next()
            return self._macros.flags.get(source(inner.argument()), False)
        if first == "\\isundefined":
            inner.next()
            return not self._defined("".join(inner.argument()))
        if first == "\\isodd":
            inner.next()
            return self.number_of(inner.argument(), mouth) % 2 == 1
        return self._compare(inner)

    def _flat(self, tokens: list[str], mouth: Mouth) -> str:
        inner = Mouth(mouth.budget, tokens=tokens)
        parts: list[str] = []
        while (token := inner.next()) is not None:
            if token[0] != "\\" or not self._expand(token, inner):
                parts.append(token)
        return "".join(parts).strip()
