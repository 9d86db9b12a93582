"""The whole way from sources to a corpus: survey, tokenizer, shards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError
from core.json import to_json
from model.galactica.tokenizer import GalacticaTokenizer
from training.corpus.build import Progress, build_shards
from training.corpus.config import MOST_TOKENS, CorpusConfig
from training.corpus.crew import open_replay
from training.corpus.prompts import Prompt, write_prompts
from training.corpus.records import SourcePaper
from training.corpus.report import CorpusReport
from training.corpus.sequences import SourceText
from training.corpus.shards import write_atomically
from training.corpus.sources import PaperSource, part_of_paper
from training.corpus.survey import WORKS, survey, write_works

BUILD = "build.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredients:
    """What a corpus is made of.

    ``papers`` are read, those of ``exclude`` kept out; ``texts`` are documents that are no papers, to train on.
    ``prompts`` are tasks beside those that papers give. ``tokenizer`` is the folder of one to use instead of training
    one of ``vocabulary`` tokens. ``replay`` is a folder of earlier shards, whose tokenizer is used unless one is given.
    """

    papers: Sequence[PaperSource]
    exclude: Sequence[PaperSource] = ()
    texts: Iterable[SourceText] = ()
    prompts: Sequence[Prompt] = ()
    tokenizer: Path | None = None
    vocabulary: int = 16_384
    replay: Path | None = None
    stamps: Sequence[str] = ()
    """Change when ``texts`` do."""

    @property
    def known_tokenizer(self) -> Path | None:
        """The folder of the tokenizer to use, if it is there already."""
        return self.tokenizer or self.replay


def make_corpus(
    ingredients: Ingredients, folder: Path, *, config: CorpusConfig, workers: int = 1, on_progress: Progress
) -> CorpusReport:
    """Make a corpus, or go on with one that was stopped.

    Args:
        ingredients: Papers and what goes with them.
        folder: Of the corpus: ``tokenizer.json``, ``works.json``, ``report.json`` and a folder of shards for each part.
        config: How papers become rows.
        workers: Processes that encode.
        on_progress: Told the step, papers done, papers in all (0 while unknown).

    Raises:
        InputError: Nothing to learn from, the folder holds another corpus, or earlier shards do not fit.
        ModelError: The tokenizer is none.
        StorageError: The disk refuses.
    """
    if not ingredients.papers:
        raise InputError("no sources", hint="Name files with papers.")
    if ingredients.vocabulary > MOST_TOKENS:
        raise InputError(
            f"a vocabulary of {ingredients.vocabulary:,} tokens", hint=f"At most {MOST_TOKENS:,} fit rows."
        )
    if ingredients.replay is not None and ingredients.known_tokenizer is not None:
        open_replay(ingredients.replay, GalacticaTokenizer.load(ingredients.known_tokenizer), config)
    _claim(folder, ingredients, config)
    expected = 0
    if not (folder / WORKS).is_file():
        expected = _prepare(folder, ingredients, config, on_progress)
    return build_shards(
        ingredients.papers, folder, config=config, exclude=ingredients.exclude, texts=ingredients.texts,
        replay=ingredients.replay, workers=workers, on_progress=on_progress, expected=expected,
    )  # fmt: skip


def _claim(folder: Path, ingredients: Ingredients, config: CorpusConfig) -> None:
    """Mark the folder as that of this build; one that holds another corpus cannot be gone on with."""
    told = _fingerprint(ingredients, config)
    path = folder / BUILD
    if not path.is_file():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InputError(f"{folder}: not empty", hint="Name a new folder.")
        write_atomically(path, told)
    elif path.read_text(encoding="utf-8", errors="replace") != told:
        raise InputError(
            f"{folder}: holds a corpus of other sources, settings or tokenizer",
            hint="Name another folder, or remove this one.",
        )


def _fingerprint(ingredients: Ingredients, config: CorpusConfig) -> str:
    known = str(ingredients.vocabulary)
    if ingredients.known_tokenizer is not None:
        known = GalacticaTokenizer.load(ingredients.known_tokenizer).fingerprint
    parts = [to_json(config), known, str(ingredients.replay), *ingredients.stamps]
    parts += [source.stamp for source in ingredients.papers] + ["without"]
    parts += [source.stamp for source in ingredients.exclude] + [prompt.text for prompt in ingredients.prompts]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()


def _prepare(folder: Path, ingredients: Ingredients, config: CorpusConfig, on_progress: Progress) -> int:
    """Survey the papers to train on; write tokenizer, prompts and spellings. Returns the number of papers in all."""
    seen = 0

    def to_train_on() -> Iterator[SourcePaper]:
        nonlocal seen
        for source in ingredients.papers:
            for paper in source:
                seen += 1
                on_progress("survey", seen, 0)
                identity = f"{paper.source}/{paper.id}"
                if (source.part or part_of_paper(paper.document, identity, config)) == "train":
                    yield paper

    found = survey(to_train_on(), sample_chars=config.sample_chars, seed=config.seed)
    if not seen:
        raise InputError("no papers in these sources", hint="Give files with papers: JSONL, PDF, LaTeX or JATS.")
    if not found.papers:
        raise InputError("no papers to train on in these sources", hint="Give train parts, or lower --dev-share.")
    if ingredients.known_tokenizer is None:
        on_progress("tokenizer", 0, 0)
        tokenizer = GalacticaTokenizer.train(found.sample, ingredients.vocabulary)
    else:
        tokenizer = GalacticaTokenizer.load(ingredients.known_tokenizer)
    tokenizer.save(folder)
    write_prompts(folder, list(ingredients.prompts))
    write_works(folder, found.works)  # last: a build that finds it does not prepare again
    return seen
