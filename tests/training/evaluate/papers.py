"""Small papers that cite: a place for each ``[1]`` in a passage."""

from __future__ import annotations

from collections.abc import Sequence

from tests.builders import make_document, make_reference
from training.contexts import CitedPlace
from training.corpus.records import SourcePaper


def make_paper(
    number: int,
    passages: Sequence[str],
    titles: Sequence[str],
    *,
    title: str = "",
    abstract: str = "",
    source: str = "made",
) -> SourcePaper:
    """A paper whose passages cite ``titles`` by number; each title's first author is Ada Byron."""
    document = make_document(
        title or f"Paper number {number} on nets",
        passages=passages,
        abstract=abstract,
        references=[make_reference(each, authors=("Ada Byron",)) for each in titles],
    )
    return SourcePaper(id=str(number), source=source, licence="CC0", document=document)


def make_place(before: str = "", after: str = "", *, paper: str = "p", targets: Sequence[str] = ("t",)) -> CitedPlace:
    """A place with the title ``On nets`` in the section ``Methods``."""
    return CitedPlace(
        paper=paper, title="On nets", section="Methods", before=before, after=after, targets=tuple(targets)
    )


def quiet(*_: object) -> None:
    """Progress that nobody watches."""
