"""Where the reference lists of a paper begin and end, and what stands within them without belonging to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
from statistics import median

from indexer.pdf.bibliography.entries import Entry, split_entries
from indexer.pdf.bibliography.labels import BRACKET, labelled_starts, strip
from indexer.pdf.bibliography.layout import left_edges
from indexer.pdf.bibliography.notes import find_citing_notes
from indexer.pdf.bibliography.reading import begins, begins_with_people, is_dated, likeness
from indexer.pdf.bibliography.strangers import find_strangers, is_running_head
from indexer.pdf.bibliography.titles import ends_plainly, is_after, is_notes_title, is_title
from indexer.pdf.geometry import Line, body_size

_MAX_ENTRY_LINES = 12
_MAX_ENTRY_CHARS = 1_500
_LEAST_UNTITLED = 4
"""Labels in a row that show a list without a heading."""
_MAX_FAILED = 60
"""Headings, or labels, that turn out to begin no list: a text with more of them is no paper."""
_LIKELY = 0.5
"""What follows a heading is a list when its entries look like references to this degree."""
_PROBE = 60
"""Lines after a heading that are looked at to see whether a list of references follows."""


@dataclass(frozen=True, slots=True)
class Region:
    """A reference list: lines ``start`` (after its heading) to ``end``; ``heading`` is None when it has none.

    ``strangers`` are lines between them that belong to the body: footnotes, captions, cells of tables.
    """

    heading: int | None
    start: int
    end: int
    strangers: frozenset[int] = field(default_factory=frozenset)

    def inside(self) -> Iterator[int]:
        """Positions of the lines of the entries, in order."""
        return (index for index in range(self.start, self.end) if index not in self.strangers)

    def taken(self) -> Iterator[int]:
        """Positions of all lines that are no part of the body: the entries' and the heading's."""
        if self.heading is not None:
            yield from range(self.heading, self.start)
        yield from self.inside()


def find_regions(lines: Sequence[Line]) -> list[Region]:
    """Find the reference lists among lines in reading order; several when chapters have their own."""
    regions = _titled(lines, is_title) or _untitled(lines) or _titled(lines, is_notes_title) or _in_notes(lines)
    return [_trimmed(lines, region) for region in regions if region.start < region.end]


def _titled(lines: Sequence[Line], titles: Callable[[str], bool]) -> list[Region]:
    regions: list[Region] = []
    failed = 0
    for index, line in enumerate(lines):
        if failed > _MAX_FAILED or not titles(line.text) or (regions and index < regions[-1].end):
            continue
        if _is_cell(lines, index):
            continue
        if not _holds_references(lines[index + 1 : index + 1 + _PROBE], lines[index]):
            failed += 1
            continue
        end = _end(lines, index)
        regions.append(Region(index, index + 1, end, find_strangers(lines, index + 1, end)))
    return regions


def _is_cell(lines: Sequence[Line], index: int) -> bool:
    """True for a title that heads a column of a table: other words stand on its row."""
    line = lines[index]
    return any(
        other.column == line.column
        and abs(other.baseline - line.baseline) < 0.3 * line.size
        and sum(1 for char in other.text if char.isalpha()) > 2
        for other in (*lines[max(0, index - 1) : index], *lines[index + 1 : index + 2])
    )


def _holds_references(lines: Sequence[Line], title: Line) -> bool:
    lines = lines[: _end([title, *lines], 0) - 1]
    entries = split_entries(lines)
    if not entries:
        return False
    printed = [" ".join(line.text for line in entry.lines) for entry in entries]
    texts = [strip(text) if entry.label else text for text, entry in zip(printed, entries, strict=True)]
    dated = sum(1 for text in texts if is_dated(text))
    # Where years or titles come first, only the years tell.
    alike = likeness(texts) >= _LIKELY or dated >= 0.8 * len(entries)
    likely = dated >= max(1, 0.35 * len(entries)) and alike
    return likely or (len(entries) > 1 and bool(BRACKET.match(lines[0].text)))


def _end(lines: Sequence[Line], heading: int) -> int:
    """The line at which something else begins under a heading of its own."""
    title = lines[heading]
    size = body_size(lines[heading + 1 : heading + 40]) or title.size
    for index in range(heading + 1, len(lines)):
        line = lines[index]
        larger = line.size > 1.05 * size
        if is_running_head(lines, index, size):
            continue
        if index > heading + 1 and is_title(line.text) and (line.bold or larger or line.text.isupper()):
            return index
        if _is_large(line, size) or ends_plainly(line.text):
            return index
        if _is_like(line, title, size) and not _is_bold_run(lines, index):
            return index
        if (line.bold or larger or line.text.isupper()) and is_after(line.text) and not _is_bold_run(lines, index):
            return index
    return len(lines)


def _is_large(line: Line, size: float) -> bool:
    """True for a line that is set so large among entries that it can only be a heading."""
    large = line.size > 1.3 * size or (line.bold and line.size > 1.12 * size)
    return large and len(line.text) < 120 and sum(1 for char in line.text if char.isalpha()) >= 4


def _is_like(line: Line, title: Line, size: float) -> bool:
    """True for a line that is set as the list's own heading, and not as its entries."""
    if line.font != title.font or line.bold != title.bold or abs(line.size - title.size) > 0.06 * title.size:
        return False
    if not (line.size > 1.04 * size or line.bold or line.text.isupper()):
        return False
    return len(line.text) < 120 and line.text[:1].isalnum() and not line.text.endswith((",", ";"))


