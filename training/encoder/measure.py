"""How well an encoder finds what is cited: recall and hit rate over all titles at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, TypeAlias

from core.errors import InputError
from model.citation_encoder import query_text, work_text
from training.contexts import CitedPlace, CitedWork, cited_places, cited_works
from training.corpus.records import SourcePaper
from training.encoder.pairs import Profiles

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Encode: TypeAlias = "Callable[[Sequence[str]], NDArray[np.float32]]"
"""Texts to unit vectors, shape (N, D)."""

_DISTRACTORS = 5_000
_PLACES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part to measure on: places, and all works that may be found for them."""

    name: str
    places: Sequence[CitedPlace]
    works: Mapping[str, CitedWork]

    def glimpse(self, *, places: int, works: int, seed: int) -> Part:
        """A part small enough to be measured on now and then: some places, what they cite and some other works."""
        random = Random(seed)  # noqa: S311 - a sample, not a secret
        kept = random.sample(list(self.places), min(places, len(self.places)))
        keys = {key for place in kept for key in place.targets if key in self.works}
        keys.update(random.sample(sorted(self.works), min(works, len(self.works))))
        return Part(name=self.name, places=kept, works={key: self.works[key] for key in sorted(keys)})


def read_part(
    papers: Iterable[SourcePaper], others: Mapping[str, CitedWork], *, seed: int, places: int = _PLACES
) -> Part:
    """A sample of the places of a part; candidates are all works of its reference lists and a sample of others.

    Raises:
        InputError: No place cites a work with a title.
    """
    random = Random(seed)  # noqa: S311 - a sample, not a secret
    kept = list(papers)
    found = [place for paper in kept for place in cited_places(paper)]
    if not found:
        raise InputError("no places to measure on", hint="Name a part whose papers cite works with a title.")
    works = cited_works(kept)
    more = random.sample(sorted(others), min(_DISTRACTORS, len(others)))
    works |= {key: others[key] for key in more if key not in works}
    return Part(name=kept[0].source, places=random.sample(found, min(places, len(found))), works=works)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Shares of places whose best work is a target (``hit1``), and of targets among the first 10 and 100."""

    places: int
    candidates: int
    hit1: float
    recall10: float
    recall100: float


def measure(part: Part, profiles: Profiles, encode: Encode) -> Found:
    """Rank all works of a part for each of its places by cosine.

    ``profiles`` must hold no text of the part's papers: only what training papers say where they cite a work.
    """
    import numpy as np

    places, works = part.places, part.works
    keys = sorted(works)
    rows = {key: row for row, key in enumerate(keys)}
    texts = [work_text(works[key].title, works[key].surname, cited_in=profiles.texts(key)) for key in keys]
    matrix = encode(texts)
    asked = encode([query_text(place.title, place.section, place.before, place.after) for place in places])
    hits = tens = hundreds = targets = 0
    for place, vector in zip(places, asked, strict=True):
        scores = matrix @ vector
        best = np.argpartition(-scores, min(100, len(keys) - 1))[:100]
        ranked = [int(row) for row in best[np.argsort(-scores[best], kind="stable")]]
        wanted = {rows[key] for key in place.targets if key in rows}
        hits += bool(ranked and ranked[0] in wanted)
        tens += len(wanted & set(ranked[:10]))
        hundreds += len(wanted & set(ranked))
        targets += len(wanted)
    count = max(1, targets)
    return Found(
        places=len(places), candidates=len(keys), hit1=hits / len(places), recall10=tens / count,
        recall100=hundreds / count,
    )  # fmt: skip
