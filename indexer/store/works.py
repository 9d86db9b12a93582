"""Works: what the library's papers cite and its bibliographies list, and where papers say so.

How entries become one work is told in ``linking``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ScalarSelect, Subquery, func, select, type_coerce
from sqlalchemy.orm import Session

from core.records import CitedAt, ListedAt, Reference, Work
from indexer.columns import FirstFamily
from indexer.store.documents import references_of
from indexer.store.queries import among
from indexer.tables import BibliographyEntryRow, MentionReferenceRow, MentionRow, PaperRow, ReferenceRow, WorkRow

__all__ = [
    "CitingSentence",
    "CountedWork",
    "TitledWork",
    "abstracts_of",
    "cited_at",
    "cited_ids",
    "contexts_of",
    "count_works",
    "counted_works",
    "find_works",
    "get_works",
    "listed_at",
    "printed_as",
    "references_of",
    "titled_ids",
    "titled_works",
    "work_ids",
    "work_of_paper",
    "works_of_paper",
]

_ROWS_AT_ONCE = 5_000
_PRINTINGS = 20


@dataclass(frozen=True, slots=True)
class TitledWork:
    """A work by what a citation spells out: title, and family name of the first author ("" when unknown)."""

    id: int
    title: str
    surname: str


@dataclass(frozen=True, slots=True)
class CountedWork(TitledWork):
    """The same with how many papers list it."""

    cited_by: int


@dataclass(frozen=True, slots=True)
class CitingSentence:
    """A sentence that cites, and the marker within it, such as ``[4]``."""

    sentence: str
    marker: str


def count_works(session: Session) -> int:
    """How many works the library knows."""
    return session.scalar(select(func.count()).select_from(WorkRow)) or 0


def work_ids(session: Session, *, after: int = 0, limit: int = 1_000) -> list[int]:
    """The next ids in ascending order: the way to walk over all works."""
    return list(session.scalars(select(WorkRow.id).where(WorkRow.id > after).order_by(WorkRow.id).limit(limit)))


def titled_ids(session: Session) -> set[int]:
    """All works that have a title."""
    return set(session.scalars(select(WorkRow.id).where(WorkRow.title != "")))


def titled_works(session: Session, ids: Iterable[int]) -> Iterator[TitledWork]:
    """Those of the works that have a title, in ascending order of id, read in pieces while iterating."""
    rows = session.execute(
        select(WorkRow.id, WorkRow.title, type_coerce(WorkRow.authors, FirstFamily()))
        .where(WorkRow.title != "", among(session, WorkRow.id, ids))
        .order_by(WorkRow.id),
        execution_options={"yield_per": _ROWS_AT_ONCE},
    )
    for id_, title, surname in rows:
        yield TitledWork(id_, title, surname)


def works_of_paper(session: Session, paper_id: int) -> list[int]:
    """The works that a paper cites and its own (a duplicate's is that of its original), in ascending order."""
    cited = select(ReferenceRow.work_id).where(ReferenceRow.paper_id == paper_id, ReferenceRow.work_id.is_not(None))
    original = select(PaperRow.duplicate_of).where(PaperRow.id == paper_id).scalar_subquery()
    own = select(WorkRow.id).where((WorkRow.paper_id == paper_id) | (WorkRow.paper_id == original))
    return sorted({work_id for work_id in session.scalars(cited.union(own)) if work_id is not None})


def cited_ids(session: Session, paper_ids: Iterable[int] | None = None) -> list[int]:
    """The works that papers cite (all papers, when none are given), in ascending order."""
    cited = select(ReferenceRow.work_id).where(ReferenceRow.work_id.is_not(None)).distinct()
    if paper_ids is not None:
        cited = cited.where(among(session, ReferenceRow.paper_id, paper_ids))
    return sorted(work_id for work_id in session.scalars(cited) if work_id is not None)


def work_of_paper(session: Session, paper_id: int) -> int | None:
    """A paper's own work (a duplicate's is that of its original); None when nothing identifies it."""
    original = select(PaperRow.duplicate_of).where(PaperRow.id == paper_id).scalar_subquery()
    own = select(func.min(WorkRow.id)).where((WorkRow.paper_id == paper_id) | (WorkRow.paper_id == original))
    return session.scalar(own)


def find_works(session: Session, *, doi: str = "", arxiv_id: str = "") -> list[int]:
    """The works of a DOI or else an arXiv id, case aside, in ascending order."""
    column, wanted = (WorkRow.doi, doi) if doi else (WorkRow.arxiv_id, arxiv_id)
    if not wanted:
        return []
    return list(session.scalars(select(WorkRow.id).where(column == wanted.lower()).order_by(WorkRow.id)))


def counted_works(session: Session, ids: Iterable[int]) -> list[CountedWork]:
    """Those of the works that have a title, in any order."""
    surname = type_coerce(WorkRow.authors, FirstFamily())
    rows = session.execute(
        select(WorkRow.id, WorkRow.title, surname, _citing_papers()).where(
            WorkRow.title != "", among(session, WorkRow.id, set(ids))
        )
    )
    return [CountedWork(*row) for row in rows]


def get_works(session: Session, ids: Sequence[int]) -> list[Work]:
    """Works in the order of their ids; those that are gone are left out."""
    columns = (*WorkRow.__table__.columns, _citing_papers().label("cited_by"))
    rows = session.execute(select(*columns).where(among(session, WorkRow.id, set(ids))))
    works = {
        row.id: Work(
            id=row.id,
            title=row.title,
            authors=row.authors,
            year=row.year,
            venue=row.venue,
            doi=row.doi,
            arxiv_id=row.arxiv_id,
            paper_id=row.paper_id,
            cited_by=row.cited_by,
        )
        for row in rows
    }
    return [works[work_id] for work_id in ids if work_id in works]


def _citing_papers() -> ScalarSelect[int]:
    """How many papers list the work of a row."""
    papers = func.count(ReferenceRow.paper_id.distinct())
    return select(papers).where(ReferenceRow.work_id == WorkRow.id).correlate(WorkRow).scalar_subquery()


def cited_at(session: Session, work_ids: Iterable[int], *, per_work: int = 3) -> dict[int, tuple[CitedAt, ...]]:
    """Sentences of the library that cite works, from as many papers as there are; works without any are left out."""
    chosen = _chosen_mentions(session, work_ids, per_work=per_work)
    rows = session.execute(
        select(
            chosen.c.work_id,
            MentionRow.paper_id,
            PaperRow.key,
            PaperRow.title,
            PaperRow.page_labels,
            MentionRow.sentence,
            MentionRow.page,
            MentionRow.boxes,
        )
        .join(MentionRow, MentionRow.id == chosen.c.mention_id)
        .join(PaperRow, PaperRow.id == MentionRow.paper_id)
        .order_by(chosen.c.work_id, chosen.c.place)
    )
    found: dict[int, list[CitedAt]] = defaultdict(list)
    for row in rows:
        found[row.work_id].append(
            CitedAt(
                paper_id=row.paper_id,
                paper_key=row.key,
                paper_title=row.title,
                sentence=row.sentence,
                page=row.page,
                page_label=_printed_label(row.page_labels, row.page),
                boxes=row.boxes,
            )
        )
    return {work_id: tuple(places) for work_id, places in found.items()}


def listed_at(session: Session, work_ids: Iterable[int]) -> dict[int, ListedAt]:
    """The entry of a reference list that each work stands in, of the oldest paper; works without any are left out."""
    rows = session.execute(
        select(ReferenceRow.work_id, ReferenceRow.page, PaperRow.id, PaperRow.key, PaperRow.title, PaperRow.page_labels)
        .join(PaperRow, PaperRow.id == ReferenceRow.paper_id)
        .where(among(session, ReferenceRow.work_id, set(work_ids)))
        .order_by(ReferenceRow.paper_id.desc(), ReferenceRow.position.desc())
    )
    return {
        row.work_id: ListedAt(
            paper_id=row.id,
            paper_key=row.key,
            paper_title=row.title,
            page=row.page,
            page_label=_printed_label(row.page_labels, row.page),
        )
        for row in rows
        if row.work_id is not None
    }


def contexts_of(session: Session, work_ids: Iterable[int], *, per_work: int = 20) -> dict[int, list[CitingSentence]]:
    """The sentences alone: the profile by which a work is found. Works without any are left out."""
    chosen = _chosen_mentions(session, work_ids, per_work=per_work)
    rows = session.execute(
        select(chosen.c.work_id, MentionRow.sentence, MentionRow.text)
        .join(MentionRow, MentionRow.id == chosen.c.mention_id)
        .order_by(chosen.c.work_id, chosen.c.place)
    )
    found: dict[int, list[CitingSentence]] = defaultdict(list)
    for work_id, sentence, marker in rows:
        found[work_id].append(CitingSentence(sentence, marker))
    return dict(found)


def printed_as(session: Session, work_ids: Iterable[int]) -> dict[int, list[Reference]]:
    """What reference lists print of works beyond the works themselves, the fullest entries first, of each a few."""
    columns = (ReferenceRow.volume, ReferenceRow.pages, ReferenceRow.url, ReferenceRow.publisher)
    rows = session.execute(
        select(ReferenceRow.work_id, *columns)
        .where(among(session, ReferenceRow.work_id, set(work_ids)))
        .order_by(ReferenceRow.work_id, ReferenceRow.id)
    )
    found: dict[int, list[Reference]] = defaultdict(list)
    for row in rows:
        if row.work_id is not None and any(row[1:]) and len(found[row.work_id]) < _PRINTINGS:
            entry = Reference(
                index=0, raw="", page=0, volume=row.volume, pages=row.pages, url=row.url, publisher=row.publisher
            )
            found[row.work_id].append(entry)
    return {work_id: sorted(each, key=_emptiness) for work_id, each in found.items()}


def _emptiness(entry: Reference) -> int:
    return sum(not field for field in (entry.volume, entry.pages, entry.url, entry.publisher))


def abstracts_of(session: Session, work_ids: Iterable[int]) -> dict[int, str]:
    """The abstracts of works: of the library's paper, else of the entry imported first; others are left out."""
    wanted = set(work_ids)
    held = session.execute(
        select(WorkRow.id, PaperRow.abstract)
        .join(PaperRow, PaperRow.id == WorkRow.paper_id)
        .where(among(session, WorkRow.id, wanted), PaperRow.abstract != "")
    )
    listed = session.execute(
        select(BibliographyEntryRow.work_id, BibliographyEntryRow.abstract)
        .where(among(session, BibliographyEntryRow.work_id, wanted), BibliographyEntryRow.abstract != "")
        .order_by(BibliographyEntryRow.id.desc())
    )
    found = {work_id: abstract for work_id, abstract in listed if work_id is not None}
    return found | {row[0]: row[1] for row in held}


def _chosen_mentions(session: Session, work_ids: Iterable[int], *, per_work: int) -> Subquery:
    """(work_id, mention_id, place): each paper's first mention of a work before any paper's second.

    A sentence that cites a work twice counts once.
    """
    sentences = (
        select(
            ReferenceRow.work_id,
            MentionRow.paper_id,
            func.min(MentionRow.id).label("mention_id"),
        )
        .join(MentionReferenceRow, MentionReferenceRow.reference_id == ReferenceRow.id)
        .join(MentionRow, MentionRow.id == MentionReferenceRow.mention_id)
        .where(among(session, ReferenceRow.work_id, set(work_ids)), MentionRow.sentence != "")
        .group_by(ReferenceRow.work_id, MentionRow.paper_id, MentionRow.sentence)
        .subquery()
    )
    within_paper = func.row_number().over(
        partition_by=(sentences.c.work_id, sentences.c.paper_id), order_by=sentences.c.mention_id
    )
    rounds = select(*sentences.c, within_paper.label("round")).subquery()
    place = func.row_number().over(partition_by=rounds.c.work_id, order_by=(rounds.c.round, rounds.c.mention_id))
    places = select(rounds.c.work_id, rounds.c.mention_id, place.label("place")).subquery()
    return select(places).where(places.c.place <= per_work).subquery()


def _printed_label(labels: Sequence[str], page: int) -> str | None:
    """The label printed on a page, when it differs from the page's number."""
    label = labels[page - 1] if 0 < page <= len(labels) else ""
    return label if label and label != str(page) else None
