"""Texts to measure perplexity on: papers in the form of the corpus, or the rows of shards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from training.contexts import cited_works
from training.corpus.records import SourcePaper
from training.corpus.rendering import Spellings, render_document
from training.corpus.shards import ShardSet

if TYPE_CHECKING:
    from model.galactica.tokenizer import GalacticaTokenizer


def paper_texts(papers: Iterable[SourcePaper], *, sample: int, seed: int) -> list[str]:
    """Papers as Galactica reads them, each with all of its text; a sample without replacement, or all for 0."""
    held = list(papers)
    works = Spellings.of(cited_works(held))
    return [render_document(held[index].document, works) for index in _drawn(len(held), sample, seed)]


def shard_texts(folder: Path, *, sample: int, seed: int) -> list[str]:
    """The rows of shards as text, without padding: another tokenizer reads them as well.

    Raises:
        InputError: The shards are damaged.
        ModelError: Their tokenizer is missing.
    """
    from model.galactica.tokenizer import GalacticaTokenizer

    shards = ShardSet.open(folder)
    tokenizer = GalacticaTokenizer.load(folder)
    return list(_rows(shards, tokenizer, _drawn(shards.rows, sample, seed)))


def _rows(shards: ShardSet, tokenizer: GalacticaTokenizer, chosen: Iterable[int]) -> Iterator[str]:
    for number in chosen:
        row = shards[number]
        yield tokenizer.decode(row[row != shards.manifest.pad].tolist())


def _drawn(count: int, sample: int, seed: int) -> list[int]:
    if not 0 < sample < count:
        return list(range(count))
    return sorted(np.random.default_rng(seed).choice(count, size=sample, replace=False).tolist())
