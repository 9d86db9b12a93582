"""Which reader a file needs: chosen by what the file holds, since names promise anything."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from stat import S_ISREG
from typing import Literal

from core.errors import UnreadableFile
from core.records import Document
from core.text import display_name
from indexer.config import ParserLimits

Format = Literal["pdf", "latex", "archive", "jats", "tei"]
READABLE = "PDF, LaTeX source (.tex, or an archive such as arXiv's), JATS XML, or GROBID's TEI XML"
_HEAD_BYTES = 64 * 2**10
_PDF_BYTES = 1_024
"""A PDF may have some bytes before its first line; readers look this far."""
_ARCHIVES = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ\x00")
_OFFICE = (b"[Content_Types].xml", b"word/", b"mimetypeapplication/")
_LATEX = re.compile(
    rb"\\(?:document(?:class|style)|begin\s*\{(?:document|abstract|equation)\}|(?:sub)*section\*?\s*[\[{]|chapter\*?\s*\{|"
    rb"usepackage|newcommand|input\s*\{|include\s*\{|maketitle|bibitem)"
)
_TEX_NAMES = (".tex", ".ltx", ".latex")
_ROOT = re.compile(rb"<(?![?!])(?:[\w.-]{1,40}:)?([A-Za-z][\w.-]{0,60})")
_PROLOGUE = re.compile(rb"<\?.*?\?>|<!--.*?-->", re.DOTALL)
_JATS_ROOTS = frozenset({b"article", b"pmc-articleset", b"OAI-PMH", b"book", b"sub-article", b"response"})
_TEI_ROOTS = frozenset({b"TEI", b"teiCorpus", b"TEI.2"})


def parse_file(path: Path, *, limits: ParserLimits, name: str = "") -> Document:
    """Parse a file of any format that can be read.

    Args:
        path: The file.
        limits: What it may cost; time and memory are limited from outside (``indexer.pdf.isolated``).
        name: What the user calls it, for messages and as the title of last resort.

    Raises:
        UnreadableFile: It is missing, unreadable, empty, damaged, too large, or of no such format.
    """
    return _readers()[format_of(path, name=name)](path, limits, name)


def format_of(path: Path, *, name: str = "") -> Format:
    """The format of a file by its content; a file that cannot be opened counts as a PDF, whose reader names the fault.

    Raises:
        UnreadableFile: Its format is none of those that can be read.
    """
    head = _head(path)
    if not head:
        return "pdf"
    if head.startswith(_ARCHIVES) or _is_tar(head):
        if head.startswith(b"PK") and any(sign in head[:4_096] for sign in _OFFICE):
            raise _unknown(path, name, "an office document", "Export it as PDF.")
        return "archive"
    pdf = b"%PDF-" in head[:_PDF_BYTES]
    text = _as_bytes(head)
    if pdf and (head.startswith(b"%PDF-") or _LATEX.search(text) is None):
        return "pdf"
    markup = _markup(path, name, text)
    if markup is not None:
        return markup
    if _LATEX.search(text) is not None or (path.suffix.lower() in _TEX_NAMES and b"\0" not in text):
        return "latex"
    if head.startswith(b"%!PS"):
        raise _unknown(path, name, "PostScript", "Convert it: ps2pdf IN OUT")
    raise _unknown(path, name, "", "A web page saved under another name is a common cause: download the paper again.")


def _readers() -> dict[Format, Callable[[Path, ParserLimits, str], Document]]:
    return {"pdf": _pdf, "latex": _latex, "archive": _archive, "jats": _jats, "tei": _tei}


def _pdf(path: Path, limits: ParserLimits, name: str) -> Document:
    from indexer.pdf.parser import parse_pdf

    return parse_pdf(path, limits=limits, name=name)


def _latex(path: Path, limits: ParserLimits, name: str) -> Document:
    from indexer.latex.parser import parse_latex

    return parse_latex(path, limits=limits, name=name)


def _archive(path: Path, limits: ParserLimits, name: str) -> Document:
    from indexer.latex.parser import parse_archive

    return parse_archive(path, limits=limits, name=name)


def _jats(path: Path, limits: ParserLimits, name: str) -> Document:
    from indexer.xml.jats import parse_jats

    return parse_jats(path, limits=limits, name=name)


def _tei(path: Path, limits: ParserLimits, name: str) -> Document:
    from indexer.xml.tei import parse_tei

    return parse_tei(path, limits=limits, name=name)


def _head(path: Path) -> bytes:
    """The beginning of a regular file; nothing when it cannot be read."""
    try:
        if not S_ISREG(path.stat().st_mode):
            return b""
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except (OSError, ValueError):  # ValueError: a null character in the name
        return b""


def _is_tar(head: bytes) -> bool:
    from indexer.latex.archive import is_tar

    return len(head) >= 512 and is_tar(head[:512])


def _as_bytes(head: bytes) -> bytes:
    """Text in UTF-16 as UTF-8, anything else as it is; without a byte order mark."""
    for mark, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head[2:].decode(codec, "replace").encode()
    return head.removeprefix(b"\xef\xbb\xbf")


def _markup(path: Path, name: str, text: bytes) -> Format | None:
    if not text.lstrip().startswith(b"<"):
        return None
    root = _ROOT.search(_PROLOGUE.sub(b"", text))
    element = root[1] if root is not None else b""
    if element in _TEI_ROOTS:
        return "tei"
    if element in _JATS_ROOTS:
        return "jats"
    if element.lower() == b"html":
        raise _unknown(path, name, "a web page", "Download the paper itself.")
    shown = element.decode("ascii", "replace")
    raise _unknown(path, name, f"XML with the root <{shown}>" if shown else "", "Give JATS or TEI.")


def _unknown(path: Path, name: str, found: str, hint: str) -> UnreadableFile:
    shown = display_name(name or path.name)
    fact = f"{found}, which cannot be read" if found else "no format that can be read"
    return UnreadableFile(f"{shown}: {fact}", reason="not_pdf", hint=f"Give {READABLE}. {hint}")
