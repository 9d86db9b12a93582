"""How the text of a reference reads, whatever its layout."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

YEAR = re.compile(
    r"(?<![\d/])(?:1[5-9]\d\d|20[0-4]\d)[a-z]?(?!\d)|"
    r"\b(?:n\.\s?d\.|forthcoming|in press|to appear|s\.\s?a\.|o\.\s?J\.)",
    re.IGNORECASE,
)
_PARTICLE = r"(?:van|von|vom|de|der|den|del|della|delle|di|da|dos|das|la|le|el|al|ten|ter|zu|zur|af|av|d['’])"
_BEGINNING = re.compile(rf"^(?:[\"“”„«‘'´`˚ˇ¨^˜(]|[-–—_]{{2,}}|,\s|{_PARTICLE}\b|[^\W\d_a-z])")
_UP = r"[´`˚ˇ¨ˆ˜˘]?\s?[^\W\d_a-z]"
_NAME = rf"(?:{_PARTICLE}[\s-]){{0,3}}(?:[dDO]['’])?{_UP}[\w'’´`˚ˇ¨ˆ˜˘\-–]*"
_INITIALS = rf"{_UP}\.?(?:[\s.-]{{0,2}}[^\W\d_a-z]\.?){{0,3}}"
AUTHORISH = re.compile(
    rf"^(?:{_NAME}(?:\s{_NAME}){{0,3}},\s(?:{_UP}\.|{_UP}{{1,3}}[,.\s]|{_NAME})|"
    rf"(?:{_UP}\.[\s-]?){{1,4}}(?:{_PARTICLE}\s)*{_UP}|"
    rf"{_NAME}(?:\s{_NAME})?\s{_INITIALS}[,.:;(]|"
    rf"{_NAME}(?:\s{_UP}\.)*(?:\s{_NAME}){{1,2}}(?:,|\sand\s|\s&\s|\set al|\.\s|\s\((?:1[5-9]|20)\d\d)|"
    rf"[-–—_]{{2,}}|(?:[^\W\d_a-z][\w'’-]*\s){{1,7}}(?:[A-Z]\w*)?[.,]?\s?\(?(?:1[5-9]|20)\d\d)"
)
"""People, or an institution, at the beginning of an entry."""
_ENDING = re.compile(r"(?:[.)\]\d/]|[?!]|https?://\S+|10\.\d{4,9}/\S+)$")
_READ_CHARS = 160
"""Beginnings are read no further than this: patterns stay quick on lines of any length."""


def is_dated(text: str) -> bool:
    """True when a year, or what stands for one, is in the text."""
    return bool(YEAR.search(text))


def begins(text: str) -> bool:
    """True when a text can be the beginning of an entry."""
    return bool(_BEGINNING.match(text[:_READ_CHARS]))


def begins_with_people(text: str) -> bool:
    """True when a text begins like the authors of an entry."""
    return bool(AUTHORISH.match(text[:_READ_CHARS]))


def ends(text: str) -> bool:
    """True when a line can be the last of an entry."""
    return bool(_ENDING.search(text[-_READ_CHARS:]))


def likeness(texts: Sequence[str]) -> float:
    """How much texts, without their labels, look like the entries of one list, in [0, 1]."""
    if not texts:
        return 0.0
    count = len(texts)
    dated = sum(1 for text in texts if is_dated(text)) / count
    beginnings = sum(1 for text in texts if begins(text)) / count
    people = sum(1 for text in texts if begins_with_people(text)) / count
    sane = sum(1 for text in texts if 30 <= len(text) <= 900) / count
    usual = 1.0 if 30 <= median(len(text) for text in texts) <= 450 else 0.4
    return (0.35 * dated + 0.2 * beginnings + 0.2 * people + 0.25 * sane) * usual
