"""Bytes to text and back without loss, whatever they are."""

from __future__ import annotations

import re
from array import array

from core.records import Notice
from indexer.manuscripts.records import MARK, Encoding

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_FALL_BACK = ("cp1252", "latin-1")
"""The second knows all bytes."""
_LINE_END = re.compile(r"\r\n|\r|\n")
_UNPRINTED = re.compile(f"[\0-\b\x0e-\x1f\x7f{MARK}]")


def decoded(data: bytes) -> tuple[str, Encoding, tuple[Notice, ...]]:
    """The text of a file, how it was spelt, and a notice when that had to be guessed.

    UTF-8 and, by its mark, UTF-16; anything else is read as the Latin script of Windows.
    """
    for bom, codec in _BOMS:
        if data.startswith(bom):
            try:
                return data[len(bom) :].decode(codec), Encoding(codec=codec, bom=bom), ()
            except UnicodeDecodeError:
                break
    else:
        try:
            return data.decode("utf-8"), Encoding(), ()
        except UnicodeDecodeError:
            pass
    return _guessed(data)


def encoded(text: str, encoding: Encoding) -> bytes:
    """Text in the spelling of its file; characters that this does not have become question marks."""
    return text.encode(encoding.codec, "replace")


def even(text: str) -> str:
    """The text with each line end ended by a line feed and unprinted characters as spaces; positions stay."""
    if "\r" in text:
        text = text.replace("\r\n", " \n").replace("\r", "\n")
    return _UNPRINTED.sub(" ", text)


def line_starts(text: str) -> array[int]:
    """Where the lines of a text begin, ended by line feeds, carriage returns or both."""
    return array("q", (0, *(match.end() for match in _LINE_END.finditer(text))))


def _guessed(data: bytes) -> tuple[str, Encoding, tuple[Notice, ...]]:
    for codec in _FALL_BACK:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        notice = Notice(
            code="encoding", message="The draft is not UTF-8: it is read as Latin script. Save it as UTF-8 to be sure"
        )
        return text, Encoding(codec=codec), (notice,)
    raise AssertionError  # pragma: no cover - latin-1 knows all bytes
