"""Bibliographies of any format that can be read, chosen by what a file holds; names promise anything."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from core.errors import UnreadableFile
from core.text import display_name
from indexer.bibliographies.bibtex import read_bib
from indexer.bibliographies.csl_json import read_csl_json
from indexer.bibliographies.fields import record_of
from indexer.bibliographies.keys import free_key, plain_key
from indexer.bibliographies.records import MAX_PROBLEMS, Bibliography, Format, Problem, Record
from indexer.bibliographies.ris import read_ris

MAX_BYTES = 32 * 2**20
"""About 110,000 entries: half a minute and half a gigabyte. Larger files are refused."""
READABLE = "BibTeX (.bib), RIS (.ris) or CSL-JSON (.json)"
_BINARY = (
    (b"%PDF-", "a PDF", "To add a paper: galacite add FILE"),
    (b"PK\x03\x04", "an archive or office document", f"Export it from your reference manager as {READABLE}."),
    (b"\x1f\x8b", "compressed", "Unpack it first."),
    (b"SQLite format 3", "a database", f"Export it from your reference manager as {READABLE}."),
)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_RIS = re.compile(r"^\s{0,4}TY\s{1,4}-", re.MULTILINE)
_BIBTEX = re.compile(r"@\s{0,9}\w{1,60}\s{0,9}[{(]")
_HEAD_CHARS = 64 * 2**10


def read_bibliography(data: bytes, name: str) -> Bibliography:
    """Read a bibliography. Entries that are broken are left out and told with their line; so are keys that come again.

    Args:
        data: The file's content, at most ``MAX_BYTES``.
        name: What the user calls it, for messages and where the content leaves the format open.

    Raises:
        UnreadableFile: Empty, too large, or nothing that holds a bibliography.
    """
    shown = display_name(name)
    _refuse(data, shown)
    text, problems = _decoded(data)
    kind = _format_of(text, shown)
    records, found = _READERS[kind](text)
    records, repeated = _each_key_once(records)
    problems = sorted([*problems, *found, *repeated], key=lambda problem: problem.line)
    if not records and kind != "bibtex" and problems:
        raise UnreadableFile(
            f"{shown}: no entry can be read (line {problems[0].line}: {problems[0].message})",
            reason="damaged",
            hint="Export it again from your reference manager.",
        )
    return Bibliography(name=shown, format=kind, records=tuple(records), problems=tuple(problems[:MAX_PROBLEMS]))


def _refuse(data: bytes, shown: str) -> None:
    if not data.strip():
        raise UnreadableFile(f"{shown}: the file is empty", reason="empty", hint=f"Give {READABLE}.")
    if len(data) > MAX_BYTES:
        raise UnreadableFile(
            f"{shown}: {len(data) / 2**20:,.0f} MB; {MAX_BYTES // 2**20} MB are read at most",
            reason="too_large",
            hint="Part it into several files, each under a name of its own.",
        )
    for start, what, hint in _BINARY:
        if data.lstrip().startswith(start):
            raise UnreadableFile(f"{shown}: {what}, no bibliography", reason="damaged", hint=hint)


def _decoded(data: bytes) -> tuple[str, list[Problem]]:
    """The text, line ends unified and null characters dropped; bytes that are no UTF-8 are read as Windows-1252."""
    problems: list[Problem] = []
    for mark, codec in _BOMS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(codec, "replace")
            break
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            problems.append(Problem(line, "the file is not UTF-8: it is read as Windows-1252, check its accents"))
            text = data.decode("cp1252", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""), problems


def _format_of(text: str, shown: str) -> Format:
    head = text[:_HEAD_CHARS]
    start = head.lstrip()[:1]
    if start in ("[", "{"):
        return "csl-json"
    if _RIS.search(head) and not _BIBTEX.search(head[: _RIS.search(head).start()]):  # type: ignore[union-attr]
        return "ris"
    if _BIBTEX.search(head) or shown.lower().endswith(".bib"):
        return "bibtex"
    raise UnreadableFile(
        f"{shown}: no bibliography that can be read",
        reason="damaged",
        hint=f"Give {READABLE}; reference managers export all of them.",
    )


def read_bibtex(text: str) -> tuple[list[Record], list[Problem]]:
    """The entries of BibTeX text, and what cannot be read."""
    from indexer.latex.inline import plain_text

    found = read_bib([("", text)])
    entries = (found.find(key) for key in found.entries)
    records = [record_of(plain_text, entry, index=index) for index, entry in enumerate(entries) if entry is not None]
    return records, [*found.bad_blocks, *found.repeated]


_READERS = {"bibtex": read_bibtex, "ris": read_ris, "csl-json": read_csl_json}


def _each_key_once(records: Sequence[Record]) -> tuple[list[Record], list[Problem]]:
    """The first record of each key (case does not count), and where the others stand; keys for those without one."""
    lines: dict[str, int] = {}
    kept: list[Record] = []
    problems: list[Problem] = []
    for record in records:
        key = record.key
        if key.lower() in lines:
            before = lines[key.lower()]
            problems.append(Problem(record.line, f"the key {key} stands at line {before} already: that one counts"))
            continue
        kept.append(record)
        if key:
            lines[key.lower()] = record.line
    return _with_keys(kept, set(lines)), problems


def _with_keys(records: Sequence[Record], taken: set[str]) -> list[Record]:
    found: list[Record] = []
    for record in records:
        about = record.reference
        made = record.key or free_key(
            plain_key(about.authors, about.year, about.title, about.doi, about.arxiv_id), taken
        )
        taken.add(made.lower())
        found.append(record if record.key else replace(record, key=made))
    return found
