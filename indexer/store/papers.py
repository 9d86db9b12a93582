"""Papers of the library: adding, finding, listing, removing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any, Literal

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from core.errors import InputError, NotFound
from core.identifiers import cite_key
from core.records import Document, Paper, SearchFilter, StoredFile
from indexer.columns import utc_now
from indexer.store.assembly import hits, paper_select, read_papers
from indexer.store.documents import get_document, insert_parts, passages_of
from indexer.store.identity import Identity, identity_of, same_year
from indexer.store.linking import WorkLinker
from indexer.store.queries import MAX_ID, among, paper_condition, serialise_writers
from indexer.tables import (
    BibliographyEntryRow,
    FileRow,
    PaperRow,
    ReferenceRow,
    WorkRow,
)

__all__ = [
    "PaperOrder",
    "add_paper",
    "count_papers",
    "find_by_sha256",
    "find_original",
    "get_document",
    "get_paper",
    "hits",
    "known_hashes",
    "list_papers",
    "matching_ids",
    "passages_of",
    "remove_paper",
    "revisions",
]

PaperOrder = Literal["added", "title", "year", "author"]

_KEY_CHARS = 80
_EVERYTHING = SearchFilter()


def add_paper(session: Session, document: Document, file: StoredFile) -> Paper:
    """Store a parsed paper and link its references to works.

    Its cite key is made unique by a suffix; ``duplicate_of`` is set when the library has the same DOI, else arXiv id,
    else title, first author and year.

    Raises:
        InputError: A file with this hash is stored already.
    """
    serialise_writers(session)
    known = session.execute(
        select(PaperRow.key, FileRow.name).join(FileRow).where(FileRow.sha256 == file.sha256)
    ).one_or_none()
    if known is not None:
        raise InputError(f"{file.name}: already in the library as {known.key}", hint=f"galacite show {known.key}")
    identity = identity_of(document)
    paper_id = _insert_paper(session, document, identity)
    session.execute(
        insert(FileRow).values(paper_id=paper_id, sha256=file.sha256, name=file.name, size_bytes=file.size_bytes)
    )
    linker = WorkLinker(session, [document, *document.references])
    linker.link_paper(document, paper_id)
    works = [linker.link(reference) for reference in document.references]
    linker.store()
    insert_parts(session, paper_id, document, [work.survivor().id if work else None for work in works])
    return get_paper(session, paper_id)


def find_by_sha256(session: Session, sha256: str) -> Paper | None:
    """The paper read from the file with this hash."""
    papers = read_papers(session, paper_select().where(FileRow.sha256 == sha256))
    return papers[0] if papers else None


def get_paper(session: Session, id_or_key: int | str) -> Paper:
    """One paper by id, or by cite key, or by an id written as text.

    Raises:
        NotFound: There is none.
    """
    if isinstance(id_or_key, str):
        papers = read_papers(session, paper_select().where(PaperRow.key == id_or_key))
        if papers:
            return papers[0]
    number = _as_id(id_or_key)
    papers = [] if number is None else read_papers(session, paper_select().where(PaperRow.id == number))
    if not papers:
        raise NotFound(f"no paper is called {id_or_key}", hint="galacite list shows ids and keys.")
    return papers[0]


def list_papers(
    session: Session,
    filter: SearchFilter = _EVERYTHING,  # noqa: A002 - the word users know
    *,
    text: str = "",
    order: PaperOrder = "added",
    limit: int = 100,
    offset: int = 0,
) -> list[Paper]:
    """A page of the library's table.

    Args:
        filter: Narrows by year, author, collection or ids.
        text: Words that all occur in title, author names or cite key; or a whole DOI or arXiv id.
        order: ``added`` newest first; ``title``; ``year`` newest first; ``author`` by first family name. Papers that
            lack the field come last.
    """
    # Ids first: sorting a large library carries no abstracts along.
    narrowed = select(PaperRow.id).where(paper_condition(session, filter, text=text))
    ids = session.scalars(narrowed.order_by(*_ordering(order)).limit(limit).offset(offset)).all()
    listed = read_papers(session, paper_select().where(among(session, PaperRow.id, ids)))
    place = {paper_id: number for number, paper_id in enumerate(ids)}
    return sorted(listed, key=lambda paper: place[paper.id])


def count_papers(session: Session, filter: SearchFilter = _EVERYTHING, *, text: str = "") -> int:  # noqa: A002
    """How many papers ``list_papers`` would list without a limit."""
    statement = select(func.count()).select_from(PaperRow).where(paper_condition(session, filter, text=text))
    return session.scalar(statement) or 0


def matching_ids(session: Session, filter: SearchFilter) -> frozenset[int] | None:  # noqa: A002
    """The papers that pass a filter; None when it narrows nothing."""
    if filter.is_empty:
        return None
    return frozenset(session.scalars(select(PaperRow.id).where(paper_condition(session, filter))))


def revisions(session: Session) -> dict[int, int]:
    """The revision of every paper: what search indexes compare themselves with."""
    return {row[0]: row[1] for row in session.execute(select(PaperRow.id, PaperRow.revision))}


def known_hashes(session: Session) -> frozenset[str]:
    """The hashes of all stored files."""
    return frozenset(session.scalars(select(FileRow.sha256)))


def remove_paper(session: Session, paper_id: int) -> StoredFile:
    """Remove a paper with all that hangs on it, and the works that nothing names any more.

    Its oldest duplicate, if there is one, takes its place as the holder of their work.

    Returns:
        The file that may now be deleted.

    Raises:
        NotFound: No such paper.
    """
    serialise_writers(session)
    paper = get_paper(session, paper_id)
    own = session.scalar(select(WorkRow.id).where(WorkRow.paper_id == paper_id))
    cited = select(ReferenceRow.work_id).where(ReferenceRow.paper_id == paper_id, ReferenceRow.work_id.is_not(None))
    affected = {work_id for work_id in session.scalars(cited) if work_id is not None}
    heirs = session.scalars(select(PaperRow.id).where(PaperRow.duplicate_of == paper_id).order_by(PaperRow.id)).all()
    session.execute(delete(PaperRow).where(PaperRow.id == paper_id))
    if heirs:
        _hand_over(session, own, heirs)
    if own is not None:
        affected.add(own)
    forget_uncited(session, affected)
    return paper.file


def forget_uncited(session: Session, work_ids: set[int]) -> None:
    """Remove those of the works that no paper cites or holds and no bibliography lists any more."""
    uncited = ~select(ReferenceRow.id).where(ReferenceRow.work_id == WorkRow.id).exists()
    unlisted = ~select(BibliographyEntryRow.id).where(BibliographyEntryRow.work_id == WorkRow.id).exists()
    session.execute(
        delete(WorkRow).where(among(session, WorkRow.id, work_ids), WorkRow.paper_id.is_(None), uncited, unlisted),
        execution_options={"synchronize_session": False},
    )


def values_of(document: Document, identity: Identity) -> dict[str, Any]:
    """The columns of a paper's row that its document tells."""
    return {
        "title": document.title,
        "title_key": identity.title_key,
        "first_author_key": identity.first_author_key,
        "abstract": document.abstract,
        "year": document.year,
        "venue": document.venue,
        "doi": document.doi,
        "doi_key": identity.doi,
        "arxiv_id": document.arxiv_id,
        "arxiv_key": identity.arxiv_id,
        "keywords": document.keywords,
        "affiliations": document.affiliations,
        "page_count": document.page_count,
        "page_labels": document.page_labels,
        "notices": document.notices,
    }


