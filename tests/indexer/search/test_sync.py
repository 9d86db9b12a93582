from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import SearchIndexError
from indexer.search.dense import DenseIndex
from indexer.search.folders import Folders
from indexer.search.lexical import LexicalIndex
from indexer.search.manifest import Manifest
from indexer.search.readers import citing_reader
from indexer.search.shelf import WorkEncoder
from indexer.search.sync import SearchIndexes, SyncReport
from tests.indexer.search.library import HashingEncoder, MemoryLibrary, dense, ids, lexical, snapshot

ENCODER = HashingEncoder()


class Crash(BaseException):
    """The process ends here: nothing in the program catches it."""


def make_library() -> MemoryLibrary:
    library = MemoryLibrary()
    library.put(1, ["alpha one", "beta gamma"], works=[1, 2])
    library.put(2, ["alpha two"], works=[2, 3])
    library.put(3, ["alpha three"], works=[])
    return library


def make_indexes(root: Path, library: MemoryLibrary) -> SearchIndexes:
    return SearchIndexes(root, library, ENCODER)


def assert_as_if_built_anew(root: Path, library: MemoryLibrary, fresh: Path) -> None:
    make_indexes(fresh, library).rebuild()
    assert snapshot(root) == snapshot(fresh)
    assert make_indexes(root, library).is_current()


def test_sync_reports_and_repeats_nothing(tmp_path: Path) -> None:
    library = make_library()
    indexes = make_indexes(tmp_path, library)
    assert not indexes.is_current()
    assert indexes.sync() == SyncReport(added=3)
    assert indexes.is_current()
    assert indexes.sync() == SyncReport()
    library.put(1, ["alpha changed"], works=[1])
    library.put(9, ["alpha nine"])
    library.remove(2)
    assert not indexes.is_current()
    assert indexes.sync() == SyncReport(added=1, updated=1, removed=1)
    assert sorted(ids(lexical(tmp_path, "alpha"))) == [4, 5, 6]
    assert sorted(ids(dense(tmp_path, "alpha"))) == [4, 5, 6]
    assert ids(lexical(tmp_path, "number1", "works")) == [1]
    assert lexical(tmp_path, "number2", "works") == []


def test_progress_counts_each_kind_of_index(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    make_indexes(tmp_path, make_library()).sync(on_progress=lambda done, total: steps.append((done, total)))
    assert steps == [(3, 3), (6, 6)]


def test_a_work_is_found_by_the_sentences_that_cite_it(tmp_path: Path) -> None:
    library = make_library()
    indexes = make_indexes(tmp_path, library)
    indexes.sync()
    assert sorted(ids(lexical(tmp_path, "citing2", "works"))) == [2, 3]
    library.remove(2)
    indexes.sync()
    assert lexical(tmp_path, "citing2", "works") == [], "work 2 lives on, but paper 2 no longer cites it"
    assert sorted(ids(lexical(tmp_path, "citing1", "works"))) == [1, 2]


def test_merged_works_are_followed_though_no_revision_changes(tmp_path: Path) -> None:
    library = make_library()
    indexes = make_indexes(tmp_path / "i", library)
    indexes.sync()
    library.merge(3, into=1)
    assert indexes.sync().updated == 1
    assert sorted(ids(lexical(tmp_path / "i", "citing2", "works"))) == [1, 2]
    assert_as_if_built_anew(tmp_path / "i", library, tmp_path / "fresh")


_texts = st.lists(st.sampled_from(["alpha", "beta", "gamma", "alpha beta", "beta gamma"]), max_size=4)
_changes = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(1, 6), _texts, st.lists(st.integers(1, 6), max_size=4)),
        st.tuples(st.just("remove"), st.integers(1, 6)),
        st.tuples(st.just("sync")),
        st.tuples(st.just("crash"), st.integers(0, 7)),
    ),
    min_size=4,
    max_size=12,
)

_STEPS: list[tuple[type, str]] = [
    (Manifest, "begin"),
    (LexicalIndex, "commit"),
    (DenseIndex, "commit"),
    (Manifest, "finish"),
]


def crash_at(patch: pytest.MonkeyPatch, kind: type, method: str, *, after: bool, call: int = 1) -> None:
    """Let the given call of a method be the last thing that the process does, or the first it does not."""
    original = getattr(kind, method)
    calls = 0

    def crashing(*args: object, **options: object) -> object:
        nonlocal calls
        calls += 1
        if calls == call and not after:
            raise Crash
        result = original(*args, **options)
        if calls == call:
            raise Crash
        return result

    patch.setattr(kind, method, crashing)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=_changes)
