"""House styles: the choices that BibTeX styles and authors make in printing an entry, drawn at random."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """The choices of one style.

    ``order`` is direct, inverted or first (only the first name inverted); ``given`` full, dotted, glued, bare or
    spaced; ``date`` a pattern after the authors when it begins with ``(``, ``[`` or ``Y`` (``x`` a letter, ``M`` the
    month, ``D`` the day), else where it stands; ``numbers`` has v, i, p, y and m in braces; in ``publisher`` ``P``
    stands for it and ``A`` for its place.
    """

    order: str
    given: str
    comma: str
    separator: str
    last: str
    capitals: bool
    et_al_from: int
    et_al: str
    after_authors: str
    date: str
    quotes: tuple[str, str]
    after_title: str
    no_title: bool
    within: str
    numbers: str
    publisher: str
    identifier: str
    months: bool
    final: str
    backrefs: str
    title_first: bool
    noise: float

    @property
    def dates_early(self) -> bool:
        """True when the date stands between authors and title."""
        return self.date[0] in "([Y"


def draw_style(rng: random.Random) -> Style:
    """A style at random, or at times one of the known ones with some choices left open."""
    drawn = _draw(rng)
    return rng.choice(_KNOWN)(drawn) if rng.random() < 0.45 else drawn


_NAMES = (
    ("direct", "full", "", ", "), ("direct", "full", "", ", "), ("direct", "full", "", ", "),
    ("direct", "dotted", "", ", "), ("direct", "dotted", "", ", "), ("direct", "glued", "", ", "),
    ("direct", "bare", "", ", "), ("direct", "dotted", "", "; "), ("direct", "full", "", " and "),
    ("inverted", "dotted", ", ", ", "), ("inverted", "dotted", ", ", ", "), ("inverted", "dotted", ", ", "; "),
    ("inverted", "glued", ", ", ", "), ("inverted", "glued", " ", ", "), ("inverted", "glued", ",", "; "),
    ("inverted", "bare", " ", ", "), ("inverted", "bare", " ", ", "), ("inverted", "spaced", " ", ", "),
    ("inverted", "full", ", ", "; "), ("inverted", "full", ", ", ", "), ("inverted", "full", ", ", " and "),
    ("inverted", "dotted", ", ", " / "), ("inverted", "dotted", " ", ", "), ("first", "full", ", ", ", "),
    ("first", "dotted", ", ", ", "),
)  # fmt: skip
_LAST = (" and ", ", and ", " and ", ", and ", " & ", ", & ", ", ", "", " et ", " und ")
_ET_AL = (" et al.", ", et al.", ", et al", " and others", ", and others", ", . . .", ", ... ", " et al")
_EARLY = ("(Y)", "(Y).", "(Y):", "Y.", "Y,", "Y", "[Y]", "(Y),", "Yx.", "(Yx).", "Yx", "(Y) -", "(Y, M)", "(Y, M D).")
_LATE = ("end", "end", "end", "end", "paren", "paren", "semi", "end", "end", "none")
_QUOTES = ((("", ""),) * 6 + (("“", "”"), ("“", "”"), ('"', '"'), ("‘", "’"), ("'", "'"), ("``", "''"), ("«", "»"),
           ("„", "“")))  # fmt: skip
_WITHIN = ("In ", "In ", "In: ", "in ", "in: ", "in: ", "", "In Proc. ", "In: Proceedings of ", "In ")
_NUMBERS = (
    "{v}({i}):{p}", ", {v}({i}):{p}", ", {v}({i}), {p}", ", vol. {v}, no. {i}, pp. {p}", " {v} ({i}), {p}", " {v}, {p}",
    " {v} ({y}) {p}", ", {v} ({y}), {p}", ";{v}({i}):{p}", ";{v}:{p}", " {v} {p}", ", volume {v}, pages {p}",
    ", Vol. {v}, No. {i}, pp. {p}", " {v}, {i} ({m} {y}), {p}", ", {v} ({y}), pp. {p}", ". {v}({i}):{p}", ", {v}, {p}",
    " vol. {v}, {p}", " {v}({i}), pp. {p}", ", Bd. {v}, S. {p}", " {v}, no. {i} ({y}): {p}", " {v}/{i}, {p}",
    ", {v}:{p}", " {v}:{i}, {p}", " {v}.{i} ({y}): {p}", ", pp. {p}", ", {v}, {p} ({y})", " {v}, {p} ({y})",
    " ({y}), {v}, {p}",
)  # fmt: skip
_PUBLISHER = ("A, P", "P, A", "A: P", "(P, A)", "P", "P", "(A: P)", "A, P", "P: A", "A")
_IDENTIFIER = ("", "", "", "doi:", "https://doi.org/", "DOI: ", "doi: ", "http://dx.doi.org/", " doi ", "DOI:", "URL")
_BACKREFS = ("",) * 12 + ("(cited on pages {0}, {1})", "(Cited on page {0}.)", "{0}, {1}", "[{0}]", "↑{0}, {1}",
                          "pages {0}, {1}")  # fmt: skip


def _draw(rng: random.Random) -> Style:
    """A style at random; choices that usually go together are drawn together."""
    order, given, comma, separator = rng.choice(_NAMES)
    early = rng.random() < 0.42
    return Style(
        order=order,
        given=given,
        comma=comma,
        separator=separator,
        last=rng.choice(_LAST) or separator,
        capitals=rng.random() < 0.06,
        et_al_from=rng.choice((3, 4, 6, 7, 10, 99, 99, 99)),
        et_al=rng.choice(_ET_AL),
        after_authors=rng.choice((" ", ". ", ", ", " ") if early else (". ", ". ", ". ", ", ", ", ", ": ", " ")),
        date=rng.choice(_EARLY if early else _LATE),
        quotes=rng.choice(_QUOTES),
        after_title=rng.choice((". ", ". ", ". ", ", ", ", ", " ", ": ")),
        no_title=rng.random() < 0.10,
        within=rng.choice(_WITHIN),
        numbers=rng.choice(_NUMBERS),
        publisher=rng.choice(_PUBLISHER),
        identifier=rng.choice(_IDENTIFIER),
        months=rng.random() < 0.25,
        final=rng.choice((".", ".", ".", "", "", ";")),
        backrefs=rng.choice(_BACKREFS),
        title_first=rng.random() < 0.02,
        noise=rng.choice((0.0, 0.0, 0.0, 0.0, 0.02, 0.08)),
    )


_PLAIN = ("", "")
_KNOWN: tuple[Callable[[Style], Style], ...] = (
    # IOP: Doe J et al 2015 Title Class. Quantum Grav. 32 074001
    lambda s: replace(s, order="inverted", given="spaced", comma=" ", last=" and ", et_al=" et al", after_authors=" ",
                      date="Y", quotes=_PLAIN, after_title=" ", within="", numbers=" {v} {p}", publisher="(A: P)"),
    # APS, AIP: J. Doe and B. Roe, Phys. Rev. B 12, 345 (1999).
    lambda s: replace(s, order="direct", given="dotted", separator=", ", after_authors=", ", date="paren",
                      no_title=True, quotes=_PLAIN, after_title=", ", numbers=" {v}, {p}", publisher="(P, A)",
                      within="in "),
    # Elsevier, numbered: J. Doe, B. Roe, Title, J. Comput. Phys. 12 (3) (1999) 45-67.
    lambda s: replace(s, order="direct", given="dotted", separator=", ", last=", ", after_authors=", ", date="paren",
                      quotes=_PLAIN, after_title=", ", numbers=" {v} ({i}) ({y}) {p}", within="in: ",
                      publisher="P, A"),
    # Astronomy: Doe J., Roe B., 1996, ApJ, 35, 1, and Doe, J., & Roe, B. 1996, ApJ, 35, 1
    lambda s: replace(s, order="inverted", given="dotted", comma=" ", separator=", ", last=", ", after_authors=", ",
                      date="Y,", no_title=True, quotes=_PLAIN, numbers=", {v}, {p}", within="in ", final=""),
    lambda s: replace(s, order="inverted", given="dotted", comma=", ", last=", & ", after_authors=" ", date="Y,",
                      no_title=True, quotes=_PLAIN, numbers=", {v}, {p}", within="in ", final="", et_al=", et al."),
    # Machine learning: Jane Doe and Bob Roe. Title. In NeurIPS, 2020, and Doe, J. and Roe, B. Title. In ICML, 2020.
    lambda s: replace(s, order="direct", given="full", separator=", ", after_authors=". ", date="end", quotes=_PLAIN,
                      after_title=". ", within="In ", numbers=", {v}({i}):{p}", publisher="P"),
    lambda s: replace(s, order="inverted", given="dotted", comma=", ", last=", and ", after_authors=" ", date="end",
                      quotes=_PLAIN, after_title=". ", within="In ", numbers=", {v}({i}):{p}", publisher="P"),
    # ACM: Jane Doe and Bob Roe. 1999. Title. Journal 12, 3 (May 1999), 45-67.
    lambda s: replace(s, order="direct", given="full", separator=", ", after_authors=". ", date="Y.", quotes=_PLAIN,
                      after_title=". ", within="In ", numbers=" {v}, {i} ({m} {y}), {p}", publisher="P, A"),
    # LNCS: Doe, J., Roe, B.: Title. Journal 12(3), 45-67 (1999)
    lambda s: replace(s, order="inverted", given="dotted", comma=", ", separator=", ", last=", ", after_authors=": ",
                      date="paren", quotes=_PLAIN, after_title=". ", within="In: ", numbers=" {v}({i}), {p}",
                      publisher="P, A"),
    # SIAM: J. Doe and B. Roe, Title, J. Comput. Phys., 12 (1999), pp. 45-67.
    lambda s: replace(s, order="direct", given="dotted", separator=", ", last=", and ", after_authors=", ", date="end",
                      quotes=_PLAIN, after_title=", ", within="in ", numbers=", {v} ({y}), pp. {p}", publisher="P, A"),
    # High energy physics: J. Doe, Title, JHEP 05 (2016) 123 [arXiv:1601.00001].
    lambda s: replace(s, order="direct", given="glued", separator=", ", after_authors=", ", date="end", quotes=_PLAIN,
                      after_title=", ", within="in ", numbers=" {v} ({y}) {p}", publisher="P, A", identifier="arxiv"),
    # IEEE: J. Doe and B. Roe, “Title,” Journal, vol. 12, no. 3, pp. 45-67, 1999.
    lambda s: replace(s, order="direct", given="dotted", separator=", ", after_authors=", ", date="end",
                      quotes=("“", "”"), after_title=", ", within="in ", numbers=", vol. {v}, no. {i}, pp. {p}",
                      publisher="A: P"),
    # Vancouver: Doe JA, Roe B. Title. J Doc. 2010;12(3):4-9.
    lambda s: replace(s, order="inverted", given="bare", comma=" ", separator=", ", last=", ", after_authors=". ",
                      date="end", quotes=_PLAIN, after_title=". ", within="In: ", numbers=". {y};{v}({i}):{p}",
                      publisher="A: P"),
)  # fmt: skip
