"""Texts that stand for a candidate: its title, and what training papers say where they cite it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from model.citation_encoder import citing_text
from training.contexts import CitedPlace, CitedWork
from training.evaluate.questions import Learned

SENTENCES = 20
"""Citing sentences of one profile."""


def profile(places: Sequence[CitedPlace], *, sentences: int = SENTENCES) -> list[str]:
    """Citing sentences from as many papers as there are, each paper's first before any paper's second."""
    found: dict[str, None] = {}
    for place in _by_turns(places):
        if text := citing_text(place.before, place.after):
            found[text] = None
        if len(found) == sentences:
            break
    return list(found)


def _by_turns(places: Sequence[CitedPlace]) -> Iterator[CitedPlace]:
    papers: dict[str, list[CitedPlace]] = {}
    for place in places:
        papers.setdefault(place.paper, []).append(place)
    for turn in zip_longest(*papers.values()):
        yield from (place for place in turn if place is not None)


def described(work: CitedWork, learned: Learned) -> str:
    """Title, abstract (when known) and citing sentences of a candidate, as one text."""
    parts = [work.title, learned.abstracts.get(work.key, ""), *profile(learned.contexts.get(work.key, ()))]
    return ". ".join(part for part in parts if part)
