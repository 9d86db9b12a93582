"""Counters of sections, equations, floats and theorems, and how their values are printed."""

from __future__ import annotations

_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
          (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_SYMBOLS = ("", "*", "†", "‡", "§", "¶", "‖", "**", "††", "‡‡")
_MAX_VALUE = 100_000
_MAX_COUNTERS = 2_000
_SECTIONS = ("part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph")


class Counters:
    """The counters of one document.

    At first they are those of an article; ``use_chapters`` makes them a book's.
    """

    def __init__(self) -> None:
        self._values: dict[str, int] = {}
        self._resets: dict[str, set[str]] = {}
        self._forms: dict[str, str] = {}
        self.has_chapters = False
        self.new("part")
        self._forms["part"] = "\\Roman{part}"
        for outer, name in zip(("", *_SECTIONS[2:]), _SECTIONS[2:], strict=False):
            self.new(name, outer)
        for name in ("figure", "table", "equation", "algorithm", "footnote", "subfigure", "subtable", "listing"):
            self.new(name)
        for name in ("enumi", "enumii", "enumiii", "enumiv", "parentequation", "secnumdepth", "tocdepth", "page"):
            self.new(name)
        for name, form in (("enumii", "alph"), ("enumiii", "roman"), ("enumiv", "Alph")):
            self._forms[name] = f"\\{form}{{{name}}}"
        self._values["secnumdepth"] = 3

    def use_chapters(self) -> None:
        """Count sections, equations and floats by chapter, as books and reports do."""
        self.has_chapters = True
        self.new("chapter")
        for name in ("section", "figure", "table", "equation"):
            self.within(name, "chapter")
        self._values["secnumdepth"] = 2

    def has(self, name: str) -> bool:
        """True for a counter that exists."""
        return name in self._values

    def get(self, name: str) -> int:
        """A counter's value; 0 for one that does not exist."""
        return self._values.get(name, 0)

    def new(self, name: str, outer: str = "") -> None:
        """Make a counter, counted anew within ``outer``."""
        if name and len(self._values) < _MAX_COUNTERS:
            self._values.setdefault(name, 0)
            self._forms.setdefault(name, f"\\arabic{{{name}}}")
            if outer:
                self.within(name, outer)

    def within(self, name: str, outer: str) -> None:
        """Count anew, and print the outer number before, as ``2.1``."""
        self.reset_with(name, outer)
        self._forms[name] = f"\\the{outer}.\\arabic{{{name}}}" if outer in self._values else f"\\arabic{{{name}}}"

    def reset_with(self, name: str, outer: str) -> None:
        """Count anew when ``outer`` steps."""
        if name != outer:
            self._resets.setdefault(outer, set()).add(name)

    def set(self, name: str, value: int) -> None:
        """Give a value."""
        if name in self._values:
            self._values[name] = max(-_MAX_VALUE, min(_MAX_VALUE, value))

    def set_form(self, name: str, form: str) -> None:
        r"""Print a counter by another source, such as ``\Alph{section}``."""
        self._forms[name] = form

    def step(self, name: str) -> None:
        """Add one and begin anew what is counted within."""
        self.set(name, self.get(name) + 1)
        pending, seen = [name], {name}
        while pending:
            for inner in self._resets.get(pending.pop(), ()):
                if inner not in seen:
                    seen.add(inner)
                    pending.append(inner)
                    self.set(inner, 0)

    def default(self, name: str) -> str:
        r"""The source that prints a counter when the document defines no ``\thename``."""
        return self._forms.get(name, "")

    def format(self, name: str, form: str) -> str:
        """A counter's value as arabic, roman, Roman, alph, Alph or fnsymbol."""
        value = self.get(name)
        if form in ("roman", "Roman"):
            return roman(value) if form == "roman" else roman(value).upper()
        if form in ("alph", "Alph"):
            letter = chr(ord("a") + value - 1) if 1 <= value <= 26 else ""
            return letter if form == "alph" else letter.upper()
        if form == "fnsymbol":
            return _SYMBOLS[value] if 0 <= value < len(_SYMBOLS) else str(value)
        return str(value)


def roman(value: int) -> str:
    """A number in lower-case Roman numerals; empty below 1."""
    if not 0 < value < 5_000:
        return ""
    text = ""
    for size, letters in _ROMAN:
        count, value = divmod(value, size)
        text += letters * count
    return text
