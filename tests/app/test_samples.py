"""The sample papers: readable, described, cross-cited, reproducible, and answering the questions asked of them."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import TypedDict

import pymupdf
import pytest

from app.samples import FOLDER, sample_pdfs
from app.samples.build import NAMES, PAPERS, SOURCES, build
from core.text import title_key
from indexer.config import ParserLimits
from indexer.pdf.parser import parse_pdf

ENTRY = re.compile(r"^@\w+\{([^,\s]+),(.*?)^\}", re.MULTILINE | re.DOTALL)
FIELD = re.compile(r"(\w+) = \{(.*?)\}(?=,\s*\w+ = |,?\s*$)", re.DOTALL)
REFERENCES = re.compile(r"^references$", re.IGNORECASE | re.MULTILINE)
MARK = "[?]"


class Question(TypedDict):
    """A record of questions.json."""

    question: str
    paper: str
    page: int
    phrase: str


def page_texts(path: Path) -> list[str]:
    """The text of each page, columns in reading order."""
    with pymupdf.open(path) as pdf:
        return [page.get_text() for page in pdf]


def flat(text: str) -> str:
    """Text without ligatures, line breaks and the hyphens at line ends."""
    joined = re.sub(r"(?<=\w)-\n(?=[a-z])", "", unicodedata.normalize("NFKC", text))
    return " ".join(joined.replace("\N{SOFT HYPHEN}", "").split())


def source_title(name: str) -> str:
    """The title in a source; an empty string fails the tests that use it."""
    match = re.search(r'^#let title = "(.+)"$', (SOURCES / f"{name}.typ").read_text("utf-8"), re.MULTILINE)
    return match[1] if match else ""


def bibliography() -> dict[str, dict[str, str]]:
    """Fields of refs.bib by key, outer braces removed."""
    text = (SOURCES / "refs.bib").read_text("utf-8")
    return {
        key: {field: value.strip("{}") for field, value in FIELD.findall(body.strip())}
        for key, body in ENTRY.findall(text)
    }


def questions() -> list[Question]:
    records: list[Question] = json.loads((FOLDER / "questions.json").read_text("utf-8"))
    return records


def test_the_library_is_complete_and_small() -> None:
    paths = sample_pdfs()
    assert {path.stem for path in paths} == set(NAMES)
    assert sum(path.stat().st_size for path in paths) < 1_500_000


@pytest.mark.parametrize("name", NAMES)
def test_each_page_has_text_and_the_metadata_is_set(name: str) -> None:
    with pymupdf.open(PAPERS / f"{name}.pdf") as pdf:
        assert 2 <= pdf.page_count <= 4
        assert all(len(page.get_text()) > 400 for page in pdf)
        metadata = pdf.metadata
        first_page = pdf[0].get_text()
    assert metadata["title"] == source_title(name) != ""
    assert "Galacite" in metadata["author"]
    assert len(metadata["keywords"].split(",")) >= 3
    assert metadata["creationDate"].startswith("D:2026")
    assert title_key(metadata["title"]) in title_key(first_page)


@pytest.mark.parametrize("name", NAMES)
def test_each_paper_cites_two_others_and_eight_published_works(name: str) -> None:
    text = "\n".join(page_texts(PAPERS / f"{name}.pdf"))
    heading = list(REFERENCES.finditer(text))
    assert len(heading) == 1
    listed = title_key(flat(text[heading[0].end() :]))
    siblings = [other for other in NAMES if other != name and title_key(source_title(other)) in listed]
    works = [key for key, fields in bibliography().items() if title_key(fields["title"]) in listed]
    assert len(siblings) >= 2
    assert len(works) - len(siblings) >= 8


def test_the_papers_use_different_citation_styles() -> None:
    styles = [
        re.findall(r'bibliography\("refs.bib", style: "([^"]+)"', (SOURCES / f"{name}.typ").read_text("utf-8"))
        for name in NAMES
    ]
    assert all(len(style) == 1 for style in styles)
    assert len({style[0] for style in styles}) == len(NAMES)


def test_one_paper_prints_other_page_numbers_than_it_counts() -> None:
    texts = page_texts(PAPERS / "recommendation.pdf")
    assert "101" in texts[0]
    assert "102" in texts[1]
    with pymupdf.open(PAPERS / "recommendation.pdf") as pdf:
        labels = [page.get_label() for page in pdf]
    assert [re.sub(r"\D", "", label) for label in labels] == ["101", "102"]


def test_every_reference_is_described_and_used() -> None:
    sources = "".join((SOURCES / f"{name}.typ").read_text("utf-8") for name in NAMES)
    entries = bibliography()
    assert len(entries) > 100
    for key, fields in entries.items():
        assert fields.get("author"), key
        assert fields.get("title"), key
        assert re.fullmatch(r"(19|20)\d\d", fields.get("year", "")), key
        assert {"journal", "booktitle", "publisher"} & fields.keys(), key
        assert re.fullmatch(r"10\.\d{4,9}/\S+", fields.get("doi", "10.1000/none")), key
        assert re.search(rf"[@<]{key}\b", sources), f"{key} is cited nowhere"
    titles = [title_key(fields["title"]) for fields in entries.values()]
    assert len(titles) == len(set(titles))


def test_the_bibliography_knows_the_samples_by_their_titles() -> None:
    titles = {fields["title"] for fields in bibliography().values()}
    assert {source_title(name) for name in NAMES} <= titles


def test_the_questions_are_twelve_and_cover_all_papers() -> None:
    records = questions()
    assert len(records) == 12
    assert len({record["question"] for record in records}) == 12
    assert {record["paper"] for record in records} == {f"{name}.pdf" for name in NAMES}


@pytest.mark.parametrize("record", questions(), ids=lambda record: f"{record['paper']}:{record['page']}")
def test_the_page_named_answers_the_question(record: Question) -> None:
    pages = [flat(text) for text in page_texts(PAPERS / record["paper"])]
    holding = [number for number, text in enumerate(pages, start=1) if record["phrase"] in text]
    assert holding == [record["page"]]
    assert record["question"].endswith("?")


def test_the_draft_has_places_that_need_a_citation() -> None:
    draft = (FOLDER / "draft.md").read_text("utf-8")
    assert 250 <= len(draft.split()) <= 400
    assert draft.count(MARK) >= 10


def test_building_gives_the_committed_text_and_the_same_bytes_twice(tmp_path: Path) -> None:
    built = build(tmp_path / "one")
    again = build(tmp_path / "two")
    assert [path.read_bytes() for path in built] == [path.read_bytes() for path in again]
    for path in built:
        assert page_texts(path) == page_texts(PAPERS / path.name), f"{path.name}: run python -m app.samples.build"


def test_the_labels_of_the_list_are_closed_and_differ() -> None:
    text = "\n".join(page_texts(PAPERS / "parsing.pdf"))
    body, listed = REFERENCES.split(text)
    labels = re.findall(r"^\[([^\]\s]+)\]", listed, re.MULTILINE)
    assert {"Gal26a", "Gal26b", "LMP01"} <= set(labels)
    assert len(labels) == len(set(labels))
    assert all(label in body for label in labels)


def test_the_parser_reads_authors_year_and_printed_pages_of_every_sample() -> None:
    documents = {path.name: parse_pdf(path, limits=ParserLimits()) for path in sample_pdfs()}
    assert documents["recommendation.pdf"].page_labels == ("101", "102")
    for name, document in documents.items():
        assert document.year == 2026, name
        assert document.authors, name
        assert all(author.family.endswith("Group") and not author.given for author in document.authors), name
        assert len(document.mentions) >= 10, name


def test_an_abstract_run_in_with_its_heading_is_whole_and_captions_are_no_sections() -> None:
    documents = {path.name: parse_pdf(path, limits=ParserLimits()) for path in sample_pdfs()}
    assert documents["answers.pdf"].abstract.startswith("An answer about the literature")
    headings = [section.heading for document in documents.values() for section in document.sections]
    assert not [heading for heading in headings if heading.startswith(("Figure", "Table"))]
