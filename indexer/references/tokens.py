"""Reference strings cut into the tokens that the labeller sees."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"(?P<url>(?:https?|ftp)\s?:\s?//[^\s<>\"“”]+|www\.[^\s<>\"“”]+)"
    r"|(?P<doi>10\.\d{4,9}/[^\s<>\"“”]+)"
    r"|(?P<arxiv>\d{4}\.\d{4,5}(?:v\d{1,2})?(?![\d.])|[a-z]{2,8}(?:-[a-z]{2,4})?(?:\.[A-Z]{2})?/\d{7}(?!\d))"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<number>\d+)"
    r"|(?P<mark>``|''|\S)",
    re.IGNORECASE,
)
_CLOSERS = ".,;:)]}>'\"”’»*"
MAX_CHARS = 4_000
"""Longer entries are lists that were not parted: their end says nothing about the first."""


@dataclass(frozen=True, slots=True)
class Token:
    """A run of letters or digits, a single mark, or an address; ``kind`` is the name of the pattern that found it."""

    text: str
    start: int
    end: int
    kind: str


def tokenize(text: str) -> list[Token]:
    """Cut the first ``MAX_CHARS`` characters into tokens; letters part from digits, addresses stay whole."""
    tokens: list[Token] = []
    position = 0
    text = text[:MAX_CHARS]
    while True:
        match = _TOKEN.search(text, position)
        if match is None:
            return tokens
        kind = match.lastgroup or "mark"
        start, end = match.span()
        if kind in ("url", "doi"):
            end = start + len(_without_closers(match[0]))
        tokens.append(Token(text[start:end], start, end, kind))
        position = end


def _without_closers(address: str) -> str:
    """An address without the marks of the sentence that it ends."""
    kept = address.rstrip(_CLOSERS)
    # 10.1016/S0022(99)00123-X(9): a bracket that was opened within belongs to it.
    if kept.count("(") > kept.count(")") and address[len(kept) : len(kept) + 1] == ")":
        kept += ")"
    return kept or address
