"""The language model's rows: what it writes freely, what it chooses among titles, and that with its prior."""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.text import title_key
from training.contexts import CitedPlace
from training.corpus.forms import citing_context
from training.evaluate.calibration import fit_temperature
from training.evaluate.lineup import Stage, Tell
from training.evaluate.measures import ranks
from training.evaluate.priors import fill_kept_priors
from training.evaluate.questions import Exam, Questions
from training.evaluate.ranking import DEPTH, NOBODY, Floats, Ranking, stacked
from training.evaluate.rows import About, Answers, first_is_right

if TYPE_CHECKING:
    from model.galactica.constrained import RankedTitle
    from model.galactica.galactica import Galactica
    from model.galactica.references import GeneratedReference
    from model.galactica.titles import TitleTrie

ALPHAS: tuple[float, ...] = tuple(round(0.05 * step, 2) for step in range(21))
BEAMS = 64
_MOST_WORKERS = 8
_AHEAD = 64
"""Places handed out at once: an error or an interruption does not wait for all of them."""
_PROBE_ALPHA = 0.4
"""Dev places are ranked with and without this much of the prior; what both find is ranked again for each alpha."""
_BATCH = 16
_WORDING = "citing title, section, 500 characters before"


def language_model(model: Galactica, *, keep_prior: bool = False, kept: Path | None = None) -> Stage:
    """The three rows of a checkpoint; with dev questions its prior and temperature are tuned on them.

    Args:
        model: The checkpoint.
        keep_prior: Whether the strength of the prior that was tuned is stored in its folder.
        kept: Folder where priors of titles are kept for the next time.
    """
    from model.galactica.prior import keep_prior_strength, prior_strength

    def stage(exam: Exam, tell: Tell) -> Iterator[tuple[About, Answers]]:
        size = _parameters(model)

        def about(name: str, title: str) -> About:
            return About(
                name=f"{name}@{model.name}",
                title=f"{model.name}, {title}",
                kind="model",
                wording=_WORDING,
                model=model.name,
                parameters=size,
            )

        yield about("lm-free", "free"), _free(model, exam, tell)
        trie = trie_of(model, exam, tell, kept)
        alpha, temperature = prior_strength(model.folder), _Temperatures()
        if exam.dev is not None and exam.dev.places:
            alpha, temperature = _tuned(model, trie, exam.dev, tell)
            if keep_prior:
                keep_prior_strength(model.folder, alpha)
        for name, title, strength, heat in (
            ("lm-titles", "titles that exist", 0.0, temperature.plain),
            ("lm-prior", f"titles that exist, prior (α {alpha:.2f})", alpha, temperature.corrected),
        ):
            found = ranked(model, trie, exam.test.places, alpha=strength, tell=tell, what=f"{model.name}, {title}")
            yield (
                about(name, title),
                Answers(
                    ranking=_listed(found),
                    log_probabilities=True,
                    temperature=heat,
                    alpha=strength if name == "lm-prior" else None,
                ),
            )

    return stage


def context_of(place: CitedPlace) -> str:
    """The text that a model reads up to a citation, in the form that it was trained on."""
    return citing_context(place.title, place.section, place.before)


