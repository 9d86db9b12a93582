from __future__ import annotations

from pathlib import Path

import pytest

from core.records import Author
from tests.indexer.latex.projects import body, read

ADA = Author(given="Ada", family="Lovelace")
CHARLES = Author(given="Charles", family="Babbage")
JOSE = Author(given="José M.", family="García")

TITLE_BLOCKS = {
    "article": r"\author{Ada Lovelace\thanks{Paid.} \and Charles Babbage \and Jos\'e M. Garc\'{\i}a}",
    "article, affiliations": r"\author{Ada Lovelace \\ University of London \\ \texttt{ada@x.org} "
    r"\and Charles Babbage"
    r"\\ Cambridge, UK \and Jos\'e M. Garc\'ia \\ Madrid}",
    "one line with marks": r"\author{Ada Lovelace$^{1,2}$, Charles Babbage$^{2}$ and Jos\'e M. Garc\'ia$^{1,*}$ \\"
    r" $^1$University of London \\ $^2$Cambridge}",
    "two lines with marks": r"\author{Ada Lovelace\textsuperscript{1}, Charles Babbage\textsuperscript{2} \\"
    r" Jos\'e M. Garc\'ia\textsuperscript{1} \\ \textsuperscript{1}University of London}",
    "authblk": r"\author[1]{Ada Lovelace}\author[1,2]{Charles Babbage}\author[2]{Jos\'e M. Garc\'ia}"
    r"\affil[1]{University of London}\affil[2]{Cambridge}",
    "acmart": r"\author{Ada Lovelace}\affiliation{\institution{University of London}\city{London}\country{UK}}"
    r"\email{a@x.org}\orcid{0000}\author{Charles Babbage}\author{Jos\'e M. Garc\'ia}\authornote{Both.}",
    "elsarticle": r"\author[l]{Ada Lovelace\corref{cor}\fnref{f}}\ead{a@x.org}\author[c]{Charles Babbage}"
    r"\author{Jos\'e M. Garc\'ia}\cortext[cor]{Corresponding}\address[l]{University of London}"
    r"\address[c]{Cambridge}",
    "IEEE": r"\author{\IEEEauthorblockN{Ada Lovelace\IEEEauthorrefmark{1} and Charles Babbage}"
    r"\IEEEauthorblockA{Department of Engines\\University of London\\ada@x.org}\and"
    r"\IEEEauthorblockN{Jos\'e M. Garc\'ia}\IEEEauthorblockA{Madrid}}",
    "IEEE journal": r"\author{Ada~Lovelace,~\IEEEmembership{Member,~IEEE,} Charles~Babbage,"
    r"~\IEEEmembership{Fellow,~IEEE,} and~Jos\'e~M.~Garc\'ia\thanks{London.}}",
    "llncs": r"\author{Ada Lovelace\inst{1}\orcidID{0000-1} \and Charles Babbage\inst{2}"
    r" \and Jos\'e M. Garc\'ia\inst{1}}\authorrunning{A. Lovelace et al.}"
    r"\institute{University of London \and Cambridge \email{c@x.org}}",
    "revtex": r"\author{Ada Lovelace}\affiliation{University of London}\author{Charles Babbage}"
    r"\altaffiliation{Elsewhere}"
    r"\author{Jos\'e M. Garc\'ia}\email{j@x.org}",
    "neurips": r"\author{Ada Lovelace\thanks{Equal.} \\ University of London \\ \texttt{a@x.org} "
    r"\And Charles Babbage \\"
    r" Cambridge \AND Jos\'e M. Garc\'ia \\ Madrid}",
    "cvpr": r"\author{Ada Lovelace\\ University of London\\ {\tt\small a@x.org} \and Charles Babbage"
    r"\\ Cambridge \and"
    r" Jos\'e M. Garc\'ia}",
    "springer": r"\author*[1]{\fnm{Ada} \sur{Lovelace}}\email{a@x.org}\author[2]{\fnm{Charles} \sur{Babbage}}"
    r"\equalcont{These}\author[1]{\fnm{Jos\'e M.} \sur{Garc\'ia}}\affil*[1]{\orgdiv{Dept}, "
    r"\orgname{University of London}}",
    "icml": r"\begin{icmlauthorlist}\icmlauthor{Ada Lovelace}{l}\icmlauthor{Charles Babbage}{c}"
    r"\icmlauthor{Jos\'e M. Garc\'ia}{l}\end{icmlauthorlist}\icmlaffiliation{l}{University of London}",
    "jmlr": r"\author{\name Ada Lovelace \email a@x.org \\ \addr University of London \AND \name Charles Babbage"
    r" \email c@x.org \\ \addr Cambridge \AND \name Jos\'e M. Garc\'ia \email j@x.org \\ \addr Madrid}",
    "lipics": r"\author{Ada Lovelace}{University of London}{a@x.org}{0000}{Paid}"
    r"\author{Charles Babbage}{Cambridge}{}{}{}"
    r"\author{Jos\'e M. Garc\'ia}{Madrid}{}{}{}",
    "iclr": r"\author{Ada Lovelace, Charles Babbage \& Jos\'e M. Garc\'ia \thanks{Use it.}. \\ University of London \\"
    r"\texttt{\{ada,charles\}@x.org}}",
    "ordinals": r"\author{\IEEEauthorblockN{1\textsuperscript{st} Ada Lovelace}\IEEEauthorblockA{\textit{Dept}\\"
    r"University of London}\and\IEEEauthorblockN{2\textsuperscript{nd} Charles Babbage}\and"
    r"\IEEEauthorblockN{3\textsuperscript{rd} Jos\'e M. Garc\'ia}}",
    "orcid links": r"\author{\href{https://orcid.org}{\includegraphics[scale=0.06]{orcid.pdf}\hspace{1mm}Ada Lovelace}"
    r"\thanks{Web.}\\ University of London\\ \And Charles Babbage \And Jos\'e M. Garc\'ia}",
    "mdpi": r"\Author{Ada Lovelace $^{1,\dagger}$\orcidA{}, Charles Babbage $^{1}$ and Jos\'e M. Garc\'ia $^{2,}$*}"
    r"\address{$^{1}$ \quad University of London; a@x.org\\$^{2}$ \quad Madrid}",
    "columns": r"\author{Ada Lovelace \quad Charles Babbage \qquad Jos\'e M. Garc\'ia \\ University of London}",
    "table": r"\author{\begin{tabular}{c}Ada Lovelace, Charles Babbage, and Jos\'e M. Garc\'ia"
    r"\\University of London"
    r"\end{tabular}}",
    "mnras": r"\author[A. Lovelace et al.]{Ada Lovelace,$^{1}$\thanks{E-mail: a@x.org} Charles Babbage$^{2}$ and"
    r" Jos\'e M. Garc\'ia$^{1}$\\ $^{1}$University of London\\ $^{2}$Cambridge}",
    "fonts": r"\author{{\large\bf Ada Lovelace}, {\bf Charles Babbage} \& \textbf{Jos\'e M. Garc\'ia}}",
}


