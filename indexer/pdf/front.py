"""The front matter of a paper: header, abstract, keywords, identifiers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.records import Author
from core.text import clean
from indexer.pdf.columns import Ordered
from indexer.pdf.furniture import Cleaned, is_banner
from indexer.pdf.geometry import Line, Span
from indexer.pdf.header import find_date_year, find_identifiers, find_year, read_header
from indexer.pdf.headings import find_headings, is_known, split_number

_HEADING = re.compile(r"^(?:abstract|a b s t r a c t|summary)\s*[.:—–-]?$", re.IGNORECASE)
_RUN_IN = re.compile(r"^(?:abstract|summary)\s?(?:[.:—–-]+|(?<=t)\s(?=[A-Z]))\s*(?=\S)", re.IGNORECASE)
_KEYWORDS = re.compile(
    r"^(?:key ?words(?: and phrases)?|index terms|ccs concepts|categories and subject|general terms|"
    r"mathematics subject|"
    r"ams subject|msc(?:20\d\d)?\b|acm reference|pacs|jel)\b\s*[.:—–-]*\s*",
    re.IGNORECASE,
)
_KEYWORDS_ONLY = re.compile(r"^(?:key ?words(?: and phrases)?|index terms)\b\s*[.:—–-]*\s*", re.IGNORECASE)
_KEYWORD_BREAK = re.compile(r"\s*[;,·•|]\s*")
_VENUE = re.compile(r"\b((?:[A-Z]\w+ )*(?:Journal|Transactions|Proceedings|Annals|Letters|Review)\b[^,.;()\d]{0,60})")
_MAX_ABSTRACT_LINES = 60
_MIN_ABSTRACT_CHARS = 200


@dataclass(frozen=True, slots=True)
class Front:
    """Front matter; ``abstract`` holds its lines, ``used`` the identities of lines that are no part of the body."""

    title: str
    authors: tuple[Author, ...]
    abstract: tuple[Line, ...]
    keywords: tuple[str, ...]
    year: int | None
    venue: str
    doi: str
    arxiv_id: str
    used: frozenset[int]


def read_front(lines: Sequence[Line], *, ordered: Ordered, cleaned: Cleaned, body: float, metadata_title: str) -> Front:
    """Read the front matter.

    Args:
        lines: In reading order, without the reference list.
        ordered: For the margin beside the text.
        cleaned: For heads, feet and page sizes.
        body: Size of the running text, in points.
        metadata_title: Evidence for the title.
    """
    if not lines:
        return Front("", (), (), (), None, "", "", "", frozenset())
    first = lines[0].page
    page = [line for line in lines if line.page == first]
    header = read_header(
        page, body=body, declared_title=metadata_title, page_height=cleaned.pages[first - 1].height or 800.0
    )
    rest = [line for line in lines if id(line) not in header.used]
    abstract, keyword_lines, used = find_abstract(rest, first=first, body=body)
    around = [line.text for line in (*cleaned.furniture, *ordered.margin) if line.page == first]
    banner = [line.text for line in page if id(line) in header.used]
    doi, arxiv_id = find_identifiers([*around, *banner])
    return Front(
        title=header.title,
        authors=header.authors,
        abstract=tuple(abstract),
        keywords=_keywords(keyword_lines),
        year=find_year([*around, *(text for text in banner if is_banner(text))]) or find_date_year(page, body=body),
        venue=_venue(around),
        doi=doi,
        arxiv_id=arxiv_id,
        used=header.used | used,
    )


def find_abstract(lines: Sequence[Line], *, first: int, body: float) -> tuple[list[Line], list[Line], frozenset[int]]:
    """Find the abstract below the authors: after its heading, run in with it, or without any before the first section.

    Returns:
        Lines of the abstract, lines of the keywords, and the identities of all lines that leave the body. A heading
        Summary stays in the body as a section of its own.
    """
    for index, line in enumerate(lines[:80]):
        if line.page > first + 1:
            break
        if _HEADING.match(line.text):
            taken, keywords = _until_heading(lines, index + 1, body)
            return taken, keywords, frozenset(id(item) for item in (line, *taken, *keywords))
        if _RUN_IN.match(line.text):
            taken, keywords = _until_heading(lines, index, body)
            used = frozenset(id(item) for item in (*taken, *keywords))
            return [without_prefix(taken[0], _RUN_IN), *taken[1:]] if taken else [], keywords, used
    headings = find_headings(lines[:80], body=body)
    stop = headings[0].first if headings else 0
    block = [line for line in lines[:stop] if line.page <= first + 1]
    taken, keywords = _part_keywords(block)
    if sum(len(line.text) for line in taken) < _MIN_ABSTRACT_CHARS or len(taken) > _MAX_ABSTRACT_LINES:
        return [], keywords, frozenset(id(line) for line in keywords)
    return taken, keywords, frozenset(id(line) for line in block)


def _until_heading(lines: Sequence[Line], start: int, body: float) -> tuple[list[Line], list[Line]]:
    """The abstract's lines: up to keywords or the next heading, within reason."""
    window = lines[start : start + _MAX_ABSTRACT_LINES + 20]
    headings = [heading.first for heading in find_headings(window, body=body) if heading.first > 0]
    stop = headings[0] if headings else len(window)
    for index, line in enumerate(window[:stop]):
        if index and (split_number(line.text)[0] in ("1", "I") and is_known(split_number(line.text)[1])):
            stop = index
            break
    if not headings:
        stop = min(stop, _first_break(window))
    return _part_keywords(window[:stop])


