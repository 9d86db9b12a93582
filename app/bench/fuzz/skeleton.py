"""A PDF taken apart into its objects and put together again: what the mutations of structure work on."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import pymupdf

_LENGTH = re.compile(rb"/Length\s+\d+(?:\s+\d+\s+R)?")
_MAX_UNPACKED = 16 * 2**20


@dataclass(slots=True)
class Part:
    """An object: its text, and the bytes of its stream as they stand in the file."""

    text: bytes
    stream: bytes | None = None

    @property
    def is_page(self) -> bool:
        """Whether it is a page."""
        return re.search(rb"/Type\s*/Page\b(?!s)", self.text) is not None

    def unpacked(self) -> bytes | None:
        """The stream without its compression; None when there is none, or another one than Flate."""
        if self.stream is None or b"/DecodeParms" in self.text:
            return None
        if b"/Filter" not in self.text:
            return self.stream
        if re.search(rb"/Filter\s*\[?\s*/FlateDecode\s*\]?", self.text) is None:
            return None
        try:
            return zlib.decompressobj().decompress(self.stream, _MAX_UNPACKED)
        except zlib.error:
            return None

    def pack(self, data: bytes) -> None:
        """Set the stream, compressed when it was before."""
        self.stream = zlib.compress(data, 6) if b"/Filter" in self.text else data


@dataclass(slots=True)
class Skeleton:
    """The objects of a PDF by number, and its trailer."""

    parts: dict[int, Part]
    trailer: bytes
    version: bytes = b"1.7"
    raw_tail: bytes = field(default=b"")

    def copy(self) -> Skeleton:
        """One that can be changed without changing this."""
        return Skeleton({number: Part(part.text, part.stream) for number, part in self.parts.items()}, self.trailer)

    @property
    def pages(self) -> list[int]:
        """The numbers of the pages."""
        return [number for number, part in self.parts.items() if part.is_page]

    def add(self, part: Part) -> int:
        """Add an object; returns its number."""
        number = max(self.parts, default=0) + 1
        self.parts[number] = part
        return number

    def to_bytes(self, *, honest_lengths: bool = True, with_xref: bool = True) -> bytes:
        """A file: with lengths of streams and table of objects that are right, or not."""
        out = bytearray(b"%PDF-" + self.version + b"\n%\xe2\xe3\xcf\xd3\n")
        offsets: dict[int, int] = {}
        for number, part in sorted(self.parts.items()):
            offsets[number] = len(out)
            out += b"%d 0 obj\n" % number + _body(part, honest_lengths=honest_lengths) + b"\nendobj\n"
        start = len(out)
        size = max(self.parts, default=0) + 1
        if with_xref:
            out += b"xref\n0 %d\n0000000000 65535 f \n" % size
            for number in range(1, size):
                known = number in offsets
                out += b"%010d %05d %s \n" % (offsets.get(number, 0), 0 if known else 65535, b"n" if known else b"f")
        out += b"trailer\n" + self.trailer + b"\nstartxref\n%d\n%%%%EOF\n" % start
        return bytes(out + self.raw_tail)


def take_apart(path: Path) -> Skeleton:
    """The objects of a good PDF.

    Raises:
        ValueError: It cannot be opened.
    """
    try:
        with pymupdf.open(path, filetype="pdf") as document:
            parts = {number: _part(document, number) for number in range(1, document.xref_length())}
            trailer = document.xref_object(-1, compressed=True).encode("latin-1", "replace")
    except (RuntimeError, ValueError, OSError) as error:
        raise ValueError(f"{path.name}: cannot be taken apart") from error
    kept = {number: part for number, part in parts.items() if part.text not in (b"", b"null")}
    keys = rb"/(?:Type|W|Index|Filter|DecodeParms|Length|Prev|XRefStm|Encrypt)"
    trailer = re.sub(keys + rb"\s*(?:\[[^\]]*\]|<<[^>]*>>|/\w+|\d+ \d+ R|\d+)", b"", trailer)
    return Skeleton(kept, trailer)


def _part(document: pymupdf.Document, number: int) -> Part:
    text = document.xref_object(number, compressed=True).encode("latin-1", "replace")
    is_container = re.search(rb"/Type\s*/(?:XRef|ObjStm)\b", text) is not None
    if is_container:
        return Part(b"null")
    return Part(text, document.xref_stream_raw(number) if document.xref_is_stream(number) else None)


def _body(part: Part, *, honest_lengths: bool) -> bytes:
    if part.stream is None:
        return part.text
    text = part.text
    if honest_lengths:
        length = b"/Length %d" % len(part.stream)
        text = _LENGTH.sub(lambda _: length, text, count=1) if _LENGTH.search(text) else text[:-2] + length + b">>"
    return text + b"\nstream\n" + part.stream + b"\nendstream"