def _is_bold_run(lines: Sequence[Line], index: int) -> bool:
    """True inside lists that are bold throughout, where a bold line says nothing."""
    near = lines[max(0, index - 4) : index]
    return sum(1 for line in near if line.bold and line.size == lines[index].size) >= 3


def _untitled(lines: Sequence[Line]) -> list[Region]:
    """A list without a heading in the last two thirds: a run of labels [1], [2], …, or dated entries at the end."""
    found = (index for index in range(len(lines) // 3, len(lines)) if _is_first(lines[index]))
    for index in islice(found, _MAX_FAILED):
        rows = [row for row in labelled_starts(lines[index : index + _PROBE]) if row and row[0] == 0]
        if rows and max(map(len, rows)) >= _LEAST_UNTITLED:
            return [Region(None, index, len(lines), find_strangers(lines, index, len(lines)))]
    return _hanging_tail(lines)


def _is_first(line: Line) -> bool:
    match = BRACKET.match(line.text)
    return match is not None and match[1] == "1"


def _in_notes(lines: Sequence[Line]) -> list[Region]:
    """References that stand in footnotes alone: one list, between whose lines the body goes on."""
    found = find_citing_notes(lines)
    if not found:
        return []
    start, end = min(found), max(found) + 1
    return [Region(None, start, end, frozenset(range(start, end)) - found)]


def _hanging_tail(lines: Sequence[Line]) -> list[Region]:
    """Dated entries with hanging indents at the end of the paper, at least three; the first begins with people."""
    begin = end = len(lines)
    count = hanging = people = 0
    edges = left_edges(lines)
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        indented = line.x0 - edges[line.column] > 0.45 * line.size
        if indented and end - index < _MAX_ENTRY_LINES:
            continue
        text = " ".join(item.text for item in lines[index:end])
        if indented or not is_dated(text) or not begins(text):
            break
        hanging += 1 if end - index > 1 else 0
        count += 1
        if begins_with_people(text):
            people += 1
            begin = index
        end = index
    likely = count >= 3 and hanging >= 0.5 * count and people >= 0.6 * count
    return [Region(None, begin, len(lines))] if likely else []


def _trimmed(lines: Sequence[Line], region: Region) -> Region:
    """Without what stands before the first or after the last entry without a heading: text, biographies, addresses."""
    positions = list(region.inside())
    entries = split_entries([lines[index] for index in positions])
    while len(entries) > 3 and not entries[-1].label and not _is_reference(entries[-1]):
        entries.pop()
    leading = next((count for count, entry in enumerate(entries) if entry.label or _is_reference(entry)), 0)
    # One such line may be an entry without authors and year; several are words that introduce the list.
    if leading > 1 and len(entries) - leading >= 3:
        del entries[:leading]
    if not entries:
        return region
    last = entries[-1].lines[: _own_lines(entries)][-1]
    end = next(index for index in reversed(positions) if lines[index] is last) + 1
    start = next(index for index in positions if lines[index] is entries[0].lines[0])
    # Words that introduce the list stay in the body.
    before = frozenset(range(region.start, start))
    return replace(region, end=end, strangers=region.strangers | before)


def _is_reference(entry: Entry) -> bool:
    text = " ".join(line.text for line in entry.lines)
    return len(text) < _MAX_ENTRY_CHARS and (is_dated(text) or begins_with_people(text))


def _own_lines(entries: Sequence[Entry]) -> int:
    """How many lines of the last entry are set as those of the others: the rest is something else."""
    last = entries[-1].lines
    if len(entries) < 2:
        return len(last)
    edges = left_edges([line for entry in entries for line in entry.lines])
    gaps, hangs = [], []
    for entry in entries[:-1]:
        first = entry.lines[0].x0 - edges[entry.lines[0].column]
        for before, line in pairwise(entry.lines):
            hangs.append(line.x0 - edges[line.column] - first)
            if before.column == line.column:
                gaps.append(line.baseline - before.baseline)
    gap = sorted(gaps)[int(0.95 * (len(gaps) - 1))] if gaps else 1.3 * last[0].size
    hang = median(hangs) if hangs else 0.0
    offset = max(0.0, last[0].x0 - edges[last[0].column])
    for count, (before, line) in enumerate(pairwise(last), 1):
        if line.column == before.column and line.baseline - before.baseline > 1.35 * gap:
            return count
        place = line.x0 - edges[line.column]
        if hang > 0.6 * line.size and not 0.4 * hang <= place <= hang + offset + 1.5 * line.size:
            return count
        if hang <= 0.6 * line.size and line.column != before.column and before.text.endswith("."):
            return count
    return len(last)
