from __future__ import annotations

from pathlib import Path

import pytest

from tests.indexer.latex.projects import body, check, read, texts

OUTLINE = r"""\section{One}\subsection{Inner}\subsubsection{Deep}\paragraph{Para} Text.
\section*{Starred}\section{Two}\subsection{Again}\appendix\section{Proofs}\subsection{More}"""


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ("article", ["1", "1.1", "1.1.1", "", "", "2", "2.1", "A", "A.1"]),
        ("IEEEtran", ["I", "A", "1", "a", "", "II", "A", "A", "A"]),
        ("llncs", ["1", "1.1", "", "", "", "2", "2.1", "A", "A.1"]),
    ],
)
def test_sections_are_numbered_as_the_class_does(tmp_path: Path, options: str, numbers: list[str]) -> None:
    document = check(body(tmp_path, OUTLINE, options=options))
    assert [section.number for section in document.sections] == numbers
    assert [section.level for section in document.sections] == [1, 2, 3, 4, 1, 1, 2, 1, 2]
    assert [section.parent for section in document.sections] == [None, 0, 1, 2, None, None, 5, None, 7]


def test_books_count_by_chapter(tmp_path: Path) -> None:
    document = body(
        tmp_path,
        r"\chapter{One}\section{S}\begin{equation}\label{e}a\end{equation}\chapter{Two}\section{S}See \eqref{e}."
        r"\begin{figure}\caption{C}\end{figure}\appendix\chapter{A}\section{S}",
        options="book",
    )
    assert [section.number for section in document.sections] == ["1", "1.1", "2", "2.1", "A", "A.1"]
    assert "See (1.1)." in texts(document)
    assert [passage.label for passage in document.passages if passage.kind == "caption"] == ["Figure 2.1"]


def test_documents_may_change_how_they_number(tmp_path: Path) -> None:
    document = body(
        tmp_path,
        r"\section{One}\subsection{Sub}\begin{equation}x\end{equation}\section{Two}\begin{equation}\label{e}y\end{equation}"
        r"Eq.~\ref{e}.",
        preamble=r"\renewcommand{\thesection}{\Roman{section}}\setcounter{section}{2}\numberwithin{equation}{section}"
        r"\setcounter{secnumdepth}{1}",
    )
    assert [section.number for section in document.sections] == ["III", "", "IV"]
    assert texts(document)[-1] == "Eq. IV.1."
    assert [passage.label for passage in document.passages if passage.kind == "equation"] == ["III.1", "IV.1"]


def test_equations_stand_apart_with_their_numbers(tmp_path: Path) -> None:
    document = check(
        body(
            tmp_path,
            r"""Let
\begin{equation} f(x) = \R^2 \label{one} \end{equation}
and
\begin{align} a &= b \\ c &= d \nonumber \\ e &= f \label{three} \end{align}
\[ z \] $$ w $$ \begin{equation*} v \end{equation*}
\begin{equation} u \tag{A} \end{equation}
\begin{subequations}\begin{align} p \label{p}\\ q \end{align}\end{subequations}
See \eqref{one}, \ref{three} and \ref{p}.""",
            preamble=r"\newcommand{\R}{\mathbb{R}}",
        )
    )
    equations = [passage for passage in document.passages if passage.kind == "equation"]
    assert [passage.label for passage in equations] == ["1", "2–3", "", "", "", "A", "4a–4b"]
    assert equations[0].text == r"f(x) = \mathbb{R}^2"
    assert texts(document)[-1] == "See (1), 3 and 4a."


def test_inline_mathematics_stays_source_and_text_becomes_unicode(tmp_path: Path) -> None:
    document = body(
        tmp_path,
        r"Caf\'e \c{C}elik \v{S} \o{} \ss{} \ae, 5\,\% of ``quoted'' text---so $x_{1} \in \R$, \(y\) and \LaTeX{}~2.",
        preamble=r"\def\R{\mathbb R}",
    )
    assert texts(document) == ["Café Çelik Š ø ß æ, 5 % of “quoted” text—so $x_{1} \\in\\mathbb R$, $y$ and LaTeX 2."]


def test_floats_follow_their_paragraph_with_labels(tmp_path: Path) -> None:
    document = check(
        body(
            tmp_path,
            r"""A paragraph with Figure~\ref{f}
\begin{figure}[t]\centering\includegraphics[width=3cm]{x}\caption[Short]{Long \emph{caption}.}\label{f}\end{figure}
goes on, \cref{f} and \Cref{t}.

\begin{table*}\caption{Numbers.}\label{t}\begin{tabular}{l|c} A & 1 \\ \hline B & 2 \end{tabular}\end{table*}""",
        )
    )
    assert [(passage.kind, passage.label) for passage in document.passages] == [
        ("paragraph", ""),
        ("caption", "Figure 1"),
        ("caption", "Table 1"),
        ("paragraph", ""),
    ]
    assert texts(document)[0] == "A paragraph with Figure 1 goes on, fig. 1 and Table 1."
    assert texts(document, "caption") == ["Figure 1: Long caption.", "Table 1: Numbers."]
    assert texts(document)[1] == "A | 1; B | 2"


