"""The front matter of a paper: header, abstract, keywords, identifiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.records import Author
from core.text import title_key
from indexer.pdf.banners import is_banner
from indexer.pdf.columns import Ordered
from indexer.pdf.front.abstract import find_abstract, find_keywords
from indexer.pdf.front.affiliations import read_affiliations
from indexer.pdf.front.byline import read_byline
from indexer.pdf.front.header import Header, read_header
from indexer.pdf.front.imprint import find_date_year, find_identifiers, find_venue, find_year
from indexer.pdf.front.notes import first_page_notes
from indexer.pdf.furniture import Cleaned
from indexer.pdf.geometry import Line

_BANNER_CHARS = 120
_REPEAT_PAGES = 4
"""A manuscript repeats its title on one of this many pages after the first."""


@dataclass(frozen=True, slots=True)
class Front:
    """Front matter; ``abstract`` holds its lines, ``used`` the identities of lines that are no part of the body."""

    title: str = ""
    authors: tuple[Author, ...] = ()
    affiliations: tuple[str, ...] = ()
    abstract: tuple[Line, ...] = ()
    keywords: tuple[str, ...] = ()
    year: int | None = None
    venue: str = ""
    doi: str = ""
    arxiv_id: str = ""
    used: frozenset[int] = frozenset()


def read_front(
    lines: Sequence[Line],
    *,
    ordered: Ordered,
    cleaned: Cleaned,
    body: float,
    metadata_title: str,
    metadata_doi: str = "",
) -> Front:
    """Read the front matter.

    Args:
        lines: In reading order, without the reference list.
        ordered: For the margin beside the text.
        cleaned: For heads, feet and page sizes.
        body: Size of the running text, in points.
        metadata_title: Evidence for the title.
        metadata_doi: Believed when the page prints none and shows the title that the file declares.
    """
    covers = cleaned.covers
    sheet = [line for line in lines if line.page <= covers]
    rest = [line for line in lines if line.page > covers]
    if not rest:
        return Front()
    first = rest[0].page
    page = [line for line in rest if line.page == first]
    height = cleaned.pages[first - 1].height or 800.0
    notes = first_page_notes(page, body=body, height=height)
    around = [line.text for line in (*cleaned.aside, *cleaned.furniture, *ordered.margin) if line.page <= first]
    around += [line.text for line in (*sheet, *page) if line.page <= covers or id(line) in notes]
    heads = [line.text for line in cleaned.furniture if line.page <= first + 2]
    header = read_header(
        [line for line in page if id(line) not in notes],
        body=body,
        declared_title=metadata_title,
        page_height=height,
        seen=" ".join(line.text for line in sheet),
        venues=[*heads, *(line.text for line in page)],
        following=[line for line in rest if line.page == first + 1],
    )
    if not header.authors:
        header = _with_side_authors(header, [line for line in (*cleaned.aside, *ordered.margin) if line.page == first])
    repeated = _repeated_title(rest, header, first)
    gone = header.used | notes | repeated | _loose_banners(page, body)
    abstract = find_abstract([line for line in rest if id(line) not in gone], first=first, body=body)
    kept = {id(line) for line in abstract.lines}
    banner = [line.text for line in page if id(line) in header.used]
    stamps = [stamp for one in cleaned.pages[:first] for stamp in one.stamps]
    doi, arxiv_id = find_identifiers([*around, *stamps, *banner, *_beside_abstract(page, abstract.used - kept)])
    if not doi and metadata_title and title_key(metadata_title) == title_key(header.title):
        doi = metadata_doi
    return Front(
        title=header.title,
        authors=header.authors,
        affiliations=header.affiliations or read_affiliations(cleaned.aside, names=frozenset()),
        abstract=abstract.lines,
        keywords=abstract.keywords or find_keywords([*cleaned.aside, *(line for line in page if id(line) in notes)]),
        year=find_year([*around, *(text for text in banner if is_banner(text))]) or find_date_year(page, body=body),
        venue=find_venue([*around, *banner, *_beside_abstract(page, abstract.used - kept)]),
        doi=doi,
        arxiv_id=arxiv_id,
        used=gone | abstract.used | {id(line) for line in sheet},
    )


def _beside_abstract(page: Sequence[Line], used: frozenset[int]) -> list[str]:
    """Lines between abstract and text, such as the form in which to cite the paper."""
    return [line.text for line in page if id(line) in used]


def _with_side_authors(header: Header, side: Sequence[Line]) -> Header:
    """The header with the authors that stand with their institutions beside title and abstract."""
    ordered = sorted(side, key=lambda line: (line.baseline, line.x0))
    byline = read_byline(ordered)
    affiliations = read_affiliations(ordered, names=byline.lines)
    if not byline.authors or not affiliations:
        return header
    return replace(header, authors=byline.authors, affiliations=header.affiliations or affiliations)


def _loose_banners(page: Sequence[Line], body: float) -> frozenset[int]:
    """Notices of copyright and the like in small type that stand alone between abstract and text."""
    found: set[int] = set()
    for line in page:
        if line.size > 0.93 * body or len(line.text) > _BANNER_CHARS or not is_banner(line.text):
            continue
        near = [
            other
            for other in page
            if other is not line
            and other.column == line.column
            and abs(other.baseline - line.baseline) < 1.6 * line.size
            and abs(other.size - line.size) < 0.04 * line.size
        ]
        if not near:
            found.add(id(line))
    return frozenset(found)


def _repeated_title(lines: Sequence[Line], header: Header, first: int) -> frozenset[int]:
    """The title where a later page shows it again above the text."""
    wanted = title_key(header.title)
    used: set[int] = set()
    run: list[Line] = []
    for line in lines:
        if not first < line.page <= first + _REPEAT_PAGES:
            continue
        key = "".join(title_key(item.text) for item in run) + title_key(line.text)
        run = [*run, line] if key and wanted.startswith(key) else []
        if run and key == wanted and len(wanted) > 8:
            used.update(id(item) for item in run)
    return frozenset(used)
