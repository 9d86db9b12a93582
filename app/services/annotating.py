"""A draft with the best suggestions as comments beside its places: no byte of it changes, comments come between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from app.services.bibliographies import inserted
from app.services.suggestions import PlaceSuggestions
from core.errors import InputError
from core.records import Suggestion
from core.text import clean, start_of
from indexer.bibliographies.keys import usable
from indexer.manuscripts import Manuscript
from indexer.manuscripts.encoding import encoded

CommentForm = Literal["tex", "md"]

BEST = 3
"""So many suggestions a place."""
_TITLE_CHARS = 120
_FITTING: dict[CommentForm, tuple[str, ...]] = {"tex": ("tex",), "md": ("md", "txt")}
"""Formats of drafts that the comments of a format can stand in."""


def annotated(
    manuscript: Manuscript, places: Sequence[PlaceSuggestions], keys: Mapping[int, str], form: CommentForm
) -> bytes:
    """The draft itself, in its own encoding, with comments of LaTeX (``tex``) or HTML (``md``) beside each place.

    Args:
        manuscript: The draft as read.
        places: What is suggested at its places.
        keys: The key of each suggested work by its id.
        form: Which comments.

    Raises:
        InputError: The draft is of a format in which such comments mean nothing.
    """
    if manuscript.format not in _FITTING[form]:
        raise InputError(
            f"{manuscript.name}: comments of the format {form} do not belong into a .{manuscript.format} draft",
            hint="Choose another: --format text, or --format json.",
        )
    insert = _before_next_line if form == "tex" else _behind
    insertions = sorted(
        (insert(manuscript, each, keys) for each in places if each.suggestions), key=lambda pair: pair[0]
    )
    parts: list[str] = []
    position = 0
    for where, comment in insertions:
        parts += (manuscript.text[position:where], comment)
        position = where
    parts.append(manuscript.text[position:])
    return manuscript.encoding.bom + encoded("".join(parts), manuscript.encoding)


def _behind(manuscript: Manuscript, each: PlaceSuggestions, keys: Mapping[int, str]) -> tuple[int, str]:
    """A comment within the text, right behind the place."""
    del manuscript
    told = "; ".join(_described(one, keys, "pandoc") for one in each.suggestions[:BEST])
    return each.place.end, f"<!-- {_told(each)}: {_for_html(told)} -->"


def _before_next_line(manuscript: Manuscript, each: PlaceSuggestions, keys: Mapping[int, str]) -> tuple[int, str]:
    """Lines of their own behind that of the place: TeX reads them as nothing at all."""
    newline = "\r\n" if "\r\n" in manuscript.text else "\n"
    told = (f"% {_told(each)}: {_described(one, keys, 'latex')}{newline}" for one in each.suggestions[:BEST])
    line = manuscript.line_of(each.place.end)
    if line < len(manuscript.line_starts):
        return manuscript.line_starts[line], "".join(told)
    return len(manuscript.text), newline + "".join(told)


def _told(each: PlaceSuggestions) -> str:
    place = each.place
    lacking = " lacks a citation" if place.kind == "missing" else ""
    return f"galacite {place.line}:{place.column}{lacking}"


def _described(suggestion: Suggestion, keys: Mapping[int, str], form: Literal["latex", "pandoc"]) -> str:
    work = suggestion.work
    key = keys.get(work.id, "")
    citing = inserted([(work, key)], form) if usable(key) else clean(key)
    names = f"{work.authors[0].family}{' et al.' if len(work.authors) > 1 else ''}, " if work.authors else ""
    return f"{citing} {clean(names)} {work.year or 'n.d.'}, {start_of(clean(work.title), _TITLE_CHARS)}".strip()


def _for_html(text: str) -> str:
    """Text that can stand in a comment of HTML, and in the cell of a table."""
    while "--" in text:
        text = text.replace("--", "–")
    return text.replace("|", "/").replace(">", "›")
