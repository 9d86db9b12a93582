"""The reference list of a paper: from its ``.bbl``, from the source itself, or from the ``.bib`` entries it cites."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from core.identifiers import find_arxiv_id, find_doi
from core.records import Author, Reference
from core.text import ascii_fold, clean
from indexer.bibliographies.bibtex import BibFile, Entry, read_bib
from indexer.bibliographies.fields import reference_of, render
from indexer.bibliographies.names import read_name, split_names
from indexer.latex.biblatex import is_biblatex, read_biblatex
from indexer.latex.flow import Flow, without_marks
from indexer.latex.inline import text_of
from indexer.latex.labels import alpha_labels, label_of, short_names, with_letters
from indexer.latex.listed import finish_item
from indexer.latex.mouth import Mouth
from indexer.latex.reader import Item, Reader
from indexer.latex.sources import OutsideError
from indexer.latex.styles import Mode, in_citation_order, mode_of, plain_cite_of
from indexer.latex.tokens import Lexer
from indexer.references.fields import parse_reference
from indexer.references.names import split_name

_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_FIELD_NAMES = {"title": "title", "article title": "title", "booktitle": "booktitle", "journal": "journal",
                "year": "year", "volume": "volume", "pages": "pages", "publisher": "publisher",
                "number": "number", "school": "school", "institution": "institution", "doi": "doi",
                "series": "series"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """A reference with its key, and how the text names it."""

    key: str
    reference: Reference
    names: str
    year: str
    label: str


@dataclass(frozen=True, slots=True)
class ReferenceList:
    """All references in order; ``positions`` finds them by key."""

    entries: tuple[Listed, ...]
    positions: dict[str, int]
    mode: Mode
    plain_cite: Literal["text", "parenthesis", "bare"] = "text"


def references_of(reader: Reader, *, main: str) -> ReferenceList:
    """Make the reference list of a document that has been read.

    Args:
        reader: After reading.
        main: Name of the main file, beside which its ``.bbl`` lies.
    """
    bib = _bib_files(reader)
    if not reader.bibliography.items:
        entries = _read_bbl(reader, main)
        if entries is not None:
            return _from_entries(reader, entries)
    if reader.bibliography.items:
        return _from_items(reader, bib)
    return _from_entries(reader, _cited_entries(reader, bib))


def _bib_files(reader: Reader) -> BibFile:
    texts: list[tuple[str, str]] = []
    for name in reader.bibliography.files:
        try:
            found = reader.sources.text(name, ".bib")
        except OutsideError:
            reader.notice("outside", f"The file {name[:80]} lies outside the paper's folder and was not read.")
            continue
        if found is None:
            reader.missing_bib.append(name)
        else:
            texts.append(found)
    if not texts:
        return BibFile()
    bib = read_bib(texts)
    if bib.bad_blocks:
        count = len(bib.bad_blocks)
        blocks = "1 block" if count == 1 else f"{count} blocks"
        reader.notice("bad_bib", f"Of the BibTeX files, {blocks} cannot be read and were left out.")
    return bib


def _read_bbl(reader: Reader, main: str) -> list[Entry] | None:
    """Read the ``.bbl`` beside the main file into the reader's items; biblatex's entries are returned."""
    stem = main.removesuffix(".tex")
    for name in dict.fromkeys((f"{stem}.bbl", "main.bbl", "ms.bbl", "paper.bbl", "output.bbl", "bibliography.bbl")):
        found = reader.sources.text(name)
        if found is None or not (reader.bibliography.wanted or reader.bibliography.cited or name == f"{stem}.bbl"):
            continue
        if is_biblatex(found[1]):
            return read_biblatex(found[1], budget=reader.budget, name=found[0])
        reader.ended, reader.in_text = False, True
        reader.flows = [Flow()]
        reader.read(Mouth(reader.budget, first=Lexer(found[1], name=found[0])))
        if reader.listing:
            finish_item(reader)
            reader.listing = False
        if reader.bibliography.items:
            return None
    return None


def _cited_entries(reader: Reader, bib: BibFile) -> list[Entry]:
    keys = list(reader.bibliography.cited)
    if reader.bibliography.everything:
        keys.extend(bib.entries)
    found: dict[str, Entry] = {}
    for key in keys:
        entry = bib.find(key)
        if entry is not None and entry.key not in found:
            found[entry.key] = entry
    if not found and reader.missing_bib:
        names = ", ".join(name[:60] for name in reader.missing_bib[:5])
        reader.notice("missing_bib", f"The reference list is missing: neither a .bbl file nor {names} is there.")
    if in_citation_order(reader.bibliography, document_class=reader.document_class):
        return list(found.values())
    return sorted(found.values(), key=_sort_key)


def _sort_key(entry: Entry) -> tuple[str, str, str]:
    """As BibTeX's styles sort: family names, year, title; accents and case do not count."""
    field = next(
        (entry.fields[name] for name in ("author", "editor", "organization", "key") if entry.fields.get(name)), ""
    )
    names = [read_name(text) for text in split_names(field)] if field else []
    who = "   ".join(f"{name.family}  {name.given}" for name in names)
    title = re.sub(r"^(?:a|an|the)\s", "", _folded(entry.fields.get("title", "")))
    return _folded(who) or title, entry.fields.get("year", entry.fields.get("date", ""))[:4], title


