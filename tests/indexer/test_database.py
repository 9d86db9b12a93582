"""Sessions: one transaction each, safe for many processes, and refusals that say what to do."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine, UniqueConstraint, delete, event, insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from core.errors import SettingsError, StorageError
from indexer import database as database_module
from indexer import schema
from indexer.columns import storable
from indexer.database import Database, describe_url
from indexer.store import jobs, papers
from indexer.tables import Base, CollectionRow, FileRow, MetaRow
from tests.builders import make_document, make_file, make_reference

ROOT = Path(__file__).parents[2]


def add(database: Database, name: str) -> int:
    """Store a small paper that cites a work which others cite too."""
    document = make_document(name, references=[make_reference("Shared"), make_reference(f"Own of {name}")])
    with database.session(write=True) as session:
        return papers.add_paper(session, document, make_file(name)).id


def count(database: Database) -> int:
    """How many papers are stored."""
    with database.session() as session:
        return papers.count_papers(session)


def test_session_commits_at_its_end(database: Database) -> None:
    add(database, "One")
    assert count(database) == 1


def test_session_rolls_back_when_an_exception_leaves_it(database: Database) -> None:
    def fail_half_way() -> None:
        with database.session(write=True) as session:
            papers.add_paper(session, make_document(), make_file())
            raise LookupError("half way")

    with pytest.raises(LookupError, match="half way"):
        fail_half_way()
    assert count(database) == 0


def test_reading_session_refuses_to_write(database: Database) -> None:
    with pytest.raises(RuntimeError, match=r"session\(write=True\)"), database.session() as session:
        session.execute(insert(MetaRow).values(key="x", value="y"))
    with database.session(write=True) as session:
        session.execute(insert(MetaRow).values(key="x", value="y"))
        session.execute(delete(MetaRow).where(MetaRow.key == "x"))


def test_reader_sees_the_last_commit_while_a_writer_writes(database: Database) -> None:
    add(database, "One")
    with database.session(write=True) as session:
        papers.add_paper(session, make_document("Two"), make_file("two"))
        begun = time.perf_counter()
        assert count(database) == 1
        assert time.perf_counter() - begun < 5
    assert count(database) == 2


def test_identity_stays_and_differs_between_databases(
    database: Database, sqlite_template: Path, tmp_path: Path
) -> None:
    with database.session() as session:
        first = database.identity(session)
        assert first == database.identity(session)
    assert uuid.UUID(first).version == 4
    other = Database.open(f"sqlite:///{tmp_path / 'other.db'}")
    schema.upgrade(other.url)
    with other.session() as session:
        assert other.identity(session) != first
    other.dispose()


def test_missing_identity_is_told(database: Database) -> None:
    with database.session(write=True) as session:
        kept = database.identity(session)
        session.execute(delete(MetaRow))
        with pytest.raises(StorageError, match="no identity"):
            database.identity(session)
        session.execute(insert(MetaRow).values(key="identity", value=kept))


def test_threads_that_write_at_once_lose_nothing(database: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(lambda number: add(database, f"P{number}"), range(16)))
    assert len(set(ids)) == 16
    with database.session() as session:
        assert len({paper.key for paper in papers.list_papers(session)}) == 16
        shared = session.execute(text("SELECT count(*) FROM works WHERE title = 'Shared'")).scalar()
    assert shared == 1


_WRITER = """
import sys
from indexer.database import Database
from indexer.store import papers
from tests.builders import make_document, make_file
url, who = sys.argv[1:]
database = Database.open(url)
for number in range(8):
    with database.session(write=True) as session:
        papers.count_papers(session)
        papers.add_paper(session, make_document("Same title", references=["Shared"]), make_file(f"{who}-{number}"))