def test_any_history_ends_like_a_rebuild(tmp_path_factory: pytest.TempPathFactory, changes: list[tuple]) -> None:  # type: ignore[type-arg]
    root = tmp_path_factory.mktemp("history")
    library = MemoryLibrary()
    for change in changes:
        match change:
            case ("put", paper, texts, works):
                library.put(paper, texts, works=works)
                library.titles = {w: t for w, t in library.titles.items() if _cited(library, w)}
            case ("remove", paper) if paper in library.contents:
                library.remove(paper)
            case ("sync",):
                make_indexes(root / "i", library).sync()
            case ("crash", step):
                with pytest.MonkeyPatch.context() as patch:
                    crash_at(patch, *_STEPS[step % 4], after=step >= 4)
                    try:
                        make_indexes(root / "i", library).sync()
                    except Crash:
                        pass
    make_indexes(root / "i", library).sync()
    assert_as_if_built_anew(root / "i", library, root / "fresh")


def _cited(library: MemoryLibrary, work: int) -> bool:
    return any(work in content.work_ids for content in library.contents.values())


@pytest.mark.parametrize("undone", [False, True], ids=["still there", "paper gone by then"])
@pytest.mark.parametrize(
    ("kind", "method", "call"),
    # Passages and works are committed one after the other where words are indexed.
    [(*step, call) for step in _STEPS for call in ((1,) if step[0] is DenseIndex else (1, 2))],
)
def test_a_crash_at_any_step_is_repaired(tmp_path: Path, kind: type, method: str, call: int, undone: bool) -> None:
    library = make_library()
    make_indexes(tmp_path / "i", library).sync()
    library.put(4, ["alpha four"], works=[4])
    library.put(1, ["alpha rewritten"], works=[2])
    library.remove(3)
    with pytest.MonkeyPatch.context() as patch:
        # Before one step is after another, so the last call alone needs the other side: the history test has it.
        crash_at(patch, kind, method, after=method == "finish", call=call)
        with pytest.raises(Crash):
            make_indexes(tmp_path / "i", library).sync()
    if undone:
        library.remove(4)
    restarted = make_indexes(tmp_path / "i", library)
    restarted.sync()
    assert_as_if_built_anew(tmp_path / "i", library, tmp_path / "fresh")


