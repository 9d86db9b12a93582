"""Migrations: up, checked, down and up again, on both databases."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from core.errors import StorageError
from indexer import schema
from indexer.database import Database, open_engine, writing
from indexer.store import papers
from indexer.tables import Base
from tests.builders import make_document, make_file

ROOT = Path(__file__).parents[2]


def table_names(url: str) -> set[str]:
    """The tables that a database has, Alembic's own left out."""
    engine = open_engine(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names - {"alembic_version"}


def run_sql(url: str, statement: str) -> None:
    """Change a database behind the program's back."""
    engine = open_engine(url)
    with writing(engine).begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def identity(url: str) -> str:
    """The identity of a database."""
    database = Database.open(url)
    with database.session() as session:
        value = database.identity(session)
    database.dispose()
    return value


def test_up_down_and_up_again(new_database_url: str) -> None:
    url = new_database_url
    assert schema.current(url) is None
    schema.upgrade(url)
    assert schema.current(url) == schema.head()
    schema.check(url)
    assert table_names(url) == set(Base.metadata.tables)
    first = identity(url)
    schema.upgrade(url)
    assert identity(url) == first
    schema.downgrade(url, "base")
    assert schema.current(url) is None
    assert table_names(url) == set()
    schema.upgrade(url)
    schema.check(url)
    assert identity(url) != first


def test_foreign_keys_have_names_that_a_migration_can_address(new_database_url: str) -> None:
    schema.upgrade(new_database_url)
    engine = open_engine(new_database_url)
    inspector = inspect(engine)
    for table in Base.metadata.sorted_tables:
        for key in inspector.get_foreign_keys(table.name):
            assert key["name"] == f"fk_{table.name}_{key['constrained_columns'][0]}_{key['referred_table']}"
    engine.dispose()


def test_rows_survive_an_upgrade_that_has_nothing_to_do(new_database_url: str) -> None:
    schema.upgrade(new_database_url)
    database = Database.open(new_database_url)
    with database.session(write=True) as session:
        paper = papers.add_paper(session, make_document(references=["A"]), make_file())
    schema.upgrade(new_database_url)
    with database.session() as session:
        assert papers.get_paper(session, paper.id) == paper
    database.dispose()


def test_check_names_what_differs(new_database_url: str) -> None:
    with pytest.raises(StorageError, match="not migrated") as raised:
        schema.check(new_database_url)
    assert "galacite migrate" in raised.value.hint
    schema.upgrade(new_database_url)
    run_sql(new_database_url, "ALTER TABLE papers ADD COLUMN surplus TEXT")
    with pytest.raises(StorageError, match="surplus"):
        schema.check(new_database_url)


def test_database_of_a_newer_version_is_left_alone(new_database_url: str) -> None:
    schema.upgrade(new_database_url)
    run_sql(new_database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageError, match="9999") as raised:
        schema.upgrade(new_database_url)
    assert "newer" in raised.value.hint
    assert table_names(new_database_url) == set(Base.metadata.tables)


def test_failing_upgrade_leaves_nothing(new_database_url: str) -> None:
    if new_database_url.startswith("sqlite"):
        Path(new_database_url.removeprefix("sqlite:///")).parent.mkdir()
    run_sql(new_database_url, "CREATE TABLE turn_evidence (id INTEGER)")  # the last one that the upgrade makes
    with pytest.raises(Exception, match="turn_evidence"):
        schema.upgrade(new_database_url)
    assert schema.current(new_database_url) is None
    assert table_names(new_database_url) == {"turn_evidence"}


def test_processes_that_upgrade_at_once_take_turns(new_database_url: str) -> None:
    program = "import sys; from indexer import schema; schema.upgrade(sys.argv[1]); schema.check(sys.argv[1])"
    command = [sys.executable, "-W", "error", "-c", program, new_database_url]
    running = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
    assert [process.wait(120) for process in running] == [0, 0]
    assert schema.current(new_database_url) == schema.head()
    identity(new_database_url)


def test_logging_is_left_alone_and_nothing_is_printed(
    new_database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before = (list(root.handlers), root.level, logging.getLogger("alembic").handlers)
    witness = logging.getLogger("galacite.witness")
    schema.upgrade(new_database_url)
    schema.check(new_database_url)
    assert (list(root.handlers), root.level, logging.getLogger("alembic").handlers) == before
    assert not witness.disabled
    assert capsys.readouterr() == ("", "")


def test_asking_for_the_revision_makes_no_file(tmp_path: Path) -> None:
    assert schema.current(f"sqlite:///{tmp_path / 'none.db'}") is None
    assert list(tmp_path.iterdir()) == []


def test_path_with_signs_that_mean_something_elsewhere(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a b%20'}/100%/naïve.db"
    schema.upgrade(url)
    schema.check(url)
    assert schema.current(url) == schema.head()


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be written") as raised:
        schema.upgrade(f"sqlite:///{tmp_path / 'file' / 'library.db'}")
    assert raised.value.hint


def test_dangling_rows_stop_a_migration(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'library.db'}"
    schema.upgrade(url)
    engine = open_engine(url, foreign_keys=False)
    with writing(engine).begin() as connection:
        connection.execute(
            text("INSERT INTO authors (paper_id, position, given, family, family_key) VALUES (1, 0, '', 'B', 'b')")
        )
    engine.dispose()
    with pytest.raises(StorageError, match="point nowhere in: authors"):
        schema.upgrade(url)
