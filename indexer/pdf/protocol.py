"""What the app's process and the parsing child say to each other.

Each request is one line of JSON on the child's standard input, and after it exactly ``attached`` bytes: the recognised
pages of a file as JSON. Each answer is one line of JSON, the ``Reply``, and after it exactly ``size`` bytes: as JSON a
Document, the numbers of pages to recognise or a recognised page, or a PNG. Nothing is executed or unpickled.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote, unquote_to_bytes

from core.records import Box
from indexer.config import OcrConfig

READY = b"galacite-child 2\n"
"""What a child says first, when it has come up."""
MAX_REPLY_LINE = 64 * 2**10
MAX_BODY_BYTES = 128 * 2**20
Status = Literal["ok", "scanned", "unreadable", "input", "memory"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A file to parse, or one of its pages to draw or to recognise; ``path`` is packed: file names need not be text.

    A parse with ``ocr`` but not ``tried`` is answered by ``scanned`` when pages have to be recognised first; it is
    asked again with ``tried`` and what was recognised.
    """

    task: Literal["parse", "render", "recognise"]
    path: str
    name: str = ""
    page: int = 1
    width_px: int = 1_000
    highlights: tuple[Box, ...] = ()
    color: tuple[int, int, int] = (255, 224, 102)
    ocr: OcrConfig | None = None
    tried: bool = False
    attached: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The outcome; ``size`` bytes of body follow its line."""

    status: Status
    size: int = 0
    reason: str = ""
    message: str = ""
    hint: str = ""


def pack_path(path: Path) -> str:
    """An absolute path as ASCII, whatever bytes it holds."""
    return quote(os.fsencode(path.absolute()))


def unpack_path(packed: str) -> Path:
    """The reverse of ``pack_path``."""
    return Path(os.fsdecode(unquote_to_bytes(packed)))
