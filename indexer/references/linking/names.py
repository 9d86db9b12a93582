"""The wording of author-year citations: years, and the names before them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.text import name_key
from indexer.references.names import PARTICLES

_ONE = r"(?:1[5-9]\d\d|20[0-4]\d|n\.\s?d\.|s\.\s?a\.|o\.\s?J\.|in press|forthcoming|to appear|in preparation|submitted)"
_LETTER = r"(?:[a-z](?!\w)|\s[a-z](?=[)\];,]))?"
YEARS = re.compile(
    rf"(?<![\w.–-])(?:\[)?{_ONE}(?:/(?:1[5-9]|20)\d\d)?{_LETTER}\]?"
    rf"(?:\s?[,&]\s?(?:and\s|&\s)?(?:{_ONE}{_LETTER}|[a-z])(?!\w))*(?!\d)"
)
"""A year with its letter, or several: ``2019``, ``2019a, b``, ``2018, 2020``, ``n.d.``"""
_YEAR_PARTS = re.compile(r"\d{4}\s?[a-z]?(?![\w])|\b[a-z]\b(?!\.)|n\.\s?d\.|s\.\s?a\.|o\.\s?J\.|[a-z]+(?:\s[a-z]+)?")
_ET_AL = re.compile(
    r"(?:[,;]\s*|\s+|^)(?:(?:and|&|und|et)\s+)?(?:et\.?\s*al\b\.?|others\b|colleagues\b|co-?workers\b|collaborators\b|"
    r"u\.\s?a\.|andere\b|coll\.|otros\b|outros\b)"
)
_AND = re.compile(r"^(?:and|&|und|et|y|e|en|och|og|i|u|AND|with)$")
_POSSESSIVE = re.compile(r"['’]s?(?=$|[\s,(\[])")
_SPLIT = re.compile(
    r"\s*[,;]\s*(?:(?:and|&|und|et|y|e|en|och|og)\s+)?|\s+(?:and|&|und|et|y|e|en|och|og|AND)\s+|\s*[/&]\s*"
)
_WORD = re.compile(r"\S+")
_INITIAL = re.compile(r"^(?:[^\W\d_a-z]\.?-?){1,3}$")
_TRIM = ",;:()[]“”\"'’‘."
_ACCENTS = "´`˚ˇ¨ˆ˜˘¸"
_JOINTS = frozenset(
    {"and", "und", "et", "al", "others", "colleagues", "coworkers", "co-workers", "of", "for", "the", "on", "in", "u",
     "u.", "a", "coll", "andere", "y", "e", "en", "och", "og", "&"}
)  # fmt: skip
_MAX_WORDS, _MAX_CHARS = 14, 250
"""Names before a year reach no further back than this."""

Name = tuple[str, ...]
"""The normalised words of a family name or an institution, without particles."""


@dataclass(frozen=True, slots=True)
class People:
    """Authors as a citation shows them; ``et_al`` when it says that there are more; ``start`` is where they begin."""

    names: tuple[Name, ...]
    et_al: bool
    start: int


@dataclass(frozen=True, slots=True)
class Year:
    """A cited year; ``nd`` stands for none, and ``letter`` for the a of 2019a."""

    year: str
    letter: str = ""


def years_of(text: str) -> list[Year]:
    """``2019a, b`` as 2019a and 2019b."""
    years: list[Year] = []
    for token in _YEAR_PARTS.findall(text):
        token = token.replace(" ", "")
        if token[0].isdigit():
            years.append(Year(token[:4], token[4:]))
        elif len(token) == 1 and years:
            years.append(Year(years[-1].year, token))
        elif token not in ("and",):
            years.append(Year("nd"))
    return years


def words_of(name: str) -> Name:
    """A family name's words in a common spelling; particles and initials are left out, unless nothing else is there."""
    words = [word.strip(_TRIM) for word in name.split()]
    keys = [
        name_key(word)
        for word in words
        if word and word.lower() not in PARTICLES and not (_INITIAL.match(word) and len(words) > 1 and len(word) < 3)
    ]
    return tuple(key for key in keys if key) or tuple(key for word in words if (key := name_key(word)))


def readings(text: str, *, narrative: bool) -> Iterator[People]:
    """Ways to read the end of a text as a list of authors, the longest first.

    Words before the names ("see the review of Smith") are given up one by one; names that "and" joins stay together,
    and between brackets also those that a comma joins.

    Args:
        text: What stands before a year.
        narrative: In running text, where a comma before a name may belong to the sentence.
    """
    offset = max(0, len(text) - _MAX_CHARS)
    words = list(_WORD.finditer(text[offset:].rstrip(" ,(.:[")))
    first = _reach([word[0] for word in words], narrative=narrative)
    # "Smith (1987) and Hsu (1996)": an "and" that nothing stands before joins no names.
    while first < len(words) and _AND.match(words[first][0].strip(_TRIM) or words[first][0]):
        first += 1
    for position in range(max(first, len(words) - _MAX_WORDS), len(words)):
        if not _begins_name(words[position][0]):
            continue
        if position > first and not _parts(words[position - 1][0], narrative=narrative):
            continue
        start = offset + words[position].start()
        people = _people(text[start:], start)
        if people.names:
            yield people


def _reach(words: list[str], *, narrative: bool) -> int:
    """The position from which on all words can be names or join them."""
    for position in range(len(words) - 1, -1, -1):
        word = words[position]
        bare = word.strip(_TRIM)
        if not (_begins_name(word) or bare in _JOINTS or bare.lower() in PARTICLES or not bare):
            return position + 1
        ends_sentence = word.endswith((".", ";", ":", ")", "]")) and len(bare) > 3
        if narrative and ends_sentence and position < len(words) - 1 and bare not in _JOINTS:
            return position + 1
    return 0


def _begins_name(word: str) -> bool:
    bare = word.strip(_TRIM).lstrip(_ACCENTS)
    if not bare[:1].isalpha():
        return False
    return not bare[0].islower() or bare.lower() in PARTICLES or (bare[1:2] in ("’", "'") and len(bare) > 3)


def _parts(before: str, *, narrative: bool) -> bool:
    """True when a list of names may begin after a word that could belong to it."""
    bare = before.strip(_TRIM)
    if (bare.islower() and bare in PARTICLES) or _AND.match(bare or before):
        return False
    return narrative or not before.endswith(",")


def _people(text: str, start: int) -> People:
    et_al = bool(_ET_AL.search(text))
    plain = _POSSESSIVE.sub("", _ET_AL.sub(" ", text))
    names = [words for part in _SPLIT.split(plain) if (words := words_of(part)) and part.strip(_TRIM)]
    return People(tuple(name for name in names if any(len(word) > 1 for word in name)), et_al, start)
