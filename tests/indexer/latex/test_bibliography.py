from __future__ import annotations

from pathlib import Path

import pytest

from core.records import Author, Document, Reference
from tests.indexer.latex.projects import body, check, read

BIB = r"""
@string{cacm = "Communications of the {ACM}"}
@book{knuth, author = {Donald E. Knuth}, title = {The {\TeX}book}, publisher = {Addison-Wesley}, year = 1984}
@article{berg, author={van der Berg, Anna and M{\"u}ller, Jr., K.~L. and {The Engine Group} and others},
  title={A {B}ig Study of $\alpha$-Things: 50\% more}, journal=cacm # " Letters", volume=12, number={3},
  pages={1--10}, year={2020}, doi={https://doi.org/10.1145/12345.678_9}}
@inproceedings{doe, author={Jane Doe and Ludwig von Beethoven}, title={Title Two}, crossref={conf}, pages={5-9},
  url={https://x.org/a_b}}
@article{broken, title = {Never closed
@proceedings{conf, title={Proc.\ of the 9th Conf.}, year={1999}, publisher={ACM}}
@misc{adams, author={Adams, Amy}, title={Preprint}, year={2021}, eprint={2101.00001v2}, archivePrefix={arXiv}}
@misc{unused, author={Nobody}, title={Unused}}
"""


def by_title(document: Document, word: str) -> Reference:
    return next(reference for reference in document.references if word in reference.title)


def test_bibtex_fields_are_read_exactly(tmp_path: Path) -> None:
    document = check(
        body(tmp_path, r"A \cite{knuth,berg,doe,adams}.\bibliographystyle{plain}\bibliography{refs}", refs_bib=BIB)
    )
    berg = by_title(document, "Big Study")
    assert berg.title == r"A Big Study of $\alpha$-Things: 50% more"
    assert berg.authors == (
        Author(family="van der Berg", given="Anna"),
        Author(family="Müller", given="K. L.", suffix="Jr."),
        Author(family="The Engine Group"),
    )
    assert (berg.venue, berg.volume, berg.pages, berg.year) == ("Communications of the ACM Letters", "12", "1–10", 2020)
    assert berg.doi == "10.1145/12345.678_9"
    doe = by_title(document, "Title Two")
    assert (doe.venue, doe.year, doe.publisher, doe.url) == ("Proc. of the 9th Conf.", 1999, "ACM", "https://x.org/a_b")
    assert doe.authors[1] == Author(family="von Beethoven", given="Ludwig")
    assert by_title(document, "Preprint").arxiv_id == "2101.00001"
    knuth = by_title(document, "book")
    assert (knuth.title, knuth.publisher, knuth.year) == ("The TeXbook", "Addison-Wesley", 1984)
    assert knuth.raw == "Knuth, Donald E. (1984). The TeXbook. Addison-Wesley."
    assert [notice.code for notice in document.notices] == ["bad_bib"]


@pytest.mark.parametrize(
    ("style", "order", "labels"),
    [
        ("plain", ["Adams", "Doe", "Knuth", "van der Berg"], ["1", "2", "3", "4"]),
        ("unsrt", ["Knuth", "van der Berg", "Doe", "Adams"], ["1", "2", "3", "4"]),
        ("alpha", ["Adams", "Doe", "Knuth", "van der Berg"], ["Ada21", "DB99", "Knu84", "BMG20"]),
    ],
)
def test_the_style_orders_and_labels_the_list(tmp_path: Path, style: str, order: list[str], labels: list[str]) -> None:
    document = body(
        tmp_path,
        rf"A \cite{{knuth}} and \cite{{berg,doe}}.\nocite{{adams}}\bibliographystyle{{{style}}}\bibliography{{refs}}",
        refs_bib=BIB,
    )
    assert [reference.authors[0].family for reference in document.references] == order
    assert [reference.label for reference in document.references] == labels
    assert len(document.mentions) == 2
    assert document.mentions[0].text == f"[{labels[order.index('Knuth')]}]"


