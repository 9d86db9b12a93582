"""Reference strings annotated by hand: GROBID's citations in TEI and AnyStyle's labelled sequences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from core.errors import InputError
from training.references.examples import Example, Span, tidy_spans

_TITLES = {"a": "title", "j": "journal", "m": "booktitle", "s": "series"}
_SCOPES = {
    "vol": "volume", "volume": "volume", "issue": "issue", "pp": "pages", "page": "pages", "pages": "pages",
    "date": "date",
}  # fmt: skip
_PLAIN = {
    "author": "author", "authors": "author", "editor": "editor", "date": "date", "year": "date",
    "publisher": "publisher", "publishe": "publisher", "pubplace": "location", "ptr": "web", "page": "pages",
}  # fmt: skip
_MIN_CHARS = 12


def read_grobid(folder: Path) -> Iterator[Example]:
    """The citations of a folder of TEI files, in the order of file names.

    Raises:
        InputError: The folder holds no TEI file.
    """
    files = sorted(folder.glob("*.xml"))
    if not files:
        raise InputError(f"{folder}: no TEI files with citations", hint="Give the folder that holds refstrings/.")
    for file in files:
        root = etree.parse(str(file), _parser()).getroot()
        for element in [] if root is None else root.iter():
            if _local(element) == "bibl":
                example = _read_bibl(element, file.name)
                if example is not None:
                    yield example


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=True)


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


class _Text:
    """A text that grows, with runs of white space drawn together, and the spans marked on it."""

    def __init__(self) -> None:
        self.text = ""
        self.spans: list[Span] = []

    def add(self, text: str | None, label: str = "") -> None:
        start = len(self.text)
        for piece in re.findall(r"\s+|\S+", text or ""):
            if not piece.isspace():
                self.text += piece
            elif self.text and not self.text.endswith(" "):
                self.text += " "
        if label and self.text[start:].strip():
            self.spans.append(Span(label, start, len(self.text)))


def _read_bibl(element: etree._Element, group: str) -> Example | None:
    grown = _Text()
    grown.add(element.text)
    for child in element:
        inner = "".join(map(str, child.itertext())) if isinstance(child.tag, str) else ""
        # A line break stands between words or after a hyphen.
        grown.add(inner, "" if _local(child) in ("lb", "") else _tei_label(child))
        if _local(child) == "lb":
            grown.add(" ")
        grown.add(child.tail)
    spans = _with_titles(grown.text, grown.spans)
    if len(grown.text.strip()) < _MIN_CHARS or not spans:
        return None
    return Example(grown.text, tidy_spans(grown.text, spans), group)


def _tei_label(element: etree._Element) -> str:
    name = _local(element)
    kind = (element.get("type") or element.get("unit") or element.get("level") or "").lower()
    if name == "title":
        return _TITLES.get((element.get("level") or element.get("leve") or element.get("type") or "").lower(), "title")
    if name in ("biblscope", "biblstruct"):
        return _SCOPES.get(kind, "note")
    if name == "orgname":
        return "author" if kind == "collaboration" else "institution"
    if name == "idno":
        return "report" if kind in ("report", "") else "id"
    if name == "note":
        return "report" if kind == "report" else "note"
    return _PLAIN.get(name, "note")


def _with_titles(text: str, spans: list[Span]) -> list[Span]:
    """A book's title is the entry's title unless an article's stands before it, or an In."""
    has_article = any(span.label == "title" for span in spans)
    fixed: list[Span] = []
    for span in spans:
        before = text[max(0, span.start - 6) : span.start]
        within = re.search(r"\bin\s*[:.,]?\s*[\"“'`]*$", before, re.IGNORECASE)
        is_title = span.label == "booktitle" and not has_article and not within
        has_article = has_article or is_title
        fixed.append(Span("title", span.start, span.end) if is_title else span)
    return fixed


