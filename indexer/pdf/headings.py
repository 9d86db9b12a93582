"""Which lines are headings, of which level and number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.pdf.blocks import is_caption, is_item
from indexer.pdf.formulas import is_monospaced
from indexer.pdf.geometry import Line

_ARABIC = re.compile(r"^(?:§\s?)?(\d{1,2}(?:\.\d{1,2}){0,3})[.):]?\s+(?=[^\W\d_“\"'(])")
_ROMAN = re.compile(r"^([IVX]{1,5})\.\s+(?=[^\W\d_])")
_LETTER = re.compile(
    r"^(?:(?:Appendix\s+)?([A-Z](?:\.\d{1,2}){1,3})[.:]?|Appendix\s+([A-Z])[.:]?|([A-Z])[.:])\s+(?=[A-Z])"
)
_LONE_LETTER = re.compile(r"^([A-Z])\s+(?=[A-Z])")
_APPENDIX = re.compile(r"^appendix\b|^supplementa(?:ry|l)\b|^supporting information", re.IGNORECASE)
_KNOWN = frozenset(
    {"abstract", "summary", "introduction", "background", "related work", "related works", "method", "methods",
     "materials and methods", "methodology", "experiments", "experimental setup", "results", "evaluation", "discussion",
     "results and discussion", "conclusion", "conclusions", "conclusion and future work", "future work", "limitations",
     "acknowledgements", "acknowledgments", "acknowledgement", "acknowledgment", "appendix", "statement of need",
     "data availability", "funding", "author contributions", "conflict of interest", "conflicts of interest",
     "competing interests", "ethics statement", "preliminaries", "motivation", "overview", "highlights", "keywords"}
)  # fmt: skip
_MAX_CHARS = 160
_Style = tuple[float, bool, bool, bool]
"""Size, bold, italic, capitals."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of ``count`` lines that begins at line ``first`` of the sequence given."""

    first: int
    count: int
    text: str
    number: str
    level: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    first: int
    count: int
    text: str
    number: str
    depth: int
    style: _Style


def find_headings(lines: Sequence[Line], *, body: float) -> list[Heading]:
    """Find the headings among lines in reading order.

    Args:
        lines: Without title, authors and reference list.
        body: Size of the running text, in points.

    Returns:
        In reading order; ``level`` begins with 1 and never leaps by more than one.
    """
    candidates: list[_Candidate] = []
    index = 0
    while index < len(lines):
        candidate = _candidate(lines, index, body)
        if candidate is None:
            index += 1
        else:
            candidates.append(candidate)
            index += candidate.count
    return _with_levels(_consistent(candidates))


def split_number(text: str) -> tuple[str, str, int]:
    """Part a heading's number from its words.

    Returns:
        Number without its full stop, words, and depth (0 without a number).
    """
    for pattern in (_ARABIC, _ROMAN, _LETTER):
        match = pattern.match(text)
        if match is not None:
            number = next(group for group in match.groups() if group)
            depth = number.count(".") + 1
            return number, text[match.end() :].strip(), depth
    return "", text, 0


def is_known(text: str) -> bool:
    """True for headings that papers share, such as Introduction."""
    return text.strip(" .:").lower() in _KNOWN


def _candidate(lines: Sequence[Line], index: int, body: float) -> _Candidate | None:
    line = lines[index]
    if (
        is_caption(line.text)
        or is_monospaced(line)
        or not _looks_like_heading(line, body)
        or not _is_apart(lines, index)
    ):
        return None
    count = 1
    text = line.text
    while count < 3 and index + count < len(lines) and _goes_on(lines[index + count - 1], lines[index + count]):
        count += 1
        text = f"{text.removesuffix('-')}{'' if text.endswith('-') else ' '}{lines[index + count - 1].text}"
    number, words, depth = _number_of(line, text)
    if len(text) > _MAX_CHARS or not words or not any(char.isalpha() for char in words):
        return None
    if not (number or is_known(words) or _leads_to_text(lines, index, index + count, body)):
        return None
    style = (round(line.size * 2) / 2, line.bold, line.italic, words.isupper())
    return _Candidate(index, count, words.rstrip(" :").removesuffix("."), number, depth, style)


