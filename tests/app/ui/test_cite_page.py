from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.services.places import find_places
from app.ui.drafting import Asked, Choices
from app.ui.markup import escape_markdown
from app.ui.placing import citation_token, in_context
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
    assert "BM25 **" not in words(at)
    at.toggle(key="cite-scores").set_value(True).run()
    said = words(at)
    assert "2 places" in said
    assert escape_markdown("Knowledge in $Weights$ of Language Models") in said
    assert escape_markdown("Language models store knowledge in their weights [1].") in said
    assert "BM25 **" in said
    assert at.code[0].value == "[START_REF] Knowledge in $Weights$ of Language Models, Petroni[END_REF]"


def test_a_work_that_no_sentence_cites_shows_its_own_words_or_its_list(page: Page, add: Add) -> None:
    said = "Language models *store* knowledge in <b>weights</b>."
    add(make_document("Citing $all$ [of](http://x) it", passages=[said], references=["Knowledge in Weights"]))
    at = page("cite")
    at.text_area(key="cite-text").set_value("Citing all of it, language models store knowledge in weights [?].").run()
    next(button for button in at.button if button.label == "Suggest citations").click().run()
    settle(at, lambda page: bool(page.header))
    assert f"> {escape_markdown(said)}" in words(at)
    labels = [link.proto.label for link in at.get("page_link")]
    assert "the work itself, p\\. 1" in labels
    assert f"in the references of {escape_markdown('Citing $all$ [of](http://x) it, p. 9')}" in labels


def test_accepted_works_are_cited_in_the_draft_and_collected(page: Page, add: Add) -> None:
    works = [make_reference(f"Knowledge in Weights, Part {part}", authors=("Ada Byron",), year=2019) for part in "AB"]
    add(make_document("Citing", passages=["Models store knowledge in weights [1, 2]."], references=works))
    at = page("cite")
    at.text_area(key="cite-text").set_value("Models store knowledge [?]. And more knowledge in weights [?].").run()
    next(button for button in at.button if button.label == "Suggest citations").click().run()
    settle(at, lambda page: len(page.header) == 2)
    assert "0 of 2** places decided" in words(at)
    assert not at.get("download_button")
    first = next(button for button in at.button if button.label == "Accept")
    first.click().run()
    assert "1 of 2** places decided, **1** citations accepted" in words(at)
    assert [button.label for button in at.button if button.key == first.key] == ["Accepted"]
    assert len(at.get("download_button")) == 2
    [_, second] = [button for button in at.button if button.label == "Nothing here"]
    second.click().run()
    assert "2 of 2** places decided" in words(at)
    assert "Decide again" in {button.label for button in at.button}
    at.button(key="cite-undo").click().run()
    at.button(key="cite-undo").click().run()
    assert "0 of 2** places decided, **0** citations accepted" in words(at)
    assert at.button(key="cite-undo").disabled


def test_an_opened_draft_is_named_with_its_bibliography_and_closed(page: Page, add: Add, library: Galacite) -> None:
    work = make_reference("Knowledge in Weights", authors=("Ada Byron",), year=2019)
    add(make_document("Citing", passages=["Models store knowledge in weights [1]."], references=[work]))

    def open_one() -> None:
        import streamlit

        from app.ui.drafting import Asked, ask
        from app.ui.views.cite import show_cite

        if "opened" not in streamlit.session_state:
            streamlit.session_state["opened"] = True
            text = b"\\section{Owls} Models store knowledge \\cite{mine}. Rest [?]. \\bibliography{refs}"
            bib = b"@article{mine, author={Byron, Ada}, title={Knowledge in Weights}, year=2019}"
            ask(Asked(data=text, name="owls.tex", beside={"refs.bib": bib}))
        show_cite()

    at = AppTest.from_function(open_one, default_timeout=60).run()
    settle(at, lambda page: len(page.header) == 2)
    said = words(at)
    assert escape_markdown("owls.tex") in said
    assert escape_markdown("refs.bib") in said
    assert "cites mine" in said
    assert "You cite this here" in said
    assert not at.text_area
    at.button(key="cite-close").click().run()
    assert at.text_area
    assert not at.header


def test_a_bibliography_is_imported_named_and_removed(page: Page, library: Galacite) -> None:
    def give() -> None:
        import streamlit

        from app.ui.views.cite import show_cite

        if "bibliographies-given" not in streamlit.session_state:
            good = b"@article{a, author={Byron, Ada}, title={Knowledge in Weights}, year=2019}"
            streamlit.session_state["bibliographies-given"] = ("1", {"refs.bib": good, "bad.bib": b"nothing"})
        show_cite()

    at = AppTest.from_function(give, default_timeout=60).run()
    settle(at, lambda page: bool(page.success))
    assert at.success[0].value == escape_markdown("refs.bib") + ": 1 entry, 1 new"
    assert escape_markdown("bad.bib") in at.warning[0].value
    at.run()
    assert "Suggest citations" in {button.label for button in at.button}, "its works are enough to begin with"
    at.button(key="remove-bibliography-refs.bib").click().run()
    assert not library.bibliographies.imported()


def test_choices_are_undone_one_by_one() -> None:
    first, second = Work(id=1, title="Nets"), Work(id=2, title="Trees")
    chosen = Choices("draft")
    assert chosen.at(5) is None
    chosen.toggle(5, first)
    chosen.toggle(5, second)
    assert chosen.at(5) == (first, second)
    chosen.toggle(5, first)
    assert chosen.at(5) == (second,)
    chosen.skip(5)
    assert chosen.at(5) == ()
    chosen.skip(5)
    assert chosen.at(5) is None
    for expected in ((), (second,), (first, second), (first,), None):
        assert chosen.can_undo
        chosen.undo()
        assert chosen.at(5) == expected
    assert not chosen.can_undo


def test_drafts_are_told_apart_by_all_that_belongs_to_them() -> None:
    plain = Asked(data=b"Nets [?].")
    named = Asked(data=b"Nets [?].", name="a.tex")
    beside = Asked(data=b"Nets [?].", name="a.tex", beside={"a.bib": b""})
    assert len({each.identity for each in (plain, named, beside)}) == 3
    assert Asked(data=b"Nets [?].", name="a.tex", beside={"a.bib": b""}).identity == beside.identity


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
    endless = "x" * 10_000
    text = f"{endless}[?]{endless}"
    shown = in_context(text, find_places(text)[0][0])
    assert shown.startswith("…x")
    assert shown.endswith("x…")
    assert len(shown) < 1_000
    short = "short [?] text"
    assert in_context(short, find_places(short)[0][0]).replace("\u2060", "").startswith("short ")


@pytest.fixture
def page_with_model(library_with_model: Galacite, page: Page) -> Page:
    return page


DRAFT = "It is said that language models store knowledge [?]. And sparse vectors, more [?]."


def _ask(at: AppTest) -> None:
    at.toggle(key="cite-scores").set_value(True).run()
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
    labels = {toggle.label for toggle in page("cite").toggle}
    assert labels == {"Show scores", "Ignore how often works are cited", "Find sentences that lack a citation"}


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
