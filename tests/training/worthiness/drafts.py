"""Made-up papers in which it shows from the words which sentences cite."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from pathlib import Path

_THINGS = "otters urchins limpets kelp mussels barnacles starfish abalones".split()
_CITING = (
    "Earlier studies reported that {} graze on {} in winter{}.",
    "It is widely known that {} depend on {} near the coast{}.",
    "Previous work has shown how {} compete with {} for light{}.",
)
_OWN = (
    "We counted {} and {} on every second day of the month.",
    "Our samples of {} were kept apart from those of {}.",
    "Here we then weigh {} and compare them with {} again.",
)
_REFERENCES = 4


def write_corpus(path: Path, papers: Iterable[int], *, sentences: int = 24) -> Path:
    """A corpus file with papers of those numbers, every second sentence of which cites."""
    path.write_text("".join(json.dumps(_paper(number, sentences)) + "\n" for number in papers), encoding="utf-8")
    return path


def _paper(number: int, sentences: int) -> dict[str, object]:
    draw = random.Random(number)
    text, mentions = "", []
    for count in range(sentences):
        first, second = draw.sample(_THINGS, 2)
        if draw.random() < 0.5:
            text += draw.choice(_OWN).format(first, second) + " "
            continue
        reference = count % _REFERENCES
        marker = f"Roe et al., 20{reference}0"
        before, after = draw.choice(_CITING).format(first, second, "\0").split("\0")
        start = len(text) + len(before) + 2
        mentions.append([start, start + len(marker), reference])
        text += f"{before} ({marker}){after} "
    refs = [{"title": f"Life of {thing}", "authors": ["Roe A"], "year": "2010", "venue": "Sea"} for thing in _THINGS]
    return {
        "id": str(number), "title": f"Paper {number}", "authors": [], "abstract": "", "license": "CC0",
        "refs": refs[:_REFERENCES], "paras": [["Introduction", text.strip(), mentions]],
    }  # fmt: skip
