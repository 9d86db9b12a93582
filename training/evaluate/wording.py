"""How a place that cites is put into words for a ranker that takes a query."""

from __future__ import annotations

from dataclasses import dataclass

from training.contexts import AFTER_CHARS, BEFORE_CHARS, CitedPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Which parts of a place a query holds, in this order.

    Args:
        title: The citing paper's title.
        section: The heading above the place.
        before_chars: So much of the text before, the nearest.
        after_chars: So much of the text behind.
    """

    title: bool = False
    section: bool = False
    before_chars: int = BEFORE_CHARS
    after_chars: int = AFTER_CHARS

    def text(self, place: CitedPlace) -> str:
        """The query; never contains the marker or the work that is asked for, unless the author's own words do."""
        parts = [
            place.title if self.title else "",
            place.section if self.section else "",
            _tail(place.before, self.before_chars),
            _head(place.after, self.after_chars),
        ]
        return " ".join(part for part in parts if part)

    @property
    def described(self) -> str:
        """In words, for the report."""
        parts = [
            "citing title" if self.title else "",
            "section" if self.section else "",
            f"{self.before_chars} characters before" if self.before_chars else "",
            f"{self.after_chars} behind" if self.after_chars else "",
        ]
        return ", ".join(part for part in parts if part)


def _tail(text: str, chars: int) -> str:
    if len(text) <= chars:
        return text
    return text[len(text) - chars :].partition(" ")[2] if chars else ""


def _head(text: str, chars: int) -> str:
    if len(text) <= chars:
        return text
    return text[:chars].rpartition(" ")[0] if chars else ""
