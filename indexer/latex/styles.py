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


def mode_of(bibliography: Bibliography, *, has_year_labels: bool, has_labels: bool, options: str) -> Mode:
    """How citations print.

    Args:
        bibliography: What the source declares.
        has_year_labels: The list's labels hold author and year.
        has_labels: The list has labels of another kind.
        options: Of the document's class.
    """
    packages = bibliography.packages
    if "biblatex" in packages:
        return _biblatex_mode(packages["biblatex"])
    declared = f"{bibliography.citation_style},{packages.get('natbib', '')},{options}".lower()
    for word in reversed([part.strip(" {}") for part in declared.split(",")]):
        if word in ("numbers", "super", "numeric", "acmnumeric", "nature", "sn-mathphys-num", "number"):
            return "number"
        if word in ("authoryear", "acmauthoryear", "author-year", "sn-mathphys-ay", "authordate"):
            return "author-year" if has_year_labels or not has_labels else "label"
    style = bibliography.style.lower()
    if any(name in packages for name in _AUTHOR_YEAR_PACKAGES):
        return "author-year"
    if has_year_labels:
        numeric = style.startswith(_IN_ORDER) and "nat" not in style and "natbib" not in packages
        return "number" if numeric or style.startswith("acm-reference") else "author-year"
    if has_labels or style.startswith(_LABELS):
        return "label"
    return "author-year" if style.startswith(_AUTHOR_YEAR) and not _plain_of_natbib(bibliography) else "number"


def _plain_of_natbib(bibliography: Bibliography) -> bool:
    """natbib's own styles print numbers when the package is absent."""
    return bibliography.style.lower() in ("plainnat", "abbrvnat", "unsrtnat") and "natbib" not in bibliography.packages


def _biblatex_mode(options: str) -> Mode:
    style = _option(options, "citestyle") or _option(options, "style")
    if style.startswith(_BIBLATEX_AUTHOR_YEAR):
        return "author-year"
    return "label" if style.startswith(_BIBLATEX_LABELS) else "number"


def in_citation_order(bibliography: Bibliography) -> bool:
    """True when the list stands in the order of citation, false when it is sorted by author."""
    if "biblatex" in bibliography.packages:
        options = bibliography.packages["biblatex"]
        sorting = _option(options, "sorting")
        if sorting:
            return sorting == "none"
        style = _option(options, "bibstyle") or _option(options, "style")
        return style.startswith(_BIBLATEX_IN_ORDER)
    return bibliography.style.lower().startswith(_IN_ORDER)


def _option(options: str, name: str) -> str:
    value = ""
    for part in options.split(","):
        key, _, given = part.partition("=")
        if key.strip() == name:
            value = given.strip(" {}")
    return value
