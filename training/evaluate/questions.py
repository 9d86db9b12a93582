"""What is asked and what may be answered: places of the test papers, and the candidates of all rankers."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np

from core.errors import InputError
from core.text import title_key
from training.contexts import CitedPlace, CitedWork, cited_places, cited_works
from training.corpus.records import SourcePaper
from training.evaluate.ranking import NOBODY, Ints

_LOG = logging.getLogger(__name__)

Papers = Iterable[SourcePaper]


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """Places of papers, and the pairs of place and target that are measured.

    ``place`` and ``target`` are of shape (P,): positions in ``places`` and among the candidates (``NOBODY`` for a
    target that is no candidate and so is missed by all). ``paper`` numbers the citing papers, shape (P,). ``right``
    holds all candidates that are cited at each place, drawn as a pair or not: also by markers of their own right beside
    it, since the text before is the same for all of them.
    """

    places: tuple[CitedPlace, ...]
    place: Ints
    target: Ints
    paper: Ints
    right: tuple[frozenset[int], ...]

    def only(self, places: Sequence[int]) -> Questions:
        """The questions at these places alone, in their order."""
        number = {place: index for index, place in enumerate(places)}
        kept = np.isin(self.place, list(places))
        return Questions(
            places=tuple(self.places[place] for place in places),
            place=np.array([number[int(place)] for place in self.place[kept]], dtype=np.int64),
            target=self.target[kept],
            paper=self.paper[kept],
            right=tuple(self.right[place] for place in places),
        )

    @property
    def papers(self) -> int:
        """How many papers ask."""
        return len(np.unique(self.paper))

    @property
    def most_hit1(self) -> float:
        """The hit@1 of a ranker that always begins with a work cited at the place: of several only one can be first."""
        shares = [1 / len(self.right[place]) if self.right[place] else 0.0 for place in self.place]
        return float(np.mean(shares))


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What the training papers tell a retriever: no more than what a model was trained on.

    ``counts`` says how many of them cite each candidate, shape (N,); ``contexts`` and ``abstracts`` go by key.
    """

    papers: int
    places: int
    counts: Ints
    contexts: Mapping[str, tuple[CitedPlace, ...]]
    abstracts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exam:
    """All that an evaluation needs: ``notices`` say what was left out."""

    candidates: tuple[CitedWork, ...]
    learned: Learned
    test: Questions
    dev: Questions | None
    notices: tuple[str, ...]


def prepare(
    train: Papers,
    test: Papers,
    dev: Papers | None = None,
    *,
    titles: Callable[[Mapping[str, CitedWork]], list[CitedWork]] | None = None,
    sample: int,
    dev_sample: int,
    seed: int,
    on_progress: Callable[[str, int, int], None],
) -> Exam:
    """Read the papers and put the questions.

    Papers of the test that are also in training (the same title or DOI) are left out, and papers of dev that are in
    either; ``notices`` count them.

    Args:
        train, test, dev: Papers, read once.
        titles: Makes the candidates out of the works of all reference lists; all of them are candidates by default,
            those of training in the spelling that is commonest there. Targets that it leaves out count as missed by
            every ranker.
        sample: So many pairs of the test are drawn; 0 takes all.
        dev_sample: The same for dev.
        seed: Of the draws.
        on_progress: Told (what is being read, papers so far, 0).

    Raises:
        InputError: There is no paper to train on or no place to ask about, or no target is a candidate.
    """
    parts = [_Part("training"), _Part("test"), _Part("dev")]
    read = [part.watch(papers, on_progress) for part, papers in zip(parts, (train, test, dev or ()), strict=True)]
    # Works that training cites are spelled as there: what is asked for must not tell how it is written.
    learned = cited_works(read[0])
    works = dict(sorted((cited_works(chain(*read[1:])) | learned).items()))
    learned_from, tested, tuned = parts
    notices = [*tested.leave_out(learned_from), *tuned.leave_out(learned_from, tested)]
    _require_places(learned_from, tested)
    candidates = tuple(titles(works)) if titles else tuple(works.values())
    position = {work.key: index for index, work in enumerate(candidates)}
    questions = tested.questions(position, sample=sample, seed=seed)
    missing = int((questions.target == NOBODY).sum())
    if missing == len(questions.target):
        raise InputError(
            f"none of the {missing:,} works that are asked for is among the {len(candidates):,} titles",
            hint="Leave out --titles, or name the file that belongs to this test.",
        )
    if missing:
        notices.append(f"{missing:,} of {len(questions.target):,} pairs ask for a work that is not among the titles")
    for notice in notices:
        _LOG.warning("%s", notice)
    return Exam(
        candidates=candidates,
        learned=learned_from.learned(position),
        test=questions,
        dev=tuned.questions(position, sample=dev_sample, seed=seed) if tuned.places else None,
        notices=tuple(notices),
    )


