"""Lines for tests of the pure stages, written as text."""

from __future__ import annotations

from dataclasses import replace

from indexer.pdf.geometry import Line, Page, Span, make_line

CHAR = 0.5
"""Width of a character, in font sizes."""


def span(text: str, x: float, y: float, size: float = 10.0, *, bold: bool = False, italic: bool = False) -> Span:
    """A span with its baseline at ``y``."""
    return Span(
        text=text,
        x0=x,
        y0=y - 0.8 * size,
        x1=x + CHAR * size * len(text.rstrip()),
        y1=y + 0.2 * size,
        baseline=y,
        size=size,
        bold=bold,
        italic=italic,
    )


def line(
    text: str,
    x: float = 72.0,
    y: float = 100.0,
    size: float = 10.0,
    *,
    page: int = 1,
    bold: bool = False,
    italic: bool = False,
    column: int = 0,
    right: float = 372.0,
) -> Line:
    """A line of one span in a column that begins at 72."""
    made = make_line(page, [span(text, x, y, size, bold=bold, italic=italic)])
    return replace(made, column=column, left=72.0, right=right)


def stack(texts: list[str], *, x: float = 72.0, y: float = 100.0, step: float = 12.0, size: float = 10.0) -> list[Line]:
    """Lines under one another."""
    return [line(text, x, y + step * row, size) for row, text in enumerate(texts)]


def page(lines: list[Line], number: int = 1, *, label: str = "") -> Page:
    """A page of A4."""
    return Page(
        number=number,
        width=595.0,
        height=842.0,
        lines=tuple(replace(item, page=number) for item in lines),
        label=label,
    )
