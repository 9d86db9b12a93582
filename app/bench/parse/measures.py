"""The measures: what counts as right, exactly. docs/benchmarks.md says the same in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rapidfuzz.distance import Levenshtein

from app.bench.parse.scores import Score, aligned, match_each, match_texts, yes_no
from app.bench.parse.truth import Found, FoundReference, TrueReference, Truth
from core.text import name_key, title_key

SAME_ENTRY = 0.9
"""Similarity from which a printed entry and a found one are the same; two run together reach .67 at the most."""
SAME_ABSTRACT = 0.9

Measure = Callable[[Truth, Found], Score | None]
"""The counts for one paper; None when its truth does not tell."""


def measure(truth: Truth, found: Found) -> dict[str, Score]:
    """All measures that apply to a paper, by name."""
    scores = {name: function(truth, found) for name, function in MEASURES.items()}
    return {name: score for name, score in scores.items() if score is not None}


def segmentation(truth: Truth, found: Found) -> Score | None:
    """Entries of the reference list, one to one, by their normalised text."""
    if truth.references is None or not truth.entries_printed:
        return None
    return Score(right=len(same_entries(truth, found)), found=len(found.references), expected=len(truth.references))


def same_entries(truth: Truth, found: Found) -> dict[int, int]:
    """Index of a true reference → index of the found one with the same text."""
    references = truth.references or ()
    return match_texts(
        [title_key(each.text) for each in references],
        [title_key(each.raw) for each in found.references],
        at_least=SAME_ENTRY,
    )


def usable(truth: Truth, found: Found) -> Score | None:
    """References with title, year and first author's family name right, of those that print their title."""
    if truth.references is None or not truth.entries_printed:
        return None
    shown = [each for each in truth.references if each.shows_title]
    if len(shown) < len(truth.references) / 2:
        return None
    right = len(match_each(shown, found.references, _usable))
    return Score(right=right, found=len(shown), expected=len(shown))


def _usable(true: TrueReference, found: FoundReference) -> bool:
    return title_key(true.title) == title_key(found.title) and true.year == found.year and _same_first(true, found)


def _same_first(true: TrueReference, found: FoundReference) -> bool:
    wanted = {name_key(name) for name in true.families}
    return bool(wanted & {name_key(name) for name in found.families}) if wanted else not found.families


def title(truth: Truth, found: Found) -> Score | None:
    """The title, letter by letter; case, accents, hyphens and spaces apart."""
    return yes_no(title_key(truth.title) == title_key(found.title)) if truth.title else None


def authors(truth: Truth, found: Found) -> Score | None:
    """Authors in their order, each by family name and first initial."""
    if truth.authors is None:
        return None
    wanted, got = [_person(*each) for each in truth.authors], [_person(*each) for each in found.authors]
    right = aligned(wanted, got, lambda one, other: float(one == other))
    return Score(right=right, found=len(got), expected=len(wanted))


def _person(given: str, family: str) -> tuple[str, str]:
    return name_key(given)[:1], name_key(family)


def abstract(truth: Truth, found: Found) -> Score | None:
    """The abstract, nearly whole and with nearly nothing else; none where the paper prints none."""
    if truth.abstract is None:
        return None
    wanted, got = title_key(truth.abstract), title_key(found.abstract)
    return yes_no(Levenshtein.normalized_similarity(wanted, got) >= SAME_ABSTRACT)


def headings(truth: Truth, found: Found) -> Score | None:
    """Headings in their order, without their numbers."""
    if truth.headings is None:
        return None
    wanted, got = [_heading(each) for each in truth.headings], [_heading(each) for each in found.headings]
    right = aligned(wanted, got, lambda one, other: float(one == other))
    return Score(right=right, found=len(got), expected=len(wanted))


def _heading(text: str) -> str:
    return title_key(text).lstrip("0123456789")


def mentions(truth: Truth, found: Found) -> Score | None:
    """Pairs of citation in the text and reference; citations in their order, one to one."""
    if truth.mentions is None or truth.references is None:
        return None
    keys = {place: truth.references[index].key for index, place in _linked(truth, found).items()}
    got = [frozenset(keys.get(place, f"?{place}") for place in places) for places in found.mentions]
    right = aligned(truth.mentions, got, lambda one, other: len(one & other))
    return Score(right=right, found=sum(map(len, got)), expected=sum(map(len, truth.mentions)))


def _linked(truth: Truth, found: Found) -> dict[int, int]:
    """True reference → found one: by the printed entry where it is known, else by title."""
    if truth.entries_printed:
        return same_entries(truth, found)
    return match_each(truth.references or (), found.references, _same_title)


def _same_title(true: TrueReference, found: FoundReference) -> bool:
    return bool(title_key(true.title)) and title_key(true.title) == title_key(found.title)


def deposited(truth: Truth, found: Found) -> Score | None:
    """References of a deposit, one to one, by DOI or title."""
    if truth.references is None or truth.entries_printed:
        return None
    pairs = match_each(truth.references, found.references, _same_work)
    return Score(right=len(pairs), found=len(found.references), expected=len(truth.references))


def _same_work(true: TrueReference, found: FoundReference) -> bool:
    return bool(true.doi and true.doi.lower() == found.doi.lower()) or _same_title(true, found)


MEASURES: dict[str, Measure] = {
    "segmentation": segmentation,
    "usable": usable,
    "deposited": deposited,
    "title": title,
    "authors": authors,
    "abstract": abstract,
    "mentions": mentions,
    "headings": headings,
}


def names(scores: Sequence[dict[str, Score]]) -> list[str]:
    """The measures that any of the papers has, in the order of the table."""
    return [name for name in MEASURES if any(name in each for each in scores)]
