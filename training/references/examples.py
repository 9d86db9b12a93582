"""Reference strings whose fields are known, and the split into parts that training never mixes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indexer.references.tokens import Token

OTHER = "other"
_SALT = "10"
"""Makes parts of 85, 7 and 8 per cent of the strings: one file alone holds 40 per cent. Chosen by these sizes."""


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled stretch of a text, half-open."""

    label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Example:
    """A reference string and its labelled spans, in order and without overlaps; ``group`` names the file it is from."""

    text: str
    spans: tuple[Span, ...]
    group: str = ""


def part_of(name: str) -> str:
    """``train``, ``dev`` or ``test`` for a file by its name: eight, one and one tenths, the same on each machine."""
    bucket = int(hashlib.sha256(f"{_SALT}/{name}".encode()).hexdigest(), 16) % 10
    return "test" if bucket == 0 else "dev" if bucket == 1 else "train"


def token_labels(example: Example, tokens: Sequence[Token]) -> list[str]:
    """The label of each token: that of the span in which it begins."""
    labels: list[str] = []
    spans = iter(example.spans)
    span = next(spans, None)
    for token in tokens:
        while span is not None and span.end <= token.start:
            span = next(spans, None)
        inside = span is not None and span.start < token.end
        labels.append(span.label if inside and span is not None else OTHER)
    return labels


_OUTER = " \t.,;:()[]{}<>\"“”‘’'`«»„‚*"
_INITIAL = re.compile(r"(?:^|[\s.\-(])[^\W\d_a-z]$|\b(?:al|Jr|Sr|Eds?|eds?)$")


def tidy_spans(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans without the marks around them, so that annotators' habits agree; an initial keeps its full stop."""
    tidy: list[Span] = []
    for span in spans:
        start, end = span.start, span.end
        while start < end and text[start] in _OUTER:
            start += 1
        while end > start and text[end - 1] in _OUTER:
            end -= 1
        opened = text[start:end]
        for opening, closing in (("(", ")"), ("[", "]")):
            if opened.count(opening) > opened.count(closing) and closing in text[end : end + 2]:
                end = text.index(closing, end) + 1
        if text[end : end + 1] == "." and span.label in ("author", "editor") and _INITIAL.search(text[start:end]):
            end += 1
        if end > start:
            tidy.append(Span(span.label, start, end))
    return tuple(tidy)
