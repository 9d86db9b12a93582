"""Markdown as pandoc, Quarto and others know it: blocks line by line, then what stands in each."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.records import Notice
from indexer.manuscripts.flow import Flow
from indexer.manuscripts.records import MARK, BlockKind
from indexer.manuscripts.typed import CROSS_REFERENCE, cite_command, pandoc_group, pandoc_key

_LINE = re.compile(r"[^\n]*\n?")
_FRONT = re.compile(r"---[ \t]*\n(.{0,20000}?)^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_FENCE = re.compile(r"[ ]{0,3}(?:>\s{0,3})?(`{3,}|~{3,})[^`\n]*$")
_HEADING = re.compile(r"[ ]{0,3}(#{1,6})[ \t]{1,9}(\S.{0,1000}?)[ \t]*$")
_CLOSING = re.compile(r"(?:[ \t]+#+)?(?:[ \t]*\{[^{}]{0,200}\})?[ \t]*$")
_UNDERLINE = re.compile(r"[ ]{0,3}(=+|-{2,})[ \t]*$")
_RULE = re.compile(r"[ ]{0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|:{3,}.*)$")
_ITEM = re.compile(r"\s{0,20}(?:[-*+]|\(?\d{1,3}[.)])[ \t]+")
_QUOTE = re.compile(r"[ ]{0,3}(?:>[ ]?)+")
_NOTE = re.compile(r"[ ]{0,3}\[\^[^\]\s]{1,50}\]:[ \t]*")
_LINK = re.compile(r"[ ]{0,3}\[[^\]\n?@^]{1,200}\]:[ \t]+\S+")
_TABLE = re.compile(r"[ ]{0,3}(?:\||[-:+]+(?:[ ]*[|+][ ]*[-:+]+)+)")
_TABLE_RULE = re.compile(r"[|:+=\-\s]+$")
_CAPTION = re.compile(r"[ ]{0,3}(?:Table)?:[ ]+")
_INLINE = re.compile(
    r"(?P<code>`+)"
    r"|(?P<comment><!--)"
    r"|(?P<maths>\$\$?)"
    r"|(?P<cite>\\(?=[A-Za-z]{0,15}[Cc]ite))"
    r"|\\(?P<escaped>[!-/:-@\[-`{-~\n])"
    r"|(?P<group>\[(?=[^\[\]@]{0,400}@)[^\[\]]{0,4000}\])"
    r"|(?P<token>\[START_REF\](?:[^\[\n]{0,1000}\[END_REF\])?)"
    r"|!?\[(?P<label>[^\[\]]{1,1000})\](?:\([^()\n]{0,1000}(?:\([^()\n]{0,200}\)[^()\n]{0,200})?\)|\[[^\[\]\n]{1,200}\])"
    r"|(?P<note>\[\^[^\]\s]{1,50}\])"
    r"|(?P<key>(?<![\w@.])-?@(?=[\w{]))"
    r"|(?P<tag></?[A-Za-z][^<>\n]{0,500}>|<https?:[^<>\s]{1,500}>|\{\{<[^\n]{0,300}?>\}\}|\{[.#][^{}\n]{0,200}\})"
    r"|(?P<emphasis>(?<![\w*])\*{1,3}(?=\S)|(?<=\S)\*{1,3}(?!\w)|(?<=\w)\*{1,3}(?=\w)|(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w)|~~)"
    r"|(?P<entity>&(?:[A-Za-z]{2,20}|\#\d{1,6});)"
    r"|(?P<quote>\n[ ]{0,3}(?:>[ ]?)+)"
    r"|(?P<pipe>\|)",
)
_CODE_CHARS = 2_000
_MATHS_CHARS = 5_000
_MAX_DEPTH = 5
_MAX_FILES = 1_000


def read_markdown(text: str, flow: Flow) -> tuple[Notice, ...]:
    """Read a source into a flow; returns what could not be made out."""
    notices, begin = _front_matter(text, flow)
    reader = _Reader(text, flow)
    reader.read(begin)
    return notices


def _front_matter(text: str, flow: Flow) -> tuple[tuple[Notice, ...], int]:
    """Title and bibliographies that YAML in front of the text names, and where the text begins."""
    match = _FRONT.match(text)
    if match is None:
        return (), 0
    import yaml

    try:
        told = yaml.safe_load(match[1])
    except (yaml.YAMLError, RecursionError, ValueError):
        notice = Notice(code="front_matter", message="The YAML block in front of the text is not valid: it is left out")
        return (notice,), match.end()
    if isinstance(told, dict):
        flow.title = " ".join(str(told.get("title") or "").split())[:1_000]
        files = told.get("bibliography") or []
        files = files.values() if isinstance(files, dict) else files if isinstance(files, list) else [files]
        flow.bibliographies += [str(file) for file in files][:_MAX_FILES]
    return (), match.end()


@dataclass(slots=True)
class _Paragraph:
    start: int
    end: int


class _Reader:
    def __init__(self, text: str, flow: Flow) -> None:
        self._text = text
        self._flow = flow
        self._paragraph: _Paragraph | None = None
        self._lost: set[str] = set()

    def read(self, begin: int) -> None:
        """All lines from a position."""
        fence = ""
        position = begin
        while position < len(self._text):
            line = _LINE.match(self._text, position)
            if line is None:  # pragma: no cover - a line may be anything
                break
            start, end = line.span()
            position = end
            shown = line[0].rstrip("\n")
            if fence:
                closing = shown.strip(" >")
                fence = "" if closing.startswith(fence) and not closing.strip(fence[0]) else fence
                continue
            if opened := _FENCE.match(shown):
                self._end_paragraph()
                fence = opened[1]
            elif shown.lstrip().startswith("<!--") and (behind := self._text.find("-->", start)) >= 0:
                self._end_paragraph()
                position = behind + 3
            else:
                self._line(shown, start, start + len(shown))
        self._end_paragraph()

    def _line(self, shown: str, start: int, end: int) -> None:
        if not shown.strip():
            self._end_paragraph()
        elif heading := _HEADING.match(shown):
            self._end_paragraph()
            inside = start + heading.start(2)
            closing = _CLOSING.search(heading[2])
            self._heading(
                inside, inside + (closing.start() if closing else len(heading[2])), start, end, len(heading[1])
            )
        elif (underline := _UNDERLINE.match(shown)) and self._is_one_line():
            begin = self._paragraph or _Paragraph(start, end)
            self._paragraph = None
            self._heading(begin.start, begin.end, begin.start, end, 1 if underline[1][0] == "=" else 2)
        elif _RULE.match(shown) or _LINK.match(shown):
            self._end_paragraph()
        elif _TABLE.match(shown):
            self._apart(start, start if _TABLE_RULE.match(shown) else end, "table")
        elif note := _NOTE.match(shown):
            self._apart(start + note.end(), end, "footnote")
        elif self._paragraph is None and (caption := _CAPTION.match(shown)):
            self._apart(start + caption.end(), end, "caption")
        elif item := _ITEM.match(shown):
            self._end_paragraph()
            self._paragraph = _Paragraph(start + item.end(), end)
        elif self._paragraph is None:
            quote = _QUOTE.match(shown)
            self._paragraph = _Paragraph(start + (quote.end() if quote else 0), end)
        else:
            self._paragraph.end = end

    def _is_one_line(self) -> bool:
        paragraph = self._paragraph
        return paragraph is not None and "\n" not in self._text[paragraph.start : paragraph.end][:2_000]

    def _apart(self, start: int, end: int, kind: BlockKind) -> None:
        self._end_paragraph()
        self._flow.turn(kind)
        self._inline(start, end, 0)
        self._flow.turn("body")

    def _end_paragraph(self) -> None:
        paragraph, self._paragraph = self._paragraph, None
        if paragraph is not None:
            self._inline(paragraph.start, paragraph.end, 0)
            self._flow.end_block()

    def _heading(self, inside: int, closing: int, start: int, end: int, level: int) -> None:
        self._flow.end_block()
        self._flow.open("heading")
        self._inline(inside, closing, 0)
        text = " ".join("".join(self._flow.close().texts).replace(MARK, " ").split())
        if level == 1 and not self._flow.title and not self._flow.headings and not self._flow.blocks[:-1]:
            self._flow.title = text
        self._flow.heading(text, level=level, start=start, end=end)

    def _inline(self, start: int, end: int, depth: int) -> None:
        """What stands in a paragraph: emphasis and links give their text, code and mathematics none."""
        text, position = self._text, start
        while match := _INLINE.search(text, position, end):
            if match.start() > position:
                self._flow.text(text[position : match.start()], position, match.start())
            position = self._token(match, end, depth)
        if position < end:
            self._flow.text(text[position:end], position, end)

    def _token(self, match: re.Match[str], end: int, depth: int) -> int:
        """Act on a token; returns where to go on."""
        text, flow, kind = self._text, self._flow, match.lastgroup
        start, behind = match.span()
        if kind in ("code", "comment", "maths"):
            return self._closed(match[0] if kind != "comment" else "-->", start, behind, end, kind)
        if kind in ("cite", "group", "key"):
            find = {"cite": cite_command, "key": pandoc_key}.get(kind)
            found = find(text, start) if find else pandoc_group(text, start, behind)
            if found is not None and found.end <= end:
                flow.mark(found)
                return found.end
            if kind == "key" and (other := CROSS_REFERENCE.match(text, behind, end)):
                return other.end()
            behind = start + 1 if kind == "group" else behind
            flow.text(text[start:behind], start, behind)
            return behind
        if kind == "label":
            if depth < _MAX_DEPTH:
                self._inline(*match.span("label"), depth + 1)
            return behind
        shown = {"escaped": match["escaped"] or "", "token": match[0], "entity": html.unescape(match[0])}.get(
            kind or "", ""
        )
        flow.text(" " if kind in ("quote", "pipe") or shown == "\n" else shown, start, behind)
        return behind

    def _closed(self, closing: str, start: int, behind: int, end: int, kind: str) -> int:
        """Code, comments and mathematics leave a space; what is never closed is text."""
        text = self._text
        limit = min(end, behind + (_CODE_CHARS if kind == "code" else _MATHS_CHARS))
        found = next(_runs(text, closing, behind, limit, whole=kind == "code"), -1)
        price = closing == "$" and (
            found < 0
            or text[behind : behind + 1].isspace()
            or text[found - 1].isspace()
            or text[found + 1 : found + 2].isdigit()
        )
        if found < 0 or price:
            self._flow.text(text[start:behind], start, behind)
            return behind
        self._flow.text(" ", start, found + len(closing))
        return found + len(closing)


def _runs(text: str, closing: str, start: int, end: int, *, whole: bool) -> Iterator[int]:
    """Where a sign stands; as a ``whole`` not where more of it follow, and never behind a backslash."""
    position = text.find(closing, start, end)
    while position >= 0:
        behind = position + len(closing)
        if whole and text.startswith(closing[0], behind):
            while text.startswith(closing[0], behind):
                behind += 1
        elif text[position - 1] != "\\" or whole:
            yield position
        position = text.find(closing, behind, end)