def ranked(
    model: Galactica,
    trie: TitleTrie,
    places: Sequence[CitedPlace],
    *,
    alpha: float,
    tell: Tell,
    what: str,
    also: Sequence[Sequence[int]] = (),
) -> list[list[RankedTitle]]:
    """The candidates of the trie for each place, best first; for each place some may be named that are scored too."""
    from model.galactica.constrained import rank_titles

    def best_of(place: CitedPlace, others: Sequence[int]) -> list[RankedTitle]:
        return rank_titles(model, context_of(place), trie, top=DEPTH, beams=BEAMS, alpha=alpha, also=others)

    found: list[list[RankedTitle]] = []
    with _one_thread_each(), ThreadPoolExecutor(_workers()) as pool:
        waiting: deque[Future[list[RankedTitle]]] = deque()
        for place, others in zip(places, also or [()] * len(places), strict=True):
            waiting.append(pool.submit(best_of, place, others))
            if len(waiting) > _AHEAD:
                found.append(waiting.popleft().result())
                tell(what, len(found), len(places))
        found += [each.result() for each in waiting]
    tell(what, len(found), len(places))
    return found


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let several places be ranked side by side: the products of one are too small for all cores."""
    import torch

    from model.runtime import set_threads

    before = torch.get_num_threads()
    set_threads(1)
    try:
        yield
    finally:
        set_threads(before)


def _workers() -> int:
    return min(_MOST_WORKERS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def _listed(found: Sequence[Sequence[RankedTitle]]) -> Ranking:
    return stacked(([each.id for each in row], [each.score for each in row]) for row in found)


def trie_of(model: Galactica, exam: Exam, tell: Tell, kept: Path | None = None) -> TitleTrie:
    """The candidates as the model spells them, with the prior of each; ``kept`` is a folder where priors are kept."""
    from model.galactica.titles import Title, title_trie

    trie = title_trie(model.tokenizer, [Title(work.title, work.surname) for work in exam.candidates])
    what = f"{model.name}: prior of titles"
    fill_kept_priors(model, trie, kept, on_progress=lambda done, total: tell(what, done, total))
    return trie


def _free(model: Galactica, exam: Exam, tell: Tell) -> Answers:
    """The first title that the model writes by itself: right when a candidate is spelled like it, else invented."""
    position = {work.key: index for index, work in enumerate(exam.candidates)}
    places = exam.test.places
    # Contexts of like length together, so that little of a batch is padding.
    order = sorted(range(len(places)), key=lambda number: len(places[number].before))
    found = [NOBODY] * len(places)
    for start in range(0, len(order), _BATCH):
        some = order[start : start + _BATCH]
        written = model.generate_references([context_of(places[number]) for number in some])
        for number, group in zip(some, written, strict=True):
            found[number] = _known(group, position)
        tell(f"{model.name}, free", min(start + _BATCH, len(order)), len(order))
    ranking = stacked((([each], [0.0]) if each != NOBODY else ([], []) for each in found), width=1)
    return Answers(ranking=ranking, depth=1, invented=np.array(found) == NOBODY)


def _known(group: Sequence[GeneratedReference], position: dict[str, int]) -> int:
    """The candidate that a generated reference names; what stands behind its last comma may belong to the title."""
    if not group:
        return NOBODY
    title, surname = group[0].title, group[0].surname
    return position.get(title_key(title), position.get(title_key(f"{title} {surname}"), NOBODY))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Temperatures:
    plain: float = 1.0
    corrected: float = 1.0


def _tuned(model: Galactica, trie: TitleTrie, dev: Questions, tell: Tell) -> tuple[float, _Temperatures]:
    """The alpha of the best mean of hit@1 and MRR on dev, and the temperatures of both rows there."""
    probes = [
        ranked(model, trie, dev.places, alpha=alpha, tell=tell, what=f"{model.name}: tuning, α {alpha}")
        for alpha in (0.0, _PROBE_ALPHA)
    ]
    priors = priors_of(trie)
    joined = [_joined(priors, *both) for both in zip(*probes, strict=True)]
    alpha = max(ALPHAS, key=lambda each: (_goodness(reranked(joined, each), dev), -each))
    plain, corrected = _listed(probes[0]), reranked(joined, alpha)
    return alpha, _Temperatures(
        plain=fit_temperature(plain.scores, first_is_right(plain, dev)),
        corrected=fit_temperature(corrected.scores, first_is_right(corrected, dev)),
    )


_Joined = dict[int, tuple[float, float]]
"""Log-probability in the context and without it, by candidate."""


def priors_of(trie: TitleTrie) -> Floats:
    """The log-probability of each candidate without context, once ``fill_priors`` has computed them; shape (N,)."""
    from model.galactica.rows import SAME

    rows = trie.rows
    every = np.arange(len(rows))
    # Titles that are spelled alike share the first one's.
    first = np.maximum.accumulate(np.where(rows.shared == SAME, 0, every))
    priors = np.empty(len(rows))
    priors[rows.ids[rows.order]] = rows.prior(first, rows.lengths(first))
    return priors


def _joined(priors: Floats, *probes: Sequence[RankedTitle]) -> _Joined:
    """What any of the probes found."""
    totals = {each.id: each.log_probability for probe in probes for each in probe}
    return {number: (total, float(priors[number])) for number, total in totals.items()}


def reranked(joined: Sequence[_Joined], alpha: float) -> Ranking:
    """The candidates of each place in the order of another alpha."""
    lists = []
    for found in joined:
        ids = np.array(list(found), dtype=np.int64)
        values = np.array(list(found.values())).reshape(-1, 2)
        scores = values[:, 0] - alpha * values[:, 1]
        order = np.lexsort((ids, -scores))
        lists.append((ids[order], scores[order]))
    return stacked(lists)


def _goodness(ranking: Ranking, questions: Questions) -> float:
    rank = ranks(ranking, questions.place, questions.target)
    return float((rank == 1).mean() + (1.0 / rank).mean())


def _parameters(model: Galactica) -> int:
    """Weights of a checkpoint, counted in its files."""
    from safetensors import safe_open

    total = 0
    for path in sorted(model.folder.glob("*.safetensors")):
        with safe_open(path, framework="numpy") as file:
            total += sum(math.prod(file.get_slice(name).get_shape()) for name in file.keys())  # noqa: SIM118
    return total
