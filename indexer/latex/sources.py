"""The files of one LaTeX project: from the folder of its main file and below, or from an unpacked archive."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from stat import S_ISREG
from typing import Protocol

from indexer.latex.flow import without_private

MAX_TEXT_BYTES = 24 * 2**20
"""All text of a project together; more is data in the form of source, or a bomb."""
MAX_FILES = 2_000
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_ENCODING = re.compile(rb"\\(?:usepackage|RequirePackage)\s*\[([^\]\[]{1,40})\]\s*\{inputenc\}")
_CODECS = {"latin1": "cp1252", "ansinew": "cp1252", "cp1252": "cp1252", "latin9": "iso8859-15", "latin2": "iso8859-2",
           "cp1250": "cp1250", "cp1251": "cp1251", "koi8-r": "koi8-r", "latin5": "iso8859-9", "applemac": "mac-roman",
           "cp850": "cp850", "cp437": "cp437"}  # fmt: skip


class Store(Protocol):
    """Where files lie."""

    def find(self, name: str) -> bytes | None:
        """A file's content by its path within the project, with forward slashes; None when it is not there."""
        ...


class TooMuchTextError(Exception):
    """The files that a project inputs are larger together than any paper."""


class OutsideError(Exception):
    """A path leads out of the project's folder."""


@dataclass(slots=True)
class FolderStore:
    """Files of a folder and below. Links that lead out of it are refused."""

    root: Path

    def find(self, name: str) -> bytes | None:
        """See ``Store``.

        Raises:
            OutsideError: The path, or a link on it, leads out of the folder.
            TooMuchTextError: The file alone is too large.
        """
        root = os.path.realpath(self.root)
        try:
            real = os.path.realpath(os.path.join(root, name))  # noqa: PTH118  (names may hold any character)
        except ValueError:  # a null character
            return None
        if os.path.commonpath([root, real]) != root:
            raise OutsideError(name)
        try:
            handle = os.open(real, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
        except OSError:
            return None
        status = os.fstat(handle)
        if not S_ISREG(status.st_mode):
            os.close(handle)
            return None
        with os.fdopen(handle, "rb") as file:
            if status.st_size > MAX_TEXT_BYTES:
                raise TooMuchTextError(name)
            return file.read(MAX_TEXT_BYTES + 1)


@dataclass(frozen=True, slots=True)
class ArchiveStore:
    """Files of an archive, in memory; ``folder`` is where the main file lies."""

    files: Mapping[str, bytes]
    folder: str = ""

    def find(self, name: str) -> bytes | None:
        """See ``Store``."""
        path = os.path.normpath(f"{self.folder}/{name}" if self.folder else name)
        if path.startswith(("..", "/")):
            raise OutsideError(name)
        return self.files.get(path)


@dataclass(slots=True)
class Sources:
    """Texts of a project by name, each file counted against one limit."""

    store: Store
    codec: str = "cp1252"
    bytes_read: int = 0
    files_read: int = 0
    _known: dict[str, str | None] = field(default_factory=dict)

    def text(self, name: str, *endings: str) -> tuple[str, str] | None:
        """Find a file by its name as written or with one of the endings.

        Returns:
            The path within the project and the text, line ends unified; None when there is no such file.

        Raises:
            OutsideError: The path leads out of the project.
            TooMuchTextError: A limit is passed.
        """
        name = name.strip().strip('"').strip()
        if not name or len(name) > 300 or "\0" in name:
            return None
        if name.startswith("/") or ".." in PurePosixPath(name).parts or re.match(r"[A-Za-z]:|~|\|", name):
            raise OutsideError(name)
        for ending in endings:
            if name.lower().endswith(ending):
                found = self._load(name)
                return (name, found) if found is not None else None
        for ending in (*endings, ""):
            found = self._load(name + ending)
            if found is not None:
                return name + ending, found
        return None

    def _load(self, name: str) -> str | None:
        if name in self._known:
            return self._known[name]
        if len(self._known) >= MAX_FILES:
            raise TooMuchTextError(name)
        data = self.store.find(name)
        self._known[name] = None
        if data is None:
            return None
        self.bytes_read += len(data)
        if self.bytes_read > MAX_TEXT_BYTES:
            raise TooMuchTextError(name)
        declared = _ENCODING.search(data[:65_536])
        if declared is not None:
            self.codec = _CODECS.get(declared[1].decode("ascii", "replace").lower(), self.codec)
        self._known[name] = decode(data, self.codec)
        return self._known[name]


def decode(data: bytes, codec: str = "cp1252") -> str:
    """Source as text: UTF-8 where it is valid, else the codec that the document declares; line ends unified."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            text = data[len(bom) :].decode(name, "replace")
            break
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode(codec, "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return without_private(text)
