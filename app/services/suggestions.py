"""What to cite at a place of a text: works of the library and works that its papers cite, with reasons.

Retrieval answers first and for all places. A language model then reads one place after the other and ranks the works
too; each place that it has read is told anew. It ranks works that are stored, and never names others. What the rankers
say is joined into probabilities by ``model.suggestion_ranker``.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Protocol

from app.services.places import Place, find_places
from app.services.reasons import Reasons
from app.services.spreading import spread
from core.errors import InputError, ModelError, SearchIndexError
from core.interfaces import SearchBackend
from core.records import Notice, Scored, Suggestion
from indexer.database import Database
from indexer.search.fusion import fuse
from indexer.store import works as work_store
from model.suggestion_ranker import DEPTH, MODEL, REREAD, Candidate, SuggestionRanker

MAX_TEXT_CHARS = 200_000


class LanguageModel(Protocol):
    """A citation model that goes on from a text, and can weigh given works."""

    @property
    def name(self) -> str:
        """Short name shown beside its score."""
        ...

    def rank_all(self, asked: Sequence[tuple[str, Sequence[int]]], *, top: int) -> Generator[list[Scored], None, None]:
        """Rank stored works as the citations that follow texts, best first; each comes with works to score anyway.

        Raises:
            core.errors.ModelError: The model is missing or damaged.
        """
        ...


@dataclass(frozen=True, slots=True)
class Ranker:
    """A search over all works, its name in ``model.suggestion_ranker.RANKERS``, and what it is asked about a place."""

    name: str
    works: SearchBackend
    wording: Callable[[Place], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSuggestions:
    """The suggestions for one place, best first; ``reread`` when the language model has ranked them too.

    ``none`` is the probability that no work that the library knows is wanted here.
    """

    place: Place
    suggestions: tuple[Suggestion, ...]
    none: float = 0.0
    reread: bool = False

    @property
    def unsure(self) -> bool:
        """Whether it is likelier that none of all works fits than that one of them does."""
        return self.none > 0.5


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


Rankings = dict[str, list[Scored]]
"""Of one place, by ranker as ``model.suggestion_ranker`` names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestOptions:
    """How suggestions are wanted: ``top`` a place.

    Args:
        use_model: Let the language model rank too, where there is one.
        popularity: Whether being cited often speaks for a work.
    """

    top: int = 10
    use_model: bool = True
    popularity: bool = True


DEFAULTS = SuggestOptions()


