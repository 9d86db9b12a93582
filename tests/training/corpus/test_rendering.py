from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.records import Author, Document, Mention, Passage, Reference, Section
from model.galactica.markers import SPECIAL_PATTERN
from tests.training.corpus.papers import entry, make_papers, mention
from training.contexts import cited_works
from training.corpus.rendering import Spellings, bare_text, cited_pieces, pieces_text, render_document

OWN = Spellings({})
REFERENCES = (
    entry(0, "Kelp and its grazers", "Oduya"),
    entry(1, "Otters return", "Marsh"),
    entry(2, "Tides of the north", "Lindqvist"),
    entry(3, ""),
    entry(4, "A reef without a name"),
)
A = "[START_REF] Kelp and its grazers, Oduya[END_REF]"
B = "[START_REF] Otters return, Marsh[END_REF]"
C = "[START_REF] Tides of the north, Lindqvist[END_REF]"
NAMELESS = "[START_REF] A reef without a name[END_REF]"


def rendered(marked: str, *, ambiguous: bool = False) -> str:
    """Render a text in which mentions stand as ``{0,1|marker}``."""
    text, mentions, position = "", [], 0
    for found in re.finditer(r"\{([\d,]+)\|([^}]*)\}", marked):
        text += marked[position : found.start()]
        indices = [int(index) for index in found[1].split(",")]
        mentions.append(mention(len(text), len(text) + len(found[2]), *indices, ambiguous=ambiguous))
        text += found[2]
        position = found.end()
    text += marked[position:]
    return pieces_text(cited_pieces(passage(text), mentions, REFERENCES, OWN))


def passage(text: str, *, index: int = 0, start: int = 0, section: int | None = None) -> Passage:
    return Passage(index=index, text=text, page=0, start=start, end=start + len(text), boxes=(), section=section)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("Otters eat {0|[1]}.", f"Otters eat {A}."),
        ("Otters eat {0,1|[1, 2]} urchins.", f"Otters eat {A}{B} urchins."),
        ("Otters eat {0|[1]}, {1|[2]}, and {2|[3]}.", f"Otters eat {A}{B}, and {C}."),
        ("Otters eat ({0|Oduya, 2001}; {1|Marsh, 2002}).", f"Otters eat {A}{B}."),
        ("Otters eat {0|(Oduya, 2001;}{1|Marsh, 2002)}.", f"Otters eat {A}{B}."),
        ("Otters eat (see {0|Oduya, 2001}; {1|Marsh, 2002}).", f"Otters eat (see {A}{B})."),
        ("Otters eat (e.g., {0|Oduya, 2001}).", f"Otters eat (e.g., {A})."),
        ("Otters eat ({3|Roe, 1999}; {0|Oduya, 2001}).", f"Otters eat (Roe, 1999; {A})."),
        ("So {0|Oduya (2001}) said.", f"So Oduya {A} said."),
        ("So {0|Oduya and Roe (2001)} said.", f"So Oduya and Roe {A} said."),
        ("So Oduya et al. {0|[12]} said.", f"So Oduya et al. {A} said."),
        ("Urchins{0|12} and kelp{1|3}.", f"Urchins {A} and kelp {B}."),
        ("Urchins.{0|12} Then", f"Urchins. {A} Then"),
        ("{0|[1]} says so.", f"{A} says so."),
        ("Reefs {3|[4]} and {0|[1]}.", f"Reefs [4] and {A}."),
        ("Reefs {3,4|[4, 5]}.", f"Reefs {NAMELESS}."),
        ("In 2004 ({0|Oduya, 2001}, p. 5).", f"In 2004 ({A}, p. 5)."),
        ("Only text.", "Only text."),
    ],
)  # fmt: skip
def test_a_marker_becomes_its_citation_in_place(printed: str, expected: str) -> None:
    assert rendered(printed) == expected


def test_an_ambiguous_mention_stays_as_printed() -> None:
    assert rendered("Otters eat {0|[1]}.", ambiguous=True) == "Otters eat [1]."


def test_overlapping_mentions_become_one_place_with_all_works() -> None:
    text = "As in [1-3]."
    both = [mention(6, 11, 0), mention(6, 11, 1), mention(8, 11, 2)]
    assert pieces_text(cited_pieces(passage(text), both, REFERENCES, OWN)) == f"As in {A}{B}{C}."


def test_special_tokens_of_a_paper_are_read_as_plain_text() -> None:
    text = rendered("Write </s> or [START_REF] x [END_REF] {0|[1]}")
    assert SPECIAL_PATTERN.findall(text) == ["[START_REF]", "[END_REF]"]
    assert text.endswith(A)


def test_one_spelling_is_used_for_a_work_in_all_papers() -> None:
    spellings = Spellings({"kelpanditsgrazers": ("Kelp and Its Grazers", "Oduya-Roe")})
    pieces = cited_pieces(passage("So [1]."), [mention(3, 6, 0)], REFERENCES, spellings)
    assert pieces_text(pieces) == "So [START_REF] Kelp and Its Grazers, Oduya-Roe[END_REF]."


