"""How a citation reads in the text: ``[3, 5]``, ``[Knu84]`` or ``(Smith et al., 2020)``."""

from __future__ import annotations

from dataclasses import dataclass

from core.text import clean
from indexer.latex.bibliography import Listed, ReferenceList
from indexer.latex.citing import FORMS, Form
from indexer.latex.flow import Cite, without_marks

UNDEFINED = "?"


@dataclass(frozen=True, slots=True)
class Marker:
    """The text of a citation and the positions of the entries that it names."""

    text: str
    reference_indices: tuple[int, ...]


def marker(cite: Cite, references: ReferenceList) -> Marker:
    """Set a citation in the way of the paper; keys that the list does not hold show as a question mark."""
    positions = [references.positions.get(key, references.positions.get(key.lower())) for key in cite.keys]
    found = tuple(dict.fromkeys(position for position in positions if position is not None))
    listed = [references.entries[position] if position is not None else None for position in positions]
    form = FORMS.get(cite.command, "parenthesis")
    before, after = clean(without_marks(cite.before)), clean(without_marks(cite.after))
    if references.mode == "author-year":
        if form == "default":
            form = references.plain_cite
        return Marker(_author_year(form, listed, before, after), found)
    return Marker(_bracketed(form, listed, before, after), found)


def _bracketed(form: Form, listed: list[Listed | None], before: str, after: str) -> str:
    labels = ", ".join(entry.label if entry is not None else UNDEFINED for entry in listed)
    names = " and ".join(entry.names for entry in listed if entry is not None)
    if form == "author":
        return names or UNDEFINED
    if form in ("year", "year_parenthesis"):
        years = ", ".join(entry.year for entry in listed if entry is not None) or UNDEFINED
        return f"({years})" if form == "year_parenthesis" else years
    if form == "title":
        return ", ".join(entry.reference.title for entry in listed if entry is not None) or UNDEFINED
    if form == "number":
        return labels
    shown = f"{before} {labels}".strip() + (f", {after}" if after else "")
    if form == "text" and len(listed) == 1 and names:
        return f"{names} [{shown}]"
    return f"[{shown}]"


def _author_year(form: Form, listed: list[Listed | None], before: str, after: str) -> str:
    if form == "text":
        return _textual(listed, before, after)
    if form == "author":
        return " and ".join(entry.names for entry in listed if entry is not None) or UNDEFINED
    if form in ("year", "year_parenthesis", "number"):
        years = ", ".join(entry.year for entry in listed if entry is not None) or UNDEFINED
        shown = f"{before} {years}".strip() + (f", {after}" if after else "")
        return f"({shown})" if form == "year_parenthesis" else shown
    if form == "title":
        return ", ".join(entry.reference.title for entry in listed if entry is not None) or UNDEFINED
    inside = "; ".join(f"{entry.names}, {entry.year}" if entry is not None else UNDEFINED for entry in listed)
    shown = f"{before} {inside}".strip() + (f", {after}" if after else "")
    return shown if form == "bare" else f"({shown})"


def _textual(listed: list[Listed | None], before: str, after: str) -> str:
    parts: list[str] = []
    for place, entry in enumerate(listed):
        if entry is None:
            parts.append(UNDEFINED)
            continue
        note = f", {after}" if after and place == len(listed) - 1 else ""
        prefix = f"{before} " if before and place == 0 else ""
        parts.append(f"{entry.names} ({prefix}{entry.year}{note})")
    return "; ".join(parts)
