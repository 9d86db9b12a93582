"""Fields by which reference managers cite in Word documents: what they cite, as far as the field tells."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import Any

from indexer.manuscripts.records import Listed

_CSL = re.compile(r"\s*ADDIN\s+(?:ZOTERO_ITEM\s+)?CSL_CITATION\s*")
_ENDNOTE = re.compile(r"\s*ADDIN\s+EN\.CITE\b")
_NATIVE = re.compile(r"\s*CITATION\s+(\S+)")
_OTHER = re.compile(r"\s*ADDIN\s+\S{0,40}(?:CITE|CITATION|CITAVI\.PLACEHOLDER)", re.I)
_LIST = re.compile(
    r"\s*(?:BIBLIOGRAPHY\b|ADDIN\s+(?:ZOTERO_BIBL|EN\.REFLIST|Mendeley Bibliography|CITAVI\.BIBLIOGRAPHY|RW\.BIB))",
    re.I,
)
_MORE = re.compile(r"\\m\s+(\S+)")
_RECORD = re.compile(r"<Cite\b.*?</Cite>", re.S)
_MAX_ITEMS = 200
_KEY_CHARS = 200
_TEXT_CHARS = 1_000


@dataclass(frozen=True, slots=True)
class Cited:
    """A work as a field tells it."""

    key: str
    title: str = ""
    doi: str = ""

    @property
    def listed(self) -> Listed:
        """The same as an entry of the draft's own reference list."""
        return Listed(key=self.key, title=self.title, doi=self.doi)


def cited_by_field(instruction: str) -> tuple[Cited, ...] | None:
    """What a field cites; None when it is no citation, and nothing when it does not tell."""
    if csl := _CSL.match(instruction):
        return tuple(_from_csl(instruction[csl.end() :]))
    if _ENDNOTE.match(instruction):
        return tuple(_from_endnote(instruction))
    if native := _NATIVE.match(instruction):
        keys = (native[1], *_MORE.findall(instruction)[:_MAX_ITEMS])
        return tuple(Cited(key[:_KEY_CHARS]) for key in keys)
    return () if _OTHER.match(instruction) and not is_reference_list(instruction) else None


def is_reference_list(instruction: str) -> bool:
    """Whether the result of a field is a reference list."""
    return _LIST.match(instruction) is not None


def _from_csl(text: str) -> list[Cited]:
    try:
        told, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return []
    items = told.get("citationItems") if isinstance(told, dict) else None
    found: list[Cited] = []
    for item in (items if isinstance(items, list) else [])[:_MAX_ITEMS]:
        if not isinstance(item, dict):
            continue
        data = item.get("itemData")
        data = data if isinstance(data, dict) else {}
        key = _text(data.get("citation-key") or data.get("id") or item.get("id"))[:_KEY_CHARS]
        title, doi = _text(data.get("title")), _text(data.get("DOI"))
        if key or title:
            found.append(Cited(key or title[:_KEY_CHARS], title, doi))
    return found


def _from_endnote(instruction: str) -> list[Cited]:
    found: list[Cited] = []
    for record in _RECORD.findall(instruction)[:_MAX_ITEMS]:
        author, year, number = (_element(record, name) for name in ("Author", "Year", "RecNum"))
        key = " ".join(part for part in (author, year, number and f"#{number}") if part)[:_KEY_CHARS]
        title, doi = _element(record, "title"), _element(record, "electronic-resource-num")
        if key or title:
            found.append(Cited(key or title[:_KEY_CHARS], title, doi))
    return found


def _element(record: str, name: str) -> str:
    match = re.search(rf"<{name}>(?:<style[^>]{{0,200}}>)?([^<]{{1,{_TEXT_CHARS}}})", record)
    return " ".join(html.unescape(match[1]).split()) if match else ""


def _text(value: Any) -> str:
    return " ".join(str(value).split())[:_TEXT_CHARS] if isinstance(value, str | int) else ""