PRINTED = {
    "plain": r"\bibitem{knuth} D.~E. Knuth. \newblock {\em The {\TeX}book}. \newblock Addison-Wesley, 1984.",
    "natbib": r"\bibitem[Knuth(1984)]{knuth}Donald~E. Knuth. \newblock \emph{The {\TeX}book}. Addison-Wesley, 1984.",
    "natbib, braced": r"\bibitem[{{Knuth} et~al.(1984){Knuth, and Lee}}]{knuth} Knuth, D.: The {\TeX}book (1984)",
    "apalike": r"\bibitem[Knuth, 1984]{knuth} Knuth, D.~E. (1984). {\em The {\TeX}book}. Addison-Wesley.",
    "chicago": r"\bibitem[\protect\citeauthoryear{Knuth}{Knuth}{1984}]{knuth} Knuth, D. (1984). {\em The {\TeX}book}.",
    "harvard": r"\harvarditem{Knuth}{1984}{knuth} Knuth, D. \harvardyearleft 1984\harvardyearright,"
    r" {\em The {\TeX}book}.",
    "revtex": r"\bibitem [{\citenamefont {Knuth}(1984)}]{knuth}\BibitemOpen \bibfield  {author} {\bibinfo {author}"
    r" {\bibfnamefont {D.~E.}\ \bibnamefont {Knuth}},\ }\href {https://doi.org/10.1000/tex}"
    r" {\bibinfo {title} {The {\TeX}book}}\ "
    r"(\bibinfo {publisher} {Addison-Wesley},\ \bibinfo {year} {1984})\BibitemShut {NoStop}",
    "acm": r"\bibitem[Knuth(1984)]%"
    "\n"
    r"        {knuth}\bibfield{author}{\bibinfo{person}{Donald~E. Knuth}.} \bibinfo{year}{1984}\natexlab{}. \newblock"
    r" \bibinfo{booktitle}{\emph{The {\TeX}book}}. \newblock \bibinfo{publisher}{Addison-Wesley}.",
}


@pytest.mark.parametrize("entry", PRINTED.values(), ids=PRINTED.keys())
@pytest.mark.parametrize("embedded", [True, False])
def test_printed_lists_are_read_in_their_dialects(tmp_path: Path, entry: str, embedded: bool) -> None:
    printed = (
        r"\begin{thebibliography}{9}\providecommand{\natexlab}[1]{#1}" + entry + "\n\n"
        r"\bibitem{other} J. Doe. A second entry about engines. Journal of Looms 3 (1999) 5--9."
        "\n\\end{thebibliography}"
    )
    text = r"A \cite{knuth}, B \cite{other}."
    if embedded:
        document = check(body(tmp_path, text + printed))
    else:
        document = check(body(tmp_path, text + r"\bibliography{missing}", main_bbl=printed))
    assert len(document.references) == 2
    first = document.references[0]
    assert "TeXbook" in first.raw
    assert not first.raw.startswith("[")
    assert first.year == 1984
    assert first.authors[0].family == "Knuth"
    assert [mention.reference_indices for mention in document.mentions] == [(0,), (1,)]
    assert not document.notices


def test_structured_lists_give_their_fields(tmp_path: Path) -> None:
    document = body(tmp_path, r"\cite{knuth}\begin{thebibliography}{1}" + PRINTED["revtex"] + r"\end{thebibliography}")
    reference = document.references[0]
    assert (reference.title, reference.publisher, reference.doi) == ("The TeXbook", "Addison-Wesley", "10.1000/tex")
    assert reference.authors == (Author(family="Knuth", given="D. E."),)


def test_structured_names_may_be_inverted(tmp_path: Path) -> None:
    document = body(
        tmp_path,
        r"\cite{a}\begin{thebibliography}{1}\bibitem{a}\bibinfo{author}{Del~Moral, P.} \& \bibinfo{author}{Doe, J.}"
        r"\newblock \emph{\bibinfo{title}{Formulae}} (\bibinfo{publisher}{Springer}, \bibinfo{year}{2004})."
        r"\end{thebibliography}",
    )
    assert document.references[0].authors == (Author(family="Del Moral", given="P."), Author(family="Doe", given="J."))


def test_bibtex_fields_win_over_the_printed_text(tmp_path: Path) -> None:
    document = body(
        tmp_path,
        r"\cite{berg}\bibliography{refs}",
        main_bbl=r"\begin{thebibliography}{1}\bibitem{berg} A.~van~der Berg et~al. Printed otherwise, 2019."
        r" \url{https://x.org/50%25_a#b}\end{thebibliography}",
        refs_bib=BIB,
    )
    reference = document.references[0]
    assert reference.raw == "A. van der Berg et al. Printed otherwise, 2019. https://x.org/50%25_a#b"
    assert reference.year == 2020
    assert reference.authors[0] == Author(family="van der Berg", given="Anna")


