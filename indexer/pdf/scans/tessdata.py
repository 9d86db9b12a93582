"""Where Tesseract's language data lie. Recognition itself is part of the PDF library: the data are all it needs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from indexer.config import OcrConfig

INSTALL_HINT = "Install Tesseract: apt install tesseract-ocr (Debian, Ubuntu), brew install tesseract (macOS)"
LANGUAGES = re.compile(r"[A-Za-z][A-Za-z_]{1,31}(?:\+[A-Za-z][A-Za-z_]{1,31}){0,9}")
"""Names as Tesseract's, joined by ``+``: nothing in them can lead out of the folder."""
_FOLDERS = (
    "/usr/share/tesseract-ocr/*/tessdata",
    "/usr/share/tesseract-ocr/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
    "/opt/local/share/tessdata",
)
_NO_LANGUAGES = frozenset({"osd", "equ"})
_ASK_S = 10.0


def find_ocr(languages: str, *, environment: Mapping[str, str] | None = None) -> OcrConfig | None:
    """What recognising takes on this machine, with those of the languages that are installed; None without any.

    Args:
        languages: Names joined by ``+``, such as ``eng+deu``.
        environment: Searched for ``TESSDATA_PREFIX``; the process environment by default.
    """
    folder = find_tessdata(environment=environment)
    if folder is None:
        return None
    there = installed_languages(folder)
    usable = [name for name in languages.split("+") if name in there]
    return OcrConfig(tessdata=str(folder), languages="+".join(usable)) if usable else None


def find_tessdata(*, environment: Mapping[str, str] | None = None) -> Path | None:
    """The folder of language data: where ``TESSDATA_PREFIX`` says, else where packages put it; None without one."""
    known = os.environ if environment is None else environment
    prefix = known.get("TESSDATA_PREFIX", "")
    if prefix:
        named = (Path(prefix), Path(prefix) / "tessdata")
        return next((folder for folder in named if installed_languages(folder)), None)
    return next((folder for folder in _candidates() if installed_languages(folder)), None)


def installed_languages(folder: Path) -> frozenset[str]:
    """The languages in a folder; empty when there is no such folder."""
    try:
        names = {path.stem for path in folder.glob("*.traineddata")}
    except OSError:
        return frozenset()
    return frozenset(name for name in names if LANGUAGES.fullmatch(name)) - _NO_LANGUAGES


def _candidates() -> Iterator[Path]:
    for pattern in _FOLDERS:
        # The newest version first.
        yield from sorted(Path("/").glob(pattern.removeprefix("/")), reverse=True)
    told = _told_by_tesseract()
    if told is not None:
        yield told


def _told_by_tesseract() -> Path | None:
    """The folder that an unusual installation names itself."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    try:
        answer = subprocess.run(
            [program, "--list-langs"], capture_output=True, text=True, timeout=_ASK_S, check=False, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r'languages in "([^"\n]{1,1000})"', answer.stdout)
    return Path(match[1]) if match else None
