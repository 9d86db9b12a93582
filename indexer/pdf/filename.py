"""File names in messages."""

from __future__ import annotations

from pathlib import Path


def display_name(path: Path, name: str = "") -> str:
    """The file's name, or the ``name`` that the user knows it by, on one line without unprintable characters."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode()
        for char in name or path.name
    )