BIBLATEX = r"""
\refsection{0}
  \datalist[entry]{nty/global//global/global}
    \entry{knuth}{book}{}
      \name{author}{1}{}{{{hash=1}{family={Knuth},given={Donald\bibnamedelima E.},giveni={D}}}}
      \list{publisher}{1}{{Addison-Wesley}}
      \strng{namehash}{abc}
      \field{labelalpha}{Knu84}
      \field{title}{The \TeX book}
      \field{year}{1984}
      \verb{doi}
      \verb 10.1000/tex_%25
      \endverb
    \endentry
    \entry{berg}{article}{}
      \name{author}{2}{}{{{hash=2}{prefix={van der},family={Berg},given={Anna}}}{{hash=3}{family={Group}}}}
      \field{journaltitle}{Looms}
      \field{pages}{1\bibrangedash 9}
      \field{title}{Weaving}
      \field{year}{2020}
    \endentry
  \enddatalist
\endrefsection
"""


def test_bibers_list_is_read_by_its_fields(tmp_path: Path) -> None:
    document = check(
        body(
            tmp_path,
            r"\textcite{berg} and \parencite[p.~3]{knuth}.\printbibliography",
            preamble=r"\usepackage[style=authoryear]{biblatex}\addbibresource{x.bib}",
            main_bbl=BIBLATEX,
        )
    )
    knuth, berg = document.references
    assert (knuth.title, knuth.year, knuth.doi, knuth.publisher) == (
        "The TeXbook",
        1984,
        "10.1000/tex_%25",
        "Addison-Wesley",
    )
    assert knuth.authors == (Author(family="Knuth", given="Donald E."),)
    assert berg.authors == (Author(family="van der Berg", given="Anna"), Author(family="Group"))
    assert (berg.venue, berg.pages) == ("Looms", "1–9")
    assert [mention.text for mention in document.mentions] == ["van der Berg and Group (2020)", "(Knuth, 1984, p. 3)"]


def test_amsrefs_entries_are_read(tmp_path: Path) -> None:
    document = body(
        tmp_path,
        r"""A \cite{knuth}.\begin{bibdiv}\begin{biblist}
\bib{knuth}{book}{author={Knuth, Donald E.}, author={Doe, Jane}, title={The \TeX book}, date={1984}, publisher={AW}}
\end{biblist}\end{bibdiv}""",
        preamble=r"\usepackage{amsrefs}",
    )
    reference = document.references[0]
    assert (reference.title, reference.year) == ("The TeXbook", 1984)
    assert [author.family for author in reference.authors] == ["Knuth", "Doe"]
    assert document.mentions[0].reference_indices == (0,)


def test_a_missing_list_is_told(tmp_path: Path) -> None:
    document = body(tmp_path, r"A \cite{knuth}.\bibliography{gone}")
    assert document.references == ()
    assert document.mentions == ()
    assert {notice.code for notice in document.notices} == {"missing_bib", "undefined_citations"}


def test_sources_in_latin_1_with_a_mark_or_other_line_ends_are_read(tmp_path: Path) -> None:
    source = "\\documentclass{article}\r\n\\begin{document}\r\nCaf\u00e9 \u201cx\u201d\r\n\r\nNext.\\end{document}"
    (tmp_path / "latin.tex").write_bytes(source.replace("\u201cx\u201d", "x").encode("latin-1"))
    (tmp_path / "marked.tex").write_bytes(source.encode("utf-8-sig"))
    (tmp_path / "wide.tex").write_bytes(source.encode("utf-16"))
    from indexer.latex.parser import parse_latex
    from tests.indexer.latex.projects import LIMITS

    for name in ("latin", "marked", "wide"):
        passages = parse_latex(tmp_path / f"{name}.tex", limits=LIMITS).passages
        assert passages[0].text.startswith("Café ")
        assert passages[1].text == "Next."


def test_keys_are_found_whatever_their_case(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        r"\documentclass{article}\begin{document}A \cite{KNUTH}.\bibliography{refs}\end{document}",
        refs_bib=BIB,
    )
    assert [mention.reference_indices for mention in document.mentions] == [(0,)]
