"""Indexes of passages and works, behind one way of writing them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.interfaces import Encoder
from indexer.search.dense import DenseIndex
from indexer.search.lexical import PASSAGE_FIELDS, WORK_FIELDS, LexicalIndex, LexicalItem, passage_fields, work_fields
from indexer.search.source import PaperContent, WorkContent

PASSAGES = "passages"
WORKS = "works"


def _abstract(content: WorkContent) -> tuple[str, ...]:
    """The abstract as a part of the profile, by which a work is found that nothing cites yet."""
    return (content.abstract,) if content.abstract else ()


class Shelf(Protocol):
    """Indexes of passages and works that are written together. Changes are visible after :meth:`commit`."""

    def put_paper(self, paper: PaperContent) -> None:
        """Replace the passages of a paper."""
        ...

    def drop_paper(self, paper_id: int) -> None:
        """Remove the passages of a paper; one that is not there is no error."""
        ...

    def put_work(self, content: WorkContent) -> None:
        """Replace a work."""
        ...

    def drop_work(self, work_id: int) -> None:
        """Remove a work; one that is not there is no error."""
        ...

    def commit(self) -> None:
        """Make the changes durable, one index after the other."""
        ...

    def passage_count(self) -> int | None:
        """How many passages are indexed; quick. None where passages are not indexed at all."""
        ...

    def finish(self) -> None:
        """What is worth doing once after many commits."""
        ...

    def close(self) -> None:
        """Forget uncommitted changes and let go of the files."""
        ...


class LexicalShelf:
    """BM25 over passages and works."""

    def __init__(self, folder: Path) -> None:
        self._passages = LexicalIndex(folder / PASSAGES, PASSAGE_FIELDS)
        self._works = LexicalIndex(folder / WORKS, WORK_FIELDS)

    @staticmethod
    def create(folder: Path) -> None:
        """Make empty indexes."""
        LexicalIndex.create(folder / PASSAGES, PASSAGE_FIELDS)
        LexicalIndex.create(folder / WORKS, WORK_FIELDS)

    def put_paper(self, paper: PaperContent) -> None:
        """See :class:`Shelf`."""
        self._passages.replace(
            paper.paper_id,
            [LexicalItem(id=id_, fields=passage_fields(paper.title, text)) for id_, text in paper.passages],
        )

    def drop_paper(self, paper_id: int) -> None:
        """See :class:`Shelf`."""
        self._passages.remove(paper_id)

    def put_work(self, content: WorkContent) -> None:
        """See :class:`Shelf`."""
        work = content.work
        names = [author.name for author in work.authors]
        fields = work_fields(work.title, names, work.year, [*content.profile, *_abstract(content)])
        self._works.replace(work.id, [LexicalItem(id=work.id, fields=fields)])

    def drop_work(self, work_id: int) -> None:
        """See :class:`Shelf`."""
        self._works.remove(work_id)

    def commit(self) -> None:
        """See :class:`Shelf`."""
        self._passages.commit()
        self._works.commit()

    def passage_count(self) -> int:
        """See :class:`Shelf`."""
        return len(self._passages)

    def finish(self) -> None:
        """See :class:`Shelf`."""

    def close(self) -> None:
        """See :class:`Shelf`."""
        self._passages.discard()
        self._works.discard()


class DenseShelf:
    """Vectors of passages."""

    def __init__(self, folder: Path, encoder: Encoder, *, exact_rows: int) -> None:
        self._passages = DenseIndex(folder / PASSAGES, encoder, exact_rows=exact_rows)

    @staticmethod
    def create(folder: Path, encoder: Encoder) -> None:
        """Make an empty index."""
        DenseIndex.create(folder / PASSAGES, encoder).close()

    def put_paper(self, paper: PaperContent) -> None:
        """See :class:`Shelf`."""
        ids, texts = [id_ for id_, _ in paper.passages], [text for _, text in paper.passages]
        self._passages.replace(paper.paper_id, ids, texts)

    def drop_paper(self, paper_id: int) -> None:
        """See :class:`Shelf`."""
        self._passages.remove(paper_id)

    def put_work(self, content: WorkContent) -> None:
        """See :class:`Shelf`."""

    def drop_work(self, work_id: int) -> None:
        """See :class:`Shelf`."""

    def commit(self) -> None:
        """See :class:`Shelf`."""
        self._passages.commit()

    def passage_count(self) -> int:
        """See :class:`Shelf`."""
        return self._passages.count()

    def finish(self) -> None:
        """See :class:`Shelf`."""
        self._passages.optimize()

    def close(self) -> None:
        """See :class:`Shelf`."""
        self._passages.close()


@dataclass(frozen=True, slots=True)
class WorkEncoder:
    """An encoder of works and of places that cite, and how a work is worded for it.

    ``wording`` names the way of ``describe``: vectors of works that were worded otherwise are made anew.
    """

    encoder: Encoder
    describe: Callable[[WorkContent], str]
    wording: str


class CitingShelf:
    """Vectors of works alone, as a tuned encoder sees them."""

    def __init__(self, folder: Path, works: WorkEncoder, *, exact_rows: int) -> None:
        self._describe = works.describe
        self._works = DenseIndex(folder / WORKS, works.encoder, exact_rows=exact_rows)

    @staticmethod
    def create(folder: Path, encoder: Encoder) -> None:
        """Make an empty index."""
        DenseIndex.create(folder / WORKS, encoder).close()

    def put_paper(self, paper: PaperContent) -> None:
        """See :class:`Shelf`."""

    def drop_paper(self, paper_id: int) -> None:
        """See :class:`Shelf`."""

    def put_work(self, content: WorkContent) -> None:
        """See :class:`Shelf`."""
        self._works.replace(content.work.id, [content.work.id], [self._describe(content)])

    def drop_work(self, work_id: int) -> None:
        """See :class:`Shelf`."""
        self._works.remove(work_id)

    def commit(self) -> None:
        """See :class:`Shelf`."""
        self._works.commit()

    def passage_count(self) -> int | None:
        """See :class:`Shelf`."""
        self._works.count()  # a damaged file shows
        return None

    def finish(self) -> None:
        """See :class:`Shelf`."""
        self._works.optimize()

    def close(self) -> None:
        """See :class:`Shelf`."""
        self._works.close()
