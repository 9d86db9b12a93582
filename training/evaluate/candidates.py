"""Candidate titles out of a file that the user names."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator, Mapping
from pathlib import Path

from core.errors import InputError
from core.text import clean, title_key
from model.galactica.markers import split_reference
from training.contexts import CitedWork

_MOST_TITLES = 5_000_000
_LINE_CHARS = 1_000_000
_HINT = "One title a line, with a tab and the first author's family name behind it, or JSON with title and surname."


def read_titles(path: Path, works: Mapping[str, CitedWork]) -> list[CitedWork]:
    """The candidates of a text file or of JSONL, ordered by key; of two printings of a title the first counts.

    A line of text is a title, a title and a surname with a tab between, or ``Title, Surname``; the last is split
    where a known title ends, and by the looks of it when no such title is known. A JSON object holds ``title`` and, if
    known, ``surname``; other fields do not matter. What is not said is taken from ``works``.

    Args:
        works: Known from reference lists, by key.

    Raises:
        InputError: The file cannot be read, a line is no title, or there is none.
    """
    found: dict[str, CitedWork] = {}
    for number, line in _lines(path):
        title, surname = _from_json(line, path, number) if line.startswith("{") else _from_text(line, works)
        key = title_key(title)
        if not key:
            raise InputError(f"{path}:{number}: no title in this line", hint=_HINT)
        if key not in found:
            known = works.get(key)
            found[key] = CitedWork(
                key=key,
                title=title,
                surname=surname or (known.surname if known else ""),
                year=known.year if known else None,
                doi=known.doi if known else "",
            )
        if len(found) > _MOST_TITLES:
            raise InputError(f"{path}: more than {_MOST_TITLES:,} titles", hint="Name a smaller file.")
    if not found:
        raise InputError(f"{path}: holds no title", hint=_HINT)
    return [found[key] for key in sorted(found)]


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with (
            lzma.open(path, "rt", encoding="utf-8-sig")
            if path.suffix == ".xz"
            else path.open(encoding="utf-8-sig") as file
        ):
            number = 0
            while line := file.readline(_LINE_CHARS + 1):
                number += 1
                if len(line) > _LINE_CHARS:
                    raise InputError(f"{path}:{number}: a line of more than {_LINE_CHARS:,} characters", hint=_HINT)
                if line.strip():
                    yield number, line.strip()
    except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({type(error).__name__})", hint=_HINT) from error


def _from_json(line: str, path: Path, number: int) -> tuple[str, str]:
    try:
        record = json.loads(line)
        return clean(str(record["title"] or "")), clean(str(record.get("surname") or ""))
    except (ValueError, KeyError, RecursionError) as error:
        raise InputError(f"{path}:{number}: not a title in JSON ({type(error).__name__})", hint=_HINT) from error


def _from_text(line: str, works: Mapping[str, CitedWork]) -> tuple[str, str]:
    title, tab, surname = line.partition("\t")
    if tab:
        return clean(title), clean(surname)
    whole = clean(line)
    head, comma, last = whole.rpartition(", ")
    if title_key(whole) in works:
        return whole, ""
    if comma and title_key(head) in works:
        return head, last
    return split_reference(whole)
