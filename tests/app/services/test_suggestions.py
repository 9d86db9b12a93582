from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.services.ingestion import follow
from app.services.places import MAX_PLACES
from app.services.suggestions import SuggestOptions
from app.settings import Settings
from app.wiring import Galacite, open_library
from core.errors import InputError
from core.records import Paper
from indexer.store import papers as paper_store
from tests.builders import make_document, make_file
from tests.pdfs import make_pdf


@pytest.fixture
def add_paper(galacite: Galacite) -> Callable[[str], Paper]:
    """Put a paper of that title straight into the library, and index it."""

    def put(title: str) -> Paper:
        with galacite.database.session(write=True) as session:
            paper = paper_store.add_paper(session, make_document(title), make_file(title))
        galacite.indexes.sync()
        return paper

    return put


def test_a_work_that_a_paper_cites_is_suggested_with_the_sentence_that_cites_it(
    galacite: Galacite, tmp_path: Path
) -> None:
    follow(galacite, [galacite.library.add(make_pdf(tmp_path / "a.pdf", title="My Own Paper"), name="a.pdf")])
    result = galacite.suggestions.suggest("A large language model for science was trained [?].", SuggestOptions(top=5))
    (place,) = result.places
    best = place.suggestions[0]
    assert best.work.title == "Galactica: A Large Language Model for Science"
    assert best.scores
    assert best.cited_at[0].paper_title == "My Own Paper"
    assert best.cited_at[0].page >= 1


def test_of_very_many_places_the_first_are_answered_and_the_rest_counted(
    galacite: Galacite, add_paper: Callable[[str], Paper]
) -> None:
    add_paper("My Own Paper")
    result = galacite.suggestions.suggest("Tokens [?].\n" * (MAX_PLACES + 7), SuggestOptions(top=1))
    assert [each.place.line for each in result.places] == list(range(1, MAX_PLACES + 1))
    (notice,) = [notice for notice in result.notices if notice.code == "too_many_places"]
    assert "first 200" in notice.message
    assert "7 more" in notice.message
    few = galacite.suggestions.suggest("Tokens [?].\n" * 3, SuggestOptions(top=1))
    assert not [notice for notice in few.notices if notice.code == "too_many_places"]


def test_an_empty_library_says_what_to_do(galacite: Galacite) -> None:
    result = galacite.suggestions.suggest("Some text [?].")
    assert result.places == ()
    assert result.notices[0].code == "no_works"


@pytest.mark.parametrize("text", ["", " \n", "x" * 300_000])
def test_a_text_that_cannot_be_used_is_refused(galacite: Galacite, text: str) -> None:
    with pytest.raises(InputError):
        galacite.suggestions.suggest(text)


@pytest.fixture
def with_model(settings: Settings, checkpoint: Path) -> Iterator[Galacite]:
    """A library whose one paper cites three works, and a citation model of random weights."""
    opened = open_library(settings.model_copy(update={"citation_model": str(checkpoint)}))
    document = make_document("Citing", passages=["Words are compared [1]."], references=["Sparse", "Dense", "Mixed"])
    with opened.database.session(write=True) as session:
        paper_store.add_paper(session, document, make_file("citing"))
    opened.indexes.sync()
    yield opened
    opened.close()


TWO_PLACES = "# Draft\n\nWords are compared by rankers [?]. Sparse vectors are, too [?]."


def test_retrieval_answers_first_and_the_model_place_by_place(with_model: Galacite) -> None:
    first, second, third = with_model.suggestions.stream(TWO_PLACES)
    assert [result.waiting for result in (first, second, third)] == [2, 1, 0]
    assert [place.reread for place in second.places] == [True, False]
    assert second.places[1] == first.places[1]
    assert {result.model for result in (first, second, third)} == {"nano"}
    assert all("nano" not in dict(each.scores) for place in first.places for each in place.suggestions)
    assert all("nano" in dict(each.scores) for place in third.places for each in place.suggestions)


def test_the_model_brings_in_works_that_retrieval_does_not_find(with_model: Galacite) -> None:
    (by_words,), (by_both,) = (
        with_model.suggestions.suggest("Sparse [?].", SuggestOptions(use_model=use_model)).places
        for use_model in (False, True)
    )
    assert [each.work.title for each in by_words.suggestions] == ["Sparse"]
    assert {each.work.title for each in by_both.suggestions} == {"Sparse", "Dense", "Mixed", "Citing"}
    assert by_both.suggestions[0].work.title == "Sparse"


def test_the_model_can_be_left_out_of_a_request(with_model: Galacite) -> None:
    (only,) = with_model.suggestions.stream(TWO_PLACES, SuggestOptions(use_model=False))
    assert (only.model, only.waiting) == ("", 0)
    model = with_model.citation_model()
    assert model is not None
    assert model.name == "nano"


def test_nothing_is_suggested_that_is_not_stored(with_model: Galacite) -> None:
    found = with_model.suggestions.suggest("An invented title of a work that nobody wrote [?].", SuggestOptions(top=50))
    assert {each.work.title for each in found.places[0].suggestions} <= {"Sparse", "Dense", "Mixed", "Citing"}


@pytest.mark.parametrize("file", ["", "model.safetensors", "tokenizer.json"])
def test_an_absent_or_damaged_model_is_a_notice(
    galacite: Galacite, add_paper: Callable[[str], Paper], checkpoint: Path, tmp_path: Path, file: str
) -> None:
    add_paper("Sparse Retrieval")
    folder = tmp_path / "damaged"
    if file:
        shutil.copytree(checkpoint, folder)
        (folder / file).write_bytes(b"damaged")
    broken = Galacite(galacite.settings.model_copy(update={"citation_model": str(folder)}))
    first, last = broken.suggestions.stream("Sparse retrieval [?]. Dense retrieval [?].")
    broken.close()
    assert last.places == first.places
    assert last.places[0].suggestions[0].work.title == "Sparse Retrieval"
    assert (last.model, last.waiting) == ("", 0)
    notices = {notice.code: notice.message for notice in last.notices}
    assert str(folder) in notices["damaged_unavailable"]