def _leads_to_text(lines: Sequence[Line], first: int, end: int, body: float) -> bool:
    """True when text or another heading follows right below, or a new column begins: not so for labels of plots."""
    line, last = lines[first], lines[end - 1]
    at_edge = line.x0 < line.left + 2.0 * line.size
    if not (at_edge or _is_centred(line)) or end == len(lines):
        return False
    following = lines[end]
    if following.column != last.column:
        return True
    if following.baseline - last.baseline > 4.0 * line.size or is_caption(following.text):
        return False
    long = len(following.text) >= 25 or following.width > 0.5 * (following.right - following.left)
    return (long and following.size > 0.85 * body) or _looks_like_heading(following, body) or is_item(following.text)


def _number_of(line: Line, text: str) -> tuple[str, str, int]:
    """As ``split_number``; a letter without a full stop counts when a wide space sets it off from the words."""
    match = _LONE_LETTER.match(text)
    if match is not None and len(line.spans) > 1 and line.spans[1].x0 - line.spans[0].x1 > 0.7 * line.size:
        return match[1], text[match.end() :].strip(), 1
    return split_number(text)


def _looks_like_heading(line: Line, body: float) -> bool:
    text = line.text
    number, words, depth = split_number(text)
    letters = [char for char in words if char.isalpha()]
    least = 3 if words[:1].isascii() else 2
    if len(letters) < max(least, 0.6 * len(words.replace(" ", ""))) or len(text) > _MAX_CHARS or text[-1] in ",;":
        return False
    # Letters without case begin headings as capitals do.
    capital = words[0].isalpha() and not words[0].islower()
    if not (capital or words[0] in "“\"'" or (number and words[0].islower())):
        return False
    larger, capitals = line.size >= 1.08 * body, words.isupper() and len(letters) >= 4
    if line.size < (0.75 if capitals and (is_known(words) or _is_centred(line)) else 0.88) * body and not number:
        return False
    short = line.width < 0.9 * max(1.0, line.right - line.left) or line.bold or larger
    if text.endswith(".") and not (number or is_known(text)) and not line.bold:
        return False
    if line.bold or larger or capitals:
        return True
    if number and (line.italic or _is_small_capitals(line) or _is_centred(line)) and short:
        return True
    return is_known(words) and short and len(words) < 40 and (depth > 0 or line.italic or words.istitle())


def _is_centred(line: Line) -> bool:
    before, after = line.x0 - line.left, line.right - line.x1
    return min(before, after) > 1.5 * line.size and abs(before - after) < 0.15 * (before + after)


def _is_small_capitals(line: Line) -> bool:
    words = split_number(line.text)[1]
    return words.isupper() or "caps" in line.font.lower() or line.font.lower().startswith("cmcsc")


def _is_apart(lines: Sequence[Line], index: int) -> bool:
    """True when a line stands alone: more space before it than between lines of a paragraph, or a new column."""
    line = lines[index]
    if any(_beside(other, line) for other in lines[max(0, index - 3) : index + 4]):
        return False
    if index == 0 or lines[index - 1].column != line.column:
        return True
    before = line.baseline - lines[index - 1].baseline
    after = (
        lines[index + 1].baseline - line.baseline
        if index + 1 < len(lines) and lines[index + 1].column == line.column
        else before
    )
    pitch = 1.25 * lines[index - 1].size
    return before > pitch or (before > 0.5 * line.size and after > pitch) or line.size > 1.15 * lines[index - 1].size


def _beside(other: Line, line: Line) -> bool:
    """True for another cell of a table's row; the number of a heading may stand apart from it."""
    level = other is not line and other.column == line.column and abs(other.baseline - line.baseline) < 0.3 * line.size
    return level and any(char.isalpha() for char in other.text) and len(other.text) > 2


def _goes_on(last: Line, line: Line) -> bool:
    """True when the second line continues the heading of the first."""
    if line.column != last.column or abs(line.size - last.size) > 0.3 or line.bold != last.bold:
        return False
    if not (last.bold or last.size > 0) or line.italic != last.italic or line.font != last.font:
        return False
    number = split_number(line.text)[0]
    wide = last.width > 0.6 * (last.right - last.left)
    return (
        wide and not number and line.baseline - last.baseline < 1.5 * last.size and (last.bold or last.text.isupper())
    )


