"""How document classes number: only where they differ from LaTeX's own article and book."""

from __future__ import annotations

from dataclasses import dataclass, field

from indexer.latex.counters import Counters

_CHAPTERS = (
    "book",
    "report",
    "memoir",
    "scrbook",
    "scrreprt",
    "svmono",
    "amsbook",
    "extbook",
    "extreport",
    "ociamthesis",
)
_ALPHABETIC = {"section": "\\Roman{section}", "subsection": "\\thesection-\\Alph{subsection}",
               "subsubsection": "\\thesubsection\\arabic{subsubsection}",
               "paragraph": "\\thesubsubsection\\alph{paragraph}", "table": "\\Roman{table}"}  # fmt: skip
_ALPHABETIC_SHOWN = {"subsection": "Alph", "subsubsection": "arabic", "paragraph": "alph"}


@dataclass(frozen=True, slots=True)
class Rules:
    """What a class changes.

    ``forms`` print counters; ``shown`` are the forms of numbers in headings where these differ from references;
    ``appendix`` are the forms after the appendix begins, and ``resets`` the counters that its sections begin anew.
    """

    depth: int | None = None
    forms: dict[str, str] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    appendix: dict[str, str] = field(default_factory=dict)
    resets: tuple[str, ...] = ()


_IEEE = Rules(depth=4, forms=_ALPHABETIC, shown=_ALPHABETIC_SHOWN)
_APPENDIX_EQUATIONS = {"equation": "\\thesection\\arabic{equation}"}
_RULES = {
    "IEEEtran": _IEEE,
    "ieeeconf": _IEEE,
    "ieeecolor": _IEEE,
    "revtex4": _IEEE,
    "revtex4-1": _IEEE,
    "revtex4-2": _IEEE,
    "llncs": Rules(depth=2),
    "svproc": Rules(depth=2),
    "achemso": Rules(depth=0),
    "elsarticle": Rules(
        appendix={
            "section": "Appendix \\Alph{section}",
            "equation": "\\Alph{section}.\\arabic{equation}",
            "figure": "\\Alph{section}.\\arabic{figure}",
            "table": "\\Alph{section}.\\arabic{table}",
        },
        resets=("equation",),
        shown={"appendix": "Alph"},
    ),
    "aastex": Rules(appendix=_APPENDIX_EQUATIONS, resets=("equation",)),
    "mnras": Rules(
        forms={"enumi": "(\\roman{enumi})"},
        appendix={
            **_APPENDIX_EQUATIONS,
            "subsection": "\\thesection\\arabic{subsection}",
            "figure": "\\thesection\\arabic{figure}",
            "table": "\\thesection\\arabic{table}",
        },
        resets=("equation", "figure", "table"),
    ),
}


def rules_of(name: str, options: str) -> Rules:
    """The rules of a class; ``options`` are those of the document."""
    if name.startswith("aastex"):
        name = "aastex"
    if name.startswith("revtex") and any(option.strip() in ("prl", "prx") for option in options.split(",")):
        # Letters have headings without numbers.
        return Rules(depth=0, forms={"table": "\\Roman{table}"}) if "prl" in options else _IEEE
    return _RULES.get(name, Rules())


def apply_class(counters: Counters, name: str, options: str) -> Rules:
    """Set the counters of a document up for its class."""
    if name.startswith(_CHAPTERS) or "thesis" in name.lower():
        counters.use_chapters()
    rules = rules_of(name, options)
    for counter, form in rules.forms.items():
        counters.set_form(counter, form)
    if rules.depth is not None:
        counters.set("secnumdepth", rules.depth)
    return rules
