"""The library as a corpus: its papers as the training and evaluation of citation models read them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.errors import NotFound
from core.records import Document, Work
from indexer.database import Database
from indexer.store import papers as paper_store
from indexer.store import works as work_store

if TYPE_CHECKING:
    from training.corpus.config import Part
    from training.corpus.records import SourcePaper

SOURCE = "library"


@dataclass(frozen=True, slots=True)
class LibrarySource:
    """The library as a ``training.corpus.sources.PaperSource``: gone through again and again, nothing held in memory.

    Each paper is assigned to a part by its title, so it stays in its part while the library grows.
    """

    database: Database
    name: str = SOURCE
    part: Part | None = None

    @property
    def stamp(self) -> str:
        """Changes when a paper comes, changes or leaves."""
        with self.database.session() as session:
            identity, revisions = self.database.identity(session), paper_store.revisions(session)
        told = f"{identity}\0{sorted(revisions.items())}"
        return f"{self.name}:{hashlib.sha256(told.encode()).hexdigest()[:16]}"

    def __iter__(self) -> Iterator[SourcePaper]:
        return library_papers(self.database)


def library_papers(database: Database) -> Iterator[SourcePaper]:
    """The papers of the library in the order of their ids, one in memory at a time.

    Each is as it was parsed, but its references bear the titles and authors of their works, which several papers'
    reference lists (and the work's own paper, where the library holds it) have told: one work is spelled one way in
    all the corpus, and as it is offered when something is suggested. Left out are papers without text, further
    versions of a paper, and papers that leave the library meanwhile.

    Raises:
        StorageError: The database cannot be read.
    """
    from training.corpus.records import SourcePaper

    with database.session() as session:
        ids = sorted(paper_store.revisions(session))
    for paper_id in ids:
        found = _original(database, paper_id)
        if found is not None:
            key, document = found
            # Licences are not read from papers: what is trained on one's own library is one's own to answer for.
            yield SourcePaper(id=key, source=SOURCE, licence="", document=document)


def _original(database: Database, paper_id: int) -> tuple[str, Document] | None:
    """A paper's cite key and document; None when it has no text, is a further version, or is gone."""
    with database.session() as session:
        try:
            paper = paper_store.get_paper(session, paper_id)
            document = paper_store.get_document(session, paper_id)
        except NotFound:
            return None
        if paper.duplicate_of is not None or not document.passages:
            return None
        cited = [reference.work_id for reference in document.references if reference.work_id is not None]
        works = {work.id: work for work in work_store.get_works(session, cited)}
    return paper.key, _with_works(document, works)


def _with_works(document: Document, works: dict[int, Work]) -> Document:
    """The document whose references are told as their works are, where these have a title."""
    told = tuple(
        replace(entry, title=work.title, authors=work.authors or entry.authors)
        if (work := works.get(entry.work_id or 0)) is not None and work.title
        else entry
        for entry in document.references
    )
    return replace(document, references=told)
