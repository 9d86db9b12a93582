"""The rankers that an evaluation compares, each as a stage that answers an exam once or in several wordings.

What each is given was chosen on development parts; BM25 and the untuned encoder are asked with and without the citing
paper's title, so that both are at their best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.interfaces import Encoder
from model.citation_encoder import AFTER_CHARS, BEFORE_CHARS, SENTENCES, query_text, work_text
from training.contexts import CitedPlace
from training.evaluate.dense import DenseRanker
from training.evaluate.okapi import Bm25Ranker
from training.evaluate.profiles import described, profile
from training.evaluate.questions import Exam
from training.evaluate.ranking import MostCited
from training.evaluate.rows import About, Answers
from training.evaluate.wording import Wording

Tell = Callable[[str, int, int], None]
"""Told (what is being done, done, total)."""
Stage = Callable[[Exam, Tell], Iterator[tuple[About, Answers]]]
"""Yields a row's subject and answers, as soon as each is known."""

NEAR = Wording(before_chars=150, after_chars=60)
NEAR_AND_TITLE = Wording(title=True, before_chars=150, after_chars=60)
WIDE = Wording(before_chars=250, after_chars=120)
WIDE_AND_TITLE = Wording(title=True, before_chars=250, after_chars=120)
_TUNED_WORDING = f"citing title, section, {BEFORE_CHARS} characters before, {AFTER_CHARS} behind"


def most_cited(exam: Exam, tell: Tell) -> Iterator[tuple[About, Answers]]:
    """The works that most training papers cite, for every place."""
    about = About(name="most-cited", title="Most cited in training", kind="baseline", wording="nothing")
    ranker = MostCited(exam.learned.counts)
    yield about, Answers(ranking=ranker.rank(exam.test.places, on_progress=_ignore))


def bm25_titles(exam: Exam, tell: Tell) -> Iterator[tuple[About, Answers]]:
    """rank-bm25 over titles."""
    yield from _bm25(exam, tell, [work.title for work in exam.candidates], "bm25-titles", "BM25, titles")


def bm25_profiles(exam: Exam, tell: Tell) -> Iterator[tuple[About, Answers]]:
    """rank-bm25 over titles, known abstracts and citing sentences of training papers."""
    texts = [described(work, exam.learned) for work in exam.candidates]
    yield from _bm25(exam, tell, texts, "bm25-profiles", "BM25, titles + abstracts + citing sentences")


def _bm25(exam: Exam, tell: Tell, texts: list[str], name: str, title: str) -> Iterator[tuple[About, Answers]]:
    tell(f"{title}: indexing", 0, 0)
    ranker = Bm25Ranker(texts, NEAR.text)
    for suffix, addition, wording in (("", "", NEAR), ("+title", "; citing title", NEAR_AND_TITLE)):
        about = About(name=name + suffix, title=title + addition, kind="baseline", wording=wording.described)
        yield (
            about,
            Answers(ranking=ranker.reworded(wording.text).rank(exam.test.places, on_progress=_as(tell, about.title))),
        )


def zero_shot(encoder: Encoder) -> Stage:
    """FAISS over titles embedded by an encoder that has not been tuned to citations."""

    def stage(exam: Exam, tell: Tell) -> Iterator[tuple[About, Answers]]:
        title = "FAISS zero-shot, titles"
        texts = [work.title for work in exam.candidates]
        ranker = DenseRanker(texts, encoder, WIDE.text, on_progress=_as(tell, f"{title}: embedding"))
        for suffix, addition, wording in (("", "", WIDE), ("+title", "; citing title", WIDE_AND_TITLE)):
            about = About(
                name="faiss-zero-shot" + suffix,
                title=title + addition,
                kind="baseline",
                wording=wording.described,
                model=encoder.name,
            )
            answers = ranker.reworded(wording.text).rank(exam.test.places, on_progress=_as(tell, about.title))
            yield about, Answers(ranking=answers)

    return stage


def tuned(encoder: Encoder) -> Stage:
    """FAISS with the encoder that was tuned to citations: over titles, then over all that is known of works."""

    def stage(exam: Exam, tell: Tell) -> Iterator[tuple[About, Answers]]:
        for name, title, texts in (
            ("faiss-tuned", "FAISS fine-tuned, titles", [work_text(w.title, w.surname) for w in exam.candidates]),
            ("faiss-tuned-profiles", "FAISS fine-tuned, titles + abstracts + citing sentences", _tuned_profiles(exam)),
        ):
            ranker = DenseRanker(texts, encoder, _tuned_query, on_progress=_as(tell, f"{title}: embedding"))
            about = About(name=name, title=title, kind="retrieval", wording=_TUNED_WORDING, model=encoder.name)
            yield about, Answers(ranking=ranker.rank(exam.test.places, on_progress=_as(tell, title)))

    return stage


def _tuned_query(place: CitedPlace) -> str:
    return query_text(place.title, place.section, place.before, place.after)


def _tuned_profiles(exam: Exam) -> list[str]:
    """Each candidate's title, first author, known abstract and what training papers say where they cite it."""
    contexts, abstracts = exam.learned.contexts, exam.learned.abstracts
    return [
        work_text(
            work.title,
            work.surname,
            abstracts.get(work.key, ""),
            profile(contexts.get(work.key, ()), sentences=SENTENCES),
        )
        for work in exam.candidates
    ]


def _as(tell: Tell, what: str) -> Callable[[int, int], None]:
    return lambda done, total: tell(what, done, total)


def _ignore(done: int, total: int) -> None:
    pass
