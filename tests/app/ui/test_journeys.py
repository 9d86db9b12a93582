"""What a newcomer does, in a real browser against the real server, worker, parser and indexes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.samples import sample_pdfs
from app.settings import default_home
from tests.app.ui.colours import AA_TEXT, contrast, of_css
from tests.app.ui.server import CHROMIUM, chromium, serving

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's chromium is not installed"),
    pytest.mark.timeout(240),
]
expect = playwright.expect
PATIENCE_MS = 60_000
MODELS = Path(os.environ.get("GALACITE_MODELS") or default_home() / "models")
NAMES = ("bm25.pdf", "dense.pdf", "tokens.pdf")
FUSION = "The large constant makes the top ranks nearly equal"


@pytest.fixture
def browser_page(tmp_path: Path) -> Iterator[playwright.Page]:
    """The app over an empty data folder, in a browser."""
    home = tmp_path / "home"
    home.mkdir()
    models = {"GALACITE_MODELS": str(MODELS)}
    with serving(home, extra=models) as address, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE_MS)
        page.goto(address)
        yield page


def upload(page: playwright.Page, folder: Path) -> None:
    """Hand in three papers, a damaged one and one that is no PDF at all, through the real widget."""
    damaged = folder / "damaged.pdf"
    damaged.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 8)
    letter = folder / "letter.pdf"
    letter.write_bytes(b"Dear reader, this is no PDF.")
    files = [path for path in sample_pdfs() if path.name in NAMES] + [damaged, letter]
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(files)


def test_from_an_empty_library_to_the_page_that_answers(browser_page: playwright.Page, tmp_path: Path) -> None:
    page = browser_page
    expect(page.get_by_role("heading", name="Library", level=1)).to_be_visible()
    expect(page.get_by_text("Your library is empty")).to_be_visible()
    upload(page, tmp_path)
    expect(page.get_by_text("3 added · 2 failed")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("letter.pdf — not a PDF")).to_be_visible()
    expect(page.get_by_text(re.compile("damaged.pdf — damaged"))).to_be_visible()
    expect(page.get_by_text("1–3 of 3 papers")).to_be_visible()

    page.reload()
    search = page.get_by_role("searchbox", name="Search inside your papers")
    search.fill("reciprocal rank fusion constant")
    search.press("Enter")
    page.get_by_role("link", name="Open p. 2").first.click()
    picture = page.get_by_role("img", name=re.compile("^Page 2 of .*with a passage highlighted"))
    expect(picture).to_be_visible(timeout=PATIENCE_MS)
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 500
    page.get_by_role("button", name="Previous").click()
    expect(page.get_by_role("img", name=re.compile("^Page 1 of"))).to_be_visible(timeout=PATIENCE_MS)
    assert "page=1" in page.url
    page.reload()
    expect(page.get_by_role("img", name=re.compile("^Page 1 of"))).to_be_visible(timeout=PATIENCE_MS)
    if any(MODELS.glob("*/model.json")):
        ask(page)


def ask(page: playwright.Page) -> None:
    """Ask about one of the papers and see the page that answers."""
    page.get_by_role("link", name="Ask").click()
    question = "How does reciprocal rank fusion join two rankings?"
    box = page.get_by_role("textbox", name="Ask a question")
    box.fill(question)
    box.press("Enter")
    expect(page.get_by_role("heading", name=question)).to_be_visible()
    cards = page.locator("[class*=st-key-card-]")
    holding = cards.filter(has_text=FUSION).or_(cards.filter(has_text="p. 2 · JOINING TWO RANKINGS"))
    expect(holding.first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Stop")).to_be_hidden(timeout=PATIENCE_MS)
    expect(page.get_by_role("img", name=re.compile("^Page . of .*with the passage highlighted")).first).to_be_visible(
        timeout=PATIENCE_MS
    )


def test_a_ticked_paper_goes_into_a_new_collection(browser_page: playwright.Page) -> None:
    page = browser_page
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(sample_pdfs()[2:4])
    expect(page.get_by_text("1–2 of 2 papers")).to_be_visible(timeout=PATIENCE_MS)
    page.reload()
    expect(page.get_by_text("1–2 of 2 papers")).to_be_visible(timeout=PATIENCE_MS)
    table = page.get_by_test_id("stDataFrame")
    table.click(position={"x": 16, "y": 54})  # the tick of the first row: the table is a canvas
    page.get_by_role("button", name="Add to collection …").click()
    dialog = page.get_by_role("dialog")
    name = dialog.get_by_role("combobox")
    name.fill("to read")
    name.press("Enter")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("to read now holds 1 paper.")).to_be_visible()
    page.get_by_role("button", name="Filters").click()
    page.get_by_role("combobox", name="Collection").click()
    page.get_by_role("option", name="to read").click()
    expect(page.get_by_text("1–1 of 1 papers")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Take out of to read").click()
    expect(page.get_by_text("No paper passes these filters.")).to_be_visible()


GROUND = "element => getComputedStyle(element).backgroundColor"


def test_the_words_of_chosen_options_can_be_read_in_both_themes(browser_page: playwright.Page) -> None:
    page = browser_page
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(sample_pdfs()[2])
    expect(page.get_by_text("1–1 of 1 papers")).to_be_visible(timeout=PATIENCE_MS)
    address = page.url.split("?")[0]
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{address}paper?paper=1")
        chosen = page.get_by_role("radio", name="Passages")
        expect(chosen).to_be_checked(timeout=PATIENCE_MS)
        highlight = page.get_by_role("button", name="Highlight").first
        ground = of_css(page.get_by_test_id("stApp").evaluate(GROUND))
        for option in (chosen, page.get_by_role("radio", name="Outline"), highlight):
            for _ in ("at rest", "hovered"):
                words = of_css(option.locator("p").evaluate("element => getComputedStyle(element).color"))
                assert contrast(words, of_css(option.evaluate(GROUND), over=ground)) >= AA_TEXT
                option.hover()
                page.wait_for_timeout(300)  # colours glide


HOSTILE = "$x^2$ :smile: :red[r] <b>b</b> [l](http://e.example) www.e.example a -> b **s** `c` :material/delete: 1. x"


def test_hostile_titles_are_shown_letter_by_letter(browser_page: playwright.Page, tmp_path: Path) -> None:
    import pymupdf

    path = tmp_path / "hostile.pdf"
    with pymupdf.open() as pdf:
        drawn = pdf.new_page()
        drawn.insert_textbox(pymupdf.Rect(72, 72, 540, 150), HOSTILE, fontsize=18)
        drawn.insert_text((72, 190), "1 Introduction", fontsize=13)
        drawn.insert_textbox(pymupdf.Rect(72, 200, 540, 320), f"Zebras are striped. {HOSTILE} And so on.", fontsize=10)
        drawn.insert_textbox(
            pymupdf.Rect(72, 330, 540, 600), "Lions live in groups and hunt at night. " * 12, fontsize=10
        )
        pdf.save(path)
    page = browser_page
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files([path])
    expect(page.get_by_text("1–1 of 1 papers")).to_be_visible(timeout=PATIENCE_MS)
    search = page.get_by_role("searchbox", name="Search inside your papers")
    search.fill("zebras")
    search.press("Enter")
    passage = page.locator("[class*=st-key-passage-]").first
    expect(passage).to_be_visible(timeout=PATIENCE_MS)
    assert_shown(passage)
    assert_shown(page.locator("[class*=st-key-card-] h3").first)
    page.get_by_role("link", name="Open p. 1").first.click()
    expect(page.get_by_role("img", name=re.compile("^Page 1 of"))).to_be_visible(timeout=PATIENCE_MS)
    assert_shown(page.get_by_role("heading", level=1))


def assert_shown(place: playwright.Locator) -> None:
    """The hostile text stands there letter by letter, and none of it has become markup."""
    shown = place.inner_text().replace("\u2060", "")
    assert "".join(HOSTILE.split()) in "".join(shown.split())
    assert place.locator("a, b, strong, code, .katex, [role=img]").count() == 0
