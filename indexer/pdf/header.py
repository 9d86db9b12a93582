"""Title, authors and identifiers from the first page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.identifiers import find_arxiv_id, find_doi
from core.records import Author
from core.text import title_key, title_words
from indexer.pdf.furniture import is_banner
from indexer.pdf.geometry import Line, Span
from indexer.pdf.headings import is_known, split_number
from indexer.references.names import PARTICLES, split_name

_KIND = re.compile(
    r"^(?:(?:original |regular |short |full |long |invited |review )?(?:research|article|paper|review|"
    r"letter|survey|report|"
    r"communication|tutorial|editorial|perspective|preprint|chapter)s?(?: (?:article|paper|letter|report))?)$",
    re.IGNORECASE,
)
_JOURNAL = re.compile(
    r"^(?:the )?(?:journal|proceedings|transactions|annals|advances|bulletin|archives) (?:of|in|on)\b", re.I
)
_AFFILIATION = re.compile(
    r"@|\b(?:univers|institut|department|dept|school|college|faculty|laborator|\blab\b|centre|center|hospital|academy|"
    r"inc\b|ltd\b|gmbh|corporation|company|research\b|division|ministry|foundation|street|avenue|road|email|e-mail|"
    r"https?:|www\.|orcid|correspond|equal contribution|technolog|sciences?\b|engineering|google|microsoft|"
    r"member|fellow|student|usa\b|china\b|germany\b|france\b|uk\b|kingdom|states|canada\b|japan\b|india\b|australia\b)",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s*(?:[,;·•|]|\b(?:and|AND)\b|&|\s{3,})\s*")
_MARKS = re.compile(r"[*†‡§¶∗#✉⋆♯♭◇∥\d⁰¹²³⁴⁵⁶⁷⁸⁹\[\]()⁎]+")
_DEGREES = re.compile(r",?\s+\b(?:Ph\.?D|M\.?D|MSc|MPH|MS|BSc|RN|FRCP|Dr|Prof)\b\.?", re.IGNORECASE)
_DATE = re.compile(
    r"\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|"
    r"Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?\s+(?:\d{1,2}(?:st|nd|rd|th)?,?\s+)?((?:19|20)\d\d)\b"
)
_DATE_LINE_CHARS = 40
_YEAR = re.compile(r"\b(19[5-9]\d|20[0-4]\d)\b")
_ABSTRACT = re.compile(r"^(?:abstract|summary)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Header:
    """What the first page says about the paper. ``used`` are the identities of the lines that it consists of."""

    title: str = ""
    authors: tuple[Author, ...] = ()
    used: frozenset[int] = frozenset()


def read_header(lines: Sequence[Line], *, body: float, declared_title: str = "", page_height: float = 800.0) -> Header:
    """Find title and authors.

    Args:
        lines: Lines of the first page with text, without furniture and margin.
        body: Size of the running text, in points.
        declared_title: The title in the file's metadata; believed only when the page shows it.
        page_height: In points.
    """
    ordered = sorted(lines, key=lambda line: (line.baseline, line.x0))
    title = _title(ordered, body, declared_title, page_height)
    if not title:
        return Header()
    end = title[-1].baseline
    below = [line for line in ordered if line.baseline > end + 1]
    stop = _front_end(below, body)
    front = [line for line in below if line.baseline < stop]
    authors, _ = _authors(front)
    used = frozenset(id(line) for line in ordered if line.baseline <= end + 1) | frozenset(id(line) for line in front)
    return Header(title=_joined(title), authors=authors, used=used)


def _joined(lines: Sequence[Line]) -> str:
    text = ""
    for line in lines:
        printed = "".join(span.text for span in line.spans if not _is_mark(span)).strip()
        hyphen = text.endswith("-") and printed[:1].islower()
        text = text[:-1] + printed if hyphen else f"{text} {printed}".strip()
    return text.strip(" *∗†")


def _is_mark(span: Span) -> bool:
    return span.raised > 0 and not any(char.isalpha() for char in span.text)


def _title(lines: Sequence[Line], body: float, declared: str, height: float) -> list[Line]:
    groups = _style_groups([line for line in lines if line.y0 < 0.65 * height])
    best: tuple[float, list[Line]] = (0.0, [])
    for position, group in enumerate(groups):
        text = _joined(group)
        score = _title_score(text, group, body, position)
        if score > 0 and declared and len(title_key(declared)) > 8:
            wanted, found = title_key(declared), title_key(text)
            if wanted == found:
                score += 10
            elif found.startswith(wanted) or (len(found) > 15 and wanted.startswith(found)):
                score += 4
        if score > best[0]:
            best = (score, group)
    return best[1]


def _title_score(text: str, group: Sequence[Line], body: float, position: int) -> float:
    words = title_words(text)
    letters = sum(1 for char in text if char.isalpha())
    if len(words) < 1 or letters < 4 or _KIND.match(text.strip()) or len(text) > 400 or "@" in text:
        return 0.0
    if letters < 0.5 * len(text.replace(" ", "")) or _ABSTRACT.match(text):
        return 0.0
    size = group[0].size / max(body, 1.0)
    score = 4.0 * (min(size, 2.5) - 0.95) + 0.5 * min(len(words), 6) / 6 + (0.4 if group[0].bold else 0.0)
    if is_banner(text) or _JOURNAL.match(text):
        score -= 3.0
    if len(words) == 1:
        score -= 1.5
    number = split_number(text)[0]
    if is_known(split_number(text)[1]) or (number and number[0].isdigit() and number != text):
        score -= 3.0
    return score - 0.15 * position


def _style_groups(lines: Sequence[Line]) -> list[list[Line]]:
    """Following lines of one size and weight, top to bottom."""
    groups: list[list[Line]] = []
    for line in lines:
        last = groups[-1][-1] if groups else None
        if (
            last is not None
            and abs(line.size - last.size) < 0.04 * last.size
            and line.bold == last.bold
            and line.baseline - last.baseline < 1.75 * line.size
        ):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _front_end(below: Sequence[Line], body: float) -> float:
    """The height at which abstract or text begins."""
    for index, line in enumerate(below):
        text = line.text
        if (
            _ABSTRACT.match(text)
            or is_known(split_number(text)[1])
            or text.lower().startswith(("keywords", "index terms"))
        ):
            return line.baseline - 0.1
        if (
            split_number(text)[0] == "1"
            and (line.bold or line.size > 1.1 * body)
            and index > 0
            and not _AFFILIATION.search(text)
        ):
            return line.baseline - 0.1
        following = below[index + 1 : index + 3]
        prose = [line, *following]
        # Three lines of prose that fill their column are the abstract or the text, with no heading before them.
        if len(prose) == 3 and all(_is_prose(item) for item in prose):
            return line.baseline - 0.1
    return below[-1].baseline + 1 if below else 0.0


def _is_prose(line: Line) -> bool:
    words = line.text.split()
    small = sum(1 for word in words if word[:1].islower())
    return len(words) >= 6 and small >= 0.45 * len(words) and not _AFFILIATION.search(line.text)


def _authors(front: Sequence[Line]) -> tuple[tuple[Author, ...], list[Line]]:
    """Names in reading order; lines that share the style of the first line of names."""
    authors: list[Author] = []
    used: list[Line] = []
    style: tuple[float, bool, bool, str] | None = None
    for group in _wrapped(front):
        line = group[0]
        mine = (line.size, line.bold, line.italic, line.font)
        if style is not None and not _same_style(style, mine):
            continue
        names = _names(group)
        if not names:
            continue
        if style is None:
            style = mine
        used.extend(group)
        authors.extend(author for author in names if author not in authors)
    return tuple(authors), used


def _wrapped(front: Sequence[Line]) -> list[list[Line]]:
    """Lines, and runs of lines of one style in which a list of names goes over the line end."""
    edge = max((line.x1 for line in front), default=0.0)
    start = min((line.x0 for line in front), default=0.0)
    groups: list[list[Line]] = []
    for line in front:
        last = groups[-1][-1] if groups else None
        if (
            last is not None
            and _same_style((last.size, last.bold, last.italic, ""), (line.size, line.bold, line.italic, ""))
            and 0.5 * line.size < line.baseline - last.baseline < 1.7 * line.size
            and (last.width > 0.6 * (edge - start) or last.text.rstrip("0123456789 ").endswith((",", " and", "&")))
            and not any(pattern.search(text) for pattern in (_AFFILIATION, _DATE) for text in (last.text, line.text))
        ):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _same_style(first: tuple[float, bool, bool, str], other: tuple[float, bool, bool, str]) -> bool:
    return abs(first[0] - other[0]) < 0.06 * first[0] and first[1:3] == other[1:3]


def _names(lines: Sequence[Line]) -> list[Author]:
    """The names in lines that belong together, or nothing when they are not a list of names."""
    pieces: list[str] = []
    for line in lines:
        # A raised mark stands between two names even where the comma is missing.
        pieces.extend(", " if span.raised > 0 else span.text for span in line.spans)
        pieces.append(" ")
    text = _DEGREES.sub("", "".join(pieces))
    if _AFFILIATION.search(text):
        # A name in capitals and its affiliation may share a line.
        first = _MARKS.sub(" ", text.partition(",")[0]).strip()
        capital = first.isupper() and _is_name(first) and not _AFFILIATION.search(first)
        return [_tidy(split_name(first))] if capital and "," in text else []
    parts = [_MARKS.sub(" ", part).strip(" .,:;-–—ˆ~") for part in _SEPARATOR.split(text)]
    parts = [" ".join(part.split()) for part in parts if part and len(part) > 1]
    names = [part for part in parts if _is_name(part)]
    if not names or len(names) < 0.7 * len(parts):
        return []
    return [_tidy(split_name(name)) for name in names]


def _tidy(author: Author) -> Author:
    if author.name.isupper() and len(author.family) > 2:
        return replace(author, family=_title_case(author.family), given=_title_case(author.given))
    return author


def _title_case(text: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda match: match[0].capitalize(), text)


def _is_name(text: str) -> bool:
    words = text.split()
    if not 2 <= len(words) <= 6 or len(text) > 50 or any(char.isdigit() for char in text):
        return False
    capital = [word for word in words if word.lower() not in PARTICLES]
    return (
        len(capital) >= 2
        and all(word[:1].isupper() or not word[:1].isascii() for word in capital)
        and any(len(word.strip(".")) > 1 for word in capital)
    )


def find_identifiers(texts: Sequence[str]) -> tuple[str, str]:
    """The paper's own DOI and arXiv id, from lines of the first page: banner, margin, stamps."""
    doi = arxiv_id = ""
    for text in texts:
        doi = doi or find_doi(text)
        arxiv_id = arxiv_id or find_arxiv_id(text)
    return doi, arxiv_id


def find_date_year(lines: Sequence[Line], *, body: float) -> int | None:
    """The year of a date that stands on a line of its own, or in a note in small type."""
    for line in lines:
        match = _DATE.search(line.text)
        if match is not None and (len(line.text) <= _DATE_LINE_CHARS or line.size < 0.95 * body):
            return int(match[1])
    return None


def find_year(texts: Sequence[str]) -> int | None:
    """The year of publication from banner lines: that of ``Published``, else the first that is printed."""
    for text in sorted(texts, key=lambda text: not text.lower().startswith("published")):
        match = _YEAR.search(text)
        if match is not None:
            return int(match[1])
    return None