def _insert_paper(session: Session, document: Document, identity: Identity) -> int:
    values = values_of(document, identity) | {
        "key": _free_key(session, cite_key(document.authors, document.year, document.title)),
        "added_at": utc_now(),
        "revision": 1,
        "duplicate_of": find_original(session, identity),
    }
    return session.scalars(insert(PaperRow).values(**values).returning(PaperRow.id)).one()


def _free_key(session: Session, base: str) -> str:
    """The key itself, else with a, b, … z, aa, … behind it."""
    base = base[:_KEY_CHARS]
    taken = set(session.scalars(select(PaperRow.key).where(PaperRow.key.startswith(base, autoescape=True))))
    if base not in taken:
        return base
    return next(key for key in (base + _letters(number) for number in count(1)) if key not in taken)


def _letters(number: int) -> str:
    """1 to ``a``, 26 to ``z``, 27 to ``aa``: the columns of a spreadsheet."""
    letters = ""
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(ord("a") + digit) + letters
    return letters


def find_original(session: Session, identity: Identity) -> int | None:
    """The oldest paper that is the same as one about to be stored."""
    for column, key in ((PaperRow.doi_key, identity.doi), (PaperRow.arxiv_key, identity.arxiv_id)):
        found = session.scalar(select(func.min(PaperRow.id)).where(column == key)) if key else None
        if found is not None:
            return found
    if not identity.title_key:
        return None
    titled = session.execute(
        select(PaperRow.id, PaperRow.year)
        .where(PaperRow.title_key == identity.title_key, PaperRow.first_author_key == identity.first_author_key)
        .order_by(PaperRow.id)
    )
    return next((row.id for row in titled if same_year(row.year, identity.year)), None)


def _hand_over(session: Session, work_id: int | None, heirs: Sequence[int]) -> None:
    first, *others = heirs
    if others:
        session.execute(update(PaperRow).where(among(session, PaperRow.id, others)).values(duplicate_of=first))
    holds_own = session.scalar(select(WorkRow.id).where(WorkRow.paper_id == first))
    if work_id is not None and holds_own is None:
        session.execute(update(WorkRow).where(WorkRow.id == work_id).values(paper_id=first))


def _as_id(value: int | str) -> int | None:
    if isinstance(value, str) and not (value.isascii() and value.isdecimal() and len(value) < 20):
        return None
    return int(value) if 0 < int(value) <= MAX_ID else None


def _ordering(order: PaperOrder) -> tuple[Any, ...]:
    newest_first = PaperRow.year.desc().nulls_last()
    orders: dict[PaperOrder, tuple[Any, ...]] = {
        "added": (PaperRow.added_at.desc(), PaperRow.id.desc()),
        "title": (PaperRow.title_key == "", PaperRow.title_key, PaperRow.id),
        "year": (newest_first, PaperRow.id.desc()),
        "author": (PaperRow.first_author_key == "", PaperRow.first_author_key, newest_first, PaperRow.id),
    }
    return orders[order]