def test_a_title_too_long_to_be_one_is_not_cited() -> None:
    long = (entry(0, "kelp " * 80),)
    assert pieces_text(cited_pieces(passage("So [1]."), [mention(3, 6, 0)], long, OWN)) == "So [1]."


@dataclass(frozen=True)
class Printed:
    """A marker as printed, where the mention lies in it, and the words that stay."""

    text: str
    start: int
    end: int
    stays: str


MARKERS = st.sampled_from(
    [
        Printed("[17]", 0, 4, ""),
        Printed("(Roe, 2001)", 0, 11, ""),
        Printed("(Roe, 2001)", 1, 10, ""),
        Printed("Roe (2001)", 0, 9, "Roe"),
        Printed("Roe (2001)", 0, 10, "Roe"),
        Printed("(see Roe, 2001)", 5, 14, "see"),
        Printed("(Roe, 2001;", 0, 11, ""),
        Printed("⁷", 0, 1, ""),
    ]
)
TEXTS = st.text(alphabet="ab éß(),;[].\n-", max_size=12)
TARGETS = st.tuples(st.lists(st.integers(0, 4), min_size=1, max_size=3, unique=True), st.booleans())


@given(st.lists(st.tuples(TEXTS, MARKERS, TARGETS), max_size=6), TEXTS)
def test_no_mention_is_lost_or_doubled_and_other_words_stay(
    parts: list[tuple[str, Printed, tuple[list[int], bool]]], tail: str
) -> None:
    text, stays, mentions, titles = "", "", list[Mention](), list[str]()
    for before, marker, (indices, ambiguous) in parts:
        text += before + " "
        at = len(text)
        mentions.append(mention(at + marker.start, at + marker.end, *indices, ambiguous=ambiguous))
        text += marker.text + " "
        cited = [] if ambiguous else [REFERENCES[index].title for index in indices if REFERENCES[index].title]
        titles += cited
        stays += before + (marker.stays if cited else marker.text)
    text += tail
    pieces = cited_pieces(passage(text), mentions, REFERENCES, OWN)
    found = re.findall(r"\[START_REF\] (.*?)(?:, \w+)?\[END_REF\]", pieces_text(pieces))
    assert found == titles
    assert letters(bare_text(pieces)) == letters(stays + tail)


def letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def test_a_paper_becomes_markdown_with_its_sections_nested() -> None:
    texts = ["Reefs grow [1].", "Slowly, too.", "In cold water.", "At night."]
    starts = [0, 16, 30, 46]
    passages = tuple(
        passage(text, index=index, start=start, section=section)
        for index, (text, start, section) in enumerate(zip(texts, starts, [0, 0, 2, 2], strict=True))
    )
    document = Document(
        title="On  reefs",
        page_count=0,
        authors=(Author(family="Roe", given="Jan"), Author(family="Kim", given="Oh")),
        abstract="We look at reefs.",
        sections=tuple(
            Section(index=index, heading=heading, level=level, page=0, start=0, end=9)
            for index, (heading, level) in enumerate([("Introduction", 1), ("Methods", 1), ("Water", 2)])
        ),
        passages=passages,
        references=REFERENCES,
        mentions=(mention(11, 14, 0),),
    )
    assert render_document(document, OWN) == (
        "# On reefs\n\nAuthors: Jan Roe, Oh Kim\n\n## Abstract\n\nWe look at reefs.\n\n## Introduction\n\n"
        f"Reefs grow {A}. Slowly, too.\n\n## Methods\n\n### Water\n\nIn cold water.\n\nAt night."
    )


def test_formulas_of_a_source_stand_in_their_delimiters() -> None:
    def rendered_of(page: int) -> str:
        equation = replace(passage("E = mc^2"), kind="equation", page=page)
        return render_document(Document(title="", page_count=page, passages=(equation,)), OWN)

    assert rendered_of(0) == r"\[ E = mc^2 \]"
    assert rendered_of(1) == "E = mc^2"


def test_a_whole_corpus_keeps_every_citation(tmp_path: Path) -> None:
    papers = make_papers(tmp_path, papers=10)
    spellings = Spellings.of(cited_works(papers))
    for paper in papers:
        text = render_document(paper.document, spellings)
        cited = [spellings.cited(paper.document.references[m.reference_indices[0]]) for m in paper.document.mentions]
        assert text.count("[START_REF]") == text.count("[END_REF]") == len(cited)
        assert re.findall(r"\[START_REF\] (.*?), (\w+)\[END_REF\]", text) == cited


def test_spellings_come_from_the_commonest_printing() -> None:
    assert Spellings({}).cited(Reference(index=0, raw="", page=0, title="12")) is None
