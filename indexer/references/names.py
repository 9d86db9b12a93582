"""Names of people as printed, parted into given and family names."""

from __future__ import annotations

import re

from core.records import Author

PARTICLES = frozenset(
    {"van", "von", "de", "der", "den", "del", "della", "di", "da", "dos", "das", "do", "du", "la", "le", "el", "al",
     "ten", "ter", "zu", "zum", "zur", "bin", "ibn", "af", "av", "st.", "'t", "y", "dela", "vande", "vander"}
)  # fmt: skip
_BODIES = frozenset(
    {"alliance", "collaboration", "committee", "consortium", "group", "initiative", "network", "project", "team"}
)
_SUFFIX = re.compile(r"^(?:Jr|Sr|II|III|IV)\.?$")
_INITIALS = re.compile(r"^(?:[^\W\d_a-z]\.?-?){1,4}$")


def split_name(name: str) -> Author:
    """Part a name printed in reading order, such as ``Alice M. van der Berg Jr.``, or ``Berg, Alice M. van der``."""
    name = " ".join(name.split()).strip(" ,;")
    if "," in name:
        family, _, given = name.partition(",")
        given, _, suffix = given.strip().partition(",")
        if _SUFFIX.match(given):
            given, suffix = suffix.strip(), given
        return Author(family=family.strip(), given=given.strip())
    words = name.split()
    if words and words[-1].lower() in _BODIES:
        return Author(family=name)
    while len(words) > 2 and _SUFFIX.match(words[-1]):
        words.pop()
    if len(words) < 2:
        return Author(family=name)
    if len(words) >= 2 and _INITIALS.match(words[-1]) and words[-1].isupper() and not _INITIALS.match(words[0]):
        return Author(family=" ".join(words[:-1]), given=words[-1])
    first = len(words) - 1
    while first > 1 and words[first - 1].lower() in PARTICLES:
        first -= 1
    if first == 1 and len(words[0]) > 1 and words[0].lower() in PARTICLES:
        first = 0
    return Author(family=" ".join(words[first:]), given=" ".join(words[:first]))
