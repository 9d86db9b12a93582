"""Content words: what two texts must share to speak of the same thing."""

from __future__ import annotations

import re
import threading
from functools import cache, lru_cache
from typing import Any

from core.text import ascii_fold, without_superscripts

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+(?:[.,]\d+)*")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
STOP_WORDS = frozenset(
    """
    a about above after again against all also although am among an and any are aren't as at be because been before
    being below between both but by can can't cannot could did didn't do does doesn't doing don't down during each
    either else etc even ever every few for from further get gets give given gives had has have having he her here
    hers him his how however i if in into is isn't it its itself just let like may me might more most much must my
    near neither no nor not now of off often on once one only onto or other our ours out over own per quite rather
    same shall she should so some such than that the their theirs them then there therefore these they this those
    though through thus to too toward under until unto up upon us use used uses using very via was we were what
    whatever when where whereas whether which while who whom whose why will with within without would yet you your
    yours
    """.split()
)
_lock = threading.Lock()


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    with _lock:
        stem: str = _stemmer().stemWord(word)
    return stem


def content_words(text: str) -> list[str]:
    """The telling words of a text, in order: lower-cased, without accents, stemmed (Snowball), no stop words."""
    plain = _THOUSANDS.sub("", ascii_fold(without_superscripts(text))).lower().replace("’", "'")
    words = _WORD.findall(plain)
    return [_stem(word.removesuffix("'s")) for word in words if word not in STOP_WORDS]


def numbers(text: str) -> frozenset[str]:
    """The numbers written in a text, thousands separators removed."""
    return frozenset(_NUMBER.findall(_THOUSANDS.sub("", without_superscripts(text))))


def coverage(claim: str, source: str) -> float:
    """Share in [0, 1] of the claim's distinct content words that stand in the source; 1 for a claim without any."""
    wanted = set(content_words(claim))
    return len(wanted & set(content_words(source))) / len(wanted) if wanted else 1.0
