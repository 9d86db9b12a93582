"""Papers set in LaTeX whose truth is known: folders with ``truth.json``, ``main.bbl`` and one PDF."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.bench.parse.bbl import printed_entries
from app.bench.parse.tex import plain
from app.bench.parse.truth import TrueReference, Truth
from core.errors import InputError
from core.text import title_key

_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")


def find_styles(folder: Path) -> list[Path]:
    """The folders of papers at or below a folder: those that hold a ``truth.json``."""
    return sorted(path.parent for path in folder.rglob("truth.json"))


def read_style(folder: Path) -> Truth:
    """The truth of one paper.

    ``truth.json`` has ``title``, ``authors`` (full names, or objects with given and family), ``abstract``, ``refs``
    (key → BibTeX fields), ``mentions`` (lists of keys, in order) and optionally ``headings`` and ``printed`` (key →
    entry as printed, without its label), which else is taken from ``main.bbl``. What is missing is not measured.

    Raises:
        InputError: A file is missing or malformed.
    """
    try:
        data = json.loads((folder / "truth.json").read_text("utf-8"))
        if not isinstance(data, dict):
            raise InputError(f"{folder / 'truth.json'}: no JSON object", hint="See docs/benchmarks.md for the layout.")
        return _truth(folder, data)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{folder}: {error}", hint="See docs/benchmarks.md for the layout.") from error


def _truth(folder: Path, data: Mapping[str, Any]) -> Truth:
    entries = data.get("printed") or _entries_of_bbl(folder)
    fields: dict[str, Any] = data.get("refs") or {}
    keys = list(entries) or list(fields)
    abstract, headings, authors = data.get("abstract"), data.get("headings"), data.get("authors")
    return Truth(
        name=str(data.get("style") or folder.name),
        group=str(data.get("style") or folder.name),
        path=_pdf(folder),
        title=plain(data["title"]) if data.get("title") else None,
        authors=tuple(_person(each) for each in authors) if authors is not None else None,
        abstract=plain(abstract) if abstract is not None else None,
        headings=tuple(map(str, headings)) if headings is not None else None,
        references=tuple(_reference(key, fields.get(key, {}), entries.get(key, "")) for key in keys),
        mentions=tuple(frozenset(keys) for keys in data["mentions"]) if "mentions" in data else None,
        entries_printed=bool(entries),
    )


def _pdf(folder: Path) -> Path:
    pdfs = sorted(folder.glob("*.pdf"))
    if len(pdfs) != 1:
        raise InputError(f"{folder}: {len(pdfs)} PDF files", hint="Keep one PDF beside each truth.json.")
    return pdfs[0]


def _entries_of_bbl(folder: Path) -> dict[str, str]:
    path = folder / "main.bbl"
    return printed_entries(path.read_text("utf-8", errors="replace")) if path.is_file() else {}


def _reference(key: str, fields: Mapping[str, str], text: str) -> TrueReference:
    title = plain(fields.get("title", ""))
    year = _YEAR.search(fields.get("year", ""))
    people = fields.get("author") or fields.get("editor") or ""
    return TrueReference(
        key=key,
        title=title,
        text=text,
        year=int(year[1]) if year else None,
        families=_first_families(people),
        doi=plain(fields.get("doi", "")),
        shows_title=bool(title) and (not text or title_key(title) in title_key(text)),
    )


def _person(author: Any) -> tuple[str, str]:
    if isinstance(author, Mapping):
        return str(author.get("given", "")), str(author.get("family", ""))
    given, _, family = str(author).rpartition(" ")
    return given, family


def _first_families(people: str) -> tuple[str, ...]:
    r"""The family name of the first of ``A and B``, with and without its particle; names as BibTeX reads them."""
    first = re.split(r"\s+and\s+", people.strip(), maxsplit=1)[0].strip()
    if not first or first == "others":
        return ()
    if first.startswith("{") and first.endswith("}") and first.count("{") == 1:
        # Braced, a name is kept as it is; it is a person's all the same when it begins with an initial.
        name = plain(first)
        return (name, name.split()[-1]) if re.match(r"[^\W\d]\.", name) else (name,)
    if "," in first:
        family = plain(first.split(",")[0]).split()
    else:
        words = plain(first).split()
        start = next((index for index, word in enumerate(words[:-1]) if index and word[0].islower()), len(words) - 1)
        family = words[start:]
    bare = [word for index, word in enumerate(family) if not (word[0].islower() and index < len(family) - 1)]
    return tuple(dict.fromkeys((" ".join(family), " ".join(bare))))
