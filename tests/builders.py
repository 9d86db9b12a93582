"""Small documents for tests, built so that every invariant of the records holds.

``make_document(passages=["Tokens store knowledge [1]."], references=["Galactica"])`` gives a paper of one passage whose
in-text citation points at its one reference.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace

from core.records import Author, Box, Document, Hit, Mention, Notice, Passage, Reference, Section, StoredFile

_MARKER = re.compile(r"\[(\d+(?:, ?\d+)*)\]")
_PASSAGES_PER_PAGE = 4


def make_author(name: str) -> Author:
    """``"Ross Taylor"`` to an author; the last word is the family name, one word alone is a family name."""
    given, _, family = name.rpartition(" ")
    return Author(family=family, given=given)


def make_file(name: str = "paper.pdf", *, content: str = "") -> StoredFile:
    """A stored file whose hash follows from its name and content."""
    data = f"{name}\x1f{content}".encode(errors="surrogatepass")
    return StoredFile(sha256=hashlib.sha256(data).hexdigest(), name=name, size_bytes=len(data))


def make_reference(
    title: str = "Galactica: A Large Language Model for Science",
    *,
    index: int = 0,
    authors: Sequence[str] = ("Ross Taylor",),
    year: int | None = 2022,
    venue: str = "",
    doi: str = "",
    arxiv_id: str = "",
    page: int = 9,
) -> Reference:
    """One entry of a reference list; ``make_document`` sets its index and label."""
    return Reference(
        index=index,
        raw=f"{'; '.join(authors)}. {title}. {venue} {year or ''}".strip(),
        page=page,
        boxes=(Box(page=page, x0=72.0, y0=100.0 + 12 * index, x1=523.5, y1=111.0 + 12 * index),),
        label=str(index + 1),
        authors=tuple(make_author(name) for name in authors),
        title=title,
        venue=venue,
        year=year,
        doi=doi,
        arxiv_id=arxiv_id,
    )


def make_document(
    title: str = "Citation Tokens in Small Language Models",
    *,
    authors: Sequence[str] = ("Ada Lovelace", "Grace Hopper"),
    abstract: str = "",
    year: int | None = 2024,
    venue: str = "",
    doi: str = "",
    arxiv_id: str = "",
    keywords: Sequence[str] = (),
    headings: Sequence[str] = ("Introduction",),
    passages: Sequence[str] = ("Language models store knowledge in their weights.",),
    references: Sequence[Reference | str] = (),
    page_labels: Sequence[str] = (),
    notices: Sequence[Notice] = (),
) -> Document:
    """A document of the given passages, four to a page, spread evenly over the headings.

    A marker such as ``[1]`` or ``[1, 2]`` in a passage becomes a mention of those references, counted from 1; numbers
    beyond the list are left alone. References given as strings are titles.
    """
    built = _build_passages(passages, sections=len(headings), page_labels=page_labels)
    entries = tuple(_numbered(entry, index) for index, entry in enumerate(references))
    return Document(
        title=title,
        page_count=max((passage.page for passage in built), default=0) + 1,
        authors=tuple(make_author(name) for name in authors),
        abstract=abstract,
        year=year,
        venue=venue,
        doi=doi,
        arxiv_id=arxiv_id,
        keywords=tuple(keywords),
        sections=_build_sections(headings, built),
        passages=built,
        references=entries,
        mentions=tuple(mention for passage in built for mention in _mentions_in(passage, len(entries))),
        page_labels=tuple(page_labels),
        notices=tuple(notices),
    )


def _numbered(entry: Reference | str, index: int) -> Reference:
    if isinstance(entry, str):
        return make_reference(entry, index=index)
    return replace(entry, index=index, label=entry.label if index == entry.index else str(index + 1))


def _box(page: int, line: int) -> Box:
    return Box(page=page, x0=72.0, y0=80.25 + 90 * line, x1=523.5, y1=160.75 + 90 * line)


def _build_passages(texts: Sequence[str], *, sections: int, page_labels: Sequence[str]) -> tuple[Passage, ...]:
    built: list[Passage] = []
    position = 0
    for index, text in enumerate(texts):
        page = 1 + index // _PASSAGES_PER_PAGE
        built.append(
            Passage(
                index=index,
                text=text,
                page=page,
                start=position,
                end=position + len(text),
                boxes=(_box(page, index % _PASSAGES_PER_PAGE),),
                page_label=page_labels[page - 1] if page <= len(page_labels) else None,
                section=index * sections // len(texts) if sections else None,
            )
        )
        position += len(text) + 2
    return tuple(built)


def _build_sections(headings: Sequence[str], passages: Sequence[Passage]) -> tuple[Section, ...]:
    sections: list[Section] = []
    end = 0
    page = 1
    for index, heading in enumerate(headings):
        inside = [passage for passage in passages if passage.section == index]
        start = inside[0].start if inside else end
        end = inside[-1].end if inside else end
        page = inside[0].page if inside else page
        sections.append(
            Section(index=index, heading=heading, level=1, page=page, start=start, end=end, number=str(index + 1))
        )
    return tuple(sections)


def _mentions_in(passage: Passage, reference_count: int) -> list[Mention]:
    mentions: list[Mention] = []
    for match in _MARKER.finditer(passage.text):
        indices = tuple(int(number) - 1 for number in match.group(1).split(","))
        if not all(0 <= index < reference_count for index in indices):
            continue
        before = passage.text.rfind(". ", 0, match.start())
        after = passage.text.find(". ", match.end())
        sentence = passage.text[before + 2 if before >= 0 else 0 : after + 1 if after >= 0 else len(passage.text)]
        mentions.append(
            Mention(
                reference_indices=indices,
                text=match.group(0),
                sentence=sentence,
                start=passage.start + match.start(),
                end=passage.start + match.end(),
                page=passage.page,
                boxes=(_box(passage.page, passage.index % _PASSAGES_PER_PAGE),),
                section=passage.section,
            )
        )
    return mentions


def make_hit(text: str, *, passage_id: int = 1, paper_id: int = 1, page: int = 1, score: float = 1.0) -> Hit:
    """A search hit with a plausible place."""
    return Hit(
        passage_id=passage_id,
        paper_id=paper_id,
        paper_key="robertson1994okapi",
        paper_title="Okapi",
        authors=(Author(family="Robertson"),),
        year=1994,
        page=page,
        text=text,
        boxes=(Box(page=page, x0=72.0, y0=100.0, x1=400.0, y1=112.0),),
        start=0,
        end=len(text),
        score=score,
    )
