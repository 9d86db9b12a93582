"""Reference lists of JATS: tagged entries are taken field by field, untagged ones are read as strings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.identifiers import find_arxiv_id, find_doi
from core.records import Author, Reference
from indexer.references.fields import parse_reference
from indexer.xml.draft import Draft
from indexer.xml.entries import Entry, make_reference
from indexer.xml.inline import children, plain, tag_of
from indexer.xml.jats_front import people
from indexer.xml.jats_rules import ENTRY, TEXT

if TYPE_CHECKING:
    from lxml.etree import _Element

_IN_FIELDS = ("element-citation", "nlm-citation")
_CITATIONS = (*_IN_FIELDS, "mixed-citation", "citation")
_TITLES = ("article-title", "chapter-title", "part-title", "data-title")
_NAMES = frozenset({"name", "string-name", "name-alternatives", "collab", "collab-alternatives"})
_AUTHOR_GROUPS = frozenset({"", "author", "authors", "allauthors"})
_JOURNAL = re.compile(r"journal|confproc|conference|proceedings|preprint|newspaper|magazine", re.IGNORECASE)
_UNSPOKEN_IDS = frozenset({"pmid", "pmcid", "medline", "publisher-id", "coden", "sici", "manuscript"})
_TITLE_WORDS = 4
"""Fewer bare words are rather "in", "edited by" and the like."""
_LOOSE_STOP = re.compile(r" ([,;.)])(?= |$)")
_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)")


def read_reference_lists(article: _Element, draft: Draft) -> None:
    """Add the entries of all lists to the draft, with the ids by which the text names them."""
    for listed in article.iter("ref-list"):
        for ref in listed.iterchildren("ref"):
            first = len(draft.references)
            for work in _works(ref):
                index = len(draft.references)
                reference = _reference(work, index=index)
                if reference is None:
                    continue
                draft.references.append(reference)
                for element in (work.tagged, work.written, *work.tagged.iterancestors("citation-alternatives")):
                    if element is not ref and element.get("id"):
                        draft.by_id.setdefault(element.get("id", ""), (index,))
            if ref.get("id") and len(draft.references) > first:
                draft.by_id.setdefault(ref.get("id", ""), tuple(range(first, len(draft.references))))


@dataclass(frozen=True, slots=True)
class _Cited:
    """A work in its two forms, which may be one: with its fields tagged, and as printed."""

    tagged: _Element
    written: _Element
    label: str


def _works(ref: _Element) -> Iterator[_Cited]:
    """The works of an entry: usually one, several where chemists list them under one number."""
    label = _label(ref)
    forms = list(_forms(ref))
    for tagged, written in forms:
        own = _label(tagged) or _label(written)
        whole = own if own.startswith(label) else f"{label}{own}"
        yield _Cited(tagged, written, whole if len(forms) > 1 else label or own)


def _forms(ref: _Element) -> Iterator[tuple[_Element, _Element]]:
    found = [child for child in children(ref) if child.tag in (*_CITATIONS, "citation-alternatives")]
    if not found:
        yield ref, ref
        return
    in_fields = [child for child in found if child.tag in _IN_FIELDS]
    in_print = [child for child in found if child.tag == "mixed-citation"]
    if len(in_fields) == len(in_print) and 2 * len(in_print) == len(found):
        yield from zip(in_fields, in_print, strict=True)  # each work twice, side by side
        return
    for citation in found:
        if citation.tag != "citation-alternatives":
            yield citation, citation
        else:
            yield from _forms(citation)


def _label(element: _Element) -> str:
    return plain(element.find("label"), TEXT).strip(" .()[]:")[:40]


def _reference(work: _Cited, *, index: int) -> Reference | None:
    entry = _entry(work.tagged)
    raw = _written(work.written)
    if raw is None:
        raw = entry.written_out()
    if not raw:
        return None
    if work.tagged.tag in _IN_FIELDS or entry.telling >= 2:
        return make_reference(entry, index=index, label=work.label, raw=raw)
    read = parse_reference(raw, index=index, page=0, label=work.label)
    return make_reference(entry, index=index, label=work.label, raw=raw, otherwise=read)


def _written(citation: _Element) -> str | None:
    """The entry as printed; None when it holds fields alone, without the print's punctuation."""
    own = [citation.text, *(child.tail for child in citation)]
    marks = sum(1 for text in own if text and text.strip())
    if marks == 0 and any(child.tag in (*_TITLES, "source", "person-group", "name", "year") for child in citation):
        return None
    for element in citation.iter("pub-id"):
        _spell(element)
    for group in citation.iter("person-group"):
        _list(group)
    return _LOOSE_STOP.sub(r"\1", plain(citation, ENTRY)).strip(" ,;").lstrip(". ")


def _list(group: _Element) -> None:
    """Names that nothing parts, with commas between them."""
    if any(text and text.strip() for text in (group.text, *(child.tail for child in group))):
        return
    for name in list(group)[:-1]:
        name.tail = ", "
    for others in group.iterchildren("etal"):
        others.text = others.text or "et al"


