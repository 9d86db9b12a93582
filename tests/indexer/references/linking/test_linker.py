from __future__ import annotations

from collections.abc import Sequence

import pytest

from core.records import Author, Reference
from indexer.references.linking import Link, Linker, make_linker


def entry(
    index: int, names: Sequence[str] = (), year: int | None = None, *, label: str = "", letter: str = ""
) -> Reference:
    raw = f"{', '.join(names)} ({year}{letter}). Title {index}."
    return Reference(
        index=index, raw=raw, page=1, label=label, year=year, authors=tuple(Author(family=name) for name in names)
    )


def numbered(count: int) -> list[Reference]:
    return [entry(index, label=str(index + 1)) for index in range(count)]


def find(linker: Linker, text: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(text[link.start : link.end], link.reference_indices) for link in linker.find(text)]


NUMERIC = make_linker(numbered(9), texts=[("As in [1].", ())])
AUTHORS = make_linker(
    [
        entry(0, ["Knuth"], 1984),
        entry(1, ["Lamport", "Shostak"], 1982, letter="a"),
        entry(2, ["Lamport", "Shostak"], 1982, letter="b"),
        entry(3, ["Taylor", "Kardas", "Scialom"], 2022),
        entry(4, ["Taylor"], 2022),
        entry(5, ["van der Berg", "Doe"], 2001),
        entry(6, ["Doe"], 2020),
        entry(7, ["Doe"], 2020),
        entry(8, ["R Core Team"], 2018),
        entry(9, ["Du"], 2009),
    ],
    texts=[("As in (Knuth, 1984).", ())],
)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("We follow [1].", [("[1]", (0,))]),
        ("We follow [1, 3–5].", [("[1, 3–5]", (0, 2, 3, 4))]),
        ("We follow [2-4; 7].", [("[2-4; 7]", (1, 2, 3, 6))]),
        ("We follow [1], [2].", [("[1], [2]", (0, 1))]),
        ("We follow [1]–[3].", [("[1]–[3]", (0, 1, 2))]),
        ("See [3, Theorem 2] there.", [("[3, Theorem 2]", (2,))]),
        ("See [3, p. 12] there.", [("[3, p. 12]", (2,))]),
        ("The interval [0, 1] and entry [10].", []),
        ("A range that runs backwards [5-2].", []),
        ("An array a[i] and a year [2020].", []),
    ],
)
def test_numbers(text: str, links: list[tuple[str, tuple[int, ...]]]) -> None:
    assert find(NUMERIC, text) == links


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("It is read (Knuth, 1984).", [("(Knuth, 1984)", (0,))]),
        ("It is read [Knuth, 1984].", [("[Knuth, 1984]", (0,))]),
        ("Knuth (1984) reads.", [("Knuth (1984)", (0,))]),
        ("Knuth’s (1984) reading.", [("Knuth’s (1984)", (0,))]),
        ("In Knuth (1984) one reads.", [("Knuth (1984)", (0,))]),
        ("Both (Lamport & Shostak, 1982a, 1982b).", [("(Lamport & Shostak, 1982a, 1982b)", (1, 2))]),
        ("Both (Lamport & Shostak, 1982a,b).", [("(Lamport & Shostak, 1982a,b)", (1, 2))]),
        ("Many (see, e.g., Knuth, 1984; Lamport and Shostak, 1982a).", [
            ("(see, e.g., Knuth, 1984; Lamport and Shostak, 1982a)", (0, 1))
        ]),
        ("Commas (Knuth 1984, Du et al. 2009).", [("(Knuth 1984, Du et al. 2009)", (0, 9))]),
        ("Many hands (Taylor et al., 2022).", [("(Taylor et al., 2022)", (3,))]),
        ("One hand (Taylor, 2022).", [("(Taylor, 2022)", (4,))]),
        ("Particles (van der Berg and Doe, 2001).", [("(van der Berg and Doe, 2001)", (5,))]),
        ("A body (R Core Team, 2018).", [("(R Core Team, 2018)", (8,))]),
        ("Nobody (Nobody, 1984), and a year (1984).", []),
        ("A remark (Figure 3, Section 1984).", []),
    ],
)  # fmt: skip
def test_authors_and_years(text: str, links: list[tuple[str, tuple[int, ...]]]) -> None:
    assert find(AUTHORS, text) == links


def test_what_cannot_be_told_apart_is_ambiguous() -> None:
    assert AUTHORS.find("Twice (Doe, 2020).") == [Link(6, 17, (6, 7), True)]
    assert not AUTHORS.find("Once (Knuth, 1984).")[0].ambiguous


def test_superscripts_but_not_exponents() -> None:
    linker = make_linker(numbered(5), texts=[("Batteries¹ work²,³ well⁴.", ((9, 10), (15, 18), (23, 24)))])
    assert linker.style == "superscript"
    text = "Batteries² of 5 m³ hold 10⁴ and x² joules²⁻⁴."
    raised = [(index, index + 1) for index, char in enumerate(text[:36]) if char in "²³⁴"] + [(41, 44)]
    assert find_raised(linker, text, raised) == [("²", (1,)), ("²⁻⁴", (1, 2, 3))]


def find_raised(linker: Linker, text: str, raised: Sequence[tuple[int, int]]) -> list[tuple[str, tuple[int, ...]]]:
    return [(text[link.start : link.end], link.reference_indices) for link in linker.find(text, raised)]


def test_labels() -> None:
    references = [entry(0, label="Knu84"), entry(1, label="LS82"), entry(2, label="TKC+22")]
    linker = make_linker(references, texts=[("As in [Knu84].", ())])
    assert find(linker, "So [Knu84, TKC+22] and [LS82], not [XYZ99].") == [
        ("[Knu84, TKC+22]", (0, 2)),
        ("[LS82]", (1,)),
    ]


def test_numbers_in_parentheses_when_nothing_else_is_cited() -> None:
    texts = [("It is known (1) and (2, 3), as (4).", ())]
    assert make_linker(numbered(4), texts=texts).style == "parenthesis"
    assert make_linker(numbered(4), texts=[*texts, ("Here [1], [2], [3].", ())]).style == "bracket"


def test_equation_numbers_do_not_beat_brackets() -> None:
    texts = [("By (1) and (2) we see [1] and [2].", ())]
    assert make_linker(numbered(2), texts=texts).style == "bracket"


def test_superior_figures_of_the_font() -> None:
    """Some typesetters raise digits by a glyph of its own: the file then holds plain digits behind the word."""
    text = "Programs are read.1 Generals agree2,3 but BM25 and GPT4 are models, and so is word2vec."
    linker = make_linker(numbered(4), texts=[(text, ())])
    assert linker.style == "glued"
    assert find(linker, text) == [("1", (0,)), ("2,3", (1, 2))]


def test_hostile_text_is_quick() -> None:
    for text in (
        "(" * 5_000,
        "[1, " * 5_000,
        "Aa " * 5_000 + "(2020",
        "(Aa, 2020; " * 2_000,
        "Smith, " * 4_000 + "(1999)",
    ):
        AUTHORS.find(text)
        NUMERIC.find(text)
