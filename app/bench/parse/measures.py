"""The measures: what counts as right, exactly. docs/benchmarks.md says the same in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from app.bench.parse.same import same_first_author, same_person, same_title, same_work
from app.bench.parse.scores import Score, align, match_each, match_texts
from app.bench.parse.truth import Found, FoundReference, TrueReference, Truth
from core.text import title_key

SAME_ENTRY = 0.9
"""Similarity from which a printed entry and a found one are the same; two run together reach .67 at the most."""
SAME_ABSTRACT = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The counts of one measure in one paper, and each case for looking at."""

    score: Score
    missed: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


def measure(truth: Truth, found: Found) -> dict[str, Result]:
    """All measures for which a paper's truth tells something, by name."""
    results = {name: function(truth, found) for name, function in MEASURES.items()}
    return {name: result for name, result in results.items() if result is not None}


def segmentation(truth: Truth, found: Found) -> Result | None:
    """Entries of the reference list, one to one, by their normalised text."""
    if truth.references is None or not truth.entries_printed:
        return None
    texts = [each.text for each in truth.references], [each.raw for each in found.references]
    return _paired(same_entries(truth, found), *texts)


def same_entries(truth: Truth, found: Found) -> dict[int, int]:
    """Index of a true reference → index of the found one with the same text."""
    return match_texts(
        [title_key(each.text) for each in truth.references or ()],
        [title_key(each.raw) for each in found.references],
        at_least=SAME_ENTRY,
    )


def usable(truth: Truth, found: Found) -> Result | None:
    """References with title, year and first author's family name right, of those whose title is printed.

    Only of papers that print most titles.
    """
    if truth.references is None or not truth.entries_printed:
        return None
    shown = [each for each in truth.references if each.shows_title]
    if len(shown) < len(truth.references) / 2:
        return None
    pairs = match_each(shown, found.references, _usable)
    unusable = [each for index, each in enumerate(shown) if index not in pairs]
    return Result(
        score=Score(right=len(pairs), found=len(shown), expected=len(shown)),
        missed=tuple(_fields(each) for each in unusable),
        wrong=tuple(_fields(_nearest(each, found.references)) for each in unusable),
    )


def _usable(true: TrueReference, found: FoundReference) -> bool:
    return (
        title_key(true.title) == title_key(found.title) and true.year == found.year and same_first_author(true, found)
    )


def _fields(reference: TrueReference | FoundReference | None) -> str:
    if reference is None:
        return "nothing"
    return f"{reference.title!r}, {reference.year}, {reference.families[0] if reference.families else 'no author'}"


def _nearest(true: TrueReference, found: Sequence[FoundReference]) -> FoundReference | None:
    """The found reference that the true one was probably read as."""
    texts = [title_key(each.raw or each.title) for each in found]
    best = process.extractOne(title_key(true.text), texts, scorer=Levenshtein.normalized_similarity)
    return found[best[2]] if best is not None else None


def references(truth: Truth, found: Found) -> Result | None:
    """References one to one, by DOI or title: of a deposit, or where the printed entries are not known."""
    if truth.references is None or truth.entries_printed:
        return None
    return _paired(
        match_each(truth.references, found.references, same_work),
        [f"{each.doi} {each.title or each.text}".strip() for each in truth.references],
        [f"{each.doi} {each.title!r} in: {each.raw}".strip() for each in found.references],
    )


def title(truth: Truth, found: Found) -> Result | None:
    """The title, letter by letter; case, accents, punctuation and spaces apart."""
    if not truth.title:
        return None
    return _answered(title_key(truth.title) == title_key(found.title), truth.title, found.title)


def authors(truth: Truth, found: Found) -> Result | None:
    """Authors in their order, each by family name and first initial."""
    if truth.authors is None:
        return None
    pairs = align(truth.authors, found.authors, lambda one, other: float(same_person(one, other)))
    return _paired(dict(pairs), [" | ".join(name) for name in truth.authors], [" | ".join(n) for n in found.authors])


def abstract(truth: Truth, found: Found) -> Result | None:
    """The abstract, nearly whole and with nearly nothing else; only of papers that print one."""
    if truth.abstract is None:
        return None
    wanted, got = title_key(truth.abstract), title_key(found.abstract)
    if truth.abstract_begins_so:
        return _answered(got.startswith(wanted), truth.abstract, found.abstract)
    similarity = Levenshtein.normalized_similarity(wanted, got)
    return _answered(similarity >= SAME_ABSTRACT, truth.abstract, found.abstract)


def headings(truth: Truth, found: Found) -> Result | None:
    """Headings in their order, without their numbers."""
    if truth.headings is None:
        return None
    pairs = align(truth.headings, found.headings, lambda one, other: float(_heading(one) == _heading(other)))
    return _paired(dict(pairs), truth.headings, found.headings)


def _heading(text: str) -> str:
    return title_key(text).lstrip("0123456789")


def mentions(truth: Truth, found: Found) -> Result | None:
    """Pairs of citation in the text and reference; citations in their order, one to one."""
    if truth.mentions is None or truth.references is None:
        return None
    keys = {place: truth.references[index].key for index, place in _linked(truth, found).items()}
    got = [frozenset(keys.get(place, f"?{place}") for place in places) for places in found.mentions]
    pairs = dict(align(truth.mentions, got, lambda one, other: len(one & other)))
    right = sum(len(truth.mentions[index] & got[place]) for index, place in pairs.items())
    bad = {place for index, place in pairs.items() if truth.mentions[index] != got[place]}
    bad |= set(range(len(got))) - set(pairs.values())
    return Result(
        score=Score(right=right, found=sum(map(len, got)), expected=sum(map(len, truth.mentions))),
        missed=tuple(
            f"citation {index}: {_together(each)}"
            for index, each in enumerate(truth.mentions)
            if pairs.get(index, -1) in bad | {-1}
        ),
        wrong=tuple(f"found as {place}: {_together(got[place])}" for place in sorted(bad)),
    )


def _together(keys: Iterable[str]) -> str:
    return ", ".join(sorted(keys)) or "nothing"


def _linked(truth: Truth, found: Found) -> Mapping[int, int]:
    """True reference → found one: by the printed entry where it is known, else by title."""
    if truth.entries_printed:
        return same_entries(truth, found)
    return match_each(truth.references or (), found.references, same_title)


def _answered(right: bool, expected: str, found: str) -> Result:
    """The result of a question with one answer."""
    score = Score(right=float(right), found=1, expected=1)
    return Result(score=score) if right else Result(score=score, missed=(expected,), wrong=(found,))


def _paired(pairs: Mapping[int, int], expected: Sequence[str], found: Sequence[str]) -> Result:
    places = set(pairs.values())
    return Result(
        score=Score(right=len(pairs), found=len(found), expected=len(expected)),
        missed=tuple(each for index, each in enumerate(expected) if index not in pairs),
        wrong=tuple(each for place, each in enumerate(found) if place not in places),
    )


MEASURES: dict[str, Callable[[Truth, Found], Result | None]] = {
    "segmentation": segmentation,
    "usable": usable,
    "references": references,
    "title": title,
    "authors": authors,
    "abstract": abstract,
    "mentions": mentions,
    "headings": headings,
}
"""In the order of the tables; None where the truth does not tell."""
