"""Abstract and keywords below the authors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from core.text import clean
from indexer.pdf.geometry import Line, Span
from indexer.pdf.headings import Heading, find_headings, is_known, split_number

_NAMES = (
    r"abstract|a b s t r a c t|summary|s u m m a r y|résumé|zusammenfassung|resumen|resumo|sommario|riassunto|"
    r"摘\s?要|要旨"
)
HEADING = re.compile(rf"^\W{{0,3}}(?:{_NAMES})\s*[.:：—–-]?$", re.IGNORECASE)
RUN_IN = re.compile(
    rf"^\W{{0,3}}(?:(?:{_NAMES})\s?(?:[.:：—–-]+)|(?:abstract|ABSTRACT)(?=\s[A-Z])|abstract(?=\s[A-Z]))\s*(?=\S)",
    re.IGNORECASE,
)
KEYWORDS = re.compile(
    r"^\W{0,3}(?:key ?words(?: and phrases)?|k e y ?w o r d s|index terms|ccs concepts|categories and subject|"
    r"general terms|additional key words|mathematics subject|ams (?:subject|classification)|msc(?:20\d\d)?\b|"
    r"(?:20\d\d )?mathematics subject|acm reference|pacs|jel|subject (?:areas?|headings|classification)|"
    r"mots[- ]clés|schlüsselwörter|schlagwörter|palabras clave|palavras-chave|parole chiave|关键词)(?![a-z])\s*"
    r"[.:：—–-]*\s*",
    re.IGNORECASE,
)
_KEYWORDS_ONLY = re.compile(
    r"^\W{0,3}(?:(?:author |additional )?key ?words(?: and phrases)?|k e y ?w o r d s|index terms|"
    r"mots[- ]clés|schlüsselwörter|palabras clave|palavras-chave|parole chiave|关键词)(?![a-z])\s*[.:：—–-]*\s*",
    re.IGNORECASE,
)
_BREAK = re.compile(r"\s*[;,·•|∙；，、⋅]\s*|\s+[–—-]{1,3}\s+")
_BARS = re.compile(r"^[^|.:]{2,60}(?: \| [^|.:]{2,60}){2,}$")
_STRUCTURED = frozenset(
    {"background", "objective", "objectives", "aim", "aims", "purpose", "method", "methods", "materials and methods",
     "results", "findings", "conclusion", "conclusions", "design", "setting", "participants", "interpretation",
     "introduction", "significance", "main outcome measures", "discussion", "originality/value", "context",
     "methodology", "motivation", "availability", "contact", "limitations", "implications", "hypothesis"}
)  # fmt: skip
_AFTER = re.compile(
    r"^\W{0,3}(?:(?:received|accepted|submitted|revised|published|dated|date)\b.{0,60}\d{4}|categories\b|©|copyright|"
    r"to cite|cite this|how to cite|citation:|doi:|https?://doi|corresponding author|preprint|contents$|"
    r"table of contents$|subjects?:|article history|open access)",
    re.IGNORECASE,
)
_MAX_LINES = 60
_MIN_CHARS = 200
_WINDOW = 120
_KEYWORD_LINES = 6


@dataclass(frozen=True, slots=True)
class Abstract:
    """Lines of the abstract, the keywords, and the identities of all lines that leave the body for them."""

    lines: tuple[Line, ...] = ()
    keywords: tuple[str, ...] = ()
    used: frozenset[int] = frozenset()


def find_abstract(lines: Sequence[Line], *, first: int, body: float) -> Abstract:
    """Find the abstract below the authors: after its heading, run in with it, or without any before the first section.

    Args:
        lines: In reading order, without title, authors and the notes at the foot of the page.
        first: Page on which the paper begins.
        body: Size of the running text, in points.
    """
    window = [line for line in lines[:_WINDOW] if line.page <= first + 2]
    for index, line in enumerate(window):
        if line.page > first + 1 and line.page > window[0].page:
            break
        if HEADING.match(line.text):
            return _with_keywords(window, line, _until_heading(window, index + 1, body))
        if RUN_IN.match(line.text) and not _is_sentence(line):
            taken = _until_heading(window, index, body)
            found = _with_keywords(window, line, taken)
            parts = [without_prefix(taken[0], RUN_IN), *taken[1:]] if taken else []
            return replace(found, lines=tuple(parts))
    return _unheaded(window, first, body)


def _is_sentence(line: Line) -> bool:
    """True for text that merely begins with the word, as in ``Abstract machines``."""
    match = RUN_IN.match(line.text)
    return match is not None and match[0].strip().isalpha() and match[0][0].islower()


def _unheaded(window: Sequence[Line], first: int, body: float) -> Abstract:
    styled = _styled(window, first, body)
    if styled:
        return _with_keywords(window, None, styled)
    headings = find_headings(window, body=body)
    stop = headings[0].first if headings else 0
    block = [line for line in window[:stop] if line.page <= first + 1]
    cut = _keyword_start(block)
    taken = block[:cut]
    if sum(len(line.text) for line in taken) < _MIN_CHARS or len(taken) > _MAX_LINES:
        return _with_keywords(window, None, [])
    return _with_keywords(window, None, taken)


def _styled(window: Sequence[Line], first: int, body: float) -> list[Line]:
    """The lines at the beginning that are all bold, italic or of a size of their own, unlike the text after them."""
    taken: list[Line] = []
    for line in window:
        if taken and (not _same_style(taken[0], line) or _opens_part(taken[-1], line)):
            break
        taken.append(line)
    opener = taken[0] if taken else None
    marked = opener is not None and (opener.bold or opener.italic or abs(opener.size - body) > 0.04 * body)
    chars = sum(len(line.text) for line in taken)
    if not marked or len(taken) < 3 or len(taken) > _MAX_LINES or chars < _MIN_CHARS or taken[-1].page > first + 1:
        return []
    prose = sum(1 for line in taken if len(line.text.split()) >= 4)
    return taken if prose >= 0.7 * len(taken) else []


def _opens_part(last: Line, line: Line) -> bool:
    """True for a heading, keywords, or a line that a wide gap parts from the one before it."""
    number, words, _ = split_number(line.text)
    gap = line.baseline - last.baseline
    apart = line.column == last.column and gap > 2.2 * last.size
    return _tells_keywords(line) or is_known(words) or (bool(number) and len(words) < 60) or apart


def _same_style(first: Line, line: Line) -> bool:
    return abs(first.size - line.size) < 0.04 * first.size and (first.bold, first.italic) == (line.bold, line.italic)


def _with_keywords(window: Sequence[Line], heading: Line | None, taken: Sequence[Line]) -> Abstract:
    """The abstract, with the keywords that follow it or stand beside it."""
    inside = {id(line) for line in taken}
    used = set(inside)
    if heading is not None:
        used.add(id(heading))
    words: tuple[str, ...] = ()
    following = [line for line in window if id(line) not in used]
    for index, line in enumerate(following):
        if _tells_keywords(line):
            block = _keyword_block(following, index, _pitch(taken))
            used.update(id(item) for item in block)
            words = words or _keywords(block)
    return Abstract(tuple(taken), words, frozenset(used))


def _until_heading(window: Sequence[Line], start: int, body: float) -> list[Line]:
    """The abstract's lines: up to keywords or the next heading, within reason."""
    rest = list(window[start : start + _MAX_LINES + 20])
    headings = [heading for heading in find_headings(rest, body=body) if heading.first > 0 or _ends(rest, heading)]
    stop = _stop_heading(headings, len(rest))
    for index, line in enumerate(rest[:stop]):
        number, words, _ = split_number(line.text)
        if index and number in ("1", "I") and is_known(words):
            stop = index
            break
        if index and _AFTER.match(line.text) and _is_apart(rest[index - 1], line):
            stop = index
            break
    stop = min(stop, _keyword_start(rest[:stop]), _first_break(rest, strict=not headings))
    return rest[:stop]


