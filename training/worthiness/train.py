"""Train the model that says which sentences need a citation: a logistic regression over hashed features."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from model.sentence_features import BITS, GROUPS, Entries, sentence_entries
from training.corpus.records import SourcePaper, read_papers
from training.worthiness.examples import Example, paper_examples

Progress = Callable[[str, int, int], None]
_BATCH = 2_000
_FEWEST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How the model is trained; the defaults made the shipped one.

    Of each file every ``every``-th paper is learned, beginning with the ``every``-th. ``strength`` is the inverse of
    the L2 penalty. A share of the sentences, ``plain``, is learned without what a caller may not know (whether the
    sentence before cites, names), and ``leaf`` with the innermost heading alone.
    """

    seed: int = 5
    every: int = 3
    strength: float = 0.1
    iterations: int = 40
    plain: float = 0.15
    leaf: float = 0.3
    precision: float = 0.83
    """What the threshold must reach on each development part: some more than is promised, as parts differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A corpus that was learned from."""

    name: str
    papers: int
    sentences: int
    citing: int
    licences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The features of N sentences, whether each cites, shape (N,), and the number of its paper, shape (N,)."""

    entries: Entries
    cites: NDArray[np.bool_]
    papers: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.cites)


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights of shape (2 ** BITS,), and what is added to each score."""

    weights: NDArray[np.float32]
    bias: float

    def scores(self, matrix: Matrix) -> NDArray[np.float64]:
        """The score of each of N sentences, before calibration."""
        entries = matrix.entries
        values = self.weights[entries.columns] * entries.values
        sums = np.bincount(entries.rows, weights=values, minlength=len(matrix))
        return sums.astype(np.float64) + self.bias


def learned(examples: Iterable[Example], recipe: Recipe, draw: np.random.Generator) -> Iterator[Example]:
    """Examples as they are learned: some of them know less, as some callers do."""
    for example in examples:
        chance, heading = draw.random(2)
        sentence = example.sentence
        if heading < recipe.leaf:
            sentence = replace(sentence, section=sentence.section.rsplit(" / ", 1)[-1])
        if chance < recipe.plain:
            sentence = replace(sentence, before_cites=None, place=None, names=None, new_names=None)
        yield replace(example, sentence=sentence)


def matrix_of(examples: Iterable[Example], groups: frozenset[str] = GROUPS) -> Matrix:
    """The features of examples, computed in batches: texts are not kept.

    Raises:
        InputError: There are too few examples, or all are of one kind.
    """
    parts: list[Entries] = []
    cites: list[bool] = []
    papers: list[int] = []
    numbers: dict[str, int] = {}
    waiting = iter(examples)
    while batch := list(islice(waiting, _BATCH)):
        found = sentence_entries([example.sentence for example in batch], groups)
        parts.append(Entries(found.rows + np.int32(len(cites)), found.columns, found.values))
        cites += [example.cites for example in batch]
        papers += [numbers.setdefault(example.paper, len(numbers)) for example in batch]
    if min(sum(cites), len(cites) - sum(cites)) < _FEWEST:
        raise InputError(
            f"{sum(cites)} sentences with and {len(cites) - sum(cites)} without a citation are too few",
            hint="Name corpus files whose papers have mentions.",
        )
    joined = Entries(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.columns for part in parts]),
        np.concatenate([part.values for part in parts]),
    )
    return Matrix(joined, np.array(cites, dtype=np.bool_), np.array(papers, dtype=np.int64))


def fit(matrix: Matrix, recipe: Recipe) -> Fitted:
    """Fit weights by L-BFGS on the log loss with an L2 penalty; the same matrix gives the same weights."""
    from scipy.sparse import csr_matrix
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    entries = matrix.entries
    used = np.zeros(1 << BITS, dtype=np.bool_)
    used[entries.columns] = True  # columns without an entry keep a weight of 0, and cost time
    columns = (np.cumsum(used) - 1).astype(np.int32)[entries.columns]
    features = csr_matrix((entries.values, (entries.rows, columns)), shape=(len(matrix), int(used.sum())))
    regression = LogisticRegression(C=recipe.strength, max_iter=recipe.iterations, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # stopping early is a penalty of its own
        regression.fit(features, matrix.cites)
    # Rounded as they are shipped, so that what is calibrated is what is used.
    weights = np.zeros(1 << BITS, dtype=np.float32)
    weights[used] = regression.coef_[0].astype(np.float16)
    return Fitted(weights, float(regression.intercept_[0]))


def read_examples(
    paths: Sequence[Path], every: int, on_progress: Progress = lambda what, done, total: None
) -> Iterator[tuple[Path, SourcePaper, list[Example]]]:
    """The papers of files with their examples, in order."""
    for path in paths:
        for done, paper in enumerate(read_papers(path, every=every), start=1):
            on_progress(f"reading {path.name}", done, 0)
            yield path, paper, list(paper_examples(paper))
