"""What holds for every document, however its file was damaged."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator

from core.records import Box, Document

_FAR_PT = 1_000_000.0
"""No page is as large; what lies further out is a mistake of arithmetic."""
_MOST_SHOWN = 5


def violations(document: Document) -> list[str]:
    """The invariants of the records that a document breaks, in words and without its text; empty when it is sound."""
    found = [*_of_order(document), *_of_spans(document), *_of_places(document), *_of_text(document)]
    return found[:_MOST_SHOWN]


def _of_order(document: Document) -> Iterator[str]:
    for name, items in (
        ("section", document.sections),
        ("passage", document.passages),
        ("reference", document.references),
    ):
        if [item.index for item in items] != list(range(len(items))):
            yield f"{name}s are not numbered in their order"
    for section in document.sections:
        if section.parent is not None and not 0 <= section.parent < section.index:
            yield f"section {section.index} has the parent {section.parent}"
        if section.level < 1:
            yield f"section {section.index} has the level {section.level}"
    for passage in document.passages:
        if passage.section is not None and not 0 <= passage.section < len(document.sections):
            yield f"passage {passage.index} is in section {passage.section}"
    for number, mention in enumerate(document.mentions):
        if not all(0 <= index < len(document.references) for index in mention.reference_indices):
            yield f"mention {number} points at no entry"
        if mention.section is not None and not 0 <= mention.section < len(document.sections):
            yield f"mention {number} is in section {mention.section}"


def _of_spans(document: Document) -> Iterator[str]:
    text = document.text
    end = 0
    for passage in document.passages:
        if not end <= passage.start <= passage.end:
            yield f"passage {passage.index} begins before the one before it ends"
        if text[passage.start : passage.end] != passage.text:
            yield f"passage {passage.index} is not at its span"
        end = passage.end
    for section in document.sections:
        if not 0 <= section.start <= section.end <= len(text):
            yield f"section {section.index} reaches from {section.start} to {section.end} of {len(text)}"
    for number, mention in enumerate(document.mentions):
        if text[mention.start : mention.end] != mention.text or not mention.text:
            yield f"mention {number} is not at its span"
        if mention.text not in mention.sentence:
            yield f"mention {number} is not in its sentence"


def _of_places(document: Document) -> Iterator[str]:
    pages = document.page_count
    if len(document.page_labels) not in (0, pages):
        yield f"{len(document.page_labels)} page labels for {pages} pages"
    for name, placed in (
        ("section", [section.page for section in document.sections]),
        ("passage", [passage.page for passage in document.passages]),
        ("reference", [entry.page for entry in document.references]),
        ("mention", [mention.page for mention in document.mentions]),
    ):
        if wrong := [page for page in placed if not 1 <= page <= pages]:
            yield f"a {name} is on page {wrong[0]} of {pages}"
    boxes = (
        box
        for items in (document.passages, document.references, document.mentions)
        for item in items
        for box in item.boxes
    )
    yield from _of_boxes(boxes, pages)


def _of_boxes(boxes: Iterable[Box], pages: int) -> Iterator[str]:
    for box in boxes:
        edges = (box.x0, box.y0, box.x1, box.y1)
        if not all(math.isfinite(edge) and abs(edge) <= _FAR_PT for edge in edges):
            yield f"a box on page {box.page} has the edges {edges}"
        elif box.x0 > box.x1 or box.y0 > box.y1:
            yield f"a box on page {box.page} is inside out: {edges}"
        if not 1 <= box.page <= pages:
            yield f"a box is on page {box.page} of {pages}"


def _of_text(document: Document) -> Iterator[str]:
    if not document.title.strip():
        yield "there is no title"
    texts = {
        "title": (document.title,),
        "abstract": (document.abstract,),
        "author": tuple(author.name for author in document.authors),
        "heading": tuple(section.heading for section in document.sections),
        "passage": tuple(passage.text for passage in document.passages),
        "reference": tuple(entry.raw for entry in document.references),
        "notice": tuple(notice.message for notice in document.notices),
    }
    for name, values in texts.items():
        if odd := {char for value in values for char in value if _cannot_be_shown(char)}:
            yield f"a {name} holds {', '.join(f'U+{ord(char):04X}' for char in sorted(odd)[:4])}"


def _cannot_be_shown(char: str) -> bool:
    """Control characters, halves of characters, and marks that turn the direction of writing."""
    if char.isascii():
        return not char.isprintable() and char != "\n"
    return (
        unicodedata.category(char) in ("Cc", "Cs") or char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )
