"""How places and works are worded for the rankers: as they were tuned to read them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.services.places import Place
from indexer.search.source import WorkContent

WORDING = "work-text-1"
"""Changed with ``describe_work``: works are then encoded anew."""
_NUMBERED = re.compile(r"\s*\[\d[\d,;–—\s-]{0,100}\]")


def describe_work(content: WorkContent) -> str:
    """A work by its title, first author and abstract, and by what is said where it is cited."""
    from model.citation_encoder import work_text

    work = content.work
    surname = work.authors[0].family if work.authors else ""
    return work_text(work.title, surname, content.abstract, list(_said(content)))


def place_query(place: Place) -> str:
    """A place that wants a citation, with what the text around it is about."""
    from model.citation_encoder import query_text

    return query_text(place.title, place.section, place.before, place.after)


def wide_query(place: Place) -> str:
    """A place as BM25 is asked what its text is about."""
    from model.suggestion_ranker import wide_words

    return wide_words(place.title, place.before, place.after)


def near_query(place: Place) -> str:
    """A place as BM25 is asked what the words beside it are about."""
    from model.suggestion_ranker import near_words

    return near_words(place.title, place.before, place.after)


def _said(content: WorkContent) -> Iterator[str]:
    """What is said at each citation, with all markers that can be told taken out."""
    from model.citation_encoder import citing_text

    for each in content.cited_in:
        before, _, after = each.sentence.partition(each.marker)
        yield citing_text(_NUMBERED.sub("", before), _NUMBERED.sub("", after))
