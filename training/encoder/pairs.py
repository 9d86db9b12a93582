"""Places and the works cited there, as texts to learn from."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random

from core.errors import InputError
from model.citation_encoder import SENTENCES, citing_text, query_text, work_text
from training.contexts import CitedPlace, CitedWork, cited_places, cited_works, work_key
from training.corpus.records import SourcePaper

_PROFILE_PLACES = 24
"""Citing sentences kept of one work: the most cited are cited thousands of times."""


@dataclass(frozen=True, slots=True)
class Citing:
    """A text that cites a work, and the paper it stands in."""

    paper: str
    text: str


class Profiles:
    """What papers say where they cite a work; never what the paper at hand says itself."""

    def __init__(self, places: Iterable[CitedPlace]) -> None:
        self._citing: defaultdict[str, list[Citing]] = defaultdict(list)
        for place in places:
            for key in place.targets:
                known = self._citing[key]
                # One of each paper tells most: the others repeat it.
                if len(known) < _PROFILE_PLACES and not (known and known[-1].paper == place.paper):
                    known.append(Citing(place.paper, citing_text(place.before, place.after)))

    def texts(self, key: str, *, without: str = "", count: int = SENTENCES, random: Random | None = None) -> list[str]:
        """Up to ``count`` texts that cite a work in papers other than ``without``: drawn, or else the first."""
        others = [citing.text for citing in self._citing.get(key, ()) if citing.paper != without]
        if random is not None and len(others) > count:
            return random.sample(others, count)
        return others[:count]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The places of one corpus, and how often it is drawn from."""

    places: Sequence[CitedPlace]
    share: float = 1.0
    name: str = ""
    papers: int = 0
    licences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationPairs:
    """All that a training draws from: ``listed`` holds the keys of each paper's reference list."""

    sources: tuple[Source, ...]
    works: Mapping[str, CitedWork]
    listed: Mapping[str, frozenset[str]]
    profiles: Profiles

    @property
    def fingerprint(self) -> str:
        """Tells these pairs from others."""
        digest = hashlib.sha256()
        for source in self.sources:
            digest.update(f"{source.share}".encode())
            for place in source.places:
                digest.update(f"{place.paper}|{place.before[-20:]}|{'|'.join(place.targets)}\n".encode())
        return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A place with one of its targets, as texts; ``place`` tells what else is cited there."""

    place: CitedPlace
    key: str
    query: str
    work: str


def read_pairs(
    corpora: Sequence[Iterable[SourcePaper]],
    *,
    shares: Sequence[float] = (),
    on_paper: Callable[[int], None] = lambda done: None,
) -> CitationPairs:
    """Read the places of corpora, each drawn from according to its share.

    Raises:
        InputError: They hold no citation of a work with a title.
    """
    listed: dict[str, frozenset[str]] = {}
    printings: list[SourcePaper] = []
    sources: list[Source] = []
    done = 0
    for index, papers in enumerate(corpora):
        places: list[CitedPlace] = []
        names: set[str] = set()
        licences: set[str] = set()
        before = done
        for paper in papers:
            names.add(paper.source)
            licences.add(paper.licence)
            places.extend(cited_places(paper))
            references = paper.document.references
            listed[f"{paper.source}/{paper.id}"] = frozenset(filter(None, map(work_key, references)))
            printings.append(_without_text(paper))
            done += 1
            on_paper(done)
        if places:
            share = shares[index] if shares else float(len(places))
            told = (" ".join(sorted(names)), done - before, tuple(sorted(licences - {""})))
            sources.append(Source(places=places, share=share, name=told[0], papers=told[1], licences=told[2]))
    if not sources:
        raise InputError("no paper cites a work with a title", hint="Name corpus files with references and mentions.")
    everywhere = (place for source in sources for place in source.places)
    return CitationPairs(
        sources=tuple(sources), works=cited_works(printings), listed=listed, profiles=Profiles(everywhere)
    )


def _without_text(paper: SourcePaper) -> SourcePaper:
    """The paper with its reference list alone: texts of thousands need not stay in memory."""
    bare = replace(paper.document, passages=(), sections=(), mentions=(), abstract="")
    return replace(paper, document=bare)


def draw(pairs: CitationPairs, step: int, *, batch: int, untitled: float, seed: int) -> list[Example]:
    """The examples of a step: all of one source, whose works are the hardest to tell apart.

    Each source is gone through in an order of its own; what a step holds depends on its number and the seed alone.
    """
    turn, index = _turn([source.share for source in pairs.sources], step)
    places = pairs.sources[index].places
    random = Random(f"{seed}/{step}")  # noqa: S311 - an order, not a secret
    chosen: list[Example] = []
    for position in range(turn * batch, (turn + 1) * batch):
        passes, offset = divmod(position, len(places))
        place = places[_shuffled(len(places), seed=seed, passes=passes)[offset]]
        chosen.append(_example(pairs, place, random, untitled))
    return chosen


def _example(pairs: CitationPairs, place: CitedPlace, random: Random, untitled: float) -> Example:
    key = random.choice([key for key in place.targets if key in pairs.works] or [place.targets[0]])
    title = "" if random.random() < untitled else place.title
    return Example(
        place=place,
        key=key,
        query=query_text(title, place.section, place.before, place.after),
        work=described(pairs, key, without=place.paper, random=random),
    )


def described(pairs: CitationPairs, key: str, *, without: str, random: Random) -> str:
    """The text of a work with a random part of its profile, often none: works without one must be found as well."""
    work = pairs.works[key]
    cited_in = pairs.profiles.texts(key, without=without, count=random.randint(0, SENTENCES), random=random)
    surname = work.surname if random.random() < 0.8 else ""
    return work_text(work.title, surname, cited_in=cited_in)


def _turn(shares: Sequence[float], step: int) -> tuple[int, int]:
    """Which source is drawn from at a step, and for the how-manieth time: always the one that lags its share most."""
    counts = [0] * len(shares)
    chosen = 0
    for done in range(step + 1):
        chosen = max(
            range(len(shares)), key=lambda each: (shares[each] / sum(shares) * (done + 1) - counts[each], -each)
        )
        counts[chosen] += 1
    return counts[chosen] - 1, chosen


@lru_cache(maxsize=8)
def _shuffled(count: int, *, seed: int, passes: int) -> tuple[int, ...]:
    """The numbers below ``count`` in an order of their own for each pass."""
    order = list(range(count))
    Random(f"{seed}/{passes}/{count}").shuffle(order)  # noqa: S311 - an order, not a secret
    return tuple(order)
