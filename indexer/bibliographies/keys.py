"""Keys by which texts cite works: made of the work alone, so that they stay what they are.

A key is lower-case ASCII letters and digits, which LaTeX, pandoc and all bibliography tools take as they are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence, Set
from itertools import count

from core.identifiers import cite_key
from core.records import Author, Work

MAX_CHARS = 80
_REFUSED = re.compile(r"[\s,{}()=\"#%\\~'@$&^\[\]<>|`;]")
_MAX_USABLE_CHARS = 200
_NOT_SIMPLE = re.compile(r"[^a-z0-9]+")


def citation_key(work: Work, taken: Collection[str]) -> str:
    """A key such as ``vaswani2017attention``: family name of the first author, year, first telling word of the title.

    Names and titles in other scripts are transliterated. The same work has the same key wherever it is asked for,
    unless another one has it already: then it gets a, b, … z, aa, … behind it.

    Args:
        taken: Keys of other works. Case does not count, as BibTeX does not count it.
    """
    return free_key(key_of_work(work), {key.lower() for key in taken})


def key_of_work(work: Work) -> str:
    """The key that a work has where no other one has it."""
    return plain_key(work.authors, work.year, work.title, work.doi, work.arxiv_id)


def plain_key(authors: Sequence[Author], year: int | None, title: str, doi: str = "", arxiv_id: str = "") -> str:
    """The key without regard to others; of a work that is known by its identifier alone, made of that."""
    named = cite_key(authors, year, title)[:MAX_CHARS]
    if named != "paper" and not named.isdecimal():
        return named
    identifier = _NOT_SIMPLE.sub("", (doi or arxiv_id).lower())[:MAX_CHARS]
    prefix = "doi" if doi else "arxiv"
    return f"{prefix}{identifier}" if identifier else f"work{year or ''}"


def free_key(key: str, taken: Set[str]) -> str:
    """The key itself, or with the first letters behind it that make it differ from those taken, in lower case."""
    if key.lower() not in taken:
        return key
    return next(tried for tried in (key + _letters(number) for number in count(1)) if tried.lower() not in taken)


def usable(key: str) -> bool:
    """Whether a key that somebody else made can stand in a BibTeX file and in a text."""
    return 0 < len(key) <= _MAX_USABLE_CHARS and _REFUSED.search(key) is None and key.isprintable()


def _letters(number: int) -> str:
    """1 to ``a``, 26 to ``z``, 27 to ``aa``."""
    letters = ""
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(ord("a") + digit) + letters
    return letters
