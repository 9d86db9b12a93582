"""Index folders side by side, and the one that counts: a rebuild grows beside its predecessor and takes its place."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

from core.errors import SearchIndexError

LEXICAL = "lexical"
DENSE = "dense"
CITING = "citing"
"""Works alone, as an encoder sees them that was tuned to match them with places that cite."""

_POINTER = "CURRENT"


class Folders:
    """The folders of one kind of index below ``root``. A file names the current one; readers need no lock."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def current(self) -> Path | None:
        """The folder that counts; None before the first build, or when the file that names it is damaged."""
        try:
            name = (self._root / _POINTER).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        folder = self._root / name
        return folder if name.isalnum() and folder.is_dir() else None

    def stamp(self) -> tuple[int, int]:
        """Changes whenever another folder becomes current; cheap enough for every search."""
        try:
            status = (self._root / _POINTER).stat()
        except OSError:
            return 0, 0
        return status.st_ino, status.st_mtime_ns

    def fresh(self) -> Path:
        """A new empty folder, which nobody reads yet.

        Raises:
            SearchIndexError: It cannot be made.
        """
        folder = self._root / uuid.uuid4().hex
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise SearchIndexError(f"{folder}: {error}", hint="Check the disk and the rights of the folder.") from error
        return folder

    def switch(self, folder: Path) -> None:
        """Make a folder the current one, at once and for good, and remove all others.

        Raises:
            SearchIndexError: The disk refused; the former folder stays current.
        """
        draft = self._root / f"{_POINTER}.draft"
        try:
            with draft.open("w", encoding="utf-8") as file:
                file.write(folder.name)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._root / _POINTER)
        except OSError as error:
            raise SearchIndexError(f"{draft}: {error}", hint="Free disk space, then: galacite reindex") from error
        self.sweep()

    def sweep(self) -> None:
        """Remove all folders but the current one: what a crash or a switch left. Only the writer may call this."""
        current = self.current()
        for folder in self._root.iterdir():
            if folder.is_dir() and folder != current:
                # Where a reader's open files cannot be removed (Windows), the next sweep does it.
                shutil.rmtree(folder, ignore_errors=True)
