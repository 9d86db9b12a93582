from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.indexer.latex.projects import body, check, read

MANY = 6_000
LIMIT_S = 15.0
"""Far above what any of these takes, far below what anything but linear time would."""

DOUBLING = "\\def\\a{x}" + "".join(f"\\def\\{chr(98 + n)}{{\\{chr(97 + n)}\\{chr(97 + n)}}}" for n in range(24)) + "\\y"
BOMBS = {
    "doubling macros": DOUBLING,
    "doubling arguments": r"\def\a#1{\b{#1#1}}\def\b#1{\a{#1#1}}\a{xx}",
    "endless recursion": r"\def\a{\a x}\a",
    "endless tail": r"\def\a{x\a}\a",
    "macros made equal in a ring": r"\let\a\b\let\b\a\a\b",
    "environments in themselves": r"\newenvironment{e}{\begin{e}}{\end{e}}\begin{e}",
    "counters in themselves": r"\def\thesection{\thesubsection}\def\thesubsection{\thesection}" + r"\section{x}" * 200,
    "a delimiter that never comes": "\\def\\a#1\\stop{#1}" + "\\a " * MANY,
    "arguments within arguments": "\\def\\a#1{{#1}}" + "\\a{" * MANY,
    **{
        f"open {name}": name * MANY
        for name in (
            "{",
            "}",
            "$",
            "$x ",
            "[",
            "\\[",
            "\\footnote{",
            "\\caption{",
            "\\section{",
            "\\author{",
            "\\cite[",
            "\\item[",
            "\\begin{itemize}",
            "\\begin{figure}",
            "\\begin{align}",
            "\\begin{verbatim}",
            "\\begin{tabular}{",
            "\\verb|",
            "\\if\\if",
            "\\ifx",
            "\\iffalse",
            "\\ifnum1<",
            "\\csname ",
            "\\expandafter",
            "\\ifthenelse{",
            "\\url{",
            "\\bibitem[",
            "\\begin{thebibliography}{9}",
            "\\begin{subequations}",
            "\\'",
            "\\def\\a#1",
            "\\foreignlanguage{",
        )
    },
    **{
        f"many {name}": name * MANY
        for name in (
            "\n\n",
            "#",
            "\\",
            "%",
            "\\cite{a}",
            "\\label{a}\\ref{a}",
            "Text. ",
            "[1]. ",
            "\ue000 1\ue002",
            "\u0301",
        )
    },
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_bombs_end_in_bounded_time(tmp_path: Path, bomb: str) -> None:
    start = time.process_time()
    document = check(body(tmp_path, f"Before. {bomb}"))
    assert time.process_time() - start < LIMIT_S
    assert len(document.text) < 2_000_000


def test_what_stands_before_a_bomb_is_kept_and_the_loss_told(tmp_path: Path) -> None:
    document = body(tmp_path, r"\section{One}Before." + "\n\n" + r"\cite[" * MANY)
    assert [section.heading for section in document.sections] == ["One"]
    assert document.passages[0].text == "Before."
    assert "too_complex" in {notice.code for notice in document.notices}


FRAGMENTS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "{",
                "}",
                "[",
                "]",
                "$",
                "$$",
                "\\[",
                "\\]",
                "\\\\",
                "&",
                "#1",
                "%",
                "\n",
                "\n\n",
                "~",
                "^",
                "_",
                "\\",
                "\\section{A}",
                "\\cite{a}",
                "\\cite[",
                "\\footnote{",
                "\\begin{itemize}",
                "\\end{itemize}",
                "\\item ",
                "\\begin{equation}",
                "\\end{equation}",
                "\\begin{figure}",
                "\\end{figure}",
                "\\caption{C}",
                "\\label{l}",
                "\\ref{l}",
                "\\def\\x",
                "\\newcommand{\\x}[1]{#1#1}",
                "\\x",
                "\\let\\x\\section",
                "\\iffalse",
                "\\ifx",
                "\\else",
                "\\fi",
                "\\verb|",
                "\\begin{tabular}{c}",
                "\\end{tabular}",
                "\\author{A \\and B}",
                "\\title{T}",
                "\\maketitle",
                "\\begin{abstract}",
                "\\end{abstract}",
                "\\bibitem{a}",
                "\\begin{thebibliography}{9}",
                "\\end{thebibliography}",
                "\\end{document}",
                "\\input{main}",
                "\\'e",
                "\\url{",
                "\\begin{x}",
                "\\end{x}",
                "\\appendix",
                "\\par",
                "\\csname",
                "\\endcsname",
                "\\expandafter",
                "\\begin{align}",
                "\\end{align}",
                "\\tag{",
                "\\newtheorem{x}{X}",
                "\\begin{keyword}",
                "\\end{keyword}",
                "\\footnotemark",
                "\\begingroup",
                "\\endgroup",
            ]
        ),
        st.text(max_size=8),
    ),
    max_size=40,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=FRAGMENTS)
def test_any_mixture_of_fragments_gives_a_sound_document(tmp_path: Path, parts: list[str]) -> None:
    text = "".join(parts).encode("utf-8", "replace").decode()
    check(body(tmp_path, text))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=FRAGMENTS, data=st.lists(st.sampled_from(["@", "{", "}", '"', "#", ",", "=", "a", "@article{a,", "title"]))
)
def test_any_bibliography_gives_a_sound_document(tmp_path: Path, parts: list[str], data: list[str]) -> None:
    bbl = "".join(parts).encode("utf-8", "replace").decode()
    source = r"\documentclass{article}\begin{document}A \cite{a}.\bibliography{refs}\end{document}"
    check(read(tmp_path, source, main_bbl=bbl, refs_bib="".join(data)))