_ANYSTYLE = {
    "author": "author", "editor": "editor", "title": "title", "journal": "journal", "container-title": "booktitle",
    "collection-title": "series", "date": "date", "volume": "volume", "pages": "pages", "publisher": "publisher",
    "location": "location", "url": "web", "doi": "id", "isbn": "note", "note": "note", "edition": "note",
    "genre": "report", "translator": "note", "director": "author", "producer": "note", "medium": "note",
    "source": "publisher", "dataset": "note",
}  # fmt: skip
_LEADING_CUE = {
    "editor": re.compile(r"(?:in|dans|edited by|eds?\.(?: by)?|hrsg\.?(?: von)?|herausgegeben von)\b[\s:.]*", re.I),
    "booktitle": re.compile(r"(?:in|dans)\b\s*[:.]?\s+", re.I),
    "journal": re.compile(r"in\s*[:.]?\s+"),
    "pages": re.compile(r"(?:(?:pp?|pages?|s|pgs?|str|с)\b\.?|стр\.)\s*", re.I),
    "web": re.compile(r"(?:url|available (?:at|from)|retrieved from|disponible sur)\b\s*:?\s*", re.I),
    "date": re.compile(r"[^\d\w]+"),
    "publisher": re.compile(r"(?:publisher|verlag)?:\s*", re.I),
}
_TRAILING_CUE = {
    "editor": re.compile(r"[\s,.(\[]*\b(?:eds?|editors?|hrsg|herausgeber|éds?|org)\b[\s.)\],:]*$", re.I),
    "author": re.compile(r"[\s,.(\[]+\b(?:eds?|editors?|hrsg|éds?|org)\b[\s.)\],:]*$", re.I),
    "pages": re.compile(r"\s*(?:pp|pages|p|S)\b[\s.,)]*$"),
}
_VOLUME = re.compile(
    r"(?P<volume>[A-Z]?\d+[A-Z]?(?:[-–/]\d+)?|\b[IVXLC]+\b)"
    r"(?:[\s.,:;/]*(?:\(|no\.?|nr\.?|num\.?|issue|iss\.?|n°|heft|№|:|/|,|\.)+[\s.]*(?:no\.?|issue)?\s*"
    r"(?P<issue>[A-Z]?\d+(?:[-–/]\d+)?|[A-Z][\w. ]*)\)?)?",
    re.IGNORECASE,
)
_PAGES = re.compile(r"[:,;]\s*(\d+\s?[-–]\s?\d+)")
_ISSUE_ALONE = re.compile(r"^\W*(?:no\.?|nr\.?|issue|n°|heft|№)\s*(?P<issue>\d+)", re.IGNORECASE)


def read_anystyle(folder: Path) -> Iterator[Example]:
    """The labelled sequences of AnyStyle, in the order of files; their cue words (``In``, ``pp.``) are left out.

    Raises:
        InputError: The folder holds no dataset.
    """
    files = sorted(folder.glob("*.xml"))
    if not files:
        raise InputError(f"{folder}: no AnyStyle datasets", hint="Give the folder that holds refstrings/.")
    for file in files:
        root = etree.parse(str(file), _parser()).getroot()
        for sequence in root.iter("sequence"):
            grown = _Text()
            for child in sequence:
                if not isinstance(child.tag, str) or child.tag == "citation-number":
                    continue
                _add_field(grown, child.tag, "".join(map(str, child.itertext())).strip())
            if len(grown.text) > _MIN_CHARS and grown.spans:
                yield Example(grown.text, tidy_spans(grown.text, grown.spans), f"anystyle:{file.name}")


def _add_field(grown: _Text, tag: str, text: str) -> None:
    label = _ANYSTYLE.get(tag, "note")
    start = 0
    if label in _LEADING_CUE:
        cue = _LEADING_CUE[label].match(text)
        start = cue.end() if cue else 0
    tail = _TRAILING_CUE[label].search(text, start) if label in _TRAILING_CUE else None
    end = tail.start() if tail else len(text)
    if label == "volume":
        _add_volume(grown, text)
    else:
        grown.add(text[:start])
        grown.add(text[start:end], label)
        grown.add(text[end:])
    grown.add(" ")


def _add_volume(grown: _Text, text: str) -> None:
    alone = _ISSUE_ALONE.match(text)
    match = alone or _VOLUME.search(text)
    if match is None:
        grown.add(text)
        return
    position = 0
    for name in ("volume", "issue"):
        if name not in match.re.groupindex or match[name] is None:
            continue
        grown.add(text[position : match.start(name)])
        grown.add(match[name], name)
        position = match.end(name)
    pages = _PAGES.search(text, position)
    if pages is not None:
        grown.add(text[position : pages.start(1)])
        grown.add(pages[1], "pages")
        position = pages.end()
    grown.add(text[position:])