@pytest.mark.parametrize("block", TITLE_BLOCKS.values(), ids=TITLE_BLOCKS.keys())
def test_authors_are_read_in_order_by_the_custom_of_each_class(tmp_path: Path, block: str) -> None:
    document = body(tmp_path, rf"\title{{Engines}}{block}\maketitle Text.")
    assert document.authors == (ADA, CHARLES, JOSE)
    assert document.title == "Engines"


@pytest.mark.parametrize(
    "name",
    [name for name in TITLE_BLOCKS if "University of London" in TITLE_BLOCKS[name]],
)
def test_affiliations_are_told_from_names(tmp_path: Path, name: str) -> None:
    document = body(tmp_path, rf"\title{{Engines}}{TITLE_BLOCKS[name]}\maketitle Text.")
    assert any("University of London" in place for place in document.affiliations)
    assert not any("Babbage" in place or "@" in place for place in document.affiliations)


def test_particles_and_collaborations_are_kept_together(tmp_path: Path) -> None:
    document = body(
        tmp_path, r"\title{T}\author{Anna van der Berg}\author{Ludwig von Beethoven}\collaboration{XY Group}"
    )
    assert [author.family for author in document.authors] == ["van der Berg", "von Beethoven", "XY Group"]


def test_a_title_loses_notes_and_breaks_and_keeps_mathematics(tmp_path: Path) -> None:
    document = body(
        tmp_path,
        r"\title[Short]{On {\em Engines}\thanks{Paid by nobody.}:\\ the Case of $\mathcal{O}(n)$ "
        r"\& More\footnote{x}}"
        r"\subtitle{A Survey}",
    )
    assert document.title == r"On Engines: the Case of $\mathcal{O}(n)$ & More: A Survey"


def test_without_a_title_the_file_names_the_document(tmp_path: Path) -> None:
    assert body(tmp_path, "Text.").title == "main"


def test_abstract_keywords_and_identifiers_are_found(tmp_path: Path) -> None:
    document = body(
        tmp_path,
        r"\begin{abstract}We compute. It works.\end{abstract}"
        r"\keywords{engines, punched cards; looms}\maketitle Text.",
        preamble=r"\acmDOI{10.1145/1234567.890}\acmYear{1843}\acmJournal{TOPS}\preprint{arXiv:2101.00001v2}",
    )
    assert document.abstract == "We compute. It works."
    assert document.keywords == ("engines", "punched cards", "looms")
    assert (document.doi, document.year, document.venue) == ("10.1145/1234567.890", 1843, "TOPS")
    assert document.arxiv_id == "2101.00001"


def test_the_abstract_may_be_a_command_and_keywords_an_environment(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        r"""\documentclass{sn-jnl}\begin{document}\title[A]{Engines}
\abstract{We compute.

It works.}
\begin{keyword}engines \sep cards\end{keyword}
\maketitle\section{One}Text.\end{document}""",
    )
    assert document.abstract == "We compute. It works."
    assert document.keywords == ("engines", "cards")
    assert [passage.kind for passage in document.passages] == ["abstract", "abstract", "paragraph"]
    assert document.passages[0].section is None
