from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.services.library import AddOutcome, Collection
from app.ui.markup import escape_markdown
from app.ui.uploads import Batch, Incoming
from app.wiring import Galacite
from core.records import Document, Paper
from indexer.store import jobs as job_store
from tests.app.ui.conftest import RUN_S, settle, words, write_pdf
from tests.builders import make_document

Page = Callable[..., AppTest]
Add = Callable[..., Paper]
HOSTILE = "$x$ :red[alert] <script>alert(1)</script> [a](javascript:b) # **T**"


def test_an_empty_library_offers_two_ways_in(page: Page) -> None:
    at = page("library")
    assert "Your library is empty" in words(at)
    assert [button.label for button in at.button] == ["Load the sample papers"]
    assert len(at.get("file_uploader")) == 1


def test_samples_are_queued_and_followed(page: Page, library: Galacite) -> None:
    at = page("library")
    at.button[0].click().run()
    settle(at, lambda _: len(library.jobs.list()) == 8)
    settle(at, lambda page: page.session_state["batches"][0].over)
    at.run()
    assert "8 on the way" in words(at)
    assert len([button for button in at.button if button.label == "Cancel"]) == 8


def test_a_waiting_file_can_be_cancelled_and_tried_again(page: Page, library: Galacite) -> None:
    with library.database.session(write=True) as session:
        job = job_store.create_job(session, "ingest", "a.pdf", {"sha256": "0" * 64, "name": "a.pdf", "size_bytes": "1"})
    at = page("library")
    next(button for button in at.button if button.label == "Cancel").click().run()
    assert library.jobs.get(job.id).state == "cancelled"


def test_a_failed_file_tells_why_and_what_to_do(page: Page, library: Galacite) -> None:
    with library.database.session(write=True) as session:
        job = job_store.create_job(
            session, "ingest", "$bad$.pdf", {"sha256": "1" * 64, "name": "b.pdf", "size_bytes": "1"}
        )
        assert job_store.claim_job(session, job.id, "host:1:x") is not None
        job_store.fail_job(session, job.id, message="b.pdf: encrypted", hint="Remove the password")
    at = page("library")
    said = words(at)
    assert "1 failed" in said
    assert escape_markdown("$bad$.pdf") in said
    assert escape_markdown("b.pdf: encrypted") in said
    assert escape_markdown("Remove the password") in said
    next(button for button in at.button if button.label == "Retry").click().run()
    assert library.jobs.get(job.id).state == "queued"


def test_papers_stand_in_a_table(page: Page, add: Add) -> None:
    add(make_document(HOSTILE, year=2024))
    add(make_document("Second Paper", authors=("Grace Hopper",), year=1999))
    at = page("library")
    table = at.dataframe[0].value
    assert list(table["Title"]) == ["Second Paper", HOSTILE]
    assert list(table["Authors"]) == ["Hopper", "Lovelace and Hopper"]
    assert "1–2 of 2 papers" in words(at)


def test_the_table_is_filtered_and_sorted(page: Page, add: Add) -> None:
    add(make_document("Zebra", authors=("Ada Lovelace",), year=2001))
    add(make_document("Aardvark", authors=("Grace Hopper",), year=2002))
    at = page("library")
    at.selectbox(key="order").select("Title").run()
    assert list(at.dataframe[0].value["Title"]) == ["Aardvark", "Zebra"]
    at.text_input(key="filter-author").set_value("Lovelace").run()
    assert list(at.dataframe[0].value["Title"]) == ["Zebra"]
    at.text_input(key="filter-text").set_value("nothing like it").run()
    assert "No paper passes these filters" in words(at)
    assert not at.exception


def test_search_finds_passages_with_their_page(page: Page, add: Add) -> None:
    add(make_document("Tokens", passages=["Citation tokens store $knowledge$ [x].", "Another passage."]))
    add(make_document("Other", passages=["Nothing about it."]))
    at = page("library", q="citation tokens")
    settle(at, lambda page: bool(page.subheader))
    said = words(at)
    assert "Tokens" in at.subheader[0].value
    assert ":yellow-background[Citation]" in said
    assert escape_markdown("$knowledge$ [x].") in said
    assert escape_markdown("p. 1") in said


