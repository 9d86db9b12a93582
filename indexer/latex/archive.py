"""Source archives as arXiv gives them, unpacked in memory within bounds, and which of their files is the paper."""

from __future__ import annotations

import gzip
import io
import posixpath
import re
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import IO, Protocol

from core.errors import UnreadableFile
from indexer.config import ParserLimits
from indexer.latex.sources import MAX_FILES, MAX_TEXT_BYTES, decode

_WANTED = (".tex", ".ltx", ".latex", ".bbl", ".bib", ".sty", ".cls", ".def", ".tikz", ".txt", ".json", ".yaml", ".xxx",
           ".toml", ".inc", ".ind")  # fmt: skip
"""Kinds of files that a paper's text can come from; pictures are passed over."""
_MAX_MEMBERS = 20_000
_MAX_UNPACKED = 512 * 2**20
"""Bytes of all members together, those passed over included."""
_CHUNK = 1 << 16
_MAX_NAME = 300
_HEAD = 65_536


class _Bomb(Exception):
    """The archive unpacks to more than any paper's source."""


class _Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes."""
        ...


def unpack(path: Path, *, shown: str, limits: ParserLimits) -> dict[str, bytes]:
    """The text files of an archive by their path in it.

    Raises:
        UnreadableFile: Damaged, or too large when unpacked.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(8)
            file.seek(0)
            if magic.startswith(b"PK"):
                return _unzip(file)
            return _untar_or_single(file, magic, shown)
    except (_Bomb, MemoryError) as error:
        raise UnreadableFile(
            f"{shown}: unpacks to more than any paper's source",
            reason="too_large",
            hint="Unpack it, and name the paper's main .tex file.",
        ) from error
    except PermissionError as error:
        raise UnreadableFile(f"{shown}: no permission to read", reason="permission", hint="chmod u+r FILE") from error
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError,
            RuntimeError, KeyError) as error:  # fmt: skip
        raise UnreadableFile(
            f"{shown}: damaged, the archive cannot be unpacked", reason="damaged", hint="Download it again."
        ) from error


