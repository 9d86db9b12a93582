"""Labels of a reference list: as printed, with the names and years in them, and as a style would make them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.records import Author, Reference
from core.text import ascii_fold, clean
from indexer.latex.flow import without_marks
from indexer.latex.reader import Item

_YEAR_LABEL = re.compile(r"^(?P<names>.*?)\s?\((?P<year>[^()]{0,40})\)(?P<full>.*)$", re.DOTALL)
_COMMA_LABEL = re.compile(r"^(?P<names>[^,].{1,200}?),\s?(?P<year>\d{4}[a-z]?|n\.\s?d\.[a-z]?)$", re.DOTALL)
_YEAR_TEXT = re.compile(
    r"^\[?(?:\d{4}|n\.\s?d\.|in press|to appear|forthcoming|submitted|in preparation)", re.IGNORECASE
)


def label_of(item: Item) -> tuple[str, str, str]:
    """Names and year of a label when it holds them, and the label as printed."""
    if item.label is None:
        return "", "", ""
    text = clean(without_marks(item.label))
    match = _YEAR_LABEL.match(text)
    if match is None or not _YEAR_TEXT.match(match["year"]):
        match = _COMMA_LABEL.match(text)
    if match is None:
        return "", "", text
    return match["names"].strip(" ,"), match["year"].strip(" ,"), text


def short_names(authors: Sequence[Author], *, others: bool = False) -> str:
    """Authors as a citation names them; ``others`` when the list says that there are more."""
    families = [author.family for author in authors]
    if families and (len(families) > 2 or others):
        return f"{families[0]} et al."
    return " and ".join(families)


def with_letters(shorts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Years of entries that would look alike get letters, in the order of the list."""
    counts: dict[tuple[str, str], int] = {}
    for short in shorts:
        counts[short] = counts.get(short, 0) + 1
    seen: dict[tuple[str, str], int] = {}
    lettered: list[tuple[str, str]] = []
    for names, year in shorts:
        place = seen.get((names, year), 0)
        seen[names, year] = place + 1
        letter = chr(ord("a") + place) if counts[names, year] > 1 and place < 26 else ""
        lettered.append((names, year + letter))
    return lettered


def alpha_labels(references: Sequence[Reference]) -> list[str]:
    """Labels such as Knu84 and ABC+99, as BibTeX's alpha makes them; those alike get letters."""
    plain: list[str] = []
    for reference in references:
        families = [ascii_fold(author.family).split()[-1] for author in reference.authors if author.family.split()]
        if len(families) == 1:
            stem = families[0][:3]
        elif len(families) > 4:
            stem = "".join(family[0] for family in families[:3]) + "+"
        else:
            stem = "".join(family[0] for family in families) or reference.title[:3]
        plain.append(f"{stem}{str(reference.year or '')[-2:]}")
    return ["".join(pair) for pair in with_letters([(label, "") for label in plain])]
