"""Formulas of MathML and TeX as one line that can be read and searched."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from core.text import clean
from indexer.xml.inline import all_text, children, tag_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAX_DEPTH = 60
_SUPERSCRIPTS = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
_SUBSCRIPTS = str.maketrans("0123456789+-−()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₍₎")
_RELATIONS = frozenset("=<>≤≥≈≠∈∉⊂⊆→←↔⇒∼~≡∝+−×·÷±∧∨∪∩∣|")
_UNSEEN = frozenset("\u2061\u2062\u2063\u2064\u200b")
_ANNOTATIONS = frozenset({"annotation", "annotation-xml", "mspace", "maligngroup", "malignmark", "mprescripts"})
_TEX_BODY = re.compile(r"\\begin\{document\}(.*?)\\end\{document\}", re.DOTALL)
_TEX_MARKS = re.compile(r"^(?:\$\$?|\\\[|\\\()|(?:\$\$?|\\\]|\\\))$")


def formula_text(element: _Element) -> str:
    """A formula in any of its forms (MathML first, then TeX, then what else it holds); empty for a mere picture."""
    for child in element.iter("math"):
        text = _squeeze(_math(child, 0))
        if text:
            return text
    for child in element.iter("tex-math"):
        text = _tex(all_text(child))
        if text:
            return text
    return ""


def _tex(source: str) -> str:
    """TeX without the document that some publishers wrap around each formula."""
    body = _TEX_BODY.search(source)
    text = clean(body[1] if body else source)
    return clean(_TEX_MARKS.sub("", text))


def _squeeze(text: str) -> str:
    return clean("".join(char for char in text if char not in _UNSEEN))


def _math(element: _Element, depth: int) -> str:
    tag = tag_of(element)
    if tag in _ANNOTATIONS or not tag:
        return ""
    if depth > _MAX_DEPTH:
        return clean(all_text(element))
    parts = [_math(child, depth + 1) for child in children(element)]
    if tag in ("mi", "mn", "mtext", "ms", "mo"):
        return _token(tag, clean(all_text(element)))
    if tag == "mfrac" and len(parts) == 2:
        return f"{_grouped(parts[0])}/{_grouped(parts[1])}"
    if tag == "msqrt":
        return f"√{_grouped(''.join(parts))}"
    if tag == "mroot" and len(parts) == 2:
        return f"{_script(parts[1], _SUPERSCRIPTS, '')}√{_grouped(parts[0])}"
    if tag in ("msub", "munder", "msup", "mover", "msubsup", "munderover") and len(parts) >= 2:
        return _scripted(tag, parts)
    if tag == "mfenced":
        marks = element.get("open", "("), element.get("close", ")")
        return f"{marks[0][:1]}{', '.join(parts)}{marks[1][:1]}"
    if tag == "mtable":
        return "; ".join(part for part in parts if part)
    if tag in ("mtr", "mlabeledtr"):
        return " ".join(part for part in parts if part)
    if tag == "semantics":
        return parts[0] if parts else ""
    return "".join(parts) or (clean(element.text or "") if len(element) == 0 else "")


def _token(tag: str, text: str) -> str:
    if tag == "mo":
        if text in _RELATIONS:
            return f" {text} "
        return f"{text} " if text in (",", ";") else text
    if tag == "mtext" or (tag == "mi" and len(text) > 1):
        return f" {text} " if text.isalpha() else text
    return text


def _scripted(tag: str, parts: list[str]) -> str:
    base, scripts = parts[0].rstrip(), [part.strip() for part in parts[1:]]
    below = scripts[0] if tag != "msup" and tag != "mover" else ""
    above = scripts[-1] if tag not in ("msub", "munder") else ""
    text = base
    if below:
        text += _script(below, _SUBSCRIPTS, "_")
    if above:
        text += _script(above, _SUPERSCRIPTS, "^")
    return text


def _script(text: str, table: dict[int, int], mark: str) -> str:
    """A script as raised or lowered characters when all of them exist, else behind its mark."""
    if text and all(ord(char) in table for char in text):
        return text.translate(table)
    return f"{mark}{_grouped(text)}" if text else ""


def _grouped(text: str) -> str:
    text = text.strip()
    return text if len(text) <= 1 or text.isalnum() else f"({text})"
