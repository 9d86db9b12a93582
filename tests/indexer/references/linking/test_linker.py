from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

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


PEOPLE = [
    entry(0, ["García Márquez", "de la Cruz"], 2019),
    entry(1, ["World Health Organization"], 2021),
    entry(2, ["Smith", "Doe"], 2012, letter="a"),
    entry(3, ["Smith", "Doe"], 2012, letter="b"),
    entry(4, ["Smith"], 2012),
    entry(5, ["O'Neill", "Øvergård", "Lefèvre"], 2014),
    entry(6, ["Bjelland", "Haug"], 2002),
    entry(7, ["Knuth"], None),
]
NAMED = make_linker(PEOPLE, texts=[("As in (Smith, 2012).", ())])


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("So (García Márquez & de la Cruz, 2019).", [("(García Márquez & de la Cruz, 2019)", (0,))]),
        ("So (World Health Organization [WHO], 2021).", [("(World Health Organization [WHO], 2021)", (1,))]),
        ("So (WHO, 2021).", [("(WHO, 2021)", (1,))]),
        ("By the World Health Organization (2021).", [("World Health Organization (2021)", (1,))]),
        ("Smith and Doe’s (2012b) view.", [("Smith and Doe’s (2012b)", (3,))]),
        ("(J Smith, Doe 2012a; Bjelland et al. 2002)", [("(J Smith, Doe 2012a; Bjelland et al. 2002)", (2, 6))]),
        ("(O’Neill, Øvergård, and Lefèvre 2014, p. 1999)", [("(O’Neill, Øvergård, and Lefèvre 2014, p. 1999)", (5,))]),
        ("(O’Neill et al.; 2014; Smith; 2012)", [("(O’Neill et al.; 2014; Smith; 2012)", (5, 4))]),
        ("(see e.g. Smith, 2012, pp. 12–15)", [("(see e.g. Smith, 2012, pp. 12–15)", (4,))]),
        ("(Smith u. Doe, 2012b; Smith und andere, 2012)", [("(Smith u. Doe, 2012b; Smith und andere, 2012)", (3, 4))]),
        ("As Bjelland and Haug 2002 have it.", [("Bjelland and Haug 2002", (6,))]),
        ("(Knuth, n.d.)", [("(Knuth, n.d.)", (7,))]),
        ("(Jones and Smith, 2012)", []),
        ("In Berlin (2012) and March (2021).", []),
    ],
)  # fmt: skip
def test_names_of_every_kind(text: str, links: list[tuple[str, tuple[int, ...]]]) -> None:
    assert find(NAMED, text) == links


def test_an_entry_that_was_read_wrongly_is_found_by_its_words() -> None:
    wrong = Reference(index=0, raw="Tadmor, B. and Doe, A. A book, Journal, 2012.", page=1, year=2012)
    named = Reference(index=1, raw="Kwok, S. Another book, 2013.", page=1, year=1913, authors=(Author(family="Book"),))
    linker = make_linker([wrong, named], texts=[("As in (Tadmor and Doe, 2012).", ())])
    assert find(linker, "By Tadmor and Doe (2012) and (Kwok, 2013).") == [
        ("Tadmor and Doe (2012)", (0,)),
        ("(Kwok, 2013)", (1,)),
    ]


def test_a_dash_repeats_the_authors_before() -> None:
    first = entry(0, ["Knuth"], 1984)
    again = Reference(index=1, raw="———. (1986). Another title.", page=1, year=1986)
    linker = make_linker([first, again], texts=[("As in (Knuth, 1984).", ())])
    assert find(linker, "So Knuth (1986).") == [("Knuth (1986)", (1,))]


def test_years_with_their_letter_in_the_label() -> None:
    references = [
        Reference(index=index, raw=f"Doe, A.: Title {index}. 2012", page=1, year=2012, label=f"Doe 2012{letter}",
                  authors=(Author(family="Doe"),))
        for index, letter in enumerate("ab")
    ]  # fmt: skip
    linker = make_linker(references, texts=[("As in (Doe, 2012b).", ())])
    assert find(linker, "So (Doe, 2012b).") == [("(Doe, 2012b)", (1,))]


