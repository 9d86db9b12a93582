"""From papers to rows: what a worker does with a block of papers."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.galactica.tokenizer import GalacticaTokenizer
from training.corpus.config import CorpusConfig
from training.corpus.forms import Segment, segments
from training.corpus.packing import Marks, pack
from training.corpus.records import SourcePaper
from training.corpus.rendering import Spellings
from training.corpus.shards import Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """The rows of a block, shape (N, T), and what they were made of, by source."""

    rows: NDArray[np.uint16]
    sources: Mapping[str, Counts]


def marks_of(tokenizer: GalacticaTokenizer) -> Marks:
    """The ids that packing needs to know."""
    return Marks(start_ref=tokenizer.start_ref, end_ref=tokenizer.end_ref, pad=tokenizer.pad, eos=tokenizer.eos)


def dice_for(seed: int, *names: str) -> random.Random:
    """Dice that fall the same way for the same names, whatever was made before."""
    return random.Random(f"{seed}/{'/'.join(names)}")  # noqa: S311 - choices, not secrets


def pack_block(
    papers: Sequence[SourcePaper],
    *,
    number: int,
    part: str,
    tokenizer: GalacticaTokenizer,
    spellings: Spellings,
    config: CorpusConfig,
) -> Packed:
    """Render, encode and pack a block of papers; the same input gives the same rows in any process."""
    marks = marks_of(tokenizer)
    documents: list[list[int]] = []
    totals: dict[str, Counts] = {}
    for paper in papers:
        found = segments(paper, spellings, config, dice_for(config.seed, paper.source, paper.id))
        encoded = list(encode_segments(found, tokenizer, row_tokens=config.row_tokens))
        documents += encoded
        counts = Counts(papers=1) + count_tokens(encoded, marks)
        totals[paper.source] = totals.get(paper.source, Counts()) + counts
    seed = zlib.crc32(f"{config.seed}/{part}/{number}".encode())
    rows, left_out = pack(documents, row_tokens=config.row_tokens, marks=marks, seed=seed)
    if left_out:
        first = next(iter(totals))
        totals[first] = totals[first] + Counts(left_out=left_out)
    return Packed(rows=rows, sources=totals)


def count_tokens(documents: Sequence[Sequence[int]], marks: Marks) -> Counts:
    """Tokens with the end of each document, citations and their tokens."""
    citations = inside = tokens = 0
    for document in documents:
        ids = np.asarray(document, dtype=np.int64)
        starts, ends = np.flatnonzero(ids == marks.start_ref), np.flatnonzero(ids == marks.end_ref)
        citations += len(starts)
        inside += int((ends - starts).sum()) if len(starts) == len(ends) else 0
        tokens += len(ids) + 1
    return Counts(citations=citations, tokens=tokens, citation_tokens=inside)


def encode_segments(found: Sequence[Segment], tokenizer: GalacticaTokenizer, *, row_tokens: int) -> Iterator[list[int]]:
    """Token ids of segments, without their end; one too long for a row goes on in parts that repeat its head."""
    heads = tokenizer.encode_batch([segment.head for segment in found])
    blocks = iter(tokenizer.encode_batch([block for segment in found for block in segment.blocks]))
    for segment, head in zip(found, heads, strict=True):
        if len(segment.blocks) == 1:
            yield [*head, *next(blocks)]
            continue
        part = list(head)
        for _ in segment.blocks:
            block = next(blocks)
            if len(part) > len(head) and len(part) + len(block) >= row_tokens:
                yield part
                part = list(head)
            part += block
        yield part
