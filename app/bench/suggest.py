"""How long suggestions take, as one waits for them: libraries of given sizes, one place asked at a time.

Papers are stored until the library knows the wanted number of works; places of other papers are then asked. Words are
indexed and searched for real, each place is embedded for real, and the language model reads each. Embedding 100,000
works takes more than an hour, so vectors of works are drawn from a sample as in ``app.bench.search``: the search does
the same work, but what it finds by meaning is left to chance, and agrees less with what is found by words.
"""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from app.bench.citation_model import Spread
from app.bench.search import SAMPLE, Progress, SampledEncoder, percentile_ms
from app.services.citation_model import CitationRanker
from app.services.citing import WORDING, describe_work, near_query, place_query, wide_query
from app.services.places import Place
from app.services.reasons import Reasons
from app.settings import Settings
from app.wiring import Galacite, open_library
from core.errors import InputError, ModelError
from core.records import StoredFile, Work
from indexer.search.readers import citing_reader, lexical_reader
from indexer.search.shelf import WorkEncoder
from indexer.search.source import DatabaseSource
from indexer.search.sync import SearchIndexes
from indexer.store.papers import add_paper, count_papers
from indexer.store.works import count_works, titled_ids
from model.suggestion_ranker import DEPTH

if TYPE_CHECKING:
    from training.contexts import CitedPlace
    from training.corpus.records import SourcePaper

_EVERY = 7
"""Of so many places of a paper one is asked: neighbours are alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestBenchPlan:
    """What to measure with.

    Args:
        corpora: JSONL files of papers, of which the libraries are made.
        ask: Another file, whose papers are asked; else those that come after the library's.
        sizes: Numbers of works.
        places: How many are asked, after one that warms up.
        fill: Compute beforehand what titles are worth without any context, as the app does in the background.
    """

    corpora: tuple[Path, ...]
    ask: Path | None = None
    sizes: tuple[int, ...] = (5_000, 100_000)
    places: int = 200
    fill: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestTiming:
    """What was measured in a library of one size.

    ``first`` is the time to the first results, ``full`` that until the language model has ranked too; None without
    one. The medians of processor time are over all threads: other programs hardly lengthen them. ``parts`` are medians
    in ms of what the first results are made of; "dense" includes "embedding". ``load_s`` is for loading the language
    model and cutting the titles, ``fill_s`` for what they are worth without any context.
    """

    works: int
    papers: int
    places: int
    first: Spread
    full: Spread | None
    first_cpu_ms: float
    full_cpu_ms: float | None
    parts: Mapping[str, float]
    store_s: float
    index_s: float
    load_s: float | None
    fill_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestBench:
    """All sizes; ``encoder`` and ``model`` are "" where none took part, ``vectors`` says how those of works came."""

    encoder: str
    model: str
    vectors: str
    timings: tuple[SuggestTiming, ...]


@dataclass(frozen=True, slots=True)
class _Time:
    """Seconds by the clock, and of the processor over all threads."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class _Asked:
    """A place with the works that are suggested for it first."""

    place: Place
    first: _Time
    full: _Time | None
    works: tuple[Work, ...]


def bench_suggestions(
    settings: Settings, plan: SuggestBenchPlan, *, on_progress: Progress | None = None
) -> SuggestBench:
    """Build a library of each size in a temporary folder, and time suggestions in it.

    Args:
        settings: Tell which models take part.
        plan: What to measure.
        on_progress: Told (what is being done, done, total).

    Raises:
        InputError: A file holds no papers, or there are too few.
        ModelError: A model that should take part is damaged.
    """
    tell = on_progress or (lambda what, done, total: None)
    encoder = model = ""
    timings = []
    for size in plan.sizes:
        with tempfile.TemporaryDirectory(prefix="galacite-bench-") as folder:
            galacite = open_library(settings.elsewhere(Path(folder)))
            try:
                timings.append(_measure(galacite, size, plan, tell))
                encoder = galacite.citation_encoder().name if galacite.has_citation_encoder() else ""
                ranker = galacite.citation_model()
                model = ranker.name if ranker is not None else ""
            finally:
                galacite.close()
    vectors = f"up to {SAMPLE:,} works embedded, those of all moved from these by noise to a cosine of about 0.8"
    return SuggestBench(
        encoder=encoder, model=model, vectors=vectors if encoder else "none", timings=tuple(timings)
    )  # fmt: skip


def _measure(galacite: Galacite, size: int, plan: SuggestBenchPlan, tell: Progress) -> SuggestTiming:
    from training.corpus.records import read_papers

    papers = itertools.chain.from_iterable(map(read_papers, plan.corpora))
    store_s = _seconds(lambda: _store(galacite, papers, size, tell))
    wanted = list(itertools.islice(_places(read_papers(plan.ask) if plan.ask else papers), plan.places + 1))
    if len(wanted) <= 1:
        raise InputError("no places are left to ask", hint="Name more papers, or others to ask: --ask FILE")
    index_s = _seconds(lambda: _index(galacite, tell))
    load_s, fill_s = _prepare(galacite.citation_model(), fill=plan.fill, tell=tell)
    asked = []
    for done, place in enumerate(wanted):
        asked.append(_ask(galacite, place))
        tell("asking", done, plan.places)
    timed = asked[1:]
    with galacite.database.session() as session:
        works, stored = count_works(session), count_papers(session)
    first = [each.first for each in timed]
    full = [each.full for each in timed if each.full is not None]
    return SuggestTiming(
        works=works,
        papers=stored,
        places=len(timed),
        first=_spread(first),
        full=_spread(full) if full else None,
        first_cpu_ms=percentile_ms([each.cpu for each in first], 50),
        full_cpu_ms=percentile_ms([each.cpu for each in full], 50) if full else None,
        parts=_parts(galacite, asked),
        store_s=store_s,
        index_s=index_s,
        load_s=load_s,
        fill_s=fill_s,
    )


