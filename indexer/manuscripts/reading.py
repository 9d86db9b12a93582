"""A draft by its name and content: LaTeX, Markdown, Word, or plain text."""

from __future__ import annotations

import re
from pathlib import PurePath

from core.errors import UnreadableFile
from core.records import Notice
from core.text import display_name
from indexer.manuscripts.assembly import assemble
from indexer.manuscripts.docx import read_docx
from indexer.manuscripts.encoding import decoded, even, line_starts
from indexer.manuscripts.flow import Flow
from indexer.manuscripts.latex import LatexReader
from indexer.manuscripts.markdown import read_markdown
from indexer.manuscripts.prose import read_prose
from indexer.manuscripts.records import Encoding, Format, Manuscript
from indexer.manuscripts.typed import is_numbered

MAX_BYTES = 10 * 2**20
READABLE = "LaTeX (.tex), Markdown (.md, .qmd), Word (.docx) or plain text (.txt)"
_ENDINGS: dict[str, Format] = {
    ".tex": "tex", ".ltx": "tex", ".latex": "tex", ".md": "md", ".qmd": "md", ".rmd": "md", ".markdown": "md",
    ".txt": "txt", ".text": "txt", ".docx": "docx", ".docm": "docx",
}  # fmt: skip
_LATEX = re.compile(
    r"\\(?:documentclass|begin\s?\{|(?:sub){0,2}section\*?\s?\{|chapter\*?\s?\{|title\s?\{|[a-z]{0,8}cite[a-z]{0,8}\*?\s?[\[{]|emph\{|textbf\{|label\{)"
)
_MARKDOWN = re.compile(r"^[ ]{0,3}#{1,6}[ \t]+\S|\A---[ \t]*$|\[-?@[\w{]|^[ ]{0,3}```|\]\(https?:|\*\*\S", re.MULTILINE)
_BINARY = (
    (b"%PDF-", "a PDF", "To add a paper to the library: galacite add FILE"),
    (b"\xd0\xcf\x11\xe0", "an old Word document", "Save it as .docx."),
    (b"\x1f\x8b", "compressed", "Unpack it first."),
    (b"{\\rtf", "rich text", "Save it as .docx."),
)
_GUESSED_CHARS = 200_000


def read_manuscript(data: bytes, name: str) -> Manuscript:
    """Read a draft. Whatever can be read is read: LaTeX that does not compile, any encoding of text.

    Args:
        data: The content of the file, at most ``MAX_BYTES``.
        name: What the user calls it: its ending tells the format; without one, the content does.

    Raises:
        UnreadableFile: Too large, nothing that holds text, or a damaged Word document.
    """
    shown = display_name(name)
    if len(data) > MAX_BYTES:
        raise UnreadableFile(
            f"{shown}: larger than {MAX_BYTES // 2**20} MB", reason="too_large", hint="Give one chapter at a time."
        )
    for magic, what, hint in _BINARY:
        if data.startswith(magic):
            raise UnreadableFile(f"{shown}: {what}, no draft that can be read", reason="damaged", hint=hint)
    kind = _ENDINGS.get(PurePath(shown).suffix.lower())
    if data.startswith(b"PK\x03\x04") or kind == "docx":
        flow = Flow()
        return _manuscript(read_docx(data, flow, shown=shown), flow, shown, "docx")
    text, encoding, notices = decoded(data)
    return read_text(text, name=shown, kind=kind, encoding=encoding, notices=notices)


def read_text(
    text: str,
    *,
    name: str = "",
    kind: Format | None = None,
    encoding: Encoding = Encoding(),  # noqa: B008 - a frozen value
    notices: tuple[Notice, ...] = (),
) -> Manuscript:
    """Read a text that is there already, such as a pasted paragraph; its format is guessed unless named."""
    flow = Flow()
    source = even(text)
    kind = kind or guess_format(source)
    if kind == "tex":
        LatexReader(source, flow).read()
    elif kind == "md":
        notices += read_markdown(source, flow)
    else:
        read_prose(source, flow)
    return _manuscript(text, flow, name, kind, encoding, notices)


def guess_format(text: str) -> Format:
    """What a text without a name is: LaTeX by its commands, Markdown by its signs, else plain."""
    head = text[:_GUESSED_CHARS]
    if _LATEX.search(head):
        return "tex"
    return "md" if _MARKDOWN.search(head) else "txt"


def _manuscript(
    text: str,
    flow: Flow,
    name: str,
    kind: Format,
    encoding: Encoding = Encoding(),  # noqa: B008 - a frozen value
    notices: tuple[Notice, ...] = (),
) -> Manuscript:
    found = assemble(flow, numbered=kind != "tex" and is_numbered(text))
    return Manuscript(
        name=name,
        format=kind,
        text=text,
        title=flow.title,
        headings=tuple(flow.headings),
        blocks=tuple(found.blocks),
        plain=found.plain,
        sentences=tuple(found.sentences),
        marks=tuple(found.marks),
        bibliographies=tuple(dict.fromkeys(flow.bibliographies)),
        listed=tuple(flow.listed),
        inputs=tuple(dict.fromkeys(flow.inputs)),
        notices=notices,
        encoding=encoding,
        line_starts=line_starts(text),
    )
