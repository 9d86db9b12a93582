"""What each of the product's rankers says of the places of an exam: the library's own indexes over its candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.interfaces import Encoder
from core.records import Scored
from indexer.search.dense import DenseIndex
from indexer.search.fusion import fuse
from indexer.search.lexical import WORK_FIELDS, LexicalIndex, LexicalItem, work_fields
from model.citation_encoder import query_text, work_text
from model.galactica.prior import prior_strength
from model.suggestion_ranker import DEPTH, REREAD, Candidate, near_words, wide_words
from training.contexts import CitedPlace
from training.evaluate.lineup import Tell
from training.evaluate.profiles import SENTENCES, profile
from training.evaluate.questions import Exam

if TYPE_CHECKING:
    from model.galactica.galactica import Galactica

_COMMIT_EVERY = 2_000
Lists = dict[str, list[Scored]]
"""Rankings of one place by ranker, as ``model.suggestion_ranker`` names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieval:
    """The library's indexes over the candidates of an exam, with or without what training papers say of them.

    Args:
        words: BM25.
        meaning: Vectors of the tuned encoder.
    """

    words: LexicalIndex
    meaning: DenseIndex

    def lists(self, place: CitedPlace, *, title: bool = True) -> Lists:
        """Rankings of a place; without the citing paper's ``title`` when it is left out."""
        paper = place.title if title else ""
        query = query_text(paper, place.section, place.before, place.after)
        return {
            "bm25": self.words.search(wide_words(paper, place.before, place.after), top=DEPTH),
            "near": self.words.search(near_words(paper, place.before, place.after), top=DEPTH),
            "dense": self.meaning.search(query, top=DEPTH),
        }


def index_candidates(exam: Exam, encoder: Encoder, folder: Path, tell: Tell, *, profiles: bool = True) -> Retrieval:
    """Index the candidates as a library indexes its works.

    Args:
        exam: Its candidates go by position.
        encoder: The tuned one.
        folder: Where the indexes go; not there yet.
        tell: Told how far it is.
        profiles: Whether abstracts and citing sentences are indexed beside titles and authors.

    Raises:
        SearchIndexError: The folder cannot be written.
        ModelError: The encoder is damaged.
    """
    words = LexicalIndex.create(folder / "words", WORK_FIELDS)
    meaning = DenseIndex.create(folder / "meaning", encoder)
    total = len(exam.candidates)
    for number, work in enumerate(exam.candidates):
        said = profile(exam.learned.contexts.get(work.key, ()), sentences=SENTENCES) if profiles else []
        abstract = exam.learned.abstracts.get(work.key, "") if profiles else ""
        fields = work_fields(work.title, [work.surname], work.year, [*said, abstract])
        words.replace(number, [LexicalItem(id=number, fields=fields)])
        meaning.replace(number, [number], [work_text(work.title, work.surname, abstract, said)])
        if (number + 1) % _COMMIT_EVERY == 0 or number + 1 == total:
            meaning.commit()
            tell("indexing works", number + 1, total)
    words.commit()
    return Retrieval(words=words, meaning=meaning)


def known_works(exam: Exam) -> dict[int, Candidate]:
    """What is known of each candidate, by position."""
    counts = exam.learned.counts
    return {
        number: Candidate(title=work.title, surname=work.surname, cited_by=int(counts[number]))
        for number, work in enumerate(exam.candidates)
    }


def rankings(
    retrieval: Retrieval, places: Sequence[CitedPlace], tell: Tell, *, what: str, title: bool = True
) -> list[Lists]:
    """The lists of every place."""
    found: list[Lists] = []
    for place in places:
        found.append(retrieval.lists(place, title=title))
        if len(found) % 25 == 0 or len(found) == len(places):
            tell(f"{what}: searching", len(found), len(places))
    return found


def with_model(
    model: Galactica, exam: Exam, lists: Sequence[Lists], tell: Tell, *, what: str, kept: Path | None
) -> list[Lists]:
    """The lists of the exam's places with the language model's own, which also weighs what retrieval likes best.

    Args:
        kept: Folder where priors of titles are kept for the next time; None keeps none.

    Raises:
        ModelError: The model's context holds no title.
    """
    from training.evaluate.language import ranked, trie_of

    also = [[each.id for each in fuse(list(one.values()), top=REREAD)] for one in lists]
    trie = trie_of(model, exam, tell, kept)
    alpha = prior_strength(model.folder)
    found = ranked(model, trie, exam.test.places, alpha=alpha, tell=tell, what=f"{what}: {model.name}", also=also)
    return [
        one | {"model": [Scored(id=each.id, score=each.score) for each in titles]}
        for one, titles in zip(lists, found, strict=True)
    ]


def only(lists: Mapping[str, list[Scored]], rankers: Sequence[str]) -> Lists:
    """The lists of these rankers, in this order."""
    return {name: lists[name] for name in rankers}
