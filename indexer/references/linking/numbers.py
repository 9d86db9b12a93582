"""Citations by number or key: [1, 3–5], (1), superscripts, [Knu84]."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from indexer.references.linking.links import Link, Pair, bracket_pairs
from indexer.references.linking.lists import Lists, label_key

_MAX_CHARS = 200
"""Between brackets."""
_MAX_RANGE = 60
_DASH = r"[-–—‐‑−]"
_NUMBER = re.compile(rf"^([A-Z]{{0,2}})(\d{{1,4}})([a-z]?)(?:\s?{_DASH}+\s?([A-Z]{{0,2}})(\d{{1,4}}))?$")
_PARTS = re.compile(r"\s*[,;]\s*(?:and\s+|&\s*)?|\s+(?:and|&|und|et|y)\s+")
_OPENING_WORDS = re.compile(
    r"^(?:see(?: also)?|e\.\s?g\.|cf\.|for example|also|refs?\.|references?|vgl\.)[,:]?\s+", re.I
)
_NOTE = re.compile(
    r"^(?:pp?\.|S\.|ch(?:ap)?s?\b|sec|§|fig|th(?:m|eorem)|lem|prop|cor|def|eqs?\b|table|app|vol|part|p\s?\d|[^\W\d_]{2,})",
    re.IGNORECASE,
)
_INTERVAL = re.compile(r"(?:∈|\b(?:interval|range|between|domain|over|from|to|values? in|lies in|uniform on))\s*$")
_NUMBERED_THING = re.compile(
    r"\b(?:eqs?|eqns?|equations?|figs?|figures?|tables?|sections?|sec|steps?|conditions?|constraints?|lemmas?|theorems?|"
    r"definitions?|formulas?|formulae|expressions?|inequalit(?:y|ies)|groups?|hypothes[ie]s|problems?|by)\.?\s*$",
    re.IGNORECASE,
)
_RAISED = re.compile(rf"^[\[(]?\s*((?:[A-Z]{{0,2}}\d{{1,4}}[a-z]?|[\s,;]|{_DASH})+?)\s*[\])]?[.,;:]?$")
_GLUED = re.compile(
    r"(?<=[a-zà-ÿ]{2}[a-zà-ÿ.,;)\]”’])(?<!\bfig\.)(?<!\bsec\.)(?<!\btab\.)"
    r"(\d{1,3}(?:[,–-]\d{1,3}){0,20})(?=[\s.,;:)]|$)"
)
"""Superior figures of the font: raised to the eye, plain digits behind their word to the file."""
_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_UNIT = re.compile(r"(?:^|[\s\d.(/·×])(?:[cdkmnµμp]m|ft|kg|eV|Hz|Pa)$")
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d$")
_DASHES = frozenset("-–—‐‑−")
_BETWEEN = _DASHES | {",", ";"}


def find_bracketed(text: str, lists: Lists, page: int) -> list[Link]:
    """Numbers in square brackets; ``[1], [2]`` are one citation, ``[1]–[3]`` a range."""
    pairs = [pair for pair in bracket_pairs(text, most=_MAX_CHARS) if text[pair.start] == "["]
    links = [
        Link(pair.start, pair.end, indices)
        for pair in pairs
        if (indices := _expand(text[pair.start + 1 : pair.end - 1], lists, page)) and not _is_subscript(text, pair)
    ]
    return _joined(text, links, lists)


def find_parenthesised(text: str, lists: Lists, page: int) -> list[Link]:
    """Numbers in parentheses that are neither those of equations nor of an enumeration."""
    return [
        Link(pair.start, pair.end, indices)
        for pair in bracket_pairs(text, most=_MAX_CHARS)
        if text[pair.start] == "("
        and (indices := _expand(text[pair.start + 1 : pair.end - 1], lists, page))
        and not _is_counted(text, pair)
    ]


def find_raised(text: str, raised: Sequence[tuple[int, int]], lists: Lists, page: int) -> list[Link]:
    """Superscript numbers that are no exponents."""
    links: list[Link] = []
    for start, end in _runs(text, raised):
        plain = lowered(text[start:end])
        match = _RAISED.match(plain) if len(plain) <= _MAX_CHARS else None
        if match is None or _is_exponent(text, start, match[1]):
            continue
        indices = _expand(match[1].strip(" ,;"), lists, page)
        if indices:
            links.append(Link(start, end, indices))
    return links


def find_glued(text: str, lists: Lists, page: int) -> list[Link]:
    """Plain digits behind words, as superior figures of a font come out."""
    return [
        Link(match.start(), match.end(), indices)
        for match in _GLUED.finditer(text)
        if (indices := _expand(match[1], lists, page))
    ]


def find_labelled(text: str, lists: Lists, page: int) -> Iterator[Link]:
    """Keys in square brackets, such as ``[Knu84, p. 7; ABC+99]``."""
    for pair in bracket_pairs(text, most=_MAX_CHARS):
        if text[pair.start] != "[":
            continue
        inner = _OPENING_WORDS.sub("", text[pair.start + 1 : pair.end - 1].strip())
        whole = lists.find([label_key(inner)], page)
        if whole:
            yield Link(pair.start, pair.end, whole)
            continue
        items = [item for item in re.split(r"[;,]\s*", inner) if item]
        known = [key for item in items if lists.find([key := label_key(item)], page)]
        notes = sum(1 for item in items if _NOTE.match(item) and label_key(item) not in known)
        if known and len(known) >= 0.5 * (len(items) - notes):
            yield Link(pair.start, pair.end, lists.find(known, page))


def lowered(text: str) -> str:
    """Superscript digits and signs as plain ones."""
    return text.translate(_LOWERED)


def _expand(items: str, lists: Lists, page: int) -> tuple[int, ...]:
    """Entries of ``1, 3–5, p. 7``; empty when a number is in no list, or something else stands there."""
    labels: list[str] = []
    for part in _PARTS.split(_OPENING_WORDS.sub("", items.strip())):
        match = _NUMBER.match(part.strip())
        if match is None:
            if labels and (_NOTE.match(part) or not part):
                continue
            return ()
        first, last = int(match[2]), int(match[5] or match[2])
        if not first <= last <= first + _MAX_RANGE or (match[4] and match[4] != match[1]):
            return ()
        if match[3]:
            # 12a is a label of its own, or a part of entry 12.
            own = label_key(f"{match[1]}{first}{match[3]}")
            labels.append(own if lists.find([own], page) else label_key(f"{match[1]}{first}"))
            continue
        labels.extend(label_key(f"{match[1]}{number}") for number in range(first, last + 1))
    return lists.find(labels, page) if labels else ()


def _joined(text: str, links: Sequence[Link], lists: Lists) -> list[Link]:
    joined: list[Link] = []
    for link in links:
        last = joined[-1] if joined else None
        if last is not None and link.start < last.end:
            continue
        between = text[last.end : link.start].strip() if last is not None and link.start - last.end < 4 else ""
        if last is None or between not in _BETWEEN or link.start == last.end:
            joined.append(link)
            continue
        indices = [*last.reference_indices, *link.reference_indices]
        first, end = last.reference_indices[-1], link.reference_indices[0]
        if between in _DASHES and 0 < end - first <= _MAX_RANGE:
            indices = [*last.reference_indices, *range(first + 1, end), *link.reference_indices]
        joined[-1] = Link(last.start, link.end, tuple(dict.fromkeys(indices)))
    return joined


def _is_subscript(text: str, pair: Pair) -> bool:
    """True for the index of an array, A[3], and for an interval."""
    before = text[max(0, pair.start - 24) : pair.start]
    if _INTERVAL.search(before):
        return True
    word = re.search(r"[\w.]+$", before)
    return word is not None and (len(word[0].strip(".")) == 1 or "_" in word[0] or word[0][-1].isdigit())


def _is_counted(text: str, pair: Pair) -> bool:
    """True for the number of an equation, table or step, and for (1) before an item of an enumeration."""
    before = text[max(0, pair.start - 24) : pair.start].rstrip()
    if not before or before[-1] in ":,;=" or _NUMBERED_THING.search(before):
        return True
    word = re.search(r"\S+$", before)
    if word is None or _YEAR.search(word[0]):
        return False
    return word[0] in ("and", "or") or sum(1 for char in word[0] if char.isalpha()) < 2


def _runs(text: str, raised: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Superscripts, joined where one goes on in the next line."""
    current: tuple[int, int] | None = None
    for start, end in raised:
        if current is not None and text[current[1] - 1] in ",-–⁻" and not text[current[1] : start].strip():
            current = (current[0], end)
            continue
        if current is not None:
            yield current
        current = (start, end)
    if current is not None:
        yield current


def _is_exponent(text: str, start: int, number: str) -> bool:
    before = text[max(0, start - 12) : start]
    if not before or before[-1].isspace():
        return not before.strip()
    if before[-1].isdigit():
        return not _YEAR.search(before)
    if before[-1] in "=+−-×*/^<>∼~|√":
        return True
    if len(number) == 1 and number in "123" and _UNIT.search(before):
        return True
    return before[-1].isalpha() and (len(before) == 1 or not before[-2].isalpha()) and before[-1] != "I"
