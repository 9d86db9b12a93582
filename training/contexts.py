"""Places that cite, with what they cite: the questions and answers of citation prediction.

All citations are taken out of the text around a place, so that no ranker can read the answer (or its neighbours) from
a marker such as ``(Smith et al., 2020)``.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from core.records import Document, Mention, Reference
from core.text import end_of, start_of, title_key
from training.corpus.records import SourcePaper

BEFORE_CHARS = 500
AFTER_CHARS = 120
_MIN_KEY = 4
_EMPTY_BRACKETS = re.compile(r"\s*[(\[](?:[\s,;&]|\b(?:and|see|e\.g\.|cf\.|also|reviewed in|but)\b[\s,]*){0,12}[)\]]")
_LEFT_OVER = re.compile(r"(?:[,;]\s*){2,}")
_SPACED = re.compile(r"\s+([,.;:)\]])")


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedPlace:
    """A place of a paper that cites, its marker and all others around it removed.

    ``paper`` and ``title`` are those of the citing paper, ``section`` is the heading above; ``before`` and ``after``
    are at most ``BEFORE_CHARS`` and ``AFTER_CHARS`` long. ``targets`` are keys of the works cited there.
    """

    paper: str
    title: str
    section: str
    before: str
    after: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedWork:
    """A work in some reference list; ``key`` is the ``title_key`` that joins its printings."""

    key: str
    title: str
    surname: str
    year: int | None = None
    doi: str = ""


def work_key(reference: Reference) -> str:
    """What joins the entries of one work; empty when the entry has no title to tell it by."""
    key = title_key(reference.title)
    return key if len(key) >= _MIN_KEY and not key.isdigit() else ""


def cited_places(paper: SourcePaper) -> list[CitedPlace]:
    """The places of a paper that cite a work with a title, in order."""
    document = paper.document
    keys = [work_key(reference) for reference in document.references]
    text = document.text
    mentions = sorted(document.mentions, key=lambda mention: mention.start)
    starts = [mention.start for mention in mentions]
    places: list[CitedPlace] = []
    for mention in mentions:
        targets = tuple(dict.fromkeys(keys[index] for index in mention.reference_indices if keys[index]))
        if not targets or mention.ambiguous:
            continue
        first, last = _reach(document, mention)
        left = max(first, mention.start - 2 * BEFORE_CHARS)
        right = min(last, mention.end + 2 * AFTER_CHARS)
        near = mentions[bisect_left(starts, left) : bisect_right(starts, right)]
        before, after = _around(text, mention, left, right, near)
        section = "" if mention.section is None else document.sections[mention.section].heading
        places.append(
            CitedPlace(
                paper=f"{paper.source}/{paper.id}",
                title=document.title,
                section=section,
                before=before,
                after=after,
                targets=targets,
            )
        )
    return places


def cited_works(papers: Iterable[SourcePaper]) -> dict[str, CitedWork]:
    """All works with a title in the reference lists of papers, by key; of several printings the commonest is taken."""
    printings: defaultdict[str, Counter[CitedWork]] = defaultdict(Counter)
    for paper in papers:
        for reference in paper.document.references:
            if key := work_key(reference):
                surname = reference.authors[0].family if reference.authors else ""
                work = CitedWork(
                    key=key, title=reference.title, surname=surname, year=reference.year, doi=reference.doi
                )
                printings[key][work] += 1
    # Ties go to the printing that tells more, then to the alphabet: the order of papers must not matter.
    return {
        key: max(found, key=lambda work: (found[work], bool(work.surname), bool(work.doi), work.title, work.surname))
        for key, found in sorted(printings.items())
    }


def _reach(document: Document, mention: Mention) -> tuple[int, int]:
    """The span of text that may serve as context: the section of the mention."""
    if mention.section is None:
        return 0, document.passages[-1].end
    section = document.sections[mention.section]
    return section.start, max(section.end, mention.end)


def _around(text: str, mention: Mention, left: int, right: int, near: list[Mention]) -> tuple[str, str]:
    """The text before and after a mention, all mentions taken out, what they leave behind tidied."""
    before = "".join(_pieces(text, left, mention.start, near))
    after = "".join(_pieces(text, mention.end, right, near))
    # Brackets may stand around several mentions: tidied together, and the place is found again by its mark.
    tidy = tidied(f"{before}\x00{after}")
    head, _, tail = tidy.partition("\x00")
    return end_of(head.strip(), BEFORE_CHARS), start_of(tail.strip(), AFTER_CHARS)


def _pieces(text: str, start: int, end: int, near: list[Mention]) -> Iterable[str]:
    position = start
    for mention in near:
        if mention.end <= start or mention.start >= end:
            continue
        yield text[position : max(position, mention.start)]
        position = max(position, mention.end)
    yield text[position:end]


def tidied(text: str) -> str:
    """The text without what markers leave behind: empty brackets, commas in a row, spaces before signs."""
    text = " ".join(text.split())
    marked = re.sub(r"[(\[][\s,;]*\x00[\s,;]*[)\]]", "\x00", text)
    marked = _EMPTY_BRACKETS.sub("", marked)
    marked = _LEFT_OVER.sub(", ", marked)
    return _SPACED.sub(r"\1", marked)
