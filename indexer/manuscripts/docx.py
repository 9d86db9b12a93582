"""Word documents: the text of their paragraphs, one a line, with fields of reference managers as marks.

The parts are read directly and as a stream: what unpacks to more than a draft, nests deeper than one, or declares
entities is refused before it costs anything.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field

from core.errors import UnreadableFile
from indexer.manuscripts.flow import Flow, Found
from indexer.manuscripts.records import MARK, BlockKind
from indexer.manuscripts.styles import Style, read_styles
from indexer.manuscripts.word_fields import Cited, cited_by_field, is_reference_list

_DOCUMENT, _FOOTNOTES, _STYLES = "word/document.xml", "word/footnotes.xml", "word/styles.xml"
_MAX_PART_BYTES = 96 * 2**20
_MAX_RATIO = 400
_LEAST_SUSPECT_BYTES = 4 * 2**20
_MAX_MEMBERS = 20_000
_MAX_TEXT_CHARS = 12_000_000
_MAX_INSTRUCTION_CHARS = 500_000
_MAX_FIELDS = 50
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_COMPATIBLE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    SyntaxError,
)
_PLACEHOLDER_TAG = re.compile(r"MENDELEY_CITATION|CitaviPlaceholder|zotero.*citation|EndNote", re.I)


def read_docx(data: bytes, flow: Flow, *, shown: str) -> str:
    """Read a document into a flow; returns its text, one paragraph a line.

    Raises:
        UnreadableFile: Damaged, encrypted, no Word document, or more than a draft when unpacked.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {member.filename for member in archive.infolist()[:_MAX_MEMBERS]}
            if _DOCUMENT not in names:
                raise UnreadableFile(
                    f"{shown}: no Word document", reason="damaged", hint="Save it as .docx, or give .tex, .md or .txt."
                )
            styles = read_styles(_part(archive, _STYLES, shown)) if _STYLES in names else {}
            reader = _Reader(flow, styles)
            reader.read(_part(archive, _DOCUMENT, shown))
            if _FOOTNOTES in names:
                flow.turn("footnote")
                reader.read(_part(archive, _FOOTNOTES, shown), kind="footnote")
            return reader.text()
    except _TooMuchError as error:
        raise UnreadableFile(
            f"{shown}: unpacks to more than any draft", reason="too_large", hint="Give one chapter at a time."
        ) from error
    except _DAMAGED as error:
        raise UnreadableFile(
            f"{shown}: damaged or protected, it cannot be unpacked",
            reason="damaged",
            hint="Open it in a word processor and save it as .docx without a password.",
        ) from error


class _TooMuchError(Exception):
    """More than a draft."""


def _part(archive: zipfile.ZipFile, name: str, shown: str) -> bytes:
    member = archive.getinfo(name)
    suspect = member.file_size > max(_LEAST_SUSPECT_BYTES, _MAX_RATIO * member.compress_size)
    if suspect or member.file_size > _MAX_PART_BYTES:
        raise _TooMuchError
    with archive.open(member) as stream:
        data = stream.read(_MAX_PART_BYTES + 1)
    if len(data) > _MAX_PART_BYTES:
        raise _TooMuchError
    if b"<!DOCTYPE" in data[:4_096]:
        raise UnreadableFile(
            f"{shown}: declares entities, as no word processor does", reason="damaged", hint="Save it again as .docx."
        )
    return data


@dataclass(slots=True)
class _Field:
    """A field under way: its instruction, and the piece of its paragraph where its result begins."""

    instruction: list[str] = field(default_factory=list)
    size: int = 0
    first: int | None = None
    paragraph: int = 0


@dataclass(slots=True)
class _Paragraph:
    """Pieces of text, and the marks among them."""

    number: int
    kind: BlockKind
    style: Style | None = None
    pieces: list[tuple[str, Found | None]] = field(default_factory=list)


