"""A list of words and what they are mostly used as: family or given name, title, venue, publisher or place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from training.references.examples import Example
from training.references.records import Record

_WORD = re.compile(r"[^\W\d_]+")
_CLASSES = {
    "author": "F",
    "title": "T",
    "journal": "V",
    "booktitle": "V",
    "publisher": "P",
    "institution": "P",
    "location": "L",
}
_LEVELS = 4


def count_words(records: Iterable[Record], annotated: Iterable[Example]) -> dict[str, Counter[str]]:
    """How often each lower-case word stands in each class.

    Records tell of names, titles and venues; annotated strings of publishers and places alone, so that the words of
    the strings that are learned from are not all known.
    """
    counts: dict[str, Counter[str]] = {name: Counter() for name in "FGTVPL"}
    for record in records:
        for person in record.authors:
            counts["F"].update(_words(f"{person.particle} {person.family}"))
            counts["G"].update(word for word in _words(person.given) if len(word) > 1)
        counts["T"].update(_words(record.title))
        counts["V"].update(_words(record.container))
    for example in annotated:
        for span in example.spans:
            if _CLASSES.get(span.label, "") in ("P", "L"):
                counts[_CLASSES[span.label]].update(_words(example.text[span.start : span.end]))
    return counts


def make_lexicon(counts: Mapping[str, Counter[str]], *, min_count: int = 4) -> dict[str, str]:
    """Each word with the classes that hold a good part of its use, as ``F3T1``: of four, by share in its classes."""
    totals = {name: max(1, counter.total()) for name, counter in counts.items()}
    seen: Counter[str] = Counter()
    for counter in counts.values():
        seen.update(counter)
    lexicon: dict[str, str] = {}
    for word in sorted(word for word, times in seen.items() if times >= min_count):
        # The square root keeps rare classes from owning words that they share with large ones.
        rates = {name: (counter[word] / totals[name]) ** 0.5 for name, counter in counts.items()}
        whole = sum(rates.values())
        code = "".join(
            f"{name}{round(_LEVELS * rate / whole)}" for name, rate in rates.items() if round(_LEVELS * rate / whole)
        )
        if code:
            lexicon[word] = code
    return lexicon


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]
