"""Imported bibliographies: their entries become works, which stay until nothing names them any more.

An entry stays with the part of its file that its key falls to, so that a changed file leaves most parts, and what the
search indexes made of them, as they are.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.records import Reference
from indexer.bibliographies.records import Bibliography, Record
from indexer.columns import storable, utc_now
from indexer.store.linking import WorkLinker
from indexer.store.papers import forget_uncited
from indexer.store.queries import among, serialise_writers
from indexer.tables import BibliographyEntryRow, BibliographyPartRow, BibliographyRow

PARTS = 256
_REFERENCE_FIELDS = (
    *("raw", "authors", "title", "venue", "year", "volume", "pages"),
    *("doi", "arxiv_id", "url", "publisher"),
)
_RECORD_FIELDS = ("key", "kind", "abstract", "note", "number", "month", "day", "editors")
_UNTRACKED = {"synchronize_session": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBibliography:
    """An imported bibliography: how many entries it has, and how many works these are."""

    name: str
    format: str
    entries: int
    works: int
    imported_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCounts:
    """Entries that came, left and stayed; one that was changed came and left."""

    added: int
    removed: int
    kept: int


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry as it stands in the bibliography of that name."""

    bibliography: str
    record: Record


def import_bibliography(session: Session, bibliography: Bibliography, *, sha256: str) -> ImportCounts:
    """Store a bibliography under its name, in the place of what that name held, and link its entries to works.

    The same content again changes nothing.
    """
    serialise_writers(session)
    known = session.execute(
        select(BibliographyRow.id, BibliographyRow.sha256).where(BibliographyRow.name == storable(bibliography.name))
    ).one_or_none()
    if known is not None and known.sha256 == sha256:
        entries = len(_stored(session, known.id))
        return ImportCounts(added=0, removed=0, kept=entries)
    values = {"format": bibliography.format, "sha256": sha256, "imported_at": utc_now()}
    if known is None:
        statement = insert(BibliographyRow).values(name=bibliography.name, **values).returning(BibliographyRow.id)
        return _replace_entries(session, session.scalars(statement).one(), bibliography.records)
    session.execute(update(BibliographyRow).where(BibliographyRow.id == known.id).values(**values))
    return _replace_entries(session, known.id, bibliography.records)


def list_bibliographies(session: Session) -> list[StoredBibliography]:
    """All of them, in alphabetical order."""
    rows = session.execute(
        select(
            BibliographyRow.name,
            BibliographyRow.format,
            BibliographyRow.imported_at,
            func.count(BibliographyEntryRow.id).label("entries"),
            func.count(BibliographyEntryRow.work_id.distinct()).label("works"),
        )
        .outerjoin(BibliographyPartRow, BibliographyPartRow.bibliography_id == BibliographyRow.id)
        .outerjoin(BibliographyEntryRow, BibliographyEntryRow.part_id == BibliographyPartRow.id)
        .group_by(BibliographyRow.id)
    )
    found = [
        StoredBibliography(
            name=row.name, format=row.format, entries=row.entries, works=row.works, imported_at=row.imported_at
        )
        for row in rows
    ]
    return sorted(found, key=lambda each: (each.name.casefold(), each.name))


def get_bibliography(session: Session, name: str) -> StoredBibliography:
    """One by its name.

    Raises:
        NotFound: There is none.
    """
    for each in list_bibliographies(session):
        if each.name == name:
            return each
    raise NotFound(f"no bibliography is called {name}", hint="Run: galacite bibliography list")


def remove_bibliography(session: Session, name: str) -> StoredBibliography:
    """Remove a bibliography, and the works that nothing names any more.

    Returns:
        What it was.

    Raises:
        NotFound: There is none.
    """
    serialise_writers(session)
    found = get_bibliography(session, name)
    named = (
        select(BibliographyEntryRow.work_id)
        .join(BibliographyPartRow, BibliographyPartRow.id == BibliographyEntryRow.part_id)
        .join(BibliographyRow, BibliographyRow.id == BibliographyPartRow.bibliography_id)
        .where(BibliographyRow.name == name, BibliographyEntryRow.work_id.is_not(None))
    )
    works = {work_id for work_id in session.scalars(named) if work_id is not None}
    session.execute(delete(BibliographyRow).where(BibliographyRow.name == name), execution_options=_UNTRACKED)
    forget_uncited(session, works)
    return found


def revisions(session: Session) -> dict[int, int]:
    """The revision of every part, under its negative id."""
    return {-row[0]: row[1] for row in session.execute(select(BibliographyPartRow.id, BibliographyPartRow.revision))}


def parts(session: Session, ids: Iterable[int]) -> dict[int, tuple[int, frozenset[int]]]:
    """Revision and works of parts by their negative ids; other ids, and those that are gone, are left out."""
    wanted = [-id_ for id_ in ids if id_ < 0]
    if not wanted:
        return {}
    # The revisions first, as for papers: see ``indexer.search.source``.
    found = session.execute(
        select(BibliographyPartRow.id, BibliographyPartRow.revision).where(
            among(session, BibliographyPartRow.id, wanted)
        )
    ).all()
    works: dict[int, set[int]] = defaultdict(set)
    named = select(BibliographyEntryRow.part_id, BibliographyEntryRow.work_id).where(
        among(session, BibliographyEntryRow.part_id, wanted), BibliographyEntryRow.work_id.is_not(None)
    )
    for part, work in session.execute(named):
        if work is not None:
            works[part].add(work)
    return {-part: (revision, frozenset(works[part])) for part, revision in found}


