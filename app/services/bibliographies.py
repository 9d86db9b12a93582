"""Bibliographies in and out: files of references become candidates for suggestions, works become entries of a file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

from sqlalchemy.orm import Session

from app.services.jobs import JobService
from app.services.work_records import Collected, collect, records_of
from core.errors import InputError, NotFound, StorageError, UnreadableFile
from core.identifiers import find_arxiv_id, find_doi
from core.records import Work
from core.text import display_name
from indexer.bibliographies.bibtex_writing import write_bibtex
from indexer.bibliographies.csl_json import write_csl_json
from indexer.bibliographies.keys import usable
from indexer.bibliographies.reading import MAX_BYTES, read_bibliography
from indexer.bibliographies.records import Problem, Record
from indexer.bibliographies.ris import write_ris
from indexer.bibliographies.styles import load_style, set_entries
from indexer.database import Database
from indexer.store import bibliographies as store
from indexer.store import papers as paper_store
from indexer.store import works as work_store
from indexer.store.bibliographies import Listed, StoredBibliography

ExportForm = Literal["bibtex", "ris", "csl-json", "formatted"]
InsertForm = Literal["latex", "pandoc", "galactica", "text"]
MAX_FORMATTED = 5_000
_NO_DATE = "n.d."


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import changed: entries that came, left and stayed, and what could not be read, by line.

    ``job_id`` is that of the job that brings the search indexes up to date; None when they are.
    """

    name: str
    entries: int
    added: int
    removed: int
    kept: int
    problems: tuple[Problem, ...] = ()
    job_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """What was exported; ``text`` is "" when it was written to ``file``."""

    format: str
    works: tuple[Work, ...]
    text: str = ""
    file: str = ""


class BibliographyService:
    """Imports and exports.

    Args:
        database: Where works and bibliographies are.
        jobs: Brings the search indexes up to date after a change.
    """

    def __init__(self, database: Database, *, jobs: JobService) -> None:
        self._database = database
        self._jobs = jobs

    def import_file(self, path: Path, *, name: str = "") -> ImportReport:
        """Import a BibTeX, RIS or CSL-JSON file under its name, or another one; see ``import_data``.

        Raises:
            UnreadableFile: Missing, not readable, too large, or no bibliography.
        """
        return self.import_data(_read(path), name or path.name)

    def import_data(self, data: bytes, name: str) -> ImportReport:
        """Import a bibliography: its works can be suggested though no paper cites them.

        It takes the place of what was imported under its name; the same content again changes nothing.

        Raises:
            UnreadableFile: Too large, empty, or no bibliography; nothing is changed.
        """
        found = read_bibliography(data, name)
        if not found.records:
            raise UnreadableFile(
                f"{found.name}: no entry can be read" + (f" ({_first(found.problems)})" if found.problems else ""),
                reason="damaged",
                hint="Give a file with at least one entry, such as @article{key, title = {…}}.",
            )
        with self._database.session(write=True) as session:
            counts = store.import_bibliography(session, found, sha256=hashlib.sha256(data).hexdigest())
        job = self._jobs.ensure_synced()
        return ImportReport(
            name=found.name,
            entries=len(found.records),
            added=counts.added,
            removed=counts.removed,
            kept=counts.kept,
            problems=found.problems,
            job_id=job.id if job is not None else None,
        )

    def imported(self) -> list[StoredBibliography]:
        """All imported bibliographies, in alphabetical order."""
        with self._database.session() as session:
            return store.list_bibliographies(session)

    def get(self, name: str) -> StoredBibliography:
        """One by its name.

        Raises:
            NotFound: There is none.
        """
        with self._database.session() as session:
            return store.get_bibliography(session, display_name(name))

    def remove(self, name: str) -> StoredBibliography:
        """Remove a bibliography, and the works that nothing else names; returns what it was.

        Raises:
            NotFound: There is none.
        """
        with self._database.session(write=True) as session:
            removed = store.remove_bibliography(session, display_name(name))
        self._jobs.ensure_synced()
        return removed

    def listed_as(self, works: Sequence[Work]) -> dict[int, list[Listed]]:
        """Where works stand in imported bibliographies, by their ids: the reason to suggest one that no paper cites."""
        with self._database.session() as session:
            return store.listed_as(session, [work.id for work in works])

    def all_works(self) -> list[Work]:
        """All works of the library that have a title, by their ids."""
        with self._database.session() as session:
            return work_store.get_works(session, sorted(work_store.titled_ids(session)))

    def cited_works(self, papers: Sequence[str] = ()) -> list[Work]:
        """The works that papers, named by id or cite key, or all papers cite.

        Raises:
            NotFound: There is no such paper.
        """
        with self._database.session() as session:
            ids = [paper_store.get_paper(session, paper).id for paper in papers] if papers else None
            return work_store.get_works(session, work_store.cited_ids(session, ids))

    def works(self, names: Sequence[str]) -> list[Work]:
        """Works by what names them: id or cite key of a paper, key in a bibliography, DOI, arXiv id, ``work:ID``.

        Raises:
            NotFound: One of them names nothing.
        """
        with self._database.session() as session:
            ids = [_work_named(session, name) for name in names]
            return work_store.get_works(session, list(dict.fromkeys(ids)))

    def records(self, works: Sequence[Work]) -> list[Record]:
        """Works with all that the library knows of them, in their order and under keys that differ.

        A work has the key that it has in an imported bibliography, else the one made of it.
        """
        with self._database.session() as session:
            return records_of(session, works)

    def keys(self, works: Sequence[Work], existing: str = "") -> dict[int, str]:
        """The key of each work by its id: its own in ``existing``, the text of a .bib file, where it stands there.

        Raises:
            UnreadableFile: The text is too long.
        """
        return self.collected(works, existing).keys

    def collected(self, works: Sequence[Work], existing: str = "") -> Collected:
        """A .bib file with works appended to it that are missing, and the key of each work; see ``collected_bib``."""
        with self._database.session() as session:
            return collect(session, works, existing)

    def collected_bib(self, works: Sequence[Work], existing: str = "") -> str:
        """The text of a .bib file, as it is and with the works appended that it lacks.

        A work stands there already when DOI, arXiv id, or else title, first author and year say so; its key is kept.

        Raises:
            UnreadableFile: The text is too long.
        """
        return self.collected(works, existing).text

    def bibtex(self, works: Sequence[Work]) -> str:
        """Works as a .bib file."""
        return write_bibtex(self.records(works))

    def ris(self, works: Sequence[Work]) -> str:
        """Works as a .ris file."""
        return write_ris(self.records(works))

    def csl_json(self, works: Sequence[Work]) -> str:
        """Works as CSL-JSON."""
        return write_csl_json(self.records(works))

    def formatted(self, works: Sequence[Work], style: str = "apa") -> list[str]:
        """Each work as a citation style prints it in a reference list, in the order given.

        Args:
            style: A name (``apa``, ``ieee``, ``chicago``, …) or the path of a ``.csl`` file.

        Raises:
            InputError: There is no such style, it cannot be set, or there are more works than ``MAX_FORMATTED``.
        """
        if len(works) > MAX_FORMATTED:
            raise InputError(
                f"{len(works):,} works are more than are set at once ({MAX_FORMATTED:,})",
                hint="Choose fewer, or export BibTeX, RIS or CSL-JSON.",
            )
        return set_entries(self.records(works), load_style(style))

    def export(self, works: Sequence[Work], form: ExportForm, *, style: str = "apa") -> str:
        """Works as the text of a file; see the functions named alike."""
        if form == "formatted":
            return "".join(f"{entry}\n" for entry in self.formatted(works, style))
        return {"bibtex": self.bibtex, "ris": self.ris, "csl-json": self.csl_json}[form](works)


