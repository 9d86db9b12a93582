"""The whole way from sources to a corpus: survey, tokenizer, shards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.errors import InputError
from core.json import to_json
from model.galactica.tokenizer import TOKENIZER_NAME, GalacticaTokenizer
from training.corpus.build import Progress, build_shards
from training.corpus.config import CorpusConfig
from training.corpus.records import SourcePaper
from training.corpus.report import CorpusReport
from training.corpus.shards import write_atomically
from training.corpus.sources import PaperSource, part_of_paper
from training.corpus.survey import WORKS, survey, write_works

BUILD = "build.json"


def make_corpus(
    sources: Sequence[PaperSource],
    folder: Path,
    *,
    config: CorpusConfig,
    vocabulary: int = 16_384,
    tokenizer: Path | None = None,
    exclude: Sequence[PaperSource] = (),
    workers: int = 1,
    on_progress: Progress,
) -> CorpusReport:
    """Make a corpus from papers, or go on with one that was stopped.

    Args:
        sources: The papers.
        folder: Of the corpus: ``tokenizer.json``, ``works.json``, ``report.json`` and a folder of shards for each part.
        config: How papers become rows.
        vocabulary: Size of the tokenizer to train, when none is given.
        tokenizer: Folder of a tokenizer to use.
        exclude: Papers to keep out.
        workers: Processes that encode.
        on_progress: Told the step, papers done, papers in all (0 while unknown).

    Raises:
        InputError: Nothing to learn from, or the folder holds another corpus.
        ModelError: The tokenizer is none.
        StorageError: The disk refuses.
    """
    if not sources:
        raise InputError("no sources", hint="Name files with papers.")
    _claim(folder, sources, exclude, config, vocabulary=vocabulary, tokenizer=tokenizer)
    expected = 0
    if not (folder / WORKS).is_file() or not (folder / TOKENIZER_NAME).is_file():
        expected = _prepare(sources, folder, config, vocabulary, tokenizer, on_progress)
    return build_shards(
        sources, folder, config=config, exclude=exclude, workers=workers, on_progress=on_progress, expected=expected
    )


def _claim(
    folder: Path,
    sources: Sequence[PaperSource],
    exclude: Sequence[PaperSource],
    config: CorpusConfig,
    *,
    vocabulary: int,
    tokenizer: Path | None,
) -> None:
    """Mark the folder as that of this build; what it holds of another cannot be gone on with."""
    known = GalacticaTokenizer.load(tokenizer).fingerprint if tokenizer is not None else str(vocabulary)
    stamps = [*(source.stamp for source in sources), "without", *(source.stamp for source in exclude)]
    told = hashlib.sha256("\n".join([to_json(config), known, *stamps]).encode()).hexdigest()
    path = folder / BUILD
    if not path.is_file():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InputError(f"{folder}: not empty", hint="Name a new folder.")
        write_atomically(path, told)
    elif path.read_text(encoding="utf-8", errors="replace") != told:
        raise InputError(
            f"{folder}: holds a corpus of other sources, settings or tokenizer",
            hint="Name another folder, or remove it.",
        )


def _prepare(
    sources: Sequence[PaperSource],
    folder: Path,
    config: CorpusConfig,
    vocabulary: int,
    tokenizer: Path | None,
    on_progress: Progress,
) -> int:
    """Survey the papers to train on; write spellings and tokenizer. Returns the number of papers in all parts."""
    seen = 0

    def to_train_on() -> Iterator[SourcePaper]:
        nonlocal seen
        for source in sources:
            for paper in source:
                seen += 1
                on_progress("survey", seen, 0)
                identity = f"{paper.source}/{paper.id}"
                if (source.part or part_of_paper(paper.document, identity, config)) == "train":
                    yield paper

    found = survey(to_train_on(), sample_chars=config.sample_chars, seed=config.seed)
    if not found.papers:
        raise InputError("no papers to train on in these sources", hint="Give train parts, or lower --dev-share.")
    if tokenizer is None:
        on_progress("tokenizer", 0, 0)
        learned = GalacticaTokenizer.train(found.sample, vocabulary)
    else:
        learned = GalacticaTokenizer.load(tokenizer)
    learned.save(folder)
    write_works(folder, found.works)
    return seen
