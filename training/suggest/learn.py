"""Training of the suggestion ranker: lists of dev places, then weights for every set of rankers that may take part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from core.interfaces import Encoder
from model.suggestion_ranker import RANKERS, Weights
from training.evaluate.lineup import Tell
from training.evaluate.questions import Exam
from training.suggest.fit import examples, fit
from training.suggest.lists import Lists, index_candidates, known_works, rankings, with_model

if TYPE_CHECKING:
    from model.galactica.galactica import Galactica


_UNTITLED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """Weights by set of rankers, and what they were learnt from."""

    sets: tuple[Weights, ...]
    places: int
    papers: int
    candidates: int


def partly_untitled(exam: Exam) -> Exam:
    """The exam with the citing title of every fourth place untold, as when a paragraph is pasted."""
    places = tuple(
        replace(place, title="") if number % _UNTITLED == 0 else place for number, place in enumerate(exam.test.places)
    )
    return replace(exam, test=replace(exam.test, places=places))


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


def learn(exam: Exam, lists: Sequence[Lists], tell: Tell) -> Learnt:
    """Learn weights for every set of the rankers that the lists are of.

    Raises:
        InputError: No ranker finds anything that is cited.
    """
    known = known_works(exam)
    there = [name for name in RANKERS if lists and name in lists[0]]
    sets = [chosen for size in range(1, len(there) + 1) for chosen in combinations(there, size)]
    found = []
    for number, chosen in enumerate(sets):
        tell("weights", number, len(sets))
        found.append(fit(chosen, examples(chosen, lists, exam.test.places, exam.test.right, known)))
    return Learnt(
        sets=tuple(found), places=len(exam.test.places), papers=exam.test.papers, candidates=len(exam.candidates)
    )
