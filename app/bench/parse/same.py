"""When a found reference, title or person is the true one."""

from __future__ import annotations

import re

from app.bench.parse.truth import FoundReference, TrueReference
from core.text import name_key, title_key

_SHORTEST_FIELD = 4
_NOTE = re.compile(r"(?<=\S)\s*\[[^\[\]]*\]?\W*$")
_DOI_PREFIX = re.compile(r"^(https?://(dx\.)?doi\.org/|doi:\s*)")


def same_first_author(true: TrueReference, found: FoundReference) -> bool:
    """Whether the first author has the right family name, with or without its particle; or both have no author."""
    wanted = {name_key(name) for name in true.families}
    return bool(wanted & {name_key(name) for name in found.families}) if wanted else not found.families


def same_person(true: tuple[str, str], found: tuple[str, str]) -> bool:
    """Whether first initial and family name are the same; each name is (given, family).

    Deposits split names without looking (Jai | Ram Rideout), so a true family name may begin in the found given name.
    A found one may begin with particles (van der) that the truth leaves to the given name.
    """
    true_family, family = name_key(true[1]), name_key(_without_particles(found[1]))
    whole = name_key("".join(found))
    if name_key("".join(true))[:1] != whole[:1] or not family:
        return False
    return family == name_key(_without_particles(true[1])) or (
        true_family.endswith(family) and whole.endswith(true_family)
    )


def _without_particles(family: str) -> str:
    words = family.split()
    return " ".join(word for index, word in enumerate(words) if index == len(words) - 1 or not word[0].islower())


def same_work(true: TrueReference, found: FoundReference) -> bool:
    """Whether DOI or title are the same.

    Of a deposited entry that is a mere text, the DOI or the title must stand in it as a whole.
    """
    doi = _DOI_PREFIX.sub("", found.doi.strip().lower())
    if doi and (true.doi == doi or (not true.doi and _stands_in(doi, true.text.lower()))):
        return True
    return same_title(true, found) or (not true.title and _is_field_of(found.title, true.text))


def same_title(true: TrueReference, found: FoundReference) -> bool:
    """Whether the titles are the same, a note on the kind of work apart."""
    wanted = title_key(_bare(true.title))
    return bool(wanted) and wanted == title_key(_bare(found.title))


def _bare(title: str) -> str:
    """A title without a note in square brackets at its end, which tells the kind of work."""
    return _NOTE.sub("", title)


def _stands_in(doi: str, text: str) -> bool:
    return bool(re.search(re.escape(doi) + r"(?![\w/.-]*\w)", text))


def _is_field_of(title: str, text: str) -> bool:
    """Whether a title is a run of whole fields of a text whose fields are parted by commas."""
    wanted = title_key(_bare(title))
    if len(wanted) < _SHORTEST_FIELD:
        return False
    fields = [title_key(_bare(part)) for part in text.split(", ")]
    for first in range(len(fields)):
        joined = ""
        for part in fields[first:]:
            joined += part
            if joined == wanted:
                return True
            if not wanted.startswith(joined):
                break
    return False
