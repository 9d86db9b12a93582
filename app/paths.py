"""Names that a user gave, to files."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from core.errors import InputError


def expand_paths(names: Sequence[str]) -> list[Path]:
    """Files behind names: a folder gives the PDFs below it, a pattern its matches, anything else itself.

    Each file once, in the order named; files within a folder by name.

    Raises:
        InputError: A name is empty, as that of a variable that is not set.
    """
    found: list[Path] = []
    for name in names:
        if not name.strip():
            raise InputError("an empty name", hint="Name PDF files or folders; `.` is the current folder.")
        path = Path(name).expanduser()
        if path.is_dir():
            matches = sorted(each for each in path.rglob("*") if each.suffix.lower() == ".pdf" and each.is_file())
        elif not path.exists() and glob.has_magic(name):
            matches = [Path(match) for match in sorted(glob.glob(str(path), recursive=True))]  # noqa: PTH207
            matches = matches or [path]
        else:
            matches = [path]
        found.extend(matches)
    return each_once(found)


def each_once(paths: Iterable[Path]) -> list[Path]:
    """Paths without those that lead to a file named before, however it is spelled."""
    found: dict[str, Path] = {}
    for path in paths:
        found.setdefault(os.path.realpath(path), path)
    return list(found.values())
