r"""The printed text of LaTeX as BibTeX styles write it: enough to know what an entry of a ``.bbl`` file looks like.

This is no TeX: conditionals are not evaluated and nothing is typeset. A macro that the file defines is expanded, the
usual ones of bibliography styles are known, and of an unknown one the arguments in braces are kept.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from core.text import clean

_DEPTH = 40
_STEPS = 200_000
_LONGEST_BODY = 4_000
_ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "d": "\u0323", "b": "\u0331", "k": "\u0328",
    "r": "\u030a", "t": "\u0361",
}  # fmt: skip
_SIGNS = {
    "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ss": "ß", "aa": "å",
    "AA": "Å", "i": "i", "j": "j", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ",
    "textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "textunderscore": "_", "ldots": "…",
    "dots": "…", "textendash": "–", "textemdash": "—", "harvardand": "&", "harvardyearleft": "(",
    "harvardyearright": ")", "BBA": "&", "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε",
    "lambda": "λ", "mu": "μ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "omega": "ω",
    "kappa": "κ", "theta": "θ", "eta": "η", "nu": "ν", "xi": "ξ", "zeta": "ζ", "Gamma": "Γ", "Delta": "Δ",
    "Sigma": "Σ", "Omega": "Ω", "Phi": "Φ", "Psi": "Ψ", "Lambda": "Λ", "ell": "l", "infty": "∞", "times": "×",
    "sim": "∼", "LaTeX": "LaTeX", "TeX": "TeX", "BibTeX": "BibTeX",
}  # fmt: skip
_PROGRAMMED = re.compile(r"\\(?:spaceskip|fontdimen|csname|expandafter|begingroup|futurelet|@ifnextchar|let|ifx)\b")
_ADDRESS_OR_COMMENT = re.compile(r"(\\(?:url|href|path|nolinkurl|doi)\s*\{[^{}]*\})|(?<!\\)%[^\n]*(?:\n[ \t]*)?")
_NAME = re.compile(r"[A-Za-z@]+\*?|.", re.S)
_DEFINITION = re.compile(
    r"\\(?:provide|new|renew)command\*?\s*(?:\{\s*)?\\([A-Za-z@]+)\s*\}?\s*(?:\[(\d)\])?(\[[^\]]*\])?"
)
_PLAIN_DEFINITION = re.compile(r"\\def\s*\\([A-Za-z@]+)\s*((?:#\d)*)\s*(?=\{)")


@dataclass(frozen=True, slots=True)
class Macro:
    """How a macro prints: ``#1`` … in ``body`` are its arguments, of which the first may be optional."""

    arguments: int
    body: str
    optional: bool = False


_KNOWN = {
    "bibinfo": Macro(2, "#2"), "bibfield": Macro(2, "#2"), "natexlab": Macro(1, "#1"), "href": Macro(2, "#2"),
    "BIBforeignlanguage": Macro(2, "#2"), "foreignlanguage": Macro(2, "#2"), "selectlanguage": Macro(1, ""),
    "BibitemShut": Macro(1, ""), "Eprint": Macro(2, "#2"), "BibitemOpen": Macro(0, ""), "typeout": Macro(1, ""),
    "label": Macro(1, ""), "vspace": Macro(1, ""), "hspace": Macro(1, ""), "textcolor": Macro(2, "#2"),
    "enquote": Macro(1, "“#1”"), "bysame": Macro(0, "———"), "PrintBackRefs": Macro(1, ""), "setcounter": Macro(2, ""),
    "APACinsertmetastar": Macro(1, ""), "APACrefYear": Macro(1, "(#1)"), "APACrefYearMonthDay": Macro(3, "(#1 #2 #3)"),
    "APACrefatitle": Macro(2, "#2"), "APACrefbtitle": Macro(2, "#2"), "APACjournalVolNumPages": Macro(4, "#1 #2 #3 #4"),
    "APACaddressPublisher": Macro(2, "#1 #2"), "APACaddressInstitution": Macro(2, "#1 #2"), "BPGS": Macro(0, "pp."),
    "BPG": Macro(0, "p."), "BVOL": Macro(0, "Vol."), "BNUM": Macro(0, "No."), "BED": Macro(0, "Ed."),
    "BEDS": Macro(0, "Eds."), "BIn": Macro(0, "In"), "BCBT": Macro(0, ""), "BCBL": Macro(0, ""), "BPBI": Macro(0, ""),
    "begin": Macro(1, ""), "end": Macro(1, ""), "mn@doi": Macro(2, "#1", optional=True), "mn@eprint": Macro(2, "#1:#2"),
    "doibase": Macro(0, ""), "penalty": Macro(0, ""), "citenamefont": Macro(1, "#1"), "unskip": Macro(0, ""),
}  # fmt: skip
_DEFAULTS = {"doi": Macro(1, "#1"), "showeprint": Macro(2, "arXiv:#2", optional=True)}
"""Used when the file does not define them itself."""


def definitions(tex: str) -> dict[str, Macro]:
    r"""The macros that a text defines by ``\newcommand``, ``\providecommand`` or ``\def``; the first one counts."""
    found: dict[str, Macro] = {}
    for match in _DEFINITION.finditer(tex):
        body, end = group(tex[match.end() : match.end() + _LONGEST_BODY], 0)
        if end:
            found.setdefault(match[1], _macro(int(match[2] or 0), body, optional=bool(match[3])))
    for match in _PLAIN_DEFINITION.finditer(tex):
        found.setdefault(
            match[1], _macro(match[2].count("#"), group(tex[match.end() : match.end() + _LONGEST_BODY], 0)[0])
        )
    return _DEFAULTS | found | _KNOWN