@dataclass(slots=True)
class _Part:
    """What is kept of the papers of a part while they pass by."""

    name: str
    places: list[CitedPlace] = field(default_factory=list)
    abstracts: dict[str, str] = field(default_factory=dict)
    known_as: dict[str, frozenset[str]] = field(default_factory=dict)
    """By what each paper is recognised in another part."""

    def watch(self, papers: Papers, on_progress: Callable[[str, int, int], None]) -> Iterator[SourcePaper]:
        for paper in papers:
            document = paper.document
            key = title_key(document.title)
            self.places.extend(cited_places(paper))
            self.known_as[f"{paper.source}/{paper.id}"] = frozenset({key, document.doi.lower()} - {""})
            if document.abstract:
                self.abstracts.setdefault(key, document.abstract)
            on_progress(f"reading {self.name}", len(self.known_as), 0)
            yield paper

    def leave_out(self, *others: _Part) -> list[str]:
        """Drop the papers that other parts hold too; says so in at most one notice."""
        elsewhere = {name for other in others for names in other.known_as.values() for name in names}
        shared = {paper for paper, names in self.known_as.items() if names & elsewhere}
        if not shared:
            return []
        total = len(self.known_as)
        self.places = [place for place in self.places if place.paper not in shared]
        self.known_as = {paper: names for paper, names in self.known_as.items() if paper not in shared}
        where = " or ".join(other.name for other in others)
        return [f"{len(shared):,} of {total:,} {self.name} papers are also in {where} and are left out"]

    def questions(self, position: Mapping[str, int], *, sample: int, seed: int) -> Questions:
        """All pairs, or a sample of them drawn without replacement, in the order of the papers."""
        pairs = [(number, key) for number, place in enumerate(self.places) for key in place.targets]
        if 0 < sample < len(pairs):
            drawn = np.random.default_rng(seed).choice(len(pairs), size=sample, replace=False)
            pairs = [pairs[index] for index in sorted(drawn)]
        kept = sorted({number for number, _ in pairs})
        renumbered = {number: new for new, number in enumerate(kept)}
        papers = {paper: number for number, paper in enumerate(dict.fromkeys(place.paper for place in self.places))}
        cited: defaultdict[tuple[str, str, str], set[int]] = defaultdict(set)
        for place in self.places:
            cited[_spot(place)].update(position[key] for key in place.targets if key in position)
        return Questions(
            places=tuple(self.places[number] for number in kept),
            place=np.array([renumbered[number] for number, _ in pairs], dtype=np.int64),
            target=np.array([position.get(key, NOBODY) for _, key in pairs], dtype=np.int64),
            paper=np.array([papers[self.places[number].paper] for number, _ in pairs], dtype=np.int64),
            right=tuple(frozenset(cited[_spot(self.places[number])]) for number in kept),
        )

    def learned(self, position: Mapping[str, int]) -> Learned:
        """Counts, contexts and abstracts of the candidates."""
        contexts: defaultdict[str, list[CitedPlace]] = defaultdict(list)
        for place in self.places:
            for key in place.targets:
                if key in position:
                    contexts[key].append(place)
        citing = Counter({key: len({place.paper for place in found}) for key, found in contexts.items()})
        return Learned(
            papers=len(self.known_as),
            places=len(self.places),
            counts=np.array([citing[key] for key in position], dtype=np.int64),
            contexts={key: tuple(found) for key, found in contexts.items()},
            abstracts={key: text for key, text in self.abstracts.items() if key in position},
        )


def _spot(place: CitedPlace) -> tuple[str, str, str]:
    """What places share that no word parts: ``[1] [2]`` are two places in some corpora and one in others."""
    return place.paper, place.section, place.before


def _require_places(train: _Part, test: _Part) -> None:
    if not train.known_as:
        raise InputError("no paper to learn from", hint="Name a corpus file with papers: --train FILE")
    if not test.places:
        raise InputError(
            "no place to ask about: no test paper cites a work of its reference list",
            hint="Name a corpus of papers with linked citations that training does not hold: --test FILE",
        )


def with_notices(exam: Exam, notices: Sequence[str]) -> Exam:
    """The exam with further notices, first."""
    return replace(exam, notices=(*notices, *exam.notices))
