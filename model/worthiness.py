"""Does this sentence need a citation? A linear model over hashed words of a sentence and of what stands around it.

Source: the task as in Wright and Augenstein, CiteWorth, Findings of ACL 2021 (arXiv:2105.10912); probabilities as in
Platt, Probabilistic Outputs for Support Vector Machines, 1999.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.errors import ModelError
from model.manifest import sha256_of
from model.runtime import first_line, read_json
from model.sentence_features import BITS, Sentence, names_of, sentence_entries

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Reading", "Sentence", "Worthiness", "load_worthiness"]

SHIPPED = Path(__file__).parent / "weights" / "worthiness"
WEIGHTS_NAME = "model.safetensors"
SETTINGS_NAME = "worthiness.json"
TENSOR = "weights"
_BATCH = 2_000
"""Sentences whose features are held at once: bounds memory."""
_REINSTALL = "Reinstall galacite, or train it: galacite train worthiness"
_NUMBERS = ("bias", "slope", "shift", "threshold")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What stands beside the weights: a score s is ``bias`` + weights, its probability that of ``slope`` s + ``shift``.

    ``threshold`` is the default operating point, a probability; ``bits`` tell the number of columns.
    """

    bits: int
    bias: float
    slope: float
    shift: float
    threshold: float
    sha256: str


@dataclass(slots=True)
class Reading:
    """Reads the sentences of a paper or draft in their order, and tells what is known of each by what came before."""

    _seen: set[str] = field(default_factory=set)
    _paragraph: Hashable = None
    _before: str = ""
    _cited: bool = False
    _place: int = 0

    def take(self, text: str, *, paragraph: Hashable, section: str = "", cites: bool = False) -> Sentence:
        """The next sentence as the model is asked about it.

        Args:
            text: Without its citations.
            paragraph: Anything that tells its paragraph from the one before.
            section: The headings above it, outermost first, parted by `` / ``.
            cites: Whether it cites: told to the sentence that follows, never to itself.
        """
        if paragraph != self._paragraph:
            self._paragraph, self._before, self._cited, self._place = paragraph, "", False, 0
        names = names_of(text)
        sentence = Sentence(
            text, before=self._before, section=section, before_cites=self._cited, place=self._place,
            names=len(names), new_names=sum(name not in self._seen for name in names),
        )  # fmt: skip
        self._seen.update(names)
        self._before, self._cited = text, cites
        self._place += 1
        return sentence


class Worthiness:
    """Tells how likely sentences need a citation; its weights are read at the first use. May be shared by threads."""

    def __init__(self, folder: Path = SHIPPED) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    @property
    def threshold(self) -> float:
        """The probability from which on a sentence is told by default.

        Raises:
            ModelError: The settings are missing or damaged.
        """
        return self._settings.threshold

    @property
    def name(self) -> str:
        """Folder name and a part of the weights' SHA-256."""
        return f"{self._folder.name}-{self._settings.sha256[:12]}"

    def probabilities(self, sentences: Sequence[Sentence]) -> NDArray[np.float64]:
        """The calibrated probability that each of N sentences cites in a published paper.

        Returns:
            Shape (N,), in the order of the sentences; each depends on its sentence alone.

        Raises:
            ModelError: The weights are missing or damaged.
        """
        settings, weights = self._settings, self._weights
        found = np.empty(len(sentences))
        for start in range(0, len(sentences), _BATCH):
            batch = sentences[start : start + _BATCH]
            entries = sentence_entries(batch)
            sums = np.bincount(
                entries.rows, weights=weights[entries.columns] * entries.values, minlength=len(batch)
            )  # fmt: skip
            logits = settings.slope * (sums + settings.bias) + settings.shift
            found[start : start + len(batch)] = 1.0 / (1.0 + np.exp(-np.clip(logits, -500.0, 500.0)))
        return found

    @cached_property
    def _settings(self) -> Settings:
        return read_settings(self._folder)

    @property
    def _weights(self) -> NDArray[np.float32]:
        with self._lock:
            return self._read

    @cached_property
    def _read(self) -> NDArray[np.float32]:
        return _read_weights(self._folder / WEIGHTS_NAME, self._settings)


def load_worthiness(folder: Path = SHIPPED) -> Worthiness:
    """The model of a folder, the shipped one by default; its weights are read at the first use.

    Raises:
        ModelError: The folder holds no such model.
    """
    read_settings(folder)
    return Worthiness(folder)


def read_settings(folder: Path) -> Settings:
    """Read what stands beside the weights.

    Raises:
        ModelError: It is missing or damaged.
    """
    path = folder / SETTINGS_NAME
    told = read_json(path)
    numbers = {name: _number(told.get(name)) for name in _NUMBERS}
    sha256 = told.get("sha256")
    fits = told.get("bits") == BITS and isinstance(sha256, str) and 0.0 <= numbers["threshold"] <= 1.0
    if not fits or not all(map(math.isfinite, numbers.values())):
        raise ModelError(f"{path}: is damaged or of another version", hint=_REINSTALL)
    return Settings(bits=BITS, sha256=str(sha256), **numbers)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def _read_weights(path: Path, settings: Settings) -> NDArray[np.float32]:
    from safetensors.numpy import load_file

    try:
        if sha256_of(path) != settings.sha256:
            raise ModelError(f"{path}: is damaged (its SHA-256 has changed)", hint=_REINSTALL)
        weights: NDArray[np.float32] = load_file(path)[TENSOR].astype(np.float32)
    except ModelError:
        raise
    except Exception as error:  # safetensors has its own error, and files may vanish
        raise ModelError(f"{path}: cannot be loaded ({first_line(error)})", hint=_REINSTALL) from error
    if weights.shape != (1 << settings.bits,) or not np.isfinite(weights).all():
        raise ModelError(f"{path}: holds no weights of this model", hint=_REINSTALL)
    return weights
