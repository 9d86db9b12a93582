"""Training and measuring of what joins the rankers of suggestions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from app.services.evaluation_sources import (
    NONE,
    SHIPPED,
    expanded,
    keeping,
    load_model,
    papers_of,
    shown,
    tuned_encoder,
)
from core.errors import ModelError

if TYPE_CHECKING:
    from app.settings import Settings
    from training.corpus.records import SourcePaper
    from training.evaluate.questions import Exam
    from training.suggest.collection import TopicReport
    from training.suggest.evaluate import Setup, SuggestReport
    from training.suggest.learn import Learnt

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionRequest:
    """What takes part, and corpus files to know works from (``train``) and to ask about (``asked``).

    ``model`` is a checkpoint, ``encoder`` the folder of tuned weights, ``ranker`` that of the weights that join;
    ``shipped`` stands for what comes with Galacite, ``none`` for no language model. ``sample`` pairs are asked; 0 asks
    all. ``vectors`` is a folder where vectors are kept for the next time.
    """

    train: Sequence[str] = ()
    asked: Sequence[str] = ()
    model: str = SHIPPED
    encoder: str = SHIPPED
    ranker: str = SHIPPED
    sample: int = 2_000
    seed: int = 1
    vectors: Path | None = None


def train_suggestions(
    settings: Settings, request: SuggestionRequest, *, out: Path, command: str, on_progress: Progress
) -> Learnt:
    """Learn how to join the rankers from the places of dev papers, and write the weights.

    Half of the sample is asked of all works, half of a small library.

    Raises:
        InputError: Files are missing or hold nothing to ask.
        ModelError: A model is missing or damaged.
        StorageError, SearchIndexError: A folder cannot be written.
    """
    from training.suggest.learn import Lesson, all_lists, learn, partly_untitled, small_exam
    from training.suggest.ship import ship

    setup = _setup(settings, request)
    train, dev = _papers(settings, request)
    half = request.sample // 2
    small = small_exam(train, dev, sample=half, seed=request.seed, on_progress=on_progress)
    whole = _exam(settings, replace(request, sample=half), on_progress)
    lessons = []
    for exam in map(partly_untitled, (small, whole)):
        with TemporaryDirectory() as folder:
            lists = all_lists(exam, setup.encoder, setup.model, Path(folder), on_progress, request.vectors)
        lessons.append(Lesson(exam=exam, lists=lists))
    learnt = learn(lessons, on_progress)
    ship(out, learnt, dev=[shown(name) for name in request.asked], command=command)
    return learnt


def evaluate_suggestions(
    settings: Settings, request: SuggestionRequest, *, out: Path | None, on_progress: Progress
) -> SuggestReport:
    """Measure suggestions on test papers, beside the baselines.

    Raises:
        InputError: Files are missing or hold nothing to ask.
        ModelError: A model is missing or damaged.
        StorageError, SearchIndexError: A folder cannot be written.
    """
    from model.encoder import SentenceEncoder
    from training.evaluate import lineup
    from training.evaluate.citations import Names
    from training.suggest.evaluate import evaluate_suggestions

    setup = _setup(settings, request)
    base = keeping(SentenceEncoder(settings.encoder_config), request.vectors)
    with TemporaryDirectory() as folder:
        return evaluate_suggestions(
            _exam(settings, request, on_progress),
            setup,
            [lineup.bm25_titles, lineup.bm25_profiles, lineup.zero_shot(base)],
            names=Names(train=tuple(map(shown, request.train)), test=tuple(map(shown, request.asked))),
            seed=request.seed,
            folder=Path(folder),
            out=out,
            on_progress=on_progress,
        )


def evaluate_topics(
    settings: Settings, request: SuggestionRequest, *, topics: Path, on_progress: Progress
) -> list[TopicReport]:
    """Measure suggestions on the topics of a collection: a folder, whose records are the candidates.

    Raises:
        InputError: The folder holds no such collection.
        ModelError: A model is missing or damaged.
        SearchIndexError: A folder cannot be written.
    """
    from training.suggest.collection import evaluate_topics
    from training.suggest.topics import KINDS, read_records, read_topics

    with TemporaryDirectory() as folder:
        return evaluate_topics(
            read_records(topics),
            {kind: read_topics(topics, kind) for kind in KINDS},
            _setup(settings, request),
            Path(folder),
            seed=request.seed,
            tell=on_progress,
        )


def _exam(settings: Settings, request: SuggestionRequest, tell: Progress) -> Exam:
    from training.evaluate.questions import prepare

    train, asked = _papers(settings, request)
    return prepare(
        train,
        asked,
        sample=request.sample,
        dev_sample=0,
        seed=request.seed,
        on_progress=tell,
    )


def _papers(settings: Settings, request: SuggestionRequest) -> tuple[Iterator[SourcePaper], Iterator[SourcePaper]]:
    """The papers to know works from, and those to ask about, read while iterating."""
    train, asked = expanded(request.train, "--train"), expanded(request.asked, "--test")
    return (
        papers_of(settings, train, part=None, seed=request.seed),
        papers_of(settings, asked, part=None, seed=request.seed),
    )


def _setup(settings: Settings, request: SuggestionRequest) -> Setup:
    from model.suggestion_ranker import SHIPPED as SHIPPED_RANKER
    from model.suggestion_ranker import SuggestionRanker
    from training.suggest.evaluate import Setup

    encoder = tuned_encoder(settings, request.encoder)
    if encoder is None:
        raise ModelError("suggestions need the tuned encoder", hint="Name its folder: --encoder FOLDER")
    model = load_model(request.model)
    if model is None and request.model != NONE:
        raise ModelError("this copy of Galacite comes without its language model", hint="Leave it out: --model none")
    ranker = SHIPPED_RANKER if request.ranker == SHIPPED else Path(request.ranker)
    return Setup(
        encoder=keeping(encoder, request.vectors), model=model, ranker=SuggestionRanker(ranker), kept=request.vectors
    )
