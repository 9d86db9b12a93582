"""Measuring of models on corpora: files, or the library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.services.evaluation_sources import (
    LIBRARY,
    NONE,
    SHIPPED,
    TEST_SHARE,
    documents,
    expanded,
    keeping,
    load_model,
    papers_of,
    required_models,
    shown,
    tuned_encoder,
)
from core.errors import InputError

if TYPE_CHECKING:
    from app.settings import Settings
    from core.interfaces import Encoder
    from model.galactica.galactica import Galactica
    from training.evaluate.equations import EquationReport
    from training.evaluate.lineup import Stage
    from training.evaluate.perplexity import PerplexityReport
    from training.evaluate.report import CitationReport
    from training.evaluate.tasks import TaskReport

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationRequest:
    """What to measure: corpus files, patterns of such, or ``library``.

    ``models`` are checkpoints (folders or names), ``encoder`` is the folder of citation-tuned weights; ``shipped``
    stands for what comes with Galacite, ``none`` for none. ``sample`` pairs of the test are asked; 0 asks all.
    ``keep_prior`` stores the strength of the prior that is tuned on dev papers in the checkpoint; ``vectors`` is a
    folder where vectors and priors of titles are kept for the next time.
    """

    train: Sequence[str]
    test: Sequence[str]
    dev: Sequence[str] = ()
    titles: Path | None = None
    models: Sequence[str] = (SHIPPED,)
    encoder: str = SHIPPED
    sample: int = 2_000
    seed: int = 1
    out: Path | None = None
    keep_prior: bool = False
    vectors: Path | None = None


def evaluate_citations(settings: Settings, request: CitationRequest, *, on_progress: Progress) -> CitationReport:
    """Rank the works of all reference lists for the places of the test papers, with every ranker there is.

    Raises:
        InputError: Files are missing or hold nothing to ask.
        ModelError: A model that was named is missing, or one is damaged.
        StorageError: The output folder cannot be written.
    """
    from training.evaluate.candidates import read_titles
    from training.evaluate.citations import DEV_SAMPLE, Names, evaluate_citations
    from training.evaluate.plots import can_draw
    from training.evaluate.questions import prepare, with_notices

    if request.keep_prior and not request.dev:
        raise InputError("--keep-prior: there are no papers to tune the prior on", hint="Name them: --dev FILE")
    parts = [expanded(names, option) for names, option in zip(
        (request.train, request.test, request.dev), ("--train", "--test", "--dev"), strict=True)]  # fmt: skip
    stages, notices = _stages(settings, request)
    if request.out is not None and not can_draw():
        notices.append("no pictures: matplotlib is not installed (pip install 'galacite[training]')")
    halved = LIBRARY in parts[0] and LIBRARY in parts[1]
    if halved:
        notices.append(f"the library is split by paper: {TEST_SHARE:.0%} of it is the test")
    titles = request.titles
    train, test, dev = (
        papers_of(settings, names, part=part if halved else None, seed=request.seed)
        for names, part in zip(parts, ("train", "test", "train"), strict=True)
    )
    exam = prepare(
        train,
        test,
        dev,
        titles=None if titles is None else lambda works: read_titles(titles, works),
        sample=request.sample,
        dev_sample=DEV_SAMPLE,
        seed=request.seed,
        on_progress=on_progress,
    )
    return evaluate_citations(
        with_notices(exam, notices),
        stages,
        names=Names(**dict(zip(("train", "test", "dev"), (tuple(map(shown, names)) for names in parts), strict=True))),
        seed=request.seed,
        out=request.out,
        on_progress=on_progress,
    )


def evaluate_perplexity(
    settings: Settings, models: Sequence[str], data: Sequence[str], *, sample: int, seed: int, on_progress: Progress
) -> list[PerplexityReport]:
    """Score papers, or rows of shards, with each model.

    Args:
        settings: Tell where the library is.
        models: Checkpoints, ``shipped``.
        data: Corpus files, patterns of such, ``library``, or folders of shards.
        sample: So many papers and rows of each folder are drawn; 0 takes all.
        seed: Of the draw.
        on_progress: Told (what, done, total).

    Raises:
        InputError: Files are missing or hold no text.
        ModelError: A model is missing or damaged.
    """
    from training.corpus.shards import MANIFEST
    from training.evaluate.perplexity import measure_perplexity
    from training.evaluate.texts import paper_texts, shard_texts

    loaded = required_models(models)
    folders = [Path(name) for name in data if (Path(name) / MANIFEST).is_file()]
    files = expanded([name for name in data if Path(name) not in folders], "--data")
    texts = paper_texts(papers_of(settings, files, part=None, seed=seed), sample=sample, seed=seed)
    for folder in folders:
        texts += shard_texts(folder, sample=sample, seed=seed)
    return [
        measure_perplexity(model, texts, total=len(texts), on_progress=_named(on_progress, model.name))
        for model in loaded
    ]


def evaluate_equations(
    settings: Settings, models: Sequence[str], data: Sequence[str], *, sample: int, seed: int, on_progress: Progress
) -> list[EquationReport]:
    """Let each model write displayed equations of papers after the text before them.

    Args:
        settings: Tell where the library is, and limits of parsing.
        models: Checkpoints, ``shipped``.
        data: Corpus files, LaTeX sources and other papers, patterns of such, or ``library``.
        sample: So many equations are drawn; 0 takes all.
        seed: Of the draw.
        on_progress: Told (what, done, total).

    Raises:
        InputError: Files are missing, cannot be read, or hold no equations.
        ModelError: A model is missing or damaged.
    """
    from training.evaluate.equations import draw, equations, measure_equations

    loaded = required_models(models)
    found = (
        each for paper, document in documents(settings, expanded(data, "--data")) for each in equations(paper, document)
    )
    asked = draw(found, sample=sample, seed=seed)
    return [measure_equations(model, asked, on_progress=_named(on_progress, model.name)) for model in loaded]


def evaluate_tasks(
    settings: Settings,
    models: Sequence[str],
    tasks: Sequence[str],
    *,
    data: Path | None,
    limit: int,
    seed: int,
    on_progress: Progress,
) -> list[TaskReport]:
    """Let each model do tasks of lm-eval; ``data`` is where those of ours find their questions.

    Raises:
        InputError: lm-eval is not installed, a task is unknown, or its data are missing.
        ModelError: A model is missing or damaged.
    """
    from training.evaluate.tasks import run_tasks

    folder = data or settings.data
    return [
        run_tasks(model, tasks, data=folder, limit=limit, seed=seed, on_progress=_named(on_progress, model.name))
        for model in required_models(models)
    ]


def _named(tell: Progress, name: str) -> Callable[[int, int], None]:
    return lambda done, total: tell(name, done, total)


def _stages(settings: Settings, request: CitationRequest) -> tuple[list[Stage], list[str]]:
    """The rankers that can take part, and what to say of those that cannot."""
    from training.evaluate import lineup
    from training.evaluate.language import language_model

    stages: list[Stage] = [lineup.most_cited, lineup.bm25_titles, lineup.bm25_profiles]
    notices: list[str] = []
    base = _base_encoder(settings)
    if base is None:
        notices.append("FAISS is left out: the text encoder is not installed (galacite models install)")
    else:
        stages.append(lineup.zero_shot(keeping(base, request.vectors)))
        tuned = tuned_encoder(settings, request.encoder)
        if tuned is not None:
            stages.append(lineup.tuned(keeping(tuned, request.vectors)))
        elif request.encoder != NONE:
            notices.append("tuned FAISS is left out: this copy of Galacite comes without its citation encoder")
    models: list[Galactica] = []
    for name in dict.fromkeys(request.models):
        model = load_model(name)
        if model is not None:
            models.append(model)
        elif name != NONE:
            notices.append("the language model is left out: this copy of Galacite comes without it")
    _tell_apart(models)
    rows = [language_model(each, keep_prior=request.keep_prior, kept=request.vectors) for each in models]
    return stages + rows, notices


def _tell_apart(models: Sequence[Galactica]) -> None:
    """Give checkpoints that are called alike the names of their folders: every run leaves one that is called model."""
    names = Counter(model.name for model in models)
    for model in models:
        if names[model.name] > 1:
            model.name = str(model.folder)


def _base_encoder(settings: Settings) -> Encoder | None:
    from model.encoder import SentenceEncoder

    config = settings.encoder_config
    return SentenceEncoder(config) if config.folder.is_dir() else None
