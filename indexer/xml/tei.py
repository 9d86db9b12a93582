"""TEI as GROBID writes it (``processFulltextDocument``) to a Document.

Source: https://grobid.readthedocs.io/en/latest/TEI-encoding-of-results/
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UnreadableFile
from core.records import Document, PassageKind
from core.text import display_name
from indexer.config import ParserLimits
from indexer.pdf.headings import is_known, split_number
from indexer.xml.assembly import assemble
from indexer.xml.draft import Draft
from indexer.xml.inline import Rich, Rules, children, flow, join, plain, tag_of
from indexer.xml.loading import load_xml
from indexer.xml.tei_header import read_header
from indexer.xml.tei_pages import Pages, read_pages
from indexer.xml.tei_references import read_references
from indexer.xml.tei_rules import TEXT, is_citation, running

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAX_DEPTH = 60
_CAPTION = re.compile(
    r"(?:(?:supplementary|extended data)\s)?(?:fig(?:ure)?|tab(?:le)?|scheme|box|algorithm|listing|chart|plate)s?"
    r"\s?\.?\s?[A-Z]?[\dIVX]{1,5}[a-z]?",
    re.IGNORECASE,
)
_ROMAN = re.compile(r"[IVX]{1,5}")
_BACK_HEADINGS = {
    "acknowledgement": "Acknowledgements",
    "funding": "Funding",
    "availability": "Availability",
    "contribution": "Author contributions",
    "conflict": "Conflicts of interest",
}
_PASSED_OVER = frozenset({"head", "listBibl", "listOrg", "label", "graphic"})
_UNLABELLED = replace(TEXT, skipped=TEXT.skipped | {"label"})


def parse_tei(path: Path, *, limits: ParserLimits, name: str = "") -> Document:
    """Read one paper. The same file always gives the same document; pages and boxes are kept where the file has them.

    ``name`` is what the user calls the file: for messages, and as the title of last resort.
    Memory and time are not limited here: parse files of unknown origin in a process of its own.

    Raises:
        UnreadableFile: The file is missing, unreadable, empty, beyond a limit, no XML, or not GROBID's TEI.
    """
    source = load_xml(path, limits=limits, name=name)
    root, shown = source.root, display_name(name or path.name)
    if tag_of(root) != "TEI" or not _is_grobid(root):
        what = "TEI, but not as GROBID writes it" if tag_of(root) == "TEI" else "XML, but no TEI"
        raise UnreadableFile(
            f"{shown}: {what}",
            reason="not_pdf",
            hint="Only the TEI of GROBID is read; give the paper's PDF, LaTeX source or JATS XML instead.",
        )
    pages = read_pages(root, most=limits.max_pages)
    if pages.count > limits.max_pages:
        raise UnreadableFile(
            f"{shown}: {pages.count:,} pages are more than the limit of {limits.max_pages:,}",
            reason="too_many_pages",
            hint="Raise the limit.",
        )
    draft = Draft(front=read_header(root), page_count=pages.count)
    read_references(root, draft, pages)
    reader = _Reader(draft, pages, running(pages), _numbers(root))
    reader.read(root)
    return assemble(draft, path=path, name=name, notices=source.notices)


def _is_grobid(root: _Element) -> bool:
    header = root.find("teiHeader")
    return header is not None and any(
        (element.get("ident") or "").lower().startswith("grobid") for element in header.iter("application")
    )


def _numbers(root: _Element) -> list[str]:
    """The numbers of the headings, empty where a heading has none."""
    heads = (head for division in root.iterfind("text/body//div") for head in division.iterchildren("head"))
    return [(head.get("n") or "").strip(" .)") for head in heads]


@dataclass(slots=True)
class _Reader:
    draft: Draft
    pages: Pages
    rules: Rules
    numbers: list[str]
    kind: PassageKind = "paragraph"
    level: int = 0
    lists: int = 0
    lead: str = ""

    def read(self, root: _Element) -> None:
        """Read abstract, body and back."""
        abstract = root.find("teiHeader/profileDesc/abstract")
        if abstract is not None:
            self.kind = "abstract"
            self.content(abstract, 0)
            self.kind = "paragraph"
        for part in ("body", "back"):
            for element in root.iterfind(f"text/{part}"):
                self.content(element, 0)

    def content(self, element: _Element, depth: int) -> None:
        """Read all blocks that an element holds; text that stands in it by itself is a paragraph."""
        if depth > _MAX_DEPTH:
            self.add(Rich(plain(element, TEXT)), element)
            return
        if element.text and element.text.strip() and element.tag not in ("text", "body", "back"):
            self.paragraph(element, depth)
            return
        for child in children(element):
            self.block(child, tag_of(child), depth + 1)

    def block(self, element: _Element, tag: str, depth: int) -> None:
        """Read one block by its name."""
        if tag in _PASSED_OVER:
            return
        if tag == "div":
            self.division(element, depth)
        elif tag in ("p", "ab", "s"):
            self.paragraph(element, depth)
        elif tag == "formula":
            self.formula(element)
        elif tag == "figure":
            self.figure(element)
        elif tag == "note":
            self.note(element)
        elif tag == "list":
            self.items(element, depth)
        elif tag == "table":
            self.rows(element)
        else:
            self.content(element, depth)

    def add(self, rich: Rich, element: _Element) -> None:
        """Add a paragraph of the kind being read, behind what leads it in."""
        if rich.text:
            boxes = self.pages.boxes(element)
            self.draft.add(join([Rich(self.lead), rich]), self.kind, boxes=boxes, list_id=self.lists)
            self.lead = ""

    def division(self, element: _Element, depth: int) -> None:
        """Read a division with its heading."""
        if element.get("type") == "references":
            return
        head = element.find("head")
        text = plain(head, TEXT) or (
            "" if element.find("div") is not None else _BACK_HEADINGS.get(element.get("type", ""), "")
        )
        if self.kind == "abstract":
            self.lead = f"{text}{'' if text[-1] in '.:?!' else ':'}" if text else ""
            self.content(element, depth)
            return
        outer = self.level
        if text:
            self.heading(text, head)
        if element.getparent() is not None and tag_of(element) == "div" and element.find("div") is not None:
            self.level += bool(text)
        self.content(element, depth)
        self.level = outer

    def heading(self, text: str, head: _Element | None) -> None:
        """Begin a section; its level is that of its number, as all divisions stand side by side."""
        number = (head.get("n") or "").strip(" .)") if head is not None else ""
        if not number:
            number, text, _ = split_number(text)
        boxes = self.pages.boxes(head) if head is not None else ()
        self.draft.add_heading(text, level=self.level + self._depth(number, text), number=number, boxes=boxes)

    def _depth(self, number: str, text: str) -> int:
        """1 for a chapter, 2 for what stands below one."""
        if number:
            lettered = len(number) == 1 and number.isalpha() and any(_ROMAN.fullmatch(each) for each in self.numbers)
            return number.count(".") + 1 + (lettered and _ROMAN.fullmatch(number) is None)
        numbered = sum(1 for each in self.numbers if each) * 2 > len(self.numbers)
        if not numbered or is_known(text) or self.level:
            return 1
        # In a paper that numbers its sections, a heading without a number stands below the last that has one.
        last = next((each for each in reversed(self.draft.headings) if each.number), None)
        return last.level + 1 if last is not None else 1

    def paragraph(self, element: _Element, depth: int) -> None:
        """Read a paragraph and what is set within it."""
        for segment in flow(element, self.rules):
            if isinstance(segment, Rich):
                self.add(segment, element)
            elif depth <= _MAX_DEPTH:
                self.block(segment[1], segment[0], depth + 1)

    def formula(self, element: _Element) -> None:
        """Read a displayed formula with its number."""
        text, label = plain(element, _UNLABELLED), plain(element.find("label"), TEXT).strip(" .()[]")
        if text:
            self.draft.add(Rich(text), "equation", label=label, boxes=self.pages.boxes(element))

    def figure(self, element: _Element) -> None:
        """Read the caption of a figure or table. GROBID puts them behind the text, so that no section holds them."""
        head = plain(element.find("head"), TEXT).replace(" .", ".").replace(" :", ":")
        number = plain(element.find("label"), TEXT).strip(" .:")
        lines = [line for each in element.iterchildren("figDesc", "p") for line in self.lines(each)]
        found = _CAPTION.match(head)
        kind = "Table" if element.get("type") == "table" else "Figure"
        label = " ".join(found[0].replace(" .", ".").split()) if found else f"{kind} {number}" if number else ""
        caption = join(lines)
        if found and not caption.text.lower().startswith(label.lower()):
            # What else stands in the head is the beginning of the caption.
            caption = join([Rich(f"{label.strip(' .:')}."), Rich(head[found.end() :].strip(" .:")), caption])
        elif head and not found:
            caption = join([Rich(head if head[-1] in ".:?!" else f"{head}."), caption])
        boxes = self.pages.boxes(element)
        self.draft.add(caption, "caption", label=label.strip(" .:"), boxes=boxes, apart=True)
        for table in element.iterchildren("table"):
            self.rows(table)
        for note in element.iterchildren("note"):
            self.note(note)

    def rows(self, table: _Element) -> None:
        """Read the rows of a table that cite."""
        for row in table.iter("row"):
            if any(is_citation(each) for each in row.iter("ref")):
                cells = [line for cell in row.iterchildren("cell") for line in self.lines(cell)]
                parted = [each for cell in cells for each in (Rich("|"), cell)][1:]
                self.draft.add(join(parted), "list", list_id=-1, boxes=self.pages.boxes(table), apart=True)

    def note(self, element: _Element) -> None:
        """Read a footnote; what GROBID calls otherwise is no part of the text."""
        lines = self.lines(element)
        if lines and (element.get("place") in ("foot", "end") or tag_of(element.getparent()) == "figure"):  # type: ignore[arg-type]
            label = (element.get("n") or "").strip(" .()[]")
            self.draft.add(join(lines), "footnote", label=label, boxes=self.pages.boxes(element))

    def items(self, element: _Element, depth: int) -> None:
        """Read a list."""
        kind, self.kind = self.kind, self.kind if self.kind == "abstract" else "list"
        self.lists += kind != "list"
        for item in element.iterchildren("item"):
            self.paragraph(item, depth + 1)
        self.kind = kind

    def lines(self, element: _Element) -> list[Rich]:
        """The text of an element with its citations, without what is set apart in it."""
        return [segment for segment in flow(element, self.rules) if isinstance(segment, Rich)]