def _folded(source: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", "", ascii_fold(re.sub(r"\\[a-zA-Z]+\s?|\\.", "", source))).lower().split())


def _from_entries(reader: Reader, entries: Sequence[Entry]) -> ReferenceList:
    references = [
        reference_of(partial(text_of, reader), entry, index=index, label="") for index, entry in enumerate(entries)
    ]
    mode = mode_of(
        reader.bibliography,
        has_year_labels=False,
        has_labels=False,
        document_class=reader.document_class,
        options=reader.class_options,
    )
    shorts = [
        (
            short_names(reference.authors, others=_has_others(entry)) or reference.title[:40],
            str(reference.year or "n.d."),
        )
        for entry, reference in zip(entries, references, strict=True)
    ]
    if mode == "author-year":
        shorts = with_letters(shorts)
    if mode == "label":
        labels = [entry.fields.get("labelalpha", "") + entry.fields.get("extraalpha", "") for entry in entries]
        labels = labels if all(labels) else alpha_labels(references)
    else:
        labels = ["" if mode == "author-year" else str(number) for number in range(1, len(references) + 1)]
    listed = [
        Listed(entry.key, replace(reference, label=label), names, year, label)
        for entry, reference, (names, year), label in zip(entries, references, shorts, labels, strict=True)
    ]
    return _list(reader, listed, mode)


def _has_others(entry: Entry) -> bool:
    """True when the list of authors says that there are more."""
    return entry.fields.get("author", "").rstrip().lower().endswith(" others")


def _list(reader: Reader, listed: list[Listed], mode: Mode) -> ReferenceList:
    positions: dict[str, int] = {}
    for position, entry in enumerate(listed):
        positions.setdefault(entry.key, position)
    for position, entry in enumerate(listed):
        positions.setdefault(entry.key.lower(), position)
    return ReferenceList(tuple(listed), positions, mode, plain_cite_of(reader.bibliography))


def _from_items(reader: Reader, bib: BibFile) -> ReferenceList:
    items = reader.bibliography.items
    labels = [label_of(item) for item in items]
    years = sum(1 for names, year, _ in labels if year)
    plain = sum(1 for names, year, label in labels if label and not year and not label.isdigit())
    mode = mode_of(
        reader.bibliography,
        has_year_labels=years * 2 > len(items),
        has_labels=plain * 2 > len(items),
        document_class=reader.document_class,
        options=reader.class_options,
    )
    listed: list[Listed] = []
    before: tuple[Author, ...] = ()
    for item, (names, year, label) in zip(items, labels, strict=True):
        index = len(listed)
        shown = {"number": str(index + 1), "label": label or str(index + 1), "author-year": ""}[mode]
        if mode == "number" and label.isdigit():
            shown = label
        reference = _reference(reader, item, bib.find(item.key), index=index, label=shown, before=before)
        before = reference.authors
        names = names or short_names(reference.authors) or reference.title[:40]
        listed.append(Listed(item.key, reference, names, year or str(reference.year or "n.d."), shown))
    return _list(reader, listed, mode)


def _reference(
    reader: Reader, item: Item, entry: Entry | None, *, index: int, label: str, before: tuple[Author, ...]
) -> Reference:
    """An entry of a printed list: its text, read into fields, and what is known better from elsewhere."""
    raw = clean(without_marks(item.text))
    named = dict(reversed(item.fields))
    if any(name.startswith("@") for name in named):
        return _from_amsrefs(reader, item, index=index, label=label)
    if entry is not None and entry.fields.get("title"):
        return _with_printed(reference_of(partial(text_of, reader), entry, index=index, label=label), raw, item.links)
    reference = parse_reference(raw, index=index, page=0, label="", links=tuple(item.links), before=before)
    reference = replace(reference, raw=raw, label=label, page=0)
    return _with_bibinfo(reference, item)


def _with_bibinfo(reference: Reference, item: Item) -> Reference:
    r"""What ``\bibinfo`` names is certain."""
    fields: dict[str, str] = {}
    names: list[str] = []
    for kind, text in item.fields:
        value = clean(without_marks(text))
        if kind.strip() in ("author", "person") and value:
            names.append(value)
        elif kind.strip() in _FIELD_NAMES and value:
            fields.setdefault(_FIELD_NAMES[kind.strip()], value)
    authors = tuple(split_name(part) for name in names for part in re.split(r"\s+and\s+|;", name) if part.strip())
    year = _YEAR.search(fields.get("year", ""))
    title = fields.get("title", "")
    venue = fields.get("journal") or fields.get("booktitle") or reference.venue
    return replace(
        reference,
        authors=authors or reference.authors,
        title=title.rstrip(" .,") or reference.title,
        venue=venue if venue != title else "",
        year=int(year[1]) if year else reference.year,
        volume=fields.get("volume", reference.volume),
        pages=fields.get("pages", reference.pages),
        publisher=fields.get("publisher", reference.publisher),
    )


def _with_printed(known: Reference, raw: str, links: Sequence[str]) -> Reference:
    """The fields of the BibTeX entry with the text as printed, and with identifiers that only the print has."""
    printed = " ".join((raw, *links))
    return replace(
        known, raw=raw, doi=known.doi or find_doi(printed), arxiv_id=known.arxiv_id or find_arxiv_id(printed)
    )


def _from_amsrefs(reader: Reader, item: Item, *, index: int, label: str) -> Reference:
    r"""``\bib`` has a field for each author, in BibTeX's notation."""
    fields: dict[str, str] = {}
    for kind, text in item.fields:
        name = {"date": "year", "contribution": "", "@type": ""}.get(kind, kind.lstrip("@"))
        value = without_marks(text)
        if name in ("author", "editor"):
            fields[name] = f"{fields[name]} and {value}" if name in fields else value
        elif name:
            fields.setdefault({"date": "year"}.get(name, name), value)
    entry = Entry(item.key, dict(item.fields).get("@type", "article"), fields, item.file, item.line)
    reference = reference_of(partial(text_of, reader), entry, index=index, label=label)
    return replace(reference, raw=render(reference))
