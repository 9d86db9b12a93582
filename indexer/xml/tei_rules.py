"""How the elements of GROBID's TEI are read as text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.xml.inline import Rules
from indexer.xml.tei_pages import Pages

if TYPE_CHECKING:
    from lxml.etree import _Element

_PARTED = frozenset("p s lb div head label figDesc item row cell note orgName settlement country".split())
_HIDDEN = frozenset({"graphic"})
_BREAKING = frozenset({"formula", "list", "table"})
_FLOATING = frozenset({"figure", "note"})


def _raised(element: _Element) -> bool:
    if element.tag == "hi":
        return element.get("rend", "").startswith("sup")
    return element.tag == "ref" and element.get("type") == "foot"


def is_citation(element: _Element) -> bool:
    """Whether an element is an in-text citation, linked to an entry or not."""
    return element.tag == "ref" and element.get("type") == "bibr"


def _citation(element: _Element) -> tuple[str, ...]:
    if not is_citation(element):
        return ()
    return tuple(target.lstrip("#") for target in (element.get("target") or "").split())


TEXT = Rules(skipped=_HIDDEN, spaced=_PARTED, touching=is_citation, raised=_raised)
"""All text of an element, on one line."""


def running(pages: Pages) -> Rules:
    """Running text with its citations and places."""
    return replace(TEXT, breaking=_BREAKING, floating=_FLOATING, citation=_citation, boxes=pages.boxes, sentence="s")
