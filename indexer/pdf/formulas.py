"""Displayed equations: which lines among running text they are, and their printed numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from indexer.pdf.geometry import Line, Span

_MATH_FONT = re.compile(
    r"^(?:[A-Z]{6}\+)?(?:cm(?:mi|sy|ex|bsy|mib)\d|ms[ab]m\d|eu[fs][mb]\d|lm(?:math|mono?math)|latinmodernmath|"
    r"(?:new)?(?:tx|px)(?:mi|sy|ex|miax?)|r?mt(?:mi|sy|ex|mu)|mathtime|stix\w*math|xits\w*math|asana\w*math|"
    r"cambria-?math|newcm\w*math|libertinus\w*math|\w*-?math\b|symbol|mnsymbol|rsfs|wasy|stmary|bbm|dsfont|esint|"
    r"fourier-math|zpl?mi|psyr)",
    re.IGNORECASE,
)
_MONOSPACED = re.compile(
    r"mono|courier|typewriter|consol|menlo|inconsolata|(?:cm|sf|ec|lm|eb)tt|\btt\d|fira\s?code|source\s?code",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^[\s.·…]*\(([A-Z]{0,2}[.\-]?\d{1,3}(?:[.\-–]\d{1,3}){0,2}\s?[a-z]?['′*]?)\)$")
_NUMBER_AT_END = re.compile(r"\s\(([A-Z]{0,2}[.\-]?\d{1,3}(?:[.\-–]\d{1,3}){0,2}[a-z]?['′*]?)\)$")
_RELATION = re.compile(r"[=<>≤≥≈∼≃≅≡∝→←↦⇒⇔∈∉⊂⊆≪≫≠≜≔⟹⟺⟶∑∏∫∥≺≻⪯⪰]|:=")
_WORD = re.compile(r"[^\W\d_]{3,}")
_PLAIN_WORD = re.compile(r"[a-z]{4,}")
_FUNCTIONS = frozenset(
    {"arg", "argmax", "argmin", "cos", "cosh", "cov", "deg", "det", "diag", "dim", "div", "erf", "exp", "gcd", "hom",
     "inf", "ker", "lim", "liminf", "limsup", "log", "logit", "max", "min", "mod", "rank", "relu", "sgn", "sign", "sin",
     "sinh", "softmax", "span", "sup", "tan", "tanh", "trace", "var", "vec", "otherwise", "subject", "maximize",
     "minimize", "if", "and", "for", "all", "with", "where", "such", "that"}
)  # fmt: skip
_MAX_LINES = 40
"""A longer run of short lines full of signs is a plot or a table."""
_MAX_CHARS = 2_000


def find_formulas(lines: Sequence[Line], *, pitch: float) -> list[range]:
    """Find the runs of lines that display an equation.

    Args:
        lines: Of one section, in reading order.
        pitch: The usual distance of two baselines of running text, in points.

    Returns:
        Ranges of positions in ``lines``, in order and apart.
    """
    runs: list[range] = []
    first = 0
    while first < len(lines):
        last = first
        while last < len(lines) and _is_part(lines[last]) and lines[last].column == lines[first].column:
            last += 1
        if last > first:
            run = _displayed(lines, first, last, pitch)
            if run:
                runs.append(run)
        first = max(last, first + 1)
    return runs


def equation_number(lines: Sequence[Line]) -> str:
    """The number printed beside an equation, without its parentheses; empty when it has none."""
    for line in lines:
        match = _NUMBER.match(line.text) or _NUMBER_AT_END.search(line.text)
        if match is not None and line.x1 > line.right - 4 * line.size:
            return match[1].replace(" ", "")
    return ""


def is_monospaced(line: Line) -> bool:
    """True for program text, by its font."""
    return bool(_MONOSPACED.search(line.font))


def _displayed(lines: Sequence[Line], first: int, last: int, pitch: float) -> range:
    """The run without the lines at its ends that close or open a paragraph; empty when it is no equation."""
    while first < last and _goes_on(lines, first, pitch):
        first += 1
    run = lines[first:last]
    text = " ".join(line.text for line in run)
    signs = sum(1 for line in run if _is_formula(line))
    if not run or len(run) > _MAX_LINES or len(text) > _MAX_CHARS or not signs or not _has_relation(text):
        return range(0)
    if any(is_monospaced(line) for line in run) or sum(1 for char in text if char.isalnum()) < 2:
        return range(0)
    numbered = bool(equation_number(run))
    set_off = all(line.x0 > line.left + 0.7 * line.size for line in run if not _NUMBER.match(line.text))
    return range(first, last) if numbered or set_off else range(0)


def _goes_on(lines: Sequence[Line], index: int, pitch: float) -> bool:
    """True for a line at the left edge right below text: the end of a paragraph that happens to be a formula."""
    if index == 0 or lines[index - 1].column != lines[index].column or _is_part(lines[index - 1]):
        return False
    line = lines[index]
    return line.x0 < line.left + 0.5 * line.size and line.baseline - lines[index - 1].baseline < 1.15 * pitch


def _is_part(line: Line) -> bool:
    """True for what an equation is made of: formulas, and short pieces such as limits, numbers and brackets."""
    return _is_formula(line) or (len(line.text) <= 12 and not _words(line)) or bool(_NUMBER.match(line.text))


def _is_formula(line: Line) -> bool:
    chars = len(line.text.replace(" ", ""))
    # Most lines are prose, which plain words show at once.
    if not chars or (chars > 30 and sum(map(len, _PLAIN_WORD.findall(line.text))) > 0.6 * chars):
        return False
    words = sum(len(word) for word in _words(line))
    math = sum(_math_chars(span) for span in line.spans)
    if line.x0 > line.left + 2.0 * line.size:
        return words <= 0.4 * chars and (math >= 0.25 * chars or (words <= 0.15 * chars and _has_relation(line.text)))
    return words <= 0.15 * chars and math >= 0.25 * chars


def _has_relation(text: str) -> bool:
    return bool(_RELATION.search(text))


def _words(line: Line) -> list[str]:
    """Words of language in a line; names of functions are none."""
    plain = "".join(span.text for span in line.spans if not _MATH_FONT.match(span.font))
    return [word for word in _WORD.findall(plain) if word.lower() not in _FUNCTIONS]


def _math_chars(span: Span) -> int:
    text = span.text.replace(" ", "")
    if _MATH_FONT.match(span.font):
        return len(text)
    return sum(1 for char in text if _is_sign(char)) + (len(text) if span.raised else 0)


def _is_sign(char: str) -> bool:
    if char.isascii():
        return char in "=<>+|^"
    return unicodedata.category(char) == "Sm" or "\u0370" <= char <= "\u03ff" or "\U0001d400" <= char <= "\U0001d7ff"
