"""The title among the lines of a first page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.text import title_key, title_words
from indexer.pdf.banners import is_banner
from indexer.pdf.front.byline import names_in
from indexer.pdf.front.places import is_affiliation, is_contact, is_place
from indexer.pdf.geometry import Line, Span
from indexer.pdf.headings import is_known, split_number

_KIND = re.compile(
    r"^(?:(?:original |regular |short |full |long |invited |brief |technical |open |rapid |mini )*"
    r"(?:research|article|paper|review|letter|survey|report|brief|communication|tutorial|editorial|perspective|preprint|"
    r"chapter|manuscript|commentary|essay|case study|protocol|data|software|tools?(?: and resources)?)s?"
    r"(?: (?:articles?|papers?|letters?|reports?|access|communications?|note))?)$",
    re.IGNORECASE,
)
_JOURNAL = re.compile(
    r"^(?:the )?(?:\w+ ){0,3}(?:journal|proceedings|transactions|annals|advances|bulletin|archives|frontiers|letters)"
    r" (?:of|in|on|for)\b|^(?:\w+ ){1,4}journal$",
    re.IGNORECASE,
)
_ABSTRACT = re.compile(r"^(?:abstract|summary)\b", re.IGNORECASE)
_NOT_TITLE = re.compile(
    r"^(?:contents|table of contents|keywords|key words|how to cite|citation|corresponding author|authors?|"
    r"affiliations?|"
    r"highlights|graphical abstract|article info|a r t i c l e)\b",
    re.IGNORECASE,
)
_VOLUME = re.compile(
    r"[\s,.|·]*(?:vol(?:ume|\.)?\s*\d|\d{1,4}\s*[:(]\s*\w|\((?:19|20)\d\d\)|issn|,?\s*\d{1,4},\s*\d|homepage)",
    re.IGNORECASE,
)
_VERSION = re.compile(r"^(?:version|release|rev(?:ision)?\.?) \d|^\w{3,9} \d{1,2},? (?:19|20)\d\d\b", re.IGNORECASE)
_DATED = re.compile(r"\bversion \d|\b(?:19|20)\d\d$", re.IGNORECASE)
_FIRM = re.compile(r"\b(?:ltd|inc|gmbh|llc|b\.v|press|publish(?:er|ing))\b\.?$", re.IGNORECASE)
_NO_SUBTITLE = re.compile(
    r"^(?:submitted|presented|prepared|a (?:thesis|dissertation|report)|draft|version|by\b|to appear|working paper|"
    r"dedicated|article|in:|published)",
    re.IGNORECASE,
)
_REGION = 0.65
"""Share of the page height in which a title begins."""
_MAX_CHARS = 400


def find_title(
    lines: Sequence[Line],
    *,
    body: float,
    declared: str,
    height: float,
    seen: str = "",
    venues: Sequence[str] = (),
) -> list[Line]:
    """Find the lines of the title.

    Args:
        lines: Of the first page, from top to bottom.
        body: Size of the running text, in points.
        declared: The title in the file's metadata; it decides only between lines that are printed.
        height: Of the page, in points.
        seen: Further text that names the paper, such as a cover sheet's; evidence like ``declared``.
        venues: Lines that may name the journal: what is followed by a volume there is no title.

    Returns:
        Its lines, a subtitle's included; empty when nothing looks like a title.
    """
    groups = _style_groups([line for line in lines if line.y0 < _REGION * height], body)
    best: tuple[float, int] = (0.0, -1)
    evidence = title_key(seen)
    for position, group in enumerate(groups):
        text = joined(group)
        score = _score(text, group, body, position)
        if score > 0:
            score += _declared_bonus(text, declared)
            score -= 4 if _names_venue(text, venues) else 0
            score += 4 if len(title_key(text)) > 15 and title_key(text) in evidence else 0
        if score > best[0]:
            best = (score, position)
    if best[1] < 0:
        return []
    return _with_subtitle(groups, best[1], body)


def joined(lines: Sequence[Line]) -> str:
    """The words of a title over its lines, without the marks of notes."""
    text = ""
    for index, line in enumerate(lines):
        printed = "".join(span.text for span in _unmarked(line, last=index == len(lines) - 1)).strip()
        hyphen = text.endswith(("-", "\u00ad")) and printed[:1].islower()
        parted = bool(index) and _is_subtitle_of(lines[index - 1], line) and text[-1:] not in ":?!.–—-"
        if hyphen:
            text = text[:-1] + printed
            continue
        text = f"{text}: {printed}" if parted else f"{text} {printed}".strip()
    return text.strip(" *∗†‡⋆")


def _unmarked(line: Line, *, last: bool) -> tuple[Span, ...]:
    """The spans without marks: raised digits within a title belong to its words, at its end they point to a note."""
    spans = [span for span in line.spans if not (span.raised > 0 and not any(char.isalnum() for char in span.text))]
    while last and len(spans) > 1 and spans[-1].raised > 0 and len(spans[-1].text.strip(" ,)*")) <= 2:
        spans.pop()
    return tuple(spans)


def _names_venue(text: str, venues: Sequence[str]) -> bool:
    """True when a line goes on with volume or year after the very same words."""
    return any(
        position >= 0 and _VOLUME.match(venue[position + len(text) :])
        for venue in venues
        if (position := venue.lower().find(text.lower())) >= 0
    )


def _declared_bonus(text: str, declared: str) -> float:
    wanted, found = title_key(declared), title_key(text)
    if len(wanted) <= 8:
        return 0.0
    if wanted == found:
        return 10.0
    return 4.0 if found.startswith(wanted) or (len(found) > 15 and wanted.startswith(found)) else 0.0


def _score(text: str, group: Sequence[Line], body: float, position: int) -> float:
    words = title_words(text)
    letters = sum(1 for char in text if char.isalpha())
    if len(words) < 1 or letters < 4 or len(text) > _MAX_CHARS or "@" in text:
        return 0.0
    if _KIND.match(text.strip()) or _NOT_TITLE.match(text):
        return 0.0
    if letters < 0.5 * len(text.replace(" ", "")) or _ABSTRACT.match(text):
        return 0.0
    size = group[0].size / max(body, 1.0)
    score = 4.0 * (min(size, 2.5) - 0.95) + 0.5 * min(len(words), 6) / 6 + (0.4 if group[0].bold else 0.0)
    if is_banner(text) or _JOURNAL.match(text):
        score -= 3.0
    if len(words) == 1 or " " not in text.strip():
        score -= 3.0 if any(char.isdigit() for char in text) else 1.5
    if is_place(text):
        score -= 1.0
    if _VERSION.search(text) or (len(words) <= 3 and _FIRM.search(text)):
        score -= 3.0
    number = split_number(text)[0]
    if is_known(split_number(text)[1]) or (number and number[0].isdigit() and number != text):
        score -= 3.0
    return score - 0.15 * position


def _style_groups(lines: Sequence[Line], body: float) -> list[list[Line]]:
    """Following lines of one size and weight, top to bottom."""
    groups: list[list[Line]] = []
    for line in lines:
        last = groups[-1][-1] if groups else None
        if last is not None and _continues(last, line, body):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _share_font(last: Line, line: Line) -> bool:
    """True when a word in another face, such as the name of a program, is all that parts the weights of two lines."""
    return line.size > 12 and bool({span.font for span in last.spans} & {span.font for span in line.spans})


def _continues(last: Line, line: Line, body: float) -> bool:
    if abs(line.size - last.size) >= 0.04 * last.size or (line.bold != last.bold and not _share_font(last, line)):
        return False
    # Manuscripts set titles with double spacing; at the size of the text, only their weight tells them from it.
    marked = line.bold or line.size > 1.15 * body
    same_face = line.font == last.font and line.italic == last.italic
    reach = 2.6 if marked and same_face and last.width > 20 * last.size * 0.5 else 1.75
    return line.baseline - last.baseline < reach * line.size


def _with_subtitle(groups: Sequence[list[Line]], position: int, body: float) -> list[Line]:
    """The title's lines, and those of a smaller line below that carries on."""
    title = list(groups[position])
    if position + 1 >= len(groups):
        return title
    following = groups[position + 1]
    if joined(title).endswith(":") and _is_near(title[-1], following[0]):
        return [*title, *following]
    return [*title, *following] if _is_subtitle_of(title[-1], following[0], body=body) else title


def _is_near(last: Line, line: Line) -> bool:
    return line.baseline - last.baseline < 2.0 * last.size


def _is_subtitle_of(last: Line, line: Line, *, body: float = 0.0) -> bool:
    """True for a smaller line of the title's own face, larger than the text, that reads as words and not as names."""
    if not (1.12 * body < line.size < 0.93 * last.size) or not _is_near(last, line):
        return False
    if line.font != last.font and line.baseline - last.baseline > 1.25 * last.size:
        return False
    if _NO_SUBTITLE.match(line.text) or _DATED.search(line.text) or is_banner(line.text) or is_affiliation(line.text):
        return False
    words = line.text.split()
    small = sum(1 for word in words if word[:1].islower() and len(word) > 1 and word not in ("and", "van", "de", "von"))
    return len(words) >= 3 and small >= 1 and not is_contact(line.text) and not names_in([line])