def _macro(arguments: int, body: str, *, optional: bool = False) -> Macro:
    """A macro that does more than print is taken to print its last argument."""
    if _PROGRAMMED.search(body):
        body = f"#{arguments}" if arguments else ""
    return Macro(arguments, body, optional)


def group(tex: str, start: int) -> tuple[str, int]:
    """The braced group that begins at or after ``start`` (white space before it is skipped), and where it ends.

    Without a group there, "" and ``start``; an open group reaches to the end.
    """
    position = start
    while position < len(tex) and tex[position].isspace():
        position += 1
    if position >= len(tex) or tex[position] != "{":
        return "", start
    return _balanced(tex, position, "{", "}")


def option(tex: str, start: int) -> tuple[str, int]:
    """The argument in brackets that begins at ``start``, braces within it kept whole; else "" and ``start``."""
    if start >= len(tex) or tex[start] != "[":
        return "", start
    depth = 0
    for position in range(start + 1, len(tex)):
        depth += {"{": 1, "}": -1}.get(tex[position], 0)
        if tex[position] == "]" and depth <= 0:
            return tex[start + 1 : position], position + 1
    return "", start


def without_comments(tex: str) -> str:
    """The source without its comments; in an address a percent sign is itself, unless it ends a line."""

    def kept(match: re.Match[str]) -> str:
        return re.sub(r"%\n\s*", "", match[1] or "")

    return _ADDRESS_OR_COMMENT.sub(kept, tex)


def plain(tex: str, macros: dict[str, Macro] | None = None) -> str:
    """The text that LaTeX prints, on one line.

    Args:
        tex: A piece of LaTeX source.
        macros: As of ``definitions``.
    """
    reader = _Reader(dict(macros if macros is not None else definitions("")))
    text = reader.read(without_comments(tex), 0)
    return clean(unicodedata.normalize("NFC", text))


def _balanced(tex: str, start: int, opening: str, closing: str) -> tuple[str, int]:
    depth = 0
    position = start
    while position < len(tex):
        char = tex[position]
        if char == "\\":
            position += 1
        elif char == opening:
            depth += 1
        elif char == closing:
            depth -= 1
            if depth == 0:
                return tex[start + 1 : position], position + 1
        position += 1
    return tex[start + 1 :], len(tex)


class _Reader:
    def __init__(self, macros: dict[str, Macro]) -> None:
        self._macros = macros
        self._steps = 0

    def read(self, tex: str, depth: int) -> str:
        if depth > _DEPTH:
            return tex
        out: list[str] = []
        position = 0
        while position < len(tex):
            self._steps += 1
            if self._steps > _STEPS:
                break
            char = tex[position]
            if char == "\\":
                text, position = self._macro(tex, position + 1, depth)
                out.append(text)
            elif char in "{}$":
                position += 1
            elif char == "~":
                out.append(" ")
                position += 1
            elif tex.startswith("--", position):
                dash = "—" if tex.startswith("---", position) else "–"
                out.append(dash)
                position += 3 if dash == "—" else 2
            else:
                out.append(char)
                position += 1
        return "".join(out)

    def _macro(self, tex: str, position: int, depth: int) -> tuple[str, int]:
        match = _NAME.match(tex, position)
        if match is None:
            return "", position
        name = match[0]
        position = match.end()
        if name in _ACCENTS and (not name.isalpha() or not tex[position : position + 1].isalpha()):
            return self._accent(name, tex, position, depth)
        if not name[0].isalpha() and name[0] != "@":
            return (" " if name in " ,;:!/\\" else "" if name in "()[]-" else name), position
        gap = re.compile(r"\s*").match(tex, position)
        after = gap.end() if gap else position
        if name in _SIGNS:
            return _SIGNS[name], after
        if name == "urldef":
            return "", self._define_url(tex, after)
        if name == "hskip":
            end = tex.find("\\relax", after)
            return " ", end + len("\\relax") if 0 <= end < after + 80 else after
        if name == "penalty":
            number = re.compile(r"-?\d+\s?").match(tex, after)
            return "", number.end() if number else after
        if name in self._macros:
            return self._expand(self._macros[name], tex, after, depth)
        return (" " if name in ("newblock", "par", "quad", "space") else ""), after

    def _expand(self, macro: Macro, tex: str, position: int, depth: int) -> tuple[str, int]:
        arguments: list[str] = []
        if macro.optional:
            argument, position = option(tex, position)
            arguments.append(argument)
        while len(arguments) < macro.arguments:
            argument, end = group(tex, position)
            if end == position:
                token = re.compile(r"\s*(\\[A-Za-z@]+|\S)").match(tex, position)
                argument, end = (token[1], token.end()) if token else ("", position)
            position = end
            arguments.append(argument)
        body = re.sub(r"#(\d)", lambda match: "".join(arguments[int(match[1]) - 1 : int(match[1])]), macro.body)
        return self.read(body, depth + 1), position

    def _accent(self, name: str, tex: str, position: int, depth: int) -> tuple[str, int]:
        argument, end = group(tex, position)
        if end == position:
            token = re.compile(r"\s*(\\[A-Za-z]+|\S)").match(tex, position)
            argument, end = (token[1], token.end()) if token else ("", position)
        base = self.read(argument, depth + 1)
        return base[:1] + _ACCENTS[name] + base[1:] if base else "", end

    def _define_url(self, tex: str, position: int) -> int:
        match = re.compile(r"\\([A-Za-z@]+)\s*\\url\s*").match(tex, position)
        if match is None:
            return position
        address, end = group(tex, match.end())
        self._macros[match[1]] = Macro(0, address.replace("\\", ""))
        return end
