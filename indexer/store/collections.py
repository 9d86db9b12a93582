"""Collections and tags: how a user sorts papers. Search reads them at query time, so no revision grows."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from core.errors import InputError, NotFound
from core.text import clean
from indexer.columns import utc_now
from indexer.store.queries import affected_rows, among, serialise_writers
from indexer.tables import CollectionPaperRow, CollectionRow, PaperRow, PaperTagRow, TagRow

MAX_NAME_CHARS = 200


def create_collection(session: Session, name: str) -> str:
    """Make an empty collection.

    Returns:
        Its name as stored: composed, without control characters and surplus spaces.

    Raises:
        InputError: The name is empty, too long or taken.
    """
    name = _checked_name(name)
    serialise_writers(session)
    _refuse_taken(session, name)
    session.execute(insert(CollectionRow).values(name=name, created_at=utc_now()))
    return name


def list_collections(session: Session) -> dict[str, int]:
    """How many papers each collection holds, by name in alphabetical order."""
    rows = session.execute(
        select(CollectionRow.name, func.count(CollectionPaperRow.paper_id).label("papers"))
        .outerjoin(CollectionPaperRow, CollectionPaperRow.collection_id == CollectionRow.id)
        .group_by(CollectionRow.name)
    )
    return {row.name: row.papers for row in sorted(rows, key=lambda row: row.name.casefold())}


def rename_collection(session: Session, name: str, new_name: str) -> str:
    """Give a collection another name; returns it as stored.

    Raises:
        NotFound: No such collection.
        InputError: The new name is empty, too long or taken.
    """
    collection_id = _collection_id(session, name)
    new_name = _checked_name(new_name)
    if new_name != name:
        serialise_writers(session)
        _refuse_taken(session, new_name)
        session.execute(update(CollectionRow).where(CollectionRow.id == collection_id).values(name=new_name))
    return new_name


def remove_collection(session: Session, name: str) -> None:
    """Remove a collection; its papers stay in the library.

    Raises:
        NotFound: No such collection.
    """
    session.execute(delete(CollectionRow).where(CollectionRow.id == _collection_id(session, name)))


def add_to_collection(session: Session, name: str, paper_ids: Iterable[int]) -> int:
    """Put papers into a collection; those inside already, or gone from the library, are left alone.

    Returns:
        How many papers it gained.

    Raises:
        NotFound: No such collection.
    """
    serialise_writers(session)
    collection_id = _collection_id(session, name)
    inside = select(CollectionPaperRow.paper_id).where(CollectionPaperRow.collection_id == collection_id)
    new = session.scalars(
        select(PaperRow.id).where(among(session, PaperRow.id, paper_ids), PaperRow.id.not_in(inside))
    ).all()
    if new:
        rows = [{"collection_id": collection_id, "paper_id": paper_id} for paper_id in new]
        session.execute(insert(CollectionPaperRow), rows)
    return len(new)


def remove_from_collection(session: Session, name: str, paper_ids: Iterable[int]) -> int:
    """Take papers out of a collection; returns how many were in it.

    Raises:
        NotFound: No such collection.
    """
    statement = delete(CollectionPaperRow).where(
        CollectionPaperRow.collection_id == _collection_id(session, name),
        among(session, CollectionPaperRow.paper_id, paper_ids),
    )
    return affected_rows(session, statement.execution_options(synchronize_session=False))


def set_tags(session: Session, paper_id: int, tags: Iterable[str]) -> tuple[str, ...]:
    """Replace a paper's tags; a tag that marks no paper any more vanishes.

    Returns:
        The tags as stored, without repetitions, in alphabetical order.

    Raises:
        NotFound: No such paper.
        InputError: A tag is empty or too long.
    """
    names = sorted({_checked_name(tag) for tag in tags})
    serialise_writers(session)
    if session.scalar(select(PaperRow.id).where(PaperRow.id == paper_id)) is None:
        raise NotFound(f"no paper has the id {paper_id}", hint="galacite list shows ids and keys.")
    session.execute(delete(PaperTagRow).where(PaperTagRow.paper_id == paper_id))
    known = set(session.scalars(select(TagRow.name).where(among(session, TagRow.name, names))))
    missing = [{"name": name} for name in names if name not in known]
    if missing:
        session.execute(insert(TagRow), missing)
    tag_ids = session.scalars(select(TagRow.id).where(among(session, TagRow.name, names))).all()
    if tag_ids:
        session.execute(insert(PaperTagRow), [{"paper_id": paper_id, "tag_id": tag_id} for tag_id in tag_ids])
    unused = ~select(PaperTagRow.tag_id).where(PaperTagRow.tag_id == TagRow.id).exists()
    session.execute(delete(TagRow).where(unused), execution_options={"synchronize_session": False})
    return tuple(names)


def list_tags(session: Session) -> dict[str, int]:
    """How many papers each tag marks, by name in alphabetical order."""
    rows = session.execute(
        select(TagRow.name, func.count(PaperTagRow.paper_id).label("papers"))
        .join(PaperTagRow, PaperTagRow.tag_id == TagRow.id)
        .group_by(TagRow.name)
    )
    return {row.name: row.papers for row in sorted(rows, key=lambda row: row.name.casefold())}


def _checked_name(name: str) -> str:
    cleaned = clean(name)
    if not cleaned:
        raise InputError("a collection or tag needs a name", hint="Give one or more visible characters.")
    if len(cleaned) > MAX_NAME_CHARS:
        raise InputError(
            f"a name of {len(cleaned)} characters is too long", hint=f"At most {MAX_NAME_CHARS} characters."
        )
    return cleaned


def _refuse_taken(session: Session, name: str) -> None:
    if session.scalar(select(CollectionRow.id).where(CollectionRow.name == name)) is not None:
        raise InputError(f"a collection is called {name} already", hint="Choose another name.")


def _collection_id(session: Session, name: str) -> int:
    collection_id = session.scalar(select(CollectionRow.id).where(CollectionRow.name == name))
    if collection_id is None:
        raise NotFound(f"no collection is called {name}", hint="Collections are listed in the library.")
    return collection_id
