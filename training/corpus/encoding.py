"""From papers to rows: what a worker does with a block of papers."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from model.galactica.tokenizer import GalacticaTokenizer
from training.corpus.config import CorpusConfig, Part
from training.corpus.forms import Segment, segments
from training.corpus.packing import Marks, citation_mask, pack
from training.corpus.prompts import Prompt, PromptBox
from training.corpus.records import SourcePaper
from training.corpus.rendering import Spellings
from training.corpus.sequences import SourceText
from training.corpus.shards import Counts, ShardSet

_MOST_TOO_LONG = 200
"""Prompts in a row that are too long for a row of tokens: none will fit."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Papers and texts that become one shard."""

    part: Part
    number: int
    papers: tuple[SourcePaper, ...] = ()
    texts: tuple[SourceText, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """What turns blocks into rows; alike in all processes.

    ``prompts`` come from elsewhere than papers; ``replay`` are the rows of an earlier corpus to mix in.
    """

    tokenizer: GalacticaTokenizer
    spellings: Spellings
    config: CorpusConfig
    prompts: Sequence[Prompt] = ()
    replay: ShardSet | None = None

    def pack(self, block: Block) -> Packed:
        """Render, encode and pack a block; the same block gives the same rows, whatever came before."""
        dice = dice_for(self.config.seed, block.part, str(block.number))
        gathered = _Documents(marks_of(self.tokenizer), self.config.row_tokens)
        for paper in block.papers:
            found = segments(paper, self.spellings, self.config, dice_for(self.config.seed, paper.source, paper.id))
            encoded = list(encode_segments(found, self.tokenizer, row_tokens=self.config.row_tokens))
            licences = (paper.licence,) if paper.licence else ()
            gathered.take(paper.source, encoded, Counts(papers=1, licences=licences))
        texts = self.tokenizer.encode_batch([each.text for each in block.texts])
        for text, ids in zip(block.texts, texts, strict=True):
            gathered.take(text.source, [ids], Counts(papers=1))
        if block.part == "train" and self.config.prompt_ratio:
            self._mix_prompts(gathered, block, dice)
        rows = pack(
            gathered.documents, row_tokens=self.config.row_tokens, marks=gathered.marks, seed=dice.getrandbits(32)
        )
        if block.part == "train" and self.replay is not None:
            rows = self._mix_replay(rows, gathered, dice)
        return Packed(rows=rows, sources=gathered.totals)

    def _mix_prompts(self, gathered: _Documents, block: Block, dice: random.Random) -> None:
        """Add prompts until they are their share of the tokens; those too long for a row are passed over."""
        share = self.config.prompt_ratio / (1 - self.config.prompt_ratio)
        budget = share * sum(counts.tokens for counts in gathered.totals.values())
        too_long = 0
        for prompt in PromptBox([paper.document for paper in block.papers], list(self.prompts), dice):
            if budget <= 0 or too_long > _MOST_TOO_LONG:
                return
            ids = self.tokenizer.encode(prompt.text)
            if len(ids) < self.config.row_tokens:
                gathered.take(f"prompts/{prompt.kind}", [ids], Counts(prompts=1))
                budget -= len(ids) + 1
                too_long = 0
            else:
                too_long += 1

    def _mix_replay(self, rows: NDArray[np.uint16], gathered: _Documents, dice: random.Random) -> NDArray[np.uint16]:
        """Put rows of the earlier corpus among the new ones, so that they are their share of all."""
        if self.replay is None or not self.replay.rows:
            return rows
        count = round(len(rows) * self.config.replay_ratio / (1 - self.config.replay_ratio))
        chosen = [self.replay[dice.randrange(self.replay.rows)] for _ in range(count)]
        marks = gathered.marks
        for row in chosen:
            inside = citation_mask(row, start=marks.start_ref, end=marks.end_ref)
            gathered.add("replay", Counts(
                citations=int((row == marks.end_ref).sum()), tokens=int((row != marks.pad).sum()),
                citation_tokens=int(inside.sum()),
            ))  # fmt: skip
        mixed = np.concatenate([rows, np.stack(chosen)]) if chosen else rows
        order = list(range(len(mixed)))
        dice.shuffle(order)
        return np.ascontiguousarray(mixed[order])


@dataclass(slots=True)
class _Documents:
    """Encoded documents of a block, counted by source."""

    marks: Marks
    row_tokens: int
    documents: list[list[int]] = field(default_factory=list)
    totals: dict[str, Counts] = field(default_factory=dict)

    def take(self, source: str, documents: Sequence[list[int]], counts: Counts) -> None:
        """Keep documents of a source; ``counts`` adds what their tokens do not tell."""
        self.documents += documents
        self.add(source, counts + count_tokens(documents, self.marks, row_tokens=self.row_tokens))

    def add(self, source: str, counts: Counts) -> None:
        """Count for a source."""
        self.totals[source] = self.totals.get(source, Counts()) + counts


def count_tokens(documents: Sequence[Sequence[int]], marks: Marks, *, row_tokens: int) -> Counts:
    """Tokens with the end of each document, citations and their tokens, without citations too long for a row."""
    total = Counts()
    for document in documents:
        ids = np.asarray(document, dtype=np.int64)
        lengths = np.flatnonzero(ids == marks.end_ref) - np.flatnonzero(ids == marks.start_ref) + 1
        fit = lengths[lengths <= row_tokens]
        total += Counts(
            citations=len(fit),
            tokens=len(ids) + 1 - int(lengths.sum() - fit.sum()),
            citation_tokens=int(fit.sum()) - len(fit),
            left_out=len(lengths) - len(fit),
        )
    return total


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
