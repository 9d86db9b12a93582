"""The process around an adapter: ``PYTHON harness.py ADAPTER FILES…`` prints a line of JSON for each file.

The first line tells what the tool provides; a file on which it failed gets a line with ``error``.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

Record = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Serve; returns the exit status."""
    name, *files = arguments
    # Tools print as they like: their standard output must not mix with the records.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    folder = Path(__file__).resolve().parent
    sys.modules["harness"] = sys.modules[__name__]
    # Before the greeting, so that a tool that is not there is told from one that fails on a file.
    adapter = _load(folder / f"{name.replace('-', '_')}.py")
    importlib.import_module(adapter.MODULE)
    answers.write(json.dumps({"provides": list(adapter.PROVIDES)}) + "\n")
    answers.flush()
    for file, record in zip(files, _read(adapter, files), strict=True):
        answers.write(json.dumps({"file": file, **record}) + "\n")
        answers.flush()
    return 0


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"adapter_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"no adapter {path.stem}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _read(adapter: ModuleType, files: list[str]) -> Iterator[Record]:
    if hasattr(adapter, "read_all"):
        yield from adapter.read_all(files)
        return
    for file in files:
        try:
            yield adapter.read(file)
        except Exception as error:  # whatever a tool raises is its failure on this file
            yield {"error": f"{type(error).__name__}: {error}"[:300]}


def person(name: str) -> Record:
    """Family and given name of ``Family, Given`` or ``Given Family``."""
    family, comma, given = name.partition(",")
    if not comma:
        given, _, family = name.strip().rpartition(" ")
    return {"family": family.strip(" .,;"), "given": given.strip(" ,;")}


def people(names: str) -> list[Record]:
    """The persons of names as one text: ``A. One, B. Two, and C. Three`` or ``One, A., Two, B.``."""
    text = re.sub(r",?\s+(?:and|&)\s+|;\s*", ", ", re.sub(r",?\s*et al\.?", "", names))
    parts = [part.strip() for part in text.split(",") if part.strip()]
    initials = [bool(re.fullmatch(r"(?:[A-Z]\.?[\s-]*){1,4}", part)) for part in parts]
    found: list[Record] = []
    for index, part in enumerate(parts):
        if not initials[index]:
            given = parts[index + 1] if index + 1 < len(parts) and initials[index + 1] else ""
            found.append({"family": part, "given": given} if given else person(part))
    return found


_REFERENCES = re.compile(r"[\W\d_]*(references|bibliography|literature cited|works cited|literature)[\W_]*", re.I)
_ITEM = re.compile(r"(?:[-*+]\s+|\d{1,3}[.)]\s+|\\?\[\w{1,12}\\?\]\s*)+")
_LABELLED = re.compile(r"(?:[-*+]\s+)?\\?\[\d{1,4}\\?\]")
_MARKUP = re.compile(r"(?<!\\)(?:\*\*|__|[*_`]|<[^<>]{1,80}>)")


def markdown_record(markdown: str) -> Record:
    """A paper in Markdown: of its reference list, each paragraph or item is an entry.

    Behind the heading of the list, items with a label are entries even when another heading has come between.
    """
    blocks = [block.strip() for block in re.split(r"\n\s*\n|\n(?=#{1,6} |[-*+] |\d{1,3}\. |- \[)", markdown)]
    headings: list[Record] = []
    references: list[Record] = []
    title = abstract = ""
    part = "front"
    listed = False
    for block in filter(None, blocks):
        text = _plain(block.lstrip("# "))
        if block.startswith("#") or (len(text) < 30 and _REFERENCES.fullmatch(text)):
            title = title or text
            part = "references" if _REFERENCES.fullmatch(text) else "abstract" if text.lower() == "abstract" else "body"
            listed = listed or part == "references"
            headings.append({"heading": text})
        elif part == "references" or (listed and _LABELLED.match(block)):
            references.append({"index": len(references), "raw": _ITEM.sub("", text, count=1)})
        elif text.lower() == "abstract":
            part = "abstract"
        elif part == "abstract":
            abstract = f"{abstract} {text}".strip()
        elif not title:
            title = text
    headings = [each for each in headings if each["heading"] != title and not _REFERENCES.fullmatch(each["heading"])]
    return {"title": title, "abstract": abstract, "sections": headings, "references": references}


def _plain(block: str) -> str:
    return " ".join(_MARKUP.sub("", re.sub(r"\[([^\[\]]*)\]\([^()\s]*\)", r"\1", block)).replace("\\", "").split())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
