"""Typeset the sample papers: ``python -m app.samples.build``.

The result depends on the sources and on the version of Typst alone: only the fonts inside the wheel are used, and the
date in the metadata is fixed, so two builds give the same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
SOURCES = HERE / "sources"
PAPERS = HERE / "papers"
NAMES = ("tokens", "bm25", "dense", "hallucinated", "parsing", "recommendation", "answers", "audit")
"""The sources that are papers, in the order in which they are best read; ``common.typ`` is imported by all."""


def typeset(name: str) -> bytes:
    """Typeset one paper.

    Args:
        name: One of ``NAMES``.

    Returns:
        The bytes of the PDF.

    Raises:
        typst.TypstError: The source is faulty; the diagnostic names file and line.
    """
    import typst

    pdf = typst.compile(SOURCES / f"{name}.typ", root=SOURCES, ignore_system_fonts=True)
    if not isinstance(pdf, bytes):
        raise TypeError(f"{name}.typ: Typst returned {type(pdf).__name__} where one PDF was expected")
    return pdf


def build(folder: Path = PAPERS) -> list[Path]:
    """Typeset all papers into a folder, which is created when missing; files of the same name are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in NAMES:
        path = folder / f"{name}.pdf"
        path.write_bytes(typeset(name))
        paths.append(path)
    return paths


def main() -> int:
    """Build into the package and name each file with its size."""
    for path in build():
        sys.stdout.write(f"{path.relative_to(HERE)}  {path.stat().st_size:,} bytes\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
