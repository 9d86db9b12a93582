"""How much of a title's own probability is taken off when citations are ranked: tuned on dev, kept by the weights."""

from __future__ import annotations

import json
from pathlib import Path

from core.errors import ModelError, StorageError
from model.runtime import read_json

PRIOR_NAME = "citations.json"
MOST_ALPHA = 2.0


def prior_strength(folder: Path) -> float:
    """The alpha of log p(title | context) - alpha log p(title) that was tuned for a checkpoint; 0 where it was not.

    Args:
        folder: Of the checkpoint.

    Raises:
        ModelError: The file that says it is damaged.
    """
    path = folder / PRIOR_NAME
    if not path.is_file():
        return 0.0
    alpha = read_json(path).get("alpha", 0.0)
    if isinstance(alpha, bool) or not isinstance(alpha, int | float) or not 0 <= alpha <= MOST_ALPHA:
        raise ModelError(f"{path}: alpha is {str(alpha)[:40]}", hint=f"It lies between 0 and {MOST_ALPHA:g}.")
    return float(alpha)


def keep_prior_strength(folder: Path, alpha: float) -> None:
    """Store what ``prior_strength`` tells, at once or not at all.

    Raises:
        StorageError: The folder cannot be written.
    """
    aside = folder / f"{PRIOR_NAME}.part"
    try:
        aside.write_text(json.dumps({"alpha": alpha}) + "\n", encoding="utf-8")
        aside.replace(folder / PRIOR_NAME)
    except OSError as error:
        raise StorageError(
            f"{folder}: the strength of the prior is not kept ({error})",
            hint="Copy the checkpoint to a folder of yours.",
        ) from error
