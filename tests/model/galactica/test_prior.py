from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.errors import ModelError, StorageError
from model.galactica.prior import PRIOR_NAME, keep_prior_strength, prior_strength


@pytest.mark.parametrize(("told", "alpha"), [({}, 0.0), ({"alpha": 0.25}, 0.25), ({"alpha": 1}, 1.0)])
def test_the_strength_of_the_prior_is_that_of_the_checkpoint(
    tmp_path: Path, told: dict[str, float], alpha: float
) -> None:
    assert prior_strength(tmp_path) == 0.0
    (tmp_path / PRIOR_NAME).write_text(json.dumps(told))
    assert prior_strength(tmp_path) == alpha


@pytest.mark.parametrize("told", ['{"alpha": -1}', '{"alpha": 7}', '{"alpha": "much"}', '{"alpha": null}',
                                  '{"alpha": NaN}', '{"alpha": true}', "[]", "{"])  # fmt: skip
def test_a_strength_that_makes_no_sense_is_refused(tmp_path: Path, told: str) -> None:
    (tmp_path / PRIOR_NAME).write_text(told)
    with pytest.raises(ModelError, match=PRIOR_NAME):
        prior_strength(tmp_path)


def test_what_was_tuned_is_kept(tmp_path: Path) -> None:
    keep_prior_strength(tmp_path, 0.35)
    assert prior_strength(tmp_path) == 0.35
    assert [path.name for path in tmp_path.iterdir()] == [PRIOR_NAME]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="not kept"):
        keep_prior_strength(tmp_path / "missing", 0.35)
