"""A library for the pages, with everything real but the worker: jobs stay where a test puts them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pymupdf
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.ui.background import THREADS
from app.ui.resources import galacite
from app.wiring import Galacite
from core.records import Document, Paper
from indexer.store import papers as paper_store
from tests.builders import make_document

RUN_S = 60


@pytest.fixture(autouse=True)
def main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that runs becomes ``__main__``, which processes started later would run again: put back what it was."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Galacite]:
    """An empty library without models, as the app opens it."""
    for name in ("GALACITE_DATABASE_URL", "GALACITE_QUEUE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GALACITE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GALACITE_MODELS", str(tmp_path / "no-models"))
    monkeypatch.setenv("GALACITE_CITATION_MODEL", "none")
    monkeypatch.setenv("GALACITE_WORKER", "external")
    st.cache_resource.clear()
    st.cache_data.clear()
    opened = galacite()
    yield opened
    # Work still going on would open again what is closed here.
    for thread in threading.enumerate():
        if thread.name.startswith(THREADS):
            thread.join(60)
    opened.close()
    st.cache_resource.clear()


@pytest.fixture
def library_with_model(library: Galacite, checkpoint: Path) -> Galacite:
    """The library with a citation model of random weights."""
    library.settings = library.settings.model_copy(update={"citation_model": str(checkpoint)})
    return library


@pytest.fixture
def add(library: Galacite, tmp_path: Path) -> Callable[[Document], Paper]:
    """Put a document into the library, with a PDF of as many pages, and index it."""

    def put(document: Document | None = None) -> Paper:
        wanted = document if document is not None else make_document()
        path = tmp_path / f"{library.library.count()}.pdf"
        write_pdf(path, pages=wanted.page_count, title=wanted.title)
        file = library.files.put(path, name=path.name)
        with library.database.session(write=True) as session:
            paper = paper_store.add_paper(session, wanted, file)
        library.indexes.sync()
        return paper

    return put


def write_pdf(path: Path, *, pages: int, title: str) -> None:
    """A real PDF whose pages name themselves."""
    with pymupdf.open() as pdf:
        for number in range(pages):
            page = pdf.new_page()
            page.insert_text((72, 72), f"{title[:60].encode('ascii', 'replace').decode()}, page {number + 1}")
        pdf.save(path)


def _show(view: str) -> None:
    import importlib

    import streamlit

    from app.ui.routes import pages

    streamlit.navigation(list(pages().values()), position="hidden")
    getattr(importlib.import_module(f"app.ui.views.{view}"), f"show_{view}")()


@pytest.fixture
def page(library: Galacite) -> Callable[..., AppTest]:
    """Run a page by name, with query parameters."""

    def run(view: str, **query: str) -> AppTest:
        at = AppTest.from_function(_show, args=(view,), default_timeout=RUN_S)
        for name, value in query.items():
            at.query_params[name] = value
        at.run()
        assert not at.exception
        return at

    return run


def words(at: AppTest) -> str:
    """All that the page says in Markdown, captions, headings and boxes."""
    kinds = (at.title, at.header, at.subheader, at.markdown, at.caption, at.info, at.warning, at.error)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def settle(at: AppTest, until: Callable[[AppTest], bool], *, runs: int = 200) -> AppTest:
    """Run a page again and again, as its fragments do in a browser, until something holds."""
    for _ in range(runs):
        if until(at):
            return at
        at.run()
    raise AssertionError(f"never came true; the page says:\n{words(at)}")