database.dispose()
"""


def test_processes_that_write_at_once_lose_nothing(database: Database) -> None:
    commands = [[sys.executable, "-c", _WRITER, database.url, who] for who in "ab"]
    running = [subprocess.Popen(command, cwd=ROOT) for command in commands]
    assert [process.wait(120) for process in running] == [0, 0]
    with database.session() as session:
        listed = papers.list_papers(session)
    assert len({paper.key for paper in listed}) == 16
    assert sum(paper.duplicate_of is None for paper in listed) == 1


_HANGING_WRITER = """
import sys, time
from indexer.database import Database
from indexer.store import jobs, papers
from tests.builders import make_document, make_file
database = Database.open(sys.argv[1])
with database.session(write=True) as session:
    papers.add_paper(session, make_document(references=["A", "B"]), make_file("killed"))
    print("written", flush=True)
    time.sleep(600)
"""


def test_process_killed_in_mid_transaction_leaves_nothing(database: Database) -> None:
    command = [sys.executable, "-c", _HANGING_WRITER, database.url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        process.send_signal(signal.SIGKILL)
    with database.session() as session:
        for table in Base.metadata.sorted_tables:
            if table.name != "meta":
                assert session.execute(select(table)).first() is None
    add(database, "After")
    assert count(database) == 1


def test_constraint_that_fails_is_a_bug_and_keeps_its_traceback(database: Database) -> None:
    values = {"paper_id": 10**6, "sha256": "x", "name": "x", "size_bytes": 1}
    with pytest.raises(IntegrityError), database.session(write=True) as session:
        session.execute(insert(FileRow).values(**values))


def test_mistaken_statement_is_a_bug_and_keeps_its_traceback(database: Database) -> None:
    with pytest.raises(Exception, match="SELEKT") as raised, database.session() as session:
        session.execute(text("SELEKT 1"))
    assert not isinstance(raised.value, StorageError)


def test_instants_are_aware_and_in_utc(database: Database) -> None:
    summer = datetime(2024, 7, 1, 12, 30, 15, 123456, timezone(timedelta(hours=2)))
    with database.session(write=True) as session:
        session.execute(insert(CollectionRow).values(name="x", created_at=summer))
    with database.session() as session:
        stored = session.scalars(select(CollectionRow.created_at)).one()
    assert stored == summer
    assert stored.tzinfo == UTC


def test_instant_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2024, 7, 1)  # noqa: DTZ001
    with pytest.raises(StatementError, match="without a time zone"), database.session(write=True) as session:
        session.execute(insert(CollectionRow).values(name="x", created_at=naive))


def test_storable_text_is_left_alone() -> None:
    for kept in ("", "plain", "naïve — 引用 🎉", "tab\tand\nline"):
        assert storable(kept) is kept
    assert storable("a\x00b\udc80c") == "a b\ufffdc"


def test_every_foreign_key_is_indexed() -> None:
    for table in Base.metadata.sorted_tables:
        unique = [constraint for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
        leading = {next(iter(keys.columns)).name for keys in unique} | {
            next(iter(keys.columns)).name for keys in table.indexes
        }
        leading.add(next(iter(table.primary_key)).name)
        assert {key.parent.name for key in table.foreign_keys} <= leading, table.name


# What goes wrong outside, on SQLite


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Database:
    """A migrated SQLite database."""
    path = tmp_path / "library.db"
    shutil.copyfile(sqlite_template, path)
    return Database.open(f"sqlite:///{path}")


def test_opening_touches_nothing(tmp_path: Path) -> None:
    Database.open(f"sqlite:///{tmp_path / 'none.db'}").dispose()
    assert list(tmp_path.iterdir()) == []


def test_sqlite_is_set_up_for_many_processes(sqlite: Database) -> None:
    with sqlite.session() as session:
        pragmas = [
            session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        ]
    assert pragmas == ["wal", 1, 1, 30_000]
    sqlite.dispose()


def test_unmigrated_database_says_how_to_migrate(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 'new.db'}")
    with pytest.raises(StorageError, match=r"new\.db: the database is not migrated") as raised:
        count(database)
    assert "galacite migrate" in raised.value.hint
    assert "galacite doctor" in raised.value.hint
    database.dispose()


def test_missing_folder_is_named(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 'none' / 'new.db'}")
    with pytest.raises(StorageError, match="cannot be opened") as raised:
        count(database)
    assert raised.value.hint


def test_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "paper.db").write_bytes(b"%PDF-1.7 " * 1_000)
    database = Database.open(f"sqlite:///{tmp_path / 'paper.db'}")
    with pytest.raises(StorageError, match=r"paper\.db: the file is no database") as raised:
        count(database)
    assert "backup" in raised.value.hint
    database.dispose()


def add_many(database: Database) -> None:
    """Store more papers than fit into the pages that a small file has to spare."""
    for number in range(200):
        add(database, f"P{number}")


def test_full_disk_is_named_and_nothing_is_lost(sqlite: Database) -> None:
    add(sqlite, "Before")

    @event.listens_for(Engine, "connect")
    def leave_no_room(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # never below what the file has already

    try:
        sqlite.dispose()
        with pytest.raises(StorageError, match="the disk is full") as raised:
            add_many(sqlite)
    finally:
        event.remove(Engine, "connect", leave_no_room)
        sqlite.dispose()
    assert "GALACITE_HOME" in raised.value.hint
    before = count(sqlite)
    assert before >= 1
    add(sqlite, "After")
    assert count(sqlite) == before + 1
    sqlite.dispose()


def test_readonly_database_is_named(sqlite: Database) -> None:
    add(sqlite, "Before")
    path = describe_url(sqlite.url)
    readonly = Database.open(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert count(readonly) == 1
    with pytest.raises(StorageError, match="read-only") as raised:
        add(readonly, "More")
    assert raised.value.hint
    readonly.dispose()
    sqlite.dispose()


def test_locked_database_is_named(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_S", 0.2)
    impatient = Database.open(sqlite.url)
    with sqlite.session(write=True) as session:
        jobs.create_job(session, "ingest", "x", {})
        with pytest.raises(StorageError, match="is locked") as raised:
            add(impatient, "Other")
    assert "wait" in raised.value.hint
    impatient.dispose()
    sqlite.dispose()


def test_waiting_writer_goes_on_when_the_first_is_done(sqlite: Database) -> None:
    entered = threading.Event()

    def hold() -> None:
        with sqlite.session(write=True) as session:
            jobs.create_job(session, "ingest", "x", {})
            entered.set()
            time.sleep(0.3)

    thread = threading.Thread(target=hold)
    thread.start()
    assert entered.wait(10)
    add(sqlite, "Second")
    thread.join()
    assert count(sqlite) == 1
    sqlite.dispose()


# What goes wrong outside, on PostgreSQL


def test_unreachable_server_is_named_without_its_password() -> None:
    database = Database.open("postgresql+psycopg://ada:secret@127.0.0.1:1/library")
    with pytest.raises(StorageError, match="cannot be reached") as raised:
        count(database)
    assert "127.0.0.1" in raised.value.message
    assert "secret" not in raised.value.message
    assert "server runs" in raised.value.hint


@pytest.mark.postgres
def test_postgres_without_tables_or_database_is_told(postgres_server: str) -> None:
    database = Database.open(postgres_server)
    with pytest.raises(StorageError, match="not migrated"):
        count(database)
    database.dispose()
    missing = Database.open(postgres_server.replace("/postgres?", "/none_such?"))
    with pytest.raises(StorageError, match="the database does not exist") as raised:
        count(missing)
    assert "createdb" in raised.value.hint


# Addresses


@pytest.mark.parametrize("url", ["", "library.db", "mysql://host/library", "sqlite+none:///x.db"])
def test_unusable_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Database.open(url)
    assert "sqlite:///PATH" in raised.value.hint


def test_usual_spellings_of_postgres_are_understood() -> None:
    for url in ("postgresql://a@h/n", "postgres://a@h/n", "postgresql+psycopg://a@h/n"):
        assert describe_url(url) == "postgresql+psycopg://a@h/n"
