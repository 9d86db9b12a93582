"""Bibliographies in and out through the services: what is imported can be found, what is exported can be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.bibliographies import BibliographyService, inserted
from app.wiring import Galacite
from core.errors import InputError, NotFound, UnreadableFile
from core.records import Author, Work
from indexer.bibliographies.reading import read_bibliography
from indexer.search.readers import lexical_reader
from indexer.store import papers
from tests.builders import make_document, make_file, make_reference

REFS = """
@article{vaswani17, author={Vaswani, Ashish and Shazeer, Noam}, title={Attention Is All You Need}, year=2017,
  journal={NeurIPS}, volume={30}, doi={10.1000/attention}, abstract={Sequence transduction without recurrence.}}
@book{Knuth:68, author={Knuth, Donald E.}, title={The Art of Computer Programming}, year={1968}, publisher={Addison}}
"""


@pytest.fixture
def service(galacite: Galacite) -> BibliographyService:
    return galacite.bibliographies


def add_paper(galacite: Galacite) -> str:
    """A paper that cites one work of ``REFS`` and another; returns its key."""
    cited = [
        make_reference("Attention is all you need", year=2017, authors=["Ashish Vaswani"]),
        make_reference("Dense Retrieval", year=2020, authors=["Vladimir Karpukhin"], venue="Proceedings of EMNLP"),
    ]
    with galacite.database.session(write=True) as session:
        return papers.add_paper(session, make_document("Citing Things", references=cited), make_file()).key


def test_imported_works_are_suggested_though_nothing_cites_them(galacite: Galacite) -> None:
    report = galacite.bibliographies.import_data(REFS.encode(), "folder/refs.bib")
    assert (report.name, report.entries, report.added, report.problems) == ("refs.bib", 2, 2, ())
    assert report.job_id is not None
    galacite.indexes.sync()
    [place] = galacite.suggestions.suggest("Transduction needs no recurrence at all [?].").places
    assert [each.work.title for each in place.suggestions][:1] == ["Attention Is All You Need"]
    assert galacite.bibliographies.listed_as([place.suggestions[0].work])
    galacite.bibliographies.remove("refs.bib")
    galacite.indexes.sync()
    result = galacite.suggestions.suggest("Transduction needs no recurrence at all [?].")
    assert all(not each.suggestions for each in result.places)


def test_indexes_follow_changed_files_and_titles_too(galacite: Galacite) -> None:
    service = galacite.bibliographies
    service.import_data(REFS.encode(), "refs.bib")
    galacite.indexes.sync()
    assert galacite.indexes.is_current()
    changed = service.import_data(REFS.replace("Computer", "Gardening").encode(), "refs.bib")
    assert (changed.added, changed.removed, changed.kept) == (1, 1, 1)
    assert not galacite.indexes.is_current()
    galacite.indexes.sync()
    words = lexical_reader(galacite.settings.index_folder, "works")
    assert len(words.search("gardening", top=5)) == 1
    assert words.search("computer", top=5) == []


def test_nothing_is_changed_by_a_file_that_is_no_bibliography(service: BibliographyService, tmp_path: Path) -> None:
    service.import_data(REFS.encode(), "refs.bib")
    for data, words in (
        (b"%PDF-1.7 ...", "a PDF"),
        (b"  \n", "empty"),
        (b"@comment{x}", "no entry"),
        (b"hello", "no entry"),
    ):
        with pytest.raises(UnreadableFile, match=words) as raised:
            service.import_data(data, "refs.bib")
        assert raised.value.hint
    with pytest.raises(UnreadableFile, match="no such file"):
        service.import_file(tmp_path / "nothing.bib")
    assert [each.entries for each in service.imported()] == [2]


def test_works_are_named_in_many_ways(galacite: Galacite, service: BibliographyService) -> None:
    key = add_paper(galacite)
    service.import_data(REFS.encode(), "refs.bib")
    [attention] = service.works(["vaswani17"])
    assert attention.title.lower() == "attention is all you need"
    assert service.works(["10.1000/ATTENTION", f"work:{attention.id}", "vaswani17"]) == [attention]
    assert [work.title for work in service.works([key, "1"])] == ["Citing Things"]
    assert {work.title for work in service.cited_works()} == {attention.title, "Dense Retrieval"}
    assert service.cited_works([key]) == service.cited_works()
    assert len(service.all_works()) == 4
    for name in ("nobody2020nothing", "work:99", "10.1000/none", "arXiv:1706.00001"):
        with pytest.raises(NotFound, match="nothing to export"):
            service.works([name])


def test_exports_are_read_again_with_keys_and_details(galacite: Galacite, service: BibliographyService) -> None:
    add_paper(galacite)
    service.import_data(REFS.encode(), "refs.bib")
    works = service.all_works()
    for form, name in (("bibtex", "x.bib"), ("ris", "x.ris"), ("csl-json", "x.json")):
        found = read_bibliography(service.export(works, form).encode(), name)  # type: ignore[arg-type]
        records = {record.key: record for record in found.records}
        assert set(records) == {"vaswani17", "Knuth:68", "karpukhin2020dense", records_key(service, "Citing Things")}
        assert records["vaswani17"].reference.volume == "30", "what the user's own file says"
        assert records["vaswani17"].reference.title == "Attention Is All You Need"
        assert records["karpukhin2020dense"].kind == "paper-conference"
        assert found.problems == ()


def records_key(service: BibliographyService, title: str) -> str:
    """The key of the work of that title among all."""
    [work] = [work for work in service.all_works() if work.title == title]
    return service.keys([work])[work.id]


def test_entries_are_set_in_styles(service: BibliographyService, tmp_path: Path) -> None:
    service.import_data(REFS.encode(), "refs.bib")
    works = service.works(["Knuth:68", "vaswani17"])
    assert service.formatted(works, "apa") == [
        "Knuth, D. E. (1968). The Art of Computer Programming. Addison.",
        "Vaswani, A., & Shazeer, N. (2017). Attention Is All You Need. NeurIPS, 30. https://doi.org/10.1000/attention",
    ]
    assert service.export(works, "formatted", style="ieee").splitlines()[0].startswith("[1] D. E. Knuth")
    with pytest.raises(InputError, match="no citation style") as raised:
        service.formatted(works, "no-such-style")
    assert "apa" in raised.value.hint


def test_a_bib_file_gets_what_it_lacks_and_keeps_its_keys(galacite: Galacite, service: BibliographyService) -> None:
    add_paper(galacite)
    service.import_data(REFS.encode(), "refs.bib")
    works = service.works(["vaswani17", "Knuth:68"]) + [each for each in service.cited_works() if "Dense" in each.title]
    existing = (
        "% mine\n@misc{att, title={{Attention} is all you need}, author={A. Vaswani}}\n"
        "@misc{karpukhin2020dense, title={Else}}"
    )
    collected = service.collected(works, existing)
    assert collected.text.startswith(existing)
    assert list(collected.keys.values()) == ["att", "Knuth:68", "karpukhin2020densea"]
    again = service.collected(works, collected.text)
    assert (again.text, again.keys) == (collected.text, collected.keys)
    found = read_bibliography(collected.text.encode(), "x.bib")
    assert [record.key for record in found.records] == ["att", "karpukhin2020dense", "Knuth:68", "karpukhin2020densea"]
    assert service.collected_bib([], existing) == existing
    assert service.collected_bib(works[:1]).startswith("@article{vaswani17,")


@pytest.mark.parametrize(
    ("form", "key", "text"),
    [
        ("latex", "vaswani17", r"\cite{vaswani17}"),
        ("pandoc", "vaswani17", "[@vaswani17]"),
        ("pandoc", "a:b.c", "[@a:b.c]"),
        ("pandoc", "a::b", "[@{a::b}]"),
        ("pandoc", "ends.", "[@{ends.}]"),
        ("galactica", "", "[START_REF] Attention [ END_REF] x, Vaswani[END_REF]"),
        ("text", "", "(Vaswani and Shazeer, 2017)"),
    ],
)
def test_what_is_inserted(form: str, key: str, text: str) -> None:
    authors = (Author(family="Vaswani", given="Ashish"), Author(family="Shazeer"))
    work = Work(id=1, title="Attention [END_REF] x", authors=authors, year=2017)
    assert inserted([(work, key)], form) == text  # type: ignore[arg-type]


def test_inserting_in_text_says_what_is_known() -> None:
    three = tuple(Author(family=name) for name in "ABC")
    assert inserted([(Work(id=1, title="T", authors=three), "")], "text") == "(A et al., n.d.)"
    assert inserted([(Work(id=1, title="T", year=1999), "")], "text") == "(T, 1999)"
    for key in ("", "a b", "x}y", "a,b"):
        with pytest.raises(InputError, match="citation key"):
            inserted([(Work(id=1, title="T"), key)], "latex")


def test_several_works_are_inserted_in_one_place() -> None:
    first, second = Work(id=1, title="Nets", year=2001), Work(id=2, title="Trees", authors=(Author(family="Wood"),))
    cited = [(first, "nets01"), (second, "wood:trees-")]
    assert inserted(cited, "latex") == "\\cite{nets01,wood:trees-}"
    assert inserted(cited, "pandoc") == "[@nets01; @{wood:trees-}]"
    assert inserted(cited, "galactica") == "[START_REF] Nets[END_REF] [START_REF] Trees, Wood[END_REF]"
    assert inserted(cited, "text") == "(Nets, 2001; Wood, n.d.)"
