"""What the indexes need to know of the library."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select

from core.records import Work
from indexer.database import Database
from indexer.store import bibliographies as bibliography_store
from indexer.store import holders
from indexer.store import works as work_store
from indexer.store.queries import among
from indexer.store.works import CitingSentence
from indexer.tables import PaperRow, PassageRow, WorkRow

PROFILE_SENTENCES = 20
"""Sentences that cite a work and are indexed with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperContent:
    """A paper as indexed; ``passages`` are (id, text), and ``revision`` is not newer than they.

    A part of an imported bibliography is followed like a paper that has works alone: its id is negative.
    Equations are left out: nobody finds them by words, and they carry no claim.
    """

    paper_id: int
    revision: int
    title: str
    passages: tuple[tuple[int, str], ...]
    work_ids: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkContent:
    """A work as indexed: the sentences that cite it, each with its marker, and its abstract where it is known."""

    work: Work
    cited_in: tuple[CitingSentence, ...] = ()
    abstract: str = ""

    @property
    def profile(self) -> tuple[str, ...]:
        """The sentences that cite it."""
        return tuple(each.sentence for each in self.cited_in)


class IndexSource(Protocol):
    """The library, as the indexes follow it. Each call sees a committed state."""

    def identity(self) -> str:
        """Names the database: indexes of another one are never used."""
        ...

    def revisions(self) -> dict[int, int]:
        """The revision of every paper, and of every part of a bibliography under its negative id."""
        ...

    def work_ids(self) -> set[int]:
        """All works."""
        ...

    def papers(self, ids: Sequence[int]) -> list[PaperContent]:
        """Content of papers; those that are gone are left out."""
        ...

    def works(self, ids: Sequence[int]) -> list[WorkContent]:
        """Content of works; those that are gone are left out."""
        ...


def _part(part: int, revision: int, work_ids: frozenset[int]) -> PaperContent:
    return PaperContent(paper_id=part, revision=revision, title="", passages=(), work_ids=work_ids)


class DatabaseSource:
    """The library in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def identity(self) -> str:
        """See :class:`IndexSource`."""
        with self._database.session() as session:
            return self._database.identity(session)

    def revisions(self) -> dict[int, int]:
        """See :class:`IndexSource`."""
        with self._database.session() as session:
            return holders.revisions(session)

    def work_ids(self) -> set[int]:
        """See :class:`IndexSource`."""
        with self._database.session() as session:
            return set(session.scalars(select(WorkRow.id)))

    def papers(self, ids: Sequence[int]) -> list[PaperContent]:
        """See :class:`IndexSource`."""
        passages: dict[int, list[tuple[int, str]]] = defaultdict(list)
        with self._database.session() as session:
            # The revision first: where transactions see each other's commits, newer text under an older revision is
            # read again by the next synchronisation, while the opposite would go unnoticed.
            columns = (PaperRow.id, PaperRow.revision, PaperRow.title)
            papers = session.execute(
                select(*columns).where(among(session, PaperRow.id, ids)).order_by(PaperRow.id)
            ).all()
            for paper_id, passage_id, text in session.execute(
                select(PassageRow.paper_id, PassageRow.id, PassageRow.text)
                .where(among(session, PassageRow.paper_id, ids), PassageRow.kind != "equation")
                .order_by(PassageRow.paper_id, PassageRow.position)
            ):
                passages[paper_id].append((passage_id, text))
            works = {paper.id: frozenset(work_store.works_of_paper(session, paper.id)) for paper in papers}
            parts = [_part(part, *listed) for part, listed in bibliography_store.parts(session, ids).items()]
        return parts + [
            PaperContent(
                paper_id=paper.id,
                revision=paper.revision,
                title=paper.title,
                passages=tuple(passages[paper.id]),
                work_ids=works[paper.id],
            )
            for paper in papers
        ]

    def works(self, ids: Sequence[int]) -> list[WorkContent]:
        """See :class:`IndexSource`."""
        with self._database.session() as session:
            works = work_store.get_works(session, ids)
            profiles = work_store.contexts_of(session, [work.id for work in works], per_work=PROFILE_SENTENCES)
            abstracts = work_store.abstracts_of(session, [work.id for work in works])
        return [
            WorkContent(work=work, cited_in=tuple(profiles.get(work.id, ())), abstract=abstracts.get(work.id, ""))
            for work in works
        ]
