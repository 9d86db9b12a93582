"""The text of a JATS article: abstract, sections, and what stands in and beside their paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.records import PassageKind
from indexer.pdf.headings import split_number
from indexer.xml.draft import Draft
from indexer.xml.inline import Rich, all_text, children, flow, join, plain, tag_of
from indexer.xml.jats_rules import HEADING, RUNNING, TEXT, is_citation
from indexer.xml.mathml import formula_text

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAX_DEPTH = 60
_SECONDARY = re.compile(
    r"graphical|teaser|toc|summary|key|highlight|plain|lay|video|short|impact|precis|editor|statement", re.IGNORECASE
)
_NUMBER = re.compile(r"(?:[A-Z]|\d{1,3}|[IVXL]{1,6})(?:\.\d{1,3}){0,4}")
_REFERENCES = frozenset({"references", "reference", "bibliography", "literature cited", "works cited"})
_PASSED_OVER = frozenset(
    """
    title label subtitle caption ref-list sec-meta bio kwd-group object-id permissions alternatives graphic
    history processing-meta alt-text long-desc attrib
    """.split()
)
_CAPTIONED = frozenset({"fig", "table-wrap", "supplementary-material", "media", "chem-struct-wrap"})
_GROUPS = frozenset({"fig-group", "table-wrap-group", "disp-formula-group"})
_VERBATIM = frozenset({"code", "preformat", "array"})
_MARKS = {"order": "{}.", "bullet": "•", "": "•", "alpha-lower": "{:c}.", "alpha-upper": "{:c}."}


def read_abstract(article: _Element, draft: Draft) -> None:
    """Add the abstract's paragraphs; graphical and teaser abstracts only when there is no other."""
    found = [
        element for path in ("front/article-meta/abstract", "front-stub/abstract") for element in article.findall(path)
    ]
    if not found:
        return
    kinds = [element.get("abstract-type") or "" for element in found]
    best = min(range(len(found)), key=lambda index: (bool(_SECONDARY.search(kinds[index])), index))
    reader = _Reader(draft, kind="abstract")
    reader.content(found[best], 0)


def read_text(article: _Element, draft: Draft) -> None:
    """Add body, appendices, acknowledgements, notes, and floats that stand at the end of the file."""
    reader = _Reader(draft)
    for path in ("body", "back", "floats-group", "floats-wrap"):
        for part in article.iterchildren(path):
            _tighten(part)
            _number_empty_citations(part, draft)
            reader.content(part, 0)


def _tighten(part: _Element) -> None:
    """Take the line breaks out of marks: printed right behind a word, they would look like words of their own."""
    for element in part.iter("xref", "sup"):
        if len(element) and not (element.text or "").strip():
            element.text = None
        if len(element) and not (element[-1].tail or "").strip() and all_text(element[-1]).strip():
            element[-1].tail = None
        if element.tag == "sup" and element.text:
            element.text = element.text.lstrip() if len(element) else element.text.strip()


def _number_empty_citations(part: _Element, draft: Draft) -> None:
    """Show a citation that the source leaves to the printer; those between the ends of a range stay unseen."""
    for element in part.iter("xref"):
        if not is_citation(element) or all_text(element).strip():
            continue
        beside = [each for each in (element.getprevious(), element.getnext()) if each is not None]
        if any(is_citation(each) for each in beside):
            continue
        indices = [index for target in (element.get("rid") or "").split() for index in draft.by_id.get(target, ())]
        labels = [draft.references[index].label or str(index + 1) for index in indices]
        if labels:
            element.text = f"[{', '.join(labels)}]"