def _store(galacite: Galacite, papers: Iterable[SourcePaper], works: int, tell: Progress) -> None:
    """Store papers until the library knows so many works."""
    known = 0
    for paper in papers:
        name = f"{paper.source}/{paper.id}"
        file = StoredFile(sha256=sha256(name.encode()).hexdigest(), name=name, size_bytes=1)
        with galacite.database.session(write=True) as session:
            add_paper(session, paper.document, file)
            known = count_works(session)
        tell(f"storing {works:,} works", min(known, works), works)
        if known >= works:
            return
    raise InputError(f"these papers tell of {known:,} works, not {works:,}", hint="Name more files, or: --works N")


def _index(galacite: Galacite, tell: Progress) -> None:
    """Build all indexes that suggestions need."""
    source = DatabaseSource(galacite.database)
    citing = None
    if galacite.has_citation_encoder():
        with galacite.database.session() as session:
            ids = sorted(titled_ids(session))
        sample = [describe_work(each) for each in source.works(ids[:: max(1, len(ids) // SAMPLE)][:SAMPLE])]
        tell("embedding a sample of works", 0, 1)
        citing = WorkEncoder(SampledEncoder(galacite.citation_encoder(), sample), describe_work, WORDING)
    indexes = SearchIndexes(galacite.settings.index_folder, source, citing=citing)
    indexes.sync(on_progress=lambda done, total: tell("indexing", done, total))


def _prepare(model: CitationRanker | None, *, fill: bool, tell: Progress) -> tuple[float | None, float | None]:
    """Load the language model, and fill in what titles are worth; returns the seconds that each took."""
    if model is None:
        return None, None
    tell("loading the language model", 0, 1)
    load_s = _seconds(model.load)
    if not fill:
        return load_s, None
    tell("weighing titles", 0, 1)
    return load_s, _seconds(model.fill_priors)


def _places(papers: Iterable[SourcePaper]) -> Iterator[Place]:
    from training.contexts import cited_places

    for paper in papers:
        yield from map(_place, cited_places(paper)[::_EVERY])


def _place(cited: CitedPlace) -> Place:
    return Place(
        start=0, end=0, line=1, context=f"{cited.before[-200:]} {cited.after}", before=cited.before,
        after=cited.after, title=cited.title, section=cited.section,
    )  # fmt: skip


def _ask(galacite: Galacite, place: Place) -> _Asked:
    """Ask one place.

    Raises:
        ModelError: A ranker did not take part.
    """
    started = time.perf_counter(), time.process_time()
    results, times = [], []
    for result in galacite.suggestions.stream_places([place]):
        times.append(_Time(time.perf_counter() - started[0], time.process_time() - started[1]))
        results.append(result)
    first, last = results[0], results[-1]
    for notice in last.notices:
        raise ModelError(f"without all rankers times mean nothing: {notice.message}")
    works = tuple(each.work for each in first.places[0].suggestions)
    return _Asked(place, times[0], times[-1] if last.places[0].reread else None, works)


def _parts(galacite: Galacite, asked: Sequence[_Asked]) -> dict[str, float]:
    """What the first results are made of, each part by itself; the first place warms up."""
    root = galacite.settings.index_folder
    words = lexical_reader(root, "works")
    reasons = Reasons(galacite.database, passages=lexical_reader(root, "passages"))
    parts: dict[str, Callable[[_Asked], object]] = {
        "bm25": lambda each: words.search(wide_query(each.place), top=DEPTH),
        "near": lambda each: words.search(near_query(each.place), top=DEPTH),
        "reasons": lambda each: reasons.find(each.place, each.works),
    }
    if galacite.has_citation_encoder():
        encoder = galacite.citation_encoder()
        meaning = citing_reader(root, galacite.citation_encoder)
        parts["embedding"] = lambda each: encoder.encode([place_query(each.place)])
        parts["dense"] = lambda each: meaning.search(place_query(each.place), top=DEPTH)
    return {name: _median_ms(part, asked) for name, part in parts.items()}


def _median_ms(part: Callable[[_Asked], object], asked: Sequence[_Asked]) -> float:
    return percentile_ms([_seconds(partial(part, each)) for each in asked][1:], 50)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _spread(times: Sequence[_Time]) -> Spread:
    seconds = [each.wall for each in times]
    return Spread(p50_ms=percentile_ms(seconds, 50), p95_ms=percentile_ms(seconds, 95))