def _ends(rest: Sequence[Line], heading: Heading) -> bool:
    return bool(heading.number) or heading.text.lower() == "introduction"


def _stop_heading(headings: Sequence[Heading], default: int) -> int:
    """The first heading that is none of a structured abstract's own."""
    for index, heading in enumerate(headings):
        own = heading.text.lower().strip(" :.") in _STRUCTURED and not heading.number
        follows = index + 1 < len(headings) and headings[index + 1].first - heading.first <= 15
        if not own or not follows or (heading.text.lower() == "introduction" and index):
            return heading.first
        later = [other.text.lower().strip(" :.") for other in headings[index + 1 :]]
        if not any(text in _STRUCTURED for text in later[:1]):
            return heading.first
        if heading.text.lower().strip(" :.") in later or "introduction" in later or index:
            continue
        return heading.first
    return default


def _is_apart(last: Line, line: Line) -> bool:
    return line.column != last.column or line.baseline - last.baseline > 1.3 * last.size or line.size != last.size


def _first_break(lines: Sequence[Line], *, strict: bool) -> int:
    """Where the text changes its size; when nothing else ends it, also where it leaves a wide gap."""
    for index in range(1, len(lines)):
        before, line = lines[index - 1], lines[index]
        if abs(line.size - before.size) > 0.06 * before.size and _is_block(lines, index):
            return index
        if strict and line.column == before.column and line.baseline - before.baseline > 2.2 * before.size:
            return index
    return len(lines)