@dataclass(slots=True)
class _Reader:
    """Walks through blocks; ``level`` is that of the section around."""

    draft: Draft
    kind: PassageKind = "paragraph"
    level: int = 0
    lists: int = 0
    lead: str = ""
    """Words to put before the next paragraph: the name of a theorem, the heading of a part of the abstract."""

    def content(self, element: _Element, depth: int) -> None:
        """Read all blocks that an element holds."""
        if depth > _MAX_DEPTH:
            self.add(Rich(plain(element, TEXT)))
            return
        for child in children(element):
            self.block(child, tag_of(child), depth + 1)

    def block(self, element: _Element, tag: str, depth: int) -> None:
        """Read one block by its name."""
        if tag in _PASSED_OVER:
            return
        if tag == "p":
            self.paragraph(element, depth)
        elif tag in ("sec", "app", "ack", "notes", "glossary", "fn-group"):
            self.section(element, tag, depth)
        elif tag in ("list", "def-list"):
            self.items(element, depth)
        elif tag == "disp-formula":
            self.formula(element)
        elif tag in _CAPTIONED:
            self.captioned(element, depth)
        elif tag == "fn":
            self.note(element)
        elif tag in _VERBATIM:
            self.add(Rich(plain(element, TEXT)))
        else:
            self.container(element, tag, depth)

    def add(self, rich: Rich) -> None:
        """Add a paragraph of the kind being read, behind what leads it in."""
        if rich.text:
            self.draft.add(join([Rich(self.lead), rich]), self.kind, list_id=self.lists)
            self.lead = ""

    def paragraph(self, element: _Element, depth: int) -> None:
        """Read a paragraph and what is set within it."""
        for segment in flow(element, RUNNING):
            if isinstance(segment, Rich):
                self.add(segment)
            elif depth <= _MAX_DEPTH:
                self.block(segment[1], segment[0], depth + 1)

    def section(self, element: _Element, tag: str, depth: int) -> None:
        """Read a section with its heading; without one, its text belongs to the section around."""
        number, heading = _heading(element, tag)
        if self.kind == "abstract":
            self.lead = f"{heading}{'' if heading[-1] in '.:?!' else ':'}" if heading else ""
            self.content(element, depth)
            return
        if heading.lower().strip(" .:") in _REFERENCES and element.find(".//p") is None:
            return
        if not heading:
            self.content(element, depth)
            return
        self.level += 1
        self.draft.add_heading(heading, level=self.level, number=number)
        self.content(element, depth)
        self.level -= 1

    def items(self, element: _Element, depth: int) -> None:
        """Read a list; lists within it belong to it."""
        kind, self.kind = self.kind, self.kind if self.kind == "abstract" else "list"
        self.lists += kind != "list"
        style = element.get("list-type", "")
        entries = [child for child in children(element) if child.tag in ("list-item", "def-item")]
        for position, entry in enumerate(entries):
            self.lead = _mark(entry, style, position)
            for child in children(entry):
                if child.tag in ("def", "list-item", "def-item"):
                    self.content(child, depth + 1)
                elif child.tag != "term":
                    self.block(child, tag_of(child), depth + 1)
        self.kind, self.lead = kind, ""

    def formula(self, element: _Element) -> None:
        """Read a displayed formula with its number."""
        text = formula_text(element)
        label = plain(element.find("label"), TEXT).strip(" .()[]")
        if not text:
            text = " ".join(segment.text for segment in flow(element, _UNLABELLED) if isinstance(segment, Rich))
        if text:
            self.draft.add(Rich(text), "equation" if self.kind != "abstract" else "abstract", label=label)

    def captioned(self, element: _Element, depth: int) -> None:
        """Read the caption of a figure or table, the rows of a table that cite, and the notes below it."""
        label = plain(element.find("label"), TEXT).strip(" .:|")
        lines: list[Rich] = []
        within: list[tuple[str, _Element]] = []
        for part in ("caption", "p"):
            for holder in element.iterchildren(part):
                for line in [holder] if part == "p" else holder.iterchildren("title", "p"):
                    segments = flow(line, RUNNING)
                    lines.extend(_stopped(segment, line) for segment in segments if isinstance(segment, Rich))
                    within.extend(segment for segment in segments if not isinstance(segment, Rich))
        if lines:
            self.draft.add(join([Rich(f"{label}." if label else ""), *lines]), "caption", label=label)
        for tag, inner in within:
            self.block(inner, tag, depth + 1)
        for row in element.iter("tr"):
            self.row(row)
        for foot in element.iterchildren("table-wrap-foot"):
            for note in foot.iter("fn", "p"):
                if note.tag == "fn" or next(note.iterancestors("fn"), None) is None:
                    self.note(note)

    def row(self, element: _Element) -> None:
        """Read a table's row when it cites: the only place, perhaps, where those works are named."""
        if any(is_citation(each) for each in element.iter("xref")):
            cells = [
                segment
                for cell in children(element)
                for segment in flow(cell, replace(RUNNING, breaking=frozenset(), floating=frozenset()))
                if isinstance(segment, Rich)
            ]
            self.draft.add(join(_parted(cells)), "list", list_id=-1)

    def note(self, element: _Element) -> None:
        """Read a footnote, or a paragraph that stands for one."""
        label = plain(element.find("label"), TEXT).strip(" .()[]")
        lines = [
            segment
            for paragraph in (element.iterchildren("p") if element.tag == "fn" else [element])
            for segment in flow(paragraph, RUNNING)
            if isinstance(segment, Rich)
        ]
        if lines:
            self.draft.add(join(lines), "footnote" if self.kind != "abstract" else "abstract", label=label)

    def container(self, element: _Element, tag: str, depth: int) -> None:
        """Read what else holds paragraphs: quotations, theorems, boxes, groups of figures."""
        if tag in _GROUPS or tag == "boxed-text":
            self.captioned_group(element)
        else:
            parts = [plain(element.find(name), TEXT).strip(" .:") for name in ("label", "title")]
            lead = " ".join(part for part in parts if part)
            self.lead = f"{lead}." if lead else self.lead
        self.content(element, depth)
        self.lead = ""

    def captioned_group(self, element: _Element) -> None:
        """Read the caption that figures or a box have in common."""
        label = plain(element.find("label"), TEXT).strip(" .:|")
        lines = [
            _stopped(segment, line)
            for holder in element.iterchildren("caption")
            for line in holder.iterchildren("title", "p")
            for segment in flow(line, RUNNING)
            if isinstance(segment, Rich)
        ]
        if lines:
            self.draft.add(join([Rich(f"{label}." if label else ""), *lines]), "caption", label=label)


