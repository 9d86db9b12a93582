"""Bringing one folder of indexes to the state of the library, in batches that can each be repeated."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from core.errors import SearchIndexError
from indexer.search.manifest import Manifest
from indexer.search.shelf import Shelf
from indexer.search.source import IndexSource, PaperContent

log = logging.getLogger(__name__)

_BATCH_WORKS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What a synchronisation did, in papers; not ``complete`` when it was asked to stop."""

    added: int = 0
    updated: int = 0
    removed: int = 0
    complete: bool = True


@dataclass(slots=True, kw_only=True)
class Tally:
    """Papers by what happened to them, over all kinds of index, and the progress in steps of one paper and kind."""

    on_progress: Callable[[int, int], None] | None = None
    should_stop: Callable[[], bool] | None = None
    added: set[int] = field(default_factory=set)
    updated: set[int] = field(default_factory=set)
    removed: set[int] = field(default_factory=set)
    done: int = 0
    total: int = 0
    stopped: bool = False

    def advance(self, steps: int) -> None:
        """Count steps as done and tell about it."""
        self.done += steps
        if self.on_progress is not None:
            self.on_progress(self.done, self.total)

    def must_stop(self) -> bool:
        """Whether the caller wants an end; once true it stays true."""
        self.stopped = self.stopped or (self.should_stop is not None and self.should_stop())
        return self.stopped

    def report(self) -> SyncReport:
        """The sums."""
        return SyncReport(
            added=len(self.added),
            updated=len(self.updated - self.added),
            removed=len(self.removed),
            complete=not self.stopped,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Papers whose passages must be written or removed, and works left over from a batch that was broken off."""

    papers: tuple[int, ...]
    works: frozenset[int]

    def __bool__(self) -> bool:
        return bool(self.papers or self.works)


def difference(manifest: Manifest, revisions: dict[int, int]) -> Difference:
    """What the indexes lack, or hold beyond, the library."""
    known = manifest.revisions()
    papers, works = manifest.pending()
    papers |= {paper for paper, revision in revisions.items() if known.get(paper) != revision}
    papers |= known.keys() - revisions.keys()
    return Difference(papers=tuple(sorted(papers)), works=frozenset(works))


def follow(shelf: Shelf, manifest: Manifest, source: IndexSource, *, batch_papers: int, tally: Tally) -> None:
    """Apply differences until there are none: papers may come and go while a long synchronisation runs.

    Raises:
        SearchIndexError: The indexes cannot be written.
        core.errors.ModelError: The encoder failed.
    """
    former: Difference | None = None
    while (todo := _todo(manifest, source)) and todo != former:
        former = todo
        tally.total += len(todo.papers)
        for papers, works in _batches(todo, batch_papers):
            if tally.must_stop():
                return
            _apply(shelf, manifest, source, papers=papers, works=works, tally=tally)
            tally.advance(len(papers))
    if todo:
        raise SearchIndexError(
            f"{len(todo.papers)} papers keep differing from the search indexes, the first is {todo.papers[:1]}",
            hint="Rebuild the indexes: galacite reindex",
        )
    shelf.finish()


def _todo(manifest: Manifest, source: IndexSource) -> Difference:
    """The difference, and the papers whose works have merged with others since: their revision does not tell."""
    todo = difference(manifest, source.revisions())
    merged = manifest.works() - source.work_ids()
    papers = manifest.papers_with(merged).union(todo.papers)
    return Difference(papers=tuple(sorted(papers)), works=todo.works | merged)


def _batches(todo: Difference, size: int) -> Iterator[tuple[tuple[int, ...], frozenset[int]]]:
    """Papers in runs of ``size``; the works go with the first."""
    yield todo.papers[:size], todo.works
    for start in range(size, len(todo.papers), size):
        yield todo.papers[start : start + size], frozenset()


def _apply(
    shelf: Shelf,
    manifest: Manifest,
    source: IndexSource,
    *,
    papers: tuple[int, ...],
    works: frozenset[int],
    tally: Tally,
) -> None:
    known = manifest.revisions()
    contents = source.papers(papers)
    present = {content.paper_id for content in contents}
    gone = [paper for paper in papers if paper not in present]
    touched = sorted(works.union(manifest.works_of(papers), *(content.work_ids for content in contents)))
    manifest.begin(papers, touched)
    for content in contents:
        if _has_passages(content.paper_id):
            shelf.put_paper(content)
    for paper in filter(_has_passages, gone):
        shelf.drop_paper(paper)
    for start in range(0, len(touched), _BATCH_WORKS):
        _put_works(shelf, source, touched[start : start + _BATCH_WORKS])
    shelf.commit()
    manifest.finish(put=contents, removed=gone, works=touched)
    _count(tally, contents, gone, known)


def _has_passages(paper_id: int) -> bool:
    """False for parts of bibliographies, which are followed for their works alone and not counted as papers."""
    return paper_id > 0


def _put_works(shelf: Shelf, source: IndexSource, ids: list[int]) -> None:
    found = source.works(ids)
    for content in found:
        shelf.put_work(content)
    for work in set(ids) - {content.work.id for content in found}:
        shelf.drop_work(work)


def _count(tally: Tally, contents: list[PaperContent], gone: list[int], known: dict[int, int]) -> None:
    for content in contents:
        if not _has_passages(content.paper_id):
            continue
        (tally.updated if content.paper_id in known else tally.added).add(content.paper_id)
    tally.removed.update(paper for paper in gone if paper in known and _has_passages(paper))
    log.info("indexed %d papers, removed %d", len(contents), len(gone))
