"""The draft that a visitor works on, and what she has decided at its places; kept for this visit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import streamlit as st

from app.services.accepting import Accepted
from app.services.drafts import Draft, DraftSuggestions
from app.services.suggestions import SuggestOptions
from app.ui.resources import galacite
from core.records import Work
from indexer.latex.sources import ArchiveStore

_ASKED = "cite-asked"
_CHOICES = "cite-choices"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A draft as it was given: pasted (``name`` is empty) or opened, with the .bib files beside it by name."""

    data: bytes
    name: str = ""
    beside: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """Tells this draft from others."""
        digest = hashlib.blake2b(f"{self.name}\0".encode() + self.data, digest_size=16)
        for name, content in sorted(self.beside.items()):
            digest.update(f"\0{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """A draft as read, with the suggestions found so far."""

    draft: Draft
    found: DraftSuggestions


class Choices:
    """What was decided at each place, by where it begins: works in the order in which they were accepted, or none."""

    def __init__(self, identity: str) -> None:
        self.identity = identity
        self._chosen: dict[int, dict[int, Work]] = {}
        self._past: list[dict[int, dict[int, Work]]] = []

    def at(self, start: int) -> tuple[Work, ...] | None:
        """The accepted works; () where none was wanted, None where nothing is decided yet."""
        chosen = self._chosen.get(start)
        return None if chosen is None else tuple(chosen.values())

    def toggle(self, start: int, work: Work) -> None:
        """Accept a work at a place, or take it back."""
        chosen = dict(self._chosen.get(start) or {})
        if chosen.pop(work.id, None) is None:
            chosen[work.id] = work
        self._change({**self._chosen, start: chosen} if chosen else _without(self._chosen, start))

    def skip(self, start: int) -> None:
        """Want nothing at a place, or decide about it again."""
        skipped = self._chosen.get(start) == {}
        self._change(_without(self._chosen, start) if skipped else {**self._chosen, start: {}})

    def undo(self) -> None:
        """Take the last change back."""
        if self._past:
            self._chosen = self._past.pop()

    @property
    def can_undo(self) -> bool:
        """Whether anything was changed."""
        return bool(self._past)

    def decided(self, found: DraftSuggestions) -> int:
        """How many of the places are decided."""
        return sum(self.at(each.place.start) is not None for each in found.places)

    def accepted(self, found: DraftSuggestions) -> list[Accepted]:
        """The accepted works place by place."""
        return [Accepted(place=each.place, works=self.at(each.place.start) or ()) for each in found.places]

    def _change(self, chosen: dict[int, dict[int, Work]]) -> None:
        self._past.append(self._chosen)
        self._chosen = chosen


def ask(asked: Asked | None) -> None:
    """Work on a draft from now on, or on none."""
    st.session_state[_ASKED] = asked


def asked() -> Asked | None:
    """The draft that is worked on."""
    found: Asked | None = st.session_state.get(_ASKED)
    return found


def choices(draft: Asked) -> Choices:
    """What was decided in a draft; one that was changed begins anew."""
    kept: Choices | None = st.session_state.get(_CHOICES)
    if kept is None or kept.identity != draft.identity:
        kept = st.session_state[_CHOICES] = Choices(draft.identity)
    return kept


def worked(draft: Asked, options: SuggestOptions, *, missing: bool) -> Iterator[Worked]:
    """Read a draft and suggest, as it grows.

    Raises:
        GalaciteError: The draft cannot be read.
    """
    drafts = galacite().drafts
    read = drafts.read(draft.data, draft.name, beside=ArchiveStore(draft.beside) if draft.beside else None)
    for found in drafts.stream(read, options, missing=missing):
        yield Worked(draft=read, found=found)


def _without(chosen: dict[int, dict[int, Work]], start: int) -> dict[int, dict[int, Work]]:
    return {place: works for place, works in chosen.items() if place != start}
