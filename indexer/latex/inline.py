"""A field of a bibliography as plain text: within a document, whose macros it may use, or by itself."""

from __future__ import annotations

import re

from core.text import clean
from indexer.latex.flow import without_marks, without_private
from indexer.latex.mouth import STEPS_A_CHAR, Budget, StepsSpentError
from indexer.latex.reader import Reader
from indexer.latex.tokens import tokenize

_PERCENT = re.compile(r"\\?%")
_APOSTROPHE = "\ufdd0"
"""Stands for a typographic apostrophe while TeX's own are read: no character."""
_STEPS = 20_000
_EXPANSIONS = 5_000


def text_of(reader: Reader, source: str) -> str:
    """A field's value as plain text."""
    if "{}" not in source and not any(char in source for char in "\\$~`%#&^_"):
        plain = source.replace("{", "").replace("}", "").replace("''", "”")
        return clean(plain.replace("---", "—").replace("--", "–"))
    # In a field a percent sign begins no comment.
    tokens = tokenize(_PERCENT.sub(r"\%", source.replace("’", _APOSTROPHE)))
    return clean(without_marks(reader.inline(tokens)).replace("’", "'").replace(_APOSTROPHE, "’"))


def plain_text(source: str) -> str:
    """A field's value by itself as plain text; what is too complex to be read loses its braces alone."""
    from indexer.latex.parser import fragment_reader

    source = without_private(source)
    budget = Budget(steps=_STEPS + STEPS_A_CHAR * len(source), expansions=_EXPANSIONS)
    try:
        return text_of(fragment_reader(budget), source)
    except StepsSpentError:
        return clean(source.replace("{", "").replace("}", ""))
