"""Bibliographies of all formats as they come: with what people and programs do to them."""

from __future__ import annotations

import json

import pytest

from core.errors import UnreadableFile
from core.records import Author
from indexer.bibliographies.reading import read_bibliography
from indexer.bibliographies.records import Bibliography, Record


def read(text: str, name: str = "refs.bib") -> Bibliography:
    return read_bibliography(text.encode(), name)


def one(text: str, name: str = "refs.bib") -> Record:
    found = read(text, name)
    assert found.problems == ()
    [record] = found.records
    return record


def test_bibtex_with_strings_accents_and_inherited_fields() -> None:
    found = read(
        r"""
@string{conf = "Conference on " # {Tests}}
@inproceedings{child, author = {M{\"u}ller, J{\o}rgen and van der Berg, Jr., Jan and {CERN Lab} and others},
  title = "{BERT}: 50\% of \emph{all} $\alpha$-things", crossref = {Parent}, pages = {1--13}, month = 10 # "~" # feb}
@proceedings{parent, title = conf # { 2020}, year = 2020, publisher = {A \& B}, editor = {Roe, Ada}}
"""
    )
    child, parent = found.records
    reference = child.reference
    assert reference.authors == (
        Author(family="Müller", given="Jørgen"),
        Author(family="van der Berg", given="Jan", suffix="Jr."),
        Author(family="CERN Lab"),
    )
    assert reference.title == r"BERT: 50% of all $\alpha$-things"
    assert (reference.venue, reference.year, reference.pages) == ("Conference on Tests 2020", 2020, "1–13")
    assert (child.kind, child.month, child.day) == ("paper-conference", 2, 10)
    assert child.editors == (Author(family="Roe", given="Ada"),)
    assert (parent.key, parent.line, parent.kind) == ("parent", 5, "book")
    assert found.problems == ()


def test_bad_blocks_and_repeated_keys_are_told_by_line_and_the_rest_is_read() -> None:
    found = read(
        "@article{a, title={One}}\n\n@article{b, title={never closed\n@article{c, title={Three}}\n"
        "@misc{A, title={Again}}\n@misc{, title={No key}}\n@misc{d, title={Four}, title={Four again}}\n"
        "@misc{e title={No comma}}\n@misc{f, title={Six}}"
    )
    assert [record.key for record in found.records] == ["a", "c", "d", "f"]
    assert [problem.line for problem in found.problems] == [3, 5, 6, 8]
    assert "line 1" in found.problems[1].message
    assert [record.reference.title for record in found.records] == ["One", "Three", "Four", "Six"]


@pytest.mark.parametrize(
    ("data", "title"),
    [
        ("@misc{a, title={Über}}".encode("utf-8-sig"), "Über"),
        ("@misc{a, title={Über}}".encode("utf-16"), "Über"),
        (b"@misc{a,\r title={A\0B}}\r", "AB"),
    ],
)
def test_encodings(data: bytes, title: str) -> None:
    found = read_bibliography(data, "refs.bib")
    assert [record.reference.title for record in found.records] == [title]
    assert found.problems == ()


def test_what_is_no_utf8_is_read_and_told() -> None:
    found = read_bibliography("@misc{a,\ntitle={Über}}".encode("latin-1"), "refs.bib")
    assert found.records[0].reference.title == "Über"
    assert [(problem.line, "UTF-8" in problem.message) for problem in found.problems] == [(2, True)]


def test_dates_of_all_kinds() -> None:
    dates = {"date = {2017-06-12}": (2017, 6, 12), "year = 2017, month = {June}": (2017, 6, None),
             "year = 2017, month = 6, day = 3": (2017, 6, 3), "month = jun": (None, None, None),
             "date = {2017}": (2017, None, None), "year = {in press}": (None, None, None)}  # fmt: skip
    for field, expected in dates.items():
        record = one(f"@misc{{a, title={{T}}, {field}}}")
        assert (record.reference.year, record.month, record.day) == expected, field


