"""What to cite at a place of a text: works of the library and works that its papers cite, with reasons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import InputError, ModelError, SearchIndexError
from core.interfaces import CitationModel
from core.records import Notice, Scored, Suggestion
from indexer.config import SearchConfig
from indexer.database import Database
from indexer.search.fusion import fuse
from indexer.store import works as work_store

MAX_TEXT_CHARS = 200_000
MAX_PLACES = 200
CONTEXT_CHARS = 200
_REASONS = 3
_WORD_CHARS = 50
_MARKER = re.compile(
    r"\[(?:cite|citation|citation needed|ref|\?)\]"
    r"|\\(?:paren|text|auto|foot)?cite[tp]?\*?(?:\[[^\]]{0,1000}\]){0,2}\{[^}]{0,1000}\}"
    r"|\[@[^\]]{0,1000}\]|\[START_REF\](?:.{0,1000}?\[END_REF\])?",
    re.IGNORECASE,
)
"""Bounded repetitions: an opened bracket that is never closed must not make the scan quadratic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a citation is wanted: half-open span of the marker, its line (1-based) and the text around it."""

    start: int
    end: int
    line: int
    context: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSuggestions:
    """The suggestions for one place, best first."""

    place: Place
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestResult:
    """Suggestions place by place; a text without markers is one place."""

    places: tuple[PlaceSuggestions, ...]
    works: int
    notices: tuple[Notice, ...] = ()


class SuggestionService:
    """Suggests citations.

    Args:
        database: Where the works are.
        models: Rankers over all works, each on its own; their rankings are joined and shown.
        config: How many candidates each ranker gives, and how rankings are joined.
    """

    def __init__(self, database: Database, *, models: Sequence[CitationModel], config: SearchConfig) -> None:
        self._database = database
        self._config = config
        self._models = models

    def suggest(self, text: str, *, top: int = 10) -> SuggestResult:
        """Suggest works for each marked place of a text, or for the text as a whole when none is marked.

        Of more than ``MAX_PLACES`` places only the first are answered, and a notice counts the others.

        Markers: ``[citation]``, ``[cite]``, ``[?]``, ``\\cite{…}`` and its kin, ``[@…]``, ``[START_REF]``.

        Raises:
            InputError: The text is empty or too long.
        """
        if not text.strip():
            raise InputError("the text is empty", hint="Paste a paragraph; mark places that need a citation with [?].")
        if len(text) > MAX_TEXT_CHARS:
            raise InputError(
                f"the text has {len(text):,} characters; {MAX_TEXT_CHARS:,} are read at most",
                hint="Give one section at a time.",
            )
        with self._database.session() as session:
            works = work_store.count_works(session)
        if not works:
            notice = Notice(
                code="no_works", message="The library has no papers yet: add some, and their references too"
            )
            return SuggestResult(places=(), works=0, notices=(notice,))
        wanted, left_out = find_places(text)
        notices: dict[str, Notice] = {}
        if left_out:
            notices["places"] = Notice(
                code="too_many_places",
                message=f"Only the first {len(wanted)} marked places are answered; {left_out:,} more are left out. "
                "Give one section at a time",
            )
        places = tuple(PlaceSuggestions(place=place, suggestions=self._at(place, top, notices)) for place in wanted)
        return SuggestResult(places=places, works=works, notices=tuple(notices.values()))

    def _at(self, place: Place, top: int, notices: dict[str, Notice]) -> tuple[Suggestion, ...]:
        rankings: dict[str, list[Scored]] = {}
        for model in self._models:
            try:
                rankings[model.name] = model.rank(place.context, top=self._config.candidates)
            except (ModelError, SearchIndexError) as error:
                notices[model.name] = Notice(code=f"{model.name}_unavailable", message=error.in_full)
        joined = fuse(list(rankings.values()), top=top, constant=self._config.fusion_constant)
        ids = [scored.id for scored in joined]
        with self._database.session() as session:
            works = {work.id: work for work in work_store.get_works(session, ids)}
            reasons = work_store.cited_at(session, ids, per_work=_REASONS)
        by_model = {name: {scored.id: scored.score for scored in ranking} for name, ranking in rankings.items()}
        return tuple(
            Suggestion(
                work=works[scored.id],
                score=scored.score,
                scores=tuple((name, found[scored.id]) for name, found in by_model.items() if scored.id in found),
                cited_at=reasons.get(scored.id, ()),
            )
            for scored in joined
            if scored.id in works
        )


def find_places(text: str, *, limit: int = MAX_PLACES) -> tuple[list[Place], int]:
    """The first marked places of a text, or the whole text when none is marked, and how many more are marked.

    The context reaches ``CONTEXT_CHARS`` to both sides, widened to whole words, with all markers taken out.
    """
    places: list[Place] = []
    left_out, line, counted_to = 0, 1, 0
    for match in _MARKER.finditer(text):
        if len(places) >= limit:
            left_out += 1
            continue
        line += text.count("\n", counted_to, match.start())
        counted_to = match.start()
        context = _context(text, match.start(), match.end())
        places.append(Place(start=match.start(), end=match.end(), line=line, context=context))
    if not places:
        return [Place(start=0, end=len(text), line=1, context=" ".join(text.split()))], 0
    return places, left_out


def _context(text: str, start: int, end: int) -> str:
    """The text around a span; it is cut between words, unless what stands there is longer than any word."""
    left, right = max(0, start - CONTEXT_CHARS), min(len(text), end + CONTEXT_CHARS)
    left = text.rfind(" ", max(0, left - _WORD_CHARS), left) + 1 or max(0, left - _WORD_CHARS)
    space = text.find(" ", right, right + _WORD_CHARS)
    right = space if space >= 0 else min(len(text), right + _WORD_CHARS)
    return " ".join(_MARKER.sub(" ", f"{text[left:start]} {text[end:right]}").split())
