"""A parsed paper as the plain record that ``galacite parse --json`` prints, one line each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.records import Author, Box, Document, Mention, Passage, PassageKind, Reference, Section

Record = dict[str, Any]

_RUNNING: frozenset[PassageKind] = frozenset({"paragraph", "list", "equation"})
"""What stands in the text of a section; abstract, captions and footnotes are told apart from it."""


def paper_record(document: Document, *, file: str) -> Record:
    """The record of a document: strings, numbers, lists and dictionaries only.

    A missing text is "", a missing year None; pages count from 1 (0: a source without pages); boxes are in points from
    the top left of the page.
    """
    running = _running_text(document)
    return {
        "file": file,
        "title": document.title,
        "authors": _people(document.authors),
        "year": document.year,
        "doi": document.doi,
        "arxiv_id": document.arxiv_id,
        "abstract": document.abstract,
        "sections": [_section(section, running.get(section.index, ())) for section in document.sections],
        "references": [_reference(reference) for reference in document.references],
        "mentions": [_mention(mention) for mention in document.mentions],
        "warnings": [notice.message for notice in document.notices],
        "venue": document.venue,
        "keywords": list(document.keywords),
        "affiliations": list(document.affiliations),
        "text_before_sections": _joined(running.get(None, ())),
        "captions": _labelled(document, "caption"),
        "footnotes": _labelled(document, "footnote"),
        "equations": _labelled(document, "equation"),
        "page_count": document.page_count,
        "page_labels": list(document.page_labels),
    }


def _running_text(document: Document) -> dict[int | None, list[Passage]]:
    """The running text directly in each section; None: outside all of them."""
    texts: dict[int | None, list[Passage]] = {}
    for passage in document.passages:
        if passage.kind in _RUNNING:
            texts.setdefault(passage.section, []).append(passage)
    return texts


def _section(section: Section, passages: Iterable[Passage]) -> Record:
    return {
        "heading": section.heading,
        "level": section.level,
        "page": section.page,
        "text": _joined(passages),
        "number": section.number,
    }


def _joined(passages: Iterable[Passage]) -> str:
    """Paragraphs with a blank line between them; the parts of a long paragraph are joined again."""
    text = ""
    end = -1
    for passage in passages:
        text += ("" if not text else " " if passage.start == end + 1 else "\n\n") + passage.text
        end = passage.end
    return text


def _reference(reference: Reference) -> Record:
    return {
        "index": reference.index,
        "raw": reference.raw,
        "title": reference.title,
        "authors": _people(reference.authors),
        "year": reference.year,
        "venue": reference.venue,
        "volume": reference.volume,
        "pages": reference.pages,
        "doi": reference.doi,
        "arxiv_id": reference.arxiv_id,
        "url": reference.url,
        "label": reference.label,
        "publisher": reference.publisher,
        "page": reference.page,
    }


def _mention(mention: Mention) -> Record:
    return {
        "reference_indices": list(mention.reference_indices),
        "text": mention.text,
        "sentence": mention.sentence,
        "page": mention.page,
        "boxes": _boxes(mention.boxes),
        "section": mention.section,
        "ambiguous": mention.ambiguous,
    }


def _labelled(document: Document, kind: PassageKind) -> list[Record]:
    return [
        {"label": passage.label, "text": passage.text, "page": passage.page, "section": passage.section}
        for passage in document.passages
        if passage.kind == kind
    ]


def _people(authors: Iterable[Author]) -> list[Record]:
    return [
        {"family": author.family, "given": author.given} | ({"suffix": author.suffix} if author.suffix else {})
        for author in authors
    ]


def _boxes(boxes: Iterable[Box]) -> list[Record]:
    return [{"page": box.page, "x0": box.x0, "y0": box.y0, "x1": box.x1, "y1": box.y1} for box in boxes]
