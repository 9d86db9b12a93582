"""Putting what was read anew in the place of what was read before: the paper, its key and its collections stay."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.records import Document, Paper
from indexer.store.documents import insert_parts
from indexer.store.identity import Identity, identity_of
from indexer.store.linking import WorkLinker
from indexer.store.papers import find_original, forget_uncited, get_paper, values_of
from indexer.store.queries import serialise_writers
from indexer.tables import AuthorRow, Base, MentionRow, PaperRow, PassageRow, ReferenceRow, SectionRow, WorkRow

_PARTS: tuple[type[Base], ...] = (MentionRow, ReferenceRow, PassageRow, SectionRow, AuthorRow)
_UNTRACKED = {"synchronize_session": False}


def replace_document(session: Session, paper_id: int, document: Document) -> Paper:
    """Store a paper's document anew and link its references again; id, cite key, collections and tags stay.

    Answers given before keep the passages that they were given with.

    Raises:
        NotFound: No such paper.
    """
    serialise_writers(session)
    before = get_paper(session, paper_id)
    affected = _let_go_of_works(session, paper_id)
    for table in _PARTS:
        session.execute(delete(table).where(_paper_of(table) == paper_id), execution_options=_UNTRACKED)
    identity = identity_of(document)
    values = values_of(document, identity) | {
        "revision": before.revision + 1,
        "duplicate_of": _original(session, paper_id, identity, before=before.duplicate_of),
    }
    session.execute(update(PaperRow).where(PaperRow.id == paper_id).values(**values), execution_options=_UNTRACKED)
    linker = WorkLinker(session, [document, *document.references])
    linker.link_paper(document, paper_id)
    works = [linker.link(reference) for reference in document.references]
    linker.store()
    insert_parts(session, paper_id, document, [work.survivor().id if work else None for work in works])
    forget_uncited(session, affected)
    return get_paper(session, paper_id)


def _paper_of(table: Any) -> Any:
    return table.paper_id


def _let_go_of_works(session: Session, paper_id: int) -> set[int]:
    """The works that a paper cited, and the one it held, which it holds no more."""
    cited = select(ReferenceRow.work_id).where(ReferenceRow.paper_id == paper_id, ReferenceRow.work_id.is_not(None))
    own = select(WorkRow.id).where(WorkRow.paper_id == paper_id)
    affected = {work_id for work_id in session.scalars(cited.union(own)) if work_id is not None}
    session.execute(
        update(WorkRow).where(WorkRow.paper_id == paper_id).values(paper_id=None), execution_options=_UNTRACKED
    )
    return affected


def _original(session: Session, paper_id: int, identity: Identity, *, before: int | None) -> int | None:
    """The paper of which this one is another version, never itself nor one that counts as its own version."""
    found = find_original(session, identity)
    if found is None or found == paper_id:
        return before if found == paper_id else None
    return None if get_paper(session, found).duplicate_of == paper_id else found
