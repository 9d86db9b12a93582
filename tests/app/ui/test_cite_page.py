from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.ui.markup import escape_markdown
from app.ui.views.cite import citation_token
from app.wiring import Galacite
from core.records import Paper, Work
from tests.app.ui.conftest import settle, words
from tests.builders import make_author, make_document, make_reference

Page = Callable[..., AppTest]
Add = Callable[..., Paper]


def test_an_empty_library_leads_to_adding_papers(page: Page) -> None:
    at = page("cite")
    assert "The library is empty" in words(at)
    assert not at.text_area


def test_each_place_gets_suggestions_with_their_reason(page: Page, add: Add) -> None:
    work = make_reference("Knowledge in $Weights$ of Language Models", authors=("Fabio Petroni",), year=2019)
    add(make_document("Citing", passages=["Language models store knowledge in their weights [1]."], references=[work]))
    at = page("cite")
    at.text_area(key="cite-text").set_value("It is said that language models store knowledge [?]. And more [?].").run()
    next(button for button in at.button if button.label == "Suggest citations").click().run()
    settle(at, lambda page: bool(page.header))
    said = words(at)
    assert "2 places" in said
    assert escape_markdown("Knowledge in $Weights$ of Language Models") in said
    assert escape_markdown("Language models store knowledge in their weights [1].") in said
    assert "BM25 **" in said
    assert at.code[0].value == "[START_REF] Knowledge in $Weights$ of Language Models, Petroni[END_REF]"


def test_the_example_is_tried(page: Page, add: Add) -> None:
    add(make_document("Citing", passages=["Citations are hallucinated [1]."], references=["Hallucinated citations"]))
    at = page("cite")
    at.button(key="example").click().run()
    assert "[?]" in at.text_area(key="cite-text").value
    settle(at, lambda page: len(page.header) > 3)


def test_a_work_is_copied_as_a_citation_token() -> None:
    assert citation_token(Work(id=1, title="Galactica", authors=(make_author("Ross Taylor"),))) == (
        "[START_REF] Galactica, Taylor[END_REF]"
    )
    assert citation_token(Work(id=1, title="Galactica")) == "[START_REF] Galactica[END_REF]"


def test_the_words_around_a_place_are_few_even_without_spaces() -> None:
    from app.ui.views.cite import _in_context

    endless = "x" * 10_000
    shown = _in_context(f"{endless}[?]{endless}", 10_000, 10_003)
    assert shown.startswith("…x")
    assert shown.endswith("x…")
    assert len(shown) < 1_000
    assert _in_context("short [?] text", 6, 9).replace("\u2060", "").startswith("short ")


@pytest.fixture
def page_with_model(library_with_model: Galacite, page: Page) -> Page:
    return page


DRAFT = "It is said that language models store knowledge [?]. And sparse vectors, more [?]."


def _ask(at: AppTest) -> None:
    at.text_area(key="cite-text").set_value(DRAFT).run()
    next(button for button in at.button if button.label == "Suggest citations").click().run()


def test_the_language_model_ranks_too_and_its_number_is_explained(page_with_model: Page, add: Add) -> None:
    add(
        make_document("Citing", passages=["Models store knowledge [1]."], references=["Knowledge in Weights", "Sparse"])
    )
    at = page_with_model("cite")
    assert at.toggle(key="cite-model").value
    _ask(at)
    settle(at, lambda page: "nano **" in words(page) and "works considered" in words(page))
    said = words(at)
    assert "cannot make one up" in said
    assert "may still change" not in said
    assert said.count("nano **") >= 4  # at both places


def test_the_language_model_can_be_switched_off(page_with_model: Page, add: Add) -> None:
    add(make_document("Citing", passages=["Models store knowledge [1]."], references=["Knowledge in Weights"]))
    at = page_with_model("cite")
    at.toggle(key="cite-model").set_value(False).run()
    _ask(at)
    settle(at, lambda page: "works considered" in words(page))
    assert "nano **" not in words(at)
    assert "cannot make one up" not in words(at)
    at.toggle(key="cite-model").set_value(True).run()
    settle(at, lambda page: "nano **" in words(page))


def test_without_a_language_model_there_is_nothing_to_switch(page: Page, add: Add) -> None:
    add(make_document("Citing", references=["Knowledge in Weights"]))
    assert not page("cite").toggle


def test_a_damaged_language_model_is_said_and_the_others_answer(
    page: Page, add: Add, library: Galacite, tmp_path: Path
) -> None:
    add(make_document("Citing", passages=["Models store knowledge [1]."], references=["Knowledge in Weights"]))
    library.settings = library.settings.model_copy(update={"citation_model": str(tmp_path / "gone")})
    at = page("cite")
    _ask(at)
    settle(at, lambda page: "works considered" in words(page))
    assert escape_markdown("gone: no such model folder") in words(at)
    assert "BM25 **" in words(at)
    assert not at.exception
