"""The linker of a paper: its reference list prepared, and the style in which it is cited."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.records import Reference
from indexer.references.linking.author_title import find_author_title
from indexer.references.linking.author_year import find_author_year
from indexer.references.linking.entries import Names, name_table
from indexer.references.linking.links import Link, Texts, without_overlaps
from indexer.references.linking.lists import Lists, number_lists
from indexer.references.linking.notes import note_lists
from indexer.references.linking.numbers import (
    find_bracketed,
    find_glued,
    find_labelled,
    find_parenthesised,
    find_raised,
)

_WEIGHTS = {
    "bracket": 1.0, "label": 1.0, "note": 0.95, "author-year": 0.9, "superscript": 0.8, "parenthesis": 0.5,
    "glued": 0.5, "author-title": 0.45,
}  # fmt: skip
"""Doubtful styles must reach more entries than plain ones to be chosen."""
_BESIDE = {
    "bracket": ("author-year",),
    "label": ("author-year",),
    "author-year": ("bracket",),
    "superscript": ("bracket", "note"),
}
"""Styles that a paper may use beside its own, and that are seldom anything else."""
_COUNTING, _ALL = frozenset({"superscript", "glued"}), 0.8
"""Styles that are believed of a list without labels only when they reach this share of its entries."""
_BESIDE_SHARE, _BESIDE_LEAST = 0.2, 2


@dataclass(frozen=True, slots=True)
class Linker:
    """A reference list prepared for linking; build it with ``make_linker``. ``beside`` are styles used now and then."""

    lists: Lists
    names: Names
    notes: Lists
    style: str
    beside: tuple[str, ...] = ()

    def find(self, text: str, raised: Sequence[tuple[int, int]] = (), *, page: int = 0) -> list[Link]:
        """Find the citations in a text, in order and without overlaps.

        Args:
            text: A paragraph.
            raised: Spans of superscript characters, whose digits may be written as such.
            page: Where the text stands (0 if unknown): it tells the lists of chapters apart.
        """
        links = self._find(self.style, text, raised, page)
        for style in self.beside:
            others = self._find(style, text, raised, page)
            links.extend(
                link for link in others if all(link.end <= one.start or link.start >= one.end for one in links)
            )
        return without_overlaps(links)

    def _find(self, style: str, text: str, raised: Sequence[tuple[int, int]], page: int) -> list[Link]:
        finders: dict[str, Callable[[], Sequence[Link]]] = {
            "author-year": lambda: find_author_year(text, self.names, self.lists, page),
            "author-title": lambda: find_author_title(text, self.names, self.lists, page),
            "label": lambda: list(find_labelled(text, self.lists, page)),
            "superscript": lambda: find_raised(text, raised, self.lists, page),
            "parenthesis": lambda: find_parenthesised(text, self.lists, page),
            "note": lambda: find_raised(text, raised, self.notes, page),
            "glued": lambda: find_glued(text, self.lists, page),
            "bracket": lambda: find_bracketed(text, self.lists, page),
        }
        return without_overlaps(finders[style]())


def make_linker(references: Sequence[Reference], *, texts: Texts) -> Linker:
    """Prepare a reference list, choosing the citation style that links most in the paper.

    Args:
        references: In order; numbers without labels are their positions.
        texts: Each paragraph with the spans of its superscripts.
    """
    lists = number_lists(references)
    names = name_table(references)
    notes = note_lists(texts, names, lists)
    labelled = sum(1 for ref in references if ref.label) >= 0.5 * len(references)
    keyed = sum(1 for ref in references if len(ref.label) > 3 and not ref.label[0].isdigit())
    if keyed >= 0.5 * len(references):
        styles = ["label"]
    elif labelled:
        styles = ["bracket", "superscript", "parenthesis", "glued", "note"]
    else:
        # Superscripts of a paper whose entries have no numbers are marks of its notes, unless they count all entries.
        styles = ["bracket", "note"] if notes.lists[0].labels else ["bracket", "superscript", "glued"]
    styles += ["author-year", "author-title"]
    linkers = {style: Linker(lists, names, notes, style) for style in styles}
    reached = {style: _reached(linker, texts) for style, linker in linkers.items()}
    # Numbers of entries come before those of notes: a paper that has both cites by the former.
    chosen = [style for style in styles if style != "note" or "superscript" not in styles]
    chosen = [
        style for style in chosen if style not in _COUNTING or labelled or reached[style] > _ALL * len(references)
    ]
    best = max(chosen, key=lambda style: _WEIGHTS[style] * reached[style])
    beside = tuple(
        style
        for style in _BESIDE.get(best, ())
        if style in styles and reached[style] > max(_BESIDE_LEAST, _BESIDE_SHARE * reached[best])
    )
    return Linker(lists, names, notes, best, beside)


def _reached(linker: Linker, texts: Texts) -> int:
    """Distinct entries that a style reaches."""
    return len(
        {index for text, raised in texts for link in linker.find(text, raised) for index in link.reference_indices}
    )
