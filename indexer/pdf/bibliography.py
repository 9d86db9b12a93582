"""Where the reference list stands and how it parts into entries."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from indexer.pdf.geometry import Line, body_size, common

_TITLE = re.compile(
    r"^(?:(?:\d{1,2}|[IVX]{1,5}|[A-Z])[.)]?\s+)?(?:(?:selected |cited |key )?references(?: and notes|"
    r" cited| list)?|bibliography|"
    r"works cited|literature(?: cited)?|cited literature|literatur(?:verzeichnis)?|références(?: bibliographiques)?|"
    r"bibliographie|bibliografía|referencias|referências|bibliografia|riferimenti(?: bibliografici)?|参考文献|"
    r"список литературы)\s*[:.]?$",
    re.IGNORECASE,
)
_LETTERSPACED = re.compile(r"^(?:[A-Z] ){4,}[A-Z]$")
_BRACKET = re.compile(r"^\[(\d{1,4})\]")
_DOTTED = re.compile(r"^(\d{1,3})[.)]\s?(?=\D)")
_BARE = re.compile(r"^\(?(\d{1,3})\)?\s+(?=[^\W\d_“\"'‘(])")
_KEY = re.compile(r"^\[[A-Z][^\]\s]{0,20}\+?\d{2,4}[a-z]?\]|^\[[^\]]{2,60}[\s(,]\(?\d{4}[a-z]?\)?[^\]]{0,40}\]")
_YEAR = re.compile(r"\b(?:1[5-9]\d\d|20[0-4]\d)[a-z]?\b|\b(?:n\.\s?d\.|forthcoming|in press|to appear)", re.IGNORECASE)
_BEGINNING = re.compile(
    r"^(?:[\"“‘']|[-–—_]{2,}|(?:van|von|de|der|den|del|della|di|da|dos|la|le|el|al|ten|ter|d['’])\b|[^\W\d_a-z])"
)
_AUTHORISH = re.compile(
    r"^(?:[^\W\d_][\w'’\-]+(?:\s[^\W\d_][\w'’\-]+){0,3},\s(?:[^\W\d_]\.|[^\W\d_]{2,})|"
    r"(?:[^\W\d_]\.[\s-]?){1,4}[^\W\d_]|"
    r"[^\W\d_][\w'’\-]+\s[^\W\d_]{1,3}[,.]|"
    r"[^\W\d_][\w'’\-]+(?:\s[^\W\d_]\.)*\s[^\W\d_][\w'’\-]+(?:,|\sand\s|\.\s))"
)
_ENDING = re.compile(r"(?:[.)\]\d/]|[?!]|https?://\S+|10\.\d{4,9}/\S+)$")
_AFTER = re.compile(
    r"^(?:[A-Z](?:\.\d+)*[.:]?\s+|\d{1,2}\.?\s+|[IVX]{1,4}\.\s+)?(?:appendix|appendices|supplement|"
    r"supporting information|"
    r"acknowledge?ments?|author contributions?|about the authors?|biograph|checklist|neurips paper checklist|"
    r"additional (?:results|experiments|details)|proofs?\b|figure \d|table \d|funding|"
    r"conflicts? of interest|data availability|"
    r"endnotes|notes$|received\b|affiliations?$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Region:
    """A reference list: lines ``start`` (after its heading) to ``end``; ``heading`` is None when it has none."""

    heading: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its lines, and its label as printed."""

    lines: tuple[Line, ...]
    label: str = ""


def find_regions(lines: Sequence[Line]) -> list[Region]:
    """Find the reference lists among lines in reading order; several when chapters have their own."""
    regions: list[Region] = []
    for index, line in enumerate(lines):
        if not is_title(line.text) or (regions and index < regions[-1].end):
            continue
        end = _end(lines, index)
        if _holds_references(lines[index + 1 : end]):
            regions.append(Region(index, index + 1, end))
    return regions or _untitled(lines)


def is_title(text: str) -> bool:
    """True for the heading of a reference list."""
    if _LETTERSPACED.match(text):
        text = text.replace(" ", "")
    return bool(_TITLE.match(text.strip()))


def _end(lines: Sequence[Line], heading: int) -> int:
    """The line at which something else begins."""
    title = lines[heading]
    inside = lines[heading + 1 : heading + 200]
    size = body_size(inside[:40]) or title.size
    for index in range(heading + 1, len(lines)):
        line = lines[index]
        if index > heading + 1 and is_title(line.text) and (line.bold or line.size > 1.05 * size):
            return index
        alike = abs(line.size - title.size) < 0.06 * title.size and line.bold == title.bold
        alike = alike and (line.size > 1.04 * size or line.bold or line.text.isupper())
        heads = alike and line.font == title.font and _is_heading_text(line)
        if heads and not _is_bold_run(lines, index):
            return index
        if _AFTER.match(line.text) and (line.bold or line.size > 1.05 * size or line.text.isupper()):
            return index
    return len(lines)