def inserted(cited: Sequence[tuple[Work, str]], form: InsertForm) -> str:
    r"""What to type to cite works, each given with its key, in one place.

    ``\cite{a,b}``, ``[@a; @b]``, ``[START_REF] …[END_REF] [START_REF] …[END_REF]`` or ``(Author, Year; Author, Year)``.

    Raises:
        InputError: The form needs keys, and one is none.
    """
    if form == "galactica":
        from model.galactica.markers import reference

        return " ".join(reference(work.title, work.authors[0].family if work.authors else "") for work, _ in cited)
    if form == "text":
        return f"({'; '.join(f'{_names(work)}, {work.year or _NO_DATE}' for work, _ in cited)})"
    for _, key in cited:
        if not usable(key):
            raise InputError(f"{key!r} cannot be a citation key", hint="Use letters and digits.")
    if form == "latex":
        return f"\\cite{{{','.join(key for _, key in cited)}}}"
    return f"[{'; '.join(f'@{key}' if _is_plain_pandoc(key) else f'@{{{key}}}' for _, key in cited)}]"


def write_export(path: Path, text: str) -> None:
    """Write an export in one step: whatever happens, the file is as before or complete.

    Raises:
        StorageError: It cannot be written.
    """
    partial = path.with_name(f"{path.name}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except (OSError, ValueError) as error:
        partial.unlink(missing_ok=True)
        raise StorageError(f"{path}: cannot be written ({error})", hint="Name another file.") from error


def _is_plain_pandoc(key: str) -> bool:
    """Whether pandoc knows where a key ends by itself: signs stand one by one and between letters."""
    signs = [place for place, char in enumerate(key) if not (char.isalnum() or char == "_")]
    inside = all(0 < place < len(key) - 1 and key[place] in ":.#$%&-+?<>~/" for place in signs)
    return inside and not any(after - before == 1 for before, after in pairwise(signs))


def _names(work: Work) -> str:
    names = [author.family for author in work.authors]
    if not names:
        return work.title or "n.a."
    return f"{names[0]} et al." if len(names) > 2 else " and ".join(names)


def _work_named(session: Session, name: str) -> int:
    prefix, _, number = name.partition(":")
    if prefix == "work" and number.isascii() and number.isdecimal() and len(number) < 10:
        found = [work.id for work in work_store.get_works(session, [int(number)])]
    else:
        found = _by_identifier(session, name) or store.works_with_key(session, name) or _by_paper(session, name)
    if not found:
        raise NotFound(
            f"nothing to export is called {name}",
            hint="Give a paper's id or cite key (galacite list), a key of an imported bibliography, a DOI or work:ID.",
        )
    return found[0]


def _by_identifier(session: Session, name: str) -> list[int]:
    if doi := find_doi(name):
        return work_store.find_works(session, doi=doi)
    arxiv_id = find_arxiv_id(name)
    return work_store.find_works(session, arxiv_id=arxiv_id) if arxiv_id else []


def _by_paper(session: Session, name: str) -> list[int]:
    try:
        own = work_store.work_of_paper(session, paper_store.get_paper(session, name).id)
    except NotFound:
        return []
    return [own] if own is not None else []


def _read(path: Path) -> bytes:
    shown = display_name(path.name)
    try:
        if not path.is_file():
            raise UnreadableFile(f"{shown}: no such file", reason="missing", hint="Check the path.")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise UnreadableFile(
            f"{shown}: cannot be read", reason="permission", hint="Allow it: chmod u+r FILE"
        ) from error


def _first(problems: Sequence[Problem]) -> str:
    return f"line {problems[0].line}: {problems[0].message}"
