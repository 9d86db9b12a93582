"""Reference strings to fields by rules.

``parse_reference`` is the one entry: a trained labeller can take its place without a change around it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.identifiers import find_arxiv_id, find_doi
from core.records import Author, Box, Reference
from indexer.references.people import People, read_people, repeats_authors

_LABEL = re.compile(r"^\s*(?:\[[^\]]{1,60}\]|\(\d{1,4}\)|\d{1,4}[.)](?=\s|[^\d\s]))\s*")
_URL = re.compile(r"(?:https?:\s?//|www\.)[^\s<>\"“”]+[^\s<>\"“”.,;:)\]]", re.IGNORECASE)
_YEAR = re.compile(r"(?<![\d/:.\-–])(1[6-9]\d\d|20[0-4]\d)(?:[a-z])?(?![\d/])(?!\s?[-–]\s?\d)")
_PAREN_YEAR = re.compile(r"\((?:[^()]{0,25}\s)?(1[6-9]\d\d|20[0-4]\d)[a-z]?(?:[,;/\s][^)]{0,30})?\)")
_LEADING_YEAR = re.compile(
    r"[\s,.:]*(?:\((?:[^()]{0,20}\s)?(?:(1[6-9]\d\d|20[0-4]\d)[a-z]?|n\.\s?d\.|in press|"
    r"forthcoming)(?:[,;/\s\-–][^)]{0,30})?\)"
    r"|(1[6-9]\d\d|20[0-4]\d)[a-z]?(?=[.,:;\s]))[\s.,:]*",
    re.IGNORECASE,
)
_QUOTES = {"“": "”", '"': '"', "‘": "’", "«": "»", "„": "“", "``": "''", "'": "'"}
_SENTENCE = re.compile(r"(?<=[^\s.])([.?!])(?:\s+|(?=[A-Z][a-z]))")
_INITIAL_END = re.compile(r"(?:^|[\s(.])(?:[A-Z]|vs|St|Dr|Mr|No|vol|al|cf|e\.g|i\.e|approx|ca|U\.S|Inc|Jr|D\.C)$")
_VENUE_WORD = re.compile(
    r"^(?:in[: ]|in$|proc\b|proceedings|advances in|(?:the )?journal\b|j\. |annals|ann\. |transactions|"
    r"trans\. |ieee|acm|"
    r"arxiv|corr\b|biorxiv|medrxiv|ssrn|lecture notes|technical report|tech\. rep|ph\.? ?d|master|thesis|"
    r"preprint|nature\b|"
    r"science\b|plos|bmc|phys\. |[A-Z]\w+ (?:journal|review|letters|university press)|springer|elsevier|wiley|"
    r"cambridge|oxford|mit press|[A-Z][\w. ]{1,40}\b(?:journal|review|letters|conference|symposium|workshop|press)\b)",
    re.IGNORECASE,
)
_VOLUME_FORMS = (
    re.compile(r"\b(?:vol(?:ume)?\.?|bd\.)\s*(\d{1,4}|[IVXL]+)\b", re.IGNORECASE),
    re.compile(r"(?<![\d.])\b(\d{1,4})\s?\(\s?(?:\d{1,4}(?:[-–/]\d{1,4})?|[A-Za-z][\w. -]{0,15})\s?\)\s?[:,;.]"),
    re.compile(r"(?<![\d.])\b(\d{1,4})\s?\((?:1[6-9]|20)\d\d[a-z]?\)"),
    re.compile(r"[;,]\s?(\d{1,4})\s?(?:\(\d{1,4}\))?\s?:\s?[eE]?\d"),
    re.compile(r"[^\W\d]\.?,?\s(\d{1,4})\s?[,:(]\s?(?:\d|no\b|pp|article|[eE]\d|iss)"),
)
_PAGES_FORMS = (
    re.compile(r"\bpp?\.?\s*([A-Z]?\d{1,6}[a-z]?(?:\s?[-–—]+\s?[A-Z]?\d{1,6})?)", re.IGNORECASE),
    re.compile(r"\bpages?\s+(\d{1,6}(?:\s?[-–—]+\s?\d{1,6})?)", re.IGNORECASE),
    re.compile(r"(?<![\d/.\-–])([A-Z]?\d{1,6}\s?[-–—]+\s?[A-Z]?\d{1,6})(?![\d/\-–])"),
    re.compile(r"[,:]\s?([eE]\d{3,8})\b"),
)
_VENUE_END = re.compile(
    r",?\s*(?:\(?(?:vol(?:ume)?\b|no\.|pp?\.|pages?\b|issue\b)|\(?(?:1[6-9]\d\d|20[0-4]\d)\b|"
    r"\d{1,4}\s?[(:,;]|\d{1,4}(?=\.?$)|"
    r"https?:|doi\b|retrieved from|available|accessed|\[online\])",
    re.IGNORECASE,
)
_INNER_CAPITAL = re.compile(r"[a-z]{1,4}[A-Z]")
_TAGS = re.compile(
    r"\s*\[(?:online|internet|computer software|software|data ?set|preprint|video|accessed[^\]]*|m)\]", re.IGNORECASE
)
_TRAILERS = re.compile(
    r"(?:\bretrieved (?:\w+ \d{1,2}, \d{4}, )?from\b|\bavailable (?:at|from|online)\b|\baccessed\b|"
    r"\bdoi:?\s*$|\burl:?\s*$)",
    re.I,
)
_NUMBERED_VENUE = re.compile(r"^(?P<venue>[^,]*?[^\W\d]\.?),?\s\d{1,4}\s?(?:\(|,|:)")


_MAX_CHARS = 4_000
"""Longer entries are lists that were not parted: their end says nothing about the first."""


@dataclass(frozen=True, slots=True)
class _Rest:
    """What follows the authors, and the year if it stood there."""

    text: str
    year: int | None


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
    body = _without_addresses(text[:_MAX_CHARS])
    dashes = repeats_authors(body)
    people = People(tuple(before), dashes, "repeated") if dashes else read_people(body)
    if not people.authors:
        people = _organisation(body)
    rest = _after_people(body, people)
    title, tail = split_title(rest.text, people.form)
    return Reference(
        index=index,
        raw=raw,
        page=page,
        boxes=boxes,
        label=label,
        authors=people.authors,
        title=title,
        venue=_venue(tail),
        year=rest.year or _year(tail) or _year(body),
        volume=_first(_VOLUME_FORMS, tail),
        pages=re.sub(r"\s?[-–—]+\s?", "–", _first(_PAGES_FORMS, tail)),
        doi=doi,
        arxiv_id=arxiv_id,
        url=url,
    )


def strip_label(raw: str, label: str = "") -> str:
    """The entry without its label."""
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


def _without_addresses(text: str) -> str:
    text = _URL.sub(" ", text)
    text = re.sub(r"(?:\bdoi:?\s*)?\b10\.\d{4,9}/\S+", " ", text, flags=re.IGNORECASE)
    return " ".join(_TAGS.sub("", text).split())


def _organisation(text: str) -> People:
    """An institution as author: what stands before a year in parentheses, or before a quoted title."""
    match = re.match(r"([^\d(“\"]{3,120}?)[.,]?\s(?=\((?:1[6-9]|20)\d\d|\(n\.\s?d|[“\"])", text)
    if match is None:
        match = re.match(r"([A-Z][^\d.“\"(,]{2,80}(?:\([A-Z]+\))?)\.\s(?=(?:1[6-9]|20)\d\d\b)", text)
    if match is None:
        return People((), 0, "")
    name = match[1].strip(" ,.")
    return People((Author(family=name),), match.end(), "organisation") if name else People((), 0, "")


def _after_people(body: str, people: People) -> _Rest:
    rest = body[people.end :]
    match = _LEADING_YEAR.match(rest) if people.end else None
    if match is None:
        return _Rest(rest.lstrip(" .,:;"), None)
    year = int(match[1] or match[2]) if match[1] or match[2] else None
    return _Rest(rest[match.end() :].lstrip(" .,:;"), year)


def split_title(text: str, form: str = "") -> tuple[str, str]:
    """Part the title from what follows it (venue, volume, pages, year).

    Args:
        text: The entry after its authors and a year that follows them.
        form: How the authors are printed (``People.form``).
    """
    for opening, closing in _QUOTES.items():
        if text.startswith(opening):
            end = _closing(text, opening, closing)
            if end > 0:
                return text[len(opening) : end].strip(" ,.;"), text[end + len(closing) :].lstrip(" .,;")
    dot = _first_sentence(text)
    comma = _venue_comma(text)
    if comma and (not dot or comma < dot):
        return text[:comma].strip(" ,."), text[comma + 1 :].lstrip(" ,")
    if dot:
        return text[:dot].rstrip(" .,").strip(), text[dot:].lstrip(" .")
    year = _PAREN_YEAR.search(text) or _YEAR.search(text)
    if year is not None and year.start() > 8:
        return text[: year.start()].rstrip(" ,.("), text[year.start() :]
    return text.strip(" .,"), ""


def _closing(text: str, opening: str, closing: str) -> int:
    """Where the quotation ends; apostrophes inside words do not count."""
    for match in re.finditer(re.escape(closing), text[len(opening) :]):
        end = len(opening) + match.start()
        following = text[end + len(closing) : end + len(closing) + 1]
        if not following.isalnum() and end > 3:
            return end
    return 0


def _first_sentence(text: str) -> int:
    """Position after the full stop that ends the title; 0 when there is none."""
    for match in _SENTENCE.finditer(text):
        before = text[: match.start()]
        following = text[match.end() :]
        if match[1] == "." and _INITIAL_END.search(before):
            continue
        if len(before) < 4 or (following[:1].islower() and match[1] != "." and not following.startswith("in ")):
            continue
        # mBio, eLife, arXiv: a capital within the word says that it is a name.
        if following[:1].islower() and not _VENUE_WORD.match(following) and not _INNER_CAPITAL.match(following):
            continue
        return match.start() + 1
    return 0


def _venue_comma(text: str) -> int:
    """The comma before the venue, in styles that part everything by commas; 0 when there is none."""
    for match in re.finditer(r",\s+", text):
        following = text[match.end() :]
        if match.start() < 8:
            continue
        if _VENUE_WORD.match(following) or _NUMBERED_VENUE.match(following):
            return match.start()
    return 0


def _venue(tail: str) -> str:
    tail = re.sub(r"^(?:in|In)\s?:?\s+(?:[A-Z]\w*[.,] [^()]{3,120}\([Ee]ds?\.\),?\s*)?", "", tail)
    tail = _TRAILERS.split(tail)[0]
    match = _VENUE_END.search(tail)
    venue = tail[: match.start()] if match else tail
    stop = _first_sentence(venue)
    if stop and len(venue[:stop]) > 8:
        venue = venue[:stop]
    venue = venue.strip(" .,;:()")
    return venue if any(char.isalpha() for char in venue) else ""


def _year(text: str) -> int | None:
    """A year in parentheses first, else the last that is no page number."""
    found = _PAREN_YEAR.findall(text) or _YEAR.findall(text)
    return int(found[-1]) if found else None


def _first(forms: Sequence[re.Pattern[str]], text: str) -> str:
    for form in forms:
        match = form.search(text)
        if match is not None:
            return match[1]
    return ""
