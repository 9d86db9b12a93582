"""The rules that read references before the labeller was trained: the baseline that it is measured against."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.records import Author
from indexer.references.fields import Fields
from indexer.references.names import split_name

_URL = re.compile(r"(?:https?:\s?//|www\.)[^\s<>\"“”]+[^\s<>\"“”.,;:)\]]", re.IGNORECASE)
_UP = "A-ZÀ-ÖØ-ÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞȘŠŢȚŤŦŨŪŬŮŰŲŴŶŸŹŻŽ\u0391-\u03a9\u0400-\u042f"
_PARTICLE = (
    r"(?:(?:[Vv]an|[Vv]on|[Dd]e|[Dd]er|[Dd]en|[Dd]el|[Dd]ella|[Dd]i|[Dd]a|[Dd]os|[Dd]as|[Dd]u|[Ll]a|[Ll]e|[Ee]l|[Aa]l|"
    r"[Tt]en|[Tt]er|zu|[Ss]t\.|bin|ibn|af|av)\s+)"
)
_WORD = rf"(?:[dDlLO]['’]|al-|el-|Mc|Mac)?[{_UP}][\w'’]*[\w](?:[-–‐][{_UP}a-z][\w'’]+)*"
_SURNAME = rf"{_PARTICLE}{{0,3}}{_WORD}(?:\s(?:{_PARTICLE}{{0,2}}){_WORD}){{0,2}}"
_SHORT_SURNAME = rf"{_PARTICLE}{{0,3}}(?:{_WORD})"
_INITIAL = rf"[{_UP}](?:[a-z]{{1,2}})?\."
_INITIALS = rf"{_INITIAL}(?:[\s\-–‐]*{_INITIAL}){{0,4}}(?:\s?-[a-z]\.)?"
_SUFFIX = r"(?:,?\s(?:Jr|Sr|II|III|IV)\b\.?)?"
_INVERTED = re.compile(rf"({_SURNAME}){_SUFFIX},\s*({_INITIALS})(?![\w])")
_INVERTED_FULL = re.compile(rf"({_SURNAME}){_SUFFIX},\s+({_WORD}(?:\s(?:{_INITIAL}|{_WORD}(?![\w]))){{0,2}})")
_DIRECT = re.compile(rf"({_INITIALS})\s*({_SURNAME}){_SUFFIX}")
_VANCOUVER = re.compile(
    rf"({_SURNAME})\s([{_UP}]{{1,4}})(?=[,;:]|\.(?!\s[{_UP}][\w'’-]+(?:,|\sand\b|\s&|\.\s))|\s(?:and|&|et\b)|$)"
)
_FULL = re.compile(
    rf"((?:{_WORD}|{_INITIAL}|[{_UP}](?=\s))(?:\s?-?(?:{_INITIAL}|[{_UP}](?=\s))|"
    rf"\s{_WORD})*?)\s({_SHORT_SURNAME}){_SUFFIX}(?=[,;.:(]|\s(?:and|&|et\sal)\b|\s[(“\"]|\s&|$)"
)
_AND = r"(?:and|And|AND|und|et|y)"
_CONNECTOR = re.compile(rf"\s*(?:[,;]\s*{_AND}\s+|[,;]\s*&\s*|[,;/]\s*|\s{_AND}\s+|\s&\s*)(?:\.\.\.|…)?\s*")
_ET_AL = re.compile(
    r"[\s,;]*(?:\b(?:and|&)\s+)?(?:\bet\.?\s+al\b\.?|\band others\b|…|\.\s?\.\s?\.)(?:\s*,?\s*(?:&|and)\s+)?",
    re.IGNORECASE,
)
_EDITORS = re.compile(r"[\s,.]*\(?\b(?:eds?|editors?|hrsg)\b\.?\)?\.?", re.IGNORECASE)
_BODY = re.compile(
    rf"([{_UP}][\w'’&\-]*(?:\s(?:of|for|and|on|the|in|[{_UP}][\w'’&\-]*)){{0,10}}?\s(?:Team|Group|"
    rf"Consortium|Collaboration|Committee|"
    r"Council|Association|Organi[sz]ation|Foundation|Agency|Society|Commission|Center|Centre|Initiative|"
    r"Project|Network|"
    r"Alliance|Union|Board|Bureau|Institute|Developers|Contributors))(?=\s?[,.;(]|\s(?:and|&)\s|\s[“\"]|$)"
)
_MAX_AUTHORS = 200


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


@dataclass(frozen=True, slots=True)
class People:
    """Authors, and the position in the text at which they end; ``form`` names how they are printed."""

    authors: tuple[Author, ...]
    end: int
    form: str


@dataclass(frozen=True, slots=True)
class _Rest:
    """What follows the authors, and the year if it stood there."""

    text: str
    year: int | None


def read_by_rules(text: str) -> Fields:
    """Read a reference string without its label by rules alone."""
    body = _without_addresses(text[:4_000])
    people = read_people(body)
    if not people.authors:
        people = _organisation(body)
    rest = _after_people(body, people)
    title, tail = split_title(rest.text, people.form)
    return Fields(
        authors=people.authors,
        title=title,
        venue=_venue(tail),
        year=rest.year or _year(tail) or _year(body),
        volume=_first(_VOLUME_FORMS, tail),
        pages=re.sub(r"\s?[-–—]+\s?", "–", _first(_PAGES_FORMS, tail)),
    )


def read_people(text: str) -> People:
    """Read the names at the beginning of a reference string whose label is gone; no names at all is a valid outcome."""
    authors: list[Author] = []
    position = end = 0
    form = ""
    while len(authors) < _MAX_AUTHORS:
        found = next(_names_at(text, position, form), None)
        if found is None:
            break
        author, end, kind = found
        form = form or kind
        authors.append(author)
        et_al = _ET_AL.match(text, end)
        if et_al is not None:
            end = position = et_al.end()
            # "Smith, J., … Doe, A." goes on after the dots.
            if "al" in et_al[0].lower() or "others" in et_al[0].lower():
                break
            continue
        connector = _CONNECTOR.match(text, end)
        if connector is None or connector.end() == end:
            break
        position = connector.end()
    editors = _EDITORS.match(text, end) if authors else None
    return People(tuple(authors), editors.end() if editors else end, form)


def _names_at(text: str, position: int, form: str) -> Iterator[tuple[Author, int, str]]:
    """Readings of one name at a position, likeliest first; ``form`` is that of the first author."""
    body = _BODY.match(text, position)
    if body is not None:
        yield Author(family=" ".join(body[1].split())), body.end(), form or "full"
    for kind, pattern in (("inverted", _INVERTED), ("direct", _DIRECT), ("vancouver", _VANCOUVER)):
        match = pattern.match(text, position)
        if match is None or (form == "full" and kind == "vancouver") or (form == "vancouver" and kind == "inverted"):
            continue
        given, family = (match[1], match[2]) if kind == "direct" else (match[2], match[1])
        if kind == "direct" and " " in family.strip() and given.count(".") == 1:
            # "J. Andrew Royle": with a single initial, the next word is a given name too.
            yield split_name(_squeeze(match[0])), match.end(), kind
            continue
        yield Author(family=_squeeze(family), given=_squeeze(given)), match.end(), kind
    if form in ("", "full", "inverted_full"):
        full = _FULL.match(text, position)
        inverted = _INVERTED_FULL.match(text, position) if form in ("", "inverted_full") else None
        if inverted is not None and (full is None or form == "inverted_full" or _reads_inverted(text, inverted)):
            yield Author(family=_squeeze(inverted[1]), given=_squeeze(inverted[2])), inverted.end(), "inverted_full"
        if full is not None and len(full[0].split()) <= 6:
            yield split_name(_squeeze(full[0])), full.end(), "inverted_full" if form == "inverted_full" else "full"
    elif form == "direct":
        # Initials and full names mix; without an initial inside, capitalised words may as well be the title.
        full = _FULL.match(text, position)
        if full is not None and re.search(rf"\s[{_UP}]\.", full[0]):
            yield split_name(_squeeze(full[0])), full.end(), "direct"


def _reads_inverted(text: str, match: re.Match[str]) -> bool:
    """``Stein, Michael L., and …``: one word before the comma, and a name's end after it."""
    one_word = " " not in match[1].strip()
    return one_word and bool(re.match(r"\s*(?:[,;.(]|and\b|&)", text[match.end() :]))


def _squeeze(name: str) -> str:
    return re.sub(r"\.(?=[^\s\-–‐,.])", ". ", " ".join(name.split())).strip(" ,")


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
