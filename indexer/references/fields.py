"""Reference strings to fields: a trained labeller says what each stretch is, rules read the stretches."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.identifiers import find_arxiv_id, find_doi
from core.records import Author, Box, Reference
from indexer.references.labeller import Labelled, shipped_labeller
from indexer.references.mending import mend_labels
from indexer.references.names import is_initials
from indexer.references.people import read_people, repeats_authors

_LABEL = re.compile(
    r"^\s*(?:\[(?!n\.\s?d\.|\d{4}\.\d{4,5})[^\]]{1,60}\]|\(\d{1,4}\)|(?!(?:1[5-9]|20)\d\d\.\s)\d{1,4}[.)](?=\s|[^\d\s]))\s*"
)
_KIND = re.compile(r"\s*\[(?:[JMCDNRPSGAZ]|EB|DB|CP|DS)(?:/(?:OL|CD|MT|DK))?\]\s*$")
_URL = re.compile(r"(?:https?:\s?//|www\.)[^\s<>\"“”]+[^\s<>\"“”.,;:)\]]", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20[0-4]\d)(?!\d)")
_LONE_YEAR = re.compile(r"(?<![\d/:.\-–])(1[6-9]\d\d|20[0-4]\d)[a-z]?(?![\d/])(?!\s?[-–]\s?\d)")
_ACCESSED = re.compile(r"\b(?:accessed|retrieved|visited|consulted|consulté|abgerufen|zugriff)\b", re.IGNORECASE)
_UNDATED = re.compile(r"\b(?:n\.\s?d\.|in press|forthcoming|to appear|submitted)", re.IGNORECASE)
_PAGES = re.compile(r"[A-Za-z]{0,3}\d{1,7}[a-z]?(?:\s?[-–—‐‑−]+\s?[A-Za-z]{0,3}\d{1,7}[a-z]?)?")
_DASHES = re.compile(r"\s?[-–—‐‑−]+\s?")
_EDGES = ' \t.,;:“”„«»‹›"`*|'
_QUOTE_PAIRS = (("‘", "’"), ("'", "'"), ("’", "’"), ("(", ")"), ("[", "]"))
_VENUE_OPENING = re.compile(r"^(?:in|dans|en|published in|appears in)\s*:?\s+(?=\S)", re.IGNORECASE)
_VENUE_END = re.compile(r"[\s,;(]*\b(?:vol(?:ume)?|no|pp?|bd|iss)\.?$", re.IGNORECASE)
_TITLE_END = re.compile(
    r"\s*\[(?:online|internet|computer software|software|data ?set|preprint|video|website|en ligne|j|m|c|d)\]?$",
    re.IGNORECASE,
)
_ABBREVIATION = re.compile(r"\s?\((?=[^()]*[A-Z])[A-Za-z][\w\-’']{1,11}\)(?=[\s.,:;]|$)\s?")
"""``(CUA)``: a title explains how it is abbreviated."""
_ARCHIVE = re.compile(r"\.\s+(Zenodo|figshare|Figshare|GitHub|Dryad|OSF|OpenReview)$")
_SENTENCE_END = re.compile(r"(?<=\w\w)\.\s")
_VISIT = re.compile(r"^\W*(?:accessed|retrieved|available|visited|url|doi|online|pp?|vol|no|eds?)\b", re.IGNORECASE)
_MAX_GAP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What the words of an entry say; identifiers are found apart, by their form."""

    authors: tuple[Author, ...] = ()
    title: str = ""
    venue: str = ""
    year: int | None = None
    volume: str = ""
    pages: str = ""
    publisher: str = ""


def parse_reference(
    raw: str,
    *,
    index: int,
    page: int = 1,
    label: str = "",
    boxes: tuple[Box, ...] = (),
    links: Sequence[str] = (),
    before: Sequence[Author] = (),
) -> Reference:
    """Read a reference string into fields; what is not found stays empty.

    Args:
        raw: The entry as printed, on one line, with or without its label.
        index: Position in the list.
        page, boxes: Where it stands.
        label: Its label without brackets.
        links: Web addresses behind the entry's text, for DOIs that are not printed.
        before: Authors of the entry before, which dashes repeat.
    """
    text = strip_label(raw, label)
    url, doi, arxiv_id = _identifiers(text, links)
    dashes = repeats_authors(text)
    body = text[dashes:]
    fields = read_fields(body, shipped_labeller().label(body))
    return Reference(
        index=index,
        raw=raw,
        page=page,
        boxes=boxes,
        label=label,
        authors=tuple(before) if dashes else fields.authors,
        title=fields.title,
        venue=fields.venue,
        year=fields.year,
        volume=fields.volume,
        pages=fields.pages,
        doi=doi,
        arxiv_id=arxiv_id,
        url=url,
        publisher=fields.publisher,
    )


