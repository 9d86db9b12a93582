"""Drafts to documents."""

from pathlib import Path

from core.records import Box, Document, Reference
from indexer.pdf.passages import MAX_CHARS
from indexer.xml.assembly import assemble
from indexer.xml.draft import Draft
from indexer.xml.inline import Anchor, Place, Rich
from tests.indexer.xml.samples import check

SENTENCE = "The water in the glass rose by less than we could see."


def made(draft: Draft) -> Document:
    document = assemble(draft, path=Path("some folder/tides.xml"), name="", notices=())
    check(document)
    return document


def test_an_empty_draft_has_the_name_of_its_file() -> None:
    document = made(Draft())
    assert document.title == "tides"
    assert document.text == ""


def test_short_paragraphs_are_joined_within_their_section_only() -> None:
    draft = Draft()
    draft.add(Rich("One."))
    draft.add(Rich("Two."))
    draft.add_heading("Part", level=1)
    draft.add(Rich("Three."))
    assert [passage.text for passage in made(draft).passages] == ["One. Two.", "Three."]


def test_items_of_different_lists_are_not_joined() -> None:
    draft = Draft()
    for text, list_id in (("• a", 1), ("• b", 1), ("• c", 2)):
        draft.add(Rich(text), "list", list_id=list_id)
    assert [passage.text for passage in made(draft).passages] == ["• a • b", "• c"]


def test_long_paragraphs_are_cut_at_sentences() -> None:
    draft = Draft()
    draft.add(Rich(" ".join([SENTENCE] * 100)))
    passages = made(draft).passages
    assert len(passages) > 3
    assert all(passage.text.startswith("The water") and passage.text.endswith("see.") for passage in passages)


def test_a_paragraph_without_spaces_is_cut_anywhere() -> None:
    draft = Draft()
    draft.add(Rich("x" * 100_000))
    document = made(draft)
    assert max(len(passage.text) for passage in document.passages) <= MAX_CHARS
    assert document.text.replace("\n", "") == "x" * 100_000


def test_citations_in_a_very_long_paragraph_keep_their_place() -> None:
    text = " ".join([SENTENCE] * 1_000)
    at = text.rfind("glass")
    draft = Draft(references=[Reference(index=0, raw="A work", page=0)], by_id={"r": (0,)})
    draft.add(Rich(text, (Anchor(at, at + 5, ("r",)),)))
    (mention,) = made(draft).mentions
    assert mention.text == "glass"
    assert mention.sentence == SENTENCE


def test_levels_never_leap() -> None:
    draft = Draft()
    for level in (3, 5, 1, 0, 9):
        draft.add_heading("Part", level=level)
        draft.add(Rich("Text."))
    sections = made(draft).sections
    assert [section.level for section in sections] == [1, 2, 1, 1, 2]
    assert [section.parent for section in sections] == [None, 0, None, None, 3]


def test_a_section_without_text_is_where_the_next_begins() -> None:
    draft = Draft()
    draft.add_heading("Outer", level=1)
    draft.add_heading("Inner", level=2)
    draft.add(Rich("Text."))
    draft.add_heading("Last", level=1)
    outer, inner, last = made(draft).sections
    assert (outer.start, outer.end) == (inner.start, inner.end) == (0, 5)
    assert (last.start, last.end) == (5, 5)


def test_passages_have_the_boxes_of_their_own_sentences() -> None:
    boxes = [Box(page=page, x0=0, y0=0, x1=9, y1=9) for page in (1, 2)]
    text = " ".join([SENTENCE] * 40)
    middle = len(text) // 2
    places = (Place(0, middle, (boxes[0],)), Place(middle, len(text), (boxes[1],)))
    draft = Draft(page_count=2)
    draft.add(Rich(text, (), places))
    passages = made(draft).passages
    assert (passages[0].boxes, passages[-1].boxes) == ((boxes[0],), (boxes[1],))
    assert (passages[0].page, passages[-1].page) == (1, 2)


def test_what_has_no_place_is_on_the_page_of_what_stood_before() -> None:
    box = Box(page=2, x0=0, y0=0, x1=9, y1=9)
    draft = Draft(page_count=3)
    draft.add(Rich("First."), "equation")
    draft.add(Rich("Second."), boxes=(box,))
    draft.add(Rich("Third."), "footnote")
    assert [passage.page for passage in made(draft).passages] == [1, 2, 2]
