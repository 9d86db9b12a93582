"""A field of a bibliography as plain text: within a document, whose macros it may use, or by itself."""

from __future__ import annotations

import re

from core.text import clean
from indexer.latex.flow import without_marks, without_private
from indexer.latex.mouth import STEPS_A_CHAR, Budget, StepsSpentError
from indexer.latex.reader import Reader
from indexer.latex.tokens import tokenize

_MEANINGFUL = re.compile(r"[\\$~`%#&^_]|\{\}")
_PERCENT = re.compile(r"\\?%")
_APOSTROPHE = "\ufdd0"
"""Stands for a typographic apostrophe while TeX's own are read: no character."""
_STEPS = 20_000
_EXPANSIONS = 5_000


def text_of(reader: Reader, source: str) -> str:
    """A field's value as plain text."""
    if _is_simple(source):
        return _without_braces(source)
    # In a field a percent sign begins no comment.
    tokens = tokenize(_PERCENT.sub(r"\%", source.replace("’", _APOSTROPHE)))
    return clean(without_marks(reader.inline(tokens)).replace("’", "'").replace(_APOSTROPHE, "’"))


def plain_text(source: str) -> str:
    """A field's value by itself as plain text; what is too complex to be read loses its braces alone."""
    from indexer.latex.parser import fragment_reader

    source = without_private(source)
    if _is_simple(source):  # most are, and a reader of its own for each of many would cost more than reading
        return _without_braces(source)
    budget = Budget(steps=_STEPS + STEPS_A_CHAR * len(source), expansions=_EXPANSIONS)
    try:
        return text_of(fragment_reader(budget), source)
    except StepsSpentError:
        return clean(source.replace("{", "").replace("}", ""))


def _is_simple(source: str) -> bool:
    """True when nothing but braces, dashes and quotation marks has a meaning to TeX."""
    return _MEANINGFUL.search(source) is None


def _without_braces(source: str) -> str:
    plain = source.replace("{", "").replace("}", "").replace("''", "”")
    return clean(plain.replace("---", "—").replace("--", "–"))
