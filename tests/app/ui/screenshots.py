"""Pictures of every page and state, light and dark, at two widths: ``python -m tests.app.ui.screenshots OUT [NAME…]``.

Names choose scenes. The models are found in GALACITE_MODELS, or where ``galacite models install`` puts them; without
them the answers are quotes. GALACITE_CITATION_MODEL names another citation model than the shipped one.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.samples import sample_pdfs
from app.settings import default_home
from tests.app.ui.server import chromium, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SCHEMES = ("light", "dark")
WIDTHS_PX = (1280, 1600)
HEIGHT_PX = 900
PATIENCE_MS = 120_000
SETTLE_MS = 800
"""Tables are drawn once, measured, and drawn again as wide as their column."""
QUESTION = "Why does BM25 give the tenth occurrence of a term so little weight?"
BEYOND = "Who won the football championship last summer?"


@dataclass(frozen=True)
class Scene:
    """A state of a page: its path, and how to get there."""

    name: str
    path: str
    prepare: Callable[[Page], None]


def _wait(page: Page, text: str | re.Pattern[str]) -> None:
    page.get_by_text(text).first.wait_for(timeout=PATIENCE_MS)


def _wait_picture(page: Page) -> None:
    page.get_by_role("img", name=re.compile("^Page . of")).first.wait_for(timeout=PATIENCE_MS)


def _ask(page: Page, question: str) -> None:
    box = page.get_by_role("textbox", name="Ask a question")
    box.fill(question)
    box.press("Enter")
    page.get_by_role("heading", name=question).wait_for(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Stop").wait_for(state="hidden", timeout=PATIENCE_MS)


def _answered(page: Page) -> None:
    known = page.get_by_role("button", name=re.compile(f"^{QUESTION[:20]}"))
    if known.count():
        known.first.click()
    else:
        _ask(page, QUESTION)
    _wait_picture(page)


def _panel(name: str, then: str | re.Pattern[str]) -> Callable[[Page], None]:
    def prepare(page: Page) -> None:
        _wait_picture(page)
        page.get_by_role("radio", name=name).or_(page.get_by_role("button", name=name, exact=True)).first.click()
        _wait(page, then)

    return prepare


def _summed_up(page: Page) -> None:
    _panel("Summary", "telling sentences")(page)
    page.get_by_role("button", name="Sum up this paper").click()
    _wait(page, re.compile("“"))
    page.get_by_text("Quotes: the paper").or_(page.locator("blockquote").first).first.wait_for(timeout=PATIENCE_MS)


def _suggested(page: Page) -> None:
    page.get_by_role("button", name="Try an example").click()
    _wait(page, re.compile("works considered"))
    page.get_by_text(re.compile("works considered")).scroll_into_view_if_needed()


def _explained(page: Page) -> None:
    _suggested(page)
    page.get_by_role("button", name="Ranking").click()
    page.get_by_text("Show scores").click()
    page.keyboard.press("Escape")
    page.get_by_text("What the numbers mean").click()
    _wait(page, "Numbers compare within one kind alone")


def _models_told(page: Page) -> None:
    _wait(page, "data folder")
    page.get_by_text("ranks works to cite").scroll_into_view_if_needed()


def _removing(page: Page) -> None:
    page.get_by_role("button", name="Remove …").click()
    page.get_by_role("dialog").wait_for()


SCENES = (
    Scene("library", "/", lambda page: _wait(page, "of 8 papers")),
    Scene("library-search", "/?q=reciprocal+rank+fusion", lambda page: _wait(page, "passages, best first")),
    Scene("paper", "/paper?paper=1&passage=2", _wait_picture),
    Scene("paper-outline", "/paper?paper=1&page=2", _panel("Outline", re.compile("· p. "))),
    Scene("paper-references", "/paper?paper=1", _panel("References", re.compile("references, "))),
    Scene("paper-summary", "/paper?paper=1", _summed_up),
    Scene("paper-remove", "/paper?paper=1", _removing),
    Scene("paper-gone", "/paper?paper=999", lambda page: _wait(page, "not in the library")),
    Scene("ask", "/ask", lambda page: _wait(page, "begin with one of these")),
    Scene("ask-answer", "/ask", _answered),
    Scene("ask-refusal", "/ask", lambda page: _ask(page, BEYOND)),
    Scene("cite", "/cite", lambda page: _wait(page, "Paste a paragraph")),
    Scene("cite-suggestions", "/cite", _suggested),
    Scene("cite-explained", "/cite", _explained),
    Scene("status", "/status", lambda page: _wait(page, "data folder")),
    Scene("status-models", "/status", _models_told),
)


def main(arguments: list[str]) -> int:
    """Take the pictures; returns the exit code."""
    if not arguments:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    out, names = Path(arguments[0]), set(arguments[1:])
    out.mkdir(parents=True, exist_ok=True)
    extra = {"GALACITE_MODELS": os.environ.get("GALACITE_MODELS") or str(default_home() / "models")}
    if "GALACITE_CITATION_MODEL" in os.environ:
        extra["GALACITE_CITATION_MODEL"] = os.environ["GALACITE_CITATION_MODEL"]
    with (
        tempfile.TemporaryDirectory() as home,
        serving(Path(home), extra=extra) as address,
        chromium() as browser,
    ):
        _fill(browser, address, out, Path(home))
        for scene in SCENES:
            if not names or scene.name in names:
                _shoot(browser, address, scene, out)
    return 0


def _fill(browser: Browser, address: str, out: Path, folder: Path) -> None:
    """Photograph the empty library, then fill it, photographing on the way."""
    empty = Scene("library-empty", "/", lambda page: _wait(page, "Your library is empty"))
    _shoot(browser, address, empty, out)
    page = _open(browser, address, SCHEMES[0], WIDTHS_PX[0])
    damaged, letter = folder / "damaged.pdf", folder / "letter.pdf"
    damaged.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 8)
    letter.write_bytes(b"Dear reader")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files([*sample_pdfs(), damaged, letter])
    _wait(page, re.compile("[1-8] added"))
    page.screenshot(path=out / "library-adding.png")
    _wait(page, "8 added · 2 failed")
    _wait(page, "of 8 papers")
    page.screenshot(path=out / "library-added.png")
    page.close()


def _shoot(browser: Browser, address: str, scene: Scene, out: Path) -> None:
    for width in WIDTHS_PX:
        for scheme in SCHEMES:
            page = _open(browser, address + scene.path, scheme, width)
            scene.prepare(page)
            _wait_calm(page)
            page.screenshot(path=out / f"{scene.name}-{scheme}-{width}.png")
            page.close()


def _wait_calm(page: Page) -> None:
    """Wait until nothing is being loaded or drawn any more."""
    page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton]')")
    page.evaluate("() => document.fonts.ready.then(() => null)")
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.wait_for_timeout(SETTLE_MS)


def _open(browser: Browser, url: str, scheme: str, width: int) -> Page:
    page = browser.new_page(
        viewport={"width": width, "height": HEIGHT_PX}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    page.get_by_role("heading", level=1).first.wait_for()
    return page


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
