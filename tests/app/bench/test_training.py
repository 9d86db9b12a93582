"""The benchmark of training runs, and compares what is alike."""

from __future__ import annotations

import numpy as np
import pytest

from app.bench.training import RandomRows, bench_training
from training.corpus.packing import Marks


def test_speed_of_the_smallest_recipe() -> None:
    told: list[tuple[int, int]] = []
    found = bench_training("nano", steps=3, on_progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (5, 5)
    assert found.bare_compiled_tokens_per_s is None
    assert found.ratio == pytest.approx(found.tokens_per_s / found.bare_tokens_per_s)
    assert 0 < found.utilisation < 1.5


def test_rows_are_the_same_each_time_and_have_whole_citations() -> None:
    rows = RandomRows(rows=3, row_tokens=192, vocabulary=300)
    assert np.array_equal(rows[1], rows[1])
    assert not np.array_equal(rows[1], rows[2])
    assert rows[0].max() < 300
    row, marks = rows[0].tolist(), Marks()
    assert row.count(marks.start_ref) == row.count(marks.end_ref) == 3
