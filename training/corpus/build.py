"""Build a corpus: papers in, shards of token rows out.

Papers are read in one stream, duplicates left out, each given to its part, and gathered into blocks. A block becomes
one shard: rendered, encoded and packed by a worker, alike in any process and at any time, so that a build that was
stopped goes on with the blocks that are missing and ends with the same files.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from core.errors import InputError
from core.json import to_json
from model.galactica.tokenizer import GalacticaTokenizer
from training.corpus.config import PARTS, CorpusConfig, Part
from training.corpus.crew import Crew, Supplies
from training.corpus.duplicates import Duplicates
from training.corpus.encoding import Block, Packed, marks_of
from training.corpus.records import SourcePaper
from training.corpus.report import REPORT, CorpusReport
from training.corpus.sequences import SourceText
from training.corpus.shards import Manifest, ShardNote, ShardWriter, write_atomically
from training.corpus.sources import PaperSource, part_of_paper
from training.corpus.tally import Tally

_TEXT_BLOCKS = 90_000
_BLOCK_CHARS = 4_000_000
Progress = Callable[[str, int, int], None]


def build_shards(
    sources: Sequence[PaperSource],
    folder: Path,
    *,
    config: CorpusConfig,
    exclude: Sequence[PaperSource] = (),
    texts: Iterable[SourceText] = (),
    replay: Path | None = None,
    workers: int = 1,
    on_progress: Progress,
    expected: int = 0,
) -> CorpusReport:
    """Turn papers into shards below ``folder``, which holds the tokenizer and the spellings of works already.

    Args:
        sources: Papers; parts kept back are read first, so that no paper of theirs is trained on.
        folder: Gets a folder for each part, and the report.
        config: How.
        exclude: Papers that must not be in any part.
        texts: Documents to train on that are no papers.
        replay: Folder of earlier shards whose rows are mixed among those to train on.
        workers: Processes that encode; 1 is this process.
        on_progress: Told the step, papers done and papers expected.
        expected: Number of papers, if known.

    Raises:
        InputError: There are no papers, or no citations to train on.
        StorageError: The disk refuses.
        JobError: A worker died.
    """
    tokenizer = GalacticaTokenizer.load(folder)
    tally = Tally()
    writers = {part: ShardWriter(folder / part, _manifest(part, tokenizer, config)) for part in PARTS}
    notes: dict[Part, dict[int, ShardNote]] = {part: {} for part in PARTS}
    stream = assigned_papers(sources, exclude, config=config, tally=tally)
    blocks = itertools.chain(gathered_texts(texts), gathered(stream, config.papers_per_shard))

    def done(block: Block, packed: Packed) -> None:
        notes[block.part][block.number] = writers[block.part].write(block.number, packed.rows, packed.sources)

    with Crew(Supplies(folder=folder, config=config, replay=replay), workers, done) as crew:
        for block in blocks:
            note = writers[block.part].finished(block.number)
            if note is not None:
                notes[block.part][block.number] = note
            else:
                crew.pack(block)
            on_progress("packing", sum(tally.papers.values()), expected)
    if not tally.papers:
        raise InputError("no papers in these sources", hint="Give files with papers: JSONL, PDF, LaTeX or JATS.")
    manifests = {
        part: writers[part].close([found[number] for number in sorted(found)]) for part, found in notes.items() if found
    }
    report = tally.report(manifests, config=config, tokenizer=tokenizer)
    _check(report)
    tokenizers = (folder / part for part in manifests)
    for place in tokenizers:
        tokenizer.save(place)
    write_atomically(folder / REPORT, to_json(report))
    return report


def assigned_papers(
    sources: Sequence[PaperSource], exclude: Sequence[PaperSource], *, config: CorpusConfig, tally: Tally
) -> Iterator[tuple[Part, SourcePaper]]:
    """Each paper once, with its part: first those that are kept back, so that training never repeats them."""
    known = Duplicates(config.duplicate_similarity)
    for source in exclude:
        for paper in source:
            known.seen(f"{paper.source}/{paper.id}", paper.document)
    order = {"test": 0, "dev": 1, "train": 2}
    for source in sorted(sources, key=lambda source: order.get(source.part or "", 3)):
        for paper in source:
            identity = f"{paper.source}/{paper.id}"
            part = source.part or part_of_paper(paper.document, identity, config)
            repeated = known.seen(identity, paper.document)
            tally.take(part, paper, repeated)
            if not repeated:
                yield part, paper


def gathered(papers: Iterator[tuple[Part, SourcePaper]], size: int) -> Iterator[Block]:
    """Papers in blocks of a part; the last ones may be smaller."""
    held: dict[Part, list[SourcePaper]] = {part: [] for part in PARTS}
    numbers = dict.fromkeys(PARTS, 0)
    for part, paper in papers:
        held[part].append(paper)
        if len(held[part]) == size:
            yield Block(part=part, number=numbers[part], papers=tuple(held[part]))
            numbers[part] += 1
            held[part] = []
    for part in PARTS:
        if held[part]:
            yield Block(part=part, number=numbers[part], papers=tuple(held[part]))


def gathered_texts(texts: Iterable[SourceText]) -> Iterator[Block]:
    """Texts in blocks to train on, numbered apart from those of papers."""
    held: list[SourceText] = []
    number, chars = _TEXT_BLOCKS, 0
    for text in texts:
        held.append(text)
        chars += len(text.text)
        if chars >= _BLOCK_CHARS:
            yield Block(part="train", number=number, texts=tuple(held))
            number, chars, held = number + 1, 0, []
    if held:
        yield Block(part="train", number=number, texts=tuple(held))


def _manifest(part: Part, tokenizer: GalacticaTokenizer, config: CorpusConfig) -> Manifest:
    marks = marks_of(tokenizer)
    return Manifest(
        part=part, form=config.form, row_tokens=config.row_tokens, seed=config.seed, tokenizer=tokenizer.fingerprint,
        pad=marks.pad, start_ref=marks.start_ref, end_ref=marks.end_ref,
    )  # fmt: skip


def _check(report: CorpusReport) -> None:
    if not any(each.citations for each in report.sources):
        raise InputError(
            "no citation in these papers could be linked to a title",
            hint="A model learns to cite from papers with reference lists: check them with galacite parse FILE.",
        )
