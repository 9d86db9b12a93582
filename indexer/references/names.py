"""Names of people as printed, parted into given and family names."""

from __future__ import annotations

import re

from core.records import Author

PARTICLES = frozenset(
    {"van", "von", "de", "der", "den", "del", "della", "di", "da", "dos", "das", "do", "du", "la", "le", "el", "al",
     "ten", "ter", "zu", "zum", "zur", "bin", "ibn", "af", "av", "st.", "'t", "y", "dela", "vande", "vander"}
)  # fmt: skip
_MORE_PARTICLES = PARTICLES | {
    "’t",
    "op",
    "vom",
    "dal",
    "dall",
    "lo",
    "li",
    "d'",
    "d’",
    "ben",
    "bint",
    "abu",
    "abou",
    "e",
    "het",
    "in",
    "auf",
    "mac",
    "ap",
}
_BODIES = frozenset(
    """
    academy administration agency alliance association board bureau center centre centers collaboration
    collaborations college commission committee company consortium contributors corporation council department
    developers directorate federation forum foundation group groups inc initiative institut institute institution
    investigators laboratory ltd ministry network organisation organization panel parliament partnership programme
    project projects school secretariat service services society survey taskforce team union universität university
    université workgroup
    """.split()
)
"""Words that names of organisations hold, and names of people do not."""
_SMALL = frozenset({"of", "for", "on", "the", "at", "against", "für", "des", "pour", "sur", "to"})
_SUFFIX = re.compile(r"^(?:Jr|JR|jr|Sr|SR|II|III|IV|2nd|3rd|4th|Jnr|Esq|PhD|MD)\.?$")
_DEGREES = re.compile(r"^(?:PhD|Ph\.D|MD|M\.D|MSc|Esq)\.?$")
_INITIAL_WORD = re.compile(r"^(?:[^\W\d_]{1,3}\.[-–‐]?)+[^\W\d_]?\.?$|^(?:[^\W\d_][-–‐]?){1,4}$")
_COMPOUND_SURNAMES = frozenset(
    {"欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "남궁", "황보", "제갈", "선우", "독고"}
)
_MAX_CHARS = 300


def split_name(name: str) -> Author:
    """Part a name printed in reading order, such as ``Alice M. van der Berg Jr.``, or ``Berg, Alice M. van der``.

    Initials may come last without a comma (``Smith JA``); the name of an organisation stays whole in ``family``.
    """
    name = " ".join(name[:_MAX_CHARS].replace("†", " ").split()).strip(" ,;:*")
    if is_organisation(name):
        return Author(family=name)
    if "," in name:
        return _inverted([part.strip() for part in name.split(",")])
    words = name.split()
    suffix = ""
    while len(words) > 2 and _SUFFIX.match(words[-1]) and not (words[-1].isupper() and _is_glued_initials(words)):
        suffix = suffix or ("" if _DEGREES.match(words[-1]) else words[-1])
        words.pop()
    if len(words) < 2:
        return _single(name, suffix)
    end = len(words)
    while end > 2 and words[end - 1] in _MORE_PARTICLES:
        end -= 1
    if is_initials(words[end - 1]) and not is_initials(words[0]):
        # "Berg A. van der": particles may stand behind the initials.
        return _initials_last([*words[end:], *words[:end]], suffix)
    return _direct(words, suffix)


def is_initials(word: str) -> bool:
    """True for ``J.``, ``JA``, ``J.-P.``, ``Yu.``; capitals without full stops are initials up to four letters."""
    if not _INITIAL_WORD.match(word) or not word[0].isupper() or (word.endswith(".") and _SUFFIX.match(word)):
        return False
    if word.lower() in PARTICLES and len(word) > 2:
        return False
    letters = [char for char in word if char.isalpha()]
    return "." in word or all(char.isupper() for char in letters)


def is_organisation(name: str) -> bool:
    """True when a word of the name belongs to organisations: Consortium, University, or an ``of`` between words."""
    words = [word.strip(".,()").lower() for word in name.split()]
    if any(word in _BODIES for word in words[1:]) or (
        words and words[0] in ("university", "department", "ministry", "institute")
    ):
        return True
    return len(words) > 2 and any(word in _SMALL for word in words[1:-1])


def ends_as_body(name: str) -> bool:
    """True for a name whose last word says what kind of body it is: ``OCO-2 Science Team``."""
    return name.split()[-1].strip(".,()").lower() in _BODIES if name.split() else False


def _is_glued_initials(words: list[str]) -> bool:
    """``Smith II`` may be initials; ``Harry Smith II`` is not."""
    return len(words) == 2


def _inverted(parts: list[str]) -> Author:
    suffix = next((part for part in parts[1:] if _SUFFIX.match(part)), "")
    suffix = "" if _DEGREES.match(suffix) else suffix
    rest = [part for part in parts[1:] if part and not _SUFFIX.match(part)]
    family_words = parts[0].split()
    if len(family_words) > 1 and _SUFFIX.match(family_words[-1]) and not suffix:
        suffix = family_words.pop()
    if not rest and len(family_words) > 1:
        # "Sammy Davis, Jr.": the comma belongs to the suffix.
        author = split_name(" ".join(family_words))
        return Author(family=author.family, given=author.given, suffix=suffix)
    given_words = " ".join(rest).split()
    if len(given_words) > 1 and _SUFFIX.match(given_words[-1]) and not suffix and "." in given_words[-1]:
        suffix = given_words.pop()
    particles: list[str] = []
    while len(given_words) > 1 and given_words[-1] in _MORE_PARTICLES:
        particles.insert(0, given_words.pop())
    return Author(family=" ".join([*particles, *family_words]), given=_spaced(given_words), suffix=suffix)


def _initials_last(words: list[str], suffix: str) -> Author:
    first = len(words) - 1
    while first > 1 and is_initials(words[first - 1]) and len(words[first - 1].strip(".")) < 3:
        first -= 1
    return Author(family=" ".join(words[:first]), given=_spaced(words[first:]), suffix=suffix)


def _direct(words: list[str], suffix: str) -> Author:
    first = len(words) - 1
    while first > 1 and words[first - 1].lower() in _MORE_PARTICLES and not words[first - 1].isupper():
        first -= 1
    if first == 1 and len(words[0]) > 1 and words[0] in PARTICLES:
        first = 0
    return Author(family=" ".join(words[first:]), given=_spaced(words[:first]), suffix=suffix)


def _single(name: str, suffix: str) -> Author:
    """One word: initials glued to a family name, or a name in Chinese or Korean characters, family name first."""
    glued = re.match(r"^((?:[^\W\d_a-z]\.[-–]?)+)([^\W\d_]{2,}.*)$", name)
    if glued is not None:
        return Author(family=glued[2], given=_spaced([glued[1]]), suffix=suffix)
    if 2 <= len(name) <= 4 and all("\u4e00" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3" for char in name):
        cut = 2 if name[:2] in _COMPOUND_SURNAMES or (len(name) == 4 and name[0] < "\uac00") else 1
        return Author(family=name[:cut], given=name[cut:], suffix=suffix)
    return Author(family=name, suffix=suffix)


def _spaced(words: list[str]) -> str:
    """Given names with a space between initials: ``J.A.`` as ``J. A.``; hyphens stay."""
    return re.sub(r"\.(?=[^\s\-–‐,.])", ". ", " ".join(words)).strip(" ,")
