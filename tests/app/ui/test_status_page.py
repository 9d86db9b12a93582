from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from app.ui.markup import escape_markdown
from app.ui.views.status import _toned_down
from app.wiring import Galacite
from indexer.store import jobs as job_store
from tests.app.ui.conftest import settle, words

Page = Callable[..., AppTest]


def test_the_installation_is_examined(page: Page) -> None:
    at = settle(page("status"), lambda page: "**models**" in words(page))
    assert escape_markdown("Run: galacite models install") in words(at)


def test_jobs_are_listed_with_their_state(page: Page, library: Galacite) -> None:
    with library.database.session(write=True) as session:
        job_store.create_job(session, "ingest", "<b>a</b>.pdf", {})
    at = page("status")
    assert escape_markdown("<b>a</b>.pdf") in words(at)
    next(button for button in at.button if button.label == "Cancel").click().run()
    assert library.jobs.list()[0].state == "cancelled"
    next(button for button in at.button if button.label == "Retry").click().run()
    assert library.jobs.list()[0].state == "queued"


def test_a_card_of_ours_fits_into_the_page() -> None:
    card = "# Mini\n\n![curve](curve.png) It fell.\n\n## Data\n\n#### Small\n\n#tag"
    assert _toned_down(card) == "#### Mini\n\n It fell.\n\n#### Data\n\n#### Small\n\n#tag"


def test_models_are_told_with_size_and_card(page: Page, library_with_model: Galacite) -> None:
    at = settle(page("status"), lambda page: "**models**" in words(page))
    assert f"**nano** ranks works to cite — {escape_markdown('143.8k parameters, < 1 MB (BF16)')}" in words(at)
    assert "not installed" in words(at)
    assert "A model for tests" in at.code[0].value  # letter by letter: it is not ours
