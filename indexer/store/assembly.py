"""Rows put together into papers and hits, in a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from core.records import Author, Hit, Paper, Scored, StoredFile
from indexer.store.queries import among
from indexer.tables import (
    AuthorRow,
    CollectionPaperRow,
    CollectionRow,
    FileRow,
    PaperRow,
    PaperTagRow,
    PassageRow,
    SectionRow,
    TagRow,
)

_AnyRow = Row[*tuple[Any, ...]]
_Papers = Select[*tuple[Any, ...]]


def paper_select() -> _Papers:
    """Papers and their files: add conditions, then hand it to ``read_papers``."""
    file = (FileRow.sha256, FileRow.name.label("file_name"), FileRow.size_bytes)
    return select(*PaperRow.__table__.columns, *file).join(FileRow, FileRow.paper_id == PaperRow.id)


def read_papers(session: Session, statement: _Papers) -> list[Paper]:
    """Papers with authors, collections and tags: four statements for any number."""
    rows = session.execute(statement).all()
    if not rows:
        return []
    ids = [row.id for row in rows]
    authors = authors_of(session, ids)
    collections = _names_of(
        session,
        select(CollectionPaperRow.paper_id, CollectionRow.name)
        .join(CollectionRow)
        .where(among(session, CollectionPaperRow.paper_id, ids))
        .order_by(CollectionRow.name),
    )
    tags = _names_of(
        session,
        select(PaperTagRow.paper_id, TagRow.name)
        .join(TagRow)
        .where(among(session, PaperTagRow.paper_id, ids))
        .order_by(TagRow.name),
    )
    return [_paper(row, authors.get(row.id, ()), collections.get(row.id, ()), tags.get(row.id, ())) for row in rows]


def _paper(row: _AnyRow, authors: tuple[Author, ...], collections: tuple[str, ...], tags: tuple[str, ...]) -> Paper:
    return Paper(
        id=row.id,
        key=row.key,
        title=row.title,
        authors=authors,
        abstract=row.abstract,
        year=row.year,
        venue=row.venue,
        doi=row.doi,
        arxiv_id=row.arxiv_id,
        page_count=row.page_count,
        page_labels=row.page_labels,
        notices=row.notices,
        file=StoredFile(sha256=row.sha256, name=row.file_name, size_bytes=row.size_bytes),
        added_at=row.added_at,
        revision=row.revision,
        duplicate_of=row.duplicate_of,
        collections=collections,
        tags=tags,
    )


def authors_of(session: Session, paper_ids: Iterable[int]) -> dict[int, tuple[Author, ...]]:
    """The authors of papers, in order; papers without any are left out."""
    rows = session.execute(
        select(AuthorRow.paper_id, AuthorRow.family, AuthorRow.given, AuthorRow.suffix)
        .where(among(session, AuthorRow.paper_id, paper_ids))
        .order_by(AuthorRow.paper_id, AuthorRow.position)
    )
    grouped: dict[int, list[Author]] = defaultdict(list)
    for paper_id, family, given, suffix in rows:
        grouped[paper_id].append(Author(family=family, given=given, suffix=suffix))
    return {paper_id: tuple(authors) for paper_id, authors in grouped.items()}


def _names_of(session: Session, statement: Select[int, str]) -> dict[int, tuple[str, ...]]:
    grouped: dict[int, tuple[str, ...]] = defaultdict(tuple)
    for paper_id, name in session.execute(statement):
        grouped[paper_id] += (name,)
    return grouped


def hits(session: Session, scored: Sequence[Scored]) -> list[Hit]:
    """What is needed to show scored passages, in their order; passages that are gone are left out."""
    rows = session.execute(
        select(*PassageRow.__table__.columns, PaperRow.key, PaperRow.title, PaperRow.year, SectionRow.heading)
        .join(PaperRow, PaperRow.id == PassageRow.paper_id)
        .outerjoin(
            SectionRow, (SectionRow.paper_id == PassageRow.paper_id) & (SectionRow.position == PassageRow.section)
        )
        .where(among(session, PassageRow.id, {item.id for item in scored}))
    ).all()
    authors = authors_of(session, {row.paper_id for row in rows})
    by_id = {row.id: row for row in rows}
    return [_hit(by_id[item.id], item.score, authors) for item in scored if item.id in by_id]


def _hit(row: _AnyRow, score: float, authors: dict[int, tuple[Author, ...]]) -> Hit:
    return Hit(
        passage_id=row.id,
        paper_id=row.paper_id,
        paper_key=row.key,
        paper_title=row.title,
        authors=authors.get(row.paper_id, ()),
        year=row.year,
        page=row.page,
        text=row.text,
        boxes=row.boxes,
        start=row.span_start,
        end=row.span_end,
        score=score,
        page_label=row.page_label,
        section=row.heading or "",
        kind=row.kind,
    )