def read_fields(text: str, spans: Sequence[Labelled]) -> Fields:
    """Read the labelled stretches of a text, in order, into the fields of a reference."""
    spans = mend_labels(text, spans)
    title, venue = _works(text, spans)
    volume, pages = _text_of(text, spans, "volume"), _pages(text, spans)
    publisher = _text_of(text, spans, "publisher") or _text_of(text, spans, "institution")
    numbered = bool(volume or pages)
    if not title and venue and (not numbered or (publisher and not pages)):
        # A venue without numbers is none, and one of a publisher is a book; else the title is what has no label.
        title, venue = venue, ""
    elif not title and not venue and publisher and not numbered and any(span.label == "author" for span in spans):
        title, publisher = publisher, ""
    elif not title and not venue:
        title = _left_over(text, spans)
    # GOST parts title and venue by two strokes; GB/T 7714 marks the kind of a work behind its title.
    title, _, host = title.partition(" // ")
    title, venue = _KIND.sub("", title), venue or host
    archive = _ARCHIVE.search(title)
    if archive is not None:
        title, publisher = title[: archive.start()], publisher or archive[1]
    authors = _authors(text, spans)
    if not title and not venue and not volume and len(authors) == 1 and _is_written_out(authors[0].given):
        # "Acme, Fast reader, 2019": an organisation and what it made, not a name turned round.
        title, authors = authors[0].given, (Author(family=authors[0].family),)
    return Fields(
        authors=authors,
        title=title,
        venue=venue,
        year=_year(text, spans),
        volume=volume,
        pages=pages,
        publisher=publisher,
    )


def strip_label(raw: str, label: str = "") -> str:
    """The entry without its label; without one given, what opens it like a label, but no "[n. d.]" or arXiv number."""
    text = raw.strip()
    if label:
        for form in (f"[{label}]", f"({label})", f"{label}.", f"{label})", label):
            if text.startswith(form):
                return text[len(form) :].lstrip()
    return _LABEL.sub("", text)


def _identifiers(text: str, links: Sequence[str]) -> tuple[str, str, str]:
    """URL, DOI and arXiv id, from the print first and from the links behind it second."""
    match = _URL.search(text)
    url = match[0].replace(" ", "") if match else ""
    doi = find_doi(text)
    arxiv_id = find_arxiv_id(text)
    for link in links:
        linked = find_doi(link)
        # A link holds the whole DOI even where the print breaks it.
        if linked and (not doi or (linked.startswith(doi) and len(linked) > len(doi))):
            doi = linked
        arxiv_id = arxiv_id or find_arxiv_id(link)
        url = url or (link if link.startswith("http") else "")
        if url and link.startswith(url):
            url = link
    if doi.startswith("10.48550/arxiv."):
        arxiv_id = arxiv_id or find_arxiv_id(doi)
    return url, doi, arxiv_id


def _authors(text: str, spans: Sequence[Labelled]) -> tuple[Author, ...]:
    """The first list of authors; else the editors or the institution that the entry begins with."""
    people = _first_group(text, spans, "author")
    if people is None:
        opening = [span for span in spans if span.label in ("editor", "institution", "publisher")]
        title_at = next((span.start for span in spans if span.label in ("title", "booktitle", "journal")), len(text))
        people = opening[0] if opening and opening[0].start < min(title_at, 8) else None
        if people is not None and people.label != "editor":
            name = _trimmed(text[people.start : people.end])
            return (Author(family=name),) if name else ()
    return read_people(text[people.start : people.end]) if people is not None else ()


def _first_group(text: str, spans: Sequence[Labelled], label: str) -> Labelled | None:
    """The first span of a label, with those after it that little parts from it."""
    group: Labelled | None = None
    last: Labelled | None = None
    for span in spans:
        if group is None and span.label == label:
            group = span
        elif group is not None and span.label == label and last is not None and last.label == label:
            gap = text[group.end : span.start]
            if not _ABBREVIATION.fullmatch(gap) and (len(gap) > _MAX_GAP or _ends_sentence(gap)):
                break
            group = Labelled(label, group.start, span.end)
        last = span
    return group


def _ends_sentence(gap: str) -> bool:
    """True when a full stop stands in the gap between two spans."""
    return ". " in gap and not gap.strip(". ")