def _first_break(lines: Sequence[Line]) -> int:
    """Where the text changes its size or leaves a wide gap."""
    for index in range(1, len(lines)):
        before, line = lines[index - 1], lines[index]
        if abs(line.size - before.size) > 0.06 * before.size:
            return index
        if line.column == before.column and line.baseline - before.baseline > 2.2 * before.size:
            return index
    return len(lines)


def _part_keywords(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    for index, line in enumerate(lines):
        if _KEYWORDS.match(line.text):
            return list(lines[:index]), list(lines[index:])
    return list(lines), []


def _keywords(lines: Sequence[Line]) -> tuple[str, ...]:
    for index, line in enumerate(lines):
        match = _KEYWORDS_ONLY.match(line.text)
        if match is None:
            continue
        text = line.text[match.end() :]
        for following in lines[index + 1 : index + 5]:
            if _KEYWORDS.match(following.text) or following.baseline - line.baseline > 4 * line.size:
                break
            text = text[:-1] + following.text if text.endswith(("-", "\u00ad")) else f"{text} {following.text}"
        words = [clean(word).strip(" .") for word in _KEYWORD_BREAK.split(text)]
        return tuple(word for word in words if 1 < len(word) <= 80)[:20]
    return ()


def _venue(texts: Sequence[str]) -> str:
    for text in texts:
        match = _VENUE.search(text)
        if match is not None:
            return clean(match[1])
    return ""


def without_prefix(line: Line, pattern: re.Pattern[str]) -> Line:
    """A line without the words that a pattern finds at its beginning."""
    match = pattern.match(line.text)
    if match is None:
        return line
    # The line's text has spaces between spans that are in none of them: only printed characters can be counted.
    drop = len("".join(match[0].split()))
    spans: list[Span] = []
    for span in line.spans:
        cut = _after_printed(span.text, drop)
        drop -= len("".join(span.text[:cut].split()))
        if cut < len(span.text):
            share = cut / len(span.text)
            spans.append(replace(span, text=span.text[cut:], x0=span.x0 + share * (span.x1 - span.x0)) if cut else span)
    return replace(line, spans=tuple(spans), text=line.text[match.end() :]) if spans else line


def _after_printed(text: str, count: int) -> int:
    """The position behind the first ``count`` printed characters and the spaces that follow them."""
    position = 0
    while position < len(text) and (count or text[position].isspace()):
        count -= not text[position].isspace()
        position += 1
    return position
