"""Footnotes that cite: the entries that each names, so that its mark in the text is a citation of them."""

from __future__ import annotations

import re

from core.text import name_key, title_key
from indexer.references.linking.author_title import cited_entry
from indexer.references.linking.author_year import find_author_year
from indexer.references.linking.entries import NamedEntry, Names
from indexer.references.linking.links import Texts
from indexer.references.linking.lists import Lists, ReferenceList
from indexer.references.linking.numbers import lowered

_MAX_CHARS = 1_000
"""Longer notes are read no further."""
_LEAST_TITLE, _MOST_TITLE = 12, 30
"""Letters of a title that must stand in a note, and of a long title that suffice."""
_WORD = re.compile(r"[^\W\d_]+(?:['’\-–][^\W\d_]+)*")
_QUOTED = re.compile(r"[“\"‘«„]\s*([^“”\"«»„]{3,200}?)[.,]?\s*[”\"’»“]")


def note_lists(texts: Texts, names: Names, lists: Lists) -> Lists:
    """A table from the numbers of footnotes to the entries that the notes name.

    A number that stands before two notes of different content tells nothing and is left out.
    """
    found: dict[str, tuple[int, ...]] = {}
    doubtful: set[str] = set()
    for text, raised in texts:
        if not raised or raised[0][0] != 0:
            continue
        number = lowered(text[: raised[0][1]]).strip(" .")
        if not number.isdigit() or len(number) > 3:
            continue
        indices = _named(text[raised[0][1] : raised[0][1] + _MAX_CHARS].strip(), names, lists)
        if number in found and found[number] != indices:
            doubtful.add(number)
        found[number] = indices
    labels = {number: indices for number, indices in found.items() if indices and number not in doubtful}
    return Lists((ReferenceList(0, 0, frozenset(), labels),))


def _named(note: str, names: Names, lists: Lists) -> tuple[int, ...]:
    whole = _titled(note, names)
    if whole:
        return whole
    dated = [index for link in find_author_year(note, names, lists, 0) for index in link.reference_indices]
    if dated:
        return tuple(dict.fromkeys(dated))
    short = [cited_entry(part.strip(" ."), names, lists, 0) for part in note.split(";")]
    return tuple(dict.fromkeys(index for index in short if index is not None))


def _titled(note: str, names: Names) -> tuple[int, ...]:
    """Entries whose title stands in the note, together with the name of their first author."""
    key = title_key(note)
    quoted = [title_key(match[1]) for match in _QUOTED.finditer(note)]
    candidates: dict[int, NamedEntry] = {}
    for word in _WORD.findall(note)[:80]:
        if word[0].isupper():
            candidates.update((entry.index, entry) for entry in names.by_word.get(name_key(word), ()))
    return tuple(
        entry.index
        for entry in candidates.values()
        if _holds(key, entry.title) or any(len(title) >= _LEAST_TITLE and title in entry.text for title in quoted)
    )


def _holds(key: str, title: str) -> bool:
    return len(title) >= _LEAST_TITLE and title[:_MOST_TITLE] in key
