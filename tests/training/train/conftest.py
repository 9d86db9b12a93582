"""A corpus of made-up sentences, small enough to be trained on in a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from model.galactica.markers import reference
from model.galactica.tokenizer import GalacticaTokenizer
from training.corpus.shards import Counts, Manifest, ShardWriter
from training.train.data import Corpus, open_corpus
from training.train.recipe import Recipe, load_recipe

ROW_TOKENS = 32
_SUBJECTS = ("the parser", "a ranker", "this index", "our model", "the reader", "a citation")
_VERBS = ("finds", "counts", "links", "forgets", "weighs")
_TITLES = (("Counting words with care", "Abel"), ("Graphs of things cited", "Berg"), ("On reading slowly", "Cohn"))


def sentences(count: int) -> list[str]:
    """Sentences that each cite one of three works."""
    random = np.random.default_rng(5)
    found = []
    for _ in range(count):
        subject, verb, thing = random.choice(_SUBJECTS), random.choice(_VERBS), random.choice(_SUBJECTS)
        title, surname = _TITLES[int(random.integers(len(_TITLES)))]
        found.append(f"{subject} {verb} {thing} {reference(title, surname)}.")
    return found


@pytest.fixture(autouse=True)
def own_threads() -> Iterator[None]:
    """One thread for models as small as these; the number that other tests had comes back."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tokenizer() -> GalacticaTokenizer:
    """Knows the sentences."""
    return GalacticaTokenizer.train(sentences(200), 400)


def write_shards(
    folder: Path, tokenizer: GalacticaTokenizer, texts: Sequence[str], *, part: str = "train", fingerprint: str = ""
) -> None:
    """One text a row, padded at its end."""
    rows = np.full((len(texts), ROW_TOKENS), tokenizer.pad, dtype=np.uint16)
    for row, ids in zip(rows, tokenizer.encode_batch(texts), strict=True):
        row[: len(ids)] = ids[:ROW_TOKENS]
    manifest = Manifest(
        part=part, form="documents", row_tokens=ROW_TOKENS, seed=1, tokenizer=fingerprint or tokenizer.fingerprint,
        pad=tokenizer.pad, start_ref=tokenizer.start_ref, end_ref=tokenizer.end_ref,
    )  # fmt: skip
    writer = ShardWriter(folder, manifest)
    half = len(rows) // 2
    notes = [
        writer.write(number, part_rows, {"made": Counts(papers=1, tokens=int((part_rows != tokenizer.pad).sum()))})
        for number, part_rows in enumerate((rows[:half], rows[half:]))
    ]
    writer.close(notes)
    tokenizer.save(folder)


@pytest.fixture(scope="session")
def corpus_folder(tmp_path_factory: pytest.TempPathFactory, tokenizer: GalacticaTokenizer) -> Path:
    """120 rows to train on and 20 to evaluate on."""
    folder = tmp_path_factory.mktemp("corpus")
    texts = sentences(140)
    write_shards(folder / "train", tokenizer, texts[:120])
    write_shards(folder / "dev", tokenizer, texts[120:], part="dev")
    tokenizer.save(folder)
    return folder


@pytest.fixture
def corpus(corpus_folder: Path) -> Corpus:
    """The corpus, opened."""
    return open_corpus(corpus_folder)


SMALL = (
    f"data.row_tokens={ROW_TOKENS}", "optimizer.batch_tokens=256", "optimizer.warmup_tokens=512",
    "optimizer.total_tokens=5120", "run.micro_rows=4", "run.precision='fp32'", "run.device='cpu'",
    "run.evaluate_tokens=2048", "run.evaluate_rows=8", "run.threads=1",
)  # fmt: skip
"""20 steps of 8 rows."""


def small_recipe(*changes: str) -> Recipe:
    """A recipe of 20 steps, with further changes."""
    return replace(load_recipe("nano", [*SMALL, *changes]), name="small")


@pytest.fixture
def small() -> Callable[..., Recipe]:
    """Makes a recipe of 20 steps, with further changes."""
    return small_recipe
