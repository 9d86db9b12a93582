"""The record of a paper: the promised keys, and the text of each section once."""

from __future__ import annotations

import json
from dataclasses import replace

from app.services.paper_record import paper_record
from core.records import Author, Document, Mention, Notice, Passage, PassageKind, Section
from tests.builders import make_document, make_reference

PROMISED = {
    "file", "title", "authors", "year", "doi", "arxiv_id", "abstract", "sections", "references", "mentions", "warnings",
}  # fmt: skip
PROMISED_OF_REFERENCES = {
    "index", "raw", "title", "authors", "year", "venue", "volume", "pages", "doi", "arxiv_id", "url",
}  # fmt: skip


def test_all_promised_keys_are_there_even_when_nothing_was_found() -> None:
    record = paper_record(Document(title="", page_count=1), file="a.pdf")
    assert set(record) >= PROMISED
    assert record["year"] is None
    assert [record[name] for name in ("title", "doi", "arxiv_id", "abstract")] == [""] * 4
    assert [record[name] for name in ("authors", "sections", "references", "mentions", "warnings")] == [[]] * 5


def test_a_whole_paper_is_plain_json() -> None:
    document = make_document(
        passages=("It was shown before [1].", "Nothing is new."),
        references=(
            replace(make_reference("An Earlier Work"), authors=(Author(family="Old", given="A.", suffix="Jr."),)),
        ),
        notices=(Notice(code="x", message="Look again."),),
    )
    record = json.loads(json.dumps(paper_record(document, file="a.pdf")))
    assert set(record["references"][0]) >= PROMISED_OF_REFERENCES
    assert record["references"][0]["authors"] == [{"family": "Old", "given": "A.", "suffix": "Jr."}]
    mention = record["mentions"][0]
    assert mention["reference_indices"] == [0]
    assert mention["text"] == "[1]"
    assert set(mention["boxes"][0]) == {"page", "x0", "y0", "x1", "y1"}
    assert record["warnings"] == ["Look again."]


def test_a_section_has_the_text_directly_in_it() -> None:
    texts: list[tuple[int | None, PassageKind, str]] = [
        (None, "paragraph", "Before all."),
        (0, "paragraph", "First half"),
        (0, "paragraph", "and second."),
        (0, "caption", "What is seen."),
        (0, "list", "One thing."),
        (1, "equation", "a = b"),
        (1, "footnote", "Aside."),
    ]
    passages: list[Passage] = []
    position = 0
    for index, (section, kind, text) in enumerate(texts):
        end = position + len(text)
        label = "Figure 1" if kind == "caption" else ""
        passages.append(
            Passage(
                index=index,
                text=text,
                page=1,
                start=position,
                end=end,
                boxes=(),
                section=section,
                kind=kind,
                label=label,
            )
        )
        position = end + (1 if text == "First half" else 2)
    sections = (
        Section(index=0, heading="Outer", level=1, page=1, start=0, end=position),
        Section(index=1, heading="Inner", level=2, page=1, start=0, end=position, parent=0, number="1.1"),
    )
    document = Document(title="T", page_count=1, sections=sections, passages=tuple(passages))
    record = paper_record(document, file="a.pdf")
    assert [each["text"] for each in record["sections"]] == ["First half and second.\n\nOne thing.", "a = b"]
    assert record["sections"][1]["number"] == "1.1"
    assert record["text_before_sections"] == "Before all."
    assert record["captions"] == [{"label": "Figure 1", "text": "What is seen.", "page": 1, "section": 0}]
    assert [each["text"] for each in record["footnotes"] + record["equations"]] == ["Aside.", "a = b"]


def test_an_ambiguous_mention_says_so() -> None:
    mention = Mention(reference_indices=(0, 1), text="(A, 2000)", sentence="", start=0, end=1, page=1, ambiguous=True)
    document = replace(make_document(references=("One", "Two")), mentions=(mention,))
    assert paper_record(document, file="")["mentions"][0]["ambiguous"] is True
