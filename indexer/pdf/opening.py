"""Opening a file as a PDF, or saying why that cannot be done."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pymupdf

from core.errors import UnreadablePdf
from core.text import display_name
from indexer.config import ParserLimits

_HEAD_BYTES = 1024
"""A PDF may have some bytes before its first line; readers look this far."""


def open_pdf(path: Path, *, limits: ParserLimits, name: str = "") -> Any:
    """Open a PDF for reading; messages call it ``name``, or by its own name.

    Returns:
        A ``pymupdf.Document`` that needs no password and has at least one and at most ``limits.max_pages`` pages.

    Raises:
        UnreadablePdf: With reason missing, permission, empty, too_large, not_pdf, damaged, encrypted or too_many_pages.
    """
    silence()
    check_file(path, limits=limits, name=name)
    name = display_name(name or path.name)
    try:
        document = _open(path)
    except Exception as error:  # the library raises several kinds, some of them plain RuntimeError
        if is_memory_failure(error):
            raise MemoryError from error
        raise _damaged(name) from error
    try:
        _check_document(document, name=name, limits=limits)
    except BaseException:
        document.close()
        raise
    return document


def _open(path: Path) -> Any:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        # The library takes names that are text only; a name of other bytes is rare enough to read the file whole.
        return pymupdf.open(stream=path.read_bytes(), filetype="pdf")
    return pymupdf.open(path, filetype="pdf")


def silence() -> None:
    """Keep the library's own messages off the standard streams: results and our messages alone belong there."""
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)


def is_memory_failure(error: BaseException) -> bool:
    """True when the library reports that it could not allocate memory; it does so by several kinds of error."""
    if isinstance(error, MemoryError):
        return True
    text = str(error).lower()
    return "alloc" in text or "out of memory" in text


def check_file(path: Path, *, limits: ParserLimits, name: str = "") -> None:
    """Refuse what is not a readable regular file that begins like a PDF, reading at most its first kilobyte.

    Raises:
        UnreadablePdf: With reason missing, permission, empty, too_large or not_pdf.
    """
    name = display_name(name or path.name)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnreadablePdf(f"{name}: not a regular file", reason="not_pdf", hint="Name a PDF file.")
        if status.st_size == 0:
            raise UnreadablePdf(f"{name}: the file is empty", reason="empty", hint="Download or copy the file again.")
        if status.st_size > limits.max_file_bytes:
            raise UnreadablePdf(
                f"{name}: {status.st_size / 2**20:,.0f} MiB is more than the limit of "
                f"{limits.max_file_bytes / 2**20:,.0f} MiB",
                reason="too_large",
                hint="Reduce its pictures (gs -sDEVICE=pdfwrite -dPDFSETTINGS=/ebook -o OUT IN) or raise the limit.",
            )
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except PermissionError as error:
        raise UnreadablePdf(
            f"{name}: no permission to read", reason="permission", hint="Give yourself read access: chmod u+r FILE"
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise UnreadablePdf(
            f"{name}: no such file, or it cannot be reached", reason="missing", hint="Check the path."
        ) from error
    if b"%PDF-" not in head:
        raise UnreadablePdf(
            f"{name}: not a PDF (it does not begin with %PDF-)",
            reason="not_pdf",
            hint="Give a PDF. A web page saved under the name of a PDF is a common cause: download the paper again.",
        )


def _check_document(document: Any, *, name: str, limits: ParserLimits) -> None:
    if document.needs_pass and not document.authenticate(""):
        raise UnreadablePdf(
            f"{name}: encrypted, a password is needed",
            reason="encrypted",
            hint="Remove the password: qpdf --decrypt --password=PASSWORD IN OUT",
        )
    try:
        pages = document.page_count
    except Exception as error:
        raise _damaged(name) from error
    if pages < 1:
        raise _damaged(name)
    if pages > limits.max_pages:
        raise UnreadablePdf(
            f"{name}: {pages:,} pages are more than the limit of {limits.max_pages:,}",
            reason="too_many_pages",
            hint="Split it (qpdf --split-pages=500 IN OUT) or raise the limit.",
        )


def _damaged(name: str) -> UnreadablePdf:
    return UnreadablePdf(
        f"{name}: damaged, no page can be read",
        reason="damaged",
        hint="Download or copy the file again; qpdf IN OUT may repair it.",
    )