def test_lists_footnotes_theorems_and_quotes(tmp_path: Path) -> None:
    document = check(
        body(
            tmp_path,
            r"""Text\footnote{A note.} here.
\begin{enumerate}\item One\item Two\begin{itemize}\item Inner\end{itemize}\end{enumerate}
\begin{description}\item[Key] Value\end{description}
\begin{thm}[Main] It holds.\end{thm}\begin{proof}Clear.\end{proof}
\begin{quote}Said.\end{quote}""",
            preamble=r"\newtheorem{thm}{Theorem}",
        )
    )
    assert texts(document, "footnote") == ["A note."]
    assert [passage.label for passage in document.passages if passage.kind == "footnote"] == ["1"]
    assert texts(document, "list") == ["1. One 2. Two • Inner", "Key Value"]
    assert texts(document) == ["Text here.", "Theorem 1 (Main). It holds.", "Proof. Clear.", "Said."]


def test_macros_with_arguments_defaults_and_delimiters(tmp_path: Path) -> None:
    document = body(
        tmp_path,
        r"\hi{Ada} \hi[Bye]{Bob} \pair(x;y) \alias{C} \opt*[z]{q} \opt{q} {\def\local{inner}\local} \local",
        preamble=r"""\newcommand{\hi}[2][Hello]{#1, #2!}
\def\pair(#1;#2){<#2|#1>}
\let\alias\hi
\NewDocumentCommand{\opt}{s O{d} m}{\IfBooleanTF{#1}{star}{plain}-#2-#3}
\newcommand{\local}{outer}""",
    )
    assert texts(document) == ["Hello, Ada! Bye, Bob! <y|x> Hello, C! star-z-q plain-d-q inner outer"]


def test_commands_of_packages_print_what_they_should(tmp_path: Path) -> None:
    document = body(
        tmp_path,
        r"""\twocolumn[\title{Both}] \method uses \method, \x{} and
\texorpdfstring{$y$}{why}.\linebreak[3]
\href{https://x.org/a%20b}{A link}, \url{https://x.org/50%25_a#b} and \textcolor[rgb]{1,0,0}{red}.
\jobname\vskip 2pt plus 1fil
\SI{5}{m}\rule{1cm}{2pt}\todo[inline]{Not this.} \parindent=0.5\textwidth End.""",
        preamble=r"\newcommand{\method}{Own\xspace}\newcommand{\x}{\ensuremath{x_1}}",
    )
    assert document.title == "Both"
    assert texts(document) == ["Own uses Own, $x_1$ and $y$. A link, https://x.org/50%25_a#b and red. main 5m End."]


def test_conditionals_choose_as_tex_does(tmp_path: Path) -> None:
    document = body(
        tmp_path,
        r"""\ifdraft draft\else final\fi{} \ifx\undefinedname\undefined a\fi{} \iffalse b \ifx x \fi c\fi
\ifnum\value{page}<3 d\else e\fi{} \ifthenelse{\equal{x}{x}}{f}{g} \drafttrue\ifdraft h\fi{}
\ifcase 2 k\or l\or m\else n\fi{} \unlessknown""",
        preamble=r"\newif\ifdraft\draftfalse\makeatletter\newcommand{\unlessknown}{\@ifundefined{nope}{o}{p}}\makeatother",
    )
    assert texts(document) == ["final a d f h m o"]


def test_comments_verbatim_and_what_follows_the_document_are_left_out(tmp_path: Path) -> None:
    document = body(
        tmp_path,
        "One% hidden\ntwo. \\verb|a_%b| 5\\% \\begin{comment}gone\\end{comment}\n\n% only a comment\n\nThree.\n"
        "\\begin{verbatim}\n\\section{no}\n\\end{verbatim}\n\\end{document}\nAfter.",
    )
    assert texts(document) == ["Onetwo. a_%b 5%", "Three.", r"\section{no}"]
    assert not document.sections


def test_packages_of_the_project_define_but_print_nothing(tmp_path: Path) -> None:
    document = body(
        tmp_path,
        r"We use \method.",
        preamble=r"\usepackage{own}",
        own_sty=r"\newcommand{\method}{\textsc{Own}\@inner}\def\@inner{Net}\renewcommand{\section}{broken} stray",
    )
    assert texts(document) == ["We use OwnNet."]


def test_classes_of_the_project_may_number_but_not_disturb(tmp_path: Path) -> None:
    own = r"""\ProvidesClass{own}\LoadClass[a4paper]{article}\newcounter{chapter}\setcounter{section}{7}\appendix
\renewcommand\thesection{\Roman{section}.}\def\thefigure{\ifnum\c@chapter>0 \else x\fi}\def\@loop{\@loop x}\@loop
\renewcommand{\section}{\@startsection{section}{1}{0pt}{1em}{1em}{\bf}}\input{missing}\section{No}\cite{no}"""
    text = r"\section{One}\label{s}Text \ref{s}.\begin{figure}\caption{C}\end{figure}\appendix\section{Two}"
    document = check(body(tmp_path, text, options="own", own_cls=own))
    assert [(section.number, section.heading) for section in document.sections] == [("I", "One"), ("A", "Two")]
    assert texts(document) == ["Text I."]
    assert texts(document, "caption") == ["Figure 1: C"]
    assert document.notices == ()


def test_a_part_without_a_frame_is_read_whole(tmp_path: Path) -> None:
    document = read(tmp_path, "\\section{Alone}\nText of a part.")
    assert [section.heading for section in document.sections] == ["Alone"]
    assert texts(document) == ["Text of a part."]


def test_long_paragraphs_are_cut_where_sentences_end(tmp_path: Path) -> None:
    document = check(body(tmp_path, "This is one of many sentences. " * 200))
    assert len(document.passages) > 4
    assert all(passage.text.endswith(".") for passage in document.passages)
