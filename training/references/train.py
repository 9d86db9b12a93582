"""Train the labeller of reference strings: annotated and rendered examples in, a model and a lexicon out."""

from __future__ import annotations

import ctypes
import gzip
import hashlib
import json
import lzma
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.bibliographies.styles import style_names
from indexer.references.features import make_features
from indexer.references.labeller import LEXICON_NAME, MODEL_NAME
from indexer.references.tokens import Token, tokenize
from training.references import csl, house, styles
from training.references.annotated import read_anystyle, read_grobid
from training.references.examples import Example, part_of, token_labels
from training.references.lexicon import count_words, make_lexicon
from training.references.records import Stock, read_stock
from training.references.variants import vary

Progress = Callable[[str, int, int], None]
Features = Callable[[Sequence[Token]], list[list[str]]]
_EVERY = 200
_PASS = re.compile(r"\*+ (?:Iteration|Epoch) #(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How the labeller is trained; the defaults made the shipped model.

    GROBID's strings count ``grobid_times``. Each style of the Citation Style Language, and each house style, renders
    some records. A first training of ``first_passes`` over every ``sample``-th example chooses the ``attributes`` with
    the largest weights; the model is trained on these alone, which keeps it small. Attributes seen less than
    ``least_seen`` times are left out.
    """

    seed: int = 7
    csl_styles: int = 1200
    records_per_csl_style: int = 4
    house_styles: int = 4000
    records_per_house_style: int = 2
    least_seen: int = 3
    grobid_times: int = 2
    sample: int = 3
    first_passes: int = 3
    attributes: int = 60_000
    passes: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingReport:
    """What was learned from, and what came out; ``sha256`` is that of the model file."""

    examples: dict[str, int]
    words: int
    passes: int
    seconds: float
    model_bytes: int
    sha256: str


def train(
    folder: Path, out: Path, recipe: Recipe, *, on_progress: Progress = lambda what, done, total: None
) -> TrainingReport:
    """Train on the data of a folder and write model and lexicon into another; the same seed gives the same files.

    Args:
        folder: Holds ``refstrings/``, ``corpus/`` and ``library/``.
        out: Made when it is not there; files of the same names are replaced at the end.
        recipe: Sizes, penalties and seed.
        on_progress: Told what is being done, how much of it is done, and of how much.

    Raises:
        core.errors.InputError: Data is missing.
    """
    started = time.perf_counter()
    annotated = read_annotated(folder)
    rng = random.Random(recipe.seed)  # noqa: S311 - not for secrets
    on_progress("reading records", 0, 1)
    stock = read_stock(folder, annotated)
    lexicon = make_lexicon(count_words(stock.records, annotated))
    examples = [*annotated, *render_examples(stock, recipe, rng, on_progress)]
    out.mkdir(parents=True, exist_ok=True)
    unfinished = out / "unfinished.crfsuite"
    fit(examples, lexicon, unfinished, recipe, on_progress)
    model = gzip.compress(unfinished.read_bytes(), mtime=0)
    (out / MODEL_NAME).write_bytes(model)
    unfinished.unlink()
    packed = json.dumps(lexicon, ensure_ascii=False, separators=(",", ":")).encode()
    (out / LEXICON_NAME).write_bytes(lzma.compress(packed))
    return TrainingReport(
        examples=dict(Counter(_source(example) for example in examples)),
        words=len(lexicon),
        passes=recipe.passes,
        seconds=time.perf_counter() - started,
        model_bytes=len(model),
        sha256=hashlib.sha256(model).hexdigest(),
    )


def read_annotated(folder: Path) -> list[Example]:
    """The annotated strings that may be learned from: AnyStyle's, and GROBID's of the training part."""
    grobid = read_grobid(folder / "refstrings/grobid/citation")
    kept = [example for example in grobid if part_of(example.group) == "train"]
    return [*kept, *read_anystyle(folder / "refstrings/anystyle")]


def render_examples(stock: Stock, recipe: Recipe, rng: random.Random, on_progress: Progress) -> list[Example]:
    """Records of a stock in styles of the Citation Style Language and in house styles."""
    examples: list[Example] = []
    names = style_names()
    rng.shuffle(names)
    names = names[: recipe.csl_styles]
    for done, name in enumerate(names, 1):
        records = [vary(rng.choice(stock.records), stock, rng) for _ in range(recipe.records_per_csl_style)]
        examples += csl.render(name, records, rng)
        if done % _EVERY == 0 or done == len(names):
            on_progress("rendering styles", done, len(names) + recipe.house_styles)
    for done in range(1, recipe.house_styles + 1):
        style = styles.draw_style(rng)
        for _ in range(recipe.records_per_house_style):
            example = house.render(style, vary(rng.choice(stock.records), stock, rng), rng)
            examples += [example] if example is not None else []
        if done % _EVERY == 0 or done == recipe.house_styles:
            on_progress("rendering styles", len(names) + done, len(names) + recipe.house_styles)
    return examples


def fit(
    examples: Sequence[Example], lexicon: dict[str, str], path: Path, recipe: Recipe, on_progress: Progress
) -> None:
    """Fit a linear-chain conditional random field by the averaged perceptron, with attributes chosen by a first fit.

    Source: Lafferty, McCallum and Pereira, ICML 2001; Collins, EMNLP 2002; CRFsuite by Okazaki, 2007.
    """
    features = make_features(lexicon)

    def items(tokens: Sequence[Token]) -> list[list[str]]:
        return [[item for item in found if item in chosen] for found in features(tokens)]

    _fit(examples[:: recipe.sample], features, path, recipe, passes=recipe.first_passes, on_progress=on_progress)
    chosen = _heaviest(path, recipe.attributes)
    _fit(examples, items, path, recipe, passes=recipe.passes, on_progress=on_progress)


def _fit(
    examples: Sequence[Example], features: Features, path: Path, recipe: Recipe, *, passes: int, on_progress: Progress
) -> None:
    import pycrfsuite

    class Trainer(pycrfsuite.Trainer):  # type: ignore[misc]
        def message(self, message: str) -> None:
            head = _PASS.match(message)
            if head is not None:
                on_progress("training", int(head[1]), passes)

    # CRFsuite draws the order of the examples from the C library.
    ctypes.CDLL(None).srand(recipe.seed)
    trainer = Trainer(algorithm="ap", verbose=False)
    for done, example in enumerate(examples, 1):
        tokens = tokenize(example.text)
        items, labels = pycrfsuite.ItemSequence(features(tokens)), token_labels(example, tokens)
        for _ in range(recipe.grobid_times if _source(example) == "grobid" else 1):
            trainer.append(items, labels)
        if done % _EVERY == 0:
            on_progress("reading examples", done, len(examples))
    trainer.set_params(
        {
            "max_iterations": passes,
            "feature.minfreq": recipe.least_seen,
            "feature.possible_transitions": True,
            "epsilon": 0.0,
        }
    )
    trainer.train(str(path))


def _heaviest(path: Path, count: int) -> frozenset[str]:
    """The attributes of a model with the largest weights for any label."""
    import pycrfsuite

    tagger = pycrfsuite.Tagger()
    tagger.open(str(path))
    weights: dict[str, float] = {}
    for (attribute, _), weight in tagger.info().state_features.items():
        weights[attribute] = max(weights.get(attribute, 0.0), abs(weight))
    tagger.close()
    return frozenset(sorted(weights, key=lambda attribute: (-weights[attribute], attribute))[:count])


def _source(example: Example) -> str:
    head = example.group.split(":")[0]
    return head if head in ("csl", "house", "anystyle") else "grobid"
