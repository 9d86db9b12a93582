"""Sentences of papers with and without citations, the markers taken out: what the model learns and is measured on.

Running text alone is asked: abstracts never cite, and captions, headings, acknowledgements, checklists and rows of
tables are no prose in which a writer looks for a citation to add.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.records import Document, Passage
from core.sentences import sentence_spans
from model.worthiness import Reading, Sentence
from training.corpus.records import SourcePaper
from training.worthiness.stripping import Span, Stripped, stripped, unlinked_markers

_FEWEST_WORDS, _MOST_WORDS = 5, 120
_WORD = re.compile(r"[^\W\d_]{2,}")
_CAPTION = re.compile(
    r"(?:Supplementary |Extended Data )?(?:Figure|Fig\.|Table|Algorithm|Video|Box|Listing)\s*\w+\s*[:.|]"
)
_APART = re.compile(
    r"acknowledg|checklist|author contribution|competing interest|conflict|funding|data availab|code availab|"
    r"supplementa(?:ry|l) (?:file|material|info)|additional (?:file|information)|ethics|reference|bibliograph|"
    r"author note|action editor|open practices|declaration|publisher|abbreviation",
    re.I,
)
_NUMBERED = re.compile(r"^\[\s*\d")
_LEAST_REACHED = 0.5
"""Share of the reference list that mentions must reach: below, most markers were not found and pass for no marker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A sentence as a draft would have it, and whether the paper cites there."""

    paper: str
    sentence: Sentence
    cites: bool


@dataclass(frozen=True, slots=True)
class _Found:
    stripped: Stripped
    cites: bool


def is_usable(document: Document) -> bool:
    """Whether the citations of a paper were found well enough that a sentence without one has none."""
    reached = {index for mention in document.mentions for index in mention.reference_indices}
    return len(reached) >= max(3, _LEAST_REACHED * len(document.references))


def paper_examples(paper: SourcePaper) -> Iterator[Example]:
    """The sentences of a paper's running text, in order; none when too few of its citations were found."""
    document = paper.document
    if not is_usable(document):
        return
    name = f"{paper.source}/{paper.id}"
    mentions = sorted(document.mentions, key=lambda mention: mention.start)
    starts = [mention.start for mention in mentions]
    numbered = sum(bool(_NUMBERED.match(mention.text)) for mention in mentions) > len(mentions) / 2
    references = len(document.references) if numbered else 0
    reading = Reading()
    for passage in document.passages:
        if not _is_running_text(document, passage):
            continue
        near = mentions[bisect_left(starts, passage.start) : bisect_right(starts, passage.end)]
        spans = [(mention.start - passage.start, mention.end - passage.start) for mention in near]
        headings = _headings(document, passage)
        for start, end in sentence_spans(passage.text):
            found = _sentence(passage.text, start, end, spans, references)
            text = found.stripped.text
            sentence = reading.take(text, paragraph=passage.index, section=headings, cites=found.cites)
            if found.stripped.whole and _is_sentence(text):
                yield Example(paper=name, sentence=sentence, cites=found.cites)


def _sentence(text: str, start: int, end: int, mentions: Sequence[Span], references: int) -> _Found:
    piece = text[start:end]
    markers = [(max(a, start) - start, min(b, end) - start) for a, b in mentions if a < end and b > start]
    markers += unlinked_markers(piece, references)
    return _Found(stripped(piece, markers), bool(markers))


def _is_running_text(document: Document, passage: Passage) -> bool:
    if passage.kind != "paragraph" or _CAPTION.match(passage.text):
        return False
    return _APART.search(_headings(document, passage)) is None


def _headings(document: Document, passage: Passage) -> str:
    """The headings above a passage, outermost first, parted by slashes."""
    headings: list[str] = []
    index = passage.section
    while index is not None:
        headings.append(document.sections[index].heading)
        index = document.sections[index].parent
    return " / ".join(reversed(headings))


def _is_sentence(text: str) -> bool:
    """Prose, and not a row of a table or what a formula leaves behind: mostly words, and it ends like a sentence."""
    words = _WORD.findall(text)
    letters = sum(map(len, words))
    mostly_words = _FEWEST_WORDS <= len(words) <= _MOST_WORDS and letters > 0.6 * len(text) - 10
    return mostly_words and not text[0].islower() and text[-1] in '.!?:;”")'