def test_chapters_cite_from_their_own_lists() -> None:
    references = [
        Reference(index=index, raw=f"Title {index}. 2012.", page=page, label=label)
        for index, (page, label) in enumerate([(3, "1"), (3, "2"), (8, "1"), (8, "2")])
    ]
    linker = make_linker(references, texts=[("As in [1].", ())])
    assert [linker.find("So [2].", page=page)[0].reference_indices for page in (1, 3, 4, 8, 9)] == [
        (1,), (1,), (3,), (3,), (3,)
    ]  # fmt: skip
    assert linker.find("So [1].")[0].reference_indices == (0,)


def test_marks_of_notes_that_cite() -> None:
    references = [
        Reference(index=0, raw="Doe, A. “Sampling without any tears.” 2012.", page=9, year=2012,
                  title="Sampling without any tears", authors=(Author(family="Doe"),)),
        Reference(index=1, raw="Roe, B. Another book. 2013.", page=9, year=2013, title="Another book",
                  authors=(Author(family="Roe"),)),
    ]  # fmt: skip
    texts = [
        ("It is known.¹ It is so.² And more.³", ((12, 13), (23, 24), (34, 35))),
        ("¹A. Doe, “Sampling without any tears,” 2012, p. 3.", ((0, 1),)),
        ("²Roe 2013.", ((0, 1),)),
        ("³A remark.", ((0, 1),)),
    ]
    linker = make_linker(references, texts=texts)
    assert linker.style == "note"
    assert find_raised(linker, *texts[0]) == [("¹", (0,)), ("²", (1,))]


def test_authors_and_titles() -> None:
    references = [
        Reference(index=index, raw=f"{name}, A. “{title}.” Journal, 2012.", page=9, year=2012, title=title,
                  authors=(Author(family=name),))
        for index, (name, title) in enumerate(
            [("Doe", "Sampling with tears"), ("Doe", "Sampling without tears"), ("Roe", "Waves"), ("Poe", "Tales")]
        )
    ]  # fmt: skip
    texts = [("So (Doe, “Sampling with tears” 12), (Roe 45) and (Poe 3).", ())] * 2
    linker = make_linker(references, texts=texts)
    assert linker.style == "author-title"
    assert find(linker, texts[0][0]) == [
        ("(Doe, “Sampling with tears” 12)", (0,)),
        ("(Roe 45)", (2,)),
        ("(Poe 3)", (3,)),
    ]
    assert find(linker, "Neither (Doe 12) nor (Figure 3).") == []


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("An array A[3] and x ∈ [1, 5].", []),
        ("As loops[3,4] do.", [("[3,4]", (2, 3))]),
        ("So [see 3, p. 5] and [2 and 4].", [("[see 3, p. 5]", (2,)), ("[2 and 4]", (1, 3))]),
        ("So Smith et al. [3].", [("[3]", (2,))]),
        ("So [4a].", [("[4a]", (3,))]),
    ],
)
def test_brackets_that_cite_and_that_do_not(text: str, links: list[tuple[str, tuple[int, ...]]]) -> None:
    assert find(NUMERIC, text) == links


def test_superscripts_after_years_and_units() -> None:
    linker = make_linker(numbered(5), texts=[("Batteries¹ work²,³ well⁴.", ((9, 10), (15, 18), (23, 24)))])
    text = "In 2019² a volume of 12 cm³ held.³"
    assert find_raised(linker, text, [(7, 8), (26, 27), (33, 34)]) == [("²", (1,)), ("³", (2,))]


def test_long_lists_are_linked_quickly() -> None:
    references = [entry(index, ["Smith", f"Doe{index}"], 1990 + index % 30) for index in range(3_000)]
    started = perf_counter()
    linker = make_linker(references, texts=[("As in (Smith and Doe3, 1993).", ())] * 50)
    linker.find("(Smith, 2012), " * 5_000)
    assert perf_counter() - started < 10


def test_two_citations_joined_by_and_are_two() -> None:
    text = "We refer to Lamport and Shostak (1982a) and Knuth (1984)."
    assert find(AUTHORS, text) == [("Lamport and Shostak (1982a)", (1,)), ("Knuth (1984)", (0,))]
