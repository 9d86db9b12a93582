"""What environments and commands of LaTeX are to a reader of drafts."""

from __future__ import annotations

from indexer.latex.verbatim import ENVIRONMENTS

SKIPPED = frozenset(name.rstrip("*") for name in ENVIRONMENTS)
"""Environments without text: code, pictures, comments."""
DISPLAYS = frozenset(
    """
    equation align gather multline eqnarray displaymath math flalign alignat dmath dgroup subequations split cases
    IEEEeqnarray empheq
    """.split()
)
TABLES = frozenset(
    "tabular tabularx tabulary longtable longtblr tblr supertabular xltabular algorithmic algorithm2e".split()
)
ABSTRACTS = frozenset("abstract Abstract onecolabstract".split())
LISTS = frozenset("itemize enumerate description".split())
REFERENCES = frozenset("thebibliography references".split())
ENVIRONMENT_GROUPS = {
    "tabular": 1, "tabularx": 2, "tabulary": 2, "longtable": 1, "supertabular": 1, "xltabular": 2, "minipage": 1,
    "multicols": 1, "wrapfigure": 2, "wraptable": 2, "adjustbox": 1, "spacing": 1, "otherlanguage": 1, "tblr": 1,
    "longtblr": 1, "subfigure": 1, "subtable": 1,
}  # fmt: skip
"""How many groups behind its name are no text."""
ARGUMENTS = {
    **dict.fromkeys(
        """
        label ref eqref cref Cref autoref pageref nameref vref Vref subref labelcref cpageref href url path nolinkurl
        nocite bibliographystyle documentclass documentstyle usepackage RequirePackage printbibliography citestyle
        setcitestyle citereset bibitem author authors affil affiliation institute institution address email thanks date
        """.split(),
        "*om",
    ),
    "setcounter": "mm", "addtocounter": "mm", "crefrange": "*mm", "Crefrange": "*mm",
}  # fmt: skip
"""Arguments that are no text, beside those that ``indexer.latex.symbols`` knows and in its letters."""
DEFINITIONS = frozenset(
    """
    newcommand renewcommand providecommand DeclareRobustCommand DeclareMathOperator newenvironment renewenvironment
    NewDocumentCommand RenewDocumentCommand def gdef edef xdef
    """.split()
)
