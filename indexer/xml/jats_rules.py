"""How the elements of JATS are read as text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.text import clean
from indexer.xml.inline import Rules, all_text, tag_of
from indexer.xml.mathml import formula_text

if TYPE_CHECKING:
    from lxml.etree import _Element

_FORMULAS = frozenset({"inline-formula", "math", "tex-math", "chem-struct"})
_MARKS = frozenset({"fn", "table-fn", "author-notes", "aff", "corresp"})
_HIDDEN = frozenset(
    """
    alt-text contrib-id custom-meta-group def graphic index-term inline-graphic institution-id long-desc
    object-id permissions private-char processing-meta related-article related-object
    """.split()
)
_PARTED = frozenset(
    """
    break p title label td th tr list-item disp-quote verse-line sec def term li speaker attrib
    """.split()
)
_BROKEN_BY = frozenset(
    """
    list def-list disp-formula disp-formula-group boxed-text disp-quote verse-group statement speech array code
    preformat answer answer-set question question-wrap explanation
    """.split()
)
_FLOATING = frozenset(
    "fn fig fig-group table-wrap table-wrap-group supplementary-material media chem-struct-wrap".split()
)
_FIELDS = frozenset(
    """
    article-title chapter-title collab comment conf-date conf-loc conf-name data-title date-in-citation edition
    elocation-id etal ext-link given-names isbn issn issue lpage fpage name page-range part-title patent person-group
    prefix pub-id publisher-loc publisher-name season series source string-name suffix supplement surname trans-title
    uri version volume year
    """.split()
)
_ADDRESS = frozenset("institution institution-wrap addr-line country city state postal-code named-content".split())


def is_citation(element: _Element) -> bool:
    """Whether an element points to the reference list."""
    return tag_of(element) == "xref" and (element.get("ref-type") or "bibr").lower() in ("bibr", "ref")


def _is_field(element: _Element) -> bool:
    return element.tag in _FIELDS


def _is_address(element: _Element) -> bool:
    return element.tag in _ADDRESS


def _raised(element: _Element) -> bool:
    return element.tag == "sup"


def _formula(element: _Element) -> str | None:
    if element.tag == "xref" and (element.get("ref-type") or "") in _MARKS and len(all_text(element).strip()) <= 4:
        return ""  # the mark of a note; the note itself is set apart
    if element.tag == "alternatives" or element.tag in _FORMULAS:
        text = formula_text(element)
        if not text and element.tag != "math":
            text = clean(all_text(element))
        return text
    return None


def _citation(element: _Element) -> tuple[str, ...]:
    return tuple((element.get("rid") or "").split()) if is_citation(element) else ()


TEXT = Rules(skipped=_HIDDEN, spaced=_PARTED, raised=_raised, formula=_formula)
"""All text of an element, on one line."""
TITLE = replace(TEXT, skipped=_HIDDEN | {"fn", "xref"})
"""Titles, without marks of footnotes."""
_UNNAMED = frozenset("label contrib-group contrib xref fn sup email ext-link fax phone".split())
NAMES = replace(TEXT, touching=_is_address, skipped=_HIDDEN | _UNNAMED)
"""Collaborations and affiliations, without marks and members."""
HEADING = replace(TEXT, skipped=_HIDDEN | {"fn"})
"""Headings of sections."""
ENTRY = replace(TEXT, skipped=_HIDDEN | {"label"}, touching=_is_field)
"""Entries of reference lists, whose fields may follow each other without a space."""
RUNNING = replace(TEXT, breaking=_BROKEN_BY, floating=_FLOATING, citation=_citation)
"""Running text with its citations."""
