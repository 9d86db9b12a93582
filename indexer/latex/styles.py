"""Which way a paper cites: by number, by label, or by author and year; and in which order its list stands."""

from __future__ import annotations

from typing import Literal

from indexer.latex.reader import Bibliography

Mode = Literal["number", "label", "author-year"]
_IN_ORDER = (
    "unsrt", "ieee", "elsarticle-num", "nature", "vancouver", "apsrev", "aip", "jhep", "utphys", "naturemag", "science",
    "spphys", "model1-num", "model3-num", "angewandte", "achemso", "aps", "iopart-num", "sn-vancouver",
    "sn-mathphys-num", "sn-nature", "sn-aps",
    "h-physrev", "osajnl", "ama", "spiebib", "cell", "pnas", "plos", "nar", "bmc", "elsart-num",
    "opticajnl", "rsc",
)  # fmt: skip
_AUTHOR_YEAR = (
    "apa", "agsm", "dcu", "kluwer", "jmr", "jphysicsb", "chicago", "named", "aasjournal", "aa", "mnras", "apj",
    "elsarticle-harv", "harvard", "model2-names", "model5-names", "spbasic", "plainnat", "abbrvnat", "unsrtnat", "acl",
    "icml", "iclr", "neurips", "nips", "tmlr", "jmlr", "rusnat", "sn-basic", "sn-apa", "sn-chicago", "sn-mathphys-ay",
    "ecta", "aer", "qje", "jf", "rfs", "jfe", "informs", "agufull", "agu", "ametsoc", "authordate", "cas-model2", "te",
    "copernicus", "oxford",
)  # fmt: skip
_LABELS = ("alpha", "amsalpha", "alphaurl", "halpha", "alphanum")
_NUMERIC_ONLY = (
    "plain", "unsrt", "abbrv", "ieee", "siam", "acm", "splncs", "nature", "vancouver", "spmpsci", "amsplain",
    "elsart-num", "is-", "phaip", "phjcp",
)  # fmt: skip
_AUTHOR_YEAR_SOURCES = (
    "neurips", "nips", "icml", "iclr", "colm", "tmlr", "jmlr", "acl", "emnlp", "naacl", "eacl", "aistats", "uai",
    "aastex", "mnras", "copernicus", "apa6", "apa7", "colt", "corl", "rlc",
)  # fmt: skip
"""Classes and packages of venues that load natbib and cite by author and year."""
_PLAIN_CLASSES = frozenset({"article", "report", "book", "amsart", "scrartcl", "scrreprt", "memoir", "extarticle"})
_NUMERIC_CLASSES = ("revtex", "achemso", "IEEE", "ieee", "acmart", "elsart", "llncs", "svproc", "sn-jnl", "cas-")
_PARENTHESIS_PACKAGES = ("apacite", "harvard", "chicago", "newapa", "authordate1-4", "apalike", "named")
_AUTHOR_YEAR_PACKAGES = ("apacite", "harvard", "chicago", "apalike", "newapa", "authordate1-4", "aas_macros", "apager")
_BIBLATEX_AUTHOR_YEAR = (
    "authoryear",
    "apa",
    "chicago",
    "mla",
    "authortitle",
    "verbose",
    "bwl",
    "oxyear",
    "ext-authoryear",
)
_BIBLATEX_LABELS = ("alphabetic", "trad-alpha", "ext-alphabetic")
_BIBLATEX_IN_ORDER = ("ieee", "nature", "science", "phys", "chem", "vancouver", "numeric-comp-unsorted", "nejm", "ama")


def mode_of(
    bibliography: Bibliography, *, has_year_labels: bool, has_labels: bool, document_class: str, options: str
) -> Mode:
    """How citations print.

    Args:
        bibliography: What the source declares.
        has_year_labels: The list's labels hold author and year.
        has_labels: The list has labels of another kind.
        document_class, options: Of the document.
    """
    packages = bibliography.packages
    if "biblatex" in packages:
        return _biblatex_mode(packages["biblatex"])
    declared = f"{packages.get('natbib', '')},{options},{bibliography.citation_style}".lower()
    for word in reversed([part.strip(" {}") for part in declared.split(",")]):
        if word in ("numbers", "super", "numeric", "acmnumeric", "nature", "sn-mathphys-num", "number"):
            return "number"
        if word in ("authoryear", "acmauthoryear", "author-year", "sn-mathphys-ay", "authordate", "rmp"):
            return "author-year" if has_year_labels or not has_labels else "label"
    if any(name in packages for name in _AUTHOR_YEAR_PACKAGES):
        return "author-year"
    if has_labels:
        return "label"
    return _usual_mode(bibliography, has_year_labels=has_year_labels, document_class=document_class)


def _usual_mode(bibliography: Bibliography, *, has_year_labels: bool, document_class: str) -> Mode:
    """The mode of a document that declares none: its labels, its class and its style tell."""
    style = bibliography.style.lower()
    if document_class.startswith(_NUMERIC_CLASSES) and "natbib" not in bibliography.packages:
        by_style = style.startswith(_AUTHOR_YEAR) and not style.endswith("nat")
        return "author-year" if by_style else "number"
    if has_year_labels:
        # Without natbib the label itself is printed.
        plain = document_class in _PLAIN_CLASSES and not bibliography.uses_natbib
        loaded = any(name.startswith(("natbib", *_AUTHOR_YEAR_SOURCES)) for name in bibliography.packages)
        return "label" if plain and not loaded else "author-year"
    if style.startswith(_LABELS):
        return "label"
    if style.startswith(_NUMERIC_ONLY) and not style.endswith("nat"):
        return "number"
    loads_natbib = "natbib" in bibliography.packages or any(
        name.startswith(_AUTHOR_YEAR_SOURCES) for name in (document_class, *bibliography.packages)
    )
    if loads_natbib and not bibliography.items:
        return "author-year"
    return "author-year" if style.startswith(_AUTHOR_YEAR) and not style.endswith("nat") else "number"


def plain_cite_of(bibliography: Bibliography) -> Literal["text", "parenthesis", "bare"]:
    r"""How ``\cite`` itself prints where authors and years are cited."""
    if "biblatex" in bibliography.packages:
        return "bare"
    if any(name in bibliography.packages for name in _PARENTHESIS_PACKAGES) and "natbib" not in bibliography.packages:
        return "parenthesis"
    return "text"


def _biblatex_mode(options: str) -> Mode:
    style = _option(options, "citestyle") or _option(options, "style")
    if style.startswith(_BIBLATEX_AUTHOR_YEAR):
        return "author-year"
    return "label" if style.startswith(_BIBLATEX_LABELS) else "number"


def in_citation_order(bibliography: Bibliography, *, document_class: str) -> bool:
    """True when the list stands in the order of citation, false when it is sorted by author."""
    if "biblatex" in bibliography.packages:
        options = bibliography.packages["biblatex"]
        sorting = _option(options, "sorting")
        if sorting:
            return sorting == "none"
        style = _option(options, "bibstyle") or _option(options, "style")
        return style.startswith(_BIBLATEX_IN_ORDER)
    if not bibliography.style:
        return document_class.startswith(("revtex", "achemso", "quantumarticle"))
    return bibliography.style.lower().startswith(_IN_ORDER)


def _option(options: str, name: str) -> str:
    value = ""
    for part in options.split(","):
        key, _, given = part.partition("=")
        if key.strip() == name:
            value = given.strip(" {}")
    return value
