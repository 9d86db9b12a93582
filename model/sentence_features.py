"""What a sentence and its surroundings look like to a linear model: hashed words, and a few things about its form.

Source: Weinberger et al., Feature Hashing for Large Scale Multitask Learning, ICML 2009 (arXiv:0902.2206).
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Codes = NDArray[np.uint32]

BITS = 20
SENTENCE_CHARS = 2_000
SECTION_CHARS = 200
GROUPS = frozenset({"words", "form", "section", "before", "context"})
"""What may be left out to measure what it brings."""
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+(?:['’-][^\W_]+)*|[%()\[\]:;?=,]")
_YEAR = re.compile(r"(?:19|20)\d\d(?!\d)")
_FIRST_PERSON = frozenset("We we Our our Us us I My my".split())
_SALTS = {"word": 1, "pair": 2, "section": 3, "before": 4, "pair before": 5, "sign": 9}
_WEIGHTS = {"word": 4.0, "section": 2.0, "before": 2.0}
"""Lengths of the parts of a vector, however many words they have; chosen once, not tuned."""
_SIGN_WEIGHT = 0.7
_FIRST, _SECOND = np.uint32(0x45D9F3B), np.uint32(2_654_435_761)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of running text, all citations taken out of it and of what stands around it.

    ``before`` is the sentence before in the same paragraph, ``section`` the headings above it, outermost first and
    parted by `` / `` (one will do). What is not known stays None: ``before_cites`` whether the sentence before cites,
    ``place`` how many sentences of the paragraph come before, ``new_names`` how many of its ``names`` (words with
    capitals behind the first word) the text has not had so far. ``Reading`` fills them.
    """

    text: str
    before: str = ""
    section: str = ""
    before_cites: bool | None = None
    place: int | None = None
    names: int | None = None
    new_names: int | None = None


@dataclass(frozen=True, slots=True)
class Entries:
    """The non-zero entries of a matrix of N rows and ``2 ** BITS`` columns; a column may stand twice in a row."""

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    values: NDArray[np.float32]


def sentence_entries(sentences: Sequence[Sentence], groups: frozenset[str] = GROUPS) -> Entries:
    """The features of N sentences; of very long texts the beginning."""
    rows: list[int] = []
    columns: list[Codes] = [np.empty(0, np.uint32)]
    values: list[float] = []
    for row, sentence in enumerate(sentences):
        for codes, value in _parts(sentence, groups):
            if len(codes):
                columns.append(codes)
                rows.append(row)
                values.append(value)
    counts = np.array([len(codes) for codes in columns[1:]], dtype=np.int64)
    return Entries(
        rows=np.repeat(np.array(rows, dtype=np.int32), counts),
        columns=(np.concatenate(columns) & np.uint32((1 << BITS) - 1)).astype(np.int32),
        values=np.repeat(np.array(values, dtype=np.float32), counts),
    )


def names_of(text: str) -> list[str]:
    """Words with a capital behind the first word: names, acronyms, methods."""
    return [word for word in _words(text, SENTENCE_CHARS)[1:] if len(word) > 1 and word != word.lower()]


def _parts(sentence: Sentence, groups: frozenset[str]) -> list[tuple[Codes, float]]:
    """The codes of each part with the value that all of them have."""
    words = _words(sentence.text, SENTENCE_CHARS)
    parts: list[tuple[Codes, float]] = []
    if "words" in groups:
        parts.append(_of_words(_codes(words), "word", "pair"))
    if "before" in groups:
        parts.append(_of_words(_codes(_words(sentence.before, SENTENCE_CHARS)), "before", "pair before"))
    if "section" in groups:
        heading = _codes(_words(sentence.section, SECTION_CHARS))
        parts.append((_mixed(heading, _SALTS["section"]), _even(_WEIGHTS["section"], len(heading))))
    signs = [*(_form(words) if "form" in groups else ()), *(_headings(sentence) if "section" in groups else ())]
    signs += _context(sentence) if "context" in groups else ()
    codes = np.fromiter(map(_sign_code, signs), np.uint32, len(signs))
    return [*parts, (_mixed(codes, _SALTS["sign"]), _SIGN_WEIGHT)]


def _of_words(codes: Codes, one: str, two: str) -> tuple[Codes, float]:
    pairs = codes[:-1] * _SECOND + codes[1:]
    both = np.concatenate([_mixed(codes, _SALTS[one]), _mixed(pairs, _SALTS[two])])
    return both, _even(_WEIGHTS[one], len(both))


def _even(weight: float, count: int) -> float:
    return weight / math.sqrt(max(1, count))


def _form(words: Sequence[str]) -> list[str]:
    """How a sentence begins and ends, how long it is, and how much of it is names, numbers and signs of formulas."""
    if not words:
        return []
    first, last = words[0].lower(), words[-1].lower()
    return [
        f"capitals {min(sum(word[0].isupper() for word in words[1:]), 6)}",
        f"acronyms {min(sum(len(word) > 1 and word.isupper() for word in words), 3)}",
        f"inner capitals {min(sum(word[1:] != word[1:].lower() and not word.isupper() for word in words), 3)}",
        f"length {min(len(words) // 5, 12)}",
        f"numbers {min(sum(word[0].isdigit() for word in words), 4)}",
        f"letters {min(sum(len(word) == 1 and word.isalpha() for word in words), 6)}",
        f"first person {not _FIRST_PERSON.isdisjoint(words)}",
        f"begins {first}",
        f"begins {first} {words[1].lower() if len(words) > 1 else ''}",
        f"ends {last}",
    ]


def _headings(sentence: Sentence) -> list[str]:
    headings = sentence.section[:SECTION_CHARS].lower().split(" / ")
    return [f"outermost {headings[0]}", f"innermost {headings[-1]}"] if sentence.section else []


def _context(sentence: Sentence) -> list[str]:
    signs: list[str] = []
    if sentence.before_cites is not None:
        signs.append(f"before {sentence.before_cites} {bool(sentence.before)}")
    if sentence.place is not None:
        signs.append(f"place {min(sentence.place, 5)}")
    if sentence.names is not None and sentence.new_names is not None:
        new = sentence.new_names
        signs += [f"new {min(new, 5)}", f"new {min(new, 3)} of {min(sentence.names, 5)}"]
    return signs


def _words(text: str, chars: int) -> list[str]:
    return _TOKEN.findall(text[:chars])


def _codes(words: Sequence[str]) -> Codes:
    return np.fromiter(map(_word_code, words), np.uint32, len(words))


@lru_cache(maxsize=100_000)
def _word_code(word: str) -> int:
    if word[0].isdigit():
        word = "<year>" if _YEAR.match(word) else "<number>"
    return _sign_code(word.lower())


@lru_cache(maxsize=20_000)
def _sign_code(sign: str) -> int:
    return zlib.crc32(sign.encode("utf-8", "replace"))


def _mixed(codes: Codes, salt: int) -> Codes:
    """Codes spread over all bits, another way for each salt; arithmetic is modulo 2 ** 32 on every machine."""
    mixed = codes ^ np.uint32(salt)
    for _ in range(2):
        mixed = (mixed ^ (mixed >> np.uint32(16))) * _FIRST
    return mixed ^ (mixed >> np.uint32(16))
