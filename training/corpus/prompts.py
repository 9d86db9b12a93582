"""Tasks in the text that a model learns from, so that it can be asked: in a small share, as Galactica did.

From each paper: its abstract with the sentence that says most (TLDR), with its title, with its keywords, and a
paragraph with the heading above it. From data sets: summaries by people (SciTLDR's training part), questions about
abstracts (PubMedQA without its 500 test questions). And arithmetic worked out in steps.

Source of the formats: Galactica, arXiv:2211.09085, section 3.2, and its published prompts.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.json import from_json, to_json
from core.records import Document
from core.sentences import split_sentences
from core.text import clean
from model.galactica.markers import neutral
from training.corpus.arithmetic import make_problem
from training.corpus.shards import write_atomically

PROMPTS = "prompts.json"
_SAYS_MOST = re.compile(
    r"\b(?:here,? we|(?:in )?this (?:paper|work|study|article)|we (?:propose|present|introduce|"
    r"show|find|found|demonstrate|develop|report|describe|prove))\b",
    re.IGNORECASE,
)
_ABSTRACT_CHARS = (200, 4_000)
_PARAGRAPH_CHARS = (200, 1_200)
_HEADING_CHARS = (3, 80)
_MOST_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A task with its answer, as one document; ``kind`` is counted in the report."""

    kind: str
    text: str


def paper_prompts(document: Document, dice: random.Random) -> Iterator[Prompt]:
    """The tasks that a paper gives."""
    abstract = clean(document.abstract)
    if _ABSTRACT_CHARS[0] <= len(abstract) <= _ABSTRACT_CHARS[1]:
        title = clean(document.title)
        says_most = next((each for each in split_sentences(abstract) if _SAYS_MOST.search(each)), "")
        if says_most and len(says_most) < len(abstract) / 2:
            yield _prompt("tldr", _headed(title, abstract, dice) + f"\n\nTLDR: {says_most}")
        if title:
            yield _prompt("title", f"{abstract}\n\nTitle: {title}")
        if title and document.authors:
            names = ", ".join(author.name for author in document.authors)
            yield _prompt("paper", f"Title: {title}\n\nAuthors: {names}\n\nAbstract: {abstract}")
        if document.keywords:
            yield _prompt("keywords", _headed(title, abstract, dice) + f"\n\nKeywords: {', '.join(document.keywords)}")
    yield from _section_prompt(document, dice)


def arithmetic_prompt(dice: random.Random) -> Prompt:
    """A calculation worked out in steps."""
    return Prompt(kind="arithmetic", text=make_problem(dice).text)


def scitldr_prompts(path: Path) -> Iterator[Prompt]:
    """Summaries by people.

    Args:
        path: ``train.jsonl`` of SciTLDR; a line has ``source`` (sentences) and ``target`` (summaries).

    Raises:
        InputError: It is missing, no such file, or a part that is kept to be measured on.
    """
    if path.name.startswith(("test", "dev")):
        raise InputError(f"{path}: kept to be measured on", hint="Give SciTLDR's train.jsonl.")
    with _reading(path, "SciTLDR"):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            abstract = clean(" ".join(record["source"]))
            for summary in record["target"]:
                yield _prompt("scitldr", f"{abstract}\n\nTLDR: {clean(summary)}")


def pubmedqa_prompts(path: Path) -> Iterator[Prompt]:
    """Questions about abstracts, answered by yes, no or maybe, or in a sentence.

    Args:
        path: ``ori_pqal.json`` of PubMedQA; ``test_ground_truth.json`` beside it names the questions to leave out.

    Raises:
        InputError: One of the files is missing or no such file.
    """
    with _reading(path, "PubMedQA"):
        kept_back = set(json.loads((path.parent / "test_ground_truth.json").read_bytes()))
        questions: dict[str, Any] = json.loads(path.read_bytes())
        for identity, record in sorted(questions.items()):
            if identity in kept_back:
                continue
            context = clean(" ".join(record["CONTEXTS"]))
            asked = f"{context}\n\nQuestion: {clean(record['QUESTION'])}\n\nAnswer: "
            yield _prompt("pubmedqa", asked + clean(record["final_decision"]))
            yield _prompt("pubmedqa", asked + clean(record["LONG_ANSWER"]))


def write_prompts(folder: Path, prompts: list[Prompt]) -> None:
    """Keep prompts beside a corpus, for the processes that mix them in."""
    write_atomically(folder / PROMPTS, to_json(prompts))


def read_prompts(folder: Path) -> list[Prompt]:
    """What ``write_prompts`` wrote; nothing when it wrote nothing.

    Raises:
        InputError: The file is damaged.
    """
    path = folder / PROMPTS
    if not path.is_file():
        return []
    try:
        return from_json(list[Prompt], path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({type(error).__name__})", hint="Build the corpus anew.") from error


class PromptBox:
    """Prompts in a random order that takes all kinds in turn, without end.

    Args:
        documents: Papers that give tasks.
        others: Prompts from elsewhere.
        dice: Of the order.
    """

    def __init__(self, documents: list[Document], others: list[Prompt], dice: random.Random) -> None:
        self._dice = dice
        self._decks: dict[str, list[Prompt]] = {}
        for prompt in others:
            self._decks.setdefault(prompt.kind, []).append(prompt)
        for document in documents:
            for prompt in paper_prompts(document, dice):
                self._decks.setdefault(prompt.kind, []).append(prompt)
        for deck in self._decks.values():
            dice.shuffle(deck)

    def __iter__(self) -> Iterator[Prompt]:
        """Each prompt at most once, arithmetic without end."""
        while True:
            for _, deck in sorted(self._decks.items()):
                if deck:
                    yield deck.pop()
            yield arithmetic_prompt(self._dice)


@contextmanager
def _reading(path: Path, name: str) -> Iterator[None]:
    """Bounds the size of a file, and turns what is wrong with it into an error that names it."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{path}: larger than {_MOST_BYTES // 2**20} MB", hint=f"Is this {name}?")
        yield
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path}: cannot be read as {name} ({type(error).__name__})", hint="Check the path and the file."
        ) from error


def _section_prompt(document: Document, dice: random.Random) -> Iterator[Prompt]:
    fit = [
        passage
        for passage in document.passages
        if passage.kind == "paragraph" and passage.section is not None and len(passage.text) >= _PARAGRAPH_CHARS[0]
    ]
    if not fit:
        return
    passage = dice.choice(fit)
    heading = document.sections[passage.section or 0].heading
    if _HEADING_CHARS[0] <= len(heading) <= _HEADING_CHARS[1]:
        text = passage.text[: _PARAGRAPH_CHARS[1]]
        yield _prompt("section", f"Question: Which section is this paragraph from?\n\n{text}\n\nAnswer: {heading}")


def _headed(title: str, abstract: str, dice: random.Random) -> str:
    return f"Title: {title}\n\n{abstract}" if title and dice.random() < 0.5 else abstract


def _prompt(kind: str, text: str) -> Prompt:
    return Prompt(kind=kind, text=neutral(text))
