"""What the app's process and the parsing child say to each other.

Each request is one line of JSON on the child's standard input. Each answer is one line of JSON, the ``Reply``, and
after it exactly ``size`` bytes: a Document as JSON, or a PNG. Nothing of an answer is executed or unpickled.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote, unquote_to_bytes

from core.records import Box

READY = b"galacite-child 1\n"
"""What a child says first, when it has come up."""
MAX_REPLY_LINE = 64 * 2**10
MAX_BODY_BYTES = 128 * 2**20
Status = Literal["ok", "unreadable", "input", "memory"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A file to parse, or one of its pages to draw; ``path`` is packed, since file names need not be text."""

    task: Literal["parse", "render"]
    path: str
    name: str = ""
    page: int = 1
    width_px: int = 1_000
    highlights: tuple[Box, ...] = ()
    color: tuple[int, int, int] = (255, 224, 102)


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
