"""The names of authors among the lines below a title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.records import Author
from indexer.pdf.front.personal import HAN, is_name, is_single, tidy, title_case
from indexer.pdf.front.places import is_affiliation, is_contact, is_institution
from indexer.pdf.geometry import Line, Span
from indexer.references.names import split_name

MARK = "\x1f"
"""Stands for a raised mark in the text of a line: it parts two names even where the comma is missing."""
_SEPARATOR = re.compile(r"\s*(?:[,;·•|∙、，；/]|(?<!\w)(?:and|AND|And|und|et|y|e|with)(?!\w)|&|\s{3,}|\x1f)\s*")
_SYMBOLS = re.compile(r"[*†‡§¶∗#✉⋆♯♭◇∥‖⁂♦♠♣★☆✝✩✦◦⊥⁎º°\d⁰¹²³⁴⁵⁶⁷⁸⁹\[\]{}()]+")
_DEGREES = re.compile(
    r",\s*(?:M\.?S|M\.?A|B\.?A|B\.?S|R\.?N)(?![^\W\d_])\.?|"
    r",?\s*(?<![^\W\d_])(?:Ph\.? ?D|M\.? ?D|M\.?Sc|M\.?P\.?H|M\.?B\.?A|B\.?Sc|FRCP|FACS|Dr(?=\.)|Prof(?=\.)|D\.?Sc|"
    r"Dr\.? ?rer\.? ?nat|MBBS|MBChB|DDS|DVM|PharmD|DrPH|EdD|PsyD|DPhil|MPhil|MEng|MRCP)(?![^\W\d_])\.?",
)
_SOCIETY = re.compile(
    r",?\s*(?:\b(?:graduate|student|senior|life|associate|junior)\s+)*\b(?:member|fellow)\b,?\s*"
    r"(?:IEEE|ACM|AIAA|ASME|OSA|SPIE|IET)?\b",
    re.IGNORECASE,
)
_LEAD = re.compile(r"^\s*(?:by|authors?(?:\(s\))?\s*:|written by|par|von)\s+", re.IGNORECASE)
_SUFFIX = re.compile(r",\s*(Jr|Sr|II|III|IV)\b\.?", re.IGNORECASE)
_ORCID = re.compile(r"(?:https?://)?(?:orcid\.org/)?\[?\(?\b\d{4}[-–−]\d{4}[-–−]\d{4}[-–−]\d{3}[\dX]\b\)?\]?|\biD\b")
_BODY = re.compile(
    r"^(?:(?:and|for|on behalf of|representing)\s+)*(?:the\s+)?([^,;]{2,70}?\b(?:collaborations?|consortium|"
    r"working group|"
    r"study group|task force|initiative|network|team|investigators|committee))$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_FOR_BODY = re.compile(
    r"\b(?:for|on behalf of|representing)\s+(?:the\s+)?(?=[^,;]{2,60}\b(?:collaboration|consortium|team)\b)",
    re.IGNORECASE,
)
_COMPOUND = frozenset(
    {"欧阳", "歐陽", "司马", "司馬", "诸葛", "諸葛", "上官", "夏侯", "东方", "皇甫", "尉迟", "令狐", "慕容"}
)
"""Chinese family names of two characters."""
_SPACES = re.compile(r"\s{4,}")
_GAP = 0.8
"""Space, in font sizes, that parts two names on one line."""

Style = tuple[float, bool, bool]


@dataclass(frozen=True, slots=True)
class Byline:
    """Authors in reading order, and the identities of the lines that hold them."""

    authors: tuple[Author, ...]
    lines: frozenset[int]


def read_byline(front: Sequence[Line]) -> Byline:
    """Read the names: in lists, in blocks side by side, or one to a line above their institutions.

    Args:
        front: Lines between title and abstract, from top to bottom and left to right.
    """
    authors: list[Author] = []
    used: set[int] = set()
    style: Style | None = None
    groups = _wrapped(front)
    for position, group in enumerate(groups):
        mine = _style(group[0])
        if style is not None and not _same_style(style, mine):
            body = _body_of(group)
            if body is None or body in authors:
                continue
            authors.append(body)
            used.update(id(line) for line in group)
            continue
        names = names_in(group, alone=style is not None)
        if not names or (style is not None and _is_address(groups, position, len(names))):
            continue
        style = style or mine
        used.update(id(line) for line in group)
        authors.extend(author for author in names if author not in authors)
    return Byline(tuple(authors), frozenset(used))


def level(line: Line) -> tuple[float, float]:
    """Size and baseline of the largest words of a line: what names are set in, marks are not."""
    best = (0.0, line.baseline)
    for span in line.spans:
        if sum(1 for char in span.text if char.isalpha()) >= 2 and span.size > best[0]:
            best = (span.size, span.baseline)
    return best if best[0] else (line.size, line.baseline)


def is_mark(span: Span, size: float, baseline: float) -> bool:
    """True for small raised text and for symbols: they point to a note or an affiliation."""
    small = span.size < 0.9 * size
    raised = span.baseline < baseline - 0.1 * size
    return (small and (raised or not any(char.isalpha() for char in span.text))) or span.raised > 0


def text_of(line: Line) -> str:
    """The text of a line with each run of marks as one ``MARK``."""
    size, baseline = level(line)
    pieces: list[str] = []
    edge = line.x0
    for span in line.spans:
        if pieces and span.x0 - edge > _GAP * size:
            pieces.append("   ")
        edge = span.x1
        if not is_mark(span, size, baseline):
            pieces.append(span.text)
        elif not pieces or not pieces[-1].startswith(MARK):
            pieces.append(MARK + (" " if span.text.endswith(" ") else ""))
    return _SPACES.sub("   ", "".join(pieces))


def _style(line: Line) -> Style:
    return level(line)[0], line.bold, line.italic


def _same_style(first: Style, other: Style) -> bool:
    return abs(first[0] - other[0]) < 0.06 * first[0] and first[1:] == other[1:]


def _wrapped(front: Sequence[Line]) -> list[list[Line]]:
    """Lines, and runs of lines of one style in which a list of names goes over the line end."""
    edge = max((line.x1 for line in front), default=0.0)
    start = min((line.x0 for line in front), default=0.0)
    groups: list[list[Line]] = []
    for line in front:
        last = groups[-1][-1] if groups else None
        if last is not None and _wraps(last, line, groups[-1], edge - start):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _wraps(last: Line, line: Line, group: Sequence[Line], width: float) -> bool:
    if not _same_style(_style(last), _style(line)):
        return False
    if not 0.5 * line.size < line.baseline - last.baseline < _reach(group, width) * level(line)[0]:
        return False
    if any(_YEAR.search(item.text) for item in (last, line)):
        return False
    if any(is_institution(_SOCIETY.sub("", item.text)) or is_contact(item.text) for item in (last, line)):
        return False
    ending = text_of(last).replace(MARK, "").rstrip()
    if ending.endswith((",", " and", "&", ";")):
        return True
    text = "".join(text_of(item) for item in group)
    is_list = "," in text.replace(MARK, "") or text.count(MARK) >= 2 or " and " in text
    return is_list and last.width > 0.6 * width


def _reach(group: Sequence[Line], width: float) -> float:
    """How far the next line of a list may be, in font sizes: a manuscript has double spacing throughout."""
    if len(group) < 2:
        goes_on = text_of(group[-1]).replace(MARK, "").rstrip().endswith((",", " and", "&", ";"))
        return 2.6 if goes_on or group[-1].width > 0.8 * width else 1.75
    return max(1.75, 1.1 * (group[-1].baseline - group[-2].baseline) / level(group[-1])[0])


def names_in(lines: Sequence[Line], *, alone: bool = False) -> list[Author]:
    """The names in lines that belong together, or nothing when they are not a list of names."""
    text = _ORCID.sub(" ", " ".join(text_of(line) for line in lines))
    text = _SOCIETY.sub("", _LEAD.sub("", text))
    text = _SUFFIX.sub(r" \1", _DEGREES.sub("", _FOR_BODY.sub(", ", text)))
    if is_affiliation(text.replace(MARK, " ")):
        return _before_affiliation(text)
    bare = " ".join(_SYMBOLS.sub(" ", text.replace(MARK, " ")).split()).strip(" .,:;")
    if _YEAR.search(text):
        return []
    inverted = _inverted(text)
    if inverted:
        return inverted
    body = _BODY.match(bare)
    if body is not None:
        return [Author(family=body[1])]
    parts = [_SYMBOLS.sub(" ", part).strip(" .,:;-–—−ˆ~") for part in _SEPARATOR.split(text)]
    parts = [" ".join(part.split()) for part in parts]
    parts = [part for part in parts if len(part) > 1 or HAN.match(part)]
    names = [part for part in parts if is_name(part) or (_BODY.match(part) and len(parts) > 1)]
    if len(names) >= 2 or alone:
        # Someone with a single name is told by the company.
        names = [part for part in parts if part in names or (len(names) >= 2 and is_single(part))]
    if not names or len(names) < 0.7 * len(parts):
        return []
    return [_author(name) for name in names]


def _author(name: str) -> Author:
    body = _BODY.match(name)
    if body is not None:
        return Author(family=body[1])
    if HAN.match(name) and " " not in name:
        family = 2 if name[:2] in _COMPOUND and len(name) > 2 else 1
        return Author(family=name[:family], given=name[family:])
    # In capitals throughout, a short family name would pass for initials.
    return tidy(split_name(title_case(name) if name.isupper() else name))


def _before_affiliation(text: str) -> list[Author]:
    """The name that opens a line whose rest tells the affiliation: in capitals, or parted from it by a mark."""
    names: list[str] = []
    for part in _SEPARATOR.split(text):
        name = " ".join(_SYMBOLS.sub(" ", part.replace(MARK, " ")).split())
        if not name:
            continue
        small = bool(names) and all(item.isupper() for item in names) and not name.isupper()
        if small or not is_name(name) or is_affiliation(name):
            told = bool(names) and (is_institution(part) or all(item.isupper() for item in names))
            return [_author(item) for item in names] if told else []
        names.append(name)
    return []


def after_names(line: Line) -> str:
    """What a line tells behind the names that open it."""
    text = _SOCIETY.sub("", _DEGREES.sub("", text_of(line)))
    for match in _SEPARATOR.finditer(text):
        rest = text[match.end() :]
        part = " ".join(_SYMBOLS.sub(" ", _SEPARATOR.split(rest, maxsplit=1)[0].replace(MARK, " ")).split())
        if part and (not is_name(part) or is_affiliation(part)):
            return rest.replace(MARK, " ")
    return ""


def _inverted(text: str) -> list[Author]:
    """Names printed with the family name first: ROSSI, Chiara, or a list with semicolons."""
    items = [item for item in re.split(r"[;\x1f]|\band\b", text) if item.strip(" ,.*")]
    authors: list[Author] = []
    for item in items:
        family, comma, given = _SYMBOLS.sub(" ", item).strip(" ,.").partition(",")
        if not comma or "," in given or not is_name(f"{given} {family}"):
            return []
        initials = all(len(word.strip(".")) <= 2 for word in given.replace("-", " ").split())
        if not (family.isupper() and not given.isupper()) and not (";" in text or initials):
            return []
        authors.append(tidy(Author(family=" ".join(family.split()), given=" ".join(given.split()))))
    return authors


def _body_of(lines: Sequence[Line]) -> Author | None:
    text = " ".join(_SYMBOLS.sub(" ", text_of(line).replace(MARK, " ")) for line in lines)
    match = _BODY.match(" ".join(text.split()).strip(" ().,"))
    return Author(family=match[1]) if match is not None and len(match[1].split()) <= 6 else None


def _is_address(groups: Sequence[Sequence[Line]], position: int, count: int) -> bool:
    """True for a line such as ``Mountain View`` that follows an institution in its block."""
    if count != 1:
        return False
    line = groups[position][0]
    if is_affiliation(line.text):
        return False
    above = [
        last
        for group in groups[:position]
        for last in group[-1:]
        if last.x0 < line.x1 and last.x1 > line.x0 and 0 < line.baseline - last.baseline < 1.45 * line.height
    ]
    if not above or any(span.raised > 0 for span in line.spans):
        return False
    near = max(above, key=lambda item: item.baseline)
    return is_institution(near.text) and not is_contact(near.text) and _same_style(_style(near), _style(line))
