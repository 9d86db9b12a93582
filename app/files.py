"""The stored PDFs: each lies under the SHA-256 of its content, so a name given by anyone never becomes a path."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
import shlex
import stat
import tempfile
from pathlib import Path
from typing import BinaryIO

from core.errors import InputError, StorageError, UnreadablePdf
from core.records import StoredFile
from core.text import clean, display_name

_CHUNK_BYTES = 1 << 20
_HEADER_BYTES = 1_024
_INCOMING = "incoming-"
_OWNER = ".database"
_log = logging.getLogger(__name__)
_SHA256 = re.compile(r"[0-9a-f]{64}")


class FileStore:
    """Content-addressed files below one folder.

    Args:
        folder: Created when first written to.
        max_bytes: Larger files are refused.
    """

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes

    def path(self, sha256: str) -> Path:
        """Where the file of that content lies, or would lie."""
        if not _SHA256.fullmatch(sha256):
            raise InputError(f"not a SHA-256: {sha256[:80]!r}")
        return self._folder / sha256[:2] / f"{sha256}.pdf"

    def put(self, source: Path | BinaryIO, *, name: str) -> StoredFile:
        """Copy a PDF in; the same content twice is stored once. An interrupted copy leaves nothing behind its name.

        Raises:
            UnreadablePdf: Missing, not a regular file, not readable, empty, too large, or not a PDF.
            StorageError: The disk refused.
        """
        shown = display_name(name)
        if isinstance(source, Path):
            with _open_regular(source, shown) as stream:
                return self._copy(stream, shown)
        return self._copy(source, shown)

    def remove(self, sha256: str) -> None:
        """Delete a file; nothing happens when it is gone already."""
        self.path(sha256).unlink(missing_ok=True)

    def sweep(self, keep: frozenset[str], *, owner: str, older_than_s: float, now_s: float) -> int:
        """Delete files that no record names and that are older than ``older_than_s``; returns how many.

        Files are only ever swept for the database that they belong to: when ``owner``, its identity, is not the one
        noted here, or it knows no file at all, it is a new or another database, and what it does not name is no stray.
        """
        if not self._folder.is_dir():
            return 0
        note = self._folder / _OWNER
        if not note.exists() and keep:
            note.write_text(owner)
        if not keep or note.read_text() != owner:
            _log.info("stored files are not swept: they may belong to another database")
            return 0
        removed = 0
        # The second kind is left by a copy whose process was killed.
        for path in (*self._folder.glob("*/*"), *self._folder.glob(f"{_INCOMING}*")):
            orphan = path.stem not in keep
            try:
                if orphan and now_s - path.stat().st_mtime > older_than_s:
                    path.unlink()
                    removed += 1
            except FileNotFoundError:
                continue
        return removed

    def _copy(self, stream: BinaryIO, name: str) -> StoredFile:
        temporary: Path | None = None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            digest, size = hashlib.sha256(), 0
            with tempfile.NamedTemporaryFile(dir=self._folder, prefix=_INCOMING, delete=False) as out:
                temporary = Path(out.name)
                while chunk := stream.read(_CHUNK_BYTES):
                    if size == 0:
                        _check_header(chunk, name)
                    size += len(chunk)
                    if size > self._max_bytes:
                        raise _too_large(name, size, self._max_bytes)
                    digest.update(chunk)
                    out.write(chunk)
                if size == 0:
                    raise UnreadablePdf(f"{name}: the file is empty", reason="empty", hint="Download or copy it again.")
                out.flush()
                os.fsync(out.fileno())
            target = self.path(digest.hexdigest())
            target.parent.mkdir(exist_ok=True)
            temporary.replace(target)
            return StoredFile(sha256=digest.hexdigest(), name=name, size_bytes=size)
        except OSError as error:
            raise _storage_error(error, name, self._folder) from error
        finally:
            if temporary is not None:
                temporary.unlink(missing_ok=True)


def _open_regular(path: Path, name: str) -> BinaryIO:
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except (FileNotFoundError, ValueError) as error:  # ValueError: a null character in the path
        raise UnreadablePdf(f"{name}: no such file", reason="missing", hint="Check the path.") from error
    except OSError as error:
        reason = "permission" if error.errno in (errno.EACCES, errno.EPERM) else "missing"
        hint = f"Allow reading: chmod u+r {clean(shlex.quote(str(path)))}"
        raise UnreadablePdf(f"{name}: cannot be opened ({error.strerror})", reason=reason, hint=hint) from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise UnreadablePdf(f"{name}: not a regular file", reason="not_pdf", hint="Name a PDF file or a folder.")
    return os.fdopen(handle, "rb")


def _check_header(chunk: bytes, name: str) -> None:
    if b"%PDF-" not in chunk[:_HEADER_BYTES]:
        raise UnreadablePdf(
            f"{name}: not a PDF", reason="not_pdf", hint="Only PDF files can be added; print or export it as PDF first."
        )


def _too_large(name: str, size: int, limit: int) -> UnreadablePdf:
    return UnreadablePdf(
        f"{name}: larger than {limit // 2**20} MB",
        reason="too_large",
        hint="Raise GALACITE_MAX_FILE_MB, or shrink the images: gs -sDEVICE=pdfwrite -dPDFSETTINGS=/ebook -o OUT IN",
    )


def _storage_error(error: OSError, name: str, folder: Path) -> StorageError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StorageError(
            f"{name}: no space left in {folder}", hint="Free some space, or move the data folder with GALACITE_HOME."
        )
    return StorageError(f"{name}: cannot be stored in {folder} ({error.strerror})", hint="Run: galacite doctor")