class SuggestionService:
    """Suggests citations.

    Args:
        database: Where the works are.
        rankers: Each ranks all works on its own; asked for once a text.
        joiner: Joins their rankings into one.
        reasons: Finds why a work is suggested.
        language_model: Ranks beside the others when there is one; asked for once a text.
    """

    def __init__(
        self,
        database: Database,
        *,
        rankers: Callable[[], Sequence[Ranker]],
        joiner: SuggestionRanker,
        reasons: Reasons,
        language_model: Callable[[], LanguageModel | None] = lambda: None,
    ) -> None:
        self._database = database
        self._rankers = rankers
        self._joiner = joiner
        self._reasons = reasons
        self._language_model = language_model

    def suggest(self, text: str, options: SuggestOptions = DEFAULTS) -> SuggestResult:
        """Suggest works for each marked place of a text, or for the text as a whole when none is marked.

        Of more than ``MAX_PLACES`` places only the first are answered, and a notice counts the others.

        Markers: ``[citation]``, ``[cite]``, ``[?]``, ``\\cite{…}`` and its kin, ``[@…]``, ``[START_REF]``.

        Raises:
            InputError: The text is empty or too long.
            ModelError: The weights that join rankings are missing or damaged.
        """
        *_, last = self.stream(text, options)
        return last

    def stream(self, text: str, options: SuggestOptions = DEFAULTS) -> Iterator[SuggestResult]:
        """The same as it grows: what retrieval finds at once, then again with each place that the model has read.

        Yields:
            At least one result; the last has nothing ``waiting``.

        Raises:
            InputError, ModelError: As for ``suggest``.
        """
        _check(text)
        wanted, left_out = find_places(text)
        for result in self.stream_places(wanted, options):
            yield replace(result, notices=(*_left_out(len(wanted), left_out), *result.notices))

    def stream_places(self, wanted: Sequence[Place], options: SuggestOptions = DEFAULTS) -> Iterator[SuggestResult]:
        """The same for places that are found already; within a paragraph, works that fit are spread over them."""
        for result in self._stream(wanted, options):
            yield replace(result, places=spread(result.places))

    def _stream(self, wanted: Sequence[Place], options: SuggestOptions) -> Iterator[SuggestResult]:
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
        places = tuple(
            self._joined(place, ranked, works, options) for place, ranked in zip(wanted, rankings, strict=True)
        )
        model = self._language_model() if options.use_model else None
        waiting = len(wanted) if model is not None else 0
        result = SuggestResult(
            places=places, works=works, notices=tuple(notices.values()), model=model.name if model else "",
            waiting=waiting,
        )  # fmt: skip
        yield result
        if model is not None:
            yield from self._reread(model, result, rankings, options)

    def _reread(
        self, model: LanguageModel, result: SuggestResult, rankings: list[Rankings], options: SuggestOptions
    ) -> Iterator[SuggestResult]:
        """The result after each place that the model has read; it gives up at the first that it cannot."""
        places = list(result.places)
        told = [_told(each.place, ranked) for each, ranked in zip(result.places, rankings, strict=True)]
        with closing(model.rank_all(told, top=DEPTH)) as readings:
            for index, ranked in enumerate(rankings):
                try:
                    own = next(readings)
                except (ModelError, SearchIndexError) as error:
                    notice = Notice(code=f"{model.name}_unavailable", message=error.in_full)
                    yield replace(result, notices=(*result.notices, notice), model="", waiting=0)
                    return
                joined = self._joined(
                    places[index].place, ranked | {MODEL: own}, result.works, options, model=model.name
                )
                places[index] = replace(joined, reread=True)
                result = replace(result, places=tuple(places), waiting=len(places) - index - 1)
                yield result

    def _retrieve(self, place: Place, rankers: Sequence[Ranker], notices: dict[str, Notice]) -> Rankings:
        rankings: Rankings = {}
        for ranker in rankers:
            try:
                rankings[ranker.name] = ranker.works.search(ranker.wording(place), top=DEPTH)
            except (ModelError, SearchIndexError) as error:
                notices[ranker.works.name] = Notice(code=f"{ranker.works.name}_unavailable", message=error.in_full)
        return rankings

    def _joined(
        self, place: Place, rankings: Rankings, size: int, options: SuggestOptions, *, model: str = ""
    ) -> PlaceSuggestions:
        """Join rankings of ``size`` works, and tell of the best what there is to tell.

        Args:
            model: Name of the language model, if it has ranked them too.
        """
        if not any(rankings.values()):
            return PlaceSuggestions(place=place, suggestions=(), none=1.0)
        joined = self._joiner.join(
            rankings,
            self._known({each.id for ranking in rankings.values() for each in ranking}),
            before=place.before,
            after=place.after,
            size=size,
            popularity=options.popularity,
        )
        best = joined.works[: options.top]
        with self._database.session() as session:
            works = {work.id: work for work in work_store.get_works(session, [each.id for each in best])}
        reasons = self._reasons.find(place, list(works.values()))
        own = {model or name if name == MODEL else name: dict(_pairs(ranking)) for name, ranking in rankings.items()}
        suggestions = tuple(
            Suggestion(
                work=works[each.id],
                probability=each.score,
                scores=tuple((name, found[each.id]) for name, found in own.items() if each.id in found),
                cited_at=reasons[each.id].cited_at,
                listed_at=reasons[each.id].listed_at,
                passage=reasons[each.id].passage,
            )
            for each in best
            if each.id in works
        )
        return PlaceSuggestions(place=place, suggestions=suggestions, none=joined.none)

    def _known(self, ids: set[int]) -> dict[int, Candidate]:
        with self._database.session() as session:
            works = work_store.counted_works(session, ids)
        return {each.id: Candidate(title=each.title, surname=each.surname, cited_by=each.cited_by) for each in works}


def _pairs(ranking: Iterable[Scored]) -> Iterator[tuple[int, float]]:
    return ((each.id, each.score) for each in ranking)


def _told(place: Place, rankings: Rankings) -> tuple[str, list[int]]:
    """What the model reads before a place, and the works that it is to weigh whatever it thinks of itself."""
    return _read_before(place), [each.id for each in fuse(list(rankings.values()), top=REREAD)]


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
