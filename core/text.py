"""Normalisation of titles and names: how two spellings of one thing become equal."""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
     "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i"}
)  # fmt: skip
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾"
_NO_SUPERSCRIPTS = str.maketrans(_SUPERSCRIPTS, " " * len(_SUPERSCRIPTS))
_NAME_CHARS = 200
_UNPRINTED = frozenset({"Cc", "Cs", "Co", "Cn"})
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of what follows: a name could be shown as another."""
_ASCII_CONTROLS = dict.fromkeys((*range(32), 127), " ")
_WORD = re.compile(r"[^\W_]+")


def ascii_fold(text: str) -> str:
    """Drop accents and open ligatures; letters of non-Latin scripts stay."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def without_superscripts(text: str) -> str:
    """The text with a space for each raised digit or sign: a citation mark is no part of the word before it."""
    return text.translate(_NO_SUPERSCRIPTS)


def title_words(title: str) -> list[str]:
    """The lower-cased, accent-free words of a title, in order."""
    return _WORD.findall(ascii_fold(title).lower())


def title_key(title: str) -> str:
    """What two printings of one title share: letters and digits only, so hyphens and spaces do not matter."""
    return "".join(title_words(title))


def name_key(family: str) -> str:
    """What two printings of one family name share; particles (van, de) are kept as part of it."""
    return "".join(_WORD.findall(ascii_fold(family).lower()))


def clean(text: str) -> str:
    """Compose characters, drop control characters and collapse white space: text that is safe to store and show."""
    if text.isascii():  # most text is, and by far the fastest to clean
        return " ".join(text.translate(_ASCII_CONTROLS).split())
    composed = unicodedata.normalize("NFC", text)
    if composed.isprintable():  # nothing to drop
        return " ".join(composed.split())
    kept = "".join(" " if unicodedata.category(char) in _UNPRINTED else char for char in composed)
    kept = "".join(char for char in kept if char not in _DIRECTION)
    return " ".join(kept.split())


def display_name(name: str) -> str:
    """A file name fit for showing: the last part of a path, cleaned, at most ``_NAME_CHARS`` long."""
    last = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
    return clean(last)[:_NAME_CHARS] or "unnamed.pdf"


def end_of(text: str, chars: int) -> str:
    """The end of a text, at most ``chars`` long and cut between words; within a word longer than that."""
    if len(text) <= chars:
        return text
    cut = text[-chars:]
    return cut if text[-chars - 1].isspace() else cut.partition(" ")[2] or cut


def percent(probability: float) -> str:
    """A probability in whole percent; what is no certainty does not look like one."""
    if 0 < probability < 0.01:
        return "<1%"
    return ">99%" if 0.99 < probability < 1 else f"{probability:.0%}"


def start_of(text: str, chars: int) -> str:
    """The beginning of a text, at most ``chars`` long and cut between words; within a word longer than that."""
    if len(text) <= chars:
        return text
    cut = text[:chars]
    return cut if text[chars].isspace() else cut.rpartition(" ")[0] or cut
