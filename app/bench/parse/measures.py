"""The measures: what counts as right, exactly. docs/benchmarks.md says the same in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rapidfuzz.distance import Levenshtein

from app.bench.parse.scores import Score, aligned, match_each, match_texts, yes_no
from app.bench.parse.truth import Found, FoundReference, TrueReference, Truth
from core.text import name_key, title_key

SAME_ENTRY = 0.9
"""Similarity from which a printed entry and a found one are the same; two run together reach .67 at the most."""
SAME_ABSTRACT = 0.9
_SHORTEST_FIELD = 4
_NOTE = re.compile(r"(?<=\S)\s*\[[^\[\]]*\]\W*$")

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
    right = aligned(truth.authors, found.authors, lambda one, other: float(_same_person(one, other)))
    return Score(right=right, found=len(found.authors), expected=len(truth.authors))


def _same_person(true: tuple[str, str], found: tuple[str, str]) -> bool:
    """Whether initial and family name are the same; each name is (given, family).

    Deposits split names without looking (Jai | Ram Rideout), so a family name that is true may begin in the found given
    name. A found one may begin with particles (van der) that the truth leaves to the given name.
    """
    true_family, family = name_key(true[1]), name_key(" ".join(_without_particles(found[1].split())))
    whole = name_key("".join(found))
    if name_key("".join(true))[:1] != whole[:1] or not family:
        return False
    return family == name_key(" ".join(_without_particles(true[1].split()))) or (
        true_family.endswith(family) and whole.endswith(true_family)
    )


def _without_particles(words: list[str]) -> list[str]:
    return [word for index, word in enumerate(words) if index == len(words) - 1 or not word[:1].islower()]


def abstract(truth: Truth, found: Found) -> Score | None:
    """The abstract, nearly whole and with nearly nothing else; only of papers that print one."""
    if truth.abstract is None:
        return None
    wanted, got = title_key(truth.abstract), title_key(found.abstract)
    if truth.abstract_begins_so:
        return yes_no(got.startswith(wanted))
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
    wanted = title_key(_bare(true.title))
    return bool(wanted) and wanted == title_key(_bare(found.title))


def _bare(title: str) -> str:
    """A title without a note in square brackets at its end, which tells the kind of work."""
    return _NOTE.sub("", title)


def deposited(truth: Truth, found: Found) -> Score | None:
    """References of a deposit, one to one, by DOI or title.

    Of a deposited entry that is a mere text, DOI or title must stand in it as a whole field.
    """
    if truth.references is None or truth.entries_printed:
        return None
    pairs = match_each(truth.references, found.references, _same_work)
    return Score(right=len(pairs), found=len(found.references), expected=len(truth.references))


def _same_work(true: TrueReference, found: FoundReference) -> bool:
    doi = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:\s*)", "", found.doi.strip().lower())
    if doi and (true.doi == doi or (not true.doi and _stands_in(doi, true.text.lower()))):
        return True
    return _same_title(true, found) or (not true.title and _is_field_of(found.title, true.text))


def _stands_in(doi: str, text: str) -> bool:
    return bool(re.search(re.escape(doi) + r"(?![\w/.-]*\w)", text))


def _is_field_of(title: str, text: str) -> bool:
    """Whether a title is a run of whole fields of a text whose fields are parted by commas."""
    wanted = title_key(_bare(title))
    if len(wanted) < _SHORTEST_FIELD:
        return False
    fields = [title_key(_bare(part)) for part in text.split(", ")]
    for first in range(len(fields)):
        joined = ""
        for part in fields[first:]:
            joined += part
            if joined == wanted:
                return True
            if not wanted.startswith(joined):
                break
    return False


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
