"""The frozen records that travel between packages.

Places are told in one way everywhere: pages are 1-based; ``page_label`` is the label printed on the page when it
differs from the number; boxes are in PDF points with the origin at the top left of the page as displayed; character
spans index ``Document.text`` and are half-open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

PassageKind = Literal["abstract", "paragraph", "list", "caption", "footnote", "equation"]
JobState = Literal["queued", "running", "done", "failed", "cancelled"]
SentenceKind = Literal["generated", "quote"]
_FAMILY_FIRST = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle on a page, in points; ``x0 <= x1`` and ``y0 <= y1``."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """A person, or a collaboration in ``family`` alone; ``suffix`` as in Jr. or III."""

    family: str
    given: str = ""
    suffix: str = ""

    @property
    def name(self) -> str:
        """The name as read aloud: given name first, but in Chinese, Japanese and Korean last and without a space."""
        if _FAMILY_FIRST.match(self.family) and _FAMILY_FIRST.match(self.given):
            return f"{self.family}{self.given}"
        return " ".join(part for part in (self.given, self.family, self.suffix) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something the user should know about a paper; ``code`` is stable, ``message`` is for reading."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and its reach; ``parent`` is the index of the enclosing section."""

    index: int
    heading: str
    level: int
    page: int
    start: int
    end: int
    number: str = ""
    parent: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A paragraph, or a part of a long one: the unit of search and of evidence.

    ``page`` is where it begins; ``boxes`` may continue on the next page. ``label`` is the printed name of what a
    caption tells of (Figure 2), the mark of a footnote or the number of an equation. ``id`` is None until stored.
    """

    index: int
    text: str
    page: int
    start: int
    end: int
    boxes: tuple[Box, ...]
    kind: PassageKind = "paragraph"
    label: str = ""
    page_label: str | None = None
    section: int | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An entry of a reference list: as printed, and read into fields.

    ``raw`` is on one line and without the label, which stands in ``label`` without its brackets. ``work_id`` is None
    until stored.
    """

    index: int
    raw: str
    page: int
    boxes: tuple[Box, ...] = ()
    label: str = ""
    authors: tuple[Author, ...] = ()
    title: str = ""
    venue: str = ""
    year: int | None = None
    volume: str = ""
    pages: str = ""
    doi: str = ""
    arxiv_id: str = ""
    url: str = ""
    publisher: str = ""
    work_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """An in-text citation; ``ambiguous`` when several entries fit and none can be preferred."""

    reference_indices: tuple[int, ...]
    text: str
    sentence: str
    start: int
    end: int
    page: int
    boxes: tuple[Box, ...] = ()
    section: int | None = None
    ambiguous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A parsed paper, before it is stored.

    Invariants: ``sections``, ``passages`` and ``references`` stand in reading order and their ``index`` is their
    position; ``text[p.start:p.end] == p.text`` for each passage ``p``. A source without pages (LaTeX, JATS) has a
    ``page_count`` of 0, and then every ``page`` is 0 and there are no boxes.
    """

    title: str
    page_count: int
    authors: tuple[Author, ...] = ()
    affiliations: tuple[str, ...] = ()
    abstract: str = ""
    year: int | None = None
    venue: str = ""
    doi: str = ""
    arxiv_id: str = ""
    keywords: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    passages: tuple[Passage, ...] = ()
    references: tuple[Reference, ...] = ()
    mentions: tuple[Mention, ...] = ()
    page_labels: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def text(self) -> str:
        """The running text: passages at their spans; a gap of one character is a space, a wider one line breaks."""
        parts: list[str] = []
        position = 0
        for passage in self.passages:
            gap = passage.start - position
            parts.append(" " if gap == 1 else "\n" * gap)
            parts.append(passage.text)
            position = passage.end
        return "".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file kept under its content's name; ``name`` is what the user called it, for display only."""

    sha256: str
    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper of the library. ``revision`` grows with every change that the search indexes must follow."""

    id: int
    key: str
    title: str
    authors: tuple[Author, ...]
    abstract: str
    year: int | None
    venue: str
    doi: str
    arxiv_id: str
    page_count: int
    page_labels: tuple[str, ...]
    notices: tuple[Notice, ...]
    file: StoredFile
    added_at: datetime
    revision: int
    duplicate_of: int | None = None
    collections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Something citable: a paper of the library, or a work that its papers cite.

    ``cited_by`` counts the library papers that list it; ``paper_id`` is set when the library holds it.
    """

    id: int
    title: str
    authors: tuple[Author, ...] = ()
    year: int | None = None
    venue: str = ""
    doi: str = ""
    arxiv_id: str = ""
    paper_id: int | None = None
    cited_by: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What a ranker returns: the id of a passage or work, and a score that only orders within this ranker."""

    id: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFilter:
    """Narrows a search; empty fields narrow nothing. Years are inclusive; ``author`` matches a family name."""

    year_from: int | None = None
    year_to: int | None = None
    author: str = ""
    collection: str = ""
    paper_ids: tuple[int, ...] | None = None

    @property
    def is_empty(self) -> bool:
        """True when nothing is narrowed."""
        return self == SearchFilter()


EVERYTHING = SearchFilter()
"""The filter that narrows nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage that a search found, with all that is needed to show it on its page.

    ``score`` orders the list; ``scores`` holds each ranker's own (name, score). ``highlights`` are half-open spans of
    ``text`` that match the query.
    """

    passage_id: int
    paper_id: int
    paper_key: str
    paper_title: str
    authors: tuple[Author, ...]
    year: int | None
    page: int
    text: str
    boxes: tuple[Box, ...]
    start: int
    end: int
    score: float
    scores: tuple[tuple[str, float], ...] = ()
    highlights: tuple[tuple[int, int], ...] = ()
    page_label: str | None = None
    section: str = ""
    kind: PassageKind = "paragraph"


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedAt:
    """A sentence of the library that cites a work: the reason to suggest it."""

    paper_id: int
    paper_key: str
    paper_title: str
    sentence: str
    page: int
    page_label: str | None = None
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedAt:
    """Where a work stands in a list: the reference list of a paper, on its page, or a bibliography of that name."""

    paper_id: int | None = None
    paper_key: str = ""
    paper_title: str = ""
    page: int | None = None
    page_label: str | None = None
    bibliography: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A stored work proposed for a place in a text, with the scores of the rankers that named it.

    The reasons: sentences of the library that cite it, those nearest to the place first; where there are none, a list
    that it stands in; and where the library holds the work, its passage that fits best.
    """

    work: Work
    probability: float
    scores: tuple[tuple[str, float], ...] = ()
    cited_at: tuple[CitedAt, ...] = ()
    listed_at: ListedAt | None = None
    passage: Hit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSentence:
    """One sentence of an answer or summary; ``evidence`` holds positions in the evidence list and is never empty.

    ``support`` in [0, 1] says how far the evidence carries the sentence; a quote is its own evidence and has 1.
    """

    text: str
    evidence: tuple[int, ...]
    kind: SentenceKind
    support: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer with its evidence; without sentences the library has no answer and the evidence is the nearest text."""

    question: str
    sentences: tuple[AnswerSentence, ...]
    evidence: tuple[Hit, ...]
    generator: str
    notices: tuple[Notice, ...] = ()

    @property
    def answered(self) -> bool:
        """True when at least one sentence could be shown with its evidence."""
        return bool(self.sentences)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A run of questions; ``answers`` in the order asked."""

    id: int
    title: str
    created_at: datetime
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work done in the background. ``done`` of ``total`` steps; ``message`` and ``hint`` explain the state."""

    id: int
    kind: str
    title: str
    state: JobState
    payload: dict[str, str]
    created_at: datetime
    updated_at: datetime
    done: int = 0
    total: int = 0
    message: str = ""
    hint: str = ""
    attempts: int = 0
    paper_id: int | None = None
    worker: str = ""

    @property
    def finished(self) -> bool:
        """True when nothing more will happen without the user."""
        return self.state in ("done", "failed", "cancelled")