def _is_heading_text(line: Line) -> bool:
    return len(line.text) < 120 and line.text[:1].isalnum() and not line.text.endswith((",", ";"))


def _is_bold_run(lines: Sequence[Line], index: int) -> bool:
    """True inside lists that are bold throughout, where a bold line says nothing."""
    near = lines[max(0, index - 4) : index]
    return sum(1 for line in near if line.bold and line.size == lines[index].size) >= 3


def _holds_references(lines: Sequence[Line]) -> bool:
    if not lines:
        return False
    text = " ".join(line.text for line in lines[:40])
    return bool(_YEAR.search(text)) or bool(_BRACKET.match(lines[0].text))


def _untitled(lines: Sequence[Line]) -> list[Region]:
    """A list without a heading: a run of labels [1], [2], … at the starts of lines in the last two thirds."""
    begin = len(lines) // 3
    for index in range(begin, len(lines)):
        match = _BRACKET.match(lines[index].text)
        if match is None or match[1] != "1":
            continue
        starts = _numbered(lines[index:], _BRACKET)
        if len(starts) >= 4:
            last = index + starts[-1]
            return [Region(None, index, min(len(lines), last + 4))]
    return _hanging_tail(lines)


def _hanging_tail(lines: Sequence[Line]) -> list[Region]:
    """A list without a heading at the end of the paper: dated entries with hanging indents, at least three."""
    begin, count, hanging = len(lines), 0, 0
    end = len(lines)
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        if line.x0 - line.left > 0.45 * line.size and end - index < 12:
            continue
        text = " ".join(item.text for item in lines[index:end])
        if not _YEAR.search(text) or not _BEGINNING.match(text) or line.x0 - line.left > 0.45 * line.size:
            break
        hanging += 1 if end - index > 1 else 0
        count += 1
        begin = end = index
    return [Region(None, begin, len(lines))] if count >= 3 and hanging >= 0.5 * count else []


def split_entries(lines: Sequence[Line]) -> list[Entry]:
    """Part the lines of a reference list into entries: by label, by hanging indent, by gap, or by how lines read.

    The parting whose entries look most like references wins.
    """
    lines = [line for line in lines if any(char.isalnum() for char in line.text)]
    if not lines:
        return []
    for pattern, least in ((_BRACKET, 0.5), (_KEY, 0.3), (_DOTTED, 0.6), (_BARE, 0.7)):
        starts = _keyed(lines) if pattern is _KEY else _numbered(lines, pattern)
        if len(starts) >= 2 and starts[0] <= 2 and _evidence(lines, starts) >= least:
            return _entries(lines, starts, labelled=True)
    options = [rule(lines) for rule in _UNLABELLED]
    scored = [(_evidence(lines, starts), starts) for starts in options if starts]
    best = max((score for score, _ in scored), default=0.0)
    # Layout is more telling than wording: the first rule that does nearly as well as the best is taken.
    starts = next((starts for score, starts in scored if score >= best - 0.12), [0])
    return _entries(lines, starts, labelled=False)


def _numbered(lines: Sequence[Line], pattern: re.Pattern[str]) -> list[int]:
    """Lines that begin with the next number; a number missed once may be skipped."""
    starts: list[int] = []
    last: int | None = None
    for index, line in enumerate(lines):
        match = pattern.match(line.text)
        if match is None:
            continue
        number = int(match[1])
        if last is None or 0 < number - last <= 2:
            starts.append(index)
            last = number
    return starts


def _keyed(lines: Sequence[Line]) -> list[int]:
    return [index for index, line in enumerate(lines) if _KEY.match(line.text)]


def _hanging(lines: Sequence[Line]) -> list[int]:
    """Lines at the left edge of their column, when the others are indented under them."""
    edges = _left_edges(lines)
    starts = [index for index, line in enumerate(lines) if line.x0 < edges[line.column] + 0.45 * line.size]
    indented = len(lines) - len(starts)
    return starts if indented >= 0.2 * len(lines) else []