class _Reader:
    """Follows the events of one or several parts."""

    def __init__(self, flow: Flow, styles: dict[str, Style]) -> None:
        self._flow = flow
        self._styles = styles
        self._parts: list[str] = []
        self._length = 0
        self._written = 0
        self._paragraphs = 0
        self._open: list[_Paragraph] = []
        self._fields: list[_Field] = []
        self._controls: list[tuple[bool, int, int]] = []
        self._tables = 0
        self._hidden = 0
        self._kind: BlockKind = "body"

    def text(self) -> str:
        """All that was read, one paragraph a line."""
        return "".join(self._parts)

    def read(self, data: bytes, *, kind: BlockKind = "body") -> None:
        """Read a part; its paragraphs are of a kind."""
        from lxml import etree

        self._kind = kind
        events = etree.iterparse(
            io.BytesIO(data),
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        )
        for event, element in events:
            name = element.tag if isinstance(element.tag, str) else ""
            if name.startswith(_COMPATIBLE):
                if name.endswith("}Fallback"):
                    self._hidden += 1 if event == "start" else -1
                continue
            local = name.removeprefix(_W).removeprefix(_STRICT)
            if self._hidden and local not in ("del", "moveFrom"):
                continue
            (self._begin if event == "start" else self._end)(local, element)
            if event == "end":
                element.clear()
        while self._open:
            self._end_paragraph()
        self._fields.clear()

    def _begin(self, name: str, element: object) -> None:
        if name == "p":
            self._paragraphs += 1
            kind = "table" if self._tables and self._kind == "body" else self._kind
            results = (each for each in self._fields if each.first is not None)
            listing = any(is_reference_list("".join(each.instruction[:3])) for each in results)
            self._open.append(_Paragraph(self._paragraphs, "bibliography" if listing else kind))
        elif name == "tbl":
            self._tables += 1
        elif name in ("del", "moveFrom"):
            self._hidden += 1
        elif name == "sdt":
            self._controls.append((False, self._paragraphs, len(self._open[-1].pieces) if self._open else 0))
        elif name == "fldSimple":
            self._fields.append(_Field())
            self._instruct(_value(element, "instr"))
            self._begin_result()

    def _end(self, name: str, element: object) -> None:
        if name == "t":
            self._add(getattr(element, "text", None) or "")
        elif name in ("tab", "br", "cr") and self._open:
            self._add(" ")
        elif name == "noBreakHyphen":
            self._add("-")
        elif name == "instrText":
            self._instruct(getattr(element, "text", None) or "")
        elif name == "fldChar":
            self._field_sign(_value(element, "fldCharType"))
        elif name == "fldSimple":
            self._end_field()
        elif name == "pStyle" and self._open:
            self._open[-1].style = self._styles.get(_value(element, "val"), Style())
        elif name == "outlineLvl" and self._open and _value(element, "val").isdecimal():
            level = int(_value(element, "val")[:3]) + 1
            if level <= 9:
                self._open[-1].style = Style(role="heading", level=level)
        elif name == "tag" and self._controls and _PLACEHOLDER_TAG.match(_value(element, "val")):
            self._controls[-1] = (True, *self._controls[-1][1:])
        elif name == "sdt" and self._controls:
            is_citation, paragraph, first = self._controls.pop()
            if is_citation:
                self._mark(paragraph, first, ())
        elif name in ("del", "moveFrom"):
            self._hidden -= 1
        elif name == "tbl":
            self._tables -= 1
        elif name == "p" and self._open:
            self._end_paragraph()

    def _add(self, text: str) -> None:
        if not self._open or not text or (self._fields and self._fields[-1].first is None):
            return
        self._length += len(text)
        if self._length > _MAX_TEXT_CHARS:
            raise _TooMuchError
        self._open[-1].pieces.append((text.replace("\n", " ").replace(MARK, " "), None))

    def _instruct(self, text: str) -> None:
        if self._fields:
            current = self._fields[-1]
            current.size += len(text)
            if current.size <= _MAX_INSTRUCTION_CHARS:
                current.instruction.append(text)

    def _field_sign(self, sign: str) -> None:
        if sign == "begin" and len(self._fields) < _MAX_FIELDS:
            self._fields.append(_Field())
        elif sign == "separate":
            self._begin_result()
        elif sign == "end":
            self._end_field()

    def _begin_result(self) -> None:
        if self._fields and self._fields[-1].first is None:
            self._fields[-1].first = len(self._open[-1].pieces) if self._open else 0
            self._fields[-1].paragraph = self._open[-1].number if self._open else 0

    def _end_field(self) -> None:
        """A field ends: a citation is a mark, one without a result included; any other is its text."""
        if not self._fields:
            return
        ended = self._fields.pop()
        cited = cited_by_field("".join(ended.instruction))
        if cited is None:
            return
        first = ended.first if ended.first is not None else len(self._open[-1].pieces) if self._open else 0
        self._mark(ended.paragraph or self._paragraphs, first, cited)

    def _mark(self, paragraph: int, first: int, cited: tuple[Cited, ...]) -> None:
        """What stands in a paragraph from a piece on is a mark."""
        if not self._open or self._open[-1].number != paragraph:
            return
        known = {each.key for each in self._flow.listed}
        self._flow.listed += [each.listed for each in cited if each.key not in known]
        pieces = self._open[-1].pieces
        shown = "".join(text for text, _ in pieces[first:])
        textual = bool(re.match(r"[^\W\d_]", shown))
        pieces[first:] = [(shown, Found(0, 0, "field", tuple(each.key for each in cited), textual=textual))]

    def _end_paragraph(self) -> None:
        """Write a paragraph to the flow; those within it, of a text box, came before."""
        paragraph = self._open.pop()
        style = paragraph.style or Style()
        kind: BlockKind = paragraph.kind
        if kind == "body" and style.role in ("caption", "bibliography", "abstract"):
            kind = style.role
        is_heading = paragraph.kind == "body" and style.role in ("heading", "title")
        if is_heading:
            self._flow.open("heading")
        else:
            self._flow.turn(kind)
        position = start = self._written
        for text, found in paragraph.pieces:
            self._parts.append(text)
            behind = position + len(text)
            if found is None:
                self._flow.text(text, position, behind)
            else:
                self._flow.mark(Found(position, behind, found.kind, found.keys, textual=found.textual))
            position = behind
        if is_heading:
            self._close_heading(style, start, position)
        self._flow.end_block()
        self._parts.append("\n")
        self._written = position + 1

    def _close_heading(self, style: Style, start: int, end: int) -> None:
        text = " ".join("".join(self._flow.close().texts).replace(MARK, " ").split())
        if style.role == "title":
            self._flow.title = self._flow.title or text
        else:
            self._flow.heading(text, level=style.level, start=start, end=end)


def _value(element: object, name: str) -> str:
    get = getattr(element, "get", None)
    return str(get(f"{_W}{name}") or get(f"{_STRICT}{name}") or get(name) or "") if get else ""
