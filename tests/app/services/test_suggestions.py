from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.services.ingestion import follow
from app.services.suggestions import CONTEXT_CHARS, MAX_PLACES, MAX_TEXT_CHARS, find_places
from app.wiring import Galacite
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


def test_each_marker_is_a_place_with_its_line_and_a_context_without_markers() -> None:
    text = "First claim [?].\nSecond claim \\citep[see][p. 3]{key} and [@other; @more]."
    places, left_out = find_places(text)
    assert left_out == 0
    assert [place.line for place in places] == [1, 2, 2]
    assert all("cite" not in place.context and "[" not in place.context for place in places)
    assert [text[place.start : place.end] for place in places] == ["[?]", "\\citep[see][p. 3]{key}", "[@other; @more]"]


def test_a_text_without_markers_is_one_place() -> None:
    (place,), _ = find_places("Language models  of\nscience.")
    assert place.context == "Language models of science."


def test_a_work_that_a_paper_cites_is_suggested_with_the_sentence_that_cites_it(
    galacite: Galacite, tmp_path: Path
) -> None:
    follow(galacite, [galacite.library.add(make_pdf(tmp_path / "a.pdf", title="My Own Paper"), name="a.pdf")])
    result = galacite.suggestions.suggest("A large language model for science was trained [?].", top=5)
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
    result = galacite.suggestions.suggest("Tokens [?].\n" * (MAX_PLACES + 7), top=1)
    assert [each.place.line for each in result.places] == list(range(1, MAX_PLACES + 1))
    (notice,) = [notice for notice in result.notices if notice.code == "too_many_places"]
    assert "first 200" in notice.message
    assert "7 more" in notice.message
    few = galacite.suggestions.suggest("Tokens [?].\n" * 3, top=1)
    assert not [notice for notice in few.notices if notice.code == "too_many_places"]


@pytest.mark.parametrize("piece", ["[?]", "[?]\n", "[@", "[START_REF]", "\\cite{", "\\cite[x][", "[START_REF] x "])
def test_the_longest_text_of_brackets_is_read_at_once(piece: str) -> None:
    text = (piece * MAX_TEXT_CHARS)[:MAX_TEXT_CHARS]
    began = time.perf_counter()
    places, _ = find_places(text)
    assert time.perf_counter() - began < 5
    assert len(places) <= MAX_PLACES


def test_the_context_of_a_place_stays_short_in_a_text_without_spaces() -> None:
    places, _ = find_places("x" * 5_000 + "[?]" + "y" * 5_000)
    assert len(places[0].context) < 3 * CONTEXT_CHARS


def test_an_empty_library_says_what_to_do(galacite: Galacite) -> None:
    result = galacite.suggestions.suggest("Some text [?].")
    assert result.places == ()
    assert result.notices[0].code == "no_works"


@pytest.mark.parametrize("text", ["", " \n", "x" * 300_000])
def test_a_text_that_cannot_be_used_is_refused(galacite: Galacite, text: str) -> None:
    with pytest.raises(InputError):
        galacite.suggestions.suggest(text)
