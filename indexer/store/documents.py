"""The parts of a document: written in bulk, read back as they were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.records import Author, Document, Mention, Passage, Reference, Section
from core.text import name_key
from indexer.store.queries import KEY_CHARS
from indexer.tables import (
    AuthorRow,
    Base,
    MentionReferenceRow,
    MentionRow,
    PaperRow,
    PassageRow,
    ReferenceRow,
    SectionRow,
)

_REFERENCE_FIELDS = (
    *("raw", "page", "boxes", "label", "authors", "title", "venue", "year", "volume", "pages"),
    *("doi", "arxiv_id", "url", "publisher"),
)
_MENTION_FIELDS = ("text", "sentence", "page", "boxes", "section", "ambiguous")


def insert_parts(session: Session, paper_id: int, document: Document, work_ids: Sequence[int | None]) -> None:
    """Store all that hangs on a paper's row.

    Args:
        work_ids: The work of each reference, in the order of ``document.references``.
    """
    _insert(session, AuthorRow, [_author_row(paper_id, n, author) for n, author in enumerate(document.authors)])
    _insert(session, SectionRow, [_section_row(paper_id, section) for section in document.sections])
    _insert(session, PassageRow, [_passage_row(paper_id, passage) for passage in document.passages])
    references = [
        {"paper_id": paper_id, "position": entry.index, "work_id": work_id}
        | {name: getattr(entry, name) for name in _REFERENCE_FIELDS}
        for entry, work_id in zip(document.references, work_ids, strict=True)
    ]
    reference_ids = _insert_numbered(session, ReferenceRow, paper_id, references)
    mentions = [_mention_row(paper_id, n, mention) for n, mention in enumerate(document.mentions)]
    mention_ids = _insert_numbered(session, MentionRow, paper_id, mentions)
    links = [
        {"mention_id": mention_id, "position": n, "reference_id": reference_ids[index]}
        for mention_id, mention in zip(mention_ids, document.mentions, strict=True)
        for n, index in enumerate(mention.reference_indices)
    ]
    _insert(session, MentionReferenceRow, links)


def get_document(session: Session, paper_id: int) -> Document:
    """The document as it was stored, its passages and references with their ids.

    Raises:
        NotFound: No such paper.
    """
    paper = session.execute(select(*PaperRow.__table__.columns).where(PaperRow.id == paper_id)).one_or_none()
    if paper is None:
        raise NotFound(f"no paper has the id {paper_id}", hint="galacite list shows ids and keys.")
    authors = session.execute(
        select(AuthorRow.family, AuthorRow.given, AuthorRow.suffix)
        .where(AuthorRow.paper_id == paper_id)
        .order_by(AuthorRow.position)
    )
    return Document(
        title=paper.title,
        page_count=paper.page_count,
        authors=tuple(Author(family=row.family, given=row.given, suffix=row.suffix) for row in authors),
        affiliations=paper.affiliations,
        abstract=paper.abstract,
        year=paper.year,
        venue=paper.venue,
        doi=paper.doi,
        arxiv_id=paper.arxiv_id,
        keywords=paper.keywords,
        sections=_sections_of(session, paper_id),
        passages=tuple(passages_of(session, paper_id)),
        references=tuple(references_of(session, paper_id)),
        mentions=_mentions_of(session, paper_id),
        page_labels=paper.page_labels,
        notices=paper.notices,
    )


def passages_of(session: Session, paper_id: int) -> list[Passage]:
    """A paper's passages in reading order, with their ids; empty when there is no such paper."""
    rows = session.execute(
        select(*PassageRow.__table__.columns).where(PassageRow.paper_id == paper_id).order_by(PassageRow.position)
    )
    return [
        Passage(
            index=row.position,
            text=row.text,
            page=row.page,
            start=row.span_start,
            end=row.span_end,
            boxes=row.boxes,
            kind=row.kind,
            label=row.label,
            page_label=row.page_label,
            section=row.section,
            id=row.id,
        )
        for row in rows
    ]


