"""Text under construction: paragraphs, and what stands between them, with marks for citations and references."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from core.records import PassageKind

CITE = "\ue000"
REF = "\ue001"
END = "\ue002"
MARK = re.compile(f"[{CITE}{REF}](\\d+){END}")
"""Marks hold the position of a citation or of a reference to a label; neither character is left in a source."""
_PRIVATE = re.compile("[\ue000-\uf8ff]")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, caption, list, footnote or equation; ``text`` is still with marks."""

    kind: PassageKind
    text: str
    section: int | None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Cite:
    """One citing command: its keys in order, how it prints, and where it stands."""

    command: str
    keys: tuple[str, ...]
    before: str = ""
    after: str = ""
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class CrossReference:
    """A reference to labels; ``form`` is the command without its backslash."""

    form: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """What a label points to: its number, and the name of its kind, such as section or figure."""

    kind: str
    number: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A section's heading; ``rank`` is that of the command: part 0, chapter 1, section 2 and so on."""

    rank: int
    text: str
    number: str


@dataclass(slots=True)
class Flow:
    """The paragraph being read and the blocks before it. Floats and footnotes wait until it ends."""

    kind: PassageKind = "paragraph"
    section: int | None = None
    label: str = ""
    parts: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    after: list[Block] = field(default_factory=list)

    def end_paragraph(self) -> None:
        """Close the paragraph, when it holds any text, and let out what waited for that."""
        text = "".join(self.parts)
        self.parts.clear()
        if text.strip():
            self.blocks.append(Block(self.kind, text, self.section, self.label))
        if self.after:
            self.blocks.extend(self.after)
            self.after.clear()


def without_private(text: str) -> str:
    """The text without characters of the private range, which are used as marks."""
    return _PRIVATE.sub(" ", text)


def without_marks(text: str) -> str:
    """The text with its marks taken out."""
    return MARK.sub("", text)