def _spell(element: _Element) -> None:
    """An identifier that nothing introduces: a DOI is introduced, numbers of databases are left out."""
    previous, parent = element.getprevious(), element.getparent()
    before = previous.tail if previous is not None else parent.text if parent is not None else ""
    if before and any(char.isalpha() for char in before[-12:]):
        return
    kind = (element.get("pub-id-type") or "").lower()
    if kind in _UNSPOKEN_IDS:
        for child in list(element):
            element.remove(child)
        element.text = ""
    elif kind == "doi" and (element.text or "").startswith("10."):
        element.text = f"doi:{element.text}"


def _entry(citation: _Element) -> Entry:
    title = _first(citation, *_TITLES)
    source = _first(citation, "source")
    venue = source or _first(citation, "conf-name", "series")
    title = title or _untagged_title(citation)
    kind = citation.get("publication-type") or citation.get("citation-type") or ""
    if not title and source and not _JOURNAL.search(kind):
        title, venue = source, _first(citation, "conf-name", "series")
    links = [link for element in citation.iter("ext-link", "uri", "self-uri") for link in _links(element)]
    ids = {(item.get("pub-id-type") or "").lower(): plain(item, TEXT) for item in citation.iter("pub-id", "object-id")}
    doi = next((doi for text in (ids.get("doi", ""), *links, *ids.values()) if (doi := find_doi(text))), "")
    arxiv_id = find_arxiv_id(ids.get("arxiv", "")) or next(
        (found for text in (doi, *links) if (found := find_arxiv_id(text))), ""
    )
    return Entry(
        authors=_authors(citation),
        title=title.strip(" ,"),
        venue=venue.strip(" ,"),
        year=_year(citation),
        volume=_first(citation, "volume"),
        issue=_first(citation, "issue"),
        pages=_pages(citation),
        doi=doi,
        arxiv_id=arxiv_id,
        url=next((link for link in links if link.lower().startswith(("http://", "https://", "ftp://"))), ""),
        publisher=_first(citation, "publisher-name").strip(" ,;"),
    )


def _untagged_title(citation: _Element) -> str:
    """Words that stand bare between the names and the source of a work whose other parts are tagged."""
    before: list[str] = []
    for child in children(citation):
        if child.tag == "source":
            break
        before.append(child.tail or "")
    else:
        return ""
    longest = max(before, key=len, default="").strip(" \n\t.,;:\"“”'‘’")
    words = longest.split()
    return " ".join(words) if len(words) >= _TITLE_WORDS else ""


def _first(citation: _Element, *tags: str) -> str:
    """The text of the first element that is not empty, in the order of the names."""
    for tag in tags:
        for element in citation.iter(tag):
            text = plain(element, TEXT)
            if text:
                return text.rstrip(" .") if tag in _TITLES and not text.endswith("..") else text.rstrip(" ,;")
    return ""


def _links(element: _Element) -> tuple[str, ...]:
    return tuple(text.strip() for text in (element.get("href") or "", plain(element, TEXT)) if text.strip())


def _authors(citation: _Element) -> tuple[Author, ...]:
    """Authors; in a work that has none, its editors."""
    authors: list[Author] = []
    others: list[Author] = []
    loose: list[_Element] = []
    for child in children(citation):
        tag = tag_of(child)
        if tag == "person-group":
            group = authors if (child.get("person-group-type") or "").lower() in _AUTHOR_GROUPS else others
            group.extend(people(child))
        elif tag in (*_TITLES, "source") and (authors or loose):
            break
        elif tag in _NAMES:
            loose.append(child)
    if loose:
        names = [author for element in loose for author in _named(element)]
        authors = [*authors, *names] if not authors or all(each.given == "" for each in names) else authors
    return tuple(authors or others)


def _named(element: _Element) -> Iterator[Author]:
    parent = element.makeelement("holder", {})
    parent.append(_copy(element))
    yield from people(parent)


def _copy(element: _Element) -> _Element:
    from copy import deepcopy

    copied = deepcopy(element)
    copied.tail = None
    return copied


def _year(citation: _Element) -> int | None:
    for element in citation.iter("year"):
        parent = element.getparent()
        if parent is not None and parent.tag in ("date-in-citation", "access-date"):
            continue
        match = _YEAR.search(plain(element, TEXT)) or _YEAR.search(element.get("iso-8601-date", ""))
        if match is not None:
            return int(match[1])
    return None


def _pages(citation: _Element) -> str:
    first, last = _first(citation, "fpage").strip(" ."), _first(citation, "lpage").strip(" .")
    if first:
        return f"{first}–{last}" if last and last != first else re.sub(r"\s?[-–—]+\s?", "–", first)
    whole = _first(citation, "page-range", "elocation-id").strip(" .")
    return re.sub(r"\s?[-–—]+\s?", "–", whole)