def test_a_search_without_hits_says_so(page: Page, add: Add) -> None:
    add(make_document())
    at = page("library", q="zzzzqqqq")
    settle(at, lambda page: "Nothing in the library fits" in words(page))


def test_a_long_list_is_paged(page: Page, library: Galacite, add: Add) -> None:
    from indexer.store import papers as paper_store
    from tests.builders import make_file

    document: Document = make_document("First")
    add(document)
    with library.database.session(write=True) as session:
        for number in range(101):
            paper_store.add_paper(session, make_document(f"Paper {number:03}"), make_file(f"{number}.pdf"))
    at = page("library")
    assert len(at.dataframe[0].value) == 100
    next(button for button in at.button if button.label == "Next").click().run()
    assert len(at.dataframe[0].value) == 2
    assert "101–102 of 102" in words(at)


def _choosing(paper_ids: list[int]) -> None:
    from app.ui.views.library import choose_collection

    choose_collection(paper_ids)


def _collecting(name: str, paper_ids: list[int]) -> None:
    import streamlit

    from app.ui.views.library import collect

    if "asked" not in streamlit.session_state:  # collecting draws the page anew
        streamlit.session_state["asked"] = True
        collect(name, paper_ids)


def test_papers_go_into_a_new_collection_and_into_one_there_is(add: Add, library: Galacite) -> None:
    first, second = add(make_document("First")), add(make_document("Second"))
    AppTest.from_function(_collecting, args=(HOSTILE, [first.id]), default_timeout=RUN_S).run()
    assert library.library.collections() == [Collection(name=HOSTILE, papers=1)]
    at = AppTest.from_function(_choosing, args=([first.id, second.id],), default_timeout=RUN_S).run()
    assert at.button(key="collect-add").disabled
    at.selectbox(key="collect-name").select(HOSTILE).run()
    at.button(key="collect-add").click().run()
    assert not at.exception
    assert library.library.collections() == [Collection(name=HOSTILE, papers=2)]


def test_a_name_too_long_for_a_collection_is_told(add: Add, library: Galacite) -> None:
    paper = add(make_document())
    at = AppTest.from_function(_collecting, args=("x" * 300, [paper.id]), default_timeout=RUN_S).run()
    assert "too long" in words(at)
    assert library.library.collections() == []


def test_the_table_is_narrowed_to_a_collection(page: Page, add: Add, library: Galacite) -> None:
    inside = add(make_document("Inside"))
    add(make_document("Outside"))
    library.library.collect("reading list", [inside.id])
    at = page("library")
    at.selectbox(key="filter-collection").select("reading list").run()
    assert list(at.dataframe[0].value["Title"]) == ["Inside"]
    library.library.remove_collection("reading list")
    at.run()
    assert not at.exception


def _handing_in(folder: str) -> None:
    from pathlib import Path

    import streamlit

    from app.ui.uploads import Incoming, add_files, show_progress

    if "batches" not in streamlit.session_state:
        add_files([Incoming("a.pdf", Path(folder))])
    show_progress()


def test_a_file_of_this_visit_is_followed_however_many_came_after(library: Galacite, tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf", pages=1, title="First")
    at = AppTest.from_function(_handing_in, args=(str(tmp_path / "a.pdf"),), default_timeout=RUN_S).run()
    settle(at, lambda page: bool(page.session_state["batches"][0].over))
    with library.database.session(write=True) as session:
        for number in range(501):
            later = job_store.create_job(session, "sync", f"{number}", {})
            job_store.cancel_job(session, later.id)
    at.run()
    assert "1 on the way" in words(at)


def test_a_file_that_cannot_be_taken_in_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def fail(file: Incoming) -> AddOutcome:
        raise ValueError("secret detail")

    batch = Batch([Incoming("a.pdf", Path("a.pdf"))], fail)
    deadline = time.monotonic() + 10
    while not batch.over and time.monotonic() < deadline:
        time.sleep(0.01)
    (outcome,) = batch.without_job()
    assert "log of the app" in outcome.message
    assert "secret detail" in caplog.text
