"""A PDF as the form that GROBID's service takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from indexer.config import ParserLimits

_COORDINATES = (
    "title", "persName", "affiliation", "head", "p", "s", "ref", "biblStruct", "figure", "formula", "note",
)  # fmt: skip
_HEAD_BYTES = 1_024
_CHUNK = 256 * 2**10


def is_pdf(path: Path, limits: ParserLimits) -> bool:
    """Whether a file goes to the server; the reader says what is wrong with any other."""
    try:
        if not path.is_file() or path.stat().st_size > limits.max_file_bytes:
            return False
        with path.open("rb") as file:
            return b"%PDF-" in file.read(_HEAD_BYTES)
    except (OSError, ValueError):
        return False


def form_around(boundary: str, *, consolidate: bool) -> tuple[bytes, bytes]:
    """What stands before and behind the file in a form; the user's name for it stays here."""
    fields = [
        ("consolidateHeader", "1" if consolidate else "0"),
        ("consolidateCitations", "1" if consolidate else "0"),
        ("includeRawCitations", "1"),
        ("includeRawAffiliations", "1"),
        ("segmentSentences", "1"),
        *(("teiCoordinates", name) for name in _COORDINATES),
    ]
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="input"; filename="paper.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    )
    return "".join(parts).encode("ascii"), f"\r\n--{boundary}--\r\n".encode("ascii")


def upload(path: Path, head: bytes, tail: bytes) -> Iterator[bytes]:
    """The form piece by piece, without ever holding the file whole."""
    yield head
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            yield piece
    yield tail
