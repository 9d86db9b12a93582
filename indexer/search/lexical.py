"""BM25 search over an incremental tantivy index on disk.

Items come in groups (the passages of a paper; a work alone), and a group is replaced or removed as a whole. One
process writes at a time; any number read, and each search sees the last commit of any process.
"""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from core.errors import SearchIndexError
from core.records import Scored
from core.text import without_superscripts
from indexer.search.analysis import english_analyzer, grams, query_grams, query_terms

PASSAGE_FIELDS: Mapping[str, float] = {"title": 0.5, "text": 1.0}
WORK_FIELDS: Mapping[str, float] = {"title": 1.0, "authors": 0.5, "year": 0.3, "profile": 1.0}
"""Weights found on 500 papers. The paper's title at 0.5 raises the share of the right paper among ten passages for a
sentence of its abstract from .68 to .73; citing sentences raise the recall@10 of a work for an unseen citation from .15
to .31, with no better weight than the title's."""

_WRITER_BYTES = 64_000_000
_SET_QUERY_IDS = 1_000
"""A filter of more papers than this is applied to the results: building its query takes 0.3 ms per 1,000 ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LexicalItem:
    """One thing to be found: its id and the texts of its fields; a field may have several."""

    id: int
    fields: Mapping[str, Sequence[str]]


class LexicalIndex:
    """A tantivy index of items in groups.

    Args:
        folder: Made by :meth:`create`.
        fields: Searched fields with the weight of each; always the same for one folder.

    Raises:
        SearchIndexError: The folder holds no readable index.
    """

    name = "bm25"

    def __init__(self, folder: Path, fields: Mapping[str, float]) -> None:
        from tantivy import Index

        self._folder = folder
        self._fields = dict(fields)
        self._lock = Lock()
        self._writer: Any = None
        self._seen: tuple[int, int, int] | None = None
        with _refusals(folder, "read"):
            self._index = Index.open(str(folder))
            self._schema = self._index.schema
            self._index.register_tokenizer("words", english_analyzer())
            self._index.config_reader("manual", 0)
            self._searcher = self._fresh_searcher()

    @classmethod
    def create(cls, folder: Path, fields: Mapping[str, float]) -> LexicalIndex:
        """Make an empty index in a folder that does not exist yet, or is empty.

        Raises:
            SearchIndexError: The folder cannot be written.
        """
        from tantivy import Index

        with _refusals(folder, "written"):
            folder.mkdir(parents=True, exist_ok=True)
            index = Index(_schema(fields), path=str(folder))
            index.register_tokenizer("words", english_analyzer())
        return cls(folder, fields)

    def replace(self, group_id: int, items: Sequence[LexicalItem]) -> None:
        """Put these items in the place of the group's former ones; visible after :meth:`commit`."""
        from tantivy import Document

        self.remove(group_id)
        with _refusals(self._folder, "written"):
            for item in items:
                document = Document()
                document.add_integer("group", group_id)
                document.add_integer("item", item.id)
                plain = {field: [_plain(text) for text in texts] for field, texts in item.fields.items()}
                for field, texts in plain.items():
                    for text in texts:
                        document.add_text(field, text)
                pairs = [gram for texts in plain.values() for text in texts for gram in grams(text)]
                if pairs:
                    document.add_text("grams", " ".join(pairs))
                self._writer.add_document(document)

    def remove(self, group_id: int) -> None:
        """Drop a group; one that is not there is no error."""
        with _refusals(self._folder, "written"):
            if self._writer is None:
                self._writer = self._index.writer(_WRITER_BYTES, 1)
            self._writer.delete_documents_by_term("group", group_id)

    def commit(self) -> None:
        """Make all changes since the last commit durable and visible, and let go of the writer."""
        if self._writer is None:
            return
        writer, self._writer = self._writer, None
        with _refusals(self._folder, "written"):
            writer.commit()
            writer.wait_merging_threads()

    def discard(self) -> None:
        """Forget the changes since the last commit."""
        writer, self._writer = self._writer, None
        if writer is not None:
            with contextlib.suppress(Exception):
                writer.rollback()

    def __len__(self) -> int:
        """How many items can be found."""
        with self._lock:
            self._refresh()
            return int(self._searcher.num_docs)

    def search(self, query: str, *, top: int, paper_ids: frozenset[int] | None = None) -> list[Scored]:
        """Find at most ``top`` items by BM25, best first; equal scores in order of id.

        Args:
            query: Free text; operators and quotes mean nothing.
            top: At least 1.
            paper_ids: When given, only items of these groups.

        Raises:
            SearchIndexError: The files are damaged.
        """
        with self._lock, _refusals(self._folder, "read"):
            self._refresh()
            wanted = self._query(query)
            if wanted is None or paper_ids == frozenset():
                return []
            if paper_ids is None or len(paper_ids) <= _SET_QUERY_IDS:
                found = self._run(self._restrict(wanted, paper_ids), top)
                items = [(item, score) for item, _, score in found]
            else:
                items = self._run_filtered(wanted, top, paper_ids)
        items.sort(key=lambda pair: (-pair[1], pair[0]))
        return [Scored(id=item, score=score) for item, score in items]

    def _fresh_searcher(self) -> Any:
        stamp = self._stamp()  # before the reload: a commit in between is then seen by the next search
        self._index.reload()
        self._seen = stamp
        return self._index.searcher()

    def _stamp(self) -> tuple[int, int, int]:
        status = (self._folder / "meta.json").stat()
        return status.st_ino, status.st_mtime_ns, status.st_size

    def _refresh(self) -> None:
        """Follow commits of other processes: each replaces ``meta.json``."""
        if self._stamp() != self._seen:
            self._searcher = self._fresh_searcher()

    def _query(self, query: str) -> Any | None:
        from tantivy import Occur, Query

        words = query_terms(query)
        weighted = [(field, weight, words) for field, weight in self._fields.items()]
        weighted.append(("grams", 1.0, query_grams(query)))
        parts = [
            (Occur.Should, Query.boost_query(Query.term_query(self._schema, field, term, "freq"), weight * count))
            for field, weight, terms in weighted
            for term, count in terms.items()
        ]
        return Query.boolean_query(parts) if parts else None

    def _restrict(self, query: Any, paper_ids: frozenset[int] | None) -> Any:
        from tantivy import Occur, Query

        if paper_ids is None:
            return query
        of_papers = Query.term_set_query(self._schema, "group", sorted(paper_ids))
        return Query.boolean_query([(Occur.Must, query), (Occur.Must, Query.const_score_query(of_papers, 0.0))])

    def _run(self, query: Any, limit: int) -> list[tuple[int, int, float]]:
        """Item, group and score of the best results."""
        hits = self._searcher.search(query, limit, count=False).hits
        addresses = [address for _, address in hits]
        items = self._searcher.fast_field_values("item", addresses)
        groups = self._searcher.fast_field_values("group", addresses)
        return [(item, group, score) for item, group, (score, _) in zip(items, groups, hits, strict=True)]

    def _run_filtered(self, query: Any, top: int, paper_ids: frozenset[int]) -> list[tuple[int, float]]:
        """Take ever more results until enough are of these papers: for many papers this ends soon."""
        limit = top * 4
        while True:
            found = self._run(query, limit)
            kept = [(item, score) for item, group, score in found if group in paper_ids]
            if len(kept) >= top or len(found) < limit:
                return kept[:top]
            limit *= 8


