"""From corpus files to a folder that can be shipped: calibrated on development parts, with its card."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError, ModelError, StorageError
from model.manifest import sha256_of
from model.runtime import first_line
from model.sentence_features import BITS
from model.worthiness import SETTINGS_NAME, TENSOR, WEIGHTS_NAME, Settings, load_worthiness
from training.worthiness.card import CARD_NAME, card
from training.worthiness.examples import Example
from training.worthiness.measure import PartReport, evaluate, threshold_for
from training.worthiness.train import (
    Fitted,
    Lesson,
    Matrix,
    Progress,
    Recipe,
    fit,
    learned,
    matrix_of,
    read_examples,
)  # fmt: skip

MOST_BYTES = 4_000_000
_STEPS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthinessReport:
    """What was learned from, what came out, and figures on the development parts."""

    out: Path
    lessons: tuple[Lesson, ...]
    size_bytes: int
    sha256: str
    threshold: float
    found: tuple[PartReport, ...]


def train_and_ship(
    train: Sequence[Path], dev: Sequence[Path], out: Path, recipe: Recipe, *, command: str,
    on_progress: Progress = lambda what, done, total: None,
) -> WorthinessReport:  # fmt: skip
    """Train on corpus files, calibrate on others, and write the folder of the model.

    Raises:
        InputError: Files cannot be read, or hold too few sentences of either kind.
        ModelError: No threshold reaches the recipe's precision.
        StorageError: The disk refuses.
    """
    lessons: dict[Path, list[Lesson]] = {path: [] for path in train}
    draw = np.random.default_rng(recipe.seed)
    matrix = matrix_of(learned(_told(train, recipe, lessons, on_progress), recipe, draw))
    on_progress("fitting", 0, 0)
    fitted = fit(matrix, recipe)
    del matrix  # gigabytes on large corpora
    held = [matrix_of(_examples([path], 1, on_progress)) for path in dev]
    settings = calibrated(fitted, held, recipe)
    summed = tuple(_summed(path, parts) for path, parts in lessons.items())
    growing = out.with_name(f"{out.name}.part")
    try:
        written = write(growing, fitted.weights, settings)
        found = tuple(evaluate(load_worthiness(growing), dev, seed=recipe.seed, on_progress=on_progress))
        size = (growing / WEIGHTS_NAME).stat().st_size
        text = card(recipe, written, summed, found, size, command)
        (growing / CARD_NAME).write_text(text, encoding="utf-8")
        shutil.rmtree(out, ignore_errors=True)
        growing.rename(out)
    except OSError as error:
        raise StorageError(f"{out}: cannot be written ({first_line(error)})", hint="Free disk space.") from error
    return WorthinessReport(
        out=out, lessons=summed, size_bytes=size, sha256=written.sha256, threshold=written.threshold, found=found
    )


def calibrated(fitted: Fitted, held: Sequence[Matrix], recipe: Recipe) -> Settings:
    """Probabilities and threshold from development parts: each part counts alike, the threshold must do for all.

    Raises:
        ModelError: No threshold reaches the recipe's precision on each of them.
    """
    scores = [fitted.scores(part) for part in held]
    least = max(threshold_for(recipe.precision, part.cites, each) for part, each in zip(held, scores, strict=True))
    if not np.isfinite(least):
        raise ModelError(
            f"no threshold reaches a precision of {recipe.precision:.2f} on every development part",
            hint="Learn from more papers: a smaller --every, or more --train.",
        )
    counts = np.concatenate([np.full(len(part), 1.0 / len(part)) for part in held])
    slope, shift = platt(np.concatenate(scores), np.concatenate([part.cites for part in held]), counts)
    # Where classes are far apart, much that need not be told could be: below one half never.
    threshold = max(0.5, float(1.0 / (1.0 + np.exp(-(slope * least + shift)))))
    return Settings(
        bits=BITS, bias=fitted.bias, slope=slope, shift=shift, threshold=round(threshold, 4), sha256=""
    )  # fmt: skip


def platt(scores: NDArray[np.float64], cites: NDArray[np.bool_], weights: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and shift of the logistic curve with the least weighted log loss, by Newton's method; all shapes (N,).

    Source: Platt 1999, with the smoothed targets given there, which keep it finite when classes are parted.
    """
    share = weights / weights.sum()
    count = len(scores)
    positive = float(cites.sum())
    target = np.where(cites, (positive + 1) / (positive + 2), 1 / (count - positive + 2))
    inputs = np.stack([scores, np.ones(count)], axis=1)
    found = np.array([1.0, 0.0])
    for _ in range(_STEPS):
        probability = 1.0 / (1.0 + np.exp(-np.clip(inputs @ found, -30.0, 30.0)))
        gradient = inputs.T @ (share * (probability - target))
        curvature = (inputs * (share * probability * (1 - probability))[:, None]).T @ inputs + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        found = found - np.clip(step, -1.0, 1.0)
        if float(np.abs(step).max()) < 1e-9:
            break
    return float(found[0]), float(found[1])


def write(folder: Path, weights: NDArray[np.float32], settings: Settings) -> Settings:
    """Write weights in float16 and the settings, which learn their digest here.

    Raises:
        ModelError: The weights are too large to be shipped.
    """
    from safetensors.numpy import save_file

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    save_file({TENSOR: weights.astype(np.float16)}, folder / WEIGHTS_NAME)
    (folder / WEIGHTS_NAME).chmod(0o644)  # made for its owner alone, but to be installed for all
    size = (folder / WEIGHTS_NAME).stat().st_size
    if size > MOST_BYTES:
        raise ModelError(f"the weights take {size:,} bytes, above {MOST_BYTES:,}", hint="Take fewer bits.")
    told = {**asdict(settings), "sha256": sha256_of(folder / WEIGHTS_NAME)}
    (folder / SETTINGS_NAME).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return Settings(**told)


def _examples(paths: Sequence[Path], every: int, on_progress: Progress) -> Iterator[Example]:
    for _, _, found in read_examples(paths, every, on_progress):
        yield from found


def _told(
    paths: Sequence[Path], recipe: Recipe, lessons: dict[Path, list[Lesson]], on_progress: Progress
) -> Iterator[Example]:
    """The examples of papers, what they are noted by the way: a corpus is read once."""
    for path, paper, found in read_examples(paths, recipe.every, on_progress):
        citing = sum(example.cites for example in found)
        told = Lesson(
            name=paper.source, papers=bool(found), sentences=len(found), citing=citing, licences=(paper.licence,)
        )
        lessons[path].append(told)
        yield from found


def _summed(path: Path, lessons: Sequence[Lesson]) -> Lesson:
    if not any(each.papers for each in lessons):
        raise InputError(f"{path}: no paper to learn from", hint="Name corpus files whose papers have mentions.")
    return Lesson(
        name=lessons[0].name,
        papers=sum(each.papers for each in lessons),
        sentences=sum(each.sentences for each in lessons),
        citing=sum(each.citing for each in lessons),
        licences=tuple(sorted({name for each in lessons if each.papers for name in each.licences if name})),
    )
