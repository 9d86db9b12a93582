"""Parts of statements that several functions share."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    CursorResult,
    Executable,
    Integer,
    Text,
    and_,
    any_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.records import SearchFilter
from core.text import name_key, title_words
from indexer.columns import storable
from indexer.tables import AuthorRow, CollectionPaperRow, CollectionRow, PaperRow

KEY_CHARS = 300
"""An index takes keys up to about 2,700 bytes; beyond this many characters two keys are taken as equal."""
MAX_ID = 2**31 - 1

_LINKING_LOCK = 4_714_225_032


def among(session: Session, column: InstrumentedAttribute[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """``column IN values`` for any number of whole numbers or strings, in one bound value.

    The usual spelling binds each value on its own, which ends at 32,766 on SQLite and 65,535 on PostgreSQL.
    """
    wanted = list(values)
    if session.get_bind().dialect.name == "postgresql":
        if isinstance(column.type, Integer):
            return column == any_(bindparam(None, wanted, type_=ARRAY(BigInteger)))
        return column == any_(bindparam(None, [storable(value) for value in wanted], type_=ARRAY(Text)))
    rows = func.json_each(json.dumps(wanted)).table_valued("value")
    return column.in_(select(rows.c.value))


def affected_rows(session: Session, statement: Executable) -> int:
    """Run an UPDATE or DELETE and tell how many rows it changed."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount


def serialise_writers(session: Session) -> None:
    """Let one transaction at a time look up and add what must stay unique: works, keys, names. Ends with it.

    A writing session on SQLite is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LINKING_LOCK})


def paper_condition(session: Session, narrowed: SearchFilter, *, text: str = "") -> ColumnElement[bool]:
    """What a paper must fulfil to pass a filter and a search in the library table.

    Args:
        text: Words that all have to occur in title, author names or cite key, or a whole DOI or arXiv id.
    """
    conditions: list[ColumnElement[bool]] = []
    if narrowed.year_from is not None:
        conditions.append(PaperRow.year >= min(narrowed.year_from, MAX_ID))
    if narrowed.year_to is not None:
        conditions.append(PaperRow.year <= min(narrowed.year_to, MAX_ID))
    if narrowed.author:
        conditions.append(_has_author(AuthorRow.family_key == name_key(narrowed.author)[:KEY_CHARS]))
    if narrowed.collection:
        inside = (
            select(CollectionPaperRow.paper_id).join(CollectionRow).where(CollectionRow.name == narrowed.collection)
        )
        conditions.append(PaperRow.id.in_(inside))
    if narrowed.paper_ids is not None:
        conditions.append(among(session, PaperRow.id, narrowed.paper_ids))
    if text.strip():
        conditions.append(_mentions_text(text))
    return and_(true(), *conditions)


def _has_author(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(AuthorRow.paper_id == PaperRow.id, condition)


def _mentions_text(text: str) -> ColumnElement[bool]:
    words = title_words(text)
    anywhere = (
        or_(
            PaperRow.title_key.contains(word, autoescape=True),
            PaperRow.key.contains(word, autoescape=True),
            _has_author(AuthorRow.family_key.contains(word, autoescape=True)),
        )
        for word in words
    )
    identifier = text.strip().lower()
    by_words = and_(*anywhere) if words else false()
    return or_(PaperRow.doi_key == identifier, PaperRow.arxiv_key == identifier, by_words)
