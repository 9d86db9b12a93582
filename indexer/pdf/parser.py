"""A PDF file to a Document, in this process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import UnreadablePdf
from core.identifiers import find_doi
from core.records import Document, Notice
from core.text import clean, display_name
from indexer.config import ParserLimits
from indexer.pdf.assemble import Metadata, assemble
from indexer.pdf.extract import read_pages
from indexer.pdf.geometry import Page
from indexer.pdf.opening import is_memory_failure, open_pdf
from indexer.pdf.scans.recognised import RecognisedPage, set_back, with_recognised
from indexer.pdf.scans.unread import MIN_CHARS, scan_notices

_TOLD_CHARS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPdf:
    """What a file holds, before it is understood."""

    name: str
    pages: tuple[Page, ...]
    repaired: bool
    declared_title: str
    declared_doi: str = ""

    @property
    def unread(self) -> tuple[int, ...]:
        """Numbers of the pages that have to be recognised."""
        return tuple(page.number for page in self.pages if page.unread)


def parse_pdf(path: Path, *, limits: ParserLimits, name: str = "") -> Document:
    """Parse one file. The same file always gives the same document.

    ``name`` is what the user calls the file: for messages, and as the title of last resort.
    Memory and time are not limited here: parse files of unknown origin with ``indexer.pdf.isolated``.

    Raises:
        UnreadablePdf: The file is missing, unreadable, empty, no PDF, damaged, encrypted or beyond a limit.
    """
    return make_document(read_pdf(path, limits=limits, name=name))


def read_pdf(path: Path, *, limits: ParserLimits, name: str = "") -> ReadPdf:
    """Read the pages of a file; arguments and errors as ``parse_pdf``."""
    document = open_pdf(path, limits=limits, name=name)
    try:
        return ReadPdf(
            name=display_name(name or path.name),
            pages=tuple(read_pages(document)),
            repaired=bool(document.is_repaired),
            declared_title=_declared_title(document),
            declared_doi=_declared_doi(document),
        )
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


def make_document(read: ReadPdf, *, recognised: Sequence[RecognisedPage] = (), tried: bool = False) -> Document:
    """Understand what was read.

    Args:
        recognised: Pages whose text was recognised.
        tried: Whether recognition was at work, even without a result.

    Raises:
        UnreadablePdf: The file is so damaged that neither text nor pictures are left.
    """
    pages = with_recognised(read.pages, recognised)
    notices: list[Notice] = []
    if read.repaired:
        notices.append(Notice(code="repaired", message="The file is damaged and was repaired: text may be missing."))
    notices.extend(scan_notices(pages, recognised=[page.number for page in recognised], tried=tried))
    file_title = clean(Path(read.name).stem) or "Untitled"
    if sum(len(line.text) for page in pages for line in page.lines) < MIN_CHARS:
        if not any(page.unread for page in pages):
            notices.append(_nothing_there(read))
        return Document(title=file_title, page_count=len(pages), notices=tuple(notices))
    metadata = Metadata(title=read.declared_title, doi=read.declared_doi)
    document = assemble(pages, metadata=metadata, file_title=file_title, notices=tuple(notices))
    return set_back(document, recognised)


def _nothing_there(read: ReadPdf) -> Notice:
    if read.repaired:
        raise UnreadablePdf(
            f"{read.name}: damaged, no text is left of it",
            reason="damaged",
            hint="Download or copy the file again.",
        )
    return Notice(code="empty", message="The pages are empty: they hold neither text nor pictures of it.")


def _declared_title(document: Any) -> str:
    metadata = document.metadata or {}
    return clean(metadata.get("title") or "")


def _declared_doi(document: Any) -> str:
    """The DOI in the file's properties or in its XMP packet, where publishers put it."""
    metadata = document.metadata or {}
    told = (str(metadata.get(key) or "") for key in ("subject", "keywords", "title"))
    found = next((doi for text in told if (doi := find_doi(text[:_TOLD_CHARS]))), "")
    return found or find_doi((document.get_xml_metadata() or "")[:_TOLD_CHARS])
