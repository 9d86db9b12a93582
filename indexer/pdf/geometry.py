"""Lines of a page as frozen records: what every later stage of parsing works on.

Units are PDF points, the origin is the top left of the page as displayed, pages are 1-based.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of one style that stand together, usually a word with the space after it.

    ``raised`` is 1 for a superscript, -1 for a subscript, 0 otherwise.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    baseline: float
    size: float
    font: str = ""
    bold: bool = False
    italic: bool = False
    raised: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, or a fragment of one, with its prevailing style.

    ``left`` and ``right`` are the edges of the column that holds it; ``column`` counts the columns of the whole paper
    in reading order, so that two lines with one value stand in one stack.
    """

    page: int
    spans: tuple[Span, ...]
    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    baseline: float
    size: float
    font: str = ""
    bold: bool = False
    italic: bool = False
    column: int = 0
    left: float = 0.0
    right: float = 0.0

    @property
    def width(self) -> float:
        """Horizontal extent."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Vertical extent."""
        return self.y1 - self.y0


@dataclass(frozen=True, slots=True)
class Page:
    """A page and its lines. ``label`` is the one that the file declares, empty when it declares none.

    ``unread`` when its text is in a picture, or in a text layer that means nothing: it has to be recognised.
    ``stamps`` are texts that are printed upright along the margins of the first pages.
    """

    number: int
    width: float
    height: float
    lines: tuple[Line, ...]
    label: str = ""
    links: tuple[Link, ...] = ()
    unread: bool = False
    stamps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A web address behind an area of a page."""

    uri: str
    x0: float
    y0: float
    x1: float
    y1: float


def make_line(page: int, spans: Sequence[Span]) -> Line:
    """Join spans that stand on one baseline, left to right; marks superscripts and subscripts.

    Args:
        page: 1-based number of the page.
        spans: At least one.
    """
    first = spans[0]
    if all(span.size == first.size and span.baseline == first.baseline for span in spans):
        size, baseline = round(first.size, 1), round(first.baseline, 1)
        marked = level = tuple(spans)
    else:
        size, baseline = _prevailing(spans)
        marked = tuple(_mark_raised(span, size, baseline) for span in spans)
        level = tuple(span for span in marked if not span.raised) or marked
    fonts: Counter[str] = Counter()
    for span in spans:
        fonts[span.font] += len(span.text.strip())
    # Marks beside names and words are often set in another face: they say nothing about the line's.
    total = sum(len(span.text.strip()) for span in level)
    bold = sum(len(span.text.strip()) for span in level if span.bold)
    italic = sum(len(span.text.strip()) for span in level if span.italic)
    return Line(
        page=page,
        spans=marked,
        text="".join(span.text for span in marked).strip(),
        x0=min(span.x0 for span in marked),
        y0=min(span.y0 for span in level),
        x1=max(span.x1 for span in marked),
        y1=max(span.y1 for span in level),
        baseline=baseline,
        size=size,
        font=fonts.most_common(1)[0][0],
        bold=bold > 0.8 * total,
        italic=italic > 0.8 * total,
    )


def _prevailing(spans: Sequence[Span]) -> tuple[float, float]:
    """Size and baseline of a line.

    Weighed by size too: in a short line such as a name with a long list of marks, the marks do not make the baseline.
    """
    weights: Counter[tuple[float, float]] = Counter()
    for span in spans:
        weights[round(span.size, 1), round(span.baseline, 1)] += len(span.text.strip())
    return max(weights, key=lambda key: (weights[key] * key[0] ** 2, key))


def _mark_raised(span: Span, size: float, baseline: float) -> Span:
    raised = 0
    if span.size < 0.86 * size:
        if span.baseline < baseline - 0.12 * size:
            raised = 1
        elif span.baseline > baseline + 0.08 * size:
            raised = -1
    return span if raised == span.raised else replace(span, raised=raised)


def common(values: Iterable[tuple[float, int]], *, step: float = 0.5) -> float:
    """The weighted mode of measures that scatter a little; 0 when there are none."""
    weights: Counter[int] = Counter()
    for value, weight in values:
        weights[round(value / step)] += weight
    if not weights:
        return 0.0
    best = max(weights, key=lambda key: (weights[key] + 0.5 * (weights[key - 1] + weights[key + 1]), -key))
    return best * step


def body_size(lines: Iterable[Line]) -> float:
    """The size of most characters, in points."""
    return common(((line.size, len(line.text)) for line in lines), step=0.25)
