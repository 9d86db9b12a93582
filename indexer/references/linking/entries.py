"""What citations by name show of the entries, and which entries a citation fits."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.records import Reference
from core.text import name_key, title_key
from indexer.references.linking.names import Name, People, Year, words_of

_OPENING_CHARS, _AUTHOR_CHARS = 90, 400
"""Where the first author, and where the others, stand in an entry: for entries whose fields were read wrongly."""
_MAX_NAMESAKES = 500
"""A name that begins more entries than this tells nothing."""
_TITLE_CHARS = 800
_REPEATED = re.compile(r"^(?:[-–—―_]\s?){1,3}[.,]?\s|^,\s")
"""A dash or a drawn rule in the place of authors repeats those of the entry before."""
_YEAR = re.compile(r"(?<![\d/])(1[5-9]\d\d|20[0-4]\d)([a-z])?(?![\d])")
_UNDATED = re.compile(r"\bn\.\s?d\b|\bs\.\s?a\.|\bin press\b|\bforthcoming\b", re.IGNORECASE)
_WORD = re.compile(r"[´`˚ˇ¨ˆ˜˘¸]?[^\W\d_]+(?:['’\-–][^\W\d_]+)*")
_ACRONYM = re.compile(r"[(\[]([A-Z][A-Za-z&]{1,9})[)\]]")
_EXACT, _WHOLE_WORD, _PRINTED = 3, 2, 1
"""How a cited name fits: the family name itself, a word of it, or a word at the beginning of the raw entry."""


@dataclass(frozen=True, slots=True)
class NamedEntry:
    """What an in-text citation can show of an entry.

    ``families`` are normalised names of the authors; ``opening`` and ``printed`` are words of the raw entry, at its
    beginning and in the reach of its authors; ``years`` are all that it prints; ``text`` and ``title`` are
    keys of its beginning and of its title.
    """

    index: int
    families: tuple[Name, ...]
    keys: frozenset[str]
    year: Year
    years: frozenset[str]
    opening: frozenset[str]
    printed: frozenset[str]
    text: str
    title: str


Fit = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Names:
    """The entries by the words of their first author, and by those together with each year that they print."""

    by_word: Mapping[str, tuple[NamedEntry, ...]]
    by_word_and_year: Mapping[tuple[str, str], tuple[NamedEntry, ...]]
    known: dict[tuple[tuple[Name, ...], bool, Year | None], tuple[Fit, list[NamedEntry]]] = field(default_factory=dict)
    """What ``fitting`` has found already: a paper cites the same works again and again."""

    def fitting(self, people: People, year: Year | None) -> tuple[Fit, list[NamedEntry]]:
        """The entries that fit best, and how well; several when nothing tells them apart, none when none fits."""
        key = (people.names, people.et_al, year)
        if key not in self.known:
            self.known[key] = self._fitting(people, year)
        return self.known[key]

    def _fitting(self, people: People, year: Year | None) -> tuple[Fit, list[NamedEntry]]:
        best: Fit = (0, 0, 0, 0)
        entries: list[NamedEntry] = []
        first = people.names[0]
        seen: set[int] = set()
        for word in (*first, "".join(first)):
            found = self.by_word_and_year.get((word, year.year), ()) if year is not None else self.by_word.get(word, ())
            if len(found) > _MAX_NAMESAKES:
                continue
            for entry in found:
                if entry.index in seen:
                    continue
                seen.add(entry.index)
                fit = _fit(entry, people, year)
                if fit is None or fit < best:
                    continue
                if fit > best:
                    best, entries = fit, []
                entries.append(entry)
        return best, entries


def name_table(references: Iterable[Reference]) -> Names:
    """Index entries by each word with which a citation may begin."""
    table: defaultdict[str, list[NamedEntry]] = defaultdict(list)
    dated: defaultdict[tuple[str, str], list[NamedEntry]] = defaultdict(list)
    last: tuple[Name, ...] = ()
    for ref in references:
        entry = _named(ref, last)
        last = entry.families
        for word in {word for name in entry.families[:1] for word in name} | entry.keys | entry.opening:
            table[word].append(entry)
            for year in entry.years | {entry.year.year} | (set() if entry.years else {"nd"}):
                dated[word, year].append(entry)
    return Names(
        {word: tuple(entries) for word, entries in table.items()},
        {key: tuple(entries) for key, entries in dated.items()},
    )


def _named(ref: Reference, last: tuple[Name, ...]) -> NamedEntry:
    families = tuple(name for author in ref.authors if (name := words_of(author.family)))
    if not families and _REPEATED.match(ref.raw):
        families = last
    head = _before_year(ref.raw)
    keys = {"".join(families[0])} if families else set()
    if ref.authors:
        first = ref.authors[0]
        keys |= {name_key(first.family), name_key(first.name)}
        if not first.given:
            keys.update(_acronyms(first.family))
    keys.update(match[1].lower() for match in _ACRONYM.finditer(head))
    return NamedEntry(
        index=ref.index,
        families=families,
        keys=frozenset(keys - {""}),
        year=_printed_year(ref),
        years=frozenset(match[1] for match in _YEAR.finditer(ref.raw)),
        opening=_words(f"{ref.label} {head[:_OPENING_CHARS]}"),
        printed=_words(f"{ref.label} {ref.raw[:_AUTHOR_CHARS]}") | {word for name in families for word in name},
        text=title_key(ref.raw[:_TITLE_CHARS]),
        title=title_key(ref.title),
    )


def _before_year(raw: str) -> str:
    match = _YEAR.search(raw, 4)
    return raw[: match.start()] if match is not None else raw[:_AUTHOR_CHARS]


def _words(text: str) -> frozenset[str]:
    return frozenset(key for word in _WORD.findall(text) if (key := name_key(word)) and len(key) > 1)


def _acronyms(body: str) -> set[str]:
    """WHO for World Health Organization, with and without its small words."""
    words = re.findall(r"[^\W\d_]+", body)
    if len(words) < 2:
        return set()
    capitals = "".join(word[0] for word in words if word[0].isupper())
    return {name_key(capitals), name_key("".join(word[0] for word in words))} if len(capitals) > 1 else set()


def _printed_year(ref: Reference) -> Year:
    """The year with its letter, which the label may hold in place of the entry."""
    labelled = _YEAR.search(ref.label)
    if labelled is not None:
        return Year(labelled[1], labelled[2] or "")
    if ref.year is None:
        found = None if _UNDATED.search(ref.raw) else _YEAR.search(ref.raw)
        return Year(found[1], found[2] or "") if found is not None else Year("nd")
    match = re.search(rf"(?<![\d]){ref.year}\s?([a-z])\b", ref.raw)
    return Year(str(ref.year), match[1] if match else "")


def _fit(entry: NamedEntry, people: People, year: Year | None) -> Fit | None:
    """How well an entry fits: first name, year, other names, number of names; None when it does not."""
    name = _name_fit(entry, people.names[0])
    when = _year_fit(entry, year) if year is not None else 1
    if not name or not when:
        return None
    others = people.names[1:]
    if not all(any(word in entry.printed for word in other) for other in others):
        return None
    in_order = sum(1 for cited, family in zip(others, entry.families[1:], strict=False) if _same(cited, family))
    if not entry.families:
        return name, when, 0, 0
    count = len(entry.families)
    shown = len(people.names)
    counted = count > max(shown, 1) if people.et_al else count == shown
    return name, when, int(in_order == len(others)), int(counted)


def _same(cited: Name, family: Name) -> bool:
    return "".join(cited) == "".join(family) or cited[-1] == family[-1]


def _name_fit(entry: NamedEntry, cited: Name) -> int:
    whole = "".join(cited)
    if whole in entry.keys:
        return _EXACT
    family = entry.families[0] if entry.families else ()
    if family and (cited[-1] == family[-1] or cited[0] == family[0]) and (len(cited) == 1 or len(family) == 1):
        return _WHOLE_WORD
    if family and (family[: len(cited)] == cited or family[-len(cited) :] == cited):
        return _WHOLE_WORD
    return _PRINTED if all(word in entry.opening for word in cited) else 0


def _year_fit(entry: NamedEntry, year: Year) -> int:
    if entry.year == year:
        return _EXACT
    if entry.year.year == year.year:
        # (Smith, 2020) may cite an entry printed 2020a, and the reverse, when there is but one such year.
        return _WHOLE_WORD if not (entry.year.letter and year.letter) else 0
    if year.year in entry.years or (year.year == "nd" and not entry.years):
        return _PRINTED
    return 0


def distinct(entries: Sequence[NamedEntry]) -> list[int]:
    """Positions of entries, each once."""
    return list(dict.fromkeys(entry.index for entry in entries))