def listed_as(session: Session, work_ids: Iterable[int]) -> dict[int, list[Listed]]:
    """Where works stand in bibliographies, those of the oldest bibliography first; other works are left out."""
    rows = session.execute(
        select(*BibliographyEntryRow.__table__.columns, BibliographyRow.name.label("bibliography"))
        .join(BibliographyPartRow, BibliographyPartRow.id == BibliographyEntryRow.part_id)
        .join(BibliographyRow, BibliographyRow.id == BibliographyPartRow.bibliography_id)
        .where(among(session, BibliographyEntryRow.work_id, set(work_ids)))
        .order_by(BibliographyRow.id, BibliographyEntryRow.key, BibliographyEntryRow.id)
    )
    found: dict[int, list[Listed]] = defaultdict(list)
    for row in rows:
        found[row.work_id].append(Listed(row.bibliography, _record(row)))
    return dict(found)


def works_with_key(session: Session, key: str) -> list[int]:
    """The works that bibliographies list under a key, in ascending order."""
    named = select(BibliographyEntryRow.work_id).where(
        BibliographyEntryRow.key == storable(key), BibliographyEntryRow.work_id.is_not(None)
    )
    return sorted({work_id for work_id in session.scalars(named) if work_id is not None})


def _replace_entries(session: Session, bibliography_id: int, records: Sequence[Record]) -> ImportCounts:
    stored = _stored(session, bibliography_id)
    wanted = {_spelled(record): record for record in records}
    leaving = [entry for spelled, entry in stored.items() if spelled not in wanted]
    coming = [record for spelled, record in wanted.items() if spelled not in stored]
    touched = {_part_number(entry.key) for entry in leaving} | {_part_number(record.key) for record in coming}
    # First out, then in: what stays away is forgotten, what is corrected is linked by what it says now.
    gone = [entry.id for entry in leaving]
    session.execute(
        delete(BibliographyEntryRow).where(among(session, BibliographyEntryRow.id, gone)), execution_options=_UNTRACKED
    )
    forget_uncited(session, {entry.work_id for entry in leaving if entry.work_id is not None})
    part_ids = _touch_parts(session, bibliography_id, touched)
    _insert_entries(session, coming, part_ids)
    _drop_empty_parts(session, bibliography_id)
    return ImportCounts(added=len(coming), removed=len(leaving), kept=len(stored) - len(leaving))


@dataclass(frozen=True, slots=True)
class _StoredEntry:
    id: int
    key: str
    work_id: int | None


def _stored(session: Session, bibliography_id: int) -> dict[Record, _StoredEntry]:
    rows = session.execute(
        select(*BibliographyEntryRow.__table__.columns)
        .join(BibliographyPartRow, BibliographyPartRow.id == BibliographyEntryRow.part_id)
        .where(BibliographyPartRow.bibliography_id == bibliography_id)
    )
    return {_record(row): _StoredEntry(row.id, row.key, row.work_id) for row in rows}


def _spelled(record: Record) -> Record:
    """A record as the database gives it back: without its place in the file."""
    return _made(record, record.reference)


def _record(row: Any) -> Record:
    return _made(row, row)


def _made(record: Any, reference: Any) -> Record:
    fields = {name: getattr(reference, name) for name in _REFERENCE_FIELDS}
    about = {name: getattr(record, name) for name in _RECORD_FIELDS}
    return Record(reference=Reference(index=0, page=0, **fields), **about)


def _part_number(key: str) -> int:
    return zlib.crc32(key.lower().encode(errors="replace")) % PARTS


def _touch_parts(session: Session, bibliography_id: int, numbers: Iterable[int]) -> dict[int, int]:
    """The ids of the parts of these numbers, each at a new revision, made when they are not there."""
    wanted = sorted(numbers)
    session.execute(
        update(BibliographyPartRow)
        .where(
            BibliographyPartRow.bibliography_id == bibliography_id, among(session, BibliographyPartRow.number, wanted)
        )
        .values(revision=BibliographyPartRow.revision + 1),
        execution_options=_UNTRACKED,
    )
    known = _part_ids(session, bibliography_id)
    missing = [number for number in wanted if number not in known]
    if missing:
        rows = [{"bibliography_id": bibliography_id, "number": number, "revision": 1} for number in missing]
        session.execute(insert(BibliographyPartRow), rows)
    return _part_ids(session, bibliography_id)


def _part_ids(session: Session, bibliography_id: int) -> dict[int, int]:
    rows = session.execute(
        select(BibliographyPartRow.number, BibliographyPartRow.id).where(
            BibliographyPartRow.bibliography_id == bibliography_id
        )
    )
    return {row[0]: row[1] for row in rows}


def _drop_empty_parts(session: Session, bibliography_id: int) -> None:
    empty = ~select(BibliographyEntryRow.id).where(BibliographyEntryRow.part_id == BibliographyPartRow.id).exists()
    session.execute(
        delete(BibliographyPartRow).where(BibliographyPartRow.bibliography_id == bibliography_id, empty),
        execution_options=_UNTRACKED,
    )


def _insert_entries(session: Session, records: Sequence[Record], part_ids: dict[int, int]) -> None:
    if not records:
        return
    linker = WorkLinker(session, [record.reference for record in records])
    works = [linker.link(record.reference) for record in records]
    linker.store()
    rows = [
        {name: getattr(record.reference, name) for name in _REFERENCE_FIELDS}
        | {name: getattr(record, name) for name in _RECORD_FIELDS}
        | {"part_id": part_ids[_part_number(record.key)], "work_id": work.survivor().id if work else None}
        for record, work in zip(records, works, strict=True)
    ]
    session.execute(insert(BibliographyEntryRow), rows)
