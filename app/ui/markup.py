"""Text of papers made fit for Streamlit's Markdown: shown letter by letter, never obeyed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from core.records import Author

_JOINER = "\u2060"
"""Word joiner: invisible and without width; keeps what follows a parsed text node from being recognised."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$^&:=])")
_RECOGNISED = (
    re.compile(r":(?=[\w+\-/]+:)"),  # emoji and icon shortcodes
    re.compile(r"(?:https?|ftp|mailto|xmpp):|\bwww(?=\.)|@", re.IGNORECASE),  # links and addresses without brackets
    re.compile(r"<(?=-)|-(?=[->])|[<>~](?=\=)"),  # arrows, dashes and comparison signs
)
_SNIPPET_CHARS = 320
_ELLIPSIS = "…"


def escape_markdown(text: str) -> str:
    """Text that Streamlit's Markdown shows exactly as it is, on one line.

    Backslashes take the meaning from what the parser reads: emphasis, links, HTML, headings, lists, math, directives.
    Shortcodes, bare links and typographic signs are recognised after parsing, when backslashes are gone; an invisible
    joiner breaks those.
    """
    flat = " ".join(text.split())
    for pattern in _RECOGNISED:
        flat = pattern.sub(lambda match: match.group(0) + _JOINER, flat)
    return _SPECIAL.sub(r"\\\1", flat)


def highlighted(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Escaped text with half-open spans of it marked; spans may overlap or touch and are cut to the text."""
    parts: list[str] = []
    position = 0
    for start, end in merged_spans(spans, length=len(text)):
        parts.append(_escape_part(text[position:start]))
        parts.append(f":yellow-background[{escape_markdown(text[start:end])}]")
        position = end
    parts.append(_escape_part(text[position:]))
    return "".join(parts)


def snippet(
    text: str, spans: Sequence[tuple[int, int]], *, chars: int = _SNIPPET_CHARS
) -> tuple[str, list[tuple[int, int]]]:
    """The part of a text that shows most of its spans, cut at words, with the spans moved along.

    Returns:
        At most ``chars`` characters plus an ellipsis on each side that was cut, and the spans within.
    """
    if len(text) <= chars:
        return text, merged_spans(spans, length=len(text))
    start = _densest_start(text, merged_spans(spans, length=len(text)), chars)
    end = min(len(text), start + chars)
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + chars // 2)
    before = _ELLIPSIS if start else ""
    after = _ELLIPSIS if end < len(text) else ""
    shift = len(before) - start
    inside = [(max(s, start) + shift, min(e, end) + shift) for s, e in spans if s < end and e > start]
    cut = f"{before}{text[start:end]}{after}"
    return cut, merged_spans(inside, length=len(cut))


def merged_spans(spans: Iterable[tuple[int, int]], *, length: int) -> list[tuple[int, int]]:
    """Spans in order, cut to [0, length), overlapping ones joined, empty ones dropped."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted((max(0, start), min(length, end)) for start, end in spans):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def page_name(page: int, page_label: str | None = None) -> str:
    """``p. 3``, with the printed number when it differs: ``p. 3 (printed 117)``. Not escaped."""
    return f"p. {page} (printed {page_label})" if page_label and page_label != str(page) else f"p. {page}"


def short_names(authors: Sequence[Author]) -> str:
    """``Taylor``, ``Taylor and Kardas``, ``Taylor et al.``; empty when nobody is known. Not escaped."""
    families = [author.family for author in authors]
    if len(families) > 2:
        return f"{families[0]} et al."
    return " and ".join(families)


def byline(authors: Sequence[Author], year: int | None, *more: str) -> str:
    """Names, year and whatever else is known, with dots between. Not escaped."""
    facts = [short_names(authors), str(year) if year else "", *more]
    return " · ".join(fact for fact in facts if fact)


def _escape_part(text: str) -> str:
    """Escape without losing the spaces at the ends, which part a highlight from its neighbours."""
    if not text.strip():
        return " " if text else ""
    before = " " if text[0].isspace() else ""
    after = " " if text[-1].isspace() else ""
    return f"{before}{escape_markdown(text)}{after}"


def _densest_start(text: str, spans: Sequence[tuple[int, int]], chars: int) -> int:
    if not spans:
        return 0
    counted = [sum(start <= other < start + chars for other, _ in spans) for start, _ in spans]
    first = spans[counted.index(max(counted))][0]
    start = max(0, min(first - chars // 4, len(text) - chars))
    return text.rfind(" ", 0, start) + 1 if start else 0
