"""The list of authors that a reference begins with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.records import Author
from indexer.references.names import split_name

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
_REPEATED = re.compile(r"^(?:[-–—_]\s?){2,}[.,]?\s*|^[—―]{1,3}[.,]?\s*")
_BODY = re.compile(
    rf"([{_UP}][\w'’&\-]*(?:\s(?:of|for|and|on|the|in|[{_UP}][\w'’&\-]*)){{0,10}}?\s(?:Team|Group|"
    rf"Consortium|Collaboration|Committee|"
    r"Council|Association|Organi[sz]ation|Foundation|Agency|Society|Commission|Center|Centre|Initiative|"
    r"Project|Network|"
    r"Alliance|Union|Board|Bureau|Institute|Developers|Contributors))(?=\s?[,.;(]|\s(?:and|&)\s|\s[“\"]|$)"
)
_MAX_AUTHORS = 200


@dataclass(frozen=True, slots=True)
class People:
    """Authors, and the position in the text at which they end; ``form`` names how they are printed."""

    authors: tuple[Author, ...]
    end: int
    form: str


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


def repeats_authors(text: str) -> int:
    """Length of the dashes that stand for the authors of the entry before; 0 when there are none."""
    match = _REPEATED.match(text)
    return match.end() if match else 0


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
