"""The wording of headings around a reference list."""

from __future__ import annotations

import re

_WORDS = (
    r"references?(?: and notes?| and (?:further |additional )?reading| cited| list| and links)?|reference list|"
    r"bibliograph(?:y|ic references|ical references)|works (?:cited|consulted)|cited (?:works?|references|literature)|"
    r"literature(?: cited| references)?|list of references|sources(?: cited)?|notes and references|further reading|"
    r"literatur(?:verzeichnis|hinweise|angaben)?|quellen(?:verzeichnis)?|"
    r"bibliographie|références(?: bibliographiques)?|"
    r"referencias(?: bibliográficas)?|bibliografía|referências(?: bibliográficas)?|bibliografia|"
    r"riferimenti(?: bibliografici)?|referenties|literatuur(?:lijst)?|referenser|litteratur|litteraturförteckning|"
    r"kilder|lähteet|kirjallisuus|literatura|kaynaklar|kaynakça|irodalom|viitteet|βιβλιογραφία|"
    r"参考文献|參考文獻|引用文献|참고\s?문헌|список (?:использованной )?литературы|литература|библиография"
)
_NUMBER = r"(?:(?:\d{1,2}(?:\.\d{1,2})?|[IVX]{1,5}|[A-Z])[.)]?\s+)?"
_QUALIFIER = (
    r"(?:(?:selected|cited|key|supplement(?:ary|al)?|supporting|additional|main|primary|secondary|online|appendix|"
    r"methods?|chapter|general|other|supplementary information|supporting information)[- ])?"
)
_TITLE = re.compile(
    rf"^{_NUMBER}{_QUALIFIER}(?:{_WORDS}|references (?:for|of|in|to) [\w ]{{3,40}})\s*[:.]?$", re.IGNORECASE
)
_LETTERSPACED = re.compile(r"^(?:[^\W\d_] ){4,}[^\W\d_]$")
_SMALL_CAPS = re.compile(r"\b([A-Z]) ([A-Z]{3,})\b")
_AFTER = re.compile(
    r"^(?:[A-Z](?:\.\d+)*[.:]?\s+|\d{1,2}\.?\s+|[IVX]{1,4}\.\s+)?(?:appendix|appendices|supplement|"
    r"supporting information|acknowledge?ments?|author contributions?|about the authors?|authors?['’] (?:bio|info)|"
    r"biograph|checklist|neurips paper checklist|paper checklist|"
    r"additional (?:results|experiments|details|information)|"
    r"proofs?\b|figures?(?: \d|$| legends| captions)|tables?(?: \d|$)|funding|credit author|declarations?\b|"
    r"conflicts? of interest|competing interests|data availability|ethics|publisher['’]s note|reprints and|"
    r"endnotes|notes$|received\b|affiliations?$|authors?['’] addresses|author details|how to cite)",
    re.IGNORECASE,
)
_NOTES = re.compile(rf"^{_NUMBER}(?:end)?notes(?: to [\w ]{{3,40}})?\s*[:.]?$", re.IGNORECASE)
_PLAIN = re.compile(
    r"^(?:affiliations?|authors?['’]? affiliations?|corresponding authors?|address(?:es)? for correspondence|"
    r"authors?['’] addresses)\s*:?$",
    re.IGNORECASE,
)
_MAX_CHARS = 90


def is_title(text: str) -> bool:
    """True for the heading of a reference list, in any of the usual languages."""
    if len(text) > _MAX_CHARS:
        return False
    if _LETTERSPACED.match(text):
        text = text.replace(" ", "")
    return bool(_TITLE.match(text.strip()) or _TITLE.match(_SMALL_CAPS.sub(r"\1\2", text.strip())))


def ends_plainly(text: str) -> bool:
    """True for headings after a list that need no type of their own to be known."""
    return len(text) <= _MAX_CHARS and bool(_PLAIN.match(text.strip()))


def is_notes_title(text: str) -> bool:
    """True for the heading of notes, which in some fields hold the references."""
    return len(text) <= _MAX_CHARS and bool(_NOTES.match(text.strip()))


def is_after(text: str) -> bool:
    """True for headings of what commonly follows a reference list."""
    return len(text) <= 2 * _MAX_CHARS and bool(_AFTER.match(text))
