"""The database: one transaction a session, the same on SQLite and PostgreSQL.

Nothing connects before the first session. The schema is made by the ``migrations`` package.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event, select
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from core.errors import SettingsError, StorageError
from indexer.faults import is_readonly_fault, storage_error
from indexer.tables import MetaRow

BUSY_TIMEOUT_S = 30.0
_WRITES = "galacite_writes"


class Database:
    """A library's records.

    ``session()`` reads and never waits for a writer; ``session(write=True)`` may also write. On SQLite a writing
    session takes the write lock before its first statement, so two processes queue up and never deadlock.
    """

    def __init__(self, engine: Engine, url: str) -> None:
        self.url = url
        self._engine = engine
        self._reader = _read_only(engine)
        self._writer = writing(engine)

    @classmethod
    def open(cls, url: str) -> Database:
        """Prepare a database for use; nothing is read yet.

        Args:
            url: ``sqlite:///PATH`` or ``postgresql+psycopg://USER@HOST/NAME``.

        Raises:
            SettingsError: The address is malformed, or its driver is not installed.
        """
        return cls(open_engine(url), url)

    @contextmanager
    def session(self, *, write: bool = False) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back when an exception leaves the block.

        Raises:
            StorageError: The database is missing, not migrated, locked, read-only, full or out of reach.
            RuntimeError: Something was written in a session that only reads.
        """
        try:
            with Session(self._writer if write else self._reader, expire_on_commit=False) as session, session.begin():
                yield session
        except DBAPIError as error:
            if not write and is_readonly_fault(error):
                raise RuntimeError("this session only reads; open it with session(write=True)") from error
            fault = storage_error(error, place=self.place)
            if fault is None:
                raise
            raise fault from error
        except PoolTimeout as error:
            raise StorageError(
                f"{self.place}: all connections are in use", hint="Try again; close sessions that are left open."
            ) from error

    @property
    def place(self) -> str:
        """Where the records are, without the password: for messages."""
        return describe_url(self.url)

    def identity(self, session: Session) -> str:
        """The identifier that this database got when its schema was made.

        Raises:
            StorageError: The row is gone.
        """
        value = session.scalar(select(MetaRow.value).where(MetaRow.key == "identity"))
        if value is None:
            raise StorageError(f"{self.place}: the database has no identity", hint="Restore it from a backup.")
        return value

    def dispose(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def describe_url(url: str) -> str:
    """A database address that may be shown: a plain path for SQLite, no password otherwise."""
    parsed = _parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return parsed.database or "memory"
    return parsed.render_as_string(hide_password=True)


def open_engine(url: str, *, foreign_keys: bool = True) -> Engine:
    """An engine whose transactions begin as this project needs them.

    Args:
        url: See ``Database.open``.
        foreign_keys: Migrations switch them off on SQLite, where altering a table recreates it.

    Raises:
        SettingsError: The address is malformed, or its driver is not installed.
    """
    parsed = _parse_url(url)
    backend = parsed.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise SettingsError(
            f"database address of an unknown kind: {backend}", hint="Use sqlite:///PATH or postgresql+psycopg://…"
        )
    try:
        if backend == "sqlite":
            return _sqlite_engine(parsed, foreign_keys=foreign_keys)
        return create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except ModuleNotFoundError as error:
        raise SettingsError(
            "the PostgreSQL driver is not installed", hint='Install it: pip install "galacite[server]"'
        ) from error
    except NoSuchModuleError as error:
        raise SettingsError(f"database driver is unknown: {parsed.drivername}", hint="Use sqlite:///PATH") from error


def writing(engine: Engine) -> Engine:
    """The same engine, its transactions taking the write lock when they begin."""
    return engine.execution_options(**{_WRITES: True})


def _parse_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise SettingsError(
            "the database address cannot be read", hint="Use sqlite:///PATH or postgresql+psycopg://…"
        ) from error
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def _read_only(engine: Engine) -> Engine:
    if engine.dialect.name == "postgresql":
        return engine.execution_options(postgresql_readonly=True)
    return engine


def _sqlite_engine(url: URL, *, foreign_keys: bool) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # The driver would open transactions by itself and at the wrong time: begin() below does it.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = bool(connection.get_execution_options().get(_WRITES))
        connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
