"""Works as entries of a bibliography: with all that is known of them, and under the keys that they go by."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from core.errors import UnreadableFile
from core.records import Reference, Work
from indexer.bibliographies.bibtex_writing import write_bibtex
from indexer.bibliographies.fields import render
from indexer.bibliographies.keys import free_key, key_of_work, usable
from indexer.bibliographies.reading import MAX_BYTES, read_bibtex
from indexer.bibliographies.records import Kind, Record
from indexer.store import bibliographies as bibliography_store
from indexer.store import works as work_store
from indexer.store.bibliographies import Listed
from indexer.store.identity import Identity, identity_of, same_year

_MEETING = re.compile(r"\b(?:proceedings|proc|conference|conf|workshop|symposium|meeting|congress)\b", re.IGNORECASE)
_PREPRINT = re.compile(r"\b(?:arxiv|corr|biorxiv|medrxiv|preprint)\b", re.IGNORECASE)
_DETAILS = ("volume", "pages", "url", "publisher")


@dataclass(frozen=True, slots=True)
class Collected:
    """A .bib file and the key of each work in it, by the work's id."""

    text: str
    keys: dict[int, str]


def records_of(session: Session, works: Sequence[Work], *, taken: Set[str] = frozenset()) -> list[Record]:
    """Works as records in their order, under keys that differ from one another and from those taken (lower case).

    What the user's own bibliographies say goes before what was read from papers.
    """
    ids = [work.id for work in works]
    listed = bibliography_store.listed_as(session, ids)
    printed = work_store.printed_as(session, ids)
    abstracts = work_store.abstracts_of(session, ids)
    keys = _keys(works, listed, taken)
    return [
        _record(work, keys[work.id], listed.get(work.id, []), printed.get(work.id, ()), abstracts.get(work.id, ""))
        for work in works
    ]


def collect(session: Session, works: Sequence[Work], existing: str) -> Collected:
    """Append to a .bib file what it lacks; see ``BibliographyService.collected_bib``.

    Raises:
        UnreadableFile: The text is too long.
    """
    if len(existing) > MAX_BYTES:
        raise UnreadableFile(
            "the .bib file is too long", reason="too_large", hint=f"At most {MAX_BYTES // 2**20} MB are read."
        )
    there, _ = read_bibtex(existing)
    known = _Known(there)
    keys = {work.id: key for work in works if (key := known.key_of(work)) is not None}
    missing = list({work.id: work for work in works if work.id not in keys}.values())
    records = records_of(session, missing, taken={record.key.lower() for record in there})
    keys |= {work.id: record.key for work, record in zip(missing, records, strict=True)}
    if not records:
        return Collected(existing, keys)
    before = existing.rstrip()
    return Collected(f"{before}\n\n{write_bibtex(records)}" if before else write_bibtex(records), keys)


class _Known:
    """The entries of a file, findable by what makes two entries one work."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._by_doi: dict[str, str] = {}
        self._by_arxiv: dict[str, str] = {}
        self._by_title: dict[str, list[tuple[Identity, str]]] = {}
        for record in records:
            identity = identity_of(record.reference)
            self._by_doi.setdefault(identity.doi, record.key)
            self._by_arxiv.setdefault(identity.arxiv_id, record.key)
            self._by_title.setdefault(identity.title_key, []).append((identity, record.key))

    def key_of(self, work: Work) -> str | None:
        """The key of a work's entry; None when it has none."""
        wanted = identity_of(_reference(work))
        if wanted.doi and wanted.doi in self._by_doi:
            return self._by_doi[wanted.doi]
        if wanted.arxiv_id and wanted.arxiv_id in self._by_arxiv:
            return self._by_arxiv[wanted.arxiv_id]
        titled = self._by_title.get(wanted.title_key, []) if wanted.title_key else []
        return next((key for identity, key in titled if _agree(identity, wanted)), None)


def _agree(left: Identity, right: Identity) -> bool:
    pairs = (
        (left.doi, right.doi),
        (left.arxiv_id, right.arxiv_id),
        (left.first_author_key, right.first_author_key),
    )
    return all(not one or not other or one == other for one, other in pairs) and same_year(left.year, right.year)


def _keys(works: Sequence[Work], listed: dict[int, list[Listed]], taken: Set[str]) -> dict[int, str]:
    """Keys by id, given out in the order of ids, so that they do not hang on the order asked for."""
    used = set(taken)
    keys: dict[int, str] = {}
    for work in sorted(works, key=lambda work: work.id):
        if work.id in keys:
            continue
        own = (each.record.key for each in listed.get(work.id, ()) if usable(each.record.key))
        key = next((key for key in own if key.lower() not in used), None) or free_key(key_of_work(work), used)
        used.add(key.lower())
        keys[work.id] = key
    return keys


def _record(work: Work, key: str, listed: Sequence[Listed], printed: Sequence[Reference], abstract: str) -> Record:
    if listed:
        own = listed[0].record
        merged = _filled(own.reference, [_reference(work), *printed], number=own.number)
        return replace(own, key=key, reference=merged, abstract=own.abstract or abstract)
    return Record(key=key, kind=_kind(work), reference=_filled(_reference(work), printed), abstract=abstract)


def _reference(work: Work) -> Reference:
    return Reference(
        index=0, raw="", page=0, authors=work.authors, title=work.title, venue=work.venue, year=work.year,
        doi=work.doi, arxiv_id=work.arxiv_id,
    )  # fmt: skip


def _filled(reference: Reference, others: Sequence[Reference], *, number: str = "") -> Reference:
    """A reference with what it lacks taken from the first of others that has it."""
    for other in others:
        lacking = {
            name: getattr(other, name)
            for name in ("authors", "title", "venue", "year", "doi", "arxiv_id", *_DETAILS)
            if not getattr(reference, name) and getattr(other, name)
        }
        reference = replace(reference, **lacking)
    return replace(reference, raw=render(reference, number=number))


def _kind(work: Work) -> Kind:
    """What a work known from reference lists may be, by where it appeared."""
    if not work.venue or _PREPRINT.search(work.venue):
        return "document"
    return "paper-conference" if _MEETING.search(work.venue) else "article-journal"
