"""Papers that are there already: the same file twice, versions of one paper, a paper of a part kept back.

Two papers are one when their DOI is the same, when a long title and the first author are, or when their texts share
most runs of five words (MinHash, found through locality-sensitive hashing). Each paper costs about 6 KB of memory.

Source: Broder 1997; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, chapter 3.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from core.records import Document
from core.text import name_key, title_key

if TYPE_CHECKING:
    from datasketch import LeanMinHash

_PERMUTATIONS = 128
_RUN = 5
_MOST_RUNS = 4_000
_MOST_WORDS = 60_000
_LONG_TITLE = 20
_WORD = re.compile(r"[^\W_]+")


class Duplicates:
    """Remembers papers and tells those that came before.

    Args:
        similarity: Jaccard similarity of their runs of words from which two papers are one.
    """

    def __init__(self, similarity: float) -> None:
        from datasketch import MinHashLSH

        self._similarity = similarity
        self._index = MinHashLSH(threshold=similarity, num_perm=_PERMUTATIONS, weights=(0.2, 0.8))
        self._signatures: dict[str, LeanMinHash] = {}
        self._names: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._signatures)

    def seen(self, identity: str, document: Document) -> str:
        """The identity of an earlier paper that this one repeats; else it is remembered and the answer is empty."""
        names = _names(document)
        for name in names:
            if name in self._names:
                return self._names[name]
        signature = _signature(document)
        if signature is not None:
            for candidate in sorted(self._index.query(signature)):
                if signature.jaccard(self._signatures[candidate]) >= self._similarity:
                    return str(candidate)
            self._index.insert(identity, signature, check_duplication=False)
            self._signatures[identity] = signature
        self._names.update(dict.fromkeys(names, identity))
        return ""


def _names(document: Document) -> list[str]:
    names = [f"doi:{document.doi.lower()}"] if document.doi else []
    key = title_key(document.title)
    if len(key) >= _LONG_TITLE and document.authors:
        names.append(f"title:{key}/{name_key(document.authors[0].family)}")
    return names


def _signature(document: Document) -> LeanMinHash | None:
    """A MinHash of runs of words; of many runs those with the least hash values, which any two papers choose alike."""
    from datasketch import LeanMinHash, MinHash

    words = list(islice(_words(document), _MOST_WORDS))
    if len(words) < _RUN:
        return None
    runs = {zlib.crc32(" ".join(words[at : at + _RUN]).encode()) for at in range(len(words) - _RUN + 1)}
    values = np.fromiter(runs, dtype=np.uint64, count=len(runs))
    if len(values) > _MOST_RUNS:
        values = np.sort(values)[:_MOST_RUNS]
    found = MinHash(num_perm=_PERMUTATIONS, hashfunc=int)
    found.update_batch(values.tolist())
    return LeanMinHash(found)


def _words(document: Document) -> Iterator[str]:
    for text in (document.abstract, *(passage.text for passage in document.passages)):
        yield from _WORD.findall(text.lower())
