from __future__ import annotations

from collections.abc import Callable

import pytest

from app.services.suggestions import SuggestOptions
from app.wiring import Galacite
from core.records import Document, ListedAt, Paper, Suggestion
from indexer.store import papers as paper_store
from tests.builders import make_document, make_file, make_reference

Add = Callable[[Document], Paper]


@pytest.fixture
def add(galacite: Galacite) -> Add:
    """Put a paper straight into the library, and index it."""

    def put(document: Document) -> Paper:
        with galacite.database.session(write=True) as session:
            paper = paper_store.add_paper(session, document, make_file(document.title))
        galacite.indexes.sync()
        return paper

    return put


def _suggested(galacite: Galacite, text: str, title: str) -> Suggestion:
    (place,) = galacite.suggestions.suggest(text, SuggestOptions(top=50)).places
    (found,) = [each for each in place.suggestions if each.work.title == title]
    return found


def test_the_citing_sentence_that_fits_the_place_comes_first(galacite: Galacite, add: Add) -> None:
    said = [
        "Harbours are mapped with sonar [1].",
        "Sediment layers under harbours drift with the tide [1].",
        "Rivers carry sediment, as everyone knows [1].",
        "Sonar is loud for whales nearby [1].",
    ]
    add(make_document("Citing", passages=said, references=["Harbour Soundings"]))
    for text, first in (("Whales hear sonar [?].", said[3]), ("How layers of sediment drift [?].", said[1])):
        found = _suggested(galacite, text, "Harbour Soundings")
        assert found.cited_at[0].sentence == first
        assert len(found.cited_at) == 3
        assert found.listed_at is None


def test_a_work_that_is_listed_alone_says_where(galacite: Galacite, add: Add) -> None:
    paper = add(make_document("Citing", references=["Uncalled Harbours", "Other"]))
    found = _suggested(galacite, "Harbours that nobody calls at, uncalled [?].", "Uncalled Harbours")
    assert found.cited_at == ()
    assert found.listed_at == ListedAt(paper_id=paper.id, paper_key=paper.key, paper_title="Citing", page=9)
    galacite.bibliographies.import_data(b"@book{k, title={Imported Lighthouses}, year=2001}", "own.bib")
    galacite.indexes.sync()
    found = _suggested(galacite, "Lighthouses [?].", "Imported Lighthouses")
    assert found.listed_at == ListedAt(bibliography="own.bib")


def test_of_a_work_that_the_library_holds_the_best_passage_is_shown(galacite: Galacite, add: Add) -> None:
    passages = [
        "Harbours freeze in winter.",
        "Icebreakers are heavy ships.",
        "Fish prices rise when harbours close.",
    ]
    paper = add(make_document("Winter Harbours", passages=passages))
    found = _suggested(galacite, "When harbours close, fish becomes dear and prices rise [?].", "Winter Harbours")
    assert found.passage is not None
    assert (found.passage.paper_id, found.passage.text) == (paper.id, passages[2])
    add(make_document("Citing", references=[make_reference("Summer Harbours")]))
    assert _suggested(galacite, "Harbours in summer [?].", "Summer Harbours").passage is None


def test_a_work_unknown_to_all_models_is_suggested_as_soon_as_its_citing_paper_is_added(
    galacite: Galacite, add: Add
) -> None:
    add(make_document("Before", passages=["Glass is brittle [1]."], references=["Brittle Glass"]))
    text = "Blorptic quills are tempered in frozen molasses [?]."
    (place,) = galacite.suggestions.suggest(text).places
    assert "Zanthic Marrowing" not in {each.work.title for each in place.suggestions}
    add(
        make_document(
            "After",
            passages=["Quills of the blorptic kind are tempered by molasses [1]."],
            references=["Zanthic Marrowing"],
        )
    )
    (place,) = galacite.suggestions.suggest(text).places
    assert place.suggestions[0].work.title == "Zanthic Marrowing"
    assert place.suggestions[0].cited_at[0].paper_title == "After"
