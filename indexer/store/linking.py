"""Finding, making and merging the works that papers cite.

Two entries are one work when their DOIs are equal, else their arXiv ids, else normalised title, first author and year
(an unknown year agrees with any). Different DOIs are never one work, and different arXiv ids only when the DOI says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.records import Author, Document, Reference
from indexer.store.identity import Identity, first_author_key, identity_of, same_year
from indexer.store.queries import among
from indexer.tables import BibliographyEntryRow, ReferenceRow, WorkRow


@dataclass(slots=True, eq=False, kw_only=True)
class _Draft:
    """A work as it will be stored; ``id`` is None while it is new, ``merged_into`` set when it is no more."""

    id: int | None
    title: str
    title_key: str
    authors: tuple[Author, ...]
    first_author_key: str
    year: int | None
    venue: str
    doi: str
    arxiv_id: str
    paper_id: int | None = None
    changed: bool = False
    merged_into: _Draft | None = None

    def values(self) -> dict[str, Any]:
        """The columns of its row, without the id."""
        return {name: getattr(self, name) for name in _COLUMNS}

    def survivor(self) -> _Draft:
        """The work it has become part of, or itself."""
        draft = self
        while draft.merged_into is not None:
            draft = draft.merged_into
        return draft

    def take(self, other: _Draft, *, override: bool = False) -> None:
        """Fill unknown fields from another; or, with ``override``, prefer all that the other knows."""
        before = self.values()
        if other.title_key and (override or not self.title_key):
            self.title, self.title_key = other.title, other.title_key
        if other.first_author_key and (override or not self.first_author_key):
            self.authors, self.first_author_key = other.authors, other.first_author_key
        for name in ("year", "venue", "doi", "arxiv_id"):
            if getattr(other, name) and (override or not getattr(self, name)):
                setattr(self, name, getattr(other, name))
        self.changed = self.changed or self.values() != before


_COLUMNS = (
    *("title", "title_key", "authors", "first_author_key", "year", "venue"),
    *("doi", "arxiv_id", "paper_id"),
)


class WorkLinker:
    """Links papers, references and entries of bibliographies to works.

    Args:
        session: Must hold the right to write works alone (``queries.serialise_writers``).
        entries: Everything that will be linked: the stored works that may match are read at once.
    """

    def __init__(self, session: Session, entries: Iterable[Reference | Document]) -> None:
        self._session = session
        self._identities = {id(entry): identity_of(entry) for entry in entries}
        self._drafts: list[_Draft] = []
        self._by_doi: dict[str, list[_Draft]] = defaultdict(list)
        self._by_arxiv: dict[str, list[_Draft]] = defaultdict(list)
        self._by_title: dict[tuple[str, str], list[_Draft]] = defaultdict(list)
        self._read_candidates()

    def link(self, entry: Reference | Document) -> _Draft | None:
        """The work of a reference, made when it is new; None when nothing identifies it."""
        identity = self._identities[id(entry)]
        if not identity.known:
            return None
        found = self._matches(identity)
        new = _draft_of(entry, identity)
        if not found:
            self._add(new)
            return new
        work = found[0]
        for other in found[1:]:
            if _may_merge(work, other):
                work = self._merge(work, other)
        work.take(new)
        self._file(work)
        return work

    def link_paper(self, document: Document, paper_id: int) -> None:
        """Make a library paper the holder of its work: its own metadata win. A duplicate leaves the work as it is."""
        work = self.link(document)
        if work is None or work.paper_id is not None:
            return
        work.paper_id = paper_id
        work.changed = True
        work.take(_draft_of(document, self._identities[id(document)]), override=True)
        self._file(work)

    def store(self) -> None:
        """Write all that has changed; afterwards every surviving draft has an id."""
        alive = [draft for draft in self._drafts if draft.merged_into is None]
        changed = [draft for draft in alive if draft.id is not None and draft.changed]
        self._insert([draft for draft in alive if draft.id is None])
        # Before the updates: a paper is the holder of at most one work at any moment.
        self._remove_merged([draft for draft in self._drafts if draft.id is not None and draft.merged_into is not None])
        if changed:
            self._session.execute(update(WorkRow), [{"id": draft.id, **draft.values()} for draft in changed])

    def _insert(self, drafts: Sequence[_Draft]) -> None:
        if not drafts:
            return
        statement = insert(WorkRow).returning(WorkRow.id, sort_by_parameter_order=True)
        ids = self._session.scalars(statement, [draft.values() for draft in drafts]).all()
        for draft, work_id in zip(drafts, ids, strict=True):
            draft.id = work_id

    def _remove_merged(self, drafts: Sequence[_Draft]) -> None:
        for draft in drafts:
            heir = draft.survivor().id
            self._session.execute(update(ReferenceRow).where(ReferenceRow.work_id == draft.id).values(work_id=heir))
            listed = update(BibliographyEntryRow).where(BibliographyEntryRow.work_id == draft.id)
            self._session.execute(listed.values(work_id=heir))
        if drafts:
            self._session.execute(delete(WorkRow).where(among(self._session, WorkRow.id, [d.id for d in drafts])))

    def _read_candidates(self) -> None:
        identities = self._identities.values()
        rows: dict[int, Any] = {}
        for column, keys in (
            (WorkRow.doi, {identity.doi for identity in identities}),
            (WorkRow.arxiv_id, {identity.arxiv_id for identity in identities}),
            (WorkRow.title_key, {identity.title_key for identity in identities}),
        ):
            rows |= {row.id: row for row in self._rows_with(column, keys - {""})}
        for _, row in sorted(rows.items()):
            self._add(_Draft(id=row.id, **{name: getattr(row, name) for name in _COLUMNS}))

    def _rows_with(self, column: InstrumentedAttribute[str], keys: set[str]) -> Sequence[Any]:
        if not keys:
            return []
        columns = (getattr(WorkRow, name) for name in _COLUMNS)
        return self._session.execute(select(WorkRow.id, *columns).where(among(self._session, column, keys))).all()

    def _add(self, draft: _Draft) -> None:
        self._drafts.append(draft)
        self._file(draft)

    def _file(self, draft: _Draft) -> None:
        """Make a draft findable by what is now known of it."""
        title = (draft.title_key, draft.first_author_key)
        for index, key in ((self._by_doi, draft.doi), (self._by_arxiv, draft.arxiv_id)):
            if key and draft not in index[key]:
                index[key].append(draft)
        if draft.title_key and draft not in self._by_title[title]:
            self._by_title[title].append(draft)

    def _matches(self, identity: Identity) -> list[_Draft]:
        """The works that an identity points at, the strongest reason first, each once."""
        by_doi = _alive(self._by_doi.get(identity.doi, ()))
        by_arxiv = [
            work for work in _alive(self._by_arxiv.get(identity.arxiv_id, ())) if _agree(work.doi, identity.doi)
        ]
        titled = _alive(self._by_title.get((identity.title_key, identity.first_author_key), ()))
        by_title = [work for work in titled if _same_printed(work, identity)]
        by_title.sort(key=lambda work: work.year != identity.year)
        return list(dict.fromkeys([*by_doi, *by_arxiv, *by_title[:1]]))

    def _merge(self, left: _Draft, right: _Draft) -> _Draft:
        """Make two works one: the older stays, what a library paper says wins."""
        older, newer = sorted((left, right), key=lambda work: (work.id is None, work.id or 0))
        older.take(newer, override=newer.paper_id is not None)
        older.paper_id = older.paper_id or newer.paper_id
        older.changed = True
        newer.merged_into = older
        self._file(older)
        return older


def _draft_of(entry: Reference | Document, identity: Identity) -> _Draft:
    return _Draft(
        id=None,
        title=entry.title,
        title_key=identity.title_key,
        authors=entry.authors,
        first_author_key=first_author_key(entry.authors),
        year=entry.year,
        venue=entry.venue,
        doi=identity.doi,
        arxiv_id=identity.arxiv_id,
    )


def _alive(drafts: Iterable[_Draft]) -> list[_Draft]:
    return list(dict.fromkeys(draft.survivor() for draft in drafts))


def _agree(left: str, right: str) -> bool:
    return not left or not right or left == right


def _same_printed(work: _Draft, identity: Identity) -> bool:
    agree = _agree(work.doi, identity.doi) and _agree(work.arxiv_id, identity.arxiv_id)
    return agree and same_year(work.year, identity.year)


def _may_merge(left: _Draft, right: _Draft) -> bool:
    """False for works that are known to differ: other identifiers, or each held as a paper of its own."""
    both_held = left.paper_id is not None and right.paper_id is not None
    return not both_held and _agree(left.doi, right.doi) and _agree(left.arxiv_id, right.arxiv_id)
