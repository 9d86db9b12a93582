"""Commands that make, set, step and print counters."""

from __future__ import annotations

from collections.abc import Callable

from indexer.latex.counters import Counters
from indexer.latex.macros import plain
from indexer.latex.mouth import Mouth
from indexer.latex.tokens import source

FORMATS = frozenset({"arabic", "roman", "Roman", "alph", "Alph", "fnsymbol"})


class Counting:
    """The commands of one document.

    Args:
        counters: Of the document.
        number_of: The number that tokens spell.
        in_package: True while a package or class is read, whose own counting is not that of the text.
    """

    def __init__(
        self,
        counters: Counters,
        *,
        number_of: Callable[[list[str], Mouth], int],
        in_package: Callable[[], bool],
    ) -> None:
        self._counters = counters
        self._number_of = number_of
        self._in_package = in_package

    def commands(self) -> dict[str, Callable[[Mouth], None]]:
        """The commands by name."""
        return {
            "\\newcounter": self._new,
            "\\setcounter": self._set,
            "\\addtocounter": self._add,
            "\\stepcounter": self._step,
            "\\refstepcounter": self._step,
            "\\numberwithin": self._within,
            "\\counterwithin": self._within,
            "\\@addtoreset": self._reset,
            "\\value": self._printer("arabic"),
            **{f"\\{form}": self._printer(form) for form in FORMATS},
            **{f"\\@{form}": self._printer(form) for form in FORMATS},
        }

    def _new(self, mouth: Mouth) -> None:
        name = source(mouth.argument())
        within = mouth.optional()
        self._counters.new(name, source(within) if within else "")

    def _set(self, mouth: Mouth) -> None:
        name = source(mouth.argument())
        number = self._number_of(mouth.argument(), mouth)
        if not self._in_package() or name == "secnumdepth":
            self._counters.set(name, number)

    def _add(self, mouth: Mouth) -> None:
        name = source(mouth.argument())
        number = self._number_of(mouth.argument(), mouth)
        if not self._in_package():
            self._counters.set(name, self._counters.get(name) + number)

    def _step(self, mouth: Mouth) -> None:
        name = source(mouth.argument())
        if not self._in_package():
            self._counters.step(name)

    def _within(self, mouth: Mouth) -> None:
        mouth.star()
        mouth.optional()
        name, outer = source(mouth.argument()), source(mouth.argument())
        self._counters.within(name, outer)

    def _reset(self, mouth: Mouth) -> None:
        name, outer = source(mouth.argument()), source(mouth.argument())
        if not self._in_package():
            self._counters.reset_with(name, outer)

    def _printer(self, form: str) -> Callable[[Mouth], None]:
        def print_counter(mouth: Mouth) -> None:
            name = source(mouth.argument()).removeprefix("\\c@")
            tokens = list(plain(self._counters.format(name, form)).body)
            if mouth.budget.may_expand(len(tokens)):
                mouth.push(tokens)

        return print_counter