def _consistent(candidates: list[_Candidate]) -> list[_Candidate]:
    """Without numbered lines whose number cannot follow: items of lists, cells of tables."""
    kept: list[_Candidate] = []
    last: list[int] = []
    for candidate in candidates:
        if candidate.number and candidate.number[0].isdigit():
            parts = [int(part) for part in candidate.number.split(".")]
            if not _follows(last, parts):
                continue
            last = parts
        kept.append(candidate)
    return kept


def _follows(last: list[int], parts: list[int]) -> bool:
    if not last:
        return parts[0] <= 2
    if parts[0] == last[0]:
        return parts != last and len(parts) > 1
    return last[0] < parts[0] <= last[0] + 2 and all(part <= 2 for part in parts[1:])


def _with_levels(candidates: list[_Candidate]) -> list[Heading]:
    """Depths of numbers decide; without numbers, the larger and heavier style is the higher level."""
    depths: dict[_Style, Counter[int]] = {}
    for candidate in candidates:
        depths.setdefault(candidate.style, Counter())[candidate.depth] += 1
    # Most headings of a style have numbers, or it counts as one without.
    numbered = {style: depth for style, counts in depths.items() if (depth := counts.most_common(1)[0][0])}
    plain = sorted({candidate.style for candidate in candidates if candidate.style not in numbered}, key=_rank)
    # Numbers count from 1 anew where larger headings without any stand above them.
    offset = _headings_above(candidates, numbered, plain)
    headings: list[Heading] = []
    level = 0
    for candidate in candidates:
        wanted = _wanted_level(candidate, candidates, numbered, plain, offset)
        level = max(1, min(wanted, level + 1))
        headings.append(Heading(candidate.first, candidate.count, candidate.text, candidate.number, level))
    return headings


def _headings_above(candidates: list[_Candidate], numbered: dict[_Style, int], plain: list[_Style]) -> int:
    """How many styles without numbers stand above the numbered ones: larger, and before the first number 1."""
    if not numbered:
        return 0
    largest = max(style[0] for style in numbered)
    above = [style for style in plain if style[0] > largest + 0.4]
    holders = [candidate for candidate in candidates if candidate.style in above]
    return len(above) if len(holders) >= 2 else 0


def _rank(style: _Style) -> tuple[float, bool, bool, bool]:
    """Sorts the more prominent style first."""
    size, bold, italic, capitals = style
    return -size, not capitals, not bold, italic


def _level_of_plain(style: _Style, numbered: dict[_Style, int], plain: list[_Style], offset: int) -> int:
    """Below the numbered styles that are more prominent, and below the plain ones that are so too."""
    above = [depth + offset for other, depth in numbered.items() if _rank(other) < _rank(style)]
    if not above:
        return plain.index(style) + 1
    between = [other for other in plain if max(map(_rank, numbered)) < _rank(other) < _rank(style)]
    return max(above) + 1 + len(between)


def _wanted_level(
    candidate: _Candidate,
    candidates: list[_Candidate],
    numbered: dict[_Style, int],
    plain: list[_Style],
    offset: int,
) -> int:
    if candidate.depth:
        letter = "." not in candidate.number and not candidate.number[0].isdigit()
        return 2 if letter and _nested_letter(candidates, candidate) else candidate.depth + offset
    if candidate.style in numbered:
        return numbered[candidate.style] + offset
    rank = _level_of_plain(candidate.style, numbered, plain, offset)
    alone = sum(1 for other in candidates if other.style == candidate.style) < 3
    known = is_known(candidate.text) or bool(_APPENDIX.match(candidate.text))
    return 1 if known and (alone or numbered) else rank


def _nested_letter(candidates: list[_Candidate], candidate: _Candidate) -> bool:
    """True for A., B. under I., II.: the letters then begin anew and stand in another style."""
    if re.fullmatch(r"[IVX]{1,5}", candidate.number) and any(other.number == "II" for other in candidates):
        roman = [other.style for other in candidates if other.number in ("I", "II", "III")]
        if candidate.style in roman:
            return False
    return any(other.number in ("II", "III") for other in candidates)
