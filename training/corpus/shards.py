"""Rows of tokens on disk: one array a shard, read through memory maps, and a manifest.

A shard appears whole or not at all (written aside, then renamed), next to a note of what it holds; the manifest
``shards.json`` comes last. A writer that was stopped goes on where it was: finished shards are kept.
"""

from __future__ import annotations

import json
import os
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError, StorageError
from core.json import from_json, to_json

MANIFEST = "shards.json"
_MOST_SHARDS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What rows were made of, per source or in all."""

    papers: int = 0
    citations: int = 0
    tokens: int = 0
    citation_tokens: int = 0
    prompts: int = 0
    left_out: int = 0
    """Citations longer than a row."""
    licences: tuple[str, ...] = ()
    """Of the papers, each once."""

    def __add__(self, other: Counts) -> Counts:
        sums = {name: getattr(self, name) + getattr(other, name) for name in Counts.__slots__ if name != "licences"}
        return Counts(**sums, licences=tuple(sorted({*self.licences, *other.licences})))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardNote:
    """One finished shard: its file, rows, and counts by source."""

    name: str
    rows: int
    sources: Mapping[str, Counts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What ``shards.json`` says of a folder of shards; ``tokens`` leaves padding out."""

    part: str
    form: str
    row_tokens: int
    seed: int
    tokenizer: str
    """Fingerprint of the tokenizer that made the ids."""
    pad: int
    start_ref: int
    end_ref: int
    rows: int = 0
    tokens: int = 0
    citation_tokens: int = 0
    sources: Mapping[str, Counts] = field(default_factory=dict)
    shards: tuple[ShardNote, ...] = ()


class ShardWriter:
    """Writes numbered shards into a folder, then the manifest.

    Args:
        folder: Made when missing.
        manifest: As it is before any shard.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self._manifest = manifest

    def finished(self, number: int) -> ShardNote | None:
        """The note of a shard that is already there, whole."""
        try:
            note = from_json(ShardNote, self._note(number).read_bytes())
        except (OSError, ValueError):
            return None
        return note if (self.folder / note.name).is_file() or not note.rows else None

    def write(self, number: int, rows: NDArray[np.uint16], sources: Mapping[str, Counts]) -> ShardNote:
        """Write a shard.

        Args:
            number: Its place in the order.
            rows: Shape (N, T).
            sources: What the rows were made of.

        Raises:
            StorageError: The disk refuses.
        """
        note = ShardNote(name=shard_name(number), rows=len(rows), sources=dict(sources))
        with storage_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            if len(rows):
                aside = self.folder / f"{note.name}.part"
                with aside.open("wb") as file:
                    np.save(file, np.ascontiguousarray(rows, dtype=np.uint16), allow_pickle=False)
                    file.flush()
                    os.fsync(file.fileno())
                aside.replace(self.folder / note.name)
        write_atomically(self._note(number), to_json(note))
        return note

    def close(self, notes: list[ShardNote]) -> Manifest:
        """Write the manifest over finished shards, in their order; the notes beside them stay for building again."""
        totals: dict[str, Counts] = {}
        for note in notes:
            for source, counts in note.sources.items():
                totals[source] = totals.get(source, Counts()) + counts
        whole = sum(totals.values(), Counts())
        kept = tuple(note for note in notes if note.rows)
        manifest = replace(
            self._manifest, rows=sum(note.rows for note in kept), tokens=whole.tokens,
            citation_tokens=whole.citation_tokens, sources=totals, shards=kept,
        )  # fmt: skip
        write_atomically(self.folder / MANIFEST, json.dumps(json.loads(to_json(manifest)), indent=1))
        return manifest

    def _note(self, number: int) -> Path:
        return self.folder / f"{shard_name(number)}.json"


class ShardSet:
    """The rows of a folder of shards, as one sequence.

    Args:
        folder: As ``ShardWriter`` left it.
        manifest: What it says of itself.
        arrays: The shards, memory-mapped, each of shape (n, T).
    """

    def __init__(self, folder: Path, manifest: Manifest, arrays: list[NDArray[np.uint16]]) -> None:
        self.folder = folder
        self.manifest = manifest
        self._arrays = arrays
        self._ends = np.cumsum([len(array) for array in arrays], dtype=np.int64).tolist()

    @classmethod
    def open(cls, folder: Path) -> ShardSet:
        """Map the shards of a folder.

        Raises:
            InputError: It is no folder of finished shards, or a shard is damaged.
        """
        try:
            manifest = from_json(Manifest, (folder / MANIFEST).read_bytes())
        except FileNotFoundError:
            raise InputError(
                f"{folder}: no {MANIFEST} there", hint="Make shards: galacite corpus build SOURCES --out FOLDER"
            ) from None
        except (OSError, ValueError) as error:
            raise InputError(f"{folder / MANIFEST}: damaged ({type(error).__name__})", hint="Build it anew.") from error
        if len(manifest.shards) > _MOST_SHARDS or manifest.row_tokens < 1:
            raise InputError(f"{folder / MANIFEST}: damaged", hint="Build it anew.")
        return cls(folder, manifest, [_mapped(folder, note, manifest.row_tokens) for note in manifest.shards])

    @property
    def rows(self) -> int:
        """Number of rows N."""
        return self._ends[-1] if self._ends else 0

    @property
    def row_tokens(self) -> int:
        """Length T of a row."""
        return self.manifest.row_tokens

    def __len__(self) -> int:
        return self.rows

    def __getitem__(self, row: int) -> NDArray[np.uint16]:
        """One row, shape (T,), a view of the file.

        Raises:
            IndexError: There is no such row.
        """
        if not 0 <= row < self.rows:
            raise IndexError(row)
        shard = bisect_right(self._ends, row)
        found: NDArray[np.uint16] = self._arrays[shard][row - (self._ends[shard] - len(self._arrays[shard]))]
        return found

    def __iter__(self) -> Iterator[NDArray[np.uint16]]:
        for array in self._arrays:
            yield from array


def shard_name(number: int) -> str:
    """The file of a shard."""
    return f"shard-{number:05d}.npy"


def write_atomically(path: Path, text: str) -> None:
    """Write a text aside and rename it into place.

    Raises:
        StorageError: The disk refuses.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f"{path.name}.part")
        aside.write_text(text, encoding="utf-8", newline="\n")
        aside.replace(path)


class storage_errors:  # noqa: N801 - read as a verb: with storage_errors(path)
    """Turns what the disk says into errors with a way out."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            raise StorageError(
                f"{self._path}: cannot be written ({error.strerror or error})",
                hint="Free some space or name another folder; what is finished is kept and the same command goes on.",
            ) from error


def _mapped(folder: Path, note: ShardNote, row_tokens: int) -> NDArray[np.uint16]:
    path = folder / Path(note.name).name
    try:
        array: NDArray[np.uint16] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{path}: cannot be read ({type(error).__name__})", hint="Build it anew.") from error
    if array.dtype != np.uint16 or array.shape != (note.rows, row_tokens):
        raise InputError(f"{path}: not {note.rows} rows of {row_tokens} tokens", hint="Build it anew.")
    return array
