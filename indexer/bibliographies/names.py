"""Names in BibTeX's notation: ``First von Last``, ``von Last, First`` and ``von Last, Jr, First``."""

from __future__ import annotations

from dataclasses import dataclass

_MAX_NAMES = 5_000
OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Name:
    """Parts of a name, still as source."""

    given: str
    family: str
    suffix: str = ""


def split_names(value: str) -> list[str]:
    """Part a list of names at each ``and`` outside braces."""
    names: list[str] = []
    for word in _words(value):
        if word.lower() == "and":
            names.append("")
            if len(names) > _MAX_NAMES:
                break
        else:
            if not names:
                names.append("")
            names[-1] += (" " if names[-1] else "") + word
    return [name.strip(" ,") for name in names if name.strip(" ,")]


def read_name(text: str) -> Name:
    """One name to its parts; a particle belongs to the family name."""
    parts = _split(text, ",")
    parts = [part.strip() for part in parts]
    if len(parts) == 1:
        return _reading_order(_words(parts[0]))
    if len(parts) == 2:
        return Name(given=parts[1], family=parts[0])
    return Name(given=" ".join(parts[2:]), family=parts[0], suffix=parts[1])


def _reading_order(words: list[str]) -> Name:
    if len(words) < 2:
        return Name(given="", family=" ".join(words))
    first = next((place for place, word in enumerate(words[:-1]) if _is_particle(word)), len(words) - 1)
    last = len(words) - 1
    if first == 0:
        # Nothing stands before the particle: the given name is missing.
        return Name(given="", family=" ".join(words))
    suffix = ""
    if words[last].rstrip(".") in ("Jr", "Sr", "II", "III", "IV") and last > 1:
        suffix = words.pop()
        first = min(first, len(words) - 1)
    return Name(given=" ".join(words[:first]), family=" ".join(words[first:]), suffix=suffix)


def _is_particle(word: str) -> bool:
    """BibTeX's rule: the first letter outside braces is lower-case."""
    depth = 0
    for place, char in enumerate(word):
        if char == "{":
            if depth == 0 and word.startswith("{\\", place):
                # A special character counts as the letter that its command accents.
                inside = word[place + 2 :]
                letters = [letter for letter in inside if letter.isalpha()]
                return bool(letters) and letters[0].islower() and len(letters) > 0 and not _upper_after(inside)
            depth += 1
        elif char == "}":
            depth -= 1
        elif depth == 0 and char.isalpha():
            return char.islower()
    return False


def _upper_after(inside: str) -> bool:
    """True when the accented letter is upper-case, as in ``{\\v S}``."""
    body = inside.split("}", 1)[0].lstrip("'`^\"~=.")
    letters = [letter for letter in body if letter.isalpha()]
    return bool(letters) and letters[-1].isupper()


def _words(text: str) -> list[str]:
    """Words, which white space and ties outside braces part."""
    return [word for word in _split(text.replace("~", " "), " \t\n\r") if word]


def _split(text: str, separators: str) -> list[str]:
    parts: list[str] = []
    depth = start = 0
    for place, char in enumerate(text):
        if char == "{":
            depth += 1
        elif char == "}":
            depth = max(0, depth - 1)
        elif depth == 0 and char in separators:
            parts.append(text[start:place])
            start = place + 1
    parts.append(text[start:])
    return parts