def references_of(session: Session, paper_id: int) -> list[Reference]:
    """A paper's reference list in order, with the works; empty when there is no such paper."""
    columns = (getattr(ReferenceRow, name) for name in _REFERENCE_FIELDS)
    rows = session.execute(
        select(ReferenceRow.position, ReferenceRow.work_id, *columns)
        .where(ReferenceRow.paper_id == paper_id)
        .order_by(ReferenceRow.position)
    )
    return [
        Reference(index=row.position, work_id=row.work_id, **{name: getattr(row, name) for name in _REFERENCE_FIELDS})
        for row in rows
    ]


def _sections_of(session: Session, paper_id: int) -> tuple[Section, ...]:
    rows = session.execute(
        select(*SectionRow.__table__.columns).where(SectionRow.paper_id == paper_id).order_by(SectionRow.position)
    )
    return tuple(
        Section(
            index=row.position,
            heading=row.heading,
            level=row.level,
            page=row.page,
            start=row.span_start,
            end=row.span_end,
            number=row.number,
            parent=row.parent,
        )
        for row in rows
    )


def _mentions_of(session: Session, paper_id: int) -> tuple[Mention, ...]:
    links = session.execute(
        select(MentionReferenceRow.mention_id, ReferenceRow.position)
        .join(MentionRow, MentionRow.id == MentionReferenceRow.mention_id)
        .join(ReferenceRow, ReferenceRow.id == MentionReferenceRow.reference_id)
        .where(MentionRow.paper_id == paper_id)
        .order_by(MentionReferenceRow.mention_id, MentionReferenceRow.position)
    )
    indices: dict[int, list[int]] = defaultdict(list)
    for mention_id, position in links:
        indices[mention_id].append(position)
    rows = session.execute(
        select(*MentionRow.__table__.columns).where(MentionRow.paper_id == paper_id).order_by(MentionRow.position)
    )
    return tuple(
        Mention(
            reference_indices=tuple(indices[row.id]),
            start=row.span_start,
            end=row.span_end,
            **{name: getattr(row, name) for name in _MENTION_FIELDS},
        )
        for row in rows
    )


def _author_row(paper_id: int, position: int, author: Author) -> dict[str, Any]:
    key = name_key(author.family)[:KEY_CHARS]
    return {
        "paper_id": paper_id,
        "position": position,
        "given": author.given,
        "family": author.family,
        "suffix": author.suffix,
        "family_key": key,
    }


def _section_row(paper_id: int, section: Section) -> dict[str, Any]:
    return {
        "paper_id": paper_id,
        "position": section.index,
        "heading": section.heading,
        "number": section.number,
        "level": section.level,
        "parent": section.parent,
        "page": section.page,
        "span_start": section.start,
        "span_end": section.end,
    }


def _passage_row(paper_id: int, passage: Passage) -> dict[str, Any]:
    return {
        "paper_id": paper_id,
        "position": passage.index,
        "kind": passage.kind,
        "section": passage.section,
        "page": passage.page,
        "label": passage.label,
        "page_label": passage.page_label,
        "span_start": passage.start,
        "span_end": passage.end,
        "text": passage.text,
        "boxes": passage.boxes,
    }


def _mention_row(paper_id: int, position: int, mention: Mention) -> dict[str, Any]:
    values = {name: getattr(mention, name) for name in _MENTION_FIELDS}
    return values | {
        "paper_id": paper_id,
        "position": position,
        "span_start": mention.start,
        "span_end": mention.end,
    }


def _insert(session: Session, table: type[Base], rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(table), rows)


def _insert_numbered(
    session: Session, table: type[ReferenceRow] | type[MentionRow], paper_id: int, rows: list[dict[str, Any]]
) -> Sequence[int]:
    """Insert rows of a paper and get their ids by position; on SQLite reading back is faster than RETURNING."""
    _insert(session, table, rows)
    return session.scalars(select(table.id).where(table.paper_id == paper_id).order_by(table.position)).all()
