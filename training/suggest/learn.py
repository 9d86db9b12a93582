"""Training of the suggestion ranker: lists of dev places, then weights for every set of rankers that may take part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.interfaces import Encoder
from model.suggestion_ranker import RANKERS, Weights
from training.contexts import cited_works
from training.evaluate.lineup import Tell
from training.evaluate.questions import Exam, Papers, prepare
from training.suggest.fit import examples, fit
from training.suggest.lists import Lists, index_candidates, known_works, rankings, with_model

if TYPE_CHECKING:
    from model.galactica.galactica import Galactica

_UNTITLED = 4
_SMALL = 0.05
"""Share of the papers that a small library has: some two hundred of several thousand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """Places of an exam with what each ranker says of them."""

    exam: Exam
    lists: Sequence[Lists]


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """What was asked of a library of so many works: places of papers."""

    works: int
    places: int
    papers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """Weights by set of rankers, and what they were learnt from."""

    sets: tuple[Weights, ...]
    libraries: tuple[Library, ...]


def partly_untitled(exam: Exam) -> Exam:
    """The exam with the citing title of every fourth place untold, as when a paragraph is pasted."""
    places = tuple(
        replace(place, title="") if number % _UNTITLED == 0 else place for number, place in enumerate(exam.test.places)
    )
    return replace(exam, test=replace(exam.test, places=places))


def small_exam(train: Papers, dev: Papers, *, sample: int, seed: int, on_progress: Tell) -> Exam:
    """An exam about a small library: the works that few training papers cite, and places that cite one of them.

    Args:
        train: Of these papers a few are drawn.
        dev: Papers that ask.
        sample: About so many places are drawn.
        seed: Of the draws.
        on_progress: Told (what is being read, papers so far, 0).

    Raises:
        InputError: No place cites a work of the library.
    """
    chance = np.random.default_rng(seed)
    library = [paper for paper in train if chance.random() < _SMALL]
    keys = cited_works(library).keys()
    exam = prepare(
        library,
        dev,
        titles=lambda works: [work for key, work in works.items() if key in keys],
        sample=0,
        dev_sample=0,
        seed=seed,
        on_progress=on_progress,
    )
    answered = [number for number, right in enumerate(exam.test.right) if right]
    drawn = chance.choice(answered, size=min(sample, len(answered)), replace=False)
    return replace(exam, test=exam.test.only(sorted(drawn.tolist())))


def all_lists(
    exam: Exam, encoder: Encoder, model: Galactica | None, folder: Path, tell: Tell, kept: Path | None = None
) -> list[Lists]:
    """What each ranker says of the exam's places; without a language model there is no list of its own.

    Args:
        folder: Where the indexes go; empty.
        kept: Where the model's priors of titles are kept for the next time.

    Raises:
        ModelError: A model is damaged.
        SearchIndexError: The folder cannot be written.
    """
    retrieval = index_candidates(exam, encoder, folder, tell)
    found = rankings(retrieval, exam.test.places, tell, what="places")
    return found if model is None else with_model(model, exam, found, tell, what="places", kept=kept)


def learn(lessons: Sequence[Lesson], tell: Tell) -> Learnt:
    """Learn weights for every set of the rankers that the lists are of; each lesson counts by its places.

    Raises:
        InputError: No ranker finds anything that is cited.
    """
    there = [name for name in RANKERS if all(each.lists and name in each.lists[0] for each in lessons)]
    sets = [chosen for size in range(1, len(there) + 1) for chosen in combinations(there, size)]
    known = [known_works(each.exam) for each in lessons]
    found = []
    for number, chosen in enumerate(sets):
        tell("weights", number, len(sets))
        data = [
            example
            for each, works in zip(lessons, known, strict=True)
            for example in examples(chosen, each.lists, each.exam.test.places, each.exam.test.right, works)
        ]
        found.append(fit(chosen, data))
    tell("weights", len(sets), len(sets))
    return Learnt(sets=tuple(found), libraries=tuple(_library(each.exam) for each in lessons))


def _library(exam: Exam) -> Library:
    return Library(works=len(exam.candidates), places=len(exam.test.places), papers=exam.test.papers)
