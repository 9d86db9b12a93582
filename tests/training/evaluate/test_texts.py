from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from model.galactica.galactica import Galactica
from tests.training.evaluate.papers import make_paper
from training.corpus.shards import Counts, Manifest, ShardWriter
from training.evaluate.texts import paper_texts, shard_texts

PAPERS = [make_paper(number, [f"Nets see {number} things [1]."], ["Deep nets"]) for number in range(6)]


def test_papers_are_in_the_form_of_the_corpus() -> None:
    texts = paper_texts(PAPERS, sample=0, seed=1)
    assert len(texts) == 6
    assert "Nets see 0 things [START_REF] Deep nets, Byron[END_REF]." in texts[0]
    some = paper_texts(PAPERS, sample=2, seed=1)
    assert len(some) == 2
    assert set(some) < set(texts)


def test_rows_of_shards_become_text_again(tmp_path: Path, nano: Galactica) -> None:
    tokenizer = nano.tokenizer
    texts = ["Nets see [START_REF] Deep nets[END_REF].", "Old trees"]
    rows = np.full((2, 40), tokenizer.pad, dtype=np.uint16)
    for row, text in zip(rows, texts, strict=True):
        ids = tokenizer.encode(text)
        row[: len(ids)] = ids
    manifest = Manifest(
        part="dev", form="documents", row_tokens=40, seed=1, tokenizer=tokenizer.fingerprint, pad=tokenizer.pad,
        start_ref=tokenizer.start_ref, end_ref=tokenizer.end_ref,
    )  # fmt: skip
    writer = ShardWriter(tmp_path, manifest)
    writer.close([writer.write(0, rows, {"made": Counts(papers=2)})])
    tokenizer.save(tmp_path)
    assert shard_texts(tmp_path, sample=0, seed=1) == texts
    assert len(shard_texts(tmp_path, sample=1, seed=1)) == 1


def test_a_folder_without_shards_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        shard_texts(tmp_path, sample=0, seed=1)