def _left_edges(lines: Sequence[Line]) -> dict[int, float]:
    """The left edge of each column; a column with only one level takes that of an alike column."""
    columns: dict[int, list[Line]] = {}
    for line in lines:
        columns.setdefault(line.column, []).append(line)
    indent = common(
        (
            (line.x0 - _left_edge(group), 1)
            for group in columns.values()
            for line in group
            if line.x0 - _left_edge(group) > 0.45 * line.size
        ),
        step=0.5,
    )
    edges = {column: _left_edge(group) for column, group in columns.items()}
    for column, group in columns.items():
        one_level = all(line.x0 - edges[column] < 0.45 * line.size for line in group)
        # A short rest at the top of a column may be nothing but the end of an entry: all of it is indented.
        if one_level and indent and len(group) <= 4 and not any(_AUTHORISH.match(line.text) for line in group):
            edges[column] -= indent
    return edges


def _left_edge(group: Sequence[Line]) -> float:
    """The leftmost edge that several lines share: a stray mark in the margin must not count."""
    starts = sorted(line.x0 for line in group)
    tolerance = 0.45 * group[0].size
    shared = (x for x, following in pairwise(starts) if following - x < tolerance)
    return next(shared, starts[0]) if len(group) > 4 else starts[0]


def _indented(lines: Sequence[Line]) -> list[int]:
    """Lines indented beyond the left edge, when entries begin like paragraphs."""
    edges = _left_edges(lines)
    starts = [index for index, line in enumerate(lines) if line.x0 > edges[line.column] + 0.7 * line.size]
    return starts if starts and starts[0] == 0 and len(starts) <= 0.6 * len(lines) else []


def _gapped(lines: Sequence[Line]) -> list[int]:
    """Lines after a wider space; at the top of a column, lines that read like a beginning."""
    distances = [after.baseline - before.baseline for before, after in pairwise(lines) if after.column == before.column]
    inner = [distance for distance in distances if distance > 0]
    if not inner:
        return []
    pitch = sorted(inner)[len(inner) // 5]
    starts = [0]
    for index in range(1, len(lines)):
        before, line = lines[index - 1], lines[index]
        if line.column != before.column:
            if _opens(before, line):
                starts.append(index)
        elif line.baseline - before.baseline > 1.22 * pitch:
            starts.append(index)
    return starts if len(starts) > 1 else []


def _read(lines: Sequence[Line]) -> list[int]:
    """Lines that read like the beginning of an entry after a line that reads like an end."""
    return [0, *(index for index in range(1, len(lines)) if _opens(lines[index - 1], lines[index]))]


def _opens(before: Line, line: Line) -> bool:
    if not _AUTHORISH.match(line.text) or not _ENDING.search(before.text):
        return False
    return before.x1 < before.right - 1.5 * before.size or before.text.endswith(".") or "doi" in before.text


_UNLABELLED: tuple[Callable[[Sequence[Line]], list[int]], ...] = (_hanging, _gapped, _indented, _read)


def _evidence(lines: Sequence[Line], starts: Sequence[int]) -> float:
    """How much the entries look like references, in [0, 1]."""
    texts = [" ".join(line.text for line in entry.lines) for entry in _entries(lines, starts, labelled=False)]
    if not texts:
        return 0.0
    dated = sum(1 for text in texts if _YEAR.search(text)) / len(texts)
    beginnings = sum(1 for text in texts if _BEGINNING.match(_strip_label(text))) / len(texts)
    authors = sum(1 for text in texts if _AUTHORISH.match(_strip_label(text))) / len(texts)
    sane = sum(1 for text in texts if 35 <= len(text) <= 900) / len(texts)
    usual = 1.0 if 50 <= median(len(text) for text in texts) <= 450 else 0.4
    return (0.35 * dated + 0.2 * beginnings + 0.2 * authors + 0.25 * sane) * usual


def _strip_label(text: str) -> str:
    for pattern in (_BRACKET, _KEY, _DOTTED, _BARE):
        match = pattern.match(text)
        if match is not None:
            return text[match.end() :].lstrip()
    return text


def _entries(lines: Sequence[Line], starts: Sequence[int], *, labelled: bool) -> list[Entry]:
    bounds = [*starts, len(lines)]
    if bounds[0] > 0 and not labelled:
        bounds.insert(0, 0)
    entries: list[Entry] = []
    for first, end in pairwise(bounds):
        entry = _without_strangers(lines[first:end])
        entries.append(Entry(entry, label_of(entry[0].text) if labelled else ""))
    return entries


def _without_strangers(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Without lines of quite another size: captions and cells that stand between the lines of an entry."""
    size = lines[0].size
    return tuple(line for index, line in enumerate(lines) if index == 0 or abs(line.size - size) < 0.2 * size)


def label_of(text: str) -> str:
    """The label that an entry begins with, without its brackets; empty when it has none."""
    for pattern in (_BRACKET, _KEY, _DOTTED, _BARE):
        match = pattern.match(text)
        if match is not None:
            return match[1] if pattern is not _KEY else match[0].strip("[]")
    return ""
