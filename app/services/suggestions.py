"""What to cite at a place of a text: works of the library and works that its papers cite, with reasons.

Retrieval answers first and for all places. A language model then reads one place after the other and ranks the works
too; each place that it has read is told anew. It ranks works that are stored, and never names others.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Protocol

from app.services.places import Place, find_places
from app.services.spreading import spread
from core.errors import InputError, ModelError, SearchIndexError
from core.interfaces import CitationModel
from core.records import Notice, Scored, Suggestion
from indexer.config import SearchConfig
from indexer.database import Database
from indexer.search.fusion import fuse
from indexer.store import works as work_store

MAX_TEXT_CHARS = 200_000
_REASONS = 3
_REREAD = 40
"""So many of the works that retrieval likes best are weighed by the language model beside those it names itself."""


class LanguageModel(Protocol):
    """A citation model that goes on from a text, and can weigh given works."""

    @property
    def name(self) -> str:
        """Short name shown beside its score."""
        ...

    def rank_all(self, asked: Iterable[tuple[str, Sequence[int]]], *, top: int) -> Generator[list[Scored], None, None]:
        """Rank stored works as the citations that follow texts, best first; each comes with works to score anyway.

        Raises:
            core.errors.ModelError: The model is missing or damaged.
        """
        ...


@dataclass(frozen=True, slots=True)
class Ranker:
    """A citation model over all works, and what it is told of a place."""

    model: CitationModel
    wording: Callable[[Place], str] = lambda place: place.context


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSuggestions:
    """The suggestions for one place, best first; ``reread`` when the language model has ranked them too."""

    place: Place
    suggestions: tuple[Suggestion, ...]
    reread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestResult:
    """Suggestions place by place; a text without markers is one place.

    ``model`` names the language model that takes part, "" when none does; ``waiting`` counts the places that it has
    still to read.
    """

    places: tuple[PlaceSuggestions, ...]
    works: int
    notices: tuple[Notice, ...] = ()
    model: str = ""
    waiting: int = 0


class SuggestionService:
    """Suggests citations.

    Args:
        database: Where the works are.
        rankers: Each ranks all works on its own; their rankings are joined and shown. Asked for once a text.
        config: How many candidates each ranker gives, and how rankings are joined.
        language_model: Ranks beside the others when there is one; asked for once a text.
    """

    def __init__(
        self,
        database: Database,
        *,
        rankers: Callable[[], Sequence[Ranker]],
        config: SearchConfig,
        language_model: Callable[[], LanguageModel | None] = lambda: None,
    ) -> None:
        self._database = database
        self._config = config
        self._rankers = rankers
        self._language_model = language_model

    def suggest(self, text: str, *, top: int = 10, use_model: bool = True) -> SuggestResult:
        """Suggest works for each marked place of a text, or for the text as a whole when none is marked.

        Of more than ``MAX_PLACES`` places only the first are answered, and a notice counts the others.

        Markers: ``[citation]``, ``[cite]``, ``[?]``, ``\\cite{…}`` and its kin, ``[@…]``, ``[START_REF]``.

        Args:
            use_model: Let the language model rank too, where there is one.

        Raises:
            InputError: The text is empty or too long.
        """
        *_, last = self.stream(text, top=top, use_model=use_model)
        return last

    def stream(self, text: str, *, top: int = 10, use_model: bool = True) -> Iterator[SuggestResult]:
        """The same as it grows: what retrieval finds at once, then again with each place that the model has read.

        Yields:
            At least one result; the last has nothing ``waiting``.

        Raises:
            InputError: The text is empty or too long.
        """
        _check(text)
        wanted, left_out = find_places(text)
        for result in self.stream_places(wanted, top=top, use_model=use_model):
            yield replace(result, notices=(*_left_out(len(wanted), left_out), *result.notices))

    def stream_places(
        self, wanted: Sequence[Place], *, top: int = 10, use_model: bool = True
    ) -> Iterator[SuggestResult]:
        """The same for places that are found already; within a paragraph, works that fit are spread over them."""
        for result in self._stream(wanted, top=top, use_model=use_model):
            yield replace(result, places=spread(result.places))

    def _stream(self, wanted: Sequence[Place], *, top: int, use_model: bool) -> Iterator[SuggestResult]:
        with self._database.session() as session:
            works = work_store.count_works(session)
        if not works:
            notice = Notice(
                code="no_works", message="The library knows no works yet: add papers, or import a bibliography"
            )
            yield SuggestResult(places=(), works=0, notices=(notice,))
            return
        notices: dict[str, Notice] = {}
        rankers = self._rankers()
        rankings = [self._retrieve(place, rankers, notices) for place in wanted]
        found = [self._joined(place, ranked, top) for place, ranked in zip(wanted, rankings, strict=True)]
        model = self._language_model() if use_model else None
        waiting = len(wanted) if model is not None else 0
        result = SuggestResult(
            places=tuple(found), works=works, notices=tuple(notices.values()), model=model.name if model else "",
            waiting=waiting,
        )  # fmt: skip
        yield result
        if model is not None:
            yield from self._reread(model, result, rankings, top)

    def rankings(self, place: Place, *, use_model: bool = True) -> dict[str, list[Scored]]:
        """What each ranker that can take part says of a place, by its name; the language model's is the last.

        Raises:
            ModelError: The language model is wanted and cannot take part.
        """
        found = self._retrieve(place, self._rankers(), {})
        model = self._language_model() if use_model else None
        if model is None:
            return found
        return found | {model.name: next(model.rank_all([self._asked(place, found)], top=self._config.candidates))}

    def _asked(self, place: Place, rankings: dict[str, list[Scored]]) -> tuple[str, list[int]]:
        """What the model reads before a place, and the works that it is to weigh whatever it thinks of itself."""
        best = fuse(list(rankings.values()), top=_REREAD, constant=self._config.fusion_constant)
        return _read_before(place), [scored.id for scored in best]

    def _reread(
        self, model: LanguageModel, result: SuggestResult, rankings: list[dict[str, list[Scored]]], top: int
    ) -> Iterator[SuggestResult]:
        """The result after each place that the model has read; it gives up at the first that it cannot."""
        places = list(result.places)
        asked = (self._asked(each.place, ranked) for each, ranked in zip(result.places, rankings, strict=True))
        with closing(model.rank_all(asked, top=self._config.candidates)) as readings:
            for index, ranked in enumerate(rankings):
                try:
                    own = next(readings)
                except (ModelError, SearchIndexError) as error:
                    notice = Notice(code=f"{model.name}_unavailable", message=error.in_full)
                    yield replace(result, notices=(*result.notices, notice), model="", waiting=0)
                    return
                place = places[index].place
                joined = self._joined(place, ranked | {model.name: own}, top, last=self._config.model_weight)
                places[index] = replace(joined, reread=True)
                result = replace(result, places=tuple(places), waiting=len(places) - index - 1)
                yield result

    def _retrieve(self, place: Place, rankers: Sequence[Ranker], notices: dict[str, Notice]) -> dict[str, list[Scored]]:
        rankings: dict[str, list[Scored]] = {}
        for ranker in rankers:
            model = ranker.model
            try:
                rankings[model.name] = model.rank(ranker.wording(place), top=self._config.candidates)
            except (ModelError, SearchIndexError) as error:
                notices[model.name] = Notice(code=f"{model.name}_unavailable", message=error.in_full)
        return rankings

    def _joined(
        self, place: Place, rankings: dict[str, list[Scored]], top: int, *, last: float = 1.0
    ) -> PlaceSuggestions:
        """Join rankings, of which the ``last`` counts that much, and tell of the works what there is to tell."""
        weights = [1.0] * (len(rankings) - 1) + [last] if rankings else []
        joined = fuse(list(rankings.values()), top=top, constant=self._config.fusion_constant, weights=weights)
        ids = [scored.id for scored in joined]
        with self._database.session() as session:
            works = {work.id: work for work in work_store.get_works(session, ids)}
            reasons = work_store.cited_at(session, ids, per_work=_REASONS)
        by_model = {name: {scored.id: scored.score for scored in ranking} for name, ranking in rankings.items()}
        suggestions = tuple(
            Suggestion(
                work=works[scored.id],
                score=scored.score,
                scores=tuple((name, found[scored.id]) for name, found in by_model.items() if scored.id in found),
                cited_at=reasons.get(scored.id, ()),
            )
            for scored in joined
            if scored.id in works
        )
        return PlaceSuggestions(place=place, suggestions=suggestions)


def _read_before(place: Place) -> str:
    """What a language model reads before a place, as it was trained to read it."""
    from training.corpus.forms import citing_context

    return citing_context(place.title, place.section, place.before)


def _check(text: str) -> None:
    if not text.strip():
        raise InputError("the text is empty", hint="Paste a paragraph; mark places that need a citation with [?].")
    if len(text) > MAX_TEXT_CHARS:
        raise InputError(
            f"the text has {len(text):,} characters; {MAX_TEXT_CHARS:,} are read at most",
            hint="Give one section at a time.",
        )


def _left_out(answered: int, left_out: int) -> Iterator[Notice]:
    if left_out:
        yield Notice(
            code="too_many_places",
            message=f"Only the first {answered} marked places are answered; {left_out:,} more are left out. "
            "Give one section at a time",
        )
