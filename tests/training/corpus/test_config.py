from __future__ import annotations

from typing import Any

import pytest

from core.errors import SettingsError
from training.corpus.config import CorpusConfig


@pytest.mark.parametrize(
    "settings",
    [
        {"form": "haiku"},
        {"row_tokens": 8},
        {"row_tokens": 100_000},
        {"masked_share": 1.5},
        {"untitled_share": -0.1},
        {"prompt_ratio": 1.0},
        {"replay_ratio": -1.0},
        {"dev_share": 0.5, "test_share": 0.5},
        {"duplicate_similarity": 0.0},
        {"papers_per_shard": 0},
        {"context_chars": 1},
        {"sample_chars": 0},
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        CorpusConfig(**settings)
