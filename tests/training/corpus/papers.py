"""Small papers for the tests of this package, written as corpus files and as records."""

from __future__ import annotations

import json
import random
from pathlib import Path

from core.records import Author, Mention, Reference
from training.corpus.records import SourcePaper, read_papers

_WORDS = """kelp urchin otter reef tide current plankton salt wave stone harbour net storm shoal gull cliff sand
moon drift anchor depth light cold bloom spawn larva shell coral wreck sound basin fjord ice melt river delta silt
marsh""".split()
_NAMES = "Oduya Marsh Lindqvist Tanaka Rossi Haddad Novak Okafor Silva Petrov Larsen Mbeki".split()


def entry(index: int, title: str, surname: str = "") -> Reference:
    """An entry of a reference list."""
    authors = (Author(family=surname),) if surname else ()
    return Reference(index=index, raw=title, page=0, title=title, authors=authors)


def mention(start: int, end: int, *indices: int, ambiguous: bool = False) -> Mention:
    """A citation in the text."""
    return Mention(reference_indices=indices, text="", sentence="", start=start, end=end, page=0, ambiguous=ambiguous)


def write_corpus(path: Path, *, papers: int, seed: int = 1, works: int = 30, paragraphs: int = 6) -> Path:
    """A corpus file of made-up papers that cite made-up works, each several times."""
    dice = random.Random(seed)
    pool = [(" ".join(dice.sample(_WORDS, 5)).capitalize(), dice.choice(_NAMES)) for _ in range(works)]
    with path.open("w", encoding="utf-8") as file:
        for number in range(papers):
            file.write(json.dumps(_record(number, dice, pool, paragraphs, seed)) + "\n")
    return path


def make_papers(folder: Path, *, papers: int, seed: int = 1, name: str = "sea.train.jsonl") -> list[SourcePaper]:
    """The papers of such a file."""
    return list(read_papers(write_corpus(folder / name, papers=papers, seed=seed)))


def _record(
    number: int, dice: random.Random, pool: list[tuple[str, str]], paragraphs: int, seed: int
) -> dict[str, object]:
    cited = dice.sample(pool, 8)
    refs = [{"title": title, "authors": [f"{name} A"], "year": "2001", "venue": "Sea"} for title, name in cited]
    return {
        "id": f"{seed}-{number}",
        "title": " ".join(dice.sample(_WORDS, 7)).capitalize(),
        "authors": ["Ana Silva"],
        "license": "CC BY",
        "abstract": "Here we show " + _prose(dice, 40),
        "keywords": dice.sample(_WORDS, 2),
        "refs": refs,
        "paras": [[dice.choice(["Introduction", "Methods"]), *_paragraph(dice, cited)] for _ in range(paragraphs)],
    }


def _paragraph(dice: random.Random, cited: list[tuple[str, str]]) -> tuple[str, list[list[int]]]:
    text, spans = "", []
    for _ in range(dice.randint(1, 4)):
        text += _prose(dice, dice.randint(6, 40)) + " ("
        for place, index in enumerate(dice.sample(range(len(cited)), dice.randint(1, 3))):
            marker = f"{cited[index][1]} et al., {1990 + index}"
            text += "; " if place else ""
            spans.append([len(text), len(text) + len(marker), index])
            text += marker
        text += "). "
    return text.strip(), spans


def _prose(dice: random.Random, words: int) -> str:
    return " ".join(dice.choice(_WORDS) for _ in range(words)).capitalize()
