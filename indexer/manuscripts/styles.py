"""What the styles of a Word document are: headings and their levels, captions, the title, the reference list."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Literal

Role = Literal["", "title", "heading", "caption", "bibliography", "abstract"]
_HEADING = re.compile(r"heading\s*([1-9])")
_NAMED: dict[str, Role] = {"title": "title", "caption": "caption", "abstract": "abstract"}
_MAX_STYLES = 20_000
_MAX_STEPS = 20


@dataclass(frozen=True, slots=True)
class Style:
    """What paragraphs of a style are; ``level`` is that of a heading, 1 the highest."""

    role: Role = ""
    level: int = 1


def read_styles(data: bytes) -> dict[str, Style]:
    """The styles of a document by their ids. Names in a file are English, whatever language shows them.

    Raises:
        SyntaxError: No well-formed XML.
    """
    from lxml import etree

    found: dict[str, Style] = {}
    parents: dict[str, str] = {}
    for _, element in etree.iterparse(
        io.BytesIO(data), events=("end",), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    ):
        if not isinstance(element.tag, str) or not element.tag.endswith("}style"):
            continue
        space = element.tag.removesuffix("style")
        identifier = element.get(f"{space}styleId") or ""
        values = {child.tag: child.get(f"{space}val") or "" for child in element if isinstance(child.tag, str)}
        parents[identifier] = values.get(f"{space}basedOn", "")
        level = element.find(f"{space}pPr/{space}outlineLvl")
        found[identifier] = _style(
            values.get(f"{space}name", ""), level.get(f"{space}val") if level is not None else None
        )
        element.clear()
        if len(found) >= _MAX_STYLES:
            break
    return {identifier: _inherited(identifier, found, parents) for identifier in found}


def _style(name: str, outline: str | None) -> Style:
    lowered = name.lower().strip()
    if match := _HEADING.fullmatch(lowered):
        return Style("heading", int(match[1]))
    if outline is not None and outline.isdecimal() and int(outline[:3]) < 9:
        return Style("heading", int(outline[:3]) + 1)
    if "bibliography" in lowered:
        return Style("bibliography")
    return Style(_NAMED.get(lowered, ""))


def _inherited(identifier: str, styles: dict[str, Style], parents: dict[str, str]) -> Style:
    for _ in range(_MAX_STEPS):
        style = styles.get(identifier, Style())
        if style.role:
            return style
        identifier = parents.get(identifier, "")
    return Style()
