"""What LaTeX itself numbers, where it is installed, is what the reader numbers."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from indexer.latex.parser import parse_latex
from tests.indexer.latex.projects import LIMITS

LATEX = shutil.which("pdflatex")
BODY = r"""
%(outer)s{Introduction}\label{s1}
\begin{equation}\label{e1} a=b \end{equation}
\begin{align} x&=y\label{e2}\\ z&=w\nonumber\\ u&=v\label{e3}\end{align}
%(inner)s{One}\label{s2} \begin{gather} a\label{e4}\\ b\label{e5}\end{gather}
%(inner)s{Two}\label{s3} %(deep)s{Deep}\label{s4} \paragraph{Para}\label{s5} text
\begin{figure} x \caption{Fig}\label{f1}\end{figure}\begin{table}\caption{Tab}\label{t1} y \end{table}
\begin{subequations}\label{e6}\begin{align} a&=1\label{e7}\\ b&=2\label{e8}\end{align}\end{subequations}
%(outer)s*{Starred} %(outer)s{Second}\label{s6}
\begin{eqnarray} a&=&b\label{e9}\\ c&=&d\label{e10}\end{eqnarray}
\begin{equation}\begin{split} a&=b\\&=c\end{split}\label{e11}\end{equation}
\begin{enumerate}\item one\label{i1}\item two\begin{enumerate}\item in\label{i2}\end{enumerate}\end{enumerate}
\newtheorem{claim*x}{Claim}\begin{claim*x}\label{h1} A \end{claim*x} text\footnote{foot\label{n1}}
\appendix %(outer)s{App}\label{s7} \begin{equation}\label{e12} a=b \end{equation}
\begin{figure}\caption{Fig}\label{f2}\end{figure} %(inner)s{Sub}\label{s8}
"""
ARTICLE = {"outer": "\\section", "inner": "\\subsection", "deep": "\\subsubsection"}
BOOK = {"outer": "\\chapter", "inner": "\\section", "deep": "\\subsection"}
CASES = {
    "article": ("\\documentclass{article}", ARTICLE),
    "report": ("\\documentclass{report}", BOOK),
    "amsart": ("\\documentclass{amsart}", ARTICLE),
    "own numbers": (
        (
            "\\documentclass{article}\\renewcommand{\\thesection}{\\Roman{section}}\\renewcommand{\\thefigure}{S\\arabic{figure}}"
            "\\numberwithin{equation}{section}\\setcounter{section}{3}\\setcounter{secnumdepth}{2}"
        ),
        ARTICLE,
    ),
}


@pytest.mark.skipif(LATEX is None, reason="LaTeX is not installed")
@pytest.mark.parametrize("case", CASES)
def test_references_print_the_numbers_that_latex_writes(tmp_path: Path, case: str) -> None:
    preamble, levels = CASES[case]
    first, _, rest = preamble.partition("}")
    labels = re.findall(r"\\label\{(\w+)\}", BODY)
    shown = " ".join(f"{label}=\\ref{{{label}}};" for label in labels)
    source = (
        f"{first}}}\\usepackage{{amsmath}}{rest}\\begin{{document}}{BODY % levels}\n\nRefs: {shown}\\end{{document}}"
    )
    path = tmp_path / "main.tex"
    path.write_text(source)
    command = [str(LATEX), "-interaction=batchmode", "-no-shell-escape", "main"]
    subprocess.run(command, cwd=tmp_path, stdout=subprocess.DEVNULL, check=False, timeout=120)
    written = dict(re.findall(r"\\newlabel\{(\w+)\}\{\{([^{}]*)\}", (tmp_path / "main.aux").read_text()))
    if not written:
        pytest.skip("this LaTeX lacks a package")
    text = parse_latex(path, limits=LIMITS).text
    assert dict(re.findall(r"(\w+)=([^;]*);", text[text.index("Refs:") :])) == {key: written[key] for key in labels}
