"""The front of a JATS article: title, authors, affiliations, keywords, identifiers, date, journal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.identifiers import find_arxiv_id, find_doi
from core.records import Author
from indexer.references.names import PARTICLES, is_organisation, split_name
from indexer.xml.draft import Front
from indexer.xml.inline import children, plain, tag_of
from indexer.xml.jats_rules import NAMES, TEXT, TITLE

if TYPE_CHECKING:
    from lxml.etree import _Element

_DATES = ("ppub", "epub-ppub", "collection", "pub", "epub", "")
"""Kinds of publication dates, the one that is cited first: that of the issue before that of the early view."""
_NOT_PUBLISHED = frozenset({"received", "accepted", "rev-recd", "pmc-release", "retracted", "corrected", "submitted"})
_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d)\b")
_OTHER_KEYWORDS = re.compile(r"abbrev|organism|hwp|acronym|gene|protein|jel|msc|pacs|subject", re.IGNORECASE)
_ET_AL = frozenset({"others", "et al", "et al."})


def read_front(article: _Element) -> Front:
    """Read the front matter; what is not there stays empty."""
    front = article.find("front")
    meta = front.find("article-meta") if front is not None else None
    if meta is None:
        meta = article.find("front-stub")
    if front is None or meta is None:
        return Front() if meta is None else _front(meta, None, article)
    return _front(meta, front.find("journal-meta"), article)


def _front(meta: _Element, journal: _Element | None, article: _Element) -> Front:
    ids = {(item.get("pub-id-type") or "").lower(): plain(item, TEXT) for item in reversed(meta.findall("article-id"))}
    doi = find_doi(ids.get("doi", ""))
    return Front(
        title=_title(meta),
        authors=_authors(meta),
        affiliations=_affiliations(meta),
        year=_year(meta),
        venue=_venue(meta, journal),
        doi=doi,
        arxiv_id=find_arxiv_id(ids.get("arxiv", "")) or find_arxiv_id(doi),
        keywords=_keywords(meta, article.get("lang", "")),
    )


def _title(meta: _Element) -> str:
    group = meta.find("title-group")
    group = meta if group is None else group
    title = plain(group.find("article-title"), TITLE)
    subtitle = " ".join(text for item in group.findall("subtitle") if (text := plain(item, TITLE)))
    if not title or not subtitle:
        return title or subtitle
    return f"{title} {subtitle}" if title[-1] in ":?!–—" else f"{title}: {subtitle}"


def _authors(meta: _Element) -> tuple[Author, ...]:
    return tuple(author for contrib in _author_elements(meta) if (author := _author(contrib)) is not None)


def _author_elements(meta: _Element) -> list[_Element]:
    contributors = [
        contrib
        for group in meta.iterchildren("contrib-group")
        for contrib in group.iterchildren("contrib")
        if group.get("content-type", "author").rstrip("s") in ("author", "")
        or contrib.get("contrib-type", "").lower() == "author"
    ]
    wanted = [each for each in contributors if each.get("contrib-type", "").lower() == "author"]
    return wanted or [each for each in contributors if not each.get("contrib-type")]


def _author(contrib: _Element) -> Author | None:
    alternatives = contrib.find("name-alternatives")
    for holder in (contrib, alternatives):
        for name in people(holder) if holder is not None else ():
            return name
    return None


def people(holder: _Element) -> Iterator[Author]:
    """The persons and collaborations named directly in an element, in order; "and others" is nobody."""
    for element in children(holder):
        tag = tag_of(element)
        author = None
        if tag == "name":
            author = read_name(element)
        elif tag == "string-name":
            author = read_name(element) if element.find("surname") is not None else _whole_name(element)
        elif tag == "name-alternatives":
            author = next(people(element), None)
        elif tag in ("collab", "institution", "on-behalf-of"):
            family = plain(element, NAMES).strip(" ,;")
            author = Author(family=family) if family else None
        elif tag == "collab-alternatives":
            author = next(people(element), None)
        if author is not None and author.name.lower() not in _ET_AL:
            yield author


def read_name(element: _Element) -> Author | None:
    """A name given in parts, particles (van, de) with the family name; None when it has none."""
    family = plain(element.find("surname"), TEXT).strip(" ,;")
    given = plain(element.find("given-names"), TEXT).strip(" ,;")
    suffix = plain(element.find("suffix"), TEXT).strip(" ,;")
    if not family:
        return Author(family=given, suffix=suffix) if given else None
    words = given.split()
    while len(words) > 1 and words[-1] in PARTICLES:
        family = f"{words.pop()} {family}"
    return Author(family=family, given=" ".join(words), suffix=suffix)


def _whole_name(element: _Element) -> Author | None:
    text = plain(element, TEXT).strip(" ,;")
    if not text:
        return None
    return Author(family=text) if is_organisation(text) or len(text) > 100 else split_name(text)


def _affiliations(meta: _Element) -> tuple[str, ...]:
    found: dict[str, None] = {}
    authors = _author_elements(meta)
    named = {rid for contrib in authors for xref in contrib.iter("xref") for rid in (xref.get("rid") or "").split()}
    affiliations = list(meta.iter("aff"))
    linked = [element for element in affiliations if element.get("id") in named]
    for element in affiliations:
        parent = element.getparent()
        if linked and element not in linked and element.get("id"):
            continue  # an editor's
        if any(contrib not in authors for contrib in element.iterancestors("contrib")):
            continue
        if parent is not None and parent.tag == "aff-alternatives" and parent.find("aff") is not element:
            continue
        original = next((item for item in element.iter("institution") if item.get("content-type") == "original"), None)
        text = (_in_parts(element) if original is None else plain(original, NAMES)).strip(" ,;")
        if any(char.isalpha() for char in text):
            found[text] = None
    return tuple(found)


def _in_parts(element: _Element) -> str:
    """An affiliation as written, with commas between its parts when the source has none."""
    own = [element.text, *(child.tail for child in element)]
    if any(text and text.strip() for text in own):
        return plain(element, NAMES)
    parts = [_in_parts(child) if len(child) else plain(child, NAMES)
             for child in children(element) if child.tag not in NAMES.skipped]  # fmt: skip
    return ", ".join(part.strip(" ,;") for part in parts if part.strip(" ,;"))


def _year(meta: _Element) -> int | None:
    dates = [date for date in meta.iter("pub-date") if _kind(date) not in _NOT_PUBLISHED]
    dates.sort(key=lambda date: _DATES.index(_kind(date)) if _kind(date) in _DATES else len(_DATES))
    years = [year for date in dates if (year := _year_of(date)) is not None]
    claimed = [meta.find(path) for path in ("permissions/copyright-year", "copyright-year")]
    claims = [int(match[1]) for each in claimed if each is not None and (match := _YEAR.search(plain(each, TEXT)))]
    # With one date alone, a later claim shows it to be that of the submission, or of a preprint.
    if len(years) == 1 and claims and years[0] < claims[0] <= years[0] + 5:
        return claims[0]
    return next(iter([*years, *claims]), None)


def _year_of(date: _Element) -> int | None:
    year = date.find("year")
    match = _YEAR.search(plain(year, TEXT)) or _YEAR.search(date.get("iso-8601-date", ""))
    if match is None and year is None:
        match = _YEAR.search(plain(date, TEXT))
    return int(match[1]) if match is not None else None


def _kind(date: _Element) -> str:
    kind = (date.get("date-type") or date.get("pub-type") or "").lower()
    return "ppub" if kind == "pub" and date.get("publication-format") == "print" else kind


def _venue(meta: _Element, journal: _Element | None) -> str:
    if journal is not None:
        for path in ("journal-title-group/journal-title", "journal-title", "journal-title-group/abbrev-journal-title",
                     "abbrev-journal-title"):  # fmt: skip
            title = plain(journal.find(path), TITLE)
            if title:
                return title
    return plain(meta.find("conference/conf-name"), TITLE)


def _keywords(meta: _Element, language: str) -> tuple[str, ...]:
    groups = [
        group for group in meta.findall("kwd-group") if not _OTHER_KEYWORDS.search(group.get("kwd-group-type", ""))
    ]
    if not groups:
        return ()

    def rank(group: _Element) -> tuple[bool, bool]:
        own = group.get("lang", language) == language
        return not own, not group.get("kwd-group-type", "author").startswith("author")

    best = min(rank(group) for group in groups)
    words = [
        plain(word, TEXT).strip(" ,;.")
        for group in groups
        if rank(group) == best
        for word in group.iter("kwd", "compound-kwd")
    ]
    return tuple(dict.fromkeys(word for word in words if word))
