"""opendataloader-pdf: the paper as Markdown. It starts a Java machine for each call, so files go to it together."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from harness import markdown_record  # type: ignore[import-not-found]

MODULE = "opendataloader_pdf"
PROVIDES = ("segmentation", "title", "headings")


def read_all(files: list[str]) -> Iterator[dict[str, Any]]:
    """The records of files, in their order."""
    with tempfile.TemporaryDirectory() as folder:
        import_module(MODULE).convert(
            input_path=files, output_dir=folder, format="markdown", image_output="off", quiet=True
        )
        for file in files:
            path = Path(folder) / f"{Path(file).stem}.md"
            yield markdown_record(path.read_text("utf-8")) if path.is_file() else {"error": "no output"}