_UNLABELLED = replace(TEXT, skipped=TEXT.skipped | {"label"})


def _heading(element: _Element, tag: str) -> tuple[str, str]:
    """Number and words of a section's heading."""
    title = plain(element.find("title"), HEADING)
    label = plain(element.find("label"), HEADING).strip(" .:")
    if tag == "ack" and not title:
        return "", "Acknowledgements"
    if not label:
        number, words, _ = split_number(title)
        return (number, words) if words else ("", title)
    bare = re.sub(r"^(?:appendix|section|annex)\s+", "", label, flags=re.IGNORECASE)
    if _NUMBER.fullmatch(bare) and title:
        return bare, title
    return "", f"{label} {title}".strip()


def _mark(entry: _Element, style: str, position: int) -> str:
    """What stands before an item: its own label, a term to be defined, or what the kind of list implies."""
    if entry.tag == "def-item":
        term = plain(entry.find("term"), TEXT).strip(" :")
        return f"{term}:" if term else ""
    label = plain(entry.find("label"), TEXT)
    if label:
        return label
    form = _MARKS.get(style, "")
    if "{:c}" in form:
        return form.format(ord("a" if style == "alpha-lower" else "A") + position) if position < 26 else ""
    return form.format(position + 1)


def _stopped(line: Rich, element: _Element) -> Rich:
    """A title with the full stop that parts it from the text behind it."""
    if element.tag != "title" or line.text[-1] in ".:?!":
        return line
    return Rich(f"{line.text}.", line.anchors, line.places)


def _parted(cells: Sequence[Rich]) -> list[Rich]:
    """Cells of a row with bars between them."""
    return [each for cell in cells for each in (Rich("|"), cell)][1:]
