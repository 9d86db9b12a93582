"""A printed list of authors, parted into names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.records import Author
from indexer.references.names import PARTICLES, ends_as_body, is_initials, is_organisation, split_name

_REPEATED = re.compile(r"^(?:[-–—_]\s?){2,}[.,]?\s*|^[—―]{1,3}[.,]?\s*")
_AND = re.compile(r"(?:,|;)?\s*(?:\s(?:and|And|AND|und|UND|et|y|och|og|en|e|и)\s|\s?[&/]\s?|&amp;)\s*(?:and\s+)?")
_OPENING = re.compile(r"^(?:and|by|von|par|with|eds?\.?|edited by|in)\s+|^[\s\W_]+", re.IGNORECASE)
_ET_AL = re.compile(
    r"[\s,;(]*(?:\b(?:and|und|&)\s+)?(?:\bet\.?\s?al(?:ii|ia)?\b\.?|\b(?:and\s+)?(?:\d+\s+)?(?:others|coauthors|colleagues)\b|"
    r"\bu\.\s?a\.|\bи др\.?|\bи соавт\.?|…|\.\s?\.\s?\.|\[\.\.\.\])(?=[\s,;.&)]|$)[\s,;.)]*",
    re.IGNORECASE,
)
_EDITORS = re.compile(
    r"[\s,]*[(\[]?\b(?:eds?|editors?|hrsg|herausgeber|éds?|coords?|org|orgs|comps?|trans|dir)\b\.?[)\]]?[\s.,:]*$",
    re.IGNORECASE,
)
_FOR = re.compile(r"[\s,]+(?:and\s+)?\(?(?:on behalf of|for|representing)\s+(?:the\s+)?", re.IGNORECASE)
_SUFFIX = re.compile(r"^(?:Jr|JR|Sr|SR|II|III|IV|2nd|3rd)\.?$")
_BRACKETS = re.compile(r"[()\[\]]")
_END = re.compile(r"(?<=[^\W\d_]{4})\.$")
_CJK_SPLIT = re.compile(r"[、，；·・]")
_MAX_AUTHORS = 300
_MAX_CHARS = 4_000


def repeats_authors(text: str) -> int:
    """Length of the dashes that stand for the authors of the entry before; 0 when there are none."""
    match = _REPEATED.match(text)
    return match.end() if match else 0


def read_people(text: str) -> tuple[Author, ...]:
    """The names of a printed list of authors, in order; ``et al.`` and marks of editors are left out.

    Args:
        text: The list and nothing else, as ``Smith, J. A., van der Berg, M., & Doe, B. (Eds.)``.
    """
    text = " ".join(text[:_MAX_CHARS].split())
    text = _CJK_SPLIT.sub(", ", text)
    text = _EDITORS.sub("", _OPENING.sub("", text))
    if _is_one_body(text):
        return (Author(family=text.strip(" ,;:")),)
    text = _ET_AL.sub(" ; ", text) if ";" in text else _ET_AL.sub(", ", text)
    authors: list[Author] = []
    for name in _names(text):
        name = _END.sub("", name.strip(" ,;:").removeprefix("the "))
        if any(char.isalpha() for char in name):
            authors.append(_author(name))
        if len(authors) == _MAX_AUTHORS:
            break
    return tuple(authors)


def _author(name: str) -> Author:
    author = split_name(name)
    if not any(char.isalpha() for char in author.family):
        return Author(family=name)
    return author


def _is_one_body(text: str) -> bool:
    """An organisation whose name holds commas or an ``and``: ``Centers for Disease Control and Prevention``."""
    if any(is_initials(word) and "." in word for word in text.split()) or ";" in text or not is_organisation(text):
        return False
    before, *rest = re.split(r",\s+(?:and\s+)?|\s+(?:and|&)\s+", text)
    if not rest or "," not in text:
        return True
    # "LHCb collaboration, Ada Roe" and "Ada Roe, LHCb collaboration" are lists.
    return is_organisation(before) and not ends_as_body(before)


def _names(text: str) -> Iterator[str]:
    """The names of a list as separate strings, ``Family, Given`` where they are printed so."""
    text = _BRACKETS.sub(", ", _FOR.sub(", ", text))
    if ";" in text:
        for part in text.split(";"):
            yield from _joined(part)
        return
    groups = [[part.strip() for part in group.split(",") if part.strip()] for group in _AND.split(text)]
    groups = [group for group in groups if group]
    paired = _prints_pairs([part for group in groups for part in group], groups)
    for group in groups:
        yield from _of_group(group, paired)


def _joined(part: str) -> Iterator[str]:
    """Names between semicolons: one each, or two with an ``and``."""
    for name in _AND.split(part):
        pieces = [piece for piece in name.split(",") if piece.strip()]
        # "Smith, J., Doe, B.; Roe, C.": commas part names as well.
        if len(pieces) > 3:
            yield from _of_group([piece.strip() for piece in pieces], paired=True)
        else:
            yield name


def _prints_pairs(parts: list[str], groups: list[list[str]]) -> bool:
    """True when given names follow their family names after a comma: ``Wang, Zilong, and Wang, Zifeng``.

    Initials after a comma show themselves; this decides for given names that are written out.
    """
    if len(parts) < 2 or len(groups[0]) < 2:
        return False
    if any(_all_initials(part) for part in parts[1:3]):
        return True
    first, second = parts[0].split(), parts[1].split()
    if _is_unspaced(parts[0]):
        return False
    if len(first) > 1 and not _is_family(first):
        return len(parts) == 2 and len(first) == 2 and len(second) == 1 and not _has_initials(parts[0])
    if len(second) == 1:
        # "Wang, Zilong": single words in pairs; "Smith, Jones, and Brown" is a list of family names.
        return all(len(group) % 2 == 0 or len(group[-1].split()) > 1 for group in groups) or len(parts) == 2
    return len(second) <= 4


def _is_unspaced(part: str) -> bool:
    """Chinese, Japanese or Korean: given and family name stand together."""
    return any("\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3" for char in part)


def _is_family(words: list[str]) -> bool:
    """Words that read as one family name: particles and a name, or a double name."""
    return words[0].lower() in PARTICLES


def _of_group(parts: list[str], paired: bool) -> Iterator[str]:
    """The names of comma-separated parts, joining what belongs to one name."""
    at = 0
    first = True
    while at < len(parts):
        part = parts[at]
        taken = 1
        following = parts[at + 1] if at + 1 < len(parts) else ""
        if (following and _all_initials(following) and not _has_initials(part)) or (
            following and paired and _takes_given(part, following, first)
        ):
            part, taken = f"{part}, {following}", 2
        elif _SUFFIX.match(following) and not _has_initials(part) and _all_initials("".join(parts[at + 2 : at + 3])):
            part, taken = f"{part}, {following}, {parts[at + 2]}", 3
        if at + taken < len(parts) and _SUFFIX.match(parts[at + taken]):
            part, taken = f"{part}, {parts[at + taken]}", taken + 1
        yield part
        at += taken
        first = False


def _takes_given(part: str, following: str, first: bool) -> bool:
    """Whether a written-out given name follows its family name; only the first may be turned round."""
    words = part.split()
    if len(words) > 1 and not _is_family(words) and not (first and len(words) == 2):
        return False
    if _has_initials(part) or is_organisation(part) or is_organisation(following):
        return False
    # "Smith, John, Jane Doe": what follows the second name is a whole name, not a given name.
    return first or len(following.split()) == 1 or is_initials(following.split()[-1])


def _all_initials(part: str) -> bool:
    """``J. A.``, ``JA``, ``J.-P.``, with particles after them (``A. van der``)."""
    words = part.split()
    while len(words) > 1 and words[-1] in PARTICLES:
        words.pop()
    return bool(words) and all(is_initials(word) for word in words)


def _has_initials(part: str) -> bool:
    return any(is_initials(word) for word in part.split()[:1] + part.split()[-1:])
