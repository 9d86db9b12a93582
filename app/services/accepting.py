"""A draft with the suggestions that its author has accepted: cited in the text, and collected in a .bib file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.services.bibliographies import InsertForm, inserted
from app.services.places import Place
from core.errors import InputError
from indexer.manuscripts.encoding import encoded

if TYPE_CHECKING:
    from app.services.bibliographies import BibliographyService
    from app.services.drafts import Draft
    from core.records import Work

FORMS: Mapping[str, InsertForm] = {"tex": "latex", "md": "pandoc", "txt": "text", "docx": "text"}
"""How drafts of a format cite, by format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The works that were chosen for a place, in order."""

    place: Place
    works: tuple[Work, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What comes of accepting: the draft, None where its format cannot be written; the .bib; keys by work."""

    draft: bytes | None
    bib: str
    keys: Mapping[int, str]


def finish(
    draft: Draft, accepted: Sequence[Accepted], bibliographies: BibliographyService, *, form: InsertForm | None = None
) -> Finished:
    r"""Cite the accepted works in the draft and collect them, beside what its bibliographies hold already.

    A placeholder gives way to the citation; behind a citation that is there, and at the end of a sentence that has
    none, one is added. Nothing else of the draft changes. Keys are those of the draft's own bibliographies where a
    work stands there.

    Args:
        draft: As it was read.
        accepted: What was chosen; places without works stay as they are.
        bibliographies: Gives keys and entries.
        form: How it cites; as its format does when not given.

    Raises:
        InputError: The places overlap or are not of this draft.
        UnreadableFile: Its bibliographies are too long.
    """
    chosen = [each for each in sorted(accepted, key=lambda each: each.place.start) if each.works]
    works = list({work.id: work for each in chosen for work in each.works}.values())
    collected = bibliographies.collected(works, draft.bib)
    manuscript = draft.manuscript
    text = None
    if manuscript.format != "docx":
        cited = _cited(manuscript.text, chosen, collected.keys, form or FORMS[manuscript.format])
        text = manuscript.encoding.bom + encoded(cited, manuscript.encoding)
    return Finished(draft=text, bib=collected.text, keys=collected.keys)


def _cited(text: str, accepted: Sequence[Accepted], keys: Mapping[int, str], form: InsertForm) -> str:
    parts: list[str] = []
    position = 0
    for each in accepted:
        place = each.place
        if not position <= place.start <= place.end <= len(text):
            raise InputError("the places are not those of this draft", hint="Look for suggestions again.")
        citation = inserted([(work, keys[work.id]) for work in each.works], form)
        if place.kind == "placeholder":
            before, kept = text[position : place.start], ""
        elif place.kind == "whole":
            before, kept = text[position:].rstrip(), text[len(text[position:].rstrip()) + position :]
        else:
            before, kept = text[position : place.end], ""
        space = "" if not before or before[-1].isspace() or before[-1] in "~([" else " "
        parts += (before, space, citation, kept)
        position = len(text) if place.kind == "whole" else place.end
    return "".join([*parts, text[position:]])
