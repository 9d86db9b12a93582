"""Paragraphs to passages of a size that suits search, with their place in the running text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.records import Passage, PassageKind
from core.sentences import sentence_spans
from indexer.pdf.flow import Flow, join_flows, merge_boxes

TARGET_CHARS = 900
MAX_CHARS = 1_200
SMALL_CHARS = 160
"""A paragraph shorter than this joins its neighbour."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph before it is cut; ``section`` is the index of its section, ``label`` as of a passage."""

    flow: Flow
    kind: PassageKind
    section: int | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A paragraph at its offset in the document's running text."""

    paragraph: Paragraph
    offset: int


def make_passages(
    paragraphs: Sequence[Paragraph], *, labels: Sequence[str] = ()
) -> tuple[tuple[Passage, ...], tuple[Placed, ...]]:
    """Cut paragraphs into passages.

    Args:
        paragraphs: In reading order; blank ones are skipped.
        labels: The printed label of each page, empty where unknown.

    Returns:
        Passages whose spans fit ``Document.text``, and the paragraphs with their offsets in it.
    """
    passages: list[Passage] = []
    placed: list[Placed] = []
    position = 0
    for paragraph in join_small(paragraphs):
        text = paragraph.flow.text
        if not text.strip():
            continue
        offset = position + 2 if passages else 0
        placed.append(Placed(paragraph, offset))
        for start, end in cut(text) if paragraph.kind != "equation" else [(0, len(text))]:
            page = paragraph.flow.page_at(start)
            label = labels[page - 1] if page <= len(labels) else ""
            passages.append(
                Passage(
                    index=len(passages),
                    text=text[start:end],
                    page=page,
                    start=offset + start,
                    end=offset + end,
                    boxes=merge_boxes(paragraph.flow.boxes(start, end)),
                    kind=paragraph.kind,
                    label=paragraph.label,
                    page_label=label if label and label != str(page) else None,
                    section=paragraph.section,
                )
            )
        position = passages[-1].end
    return tuple(passages), tuple(placed)


def join_small(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """Join short paragraphs (items of a list, remarks of one line) with neighbours of their kind and section."""
    joined: list[Paragraph] = []
    for paragraph in paragraphs:
        last = joined[-1] if joined else None
        if (
            last is not None
            and (last.kind, last.section) == (paragraph.kind, paragraph.section)
            and last.kind in ("paragraph", "list")
            and min(len(last.flow.text), len(paragraph.flow.text)) < SMALL_CHARS
            and len(last.flow.text) + len(paragraph.flow.text) < TARGET_CHARS
        ):
            joined[-1] = Paragraph(join_flows([last.flow, paragraph.flow]), last.kind, last.section)
        else:
            joined.append(paragraph)
    return joined


def cut(text: str) -> list[tuple[int, int]]:
    """Spans of at most ``MAX_CHARS``, cut at sentence ends near ``TARGET_CHARS``, at most a space between two."""
    pieces: list[tuple[int, int]] = []
    for start, end in _short_enough(text):
        if pieces and end - pieces[-1][0] <= TARGET_CHARS and start - pieces[-1][1] <= 1:
            pieces[-1] = (pieces[-1][0], end)
        else:
            pieces.append((start, end))
    if len(pieces) > 1 and pieces[-1][1] - pieces[-1][0] < SMALL_CHARS and pieces[-1][1] - pieces[-2][0] <= MAX_CHARS:
        pieces[-2:] = [(pieces[-2][0], pieces[-1][1])]
    return pieces


def _short_enough(text: str) -> list[tuple[int, int]]:
    """Sentences; those beyond the limit are cut at spaces, and where there is none, anywhere."""
    spans: list[tuple[int, int]] = []
    for start, end in sentence_spans(text):
        while end - start > MAX_CHARS:
            space = text.rfind(" ", start + 1, start + MAX_CHARS)
            middle = space if space > 0 else start + MAX_CHARS
            spans.append((start, middle))
            start = middle + 1 if space > 0 else middle
        if end > start:
            spans.append((start, end))
    return spans