def test_ris_as_publishers_write_it() -> None:
    record = one(
        "\ufeffTY  - JOUR\r\nA1  - Müller, Jörg\r\nAU  - Roe, Ada, Jr.\r\nAU  - CERN\r\nT1  - A title that goes\r\n"
        "on in a second line\r\nJF  - Journal of Tests\r\nY1  - 2017/06/12/\r\nVL  - 3\r\nIS  - 4\r\nSP  - 12-15\r\n"
        "DO  - https://doi.org/10.1000/182\r\nUR  - https://example.org/x\r\nN2  - An abstract.\r\nER  - \r\n\r\n",
        "export.ris",
    )
    reference = record.reference
    assert reference.title == "A title that goes on in a second line"
    assert reference.authors == (
        Author(family="Roe", given="Ada", suffix="Jr."),
        Author(family="CERN"),
        Author(family="Müller", given="Jörg"),
    )
    assert (reference.venue, reference.volume, record.number, reference.pages) == (
        "Journal of Tests",
        "3",
        "4",
        "12–15",
    )
    assert (reference.year, record.month, record.day, reference.doi) == (2017, 6, 12, "10.1000/182")
    assert (record.key, record.abstract, record.kind) == ("roe2017title", "An abstract.", "article-journal")


def test_ris_that_is_broken_is_told_by_line() -> None:
    found = read(
        "stray\nTY  - JOUR\nTI  - One\nTY  - BOOK\nTI  - Two\nER  - \n"
        "TY  - JOUR\nAU  - Nobody\nER  -\nTY  - GEN\nTI  - Last",
        "x.ris",
    )
    assert [record.reference.title for record in found.records] == ["One", "Two", "Last"]
    assert [problem.line for problem in found.problems] == [1, 2, 7, 10]


def test_csl_json_as_crossref_and_zotero_write_it() -> None:
    items = [
        {
            "id": "http://zotero.org/users/1/items/ABC",
            "type": "article-journal",
            "title": "On <i>E. coli</i>",
            "author": [
                {"family": "Berg", "given": "Jan", "non-dropping-particle": "van der"},
                {"literal": "CERN"},
                "nonsense",
            ],
            "issued": {"date-parts": [["2017", 6]]},
            "container-title": ["Journal of Tests"],
            "page": "1-9",
            "DOI": "10.1000/182",
        },
        {"type": "article", "title": "A preprint", "number": "arXiv:1706.03762", "issued": {"raw": "2017-06-12"}},
        {"title": "A preprint", "issued": {"date-parts": [[2017]]}},
        17,
    ]
    found = read(json.dumps({"items": items}, indent=1), "x.json")
    first, second, third = found.records
    assert first.reference.title == "On E. coli"
    assert first.reference.authors == (Author(family="van der Berg", given="Jan"), Author(family="CERN"))
    assert (first.reference.venue, first.reference.pages, first.month) == ("Journal of Tests", "1–9", 6)
    assert (second.reference.arxiv_id, second.number, second.day) == ("1706.03762", "", 12)
    assert (second.key, third.key) == ("doi" if second.reference.doi else "2017preprint", "2017preprinta")
    assert len(found.problems) == 1
    assert found.problems[0].line > 30


def test_json_that_breaks_off_keeps_what_stands_before() -> None:
    found = read('[{"id": "a", "title": "One"},\n {"id": "b", "title": "Two"},\n {"id": "c", "title":', "x.json")
    assert [record.key for record in found.records] == ["a", "b"]
    assert [problem.line for problem in found.problems] == [3]


def test_a_single_item_is_a_bibliography() -> None:
    assert one('{"id": "a", "type": "book", "title": "One"}', "x.json").kind == "book"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"%PDF-1.5\n@article{a, title={x}}", "damaged"),
        (b"PK\x03\x04....", "damaged"),
        (b"Dear all, here are my references", "damaged"),
        (b"[1, 2", "damaged"),
        (b"TY  - JOUR\nER  - \n", "damaged"),
    ],
)
def test_what_is_no_bibliography_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=r"x\.txt") as raised:
        read_bibliography(data, "x.txt")
    assert raised.value.reason == reason
    assert raised.value.hint


def test_a_family_name_may_be_a_given_name_too() -> None:
    people = [{"family": "Ali", "given": "Ali"}, {"given": "Plato"}, {"suffix": "Jr."}]
    record = one(json.dumps([{"id": "a", "title": "T", "author": people}]), "x.json")
    assert record.reference.authors == (Author(family="Ali", given="Ali"), Author(family="Plato"))
