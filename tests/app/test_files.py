import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.files import FileStore
from core.errors import InputError, StorageError, UnreadablePdf

PDF = b"%PDF-1.7\nsome content\n%%EOF\n"


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files", max_bytes=10_000)


def test_a_file_lies_under_its_content_and_twice_is_once(store: FileStore, tmp_path: Path) -> None:
    first = store.put(io.BytesIO(PDF), name="a.pdf")
    second = store.put(io.BytesIO(PDF), name="b.pdf")
    assert first.sha256 == second.sha256
    assert store.path(first.sha256).read_bytes() == PDF
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == [store.path(first.sha256)]


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "empty"), (b"<html>no</html>", "not_pdf"), (PDF + b"x" * 20_000, "too_large")]
)
def test_a_bad_file_is_refused_with_its_name_and_leaves_nothing(
    store: FileStore, tmp_path: Path, content: bytes, reason: str
) -> None:
    with pytest.raises(UnreadablePdf) as caught:
        store.put(io.BytesIO(content), name="bad.pdf")
    assert caught.value.reason == reason
    assert "bad.pdf" in caught.value.message
    assert caught.value.hint
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def test_missing_folder_and_pipe_are_refused_without_hanging(store: FileStore, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    (tmp_path / "folder.pdf").mkdir()
    for name, reason in (("gone.pdf", "missing"), ("pipe.pdf", "not_pdf"), ("folder.pdf", "not_pdf")):
        with pytest.raises(UnreadablePdf) as caught:
            store.put(tmp_path / name, name=name)
        assert caught.value.reason == reason


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_read_permission_is_named(store: FileStore, tmp_path: Path) -> None:
    path = tmp_path / "secret.pdf"
    path.write_bytes(PDF)
    path.chmod(0)
    with pytest.raises(UnreadablePdf) as caught:
        store.put(path, name="secret.pdf")
    assert caught.value.reason == "permission"


def test_a_source_that_breaks_off_leaves_nothing(store: FileStore, tmp_path: Path) -> None:
    class Broken(io.RawIOBase):
        def __init__(self) -> None:
            self.reads = 0

        def read(self, size: int = -1) -> bytes:
            self.reads += 1
            if self.reads > 1:
                raise OSError(5, "Input/output error")
            return PDF

    with pytest.raises(StorageError, match=r"bad\.pdf"):
        store.put(Broken(), name="bad.pdf")  # type: ignore[arg-type]
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


_FULL_DISK = """
import io, resource, signal, sys
from pathlib import Path
from app.files import FileStore
from core.errors import StorageError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, 2 << 20))
try:
    FileStore(Path(sys.argv[1]), max_bytes=1 << 30).put(io.BytesIO(b"%PDF-1.7" + b"x" * (8 << 20)), name="big.pdf")
except StorageError as error:
    print(error.message, error.hint)
"""


def test_a_disk_that_takes_no_more_is_said_so_and_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FULL_DISK, str(tmp_path / "files")], capture_output=True, text=True, check=True
    )
    assert "big.pdf: no space left" in done.stdout
    assert "GALACITE_HOME" in done.stdout
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


@pytest.mark.parametrize("sha256", ["../" * 10, "", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_only_a_hash_becomes_a_path(store: FileStore, sha256: str) -> None:
    with pytest.raises(InputError):
        store.path(sha256)


def test_sweep_removes_only_old_files_that_nobody_names(store: FileStore) -> None:
    kept = store.put(io.BytesIO(PDF), name="kept.pdf")
    stray = store.put(io.BytesIO(PDF + b"2"), name="stray.pdf")
    now = store.path(stray.sha256).stat().st_mtime
    assert store.sweep(frozenset({kept.sha256}), owner="this", older_than_s=60, now_s=now + 30) == 0
    assert store.sweep(frozenset({kept.sha256}), owner="this", older_than_s=60, now_s=now + 90) == 1
    assert store.path(kept.sha256).exists()
    assert not store.path(stray.sha256).exists()


def test_sweep_removes_what_a_killed_copy_left(store: FileStore) -> None:
    kept = store.put(io.BytesIO(PDF), name="kept.pdf")
    left = store.path(kept.sha256).parent.parent / "incoming-abc"
    left.write_bytes(b"half a file")
    now = left.stat().st_mtime
    assert store.sweep(frozenset({kept.sha256}), owner="this", older_than_s=60, now_s=now + 30) == 0
    assert store.sweep(frozenset({kept.sha256}), owner="this", older_than_s=60, now_s=now + 90) == 1
    assert not left.exists()


def test_the_same_file_put_by_many_threads_at_once_is_whole(store: FileStore) -> None:
    content = PDF + b"y" * 5_000
    threads = [threading.Thread(target=store.put, args=(io.BytesIO(content),), kwargs={"name": "t"}) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.path(store.put(io.BytesIO(content), name="t").sha256).read_bytes() == content


def test_files_of_another_or_a_new_database_are_never_swept(store: FileStore) -> None:
    mine, stray = (store.put(io.BytesIO(PDF + mark), name="a.pdf") for mark in (b"1", b"2"))
    later = store.path(stray.sha256).stat().st_mtime + 1_000
    assert store.sweep(frozenset(), owner="new", older_than_s=60, now_s=later) == 0
    assert store.sweep(frozenset({mine.sha256}), owner="mine", older_than_s=1e9, now_s=later) == 0
    assert store.sweep(frozenset({"0" * 64}), owner="other", older_than_s=60, now_s=later) == 0
    assert store.sweep(frozenset(), owner="mine", older_than_s=60, now_s=later) == 0
    assert store.sweep(frozenset({mine.sha256}), owner="mine", older_than_s=60, now_s=later) == 1
    assert store.path(mine.sha256).exists()


def test_a_path_with_a_null_character_is_refused(store: FileStore) -> None:
    with pytest.raises(UnreadablePdf) as caught:
        store.put(Path("a\0b.pdf"), name="a.pdf")
    assert caught.value.reason == "missing"
