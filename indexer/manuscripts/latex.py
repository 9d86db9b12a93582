"""LaTeX drafts, as far as they go: also those that do not compile.

Unlike ``indexer.latex``, which reads finished papers and expands their macros, this keeps the place in the source of
each piece of text; it defines and expands nothing, and takes a command that it does not know for one that prints what
is given to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from indexer.latex.structure import RANKS
from indexer.latex.symbols import ACCENTS, accented, arguments, ligatures, symbols
from indexer.manuscripts.flow import Flow, Found
from indexer.manuscripts.latex_source import ARGUMENT_CHARS, BLANK_LINE, BRACKETS, Source
from indexer.manuscripts.latex_tables import (
    ABSTRACTS,
    ARGUMENTS,
    DEFINITIONS,
    DISPLAYS,
    ENVIRONMENT_GROUPS,
    LISTS,
    REFERENCES,
    SKIPPED,
    TABLES,
)
from indexer.manuscripts.records import MARK, BlockKind, Listed
from indexer.manuscripts.typed import cite_command

_TOKEN = re.compile(
    r"\\(?P<word>[A-Za-z@]+)"
    r"|\\(?P<symbol>.)"
    r"|(?P<comment>%[^\n]*(?:\n[^\S\n]*(?=\S))?)"
    r"|(?P<maths>\$\$?)"
    r"|(?P<braces>[{}]+)"
    r"|(?P<paragraph>\n[^\S\n]*\n\s*)"
    r"|(?P<space>[~&])",
    re.DOTALL,
)
_BEGIN_DOCUMENT = re.compile(r"^[^%\n]*\\begin\s{0,9}\{document\}", re.MULTILINE)
_LIGATURE = re.compile(r"-{2,3}|``|''|[`']")
_NAME = re.compile(r"\s{0,9}\{([^{}\\]{1,300})\}")
_DEFINED = re.compile(r"\*?\s{0,9}(?:\{\s?\\?[A-Za-z@*]{1,60}\s?\}|\\(?:[A-Za-z@]{1,60}|.))[^{\n]{0,100}")
_ACCENT = re.compile(r"\s?(?:\{\s?\\?([A-Za-z])\s?\}|\\([ij])(?![A-Za-z])|([A-Za-z]))|\{\}")
_ITEM = re.compile(r"\\bibitem\s{0,9}(?:\[[^\]]{0,600}\])?\s{0,9}\{([^{}]{1,200})\}")
_MARKUP = re.compile(r"\\[A-Za-z@]+\*?|[{}$]|\\.")
_WANTS_CITATION = re.compile(r"\b(?:cit(?:e|es|ation|ations)|refs?|references?|source)\b|^\W*\?+\W*$", re.I)
_MATHS_CHARS = 5_000
_HEADING_CHARS = 2_000
_MAX_DEPTH = 20
_MAX_NAMES = 1_000
_RAW_CHARS = 1_000


class LatexReader:
    """Reads one source from front to back into a flow."""

    def __init__(self, text: str, flow: Flow) -> None:
        self._text = text
        self._flow = flow
        self._source = Source(text)
        self._symbols = symbols()
        self._arguments = {**arguments(), **{f"\\{name}": kinds for name, kinds in ARGUMENTS.items()}}
        self._depth = 0
        self._in_text = True
        self._ended = False
        self._open: list[tuple[str, BlockKind]] = []
        self._words: dict[str, Callable[[int, int], int]] = {
            "begin": self._begin, "end": self._end, "title": self._title, "footnote": self._footnote,
            "footnotetext": self._footnote, "caption": self._caption, "captionof": self._caption, "todo": self._todo,
            "item": self._item, "verb": self._verb, "lstinline": self._verb, "par": self._paragraph,
            "input": self._input, "include": self._input, "subfile": self._input, "bibliography": self._files,
            "addbibresource": self._files, "citationneeded": self._wanted, "needcite": self._wanted,
            **dict.fromkeys(RANKS, self._section), **dict.fromkeys(DEFINITIONS, self._definition),
        }  # fmt: skip

    def read(self) -> None:
        """The whole source; text before the document begins is none, unless it never does."""
        if _BEGIN_DOCUMENT.search(self._text):
            self._in_text = False
        self._scan(0, len(self._text))

    def _scan(self, start: int, end: int) -> None:
        text, position = self._text, start
        while position < end and not self._ended:
            match = _TOKEN.search(text, position, end)
            if match is None:
                self._emit(position, end)
                return
            if match.start() > position:
                self._emit(position, match.start())
            position = self._token(match)

    def _token(self, match: re.Match[str]) -> int:
        """Act on a token; returns where to go on."""
        kind, start, end = match.lastgroup, match.start(), match.end()
        if kind == "word":
            return self._word(match["word"], start, end)
        if kind == "symbol":
            return self._symbol(match["symbol"], start, end)
        if kind == "maths":
            return self._maths(match["maths"], match["maths"], start, end)
        if kind == "paragraph":
            self._flow.end_block()
        elif kind == "space":
            self._add(" ", start, end)
        return end

    def _emit(self, start: int, end: int) -> None:
        """Add text as it stands, dashes and quotation marks as TeX sets them."""
        if not self._in_text:
            return
        position = start
        text = self._text
        for match in _LIGATURE.finditer(text, start, end):
            if match.start() > position:
                self._flow.text(text[position : match.start()], position, match.start())
            position = match.end()
            self._flow.text(ligatures(match[0]), match.start(), position)
        if position < end:
            self._flow.text(text[position:end], position, end)

    def _add(self, printed: str, start: int, end: int) -> None:
        if self._in_text:
            self._flow.text(printed, start, end)

    def _word(self, name: str, start: int, end: int) -> int:
        """A command: one that cites, has structure, has arguments that are no text, prints a sign, or is unknown."""
        handler = self._words.get(name)
        if handler is not None:
            return handler(start, end)
        if "cite" in name.lower() and (found := cite_command(self._text, start)) is not None:
            if self._in_text:
                self._flow.mark(found)
            return found.end
        if name in ACCENTS and len(name) == 1:
            return self._accent(name, start, end)
        if (kinds := self._arguments.get("\\" + name)) is not None:
            return self._source.skip(kinds, end)
        printed = self._symbols.get("\\" + name)
        behind = self._source.spaces(end)
        if printed is not None:
            self._add(printed, start, behind)
            return behind
        bracket = BRACKETS.match(self._text, end)
        return bracket.end() if bracket and self._text.startswith("{", bracket.end()) else behind

    def _symbol(self, sign: str, start: int, end: int) -> int:
        if sign in "([":
            return self._maths(sign, "\\)" if sign == "(" else "\\]", start, end)
        if sign == "\\":
            return self._line_break(start, end)
        if sign in ACCENTS:
            return self._accent(sign, start, end)
        self._add(self._symbols.get("\\" + sign, " " if sign.isspace() else ""), start, end)
        return end

    def _line_break(self, start: int, end: int) -> int:
        bracket = BRACKETS.match(self._text, end) if self._text.startswith("[", end) else None
        behind = bracket.end() if bracket and bracket[0][1:2].isdigit() else end
        if self._flow.kind == "table":
            self._flow.end_block()
        else:
            self._add(" ", start, end)
        return behind

    def _accent(self, accent: str, start: int, end: int) -> int:
        match = _ACCENT.match(self._text, end)
        if match is None:
            return end
        letter = match[1] or match[2] or match[3] or ""
        self._add(accented(letter, accent), start, match.end())
        return match.end()

    def _maths(self, opening: str, closing: str, start: int, end: int) -> int:
        """Mathematics leaves a space; a sign that nothing closes within its paragraph is itself."""
        text = self._text
        found = end
        while True:
            found = text.find(closing, found, end + _MATHS_CHARS)
            if found < 0 or BLANK_LINE.search(text, end, found):
                if opening == "$":
                    self._add("$", start, end)
                return end
            if closing[0] == "\\" or text[found - 1] != "\\":
                break
            found += 1
        self._add(" ", start, found + len(closing))
        return found + len(closing)

    def _apart(self, kind: BlockKind, start: int, end: int) -> str:
        """Read a part of the source as a block of its own; returns its text without marks."""
        if self._depth >= _MAX_DEPTH:
            return ""
        before, self._in_text = self._in_text, True
        self._depth += 1
        self._flow.open(kind)
        self._scan(start, end)
        block = self._flow.close()
        self._depth -= 1
        self._in_text = before
        return " ".join("".join(block.texts).replace(MARK, " ").split())

    def _definition(self, start: int, end: int) -> int:
        defined = _DEFINED.match(self._text, end)
        if defined is None:
            return end
        behind = self._source.behind_group(defined.end())
        return self._source.behind_group(behind) if "environment" in self._text[start:end] else behind

    def _title(self, start: int, end: int) -> int:
        del start
        inside, closing, behind = self._source.argument(end, within=_HEADING_CHARS)
        self._flow.title = self._flow.title or self._apart("heading", inside, closing)
        return max(behind, end)

    def _section(self, start: int, end: int) -> int:
        inside, closing, behind = self._source.argument(end, within=_HEADING_CHARS)
        if not self._in_text:
            return max(behind, end)
        self._flow.end_block()
        text = self._apart("heading", inside, closing)
        self._open.clear()
        level = max(1, RANKS[self._text[start + 1 : end]] - 1)
        self._flow.heading(text, level=level, start=start, end=max(behind, end))
        return max(behind, end)

    def _footnote(self, start: int, end: int) -> int:
        del start
        return self._note("footnote", end)

    def _caption(self, start: int, end: int) -> int:
        first = self._source.behind_group(end) if self._text.startswith("captionof", start + 1) else end
        return self._note("caption", first)

    def _note(self, kind: BlockKind, end: int) -> int:
        """A block within the text; one that is never closed runs on as text."""
        position = end + self._text.startswith("*", end)
        bracket = BRACKETS.match(self._text, position)
        group = self._source.group(bracket.end() if bracket else position, within=ARGUMENT_CHARS)
        if group is None:
            return position
        if self._in_text:
            self._apart(kind, *group)
        return group[1] + 1

    def _todo(self, start: int, end: int) -> int:
        """A note to oneself: a place when it speaks of a citation, else no text."""
        bracket = BRACKETS.match(self._text, end)
        group = self._source.group(bracket.end() if bracket else end, within=_HEADING_CHARS)
        if group is None:
            return end
        if self._in_text and _WANTS_CITATION.search(self._text, *group):
            self._flow.mark(Found(start, group[1] + 1, "placeholder"))
        return group[1] + 1

    def _wanted(self, start: int, end: int) -> int:
        behind = self._source.behind_group(end)
        if self._in_text:
            self._flow.mark(Found(start, behind, "placeholder"))
        return behind

    def _item(self, start: int, end: int) -> int:
        del start
        if self._in_text:
            self._flow.end_block()
        return end

    def _paragraph(self, start: int, end: int) -> int:
        del start
        self._flow.end_block()
        return end

    def _verb(self, start: int, end: int) -> int:
        position = self._source.skip("*o", end)
        sign = self._text[position : position + 1]
        if not sign or sign.isspace():
            return end
        line = self._text.find("\n", position + 1, position + _HEADING_CHARS)
        closing = self._text.find(
            "}" if sign == "{" else sign, position + 1, line if line >= 0 else position + _HEADING_CHARS
        )
        behind = closing + 1 if closing >= 0 else end
        self._add(" ", start, behind)
        return behind

    def _input(self, start: int, end: int) -> int:
        del start
        name = _NAME.match(self._text, end)
        if name is None:
            return end
        if len(self._flow.inputs) < _MAX_NAMES:
            self._flow.inputs.append(name[1].strip())
        return name.end()

    def _files(self, start: int, end: int) -> int:
        del start
        bracket = BRACKETS.match(self._text, end)
        name = _NAME.match(self._text, bracket.end() if bracket else end)
        if name is None:
            return end
        for each in name[1].split(",")[:_MAX_NAMES]:
            file = each.strip()
            if file and len(self._flow.bibliographies) < _MAX_NAMES:
                self._flow.bibliographies.append(file if file.lower().endswith(".bib") else f"{file}.bib")
        return name.end()

    def _begin(self, start: int, end: int) -> int:
        match = _NAME.match(self._text, end)
        if match is None:
            return end
        name, behind = match[1].strip(), match.end()
        plain = name.rstrip("*")
        if name == "document":
            self._in_text = True
            return behind
        if plain in SKIPPED or plain in DISPLAYS:
            self._add(" ", start, behind)
            return self._source.behind_environment(name, behind)
        if plain in REFERENCES:
            return self._reference_list(name, behind)
        self._flow.end_block()
        behind = self._source.skip("o" + "m" * ENVIRONMENT_GROUPS.get(plain, 0) + "o", behind)
        if len(self._open) < _MAX_NAMES:
            self._open.append((name, self._flow.kind))
        if plain in TABLES:
            self._flow.turn("table")
        elif plain in ABSTRACTS:
            self._flow.turn("abstract")
        return behind

    def _end(self, start: int, end: int) -> int:
        del start
        match = _NAME.match(self._text, end)
        if match is None:
            return end
        name = match[1].strip()
        if name == "document" and self._in_text:
            self._ended = True
            return match.end()
        if name not in LISTS or self._flow.kind == "table":
            self._flow.end_block()
        if any(opened == name for opened, _ in self._open[-_MAX_DEPTH:]):
            while True:
                opened, kind = self._open.pop()
                if opened == name:
                    self._flow.turn(kind)
                    break
        return match.end()

    def _reference_list(self, name: str, behind: int) -> int:
        """The reference list that the draft itself holds: its keys, and entries as printed."""
        self._flow.end_block()
        found = self._text.find(f"\\end{{{name}}}", behind)
        end = found if found >= 0 else len(self._text)
        items = list(_ITEM.finditer(self._text, behind, end))
        for item, following in zip(items, [*items[1:], None], strict=False):
            raw = self._text[item.end() : following.start() if following else end][:_RAW_CHARS]
            printed = " ".join(_MARKUP.sub(" ", raw).split())
            self._flow.listed.append(Listed(key=" ".join(item[1].split()), raw=printed))
        return end
