from __future__ import annotations

from pathlib import Path

import pytest

from core.records import Document
from tests.indexer.latex.projects import body, check

LIST = r"""\begin{thebibliography}{9}
\bibitem[Adams(2001)]{a} A. Adams. First work. 2001.
\bibitem[Berg et~al.(2002)Berg, Cole, and Day]{b} B. Berg, C. Cole, D. Day. Second work. 2002.
\bibitem[Cole(2003a)]{c} C. Cole. Third work. 2003.
\end{thebibliography}"""
NATBIB = r"\usepackage{natbib}"
NUMBERS = r"\usepackage[numbers]{natbib}"


def cited(folder: Path, text: str, preamble: str = NATBIB) -> Document:
    return check(body(folder, text + LIST, preamble=preamble))


@pytest.mark.parametrize(
    ("command", "by_year", "by_number"),
    [
        (r"\citep{a}", "(Adams, 2001)", "[1]"),
        (r"\citet{b}", "Berg et al. (2002)", "Berg et al. [2]"),
        (r"\citep[see][p.~5]{c}", "(see Cole, 2003a, p. 5)", "[see 3, p. 5]"),
        (r"\citep{a, b,c}", "(Adams, 2001; Berg et al., 2002; Cole, 2003a)", "[1, 2, 3]"),
        (r"\citealp{a}", "Adams, 2001", "[1]"),
        (r"\citeauthor{b}", "Berg et al.", "Berg et al."),
        (r"\citeyearpar{a}", "(2001)", "(2001)"),
        (r"\citet*{a}", "Adams (2001)", "Adams [1]"),
        (r"\Citet{a}", "Adams (2001)", "Adams [1]"),
    ],
)
def test_markers_read_as_they_print(tmp_path: Path, command: str, by_year: str, by_number: str) -> None:
    for preamble, expected in ((NATBIB, by_year), (NUMBERS, by_number)):
        document = cited(tmp_path, f"Before. They say {command} so. After.", preamble)
        assert [mention.text for mention in document.mentions] == [expected]
        assert document.mentions[0].sentence == f"They say {expected} so."


def test_several_keys_name_their_entries_in_order(tmp_path: Path) -> None:
    document = cited(tmp_path, r"X \cite{c,a} and~\cite{b}.", "")
    assert [mention.reference_indices for mention in document.mentions] == [(2, 0), (1,)]


def test_commands_for_several_groups_are_one_citation(tmp_path: Path) -> None:
    document = cited(tmp_path, r"X \parencites(see)(etc.)[1]{a}[cf.][2]{b}{c}.", r"\usepackage{biblatex}")
    assert [mention.reference_indices for mention in document.mentions] == [(0, 1, 2)]
    assert document.mentions[0].text == "[see 1, 2, 3, etc.]"


def test_authors_and_their_year_are_one_citation(tmp_path: Path) -> None:
    document = cited(tmp_path, r"\citeauthor{b} \citeyearpar{b} and \citeauthor{a} \citeyearpar{c}.")
    assert [mention.text for mention in document.mentions] == ["Berg et al. (2002)", "Adams", "(2003a)"]


@pytest.mark.parametrize(
    "definition",
    [
        r"\newcommand{\see}[1]{\citep{#1}}",
        r"\def\see#1{\citep{#1}}",
        r"\let\see\citep",
        r"\newcommand{\inner}{\citep}\newcommand{\see}[2][]{\inner{#2}}",
        r"\renewcommand{\cite}[1]{\citep{#1}}\newcommand\see\cite",
        r"\DeclareRobustCommand{\see}[1]{{\small\citep{#1}}}",
    ],
)
def test_own_commands_cite_too(tmp_path: Path, definition: str) -> None:
    document = cited(tmp_path, r"X \see{a}.", NATBIB + definition)
    assert [(mention.text, mention.reference_indices) for mention in document.mentions] == [("(Adams, 2001)", (0,))]


def test_commands_of_unknown_packages_cite_by_their_keys(tmp_path: Path) -> None:
    document = cited(tmp_path, r"X \citeposs{a}, \blockcite[p.~2]{b} and \citetext{see \citealp{c}}. \shortcites{a}")
    assert [mention.reference_indices for mention in document.mentions] == [(0,), (1,), (2,)]
    assert document.text.endswith("and (see Cole, 2003a).")


def test_citations_stand_in_captions_footnotes_lists_tables_and_abstracts(tmp_path: Path) -> None:
    document = cited(
        tmp_path,
        r"""\begin{abstract}We follow \citet{a}.\end{abstract}
Text\footnote{As in \cite{b}.} here.
\begin{figure}\caption{After \citep{c}.}\end{figure}
\begin{itemize}\item One \citep{a}\end{itemize}
\begin{table}\begin{tabular}{lr}\citet{b} & 5\\\end{tabular}\end{table}
\section{Heading \citep{a}}
\begin{equation} x \text{ by \citet{c}} \end{equation}""",
    )
    kinds = {passage.kind for passage in document.passages}
    assert kinds >= {"abstract", "footnote", "caption", "list", "equation"}
    assert sorted(mention.reference_indices for mention in document.mentions) == [(0,), (0,), (1,), (1,), (2,), (2,)]


def test_what_is_not_printed_is_not_cited(tmp_path: Path) -> None:
    document = cited(
        tmp_path,
        r"A.% \cite{a}"
        "\n"
        r"\iffalse\cite{a}\fi\begin{comment}\cite{b}\end{comment}\verb|\cite{c}|\nocite{a}",
    )
    assert document.mentions == ()


def test_undefined_keys_show_and_are_told(tmp_path: Path) -> None:
    document = cited(tmp_path, r"X \citep{a,nope} and \citep{gone}.")
    assert [mention.reference_indices for mention in document.mentions] == [(0,)]
    assert document.mentions[0].text == "(Adams, 2001; ?)"
    notice = next(notice for notice in document.notices if notice.code == "undefined_citations")
    assert notice.message == "Cited, but not in the reference list: nope, gone."


@pytest.mark.parametrize(
    ("preamble", "expected"),
    [
        ("", "[Adams(2001)]"),
        (r"\usepackage{natbib}", "Adams (2001)"),
        (r"\usepackage[super]{natbib}", "[1]"),
        (r"\usepackage{natbib}\setcitestyle{numbers,square}", "[1]"),
        (r"\usepackage{natbib}\bibpunct{[}{]}{,}{n}{}{;}", "[1]"),
        (r"\usepackage{chicago}", "(Adams, 2001)"),
        (r"\usepackage[style=numeric]{biblatex}", "[1]"),
        (r"\usepackage[style=authoryear]{biblatex}", "Adams, 2001"),
    ],
)
def test_packages_and_options_decide_how_works_are_cited(tmp_path: Path, preamble: str, expected: str) -> None:
    document = check(body(tmp_path, r"X \cite{a}." + LIST, preamble=preamble))
    assert document.mentions[0].text == expected
