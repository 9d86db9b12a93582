"""File names in messages."""

from __future__ import annotations

from pathlib import Path


def display_name(path: Path) -> str:
    """The file's name on one line, with unprintable characters escaped: safe for messages."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in path.name
    )
