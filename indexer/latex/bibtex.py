"""BibTeX files: entries with their strings resolved and crossrefs followed; bad blocks are left out and counted."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_MONTHS = {"jan": "January", "feb": "February", "mar": "March", "apr": "April", "may": "May", "jun": "June",
           "jul": "July", "aug": "August", "sep": "September", "oct": "October", "nov": "November",
           "dec": "December"}  # fmt: skip
_INHERITED = {"title": "booktitle", "subtitle": "booksubtitle"}
_MAX_ENTRIES = 200_000
_MAX_VALUE_CHARS = 20_000
_MAX_CROSSREFS = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: ``fields`` in lower case, as LaTeX source; ``line`` counts from 1."""

    key: str
    kind: str
    fields: Mapping[str, str]
    file: str = ""
    line: int = 0


@dataclass(slots=True)
class BibFile:
    """Entries by key in lower case, the first of two with one key, and how many blocks could not be read."""

    entries: dict[str, Entry] = field(default_factory=dict)
    strings: dict[str, str] = field(default_factory=dict)
    bad_blocks: int = 0

    def find(self, key: str) -> Entry | None:
        """The entry of a key with what it inherits; case counts only where it must."""
        entry = self.entries.get(key.lower())
        if entry is None:
            return None
        fields = dict(entry.fields)
        parent_key, seen = fields.get("crossref", ""), {key.lower()}
        while parent_key and parent_key.lower() not in seen and len(seen) <= _MAX_CROSSREFS:
            seen.add(parent_key.lower())
            parent = self.entries.get(parent_key.strip().lower())
            if parent is None:
                break
            for name, value in parent.fields.items():
                fields.setdefault(name if name != "crossref" else "", value)
                if name in _INHERITED:
                    fields.setdefault(_INHERITED[name], value)
            parent_key = parent.fields.get("crossref", "")
        fields.pop("", None)
        return Entry(entry.key, entry.kind, fields, entry.file, entry.line)


def read_bib(texts: Iterable[tuple[str, str]]) -> BibFile:
    """Read BibTeX files, given as name and text, in order: strings of earlier ones hold in later ones."""
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock
    from bibtexparser.model import Entry as Block

    # The library quotes what it cannot read: no text of papers belongs in a log.
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    found = BibFile(strings=dict(_MONTHS))
    for name, text in texts:
        library = parse_string(text, parse_stack=[])
        for string in library.strings:
            found.strings.setdefault(string.key.lower(), _value(str(string.value), found.strings))
        for block in library.blocks:
            # As BibTeX does: the first of two fields of one name counts.
            entry = block.ignore_error_block if isinstance(block, DuplicateFieldKeyBlock) else block
            if isinstance(entry, Block):
                _add(found, entry, name)
        repeated = (DuplicateFieldKeyBlock, DuplicateBlockKeyBlock)
        found.bad_blocks += sum(1 for block in library.failed_blocks if not isinstance(block, repeated))
    return found


def _add(found: BibFile, block: object, name: str) -> None:
    key = str(getattr(block, "key", "")).strip()
    if not key or key.lower() in found.entries or len(found.entries) >= _MAX_ENTRIES:
        return
    fields: dict[str, str] = {}
    for part in getattr(block, "fields", ()):
        value = _value(str(part.value), found.strings)
        if value:
            fields.setdefault(str(part.key).strip().lower(), value)
    line = getattr(block, "start_line", None)
    kind = str(getattr(block, "entry_type", "")).lower()
    found.entries[key.lower()] = Entry(key, kind, fields, name, (line or 0) + 1)


def _value(raw: str, strings: Mapping[str, str]) -> str:
    """A field's value without its delimiters, its pieces joined and names of strings replaced."""
    pieces: list[str] = []
    depth = start = 0
    quoted = False
    text = raw.strip()
    for place, char in enumerate(text):
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
        elif char == '"' and depth == 0:
            quoted = not quoted
        elif char == "#" and depth == 0 and not quoted:
            pieces.append(text[start:place])
            start = place + 1
    pieces.append(text[start:])
    return "".join(_piece(piece.strip(), strings) for piece in pieces)[:_MAX_VALUE_CHARS].strip()


def _piece(piece: str, strings: Mapping[str, str]) -> str:
    if len(piece) > 1 and (piece[0], piece[-1]) in (("{", "}"), ('"', '"')):
        return piece[1:-1]
    return strings.get(piece.lower(), piece)
