"""What evaluations read: papers of files and of the library, and models by their names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from glob import glob, has_magic
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError, ModelError

if TYPE_CHECKING:
    from app.settings import Settings
    from core.interfaces import Encoder
    from core.records import Document
    from model.galactica.galactica import Galactica
    from training.corpus.records import SourcePaper

LIBRARY = "library"
SHIPPED = "shipped"
NONE = "none"
TEST_SHARE = 0.2
"""Of a library that is both train and test."""


def expanded(names: Sequence[str], option: str) -> list[str]:
    """Files of names and patterns, each once and in order.

    Raises:
        InputError: One names no file.
    """
    found: list[str] = []
    for name in names:
        if name == LIBRARY:
            found.append(name)
            continue
        matches = sorted(glob(name, recursive=True)) if has_magic(name) else [name]  # noqa: PTH207 - absolute patterns
        files = [match for match in matches if Path(match).is_file()]
        if not files:
            raise InputError(
                f"{name}: no such file",
                hint=f"Name a corpus (.jsonl, .jsonl.xz), or the library: {option} library",
            )
        found += files
    return list(dict.fromkeys(found))


def shown(name: str) -> str:
    """What a file is called in a report: without its folder and what its format adds."""
    return name if name == LIBRARY else Path(name).name.split(".jsonl")[0]


def load_model(name: str) -> Galactica | None:
    """The language model of a folder, or of a name; None for ``none``, and for the shipped one where it is not.

    Raises:
        ModelError: A model that was named is missing or damaged.
    """
    from model.catalogue import SHIPPED_CITATION_MODEL, shipped_weights
    from model.galactica.checkpoint import load_galactica

    if name == NONE:
        return None
    if name in (SHIPPED, SHIPPED_CITATION_MODEL):
        folder = shipped_weights(SHIPPED_CITATION_MODEL)
        return load_galactica(folder) if folder.is_dir() else None
    return load_galactica(name)


def tuned_encoder(settings: Settings, name: str) -> Encoder | None:
    """The encoder with citation-tuned weights over the base; None for ``none``, and for ``shipped`` where it is not.

    Raises:
        ModelError: The folder that was named holds no such weights.
    """
    from model.citation_encoder import SHIPPED as SHIPPED_FOLDER
    from model.citation_encoder import CitationEncoder

    folder = SHIPPED_FOLDER if name == SHIPPED else Path(name)
    if name == NONE or (name == SHIPPED and not folder.is_dir()):
        return None
    encoder = CitationEncoder(settings.encoder_config, folder)
    _ = encoder.name  # says at once when these are no such weights
    return encoder


def keeping(encoder: Encoder, folder: Path | None) -> Encoder:
    """The encoder itself, or one that keeps its vectors in a folder."""
    from training.evaluate.vectors import KeptVectors

    return encoder if folder is None else KeptVectors(encoder, folder)


def required_models(names: Sequence[str]) -> list[Galactica]:
    """The models of these names, at least one.

    Raises:
        ModelError: One is missing.
    """
    found = [load_model(name) for name in names]
    models = [model for model in found if model is not None]
    if not models or len(models) < len(found):
        raise ModelError("this copy of Galacite comes without its language model", hint="Name one: --model FOLDER")
    return models


def papers_of(settings: Settings, names: Sequence[str], *, part: str | None, seed: int) -> Iterator[SourcePaper]:
    """The papers of files and of the library, of which only a part is taken when one is named."""
    from training.corpus.config import CorpusConfig
    from training.corpus.records import read_papers
    from training.corpus.sources import part_of_paper

    split = CorpusConfig(seed=seed, test_share=TEST_SHARE, dev_share=0.0)
    for name in names:
        if name != LIBRARY:
            yield from read_papers(Path(name))
            continue
        for paper in _library(settings):
            if part is None or part_of_paper(paper.document, paper.id, split) == part:
                yield paper


def _library(settings: Settings) -> Iterator[SourcePaper]:
    from app.services.library_corpus import library_papers
    from app.wiring import open_library

    galacite = open_library(settings)
    try:
        yield from library_papers(galacite.database)
    finally:
        galacite.close()


def documents(settings: Settings, names: Sequence[str]) -> Iterator[tuple[str, Document]]:
    """The papers of corpus files and of the library, and those that files of any other format hold.

    Raises:
        InputError: A file cannot be read.
    """
    from indexer.pdf.isolated import IsolatedParser

    with IsolatedParser(settings.parser_limits) as parser:
        for name in names:
            if name == LIBRARY or Path(name).name.endswith((".jsonl", ".jsonl.xz")):
                for paper in papers_of(settings, [name], part=None, seed=0):
                    yield f"{paper.source}/{paper.id}", paper.document
            else:
                yield Path(name).name, parser.parse(Path(name))
