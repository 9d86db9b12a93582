"""BibTeX files: entries with their strings resolved and crossrefs followed; bad blocks are left out and told.

What a file costs grows with its size alone: it is cut where a line begins a block, which is where bibtexparser takes
up again after an error too, and the pieces are parsed one by one.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from core.text import clean
from indexer.bibliographies.records import MAX_ENTRIES, MAX_PROBLEMS, Problem

_MONTHS = {"jan": "January", "feb": "February", "mar": "March", "apr": "April", "may": "May", "jun": "June",
           "jul": "July", "aug": "August", "sep": "September", "oct": "October", "nov": "November",
           "dec": "December"}  # fmt: skip
_INHERITED = {"title": "booktitle", "subtitle": "booksubtitle"}
_MALFORMED = "a block cannot be read: a brace, a quotation mark or a comma may be missing"
_MAX_VALUE_CHARS = 20_000
_MAX_KEY_CHARS = 500
_MAX_CROSSREFS = 5
_MAX_FIELDS = 500
_PIECE_CHARS = 256 * 2**10
_MAX_PIECE_CHARS = 4 * 2**20
_MAX_PIECE_BLOCKS = 20_000
_START = re.compile(r"^[ \t]{0,100}@\w{0,100}[ \t]{0,100}[{(]", re.MULTILINE)
_ANY_START = re.compile(r"@\w{0,100}[ \t]{0,100}[{(]")


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
    """Entries by key in lower case, the first of two with one key; blocks that were left out; keys that came again."""

    entries: dict[str, Entry] = field(default_factory=dict)
    strings: dict[str, str] = field(default_factory=dict)
    bad_blocks: list[Problem] = field(default_factory=list)
    repeated: list[Problem] = field(default_factory=list)

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
    # The library quotes what it cannot read: no text of papers belongs in a log.
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    found = BibFile(strings=dict(_MONTHS))
    for name, text in texts:
        for line, piece in _pieces(text):
            if len(found.bad_blocks) >= MAX_PROBLEMS:
                found.bad_blocks.append(Problem(line, "too much cannot be read: the rest of the file is left out"))
                return found
            if len(piece) > _MAX_PIECE_CHARS or _count(_ANY_START, piece, _MAX_PIECE_BLOCKS) > _MAX_PIECE_BLOCKS:
                found.bad_blocks.append(Problem(line, "a block is longer than any entry, or a line has too many"))
            else:
                _read_piece(found, piece, name, line)
    return found


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """The text in pieces with the line that each begins at; all but the first begin with a block."""
    start, line = 0, 1
    for match in _START.finditer(text):
        if match.start() - start >= _PIECE_CHARS:
            yield line, text[start : match.start()]
            line += text.count("\n", start, match.start())
            start = match.start()
    yield line, text[start:]


def _count(pattern: re.Pattern[str], text: str, most: int) -> int:
    """How often a pattern occurs, as far as one more than ``most``."""
    return sum(1 for _, _ in zip(range(most + 1), pattern.finditer(text), strict=False))


def _read_piece(found: BibFile, text: str, name: str, line: int) -> None:
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock, ParsingFailedBlock, String
    from bibtexparser.model import Entry as Block

    library = parse_string(text, parse_stack=[])
    blocks = [
        block.ignore_error_block if isinstance(block, DuplicateFieldKeyBlock | DuplicateBlockKeyBlock) else block
        for block in library.blocks
    ]
    for string in blocks:
        if isinstance(string, String):
            found.strings.setdefault(string.key.lower(), _value(str(string.value), found.strings))
    for block in blocks:
        at = line + (block.start_line or 0) if block is not None else line
        if isinstance(block, Block):
            _add(found, block, name, at)
        elif isinstance(block, ParsingFailedBlock):
            found.bad_blocks.append(Problem(at, _MALFORMED))


def _add(found: BibFile, block: object, name: str, line: int) -> None:
    key = clean(str(getattr(block, "key", "")))
    if len(found.entries) >= MAX_ENTRIES:
        if not any("entries are read" in each.message for each in found.bad_blocks[-1:]):
            found.bad_blocks.append(Problem(line, f"{MAX_ENTRIES:,} entries are read at most: the rest is left out"))
        return
    if not key or len(key) > _MAX_KEY_CHARS:
        found.bad_blocks.append(Problem(line, "an entry has no key" if not key else "a key is longer than any"))
        return
    if key.lower() in found.entries:
        if len(found.repeated) < MAX_PROBLEMS:
            first = found.entries[key.lower()]
            found.repeated.append(Problem(line, f"the key {key} stands at line {first.line} already: that one counts"))
        return
    fields: dict[str, str] = {}
    for part in getattr(block, "fields", ())[:_MAX_FIELDS]:
        value = _value(str(part.value), found.strings)
        if value:  # as BibTeX does, the first of two fields of one name counts
            fields.setdefault(str(part.key).strip().lower(), value)
    kind = str(getattr(block, "entry_type", "")).lower()
    found.entries[key.lower()] = Entry(key, kind, fields, name, line)


def _value(raw: str, strings: Mapping[str, str]) -> str:
    """A field's value without its delimiters, its pieces joined and names of strings replaced."""
    text = raw.strip()
    if "#" not in text:
        return _piece(text, strings)[:_MAX_VALUE_CHARS].strip()
    pieces: list[str] = []
    depth = start = 0
    quoted = False
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
