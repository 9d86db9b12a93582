"""Title, authors and affiliations from the first page."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.records import Author
from indexer.pdf.front.abstract import HEADING, KEYWORDS, RUN_IN
from indexer.pdf.front.affiliations import read_affiliations
from indexer.pdf.front.byline import Byline, read_byline
from indexer.pdf.front.places import is_affiliation
from indexer.pdf.front.title import find_title, joined
from indexer.pdf.geometry import Line
from indexer.pdf.headings import is_known, split_number

_DATED = re.compile(
    r"^\(?(?:this version was compiled|dated?|compiled|received|revised|version)\b.{0,60}\d{4}\W*$", re.I
)
_SMALL_SHARE = 0.45
"""Share of words in small letters that a line of prose has at least."""
_MAX_LINES = 600
_FULL_PAGE = 0.75
"""Names that reach this share of the page's height may go on overleaf."""
_CERTAIN_SHARE = 0.65
"""With this share a line is prose although it names an institution."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the first page says about the paper. ``used`` are the identities of the lines that it consists of."""

    title: str = ""
    authors: tuple[Author, ...] = ()
    affiliations: tuple[str, ...] = ()
    used: frozenset[int] = frozenset()


def read_header(
    lines: Sequence[Line],
    *,
    body: float,
    declared_title: str = "",
    page_height: float = 800.0,
    seen: str = "",
    venues: Sequence[str] = (),
    following: Sequence[Line] = (),
) -> Header:
    """Find title, authors and affiliations.

    Args:
        lines: Lines of the first page with text, without furniture, margin and the notes at its foot.
        body: Size of the running text, in points.
        declared_title: The title in the file's metadata; believed only when the page shows it.
        page_height: In points.
        seen: Other text that names the paper, such as a cover sheet's.
        venues: Lines that may name the journal, such as running heads.
        following: Lines of the next page, on which a long list of names goes on.
    """
    ordered = sorted(lines, key=lambda line: (line.baseline, line.x0))
    title = find_title(ordered, body=body, declared=declared_title, height=page_height, seen=seen, venues=venues)
    if not title:
        return Header()
    end = title[-1].baseline
    inside = {id(line) for line in title}
    below = [line for line in ordered if line.baseline > end + 1 and id(line) not in inside]
    near = _beside(title, below, ordered)
    stop = _front_end(near, body)
    front = [line for line in near if line.baseline < stop][:_MAX_LINES]
    above = [line for line in ordered if line.baseline <= end + 1 and id(line) not in inside]
    byline = read_byline(front)
    more: list[Line] = []
    if front and id(front[-1]) in byline.lines and front[-1].y1 > _FULL_PAGE * page_height:
        more = _next_page(following, body)
        front = [*front, *_moved(more, front[-1])]
        byline = read_byline(front)
    if not byline.authors:
        byline = _above(above, title, body)
    used = inside.union((id(line) for line in above), (id(line) for line in front), (id(line) for line in more))
    return Header(
        title=joined(title),
        authors=byline.authors,
        affiliations=read_affiliations(front, names=byline.lines),
        used=frozenset(used),
    )


def _next_page(following: Sequence[Line], body: float) -> list[Line]:
    ordered = sorted(following, key=lambda line: (line.baseline, line.x0))
    stop = _front_end(ordered, body)
    return [line for line in ordered if line.baseline < stop][:_MAX_LINES]


def _moved(lines: Sequence[Line], last: Line) -> list[Line]:
    """Lines of the next page as though they stood right below the last one of this page."""
    if not lines:
        return []
    down = last.baseline + 1.2 * last.size - lines[0].baseline
    return [replace(line, y0=line.y0 + down, y1=line.y1 + down, baseline=line.baseline + down) for line in lines]


def _above(lines: Sequence[Line], title: Sequence[Line], body: float) -> Byline:
    """Names that stand above the title."""
    near = [
        line
        for line in lines
        if line.baseline < title[0].baseline - 0.5 * title[0].size
        and title[0].baseline - line.baseline < 6 * title[0].size
        and line.size >= 0.95 * body
    ]
    return read_byline(near)


def _beside(title: Sequence[Line], below: Sequence[Line], page: Sequence[Line]) -> list[Line]:
    """The lines under the title; not those of a column beside the one that holds it."""
    left, right = min(line.x0 for line in page), max(line.x1 for line in page)
    start, end = min(line.x0 for line in title), max(line.x1 for line in title)
    if abs((start + end) / 2 - (left + right) / 2) < 0.12 * (right - left) or end - start > 0.7 * (right - left):
        return list(below)
    column = title[0].column
    start, end = min(start, title[0].left), max(end, title[0].right)
    return [line for line in below if line.column == column or (line.x0 < end and line.x1 > start)]


def _front_end(below: Sequence[Line], body: float) -> float:
    """The height at which abstract or text begins."""
    columns: dict[int, list[Line]] = defaultdict(list)
    for line in below:
        columns[line.column].append(line)
    stops = [stop for column in columns.values() if (stop := _column_end(column, body)) is not None]
    if stops:
        return min(stops)
    return below[-1].baseline + 1 if below else 0.0


def _column_end(lines: Sequence[Line], body: float) -> float | None:
    """Where abstract or text begins in one column, if it does."""
    for index, line in enumerate(lines):
        if _DATED.match(line.text):
            continue
        if _opens_text(line, body, index):
            return line.baseline - 0.1
        prose = lines[index : index + 3]
        # Three lines of prose that fill their column are the abstract or the text, with no heading before them.
        if len(prose) == 3 and all(_is_prose(item) for item in prose):
            first = index
            while first and _leads_into(lines[first - 1], lines[first]):
                first -= 1
            return lines[first].baseline - 0.1
    return None


def _opens_text(line: Line, body: float, index: int) -> bool:
    text = line.text
    number, words, _ = split_number(text)
    if HEADING.match(text) or RUN_IN.match(text) or KEYWORDS.match(text) or is_known(words):
        return True
    heading = number == "1" and (line.bold or line.size > 1.1 * body)
    return heading and index > 0 and not is_affiliation(text)


def _small_share(line: Line) -> float:
    words = [word for word in line.text.split() if any(char.isalpha() for char in word)]
    return sum(1 for word in words if word[:1].islower()) / len(words) if len(words) >= 5 else 0.0


def _is_prose(line: Line) -> bool:
    share = _small_share(line)
    return share >= _CERTAIN_SHARE or (share >= _SMALL_SHARE and not is_affiliation(line.text))


def _leads_into(last: Line, line: Line) -> bool:
    """True when a line belongs to the prose that follows it."""
    near = 0 < line.baseline - last.baseline < 1.7 * line.size
    same = abs(line.size - last.size) < 0.04 * line.size and last.bold == line.bold and last.italic == line.italic
    return near and same and line.x0 - 3 * line.size < last.x0 < line.x0 + 4 * line.size and _small_share(last) >= 0.3
