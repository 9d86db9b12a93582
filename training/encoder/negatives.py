"""Titles that read like the answer and are not: what BM25 finds for a place but its paper does not cite.

Source: hard negatives of dense retrieval, arXiv:2004.04906, section 3.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from indexer.search.analysis import english_analyzer, query_terms
from training.contexts import CitedPlace, CitedWork

_WRITER_BYTES = 128_000_000
_DEPTH = 40
"""Titles looked at for a place: those near the top are the hardest, those below still share its words."""
_QUERY_CHARS = 240


class TitleNegatives:
    """Finds titles near a place that its paper does not cite.

    Args:
        works: All works by key.
        listed: Keys of the reference list of each paper.
    """

    def __init__(self, works: Mapping[str, CitedWork], listed: Mapping[str, frozenset[str]]) -> None:
        from tantivy import Document, Index, SchemaBuilder

        self._listed = listed
        self._keys = sorted(works)
        builder = SchemaBuilder()
        builder.add_text_field("title", tokenizer_name="words", index_option="freq")
        builder.add_integer_field("row", fast=True)
        self._schema: Any = builder.build()
        index = Index(self._schema)
        index.register_tokenizer("words", english_analyzer())
        writer = index.writer(_WRITER_BYTES, 1)
        for row, key in enumerate(self._keys):
            document = Document()
            document.add_text("title", works[key].title)
            document.add_integer("row", row)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._searcher: Any = index.searcher()

    def near(self, place: CitedPlace) -> list[str]:
        """Keys of titles that share words with the text around a place and that its paper cites nowhere, best first."""
        from tantivy import Occur, Query

        terms = query_terms(f"{place.before[-_QUERY_CHARS:]} {place.after[: _QUERY_CHARS // 4]}")
        parts = [(Occur.Should, Query.term_query(self._schema, "title", term, "freq")) for term in terms]
        if not parts:
            return []
        hits = self._searcher.search(Query.boolean_query(parts), _DEPTH, count=False).hits
        rows = self._searcher.fast_field_values("row", [address for _, address in hits])
        keys = [self._keys[row] for row in rows]
        return without_cited(keys, self._listed.get(place.paper, frozenset()) | set(place.targets))


def without_cited(keys: Iterable[str], cited: frozenset[str]) -> list[str]:
    """The keys of works that are not cited, nor another printing of one that is: its title shortened or prolonged."""
    return [key for key in keys if key not in cited and not any(key in other or other in key for other in cited)]