def test_a_killed_process_leaves_nothing_that_stays_locked(tmp_path: Path) -> None:
    script = f"""
import os, signal
from pathlib import Path
from indexer.search.dense import DenseIndex
from tests.indexer.search.test_sync import make_indexes, make_library
DenseIndex.commit = lambda self: os.kill(os.getpid(), signal.SIGKILL)
make_indexes(Path({str(tmp_path / "i")!r}), make_library()).sync()
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -signal.SIGKILL
    library = make_library()
    assert not make_indexes(tmp_path / "i", library).is_current()
    make_indexes(tmp_path / "i", library).sync()
    assert_as_if_built_anew(tmp_path / "i", library, tmp_path / "fresh")


def test_without_an_encoder_the_dense_indexes_wait_and_catch_up(tmp_path: Path) -> None:
    library = make_library()
    make_indexes(tmp_path, library).sync()
    library.put(4, ["alpha four"])
    without = SearchIndexes(tmp_path, library, None)
    assert without.sync() == SyncReport(added=1)
    assert without.is_current()
    assert 5 in ids(lexical(tmp_path, "four"))
    assert 5 not in ids(dense(tmp_path, "four"))
    assert not make_indexes(tmp_path, library).is_current()
    assert make_indexes(tmp_path, library).sync() == SyncReport(added=1)
    assert 5 in ids(dense(tmp_path, "four"))


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20])


_DAMAGE: dict[str, Callable[[Path], None]] = {
    "lexical/*/passages/meta.json": lambda path: path.write_text("{}"),
    "lexical/*/passages/*.idx": _truncate,
    "lexical/*/works/*.term": Path.unlink,
    "lexical/*/manifest.sqlite": lambda path: path.write_bytes(b"garbage" * 999),
    "dense/*/manifest.sqlite": Path.unlink,
    "dense/*/passages/vectors.sqlite": lambda path: path.write_bytes(b"garbage" * 999),
    "dense/CURRENT": lambda path: path.write_bytes(b"\xff\x00../.."),
    "lexical/CURRENT": Path.unlink,
}


@pytest.mark.parametrize("pattern", _DAMAGE)
def test_damaged_files_are_replaced_with_a_log_line(
    tmp_path: Path, pattern: str, caplog: pytest.LogCaptureFixture
) -> None:
    library = make_library()
    make_indexes(tmp_path / "i", library).sync()
    damaged = list((tmp_path / "i").glob(pattern))
    assert damaged
    for path in damaged:
        _DAMAGE[pattern](path)
    with caplog.at_level(logging.WARNING):
        make_indexes(tmp_path / "i", library).sync()
    assert_as_if_built_anew(tmp_path / "i", library, tmp_path / "fresh")
    assert "CURRENT" in pattern or any("building new ones" in record.message for record in caplog.records)


def test_indexes_that_lost_passages_are_noticed(tmp_path: Path) -> None:
    library = make_library()
    make_indexes(tmp_path / "i", library).sync()
    (folder,) = (tmp_path / "i" / "dense").glob("*/passages")
    index = DenseIndex(folder, ENCODER)
    index.remove(2)
    index.commit()
    index.close()
    make_indexes(tmp_path / "i", library).sync()
    assert_as_if_built_anew(tmp_path / "i", library, tmp_path / "fresh")


def test_indexes_of_another_database_encoder_or_format_are_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    library = make_library()
    make_indexes(tmp_path, library).sync()
    other = MemoryLibrary(name="other")
    other.put(1, ["delta"])
    assert not make_indexes(tmp_path, other).is_current()
    assert make_indexes(tmp_path, other).sync() == SyncReport(added=1)
    assert lexical(tmp_path, "alpha") == []
    wide = SearchIndexes(tmp_path, other, HashingEncoder(dimension=32))
    assert not wide.is_current()
    assert wide.sync() == SyncReport(added=1)
    monkeypatch.setattr("indexer.search.sync.FORMAT", "next")
    assert not wide.is_current()
    assert wide.sync() == SyncReport(added=1)
    assert len(caplog.records) == 5


def test_rebuild_serves_the_old_indexes_until_it_is_done(tmp_path: Path) -> None:
    library = make_library()
    indexes = make_indexes(tmp_path, library)
    indexes.sync()
    seen: list[list[int]] = []
    before = Folders(tmp_path / "lexical").current()
    indexes.rebuild(on_progress=lambda *_: seen.append(sorted(ids(lexical(tmp_path, "alpha")))))
    assert seen == [[1, 3, 4]] * 2
    after = Folders(tmp_path / "lexical").current()
    assert after != before
    assert [path for path in (tmp_path / "lexical").iterdir() if path.is_dir()] == [after]


def test_stopping_keeps_what_is_done_and_a_stopped_rebuild_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.search.sync._BATCH_PAPERS", {"lexical": 1, "dense": 1})
    library = make_library()
    indexes = make_indexes(tmp_path, library)
    answers = iter([False, False])
    report = indexes.sync(should_stop=lambda: next(answers, True))
    assert report == SyncReport(added=2, complete=False)
    assert sorted(ids(lexical(tmp_path, "alpha"))) == [1, 3]
    assert indexes.sync().complete
    current = Folders(tmp_path / "lexical").current()
    assert not indexes.rebuild(should_stop=lambda: True).complete
    assert Folders(tmp_path / "lexical").current() == current
    assert sorted(ids(lexical(tmp_path, "alpha"))) == [1, 3, 4]


def test_two_writers_take_turns(tmp_path: Path) -> None:
    library = make_library()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            make_indexes(tmp_path / "i", library).sync()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert_as_if_built_anew(tmp_path / "i", library, tmp_path / "fresh")


def test_a_writer_in_another_process_is_waited_for_and_then_named(tmp_path: Path) -> None:
    (tmp_path / "lexical").mkdir()
    script = f"""
import sys, filelock
with filelock.FileLock({str(tmp_path / "write.lock")!r}):
    print("held", flush=True)
    sys.stdin.readline()
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdout.readline()
        impatient = SearchIndexes(tmp_path, make_library(), ENCODER, lock_timeout_s=0.1)
        with pytest.raises(SearchIndexError, match="another process is writing"):
            impatient.sync()
        holder.stdin.close()
    assert impatient.sync().added == 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits on file size are a feature of POSIX")
