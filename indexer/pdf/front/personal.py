"""What reads as a person's name, and how names in capitals are written."""

from __future__ import annotations

import re
from dataclasses import replace

from core.records import Author
from indexer.pdf.front.places import is_place
from indexer.references.names import PARTICLES

HAN = re.compile(r"[\u3400-\u9fff\uac00-\ud7a3\u3040-\u30ff]")
_WORDS = frozenset(
    {"the", "of", "for", "on", "in", "to", "with", "from", "by", "at", "is", "are", "as", "this", "that", "an", "we",
     "our", "using", "abstract", "introduction", "keywords", "received", "accepted", "published", "revised", "version",
     "draft", "preprint", "date", "dated", "submitted", "volume", "vol", "issue", "page", "pages", "article",
     "research", "review", "open", "access", "author", "authors", "note", "notes", "contents", "online", "journal",
     "conference", "proceedings", "workshop", "report", "technical", "series", "working", "paper", "number", "thesis",
     "supervisor", "edited", "editor", "editors", "copyright", "license", "chapter", "part", "section", "full", "list",
     "available", "affiliations", "affiliation", "information", "corresponding", "contribution", "contributions"}
)  # fmt: skip
_MAX_NAME = 60


def is_name(text: str) -> bool:
    """True for two to six words that read as a person's name."""
    words = text.split()
    if len(text) > _MAX_NAME or any(char.isdigit() for char in text) or "@" in text:
        return False
    if HAN.match(text):
        return all(HAN.match(char) or char in " ·" for char in text) and 2 <= len(text.replace(" ", "")) <= 6
    if not 2 <= len(words) <= 7 or any(word.lower().strip(".:") in _WORDS for word in words) or is_place(text):
        return False
    capital = [word for word in words if word.lower() not in PARTICLES]
    return (
        len(capital) >= 2
        and all(_is_capital(word) for word in capital)
        and any(len(word.strip(".")) > 1 for word in capital)
        and ":" not in text
    )


def _is_capital(word: str) -> bool:
    first = word.lstrip("'’‘\"“(-")[:1]
    return first.isupper() or (bool(first) and not first.isascii()) or word[:2] in ("d'", "d’", "al")


def is_single(text: str) -> bool:
    return len(text) > 2 and " " not in text and text[:1].isupper() and text.isalpha() and text.lower() not in _WORDS


def tidy(author: Author) -> Author:
    """A name in capitals with small letters, as names are written."""
    given = title_case(author.given) if _all_capitals(author.given) and _all_capitals(author.family) else author.given
    if len(author.family) > 2 and _all_capitals(author.family):
        return replace(author, family=title_case(author.family), given=given)
    return author


def _all_capitals(text: str) -> bool:
    return text.isupper() or not text


def title_case(text: str) -> str:
    """Capitals at the beginning of words only; particles stay small, initials as they are."""
    words = [word if word.lower() in PARTICLES and not word.isupper() else _capitalised(word) for word in text.split()]
    return " ".join(
        word.lower() if word.lower() in PARTICLES and index < len(words) - 1 else word
        for index, word in enumerate(words)
    )


def _capitalised(word: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda match: match[0].capitalize(), word)
