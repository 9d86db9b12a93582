from __future__ import annotations

from pathlib import Path

import pytest

from app.services.ingestion import follow
from app.services.suggestions import find_places
from app.wiring import Galacite
from core.errors import InputError
from tests.pdfs import make_pdf


def test_each_marker_is_a_place_with_its_line_and_a_context_without_markers() -> None:
    text = "First claim [?].\nSecond claim \\citep[see][p. 3]{key} and [@other; @more]."
    places = find_places(text)
    assert [place.line for place in places] == [1, 2, 2]
    assert all("cite" not in place.context and "[" not in place.context for place in places)
    assert [text[place.start : place.end] for place in places] == ["[?]", "\\citep[see][p. 3]{key}", "[@other; @more]"]


def test_a_text_without_markers_is_one_place() -> None:
    (place,) = find_places("Language models  of\nscience.")
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


def test_an_empty_library_says_what_to_do(galacite: Galacite) -> None:
    result = galacite.suggestions.suggest("Some text [?].")
    assert result.places == ()
    assert result.notices[0].code == "no_works"


@pytest.mark.parametrize("text", ["", " \n", "x" * 300_000])
def test_a_text_that_cannot_be_used_is_refused(galacite: Galacite, text: str) -> None:
    with pytest.raises(InputError):
        galacite.suggestions.suggest(text)