@pytest.mark.parametrize("limit", [2_000, 40_000])
def test_a_full_disk_is_an_error_with_a_hint_and_is_overcome(tmp_path: Path, limit: int) -> None:
    script = f"""
import resource
from pathlib import Path
from core.errors import SearchIndexError
from tests.indexer.search.test_sync import make_indexes, make_long_library
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
try:
    make_indexes(Path({str(tmp_path / "i")!r}), make_long_library()).sync()
except SearchIndexError as error:
    print(error.hint)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "isk" in done.stdout, (done.stdout, done.stderr)
    library = make_long_library()
    make_indexes(tmp_path / "i", library).sync()
    assert_as_if_built_anew(tmp_path / "i", library, tmp_path / "fresh")


def make_long_library() -> MemoryLibrary:
    """Enough text that neither kind of index fits in files of 40 kB."""
    library = MemoryLibrary()
    for paper in range(1, 50):
        texts = [" ".join(f"alpha{(paper * 977 + row * 31 + k) % 9973}" for k in range(60)) for row in range(20)]
        library.put(paper, texts, works=[paper, paper + 1])
    return library


def test_papers_that_arrive_during_a_sync_are_indexed_too(tmp_path: Path) -> None:
    library = make_library()

    def arrive(done: int, total: int) -> None:
        if 7 not in library.contents:
            library.put(7, ["alpha late"])

    assert make_indexes(tmp_path, library).sync(on_progress=arrive).added == 4
    assert make_indexes(tmp_path, library).is_current()


def test_a_library_that_cannot_be_followed_is_an_error_and_no_endless_loop(tmp_path: Path) -> None:
    class Stubborn(MemoryLibrary):
        def papers(self, ids):  # type: ignore[no-untyped-def]
            return []

    library = Stubborn()
    library.put(1, ["alpha"])
    with pytest.raises(SearchIndexError, match="keep differing"):
        SearchIndexes(tmp_path, library, ENCODER).sync()


def test_the_graph_is_made_by_a_sync(tmp_path: Path) -> None:
    SearchIndexes(tmp_path, make_long_library(), ENCODER, exact_rows=100).sync()
    assert list(tmp_path.glob("dense/*/passages/graph-*.faiss"))
    assert len(dense(tmp_path, "alpha31 alpha62", top=10)) == 10


def test_waiting_for_another_writer_can_be_stopped(tmp_path: Path) -> None:
    indexes = SearchIndexes(tmp_path / "indexes", MemoryLibrary(), ENCODER)
    indexes.sync()
    with FileLock(tmp_path / "indexes" / "write.lock"):
        report = indexes.sync(should_stop=lambda: True)
    assert not report.complete


TUNED = HashingEncoder(name="tuned", dimension=32)


def worded(prefix: str) -> WorkEncoder:
    return WorkEncoder(TUNED, lambda content: f"{prefix} {content.work.title} {' '.join(content.profile)}", prefix)


def by_tuned(root: Path, query: str) -> list[int]:
    return ids(citing_reader(root, lambda: TUNED).search(query, top=10))


def test_works_are_kept_in_step_for_a_tuned_encoder(tmp_path: Path) -> None:
    library = make_library()
    plain = make_indexes(tmp_path, library)
    plain.sync()
    with_tuned = SearchIndexes(tmp_path, library, ENCODER, citing=worded("first"))
    assert not with_tuned.is_current()
    assert with_tuned.sync() == SyncReport(added=3)
    assert with_tuned.is_current()
    assert by_tuned(tmp_path, "work number2")[0] == 2
    library.put(4, ["alpha four"], works=[7])
    library.remove(1)
    with_tuned.sync()
    assert by_tuned(tmp_path, "work number7")[0] == 7
    assert 1 not in by_tuned(tmp_path, "work number1")
    assert plain.is_current()


def test_works_worded_otherwise_are_encoded_anew(tmp_path: Path) -> None:
    library = make_library()
    SearchIndexes(tmp_path, library, ENCODER, citing=worded("first")).sync()
    folder = Folders(tmp_path / "citing").current()
    other = SearchIndexes(tmp_path, library, ENCODER, citing=worded("second"))
    assert not other.is_current()
    other.sync()
    assert Folders(tmp_path / "citing").current() != folder
    assert other.is_current()
    described = worded("second").describe(library.works([3])[0])
    best = citing_reader(tmp_path, lambda: TUNED).search(described, top=1)[0]
    assert (best.id, best.score) == (3, pytest.approx(1.0, abs=0.01))


def test_a_damaged_index_of_the_tuned_encoder_is_built_anew(tmp_path: Path) -> None:
    library = make_library()
    indexes = SearchIndexes(tmp_path, library, ENCODER, citing=worded("first"))
    indexes.sync()
    folder = Folders(tmp_path / "citing").current()
    assert folder is not None
    (folder / "works" / "vectors.sqlite").write_bytes(b"damaged")
    indexes.sync()
    assert by_tuned(tmp_path, "work number3")[0] == 3


def test_parts_of_bibliographies_are_followed_for_their_works_alone(tmp_path: Path) -> None:
    library = make_library()
    indexes = make_indexes(tmp_path / "i", library)
    indexes.sync()
    library.put(-7, [], works=[3, 8, 9])
    assert not indexes.is_current()
    assert indexes.sync() == SyncReport(), "it is no paper"
    assert sorted(ids(lexical(tmp_path / "i", "number8 number9", "works"))) == [8, 9]
    assert_as_if_built_anew(tmp_path / "i", library, tmp_path / "with")
    library.remove(-7)
    indexes.sync()
    assert lexical(tmp_path / "i", "number8 number9", "works") == []
    assert len(ids(lexical(tmp_path / "i", "number3", "works"))) == 1, "a paper cites it still"
    assert_as_if_built_anew(tmp_path / "i", library, tmp_path / "without")
