from __future__ import annotations

import pytest

from tests.indexer.manuscripts.reading import check, keys, marked, sentences, tex

PAPER = r"""\documentclass{article}
\usepackage{natbib}
\title{Counting \emph{Birds}\thanks{Funded.}}
\newcommand{\known}{It is known \cite{inmacro}.}
% \cite{incomment}
\begin{document}
\begin{abstract}We count birds.\end{abstract}
\section{Prior work}\label{sec:prior}
Birds sing~\citep*[see][p.~3]{ada, bo}. \citet{cy} count ``them'' in $x^2$ woods---often.
As said in Section~\ref{sec:prior}, owls do not.\footnote{Owls hoot \parencite{di}. Softly.}

\begin{equation} n = \sum_i \cite{inmaths} \end{equation}
\begin{verbatim}
\cite{inverbatim} {
\end{verbatim}
\subsection{Woods}
\begin{table}\caption{Birds \cite{ed}.}\begin{tabular}{ll}Owl & \cite{fi} \\ Jay & none \\\end{tabular}\end{table}
\nocite{*} Na\"{\i}ve caf\'es \verb|\cite{inverb}| end\cite{gi}.
\input{other}
\bibliography{refs, more.bib}
\begin{thebibliography}{9}
\bibitem[Ada(2020)]{ada} A. Ada. \emph{Birds of the North}. 2020.
\bibitem{bo} B. Bo. Owls.
\end{thebibliography}
\end{document}
\cite{behind}
"""


def test_a_paper_gives_its_title_headings_and_files() -> None:
    paper = tex(PAPER)
    check(paper)
    assert paper.title == "Counting Birds"
    assert [(heading.text, heading.level) for heading in paper.headings] == [("Prior work", 1), ("Woods", 2)]
    assert paper.bibliographies == ("refs.bib", "more.bib")
    assert paper.inputs == ("other",)
    assert [entry.key for entry in paper.listed] == ["ada", "bo"]
    assert "Birds of the North" in paper.listed[0].raw


def test_only_what_is_printed_cites() -> None:
    assert keys(tex(PAPER)) == [("ada", "bo"), ("cy",), ("di",), ("ed",), ("fi",), ("gi",)]


def test_sentences_are_plain_and_of_their_kind() -> None:
    paper = tex(PAPER)
    assert sentences(paper) == [
        "Birds sing .", "count “them” in woods—often.", "As said in Section , owls do not.", "Naïve cafés end .",
    ]  # fmt: skip
    assert sentences(paper, "abstract") == ["We count birds."]
    assert sentences(paper, "footnote") == ["Owls hoot .", "Softly."]
    assert sentences(paper, "caption") == ["Birds ."]
    assert sentences(paper, "table") == ["Owl", "Jay none"]
    spans = [paper.text[each.start : each.end] for each in paper.sentences if each.kind == "body"]
    assert spans[0] == "Birds sing~\\citep*[see][p.~3]{ada, bo}."
    assert spans[1] == "\\citet{cy} count ``them'' in $x^2$ woods---often."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"A \cite{a}.", [("a",)]),
        (r"A \cite{a,b , c}.", [("a", "b", "c")]),
        ("A \\cite{a,% no, this\n b}.", [("a", "b")]),
        (r"A \citep[e.g.,][]{a}, \Citet*{b} and \autocite[see][4]{c}.", [("a",), ("b",), ("c",)]),
        (r"A \parencites(see)(end)[1]{a}[2]{b} and \textcite{c}.", [("a", "b"), ("c",)]),
        (r"A \citeauthor{a} did.", [("a",)]),
        (r"A \cite {a}.", [("a",)]),
        (r"A \mycite{a}.", [("a",)]),
        (r"\citestyle{acm} \nocite{a} A.", []),
        (r"A \cite{a}\cite{b}, \cite{c}.", [("a", "b", "c")]),
        (r"A \cite{a} and \cite{b}.", [("a",), ("b",)]),
    ],
)
def test_citing_commands(text: str, found: list[tuple[str, ...]]) -> None:
    draft = tex(text)
    check(draft)
    assert keys(draft) == found
    assert {mark.kind for mark in draft.marks} <= {"citation"}


@pytest.mark.parametrize(
    "text",
    [
        r"\cite{}", r"\cite{?}", r"\citep{??}", r"\cite{TODO}", r"\todo{cite}", r"\todo[inline]{add a reference here}",
        "[?]", "[citation needed]", "[CITATION]", "[cite]", "[ref]", "[@?]", "[START_REF]", r"\cite",
        "(citation needed)",
    ],
)  # fmt: skip
def test_placeholders(text: str) -> None:
    draft = tex(f"Owls hoot {text}. So they do.")
    check(draft)
    assert marked(draft) == [text]
    assert [(mark.kind, mark.keys) for mark in draft.marks] == [("placeholder", ())]
    assert [sentence.cites for sentence in draft.sentences] == [True, False]


def test_notes_to_oneself_about_other_things_are_no_places() -> None:
    draft = tex(r"Owls hoot\todo{say how loud}. They do.")
    assert draft.marks == ()
    assert sentences(draft) == ["Owls hoot.", "They do."]


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("Owls hoot. \\cite{a} Jays sing.", "Owls hoot.", "Jays sing."),
        ("Owls hoot.\\cite{a} Jays sing.", "Owls hoot.", "Jays sing."),
        ("Owls hoot. \\citet{a} say so.", "say so.", "Owls hoot."),
        ("Owls hoot. \\cite{a} show this.", "show this.", "Owls hoot."),
        ("Owls hoot \\cite{a}. Jays sing.", "Owls hoot .", "Jays sing."),
    ],
)
def test_a_mark_belongs_to_the_sentence_that_it_supports(text: str, before: str, after: str) -> None:
    draft = tex(text)
    check(draft)
    assert {sentence.text: sentence.cites for sentence in draft.sentences} == {before: True, after: False}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Before \\emph{unclosed words \\cite{a}.\n\n\\section{Next}\nAfter \\cite{b}.", "After ."),
        ("\\section{Broken\nAfter \\cite{a} and \\cite{b}.", "After and ."),
        ("\\begin{equation} x = 1\n\nAfter \\cite{a} and \\cite{b}.", "After and ."),
        ("\\begin{itemize}\\item One \\cite{a}.\\end{enumerate}} After \\cite{b}.", "After ."),
        ("\\footnote{never closed \\cite{a}.\n\nAfter \\cite{b}.", "After ."),
        ("Costs $5 \\cite{a}.\n\nAfter \\cite{b}.", "After ."),
        ("\\cite{a and so on.\n\nAfter \\cite{b}.", "After ."),
        ("\\begin{verbatim} \\cite{a}.\n\nAfter \\cite{a} and \\cite{b}.", "After and ."),
    ],
)
def test_what_does_not_compile_is_read_all_the_same(text: str, sentence: str) -> None:
    draft = tex(text)
    check(draft)
    assert keys(draft) == [("a",), ("b",)]
    assert sentences(draft)[-1] == sentence


def test_a_fragment_without_a_preamble_is_text() -> None:
    draft = tex("Text \\textbf{in \\textit{many} ways} \\textcolor{red}{here}, \\unknown[x]{said} \\LaTeX{} \\& so.")
    assert sentences(draft) == ["Text in many ways here, said LaTeX & so."]
