from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from streamlit.testing.v1 import AppTest

from app.ui.markup import escape_markdown
from app.wiring import Galacite
from core.records import Notice, Paper
from tests.app.ui.conftest import settle, words
from tests.builders import make_document, make_reference

Page = Callable[..., AppTest]
Add = Callable[..., Paper]


def pictures(at: AppTest) -> int:
    return len(at.get("image"))


def test_without_a_paper_it_shows_the_way(page: Page) -> None:
    assert "Choose a paper" in words(page("paper"))


def test_a_paper_that_is_gone_is_no_error(page: Page) -> None:
    for paper in ("77", "-1", "x", "9" * 40):
        said = words(page("paper", paper=paper))
        assert "not in the library" in said or "Choose a paper" in said


def test_a_page_is_drawn_and_its_passages_listed(page: Page, add: Add) -> None:
    passages = [f"Passage number {number} says $something$." for number in range(1, 7)]
    paper = add(make_document("A <b>Title</b> :red[x]", passages=passages))
    at = page("paper", paper=str(paper.id), page="2")
    settle(at, lambda page: pictures(page) == 1)
    said = words(at)
    assert at.title[0].value == escape_markdown("A <b>Title</b> :red[x]")
    assert escape_markdown(passages[4]) in said
    assert escape_markdown(passages[0]) not in said


def test_pages_turn_and_the_address_follows(page: Page, add: Add) -> None:
    paper = add(make_document(passages=[f"Passage {number} of many." for number in range(1, 10)]))
    at = page("paper", paper=str(paper.id))
    at.button(key="turn-Right").click().run()
    assert at.query_params["page"] == ["2"] or at.query_params["page"] == "2"
    assert at.number_input(key="page-number").value == 2
    at.number_input(key="page-number").set_value(4).run()
    assert at.number_input(key="page-number").value == 4
    assert at.button(key="turn-Right").disabled
    assert not at.exception


def test_a_passage_is_highlighted_by_the_address(page: Page, add: Add, library: Galacite) -> None:
    paper = add(make_document(passages=["One passage.", "Another passage."]))
    second = library.library.document(paper.id).passages[1]
    said = words(page("paper", paper=str(paper.id), passage=str(second.id)))
    assert f":yellow-background[{escape_markdown('Another passage.')}]" in said
    assert f":yellow-background[{escape_markdown('One passage.')}]" not in said


def test_references_tell_what_the_library_holds_and_where_they_are_cited(page: Page, add: Add) -> None:
    add(make_document("Held Work", authors=("Ada Lovelace",), year=2020))
    held = make_reference("Held Work", authors=("Ada Lovelace",), year=2020)
    paper = add(make_document("Citing", passages=["It is known [1]."], references=[held, "Missing Work"]))
    at = page("paper", paper=str(paper.id))
    at.segmented_control(key="panel").set_value("References").run()
    said = words(at)
    assert "2 references, 1 of them in the library" in said
    assert "Missing Work" in said
    assert "no citation in the text" in said
    assert not at.exception


def test_the_outline_leads_to_pages(page: Page, add: Add) -> None:
    passages = [f"Passage {number} of many." for number in range(1, 10)]
    paper = add(make_document(passages=passages, headings=("First", "Second", "Last")))
    at = page("paper", paper=str(paper.id))
    at.segmented_control(key="panel").set_value("Outline").run()
    at.button(key="section-2").click().run()
    assert at.number_input(key="page-number").value == 2


def test_notices_are_shown(page: Page, add: Add) -> None:
    notice = Notice(code="no_text", message="Its pages are pictures: recognise the text (OCR).")
    paper = add(make_document(notices=[notice], passages=()))
    said = words(page("paper", paper=str(paper.id)))
    assert escape_markdown(notice.message) in said
    assert "No text was read from this page" in said


def test_a_summary_quotes_the_paper_without_models(page: Page, add: Add) -> None:
    told = "Citation tokens let a language model name the works that it relies on in its own text."
    paper = add(make_document(passages=[told, "A second sentence that is long enough to be chosen for a summary."]))
    at = page("paper", paper=str(paper.id))
    at.segmented_control(key="panel").set_value("Summary").run()
    at.button(key="summarize").click().run()
    settle(at, lambda page: f"> “{escape_markdown(told)}”" in words(page))


def test_removal_asks_first(page: Page, add: Add, library: Galacite) -> None:
    paper = add(make_document())
    at = page("paper", paper=str(paper.id))
    at.button(key="remove").click().run()
    assert library.library.count() == 1
    at.button(key="remove-for-good").click().run()
    assert library.library.count() == 0


def test_citations_of_the_page_are_listed_with_the_entries_they_point_to(page: Page, add: Add) -> None:
    passages = ["It is known [1]. It is doubted [2, 1].", *(f"Passage {number} of many." for number in range(2, 9))]
    paper = add(make_document(passages=passages, references=["Held Work", "Doubtful Work"]))
    at = page("paper", paper=str(paper.id))
    at.segmented_control(key="panel").set_value("Citations").run()
    said = words(at)
    assert f"It is known :blue-background[{escape_markdown('[1]')}]" in said
    assert "2 · Doubtful Work" in said
    at.button(key="find-1").click().run()
    assert at.query_params["mention"] in ("1", ["1"])
    assert at.button(key="find-1").disabled
    at.button(key="turn-Right").click().run()
    assert "No citation stands on this page" in words(at)
    assert not at.exception


def test_an_entry_is_shown_where_it_stands(page: Page, add: Add) -> None:
    passages = [f"Passage {number} of many." for number in range(1, 10)]
    paper = add(make_document(passages=passages, references=[make_reference("Held Work", page=4)]))
    at = page("paper", paper=str(paper.id), passage="1")
    at.segmented_control(key="panel").set_value("References").run()
    at.button(key="entry-0").click().run()
    assert at.number_input(key="page-number").value == 4
    assert at.query_params["reference"] in ("0", ["0"])
    assert "passage" not in at.query_params


def test_affiliations_and_keywords_stand_below_the_names(page: Page, add: Add) -> None:
    document = replace(make_document(keywords=("citation", "models")), affiliations=("CERN, Geneva", "Yale"))
    said = words(page("paper", paper=str(add(document).id)))
    assert escape_markdown("CERN, Geneva; Yale · citation, models") in said


def test_a_scan_that_was_not_read_can_be_read_again(page: Page, add: Add, library: Galacite) -> None:
    paper = add(make_document(notices=[Notice(code="no_text", message="Its pages are pictures.")], passages=()))
    at = page("paper", paper=str(paper.id))
    at.button(key="reread").click().run()
    assert [job.kind for job in library.jobs.list()] == ["reread"]
    assert not at.exception
