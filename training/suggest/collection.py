"""Suggestions on the topics of a collection that nothing was trained on: relevant records are to be found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.records import Scored
from indexer.search.fusion import fuse
from model.citation_encoder import query_text
from model.suggestion_ranker import DEPTH
from training.contexts import CitedWork
from training.evaluate.bootstrap import Estimate, PairedBootstrap, interval, p_value
from training.evaluate.lineup import Tell
from training.evaluate.questions import Exam, Learned, Questions
from training.evaluate.ranking import Floats
from training.evaluate.report import table
from training.evaluate.rows import Difference
from training.suggest.evaluate import Setup
from training.suggest.lists import Lists, index_candidates, known_works, only, rankings, with_model
from training.suggest.topics import Record, Topic

MEASURES = ("recall@10", "nDCG@10")
_DEEP = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRow:
    """The figures of one ranker; ``differences`` are to the first row."""

    name: str
    measures: dict[str, Estimate]
    differences: dict[str, Difference]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicReport:
    """Rankers on the topics of one kind."""

    kind: str
    topics: int
    papers: int
    records: int
    rows: tuple[TopicRow, ...]


def exam_of(records: Sequence[Record], topics: Sequence[Topic]) -> Exam:
    """Records as candidates, and the places of all topics as questions."""
    position = {record.key: number for number, record in enumerate(records)}
    places = tuple(place for topic in topics for place in topic.places)
    right = tuple(
        frozenset(position[key] for key in topic.relevant if key in position) for topic in topics for _ in topic.places
    )
    nothing = np.zeros(0, dtype=np.int64)
    return Exam(
        candidates=tuple(CitedWork(key=r.key, title=r.title, surname=r.surname, year=r.year) for r in records),
        learned=Learned(
            papers=0,
            places=0,
            counts=np.zeros(len(records), dtype=np.int64),
            contexts={},
            abstracts={record.key: record.abstract for record in records if record.abstract},
        ),
        test=Questions(places=places, place=nothing, target=nothing, paper=nothing, right=right),
        dev=None,
        notices=(),
    )


def evaluate_topics(
    records: Sequence[Record],
    topics: Mapping[str, Sequence[Topic]],
    setup: Setup,
    folder: Path,
    *,
    seed: int,
    tell: Tell,
) -> list[TopicReport]:
    """Measure the topics of each kind.

    Args:
        records: The collection.
        topics: By kind.
        setup: What suggests.
        folder: Where the indexes go; empty.
        seed: Of the resampling.
        tell: Told (what, done, total).

    Raises:
        ModelError: A model or the weights are damaged.
    """
    asked = [topic for some in topics.values() for topic in some]
    exam = exam_of(records, asked)
    retrieval = index_candidates(exam, setup.encoder, folder, tell)
    lists = rankings(retrieval, exam.test.places, tell, what="topics")
    if setup.model is not None:
        lists = with_model(setup.model, exam, lists, tell, what="topics", kept=setup.kept)
    whole = [
        {
            "BM25 with the whole text": retrieval.words.search(topic.text, top=DEPTH),
            "FAISS fine-tuned with the whole text": retrieval.meaning.search(
                query_text(topic.title, "", topic.text, ""), top=DEPTH
            ),
        }
        for topic in asked
    ]
    answers = _answers(exam, asked, lists, setup)
    position = {record.key: number for number, record in enumerate(records)}
    reports, start = [], 0
    for kind, some in topics.items():
        part = slice(start, start + len(some))
        rows = [one | other for one, other in zip(whole[part], answers[part], strict=True)]
        reports.append(_report(kind, some, rows, position, seed))
        start += len(some)
    return reports


def markdown(report: TopicReport) -> str:
    """The report as a table."""
    told = f"{report.topics:,} {report.kind} of {report.papers:,} papers, {report.records:,} records"
    rows = [[row.name, *(_cell(row, name) for name in MEASURES)] for row in report.rows]
    return f"## {told}\n\n{table(['ranker', *MEASURES], rows)}\n"


def _cell(row: TopicRow, name: str) -> str:
    difference = row.differences[name]
    compared = f"; {difference.estimate.value:+.3f}, p {difference.p:.4f}" if row.name != difference.baseline else ""
    value = row.measures[name]
    return f"{value.value:.3f} ({value.low:.3f}–{value.high:.3f}{compared})"


def _answers(exam: Exam, topics: Sequence[Topic], lists: Sequence[Lists], setup: Setup) -> list[Lists]:
    """For each topic what its places say together: each record by the place that likes it best."""
    known = known_works(exam)
    found: list[Lists] = []
    start = 0
    for topic in topics:
        mine = list(zip(topic.places, lists[start : start + len(topic.places)], strict=True))
        start += len(mine)
        answer = {"reciprocal rank fusion": _highest([fuse(list(one.values()), top=DEPTH) for _, one in mine])}
        for name, rankers in _teams(lists[0]).items():
            joined = [
                setup.ranker.join(
                    only(one, rankers), known, before=place.before, after=place.after, size=len(known)
                ).works
                for place, one in mine
            ]
            answer[name] = _highest(joined)
        found.append(answer)
    return found


def _teams(lists: Lists) -> dict[str, tuple[str, ...]]:
    """The rankers that are joined, by what that is called."""
    everybody = tuple(lists)
    if "model" not in lists:
        return {"joined": everybody}
    fast = tuple(name for name in everybody if name != "model")
    return {"joined without the language model": fast, "joined": everybody}


def _highest(rankings: Sequence[Sequence[Scored]]) -> list[Scored]:
    """Several rankings as one: each work with its highest score."""
    best: dict[int, float] = {}
    for ranking in rankings:
        for each in ranking:
            best[each.id] = max(each.score, best.get(each.id, each.score))
    order = sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))[:DEPTH]
    return [Scored(id=id_, score=score) for id_, score in order]


def _report(
    kind: str, topics: Sequence[Topic], rows: Sequence[Lists], position: Mapping[str, int], seed: int
) -> TopicReport:
    papers = {title: number for number, title in enumerate(dict.fromkeys(topic.title for topic in topics))}
    bootstrap = PairedBootstrap(np.array([papers[topic.title] for topic in topics]), seed=seed)
    wanted = [{position.get(key, -1) for key in topic.relevant} for topic in topics]
    first: tuple[Floats, Floats] | None = None
    told = []
    for name in rows[0]:
        values = np.array([_measured(one[name], right) for one, right in zip(rows, wanted, strict=True)])
        draws, means = bootstrap.means(values), values.mean(axis=0)
        base_means, base_draws = first = first or (means, draws)
        told.append(
            TopicRow(
                name=name,
                measures={m: interval(float(means[i]), draws[:, i]) for i, m in enumerate(MEASURES)},
                differences={
                    m: Difference(
                        baseline=next(iter(rows[0])),
                        estimate=interval(float(means[i] - base_means[i]), draws[:, i] - base_draws[:, i]),
                        p=p_value(draws[:, i] - base_draws[:, i]),
                    )
                    for i, m in enumerate(MEASURES)
                },
            )
        )
    return TopicReport(kind=kind, topics=len(topics), papers=len(papers), records=len(position), rows=tuple(told))


def _measured(ranking: Sequence[Scored], right: set[int]) -> tuple[float, float]:
    """Recall and normalised discounted cumulative gain of the first ten."""
    hits = np.array([each.id in right for each in ranking[:_DEEP]], dtype=float)
    discount = 1.0 / np.log2(np.arange(2, _DEEP + 2))
    ideal = discount[: min(len(right), _DEEP)].sum()
    return float(hits.sum() / len(right)), float((hits * discount[: len(hits)]).sum() / ideal)
