"""From corpus files to the shipped encoder: pairs, training, figures on development parts, card."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.errors import InputError
from model.citation_encoder import QUERY_TOKENS, CitationEncoder
from model.config import EncoderConfig
from model.encoder import SentenceEncoder, weights_digest
from training.corpus.records import read_papers
from training.encoder.measure import Encode, Found, Part, measure, read_part
from training.encoder.network import TrainedEncoder
from training.encoder.pairs import CitationPairs, read_pairs
from training.encoder.recipe import EncoderRecipe
from training.encoder.ship import CardFacts, Lesson, ship
from training.encoder.train import RunOptions, train_encoder

Progress = Callable[[str, int, int], None]
_GLIMPSE_PLACES = 100
_GLIMPSE_WORKS = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningRequest:
    """What to learn from and where results go.

    ``shares`` tell how often each of ``train`` is drawn from; in proportion to their places when empty. ``run`` keeps
    the state of the training, ``out`` becomes the folder of the tuned layers. ``command`` is noted in the card.
    """

    train: Sequence[Path]
    dev: Sequence[Path] = ()
    shares: Sequence[float] = ()
    run: Path
    out: Path
    budget_s: float | None = None
    lanes: int = 1
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningReport:
    """What a tuning came to; figures are by development part, and there are none until all steps are done."""

    step: int
    steps: int
    seconds: float
    loss: float | None
    places: int
    works: int
    out: str = ""
    name: str = ""
    before: dict[str, Found] = field(default_factory=dict)
    found: dict[str, Found] = field(default_factory=dict)


def tune(base: EncoderConfig, recipe: EncoderRecipe, request: TuningRequest, *, on_progress: Progress) -> TuningReport:
    """Train or resume; once all steps are done, ship the tuned layers and measure them beside their base.

    Raises:
        InputError: A file is no corpus, there are no pairs, or the run's folder holds another training.
        ModelError: The base is not installed or no BERT, or the loss is not finite.
        StorageError: The disk refuses.
    """
    _check(request)
    weights_digest(base.folder)  # a missing base is told before minutes of reading
    pairs = read_pairs(
        [read_papers(path) for path in request.train],
        shares=request.shares,
        on_paper=lambda done: on_progress("reading papers", done, 0),
    )
    parts = [read_part(read_papers(path), pairs.works, seed=recipe.seed) for path in request.dev]
    options = RunOptions(
        folder=request.run,
        budget_s=request.budget_s,
        lanes=request.lanes,
        on_step=lambda done, total: on_progress("training", done, total),
        on_checkpoint=_glimpses(parts, pairs, recipe),
    )
    encoder, run = train_encoder(base.folder, pairs, recipe, options)
    report = TuningReport(
        step=run.step, steps=run.steps, seconds=run.seconds, loss=run.loss, works=len(pairs.works),
        places=sum(len(source.places) for source in pairs.sources),
    )  # fmt: skip
    if not run.finished:
        return report
    plain = SentenceEncoder(replace(base, max_tokens=QUERY_TOKENS))
    before = _measured(parts, pairs, plain.encode, "the base", on_progress)
    found = _measured(parts, pairs, encoder.encode, "the tuned encoder", on_progress)
    facts = CardFacts(recipe=recipe, lessons=_lessons(pairs), command=request.command, found=found, before=before)
    ship(base.folder, encoder.masters, request.out, facts)
    name = CitationEncoder(base, request.out).name
    return replace(report, before=before, found=found, out=str(request.out), name=name)


def _check(request: TuningRequest) -> None:
    if not request.train:
        raise InputError("no corpus to learn from", hint="Name one: --train FILE.jsonl.xz")
    if request.shares and len(request.shares) != len(request.train):
        raise InputError(
            f"{len(request.shares)} shares for {len(request.train)} corpora", hint="Give --share once for each --train."
        )
    if any(share <= 0 for share in request.shares):
        raise InputError("a share is not above zero", hint="Leave out the corpus instead.")


def _lessons(pairs: CitationPairs) -> list[Lesson]:
    whole = sum(source.share for source in pairs.sources)
    return [
        Lesson(
            name=source.name,
            papers=source.papers,
            places=len(source.places),
            share=source.share / whole,
            licences=source.licences,
        )
        for source in pairs.sources
    ]


def _glimpses(
    parts: Sequence[Part], pairs: CitationPairs, recipe: EncoderRecipe
) -> Callable[[TrainedEncoder, int], dict[str, float]]:
    """Figures on a small sample of each part, for the log."""
    small = [part.glimpse(places=_GLIMPSE_PLACES, works=_GLIMPSE_WORKS, seed=recipe.seed) for part in parts]

    def look(encoder: TrainedEncoder, step: int) -> dict[str, float]:
        figures: dict[str, float] = {}
        if step < recipe.steps:  # at the end all is measured
            for part in small:
                found = measure(part, pairs.profiles, encoder.encode)
                figures |= {f"{part.name} hit@1": found.hit1, f"{part.name} recall@10": found.recall10}
        return figures

    return look


def _measured(
    parts: Sequence[Part], pairs: CitationPairs, encode: Encode, what: str, on_progress: Progress
) -> dict[str, Found]:
    found: dict[str, Found] = {}
    for done, part in enumerate(parts):
        on_progress(f"measuring {what}", done, len(parts))
        found[part.name] = measure(part, pairs.profiles, encode)
    return found
