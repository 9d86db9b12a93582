"""DOIs, arXiv identifiers and cite keys."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from core.records import Author
from core.text import ascii_fold, title_words

_DOI = re.compile(r"\b(10\.\d{4,9}/[^\s\"<>{}|\\^`]+)", re.IGNORECASE)
_ARXIV_NEW = r"\d{4}\.\d{4,5}"
_ARXIV_OLD = r"[a-z-]+(?:\.[A-Z]{2})?/\d{7}"
_ARXIV = re.compile(
    rf"(?:arxiv(?:\.org/(?:abs|pdf)/|\s*(?:preprint)?\s*(?:arxiv)?\s*[:.]?\s*(?:abs/)?)|10\.48550/arxiv\.)"
    rf"({_ARXIV_NEW}|{_ARXIV_OLD})(?:v\d+)?",
    re.IGNORECASE,
)
_ARXIV_BARE = re.compile(rf"^({_ARXIV_NEW}|{_ARXIV_OLD})(?:v\d+)?$", re.IGNORECASE)
_TELLING_CHARS = 24
"""Scripts without spaces between words have titles of one."""
_STOP_WORDS = frozenset(
    {"a", "an", "the", "on", "of", "in", "for", "and", "to", "with", "from", "by", "at", "is", "are"}
)


def find_doi(text: str) -> str:
    """The first DOI in a text, lower-cased, without trailing punctuation; empty when there is none."""
    match = _DOI.search(text)
    if match is None:
        return ""
    doi = match.group(1).rstrip(".,;:'\"*")
    for opening, closing in (("(", ")"), ("[", "]")):
        while doi.endswith(closing) and doi.count(closing) > doi.count(opening):
            doi = doi[:-1].rstrip(".,;:")
    return doi.lower()


def find_arxiv_id(text: str) -> str:
    """The first arXiv identifier in a text, without its version; empty when there is none.

    A bare number counts only when it is the whole text: years with decimals are not identifiers.
    """
    match = _ARXIV.search(text) or _ARXIV_BARE.match(text.strip())
    return match.group(1) if match else ""


def cite_key(authors: Sequence[Author], year: int | None, title: str) -> str:
    """A key such as ``taylor2022galactica``: first family name, year, first telling word of the title.

    Other scripts are transliterated. Parts that are unknown are left out; with nothing known at all the key is
    ``paper``.
    """
    family = _ascii_letters(authors[0].family) if authors else ""
    words = [word for word in title_words(title) if word not in _STOP_WORDS]
    telling = _ascii_letters(words[0][:_TELLING_CHARS]) if words else ""
    return f"{family}{year or ''}{telling}" or "paper"


def _ascii_letters(text: str) -> str:
    """The letters and digits of a name or word in lower-case ASCII."""
    folded = ascii_fold(text)
    if not folded.isascii():
        from anyascii import anyascii

        folded = anyascii(unicodedata.normalize("NFC", folded))
    return re.sub(r"[^a-z0-9]", "", folded.lower())
