"""A small world of papers that cite: each topic has words of its own, so that what is cited can be learned."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from random import Random

TOPICS = {
    "galaxies": ("spiral arms of distant galaxies", "the rotation of discs", "dark halos"),
    "enzymes": ("how enzymes fold in water", "binding of small molecules", "active sites"),
    "grammars": ("grammars that parse long sentences", "trees of phrases", "agreement of verbs"),
    "glaciers": ("melting of alpine glaciers", "snow and old ice", "rivers below the ice"),
}
WORKS_OF_TOPIC = 6


def work(topic: str, number: int) -> dict[str, object]:
    """An entry of a reference list."""
    words = TOPICS[topic]
    return {
        "title": f"On {words[number % 3]}: study {'abcdef'[number]} of {topic}",
        "authors": [f"Ada {topic.title()}{'abcdef'[number]}"],
        "year": 2000 + number,
    }


def paper(number: int, random: Random) -> dict[str, object]:
    """A paper on one topic whose sentences cite works of that topic by number, with one work of another topic."""
    topic = sorted(TOPICS)[number % len(TOPICS)]
    other = sorted(TOPICS)[(number + 1) % len(TOPICS)]
    chosen = random.sample(range(WORKS_OF_TOPIC), 4)
    references = [work(topic, each) for each in chosen] + [work(other, number % WORKS_OF_TOPIC)]
    paragraphs = []
    for index, reference in enumerate(references):
        lead = f"Much is known of {str(reference['title'])[3:].lower()} by now, as was shown "
        text = f"{lead}[{index + 1}] and later confirmed."
        paragraphs.append(["Introduction", text, [[len(lead), len(lead) + 3, index]]])
    return {
        "id": f"p{number}", "title": f"New remarks on {topic}, part {number}", "authors": ["Bo Writer"], "year": 2024,
        "license": "CC0", "abstract": f"We write about {topic}.", "refs": references, "paras": paragraphs,
    }  # fmt: skip


def write_world(path: Path, numbers: Iterable[int], *, seed: int = 0) -> Path:
    """A corpus file of such papers."""
    random = Random(seed)
    path.write_text("".join(json.dumps(paper(number, random)) + "\n" for number in numbers), encoding="utf-8")
    return path
