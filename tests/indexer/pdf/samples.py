"""PDFs made on the spot: drawn with PyMuPDF, or typeset with typst."""

from __future__ import annotations

import os
from pathlib import Path

import pymupdf
import pytest

from indexer.config import ParserLimits

LIMITS = ParserLimits()


def draw_pdf(path: Path, pages: list[list[tuple[float, float, str, float]]], **options: object) -> Path:
    """Write a PDF; each page is a list of (x, baseline, text, size)."""
    document = pymupdf.open()
    for lines in pages:
        page = document.new_page()
        for x, y, text, size in lines:
            page.insert_text((x, y), text, fontsize=size, fontname="tiro")
    document.save(path, **options)
    document.close()
    return path


def plain_pdf(path: Path, *, pages: int = 1, **options: object) -> Path:
    """A small valid paper of some pages."""
    lines = [(72.0, 100.0, "A Small Paper about Nothing", 20.0)]
    lines += [
        (72.0, 150.0 + 14 * row, f"Row {row} of the text says something about parsing papers.", 11.0)
        for row in range(20)
    ]
    return draw_pdf(path, [lines] * pages, **options)


def typeset(source: str) -> bytes:
    """Compile a typst source; skips the test where typst is not installed."""
    typst = pytest.importorskip("typst")
    data = typst.compile(source.encode(), format="pdf")
    assert isinstance(data, bytes)
    return data


def jose_folder() -> Path:
    """The JOSE papers of the benchmark corpora, or a skip."""
    folder = Path(os.environ.get("GALACITE_DATA", "")) / "pdf" / "jose"
    if not os.environ.get("GALACITE_DATA") or not folder.is_dir():
        pytest.skip("needs the JOSE papers (GALACITE_DATA)")
    return folder


PROSE = (
    "Reading the layout of a page is a matter of geometry before it is a matter of language. Lines that share a "
    "baseline belong together unless a gutter parts them, and columns are read one after the other. "
)

NUMERIC_TWO_COLUMNS = (
    """
#set page(width: 595pt, height: 842pt, margin: 60pt, footer: align(center)[#context counter(page).display()])
#set par(justify: true, leading: 4pt)
#set text(size: 10pt, hyphenate: true, lang: "en")
#align(center)[#text(size: 18pt, weight: "bold")[Columns and Gutters in Scholarly Documents]
#v(6pt) #text(size: 12pt)[Ada Lovelace, Charles Babbage and Mary van der Berg] #linebreak()
#text(size: 9pt)[University of Examples]]
#v(10pt)
#columns(2, gutter: 18pt)[
#text(weight: "bold")[Abstract]

ABSTRACTMARK We parse papers of two columns. """
    + PROSE * 2
    + """
#v(8pt)
#text(size: 12pt, weight: "bold")[1 Introduction]
#v(4pt)

FIRSTMARK Earlier work @FIRST reads lines [1], others columns [2, 4]. """
    + PROSE * 5
    + """ A range is cited here [1–3].
#v(8pt)
#text(size: 12pt, weight: "bold")[2 Method]
#v(4pt)

SECONDMARK """
    + PROSE * 9
    + """ The last sentence cites a number [4].
#v(8pt)
#text(size: 12pt, weight: "bold")[References]
#v(4pt)
#set par(hanging-indent: 14pt)
[1] D. E. Knuth, “Literate programming,” The Computer Journal, vol. 27, no. 2, pp. 97–111, 1984.

[2] L. Lamport and M. Shostak, “The Byzantine generals problem,” ACM Transactions on Programming
Languages and Systems, vol. 4, pp. 382–401, 1982. doi:10.1145/357172.357176

[3] R. Taylor et al., “Galactica: A large language model for science,” arXiv preprint arXiv:2211.09085, 2022.

[4] C. E. Shannon, “A mathematical theory of communication,” Bell System Technical Journal, vol. 27, pp. 379–423, 1948.
]
"""
).replace("@FIRST", "")

AUTHOR_YEAR = (
    """
#set page(width: 595pt, height: 842pt, margin: 80pt)
#set par(justify: true)
#set text(size: 11pt, lang: "en")
#align(center)[#text(size: 20pt)[Names and Years in Citations]
#v(6pt) #text(size: 12pt)[Grace Hopper]]
#v(10pt)
#text(size: 14pt, weight: "bold")[Introduction]

Programs are read (Knuth, 1984; Lamport and Shostak, 1982a). Taylor et al. (2022) disagree. """
    + PROSE * 3
    + """ Both fit (Doe, 2020).
#v(6pt)
#text(size: 14pt, weight: "bold")[References]
#set par(hanging-indent: 20pt)

Doe, J. (2020). On being the first of two. Journal of Doubles, 1(1), 1–2.

Doe, J. (2020). On being the second of two. Journal of Doubles, 1(2), 3–4.

Knuth, D. E. (1984). Literate programming. The Computer Journal, 27(2), 97–111. https://doi.org/10.1093/comjnl/27.2.97

Lamport, L., & Shostak, M. (1982a). The Byzantine generals problem. ACM Transactions on Programming
Languages and Systems, 4(3), 382–401.

Taylor, R., Kardas, M., Cucurull, G., & Scialom, T. (2022). Galactica: A large language
model for science. arXiv:2211.09085.
"""
)

SUPERSCRIPT = (
    """
#set page(width: 595pt, height: 842pt, margin: 80pt)
#set par(justify: true)
#set text(size: 11pt, lang: "en")
#set super(typographic: false)
#align(center)[#text(size: 20pt)[Raised Numbers]
#v(6pt) #text(size: 12pt)[Rosalind Franklin]]
#v(10pt)
#text(size: 14pt, weight: "bold")[Introduction]

Programs are read#super[1]. Generals agree#super[2,3] and the area is 5 m#super[2] here. """
    + PROSE * 3
    + """ All of them said so#super[1–3].
#v(6pt)
#text(size: 14pt, weight: "bold")[References]
#set par(hanging-indent: 20pt)

1. Knuth, D. E. Literate programming. The Computer Journal 27, 97–111 (1984).

2. Lamport, L. & Shostak, M. The Byzantine generals problem. ACM Trans. Program. Lang. Syst. 4, 382–401 (1982).

3. Shannon, C. E. A mathematical theory of communication. Bell Syst. Tech. J. 27, 379–423 (1948).
"""
)
