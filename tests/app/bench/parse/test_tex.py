"""What LaTeX prints, from its source."""

from __future__ import annotations

import time

import pytest

from app.bench.parse.bbl import printed_entries
from app.bench.parse.tex import definitions, plain


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"{\'E}. L{\'{e}}vy~V{\'{e}}hel and \v{S}. \o rsted", "É. Lévy Véhel and Š. ørsted"),
        (r"B{\"{u}}hlmann, pp.~1--2, a---b", "Bühlmann, pp. 1–2, a—b"),
        (r"{\em Annals {\bf 3}}(2)", "Annals 3(2)"),
        (r"A \& B, 100\%", "A & B, 100%"),
        (r"230\penalty0 (1-2):\penalty0 99", "230(1-2):99"),
        (r"one.\hskip 1em plus 0.5em minus 0.4em\relax Two", "one. Two"),
        (r"\unknown{kept} \bibinfo{title}{Shown} \href{http://x.org}{here}", "kept Shown here"),
        ("a % comment\n   b", "a b"),
        (r"$\alpha$-stable", "α-stable"),
        (r"\textsc{Knuth}, D.~E.", "Knuth, D. E."),
    ],
)
def test_text_as_printed(tex: str, text: str) -> None:
    assert plain(tex) == text


def test_macros_of_the_file_are_expanded() -> None:
    macros = definitions(r"\providecommand{\doi}[1]{https://doi.org/#1} \def\both#1#2{#2, #1} \newcommand\x[2][o]{#2}")
    assert plain(r"\doi{10.1/a} \both{b}{a} \x[p]{q}", macros) == "https://doi.org/10.1/a a, b q"


def test_odd_sources_end() -> None:
    started = time.process_time()
    plain(r"\x{1}", definitions(r"\def\x#1{\x{#1}\x{#1}}"))
    plain("{" * 50_000 + r"\'" * 50_000)
    definitions(r"\def\x{" * 500)
    assert time.process_time() - started < 5


ITEMS = r"""
\begin{thebibliography}{9}
\providecommand{\natexlab}[1]{#1}
\providecommand{\url}[1]{\texttt{#1}}
\bibitem[{Knuth(1984)}]{knuth}
D.~E. Knuth. % a comment
\newblock {Literate \emph{programming}}.
\newblock \url{https://a.org/b_c}, 1984{\natexlab{a}}.

\bibitem{short} Short.
\end{thebibliography}
\bibitem{after} Not printed.
"""


def test_entries_of_a_list() -> None:
    assert printed_entries(ITEMS) == {
        "knuth": "D. E. Knuth. Literate programming. https://a.org/b_c, 1984a.",
        "short": "Short.",
    }


def test_entries_of_harvard_styles_and_acm() -> None:
    harvard = r"\harvarditem[Ab et~al.]{Ab, Cd \harvardand\ Ef}{2016}{k1} Ab \harvardyearleft 2016\harvardyearright."
    assert printed_entries(harvard) == {"k1": "Ab (2016)."}
    acm = (
        r"\bibitem[A(1999)]%"
        "\n"
        r"  {k2} A. \urldef\tempurl%"
        "\n"
        r"\url{https://doi.org/10.1/x%20y} \showDOI{\tempurl}"
    )
    assert printed_entries(acm) == {"k2": "A. https://doi.org/10.1/x%20y"}


def test_data_of_biblatex_are_no_entries() -> None:
    assert printed_entries(r"\entry{k}{article}{}{} \field{title}{A} \endentry") == {}
