"""The authors of a title block, from the text of an author command with its separators and marks."""

from __future__ import annotations

import re

from core.records import Author
from core.text import clean
from indexer.latex.flow import without_marks
from indexer.references.names import split_name

NEXT = "\x1f"
"""Parts authors or groups of them."""
OUTSIDE = "\x1d"
"""What follows, up to the next separator, is no name."""
MARK = "\x1c"
"""Where a raised mark, a note or an address stood."""
SUR_START, SUR_END = "\x02", "\x03"
"""Around a family name that the source names as such."""
_MATHS = re.compile(r"\$[^$]{0,200}\$")
_SPLIT = re.compile(rf"[,;\t]|\xa0\s*\xa0|(?:^|(?<=[\s{MARK}]))(?:and|&|und|et)(?=\s)|{MARK}(?=\s+[^\W\d_a-z])|\|")
_DEGREE = re.compile(
    r"^(?:(?:Ph\.?\s?D|M\.?\s?D|M\.?\s?Sc|B\.?\s?Sc|Dr|Prof|MPH|MBBS|Esq)\.?|"
    r"(?:Student |Senior |Life )*(?:Member|Fellow)|IEEE|ACM)$",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"^(?:Jr|Sr|II|III|IV)\.?$")
_PLACE = re.compile(
    r"\b(?:universit|institut|department|dept\b|school of|college|laborator|\blab\b|faculty|academy|hospital|"
    r"research (?:center|centre)|\binc\b|\bltd\b|\bcorp|gmbh|foundation|ministry|division|street|road\b|avenue)",
    re.IGNORECASE,
)
_MAX_NAME_CHARS = 100


def people_of(text: str, *, single: bool = False) -> tuple[list[Author], list[str]]:
    """Part names from what stands around them.

    Args:
        text: What the author command prints.
        single: The source has a command for each author, so that a comma may part family and given name.

    Returns:
        Authors in order, and the texts that are no names: affiliations.
    """
    text = _MATHS.sub(MARK, without_marks(text))
    authors: list[Author] = []
    around: list[str] = []
    for block in text.split(NEXT):
        head, *zones = block.split(OUTSIDE)
        around.extend(zones)
        if len(zones) == 0 or head.strip():
            names, rest = _lines(head)
            for line in names:
                authors.extend(_names(line, single=single))
            if rest:
                around.append("\n".join(rest))
    return authors, around


def _lines(block: str) -> tuple[list[str], list[str]]:
    """Lines of a block that hold names, and those that do not: names come first, affiliations below them."""
    lines = [line for line in block.split("\n") if clean(line)]
    names: list[str] = []
    for place, line in enumerate(lines):
        plain_line = clean(line.replace(MARK, " ").replace(SUR_START, "").replace(SUR_END, ""))
        if names and not _goes_on(names[-1], line, plain_line, marked=MARK in names[0]):
            return names, lines[place:]
        if "@" in plain_line or not any(char.isalpha() for char in plain_line):
            return names, lines[place + 1 :] if not names else lines[place:]
        names.append(line)
    return names, []


def _goes_on(last: str, line: str, plain_line: str, *, marked: bool) -> bool:
    if _PLACE.search(plain_line) or "@" in plain_line or any(char.isdigit() for char in plain_line):
        return False
    if clean(last.replace(MARK, "")).endswith((",", " and", "&")) or last.rstrip(f" {MARK}").endswith("\t"):
        return True
    if plain_line.startswith(("and ", "& ")):
        return True
    return marked and MARK in line and not line.lstrip().startswith(MARK)


def _names(line: str, *, single: bool) -> list[Author]:
    pieces = [piece.replace(MARK, "") for piece in _SPLIT.split(line)]
    pieces = [clean_keeping_surname(piece) for piece in pieces]
    kept: list[str] = []
    for piece in pieces:
        piece = piece.strip(" .*†‡§¶∗⋆#0123456789") if not piece.endswith(".") else piece.strip(" *†‡§¶∗⋆#0123456789")
        piece = re.sub(r"\s\.$", "", piece)
        if _SUFFIX.match(piece) and kept:
            kept[-1] += f" {piece}"
        elif piece and "@" not in piece and not _DEGREE.match(piece) and any(char.isalpha() for char in piece):
            kept.append(piece)
    if len(kept) == 2 and single and " " not in kept[0] and len(kept[1].split()) <= 3 and "," in line:
        return [split_name(f"{kept[0]}, {kept[1]}")]
    return [_author(piece) for piece in kept if len(piece) <= _MAX_NAME_CHARS]


def clean_keeping_surname(text: str) -> str:
    """``clean`` that keeps the signs around a family name."""
    parts = re.split(f"([{SUR_START}{SUR_END}])", text)
    return "".join(part if part in (SUR_START, SUR_END) else _clean_part(part) for part in parts).strip()


def _clean_part(part: str) -> str:
    cleaned = clean(part)
    before = " " if part[:1].isspace() else ""
    return f"{before}{cleaned}{' ' if cleaned and part[-1:].isspace() else ''}" if cleaned else before


def _author(text: str) -> Author:
    text = text.replace("’", "'")
    if SUR_START in text:
        given, _, rest = text.partition(SUR_START)
        family, _, after = rest.partition(SUR_END)
        return Author(family=clean(f"{family} {after}"), given=clean(given))
    text = re.sub(r"^(?:Dr|Prof|Mr|Ms|Mrs)\.?\s+(?=\S+\s)", "", text)
    return split_name(text)
