"""Corpora to train on, from whatever holds papers: files to parse, corpus files, the library."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.paths import expand_paths
from app.services.library_corpus import LibrarySource
from app.services.parsing import default_workers, parse_files
from core.errors import InputError
from indexer.config import ParserLimits

if TYPE_CHECKING:
    from indexer.database import Database
    from training.corpus.config import CorpusConfig
    from training.corpus.make import Ingredients
    from training.corpus.prompts import Prompt
    from training.corpus.report import CorpusReport
    from training.corpus.sequences import SourceText
    from training.corpus.shelf import ShelvedPaper
    from training.corpus.sources import PaperSource

Progress = Callable[[str, int, int], None]
_CORPUS_ENDINGS = (".jsonl", ".jsonl.xz")
_SOURCE = "files"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusRequest:
    """What a corpus is to be made of, as the user named it.

    ``sources`` are corpus files (.jsonl, .jsonl.xz), papers to parse, and folders of PDFs; ``exclude`` corpus files
    whose papers are kept out. ``smiles``, ``amino`` and ``dna`` are files of molecules and sequences. ``scitldr`` and
    ``pubmedqa`` are data sets of tasks. ``replay`` are earlier shards.
    """

    sources: Sequence[str]
    out: Path
    exclude: Sequence[Path] = ()
    smiles: Sequence[Path] = ()
    amino: Sequence[Path] = ()
    dna: Sequence[Path] = ()
    scitldr: Path | None = None
    pubmedqa: Path | None = None
    tokenizer: Path | None = None
    vocabulary: int = 16_384
    replay: Path | None = None
    workers: int | None = None


def build_corpus(
    request: CorpusRequest,
    config: CorpusConfig,
    *,
    limits: ParserLimits,
    database: Database | None = None,
    on_progress: Progress,
) -> CorpusReport:
    """Build a corpus, or go on with one that was stopped.

    Args:
        request: What to make it of.
        config: How.
        limits: What parsing a file may cost.
        database: A library whose papers come in as well.
        on_progress: Told the step, papers done, papers in all (0 while unknown).

    Raises:
        InputError: A source is missing or no source, nothing is left to learn from, or what trains is not installed.
        StorageError: The disk refuses.
        JobError: A process died, or none could be started.
    """
    try:
        from training.corpus.make import make_corpus

        workers = request.workers or default_workers()
        ingredients = _ingredients(request, limits=limits, workers=workers, database=database, on_progress=on_progress)
        return make_corpus(ingredients, request.out, config=config, workers=workers, on_progress=on_progress)
    except ModuleNotFoundError as error:
        raise InputError(f"{error.name}: not installed", hint="pip install 'galacite[training]'") from error


def report_corpus(folder: Path) -> CorpusReport:
    """What a finished corpus holds.

    Raises:
        InputError: There is none.
    """
    from training.corpus.report import read_report

    return read_report(folder)


def _ingredients(
    request: CorpusRequest, *, limits: ParserLimits, workers: int, database: Database | None, on_progress: Progress
) -> Ingredients:
    from training.corpus.make import Ingredients
    from training.corpus.sources import CorpusFile

    corpora = [Path(name) for name in request.sources if name.endswith(_CORPUS_ENDINGS)]
    files = expand_paths([name for name in request.sources if not name.endswith(_CORPUS_ENDINGS)])
    sequences = [*request.smiles, *request.amino, *request.dna]
    for path in (*corpora, *request.exclude, *sequences):
        if not path.is_file():
            raise InputError(f"{path}: no such file", hint="Check the path.")
    papers: list[PaperSource] = [CorpusFile(path) for path in corpora]
    if files:
        papers.append(_parsed(files, request.out, limits=limits, workers=workers, on_progress=on_progress))
    if database is not None:
        papers.append(LibrarySource(database))
    if not papers:
        raise InputError(
            "no papers in these sources", hint="Name corpus files, papers or folders of PDFs; or --library."
        )
    return Ingredients(
        papers=papers,
        exclude=[CorpusFile(path) for path in request.exclude],
        texts=_texts(request),
        prompts=_prompts(request),
        tokenizer=request.tokenizer,
        vocabulary=request.vocabulary,
        replay=request.replay,
        stamps=[_origin(path) for path in sequences],
    )


def _parsed(
    files: Sequence[Path], folder: Path, *, limits: ParserLimits, workers: int, on_progress: Progress
) -> PaperSource:
    """Papers that are parsed when they are first needed, each file in a process of its own."""
    from training.corpus.records import SourcePaper
    from training.corpus.shelf import Shelf, ShelvedPaper

    origins = {_origin(path): path for path in files}

    def supply(known: Container[str]) -> Iterator[ShelvedPaper]:
        missing = {origin: path for origin, path in origins.items() if origin not in known}
        done, failed = len(origins) - len(missing), 0
        results = parse_files(missing.values(), limits=limits, workers=min(workers, max(len(missing), 1)))
        for origin, result in zip(missing, results, strict=True):
            done += 1
            on_progress("parsing", done, len(origins))
            paper = None
            if result.document is not None:
                paper = SourcePaper(id=result.file, source=_SOURCE, licence="", document=result.document)
            elif result.error is not None:
                failed += 1
                _log.warning("left out: %s", result.error.in_full)
            yield ShelvedPaper(origin=origin, paper=paper)
        if failed == len(origins):
            raise InputError(f"none of {failed} files could be read", hint="Look at one: galacite parse FILE")

    return Shelf(folder / f"{_SOURCE}.jsonl", origins=origins, supply=supply)


def _texts(request: CorpusRequest) -> Iterator[SourceText]:
    from training.corpus.sequences import read_sequences

    return itertools.chain(
        *(read_sequences(path, "smiles") for path in request.smiles),
        *(read_sequences(path, "amino") for path in request.amino),
        *(read_sequences(path, "dna") for path in request.dna),
    )


def _prompts(request: CorpusRequest) -> list[Prompt]:
    from training.corpus.prompts import pubmedqa_prompts, scitldr_prompts

    prompts: list[Prompt] = []
    if request.scitldr is not None:
        prompts += scitldr_prompts(request.scitldr)
    if request.pubmedqa is not None:
        prompts += pubmedqa_prompts(request.pubmedqa)
    return prompts


def _origin(path: Path) -> str:
    """A file as it is now."""
    try:
        status = path.stat()
    except OSError:
        return f"{path.absolute()}:missing"
    return f"{path.absolute()}:{status.st_size}:{status.st_mtime_ns}"