def _unzip(file: IO[bytes]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if len(members) > _MAX_MEMBERS:
            raise _Bomb
        for member in members:
            name = safe_name(member.filename)
            linked = (member.external_attr >> 16) & 0o170000 == 0o120000
            if member.is_dir() or linked or not _is_wanted(name):
                continue
            with archive.open(member) as stream:
                data = _read(stream, MAX_TEXT_BYTES - total)
            total += len(data)
            _keep(files, name, data)
    return files


def _untar_or_single(file: IO[bytes], magic: bytes, shown: str) -> dict[str, bytes]:
    """A tar archive, compressed or not, or a single compressed file."""
    stream: _Readable
    if magic.startswith(b"\x1f\x8b"):
        stream = gzip.GzipFile(fileobj=file)
    elif magic.startswith(b"BZh"):
        import bz2

        stream = bz2.BZ2File(file)
    elif magic.startswith(b"\xfd7zXZ"):
        import lzma

        stream = lzma.LZMAFile(file)  # noqa: SIM115  (closed with the file below it)
    else:
        stream = file
    bounded = _Bounded(stream, _MAX_UNPACKED)
    head = bounded.read(512)
    if len(head) == 512 and is_tar(head):
        with tarfile.open(fileobj=_Joined(head, bounded), mode="r|") as archive:
            return _untar(archive)
    data = head + _read(bounded, MAX_TEXT_BYTES - len(head))
    name = Path(shown).name.removesuffix(".gz")
    return {name if name.endswith(".tex") else "main.tex": data}


def is_tar(head: bytes) -> bool:
    """True when a block of 512 bytes is a tar header: its checksum says so."""
    try:
        stated = int(head[148:156].split(b"\0")[0].strip() or b"x", 8)
    except ValueError:
        return False
    return stated == sum(head[:148]) + 8 * 32 + sum(head[156:512])


def _untar(archive: tarfile.TarFile) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = count = 0
    for member in archive:
        count += 1
        if count > _MAX_MEMBERS:
            raise _Bomb
        name = safe_name(member.name)
        if not member.isreg() or not _is_wanted(name):
            continue
        if member.size > MAX_TEXT_BYTES - total:
            raise _Bomb
        stream = archive.extractfile(member)
        if stream is None:
            continue
        data = _read(stream, MAX_TEXT_BYTES - total)
        total += len(data)
        _keep(files, name, data)
    return files


def _keep(files: dict[str, bytes], name: str, data: bytes) -> None:
    if len(files) >= MAX_FILES:
        raise _Bomb
    files[name] = data


def _read(stream: _Readable, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > limit:
            raise _Bomb
        parts.append(chunk)
    return b"".join(parts)


def safe_name(name: str) -> str:
    """A member's path without what would lead out of the archive; empty when nothing is left."""
    name = name.replace("\\", "/").replace("\0", "")
    if len(name) > _MAX_NAME:
        return ""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts or (parts and ":" in parts[0]):
        return ""
    return "/".join(parts)


def _is_wanted(name: str) -> bool:
    base = posixpath.basename(name).lower()
    if not name or "__macosx" in name.lower() or base.startswith("._"):
        return False
    return base.endswith(_WANTED) or "." not in base or base == "00readme.xxx"


class _Bounded(io.RawIOBase):
    """A stream that gives up after so many bytes."""

    def __init__(self, stream: _Readable, limit: int) -> None:
        super().__init__()
        self._stream = stream
        self._left = limit

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(_CHUNK if size is None or size < 0 else min(size, 1 << 20))
        self._left -= len(data)
        if self._left < 0:
            raise _Bomb
        return data


class _Joined(io.RawIOBase):
    """Bytes already read, and then the rest of the stream."""

    def __init__(self, head: bytes, rest: _Bounded) -> None:
        super().__init__()
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._head:
            part, self._head = (self._head, b"") if size is None or size < 0 else (self._head[:size], self._head[size:])
            return part
        return self._rest.read(size)


_BEGIN = re.compile(r"\\begin\s*\{document\}")
_CLASS = re.compile(r"^[^%\n]*\\document(?:class|style)\b", re.MULTILINE)
_PART = re.compile(r"\\documentclass\s*(?:\[[^\]]*\])?\s*\{(?:subfiles|standalone)\}")
_INPUT = re.compile(r"\\(?:input|include|subfile|bibliography)\b")
_TITLE = re.compile(r"\\(?:title|maketitle|begin\s*\{abstract\}|icmltitle)\b")
_USUAL = ("ms", "main", "paper", "article", "manuscript", "arxiv", "root", "template")
_TOPLEVEL = re.compile(r"^\s*(\S+\.tex)\s+(?:toplevelfile|isMain)|\"?filename\"?\s*:\s*\"([^\"]+\.tex)\"", re.MULTILINE)


def choose_main(files: dict[str, bytes], *, shown: str) -> str:
    """The main file: the one that the archive's README names, else the likeliest with a document in it.

    Raises:
        UnreadableFile: No file holds LaTeX.
    """
    for name, data in files.items():
        if posixpath.basename(name).lower().startswith("00readme"):
            match = _TOPLEVEL.search(decode(data[:_HEAD]))
            if match is not None and (stated := safe_name(match[1] or match[2])) in files:
                return stated
    best, best_score = "", 0
    for name in sorted(files):
        if name.lower().endswith((".bbl", ".bib", ".sty", ".cls", ".def", ".json", ".yaml", ".toml")):
            continue
        score = _score(name, decode(files[name]))
        if score > best_score:
            best, best_score = name, score
    if not best:
        raise UnreadableFile(
            f"{shown}: holds no LaTeX document",
            reason="damaged",
            hint="An archive of a paper's source has a .tex file with \\documentclass. Add a PDF as it is.",
        )
    return best


def _score(name: str, text: str) -> int:
    if _CLASS.search(text) is None:
        plain_tex = name.endswith(".tex") and "\\section" in text
        return 1 if plain_tex else 0
    score = 10
    score += 40 if _BEGIN.search(text) else 0
    score -= 30 if _PART.search(text[:_HEAD]) else 0
    score += min(20, 2 * len(_INPUT.findall(text)))
    score += 15 if _TITLE.search(text) else 0
    stem = posixpath.basename(name).lower().removesuffix(".tex")
    score += 5 if stem in _USUAL else 0
    score -= 3 * name.count("/")
    lowered = name.lower()
    score -= 15 if any(word in lowered for word in ("supp", "rebuttal", "response", "cover", "poster")) else 0
    return score + min(10, len(text) // 20_000)
