r"""Completion of displayed equations: the text before one is given, the model writes it.

An equation is a passage of that kind (LaTeX source and JATS are read into such), or what stands between ``$$``, ``\[``
or in an environment within a paragraph. Printed ones, of a PDF, are no LaTeX and are left out.

Source: Galactica, arXiv:2211.09085, section 5.1 (LaTeX equations).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.errors import InputError
from core.records import Document
from model.galactica.markers import neutral
from training.corpus.rendering import heading_text

if TYPE_CHECKING:
    from model.galactica.galactica import Galactica

_BEFORE_CHARS = 2_000
_LEAST_SYMBOLS = 4
"""Shorter ones, such as ``a = b``, tell nothing."""
_MOST_NEW_TOKENS = 256
_BATCH = 8
_ENVIRONMENT = r"\\begin\{(?P<name>(?:equation|align|gather|multline|eqnarray)\*?)\}"
_DISPLAYED = re.compile(
    rf"(?P<open>\$\$|\\\[|{_ENVIRONMENT})(?P<body>.+?)(?P<close>\$\$|\\\]|\\end\{{(?P=name)\}})", re.DOTALL
)
_SYMBOL = re.compile(r"\\[A-Za-z]+|\\.|\S")
_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation:
    """A displayed equation and the text before it; ``stop`` is what ends it there."""

    paper: str
    prompt: str
    source: str
    stop: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What a model wrote where an equation stands."""

    paper: str
    source: str
    written: str
    exact: bool
    similarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EquationReport:
    """Shares over all equations: written exactly, white space aside, and the mean edit similarity of their symbols."""

    model: str
    equations: int
    papers: int
    exact: float
    similarity: float
    shown: tuple[Completion, ...]
    seconds: float


def symbols(source: str) -> list[str]:
    """What LaTeX distinguishes: commands and characters, white space aside."""
    return _SYMBOL.findall(source)


def equations(paper: str, document: Document) -> Iterator[Equation]:
    """The displayed equations of a document, each with what is before it in its section, its citations as printed."""
    before = f"{heading_text(document.title, 1)}\n\n" if document.title else ""
    section: int | None = None
    for passage in document.passages:
        if passage.section is not None and passage.section != section:
            section = passage.section
            before += f"{heading_text(document.sections[section].heading, 2)}\n\n"
        text = passage.text
        if passage.kind == "equation" and not passage.page:  # as the corpus has those that are written, not printed
            yield from _worth(paper, f"{before}\\[", text, "\\]")
            text = f"\\[ {text} \\]"
        else:
            for found in _DISPLAYED.finditer(passage.text):
                opened = f"{before}{passage.text[: found.start('body')]}"
                if _matching(found["open"], found["close"]):
                    yield from _worth(paper, opened, found["body"], found["close"])
        before += f"{text}\n\n"


def _matching(opening: str, closing: str) -> bool:
    return {"$$": "$$", "\\[": "\\]"}.get(opening, closing) == closing


def _worth(paper: str, before: str, source: str, stop: str) -> Iterator[Equation]:
    if len(symbols(source)) >= _LEAST_SYMBOLS:
        yield Equation(paper=paper, prompt=neutral(before[-_BEFORE_CHARS:]), source=source.strip(), stop=stop)


def draw(found: Iterable[Equation], *, sample: int, seed: int) -> list[Equation]:
    """A sample without replacement, in order; 0 takes all.

    Raises:
        InputError: There is none.
    """
    every = list(found)
    if not every:
        raise InputError(
            "no displayed equations there", hint="Name LaTeX sources, or corpora whose text holds $$ … $$ or \\[ … \\]."
        )
    if not 0 < sample < len(every):
        return every
    chosen = np.random.default_rng(seed).choice(len(every), size=sample, replace=False)
    return [every[index] for index in sorted(chosen)]


def measure_equations(
    model: Galactica, asked: Sequence[Equation], *, on_progress: Callable[[int, int], None]
) -> EquationReport:
    """Let a model write equations greedily, and compare.

    Raises:
        ModelError: The model's scores are not finite.
    """
    import time

    started = time.perf_counter()
    order = sorted(range(len(asked)), key=lambda index: (asked[index].stop, len(asked[index].prompt)))
    found: list[Completion] = []
    for start in range(0, len(order), _BATCH):
        batch = [asked[index] for index in order[start : start + _BATCH]]
        found += [_compared(each, text) for each, text in zip(batch, _written(model, batch), strict=True)]
        on_progress(len(found), len(asked))
    return EquationReport(
        model=model.name,
        equations=len(found),
        papers=len({each.paper for each in found}),
        exact=float(np.mean([each.exact for each in found])),
        similarity=float(np.mean([each.similarity for each in found])),
        shown=tuple(sorted(found, key=lambda each: -each.similarity)[:_SHOWN]),
        seconds=time.perf_counter() - started,
    )


def _written(model: Galactica, batch: Sequence[Equation]) -> list[str]:
    from model.galactica.sampling import GenerationOptions

    longest = max(len(model.tokenizer.encode(each.source)) for each in batch)
    options = GenerationOptions(
        max_new_tokens=min(_MOST_NEW_TOKENS, model.context_tokens // 2, longest + longest // 4 + 8),
        stop=tuple(dict.fromkeys(each.stop for each in batch)),
        return_full_text=False,
    )
    texts = [group[0].text for group in model.generate_all([each.prompt for each in batch], options)]
    return [text.partition(each.stop)[0].strip() for each, text in zip(batch, texts, strict=True)]


def _compared(asked: Equation, written: str) -> Completion:
    from rapidfuzz.distance import Levenshtein

    right, given = symbols(asked.source), symbols(written)
    return Completion(
        paper=asked.paper,
        source=asked.source,
        written=written,
        exact=right == given,
        similarity=float(Levenshtein.normalized_similarity(right, given)),
    )