def work_fields(title: str, authors: Sequence[str], year: int | None, profile: Sequence[str]) -> dict[str, list[str]]:
    """The fields of a work; ``profile`` are the sentences that cite it, and its abstract."""
    return {"title": [title], "authors": list(authors), "year": [str(year)] if year else [], "profile": list(profile)}


def passage_fields(title: str, text: str) -> dict[str, list[str]]:
    """The fields of a passage; ``title`` is its paper's."""
    return {"title": [title], "text": [text]}


def _plain(text: str) -> str:
    """Composed characters that UTF-8 can hold, without citation marks that are raised digits."""
    return unicodedata.normalize("NFC", without_superscripts(text)).encode("utf-8", "replace").decode("utf-8")


def _schema(fields: Mapping[str, float]) -> Any:
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    builder.add_integer_field("group", indexed=True, fast=True)
    builder.add_integer_field("item", fast=True)
    for field in fields:
        builder.add_text_field(field, tokenizer_name="words", index_option="freq")
    builder.add_text_field("grams", tokenizer_name="whitespace", index_option="freq")
    return builder.build()


@contextlib.contextmanager
def _refusals(folder: Path, verb: str) -> Iterator[None]:
    """Turn what tantivy raises into our error: ValueError, OSError, and panics, which are no Exception."""
    try:
        yield
    except BaseException as error:
        if not isinstance(error, ValueError | OSError | RuntimeError) and type(error).__name__ != "PanicException":
            raise
        hint = "Free disk space, then: galacite reindex" if verb == "written" else "Rebuild it: galacite reindex"
        raise SearchIndexError(f"{folder}: the lexical index cannot be {verb}: {error}", hint=hint) from error