def _is_block(lines: Sequence[Line], index: int) -> bool:
    """True when the new size is kept by the next line: one odd line may be a formula or a word in small capitals."""
    return index + 1 >= len(lines) or abs(lines[index + 1].size - lines[index].size) < 0.06 * lines[index].size


def _keyword_start(lines: Sequence[Line]) -> int:
    return next((index for index, line in enumerate(lines) if _tells_keywords(line)), len(lines))


def _tells_keywords(line: Line) -> bool:
    """True for a label of keywords, and for a line of words between bars as some journals set them."""
    return bool(KEYWORDS.match(line.text)) or bool(_BARS.match(line.text))


def _pitch(lines: Sequence[Line]) -> float:
    """The distance of lines, in font sizes."""
    distances = [
        (after.baseline - before.baseline) / before.size
        for before, after in pairwise(lines)
        if after.column == before.column and after.baseline > before.baseline
    ]
    return min(distances, default=1.2)


def _keyword_block(lines: Sequence[Line], start: int, pitch: float = 1.2) -> list[Line]:
    """The line that names the keywords and those that carry on, to a gap, another label or a change of style."""
    first = lines[start]
    lonely = not KEYWORDS.sub("", first.text).strip()
    block = [first]
    for line in lines[start + 1 : start + 1 + 2 * _KEYWORD_LINES]:
        last = block[-1]
        apart = line.baseline - last.baseline
        allowed = 2.6 if lonely and len(block) == 1 else max(1.6, 1.15 * pitch)
        if line.column != first.column or not 0 < apart < allowed * max(line.size, last.size):
            break
        if KEYWORDS.match(line.text) or HEADING.match(line.text) or RUN_IN.match(line.text) or _AFTER.match(line.text):
            break
        if is_known(split_number(line.text)[1]) or (line.bold != last.bold and len(block) > lonely):
            break
        if len(block) > 1 + lonely and abs(line.size - last.size) > 0.06 * last.size:
            break
        if not lonely and abs(line.size - first.size) > 0.06 * first.size:
            break
        block.append(line)
    return block[: 2 * _KEYWORD_LINES]


def find_keywords(lines: Sequence[Line]) -> tuple[str, ...]:
    """Keywords that are told in notes."""
    for index, line in enumerate(lines):
        if _KEYWORDS_ONLY.match(line.text):
            return _keywords(_keyword_block(lines, index))
    return ()


def _keywords(block: Sequence[Line]) -> tuple[str, ...]:
    match = _KEYWORDS_ONLY.match(block[0].text)
    if match is None and not _BARS.match(block[0].text):
        return ()
    text = block[0].text[match.end() :] if match is not None else block[0].text
    # One to a line: none of the lines has a separator.
    listed = len(block) > 2 and not text.strip() and not any(_BREAK.search(line.text) for line in block[1:])
    for line in block[1:]:
        if listed:
            text += f"; {line.text}"
        else:
            text = text[:-1] + line.text if text.endswith(("-", "\u00ad")) else f"{text} {line.text}"
    words = [clean(word).strip(" .") for word in _BREAK.split(text)]
    return tuple(word for word in words if 1 < len(word) <= 80)[:20]


def without_prefix(line: Line, pattern: re.Pattern[str]) -> Line:
    """A line without the words that a pattern finds at its beginning."""
    match = pattern.match(line.text)
    if match is None:
        return line
    # The line's text has spaces between spans that are in none of them: only printed characters can be counted.
    drop = len("".join(match[0].split()))
    spans: list[Span] = []
    for span in line.spans:
        cut = _after_printed(span.text, drop)
        drop -= len("".join(span.text[:cut].split()))
        if cut < len(span.text):
            share = cut / len(span.text)
            spans.append(replace(span, text=span.text[cut:], x0=span.x0 + share * (span.x1 - span.x0)) if cut else span)
    return replace(line, spans=tuple(spans), text=line.text[match.end() :]) if spans else line


def _after_printed(text: str, count: int) -> int:
    """The position behind the first ``count`` printed characters and the spaces that follow them."""
    position = 0
    while position < len(text) and (count or text[position].isspace()):
        count -= not text[position].isspace()
        position += 1
    return position
