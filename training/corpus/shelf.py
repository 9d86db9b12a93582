"""Papers that take long to parse, kept in a file.

The file holds a record a line and ends with a line that says so. A build that was stopped goes on with the papers that
are not in it yet; once it is whole, papers come from it alone, the same in each pass.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError
from core.json import from_json, to_json
from training.corpus.config import Part
from training.corpus.records import SourcePaper
from training.corpus.shards import storage_errors

_END = "end of the shelf"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelvedPaper:
    """A paper and what it was made from; None when nothing came of it."""

    origin: str
    paper: SourcePaper | None


Supply = Callable[[Container[str]], Iterable[ShelvedPaper]]
"""Gives all papers but those whose origin is known already."""


class Shelf:
    """A source of papers (``training.corpus.sources.PaperSource``) that is filled when it is first gone through.

    Args:
        path: The file.
        origins: What the papers are made from; other origins make another corpus.
        supply: Makes the papers.
        part: The part that all papers belong to, if it is known.
    """

    def __init__(self, path: Path, *, origins: Iterable[str], supply: Supply, part: Part | None = None) -> None:
        self._path = path
        self._supply = supply
        self._part = part
        self._stamp = hashlib.sha256("\n".join(origins).encode("utf-8", "surrogateescape")).hexdigest()

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self._path.stem

    @property
    def part(self) -> Part | None:
        """The part that all papers belong to, if it is known."""
        return self._part

    @property
    def stamp(self) -> str:
        """Changes with what the papers are made from."""
        return self._stamp

    def __iter__(self) -> Iterator[SourcePaper]:
        """Papers in the order in which they came.

        Raises:
            StorageError: The disk refuses.
            InputError: The file changed while it was read.
        """
        self._fill()
        with self._path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    paper = from_json(ShelvedPaper, line).paper
                except ValueError as error:
                    raise InputError(
                        f"{self._path}:{number}: damaged", hint="Remove the folder and build the corpus anew."
                    ) from error
                if paper is not None:
                    yield paper

    def _fill(self) -> None:
        known = self._known()
        if _END in known:
            return
        with storage_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
        for shelved in self._supply(known):
            self._put(shelved)
        self._put(ShelvedPaper(origin=_END, paper=None))

    def _put(self, shelved: ShelvedPaper) -> None:
        with storage_errors(self._path), self._path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(to_json(shelved) + "\n")

    def _known(self) -> set[str]:
        """Origins of the whole lines; what a stopped build left of a line is cut off."""
        if not self._path.is_file():
            return set()
        known: set[str] = set()
        whole = 0
        with self._path.open("rb") as lines:
            for line in lines:
                try:
                    known.add(from_json(ShelvedPaper, line).origin)
                except ValueError:
                    break
                whole += len(line)
        if whole < self._path.stat().st_size:
            os.truncate(self._path, whole)
        return known
