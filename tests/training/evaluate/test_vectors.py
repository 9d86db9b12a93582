from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import StorageError
from tests.indexer.search.library import HashingEncoder
from training.evaluate.vectors import KeptVectors


@dataclass(frozen=True)
class Counting(HashingEncoder):
    """Remembers what it was asked to encode."""

    asked: list[str] = field(default_factory=list)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked.extend(texts)
        return super().encode(texts)


TEXTS = ["alpha beta", "gamma", "alpha beta", "delta"]


def test_a_text_is_encoded_once_whatever_the_run(tmp_path: Path) -> None:
    first = Counting()
    found = KeptVectors(first, tmp_path / "new").encode(TEXTS)
    assert first.asked == ["alpha beta", "gamma", "delta"]
    np.testing.assert_allclose(found, HashingEncoder().encode(TEXTS), atol=1e-3)
    second = Counting()
    again = KeptVectors(second, tmp_path / "new").encode([*TEXTS, "epsilon"])
    assert second.asked == ["epsilon"]
    np.testing.assert_array_equal(again[:4], found)


def test_what_was_cut_off_is_encoded_again(tmp_path: Path) -> None:
    whole = KeptVectors(Counting(), tmp_path).encode(TEXTS)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-3])
    encoder = Counting()
    kept = KeptVectors(encoder, tmp_path)
    np.testing.assert_array_equal(kept.encode(TEXTS), whole)
    assert encoder.asked == ["delta"]
    np.testing.assert_array_equal(KeptVectors(Counting(), tmp_path).encode(TEXTS), whole)


def test_encoders_have_files_of_their_own(tmp_path: Path) -> None:
    other = Counting("another")
    KeptVectors(Counting(), tmp_path).encode(TEXTS)
    KeptVectors(other, tmp_path).encode(TEXTS)
    assert len(other.asked) == 3


def test_a_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StorageError) as raised:
        KeptVectors(Counting(), tmp_path / "file").encode(TEXTS)
    assert "--vectors" in raised.value.hint
