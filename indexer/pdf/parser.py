"""A PDF file to a Document, in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import UnreadablePdf
from core.records import Document, Notice
from core.text import clean, display_name
from indexer.config import ParserLimits
from indexer.pdf.assemble import Metadata, assemble
from indexer.pdf.extract import read_pages
from indexer.pdf.opening import is_memory_failure, open_pdf

_MIN_CHARS = 40
"""A file with less text than this has no text layer worth the name."""


def parse_pdf(path: Path, *, limits: ParserLimits, name: str = "") -> Document:
    """Parse one file. The same file always gives the same document.

    ``name`` is what the user calls the file: for messages, and as the title of last resort.
    Memory and time are not limited here: parse files of unknown origin with ``indexer.pdf.isolated``.

    Raises:
        UnreadablePdf: The file is missing, unreadable, empty, no PDF, damaged, encrypted or beyond a limit.
    """
    document = open_pdf(path, limits=limits, name=name)
    try:
        pages = tuple(read_pages(document))
        repaired = bool(document.is_repaired)
        declared = _declared_title(document)
    except Exception as error:  # the library raises several kinds on damaged files
        if is_memory_failure(error):
            raise MemoryError from error
        raise UnreadablePdf(
            f"{display_name(name or path.name)}: damaged, its pages cannot be read",
            reason="damaged",
            hint="Download or copy the file again; qpdf IN OUT may repair it.",
        ) from error
    finally:
        document.close()
    notices: list[Notice] = []
    if repaired:
        notices.append(Notice(code="repaired", message="The file is damaged and was repaired: text may be missing."))
    file_title = clean(Path(display_name(name or path.name)).stem) or "Untitled"
    if sum(len(line.text) for page in pages for line in page.lines) < _MIN_CHARS:
        notices.append(
            Notice(
                code="no_text",
                message="The pages hold no text, only pictures: run OCR (ocrmypdf IN OUT) and add the result.",
            )
        )
        return Document(title=file_title, page_count=len(pages), notices=tuple(notices))
    return assemble(pages, metadata=Metadata(title=declared), file_title=file_title, notices=tuple(notices))


def _declared_title(document: Any) -> str:
    metadata = document.metadata or {}
    return clean(metadata.get("title") or "")