def _works(text: str, spans: Sequence[Labelled]) -> tuple[str, str]:
    """Title and venue. A book that is named alone is a title, and a series is a venue where there is no other."""
    title_span = _first_group(text, spans, "title")
    title = ""
    if title_span is not None:
        abbreviation = _ABBREVIATION.match(text, title_span.end)
        title = _clean_title(text[title_span.start : abbreviation.end() if abbreviation else title_span.end])
    found = {label: _first_group(text, spans, label) for label in ("journal", "booktitle", "series")}
    venues = [_clean_venue(text[span.start : span.end]) for span in found.values() if span is not None]
    venues = [venue for venue in venues if venue]
    book = found["booktitle"]
    if not title and book is not None and found["journal"] is None:
        title = _clean_title(text[book.start : book.end])
        venues = venues[1:]
    return title, venues[0] if venues else ""


def _left_over(text: str, spans: Sequence[Labelled]) -> str:
    """The longest of the first sentences of what is in no field, but for dates of visits and the like."""
    free = list(_URL.sub(lambda found: "\0" * len(found[0]), text))
    for span in spans:
        if span.label != "note":
            free[span.start : span.end] = "\0" * (span.end - span.start)
    titles = [
        _clean_title(_SENTENCE_END.split(stretch.strip(_EDGES + "()"), maxsplit=1)[0])
        for stretch in "".join(free).split("\0")
        if not _VISIT.search(stretch)
    ]
    title = max(titles, key=len, default="")
    return title if sum(1 for char in title if char.isalpha()) > 3 else ""


def _is_written_out(given: str) -> bool:
    return len(given) > 3 and not any(is_initials(word) for word in given.split())


def _clean_title(text: str) -> str:
    return _TITLE_END.sub("", _trimmed(text)).strip(" .,;:")


def _clean_venue(text: str) -> str:
    venue = _VENUE_END.sub("", _VENUE_OPENING.sub("", _trimmed(text)))
    return _trimmed(venue) if any(char.isalpha() for char in venue) else ""


def _trimmed(text: str) -> str:
    """A text without the marks around it: quotes, and brackets that have no partner in it."""
    text = " ".join(text.split()).strip(_EDGES).lstrip(")]} ").rstrip("([{ ").strip(_EDGES)
    for opening, closing in _QUOTE_PAIRS:
        if (
            text.startswith(opening)
            and (text.endswith(closing) or closing not in text[1:])
            and text.count(opening) < 2 + (opening == closing)
        ):
            text = text[1:].removesuffix(closing).strip(_EDGES)
        elif text.endswith(closing) and opening not in text[:-1] and closing not in "'’":
            text = text[: -len(closing)].strip(_EDGES)
        elif opening in "([" and text.count(opening) == text.count(closing) + 1:
            text += closing
    return text


def _year(text: str, spans: Sequence[Labelled]) -> int | None:
    """The first year in a date; without a date at all, the last that is no part of another field."""
    dates = [span for span in spans if span.label == "date" and not _is_accessed(text, span.start)]
    for span in dates:
        # A year that touches the span's end may have lost digits to it.
        match = _YEAR.search(text, span.start, min(len(text), span.end + 1))
        if match is not None:
            return int(match[1])
    if any(_UNDATED.search(text[span.start : span.end + 1]) for span in dates):
        return None
    for kept in (("title", "id", "web", "report", "booktitle"), ("title", "id", "web", "report")):
        year = _last_year(text, [span for span in spans if span.label in kept])
        if year is not None:
            return year
    return None


def _last_year(text: str, taken: Sequence[Labelled]) -> int | None:
    """The last year outside the spans that is no date of access."""
    years: list[int] = []
    for match in _LONE_YEAR.finditer(_URL.sub(lambda found: " " * len(found[0]), text)):
        inside = any(span.start <= match.start() < span.end for span in taken)
        if not inside and not _is_accessed(text, match.start()):
            years.append(int(match[1]))
    return years[-1] if years else None


def _is_accessed(text: str, at: int) -> bool:
    """True when the words before a date say that it tells of a visit."""
    return _ACCESSED.search(text, max(0, at - 30), at) is not None


def _pages(text: str, spans: Sequence[Labelled]) -> str:
    for span in spans:
        match = _PAGES.search(text, span.start, span.end) if span.label == "pages" else None
        if match is not None and not _is_accessed(text, match.start()):
            return _DASHES.sub("–", match[0])
    return ""


def _text_of(text: str, spans: Sequence[Labelled], label: str) -> str:
    span = next((span for span in spans if span.label == label), None)
    return _trimmed(text[span.start : span.end]) if span else ""
