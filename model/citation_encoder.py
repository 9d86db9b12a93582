"""The citation-tuned encoder: places that cite and works that can be cited, in one space.

The tuned layers stand in a small folder of their own and are put over the installed sentence encoder, whose word
embeddings they were trained on top of.

Source: two texts into one space, arXiv:2004.04906; dense retrieval of citations, arXiv:2211.09085, section 5.4.2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ModelError
from core.text import end_of, start_of
from model.config import EncoderConfig
from model.encoder import SentenceEncoder, weights_digest
from model.manifest import sha256_of
from model.runtime import first_line, read_json

if TYPE_CHECKING:
    import torch

SHIPPED = Path(__file__).parent / "weights" / "citation-encoder"
WEIGHTS_NAME = "model.safetensors"
TUNING_NAME = "tuning.json"
PLACE = "[MASK]"
"""Stands where the citation belongs: a token that the base has an embedding for, and that papers do not use."""
PART = " [SEP] "
TITLE_CHARS = 120
SECTION_CHARS = 40
BEFORE_CHARS = 280
AFTER_CHARS = 70
SENTENCE_CHARS = 160
ABSTRACT_CHARS = 240
SENTENCES = 2
_TAIL_CHARS = 40
QUERY_TOKENS = 160
_SPECIAL = re.compile(r"\[(?:MASK|SEP|CLS|PAD|UNK)\]")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_REINSTALL = "Reinstall galacite, or train them: galacite train encoder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """What stands beside tuned layers: the base that they belong to, and that they are whole."""

    base: str
    base_sha256: str
    sha256: str


class CitationEncoder(SentenceEncoder):
    """The base encoder with tuned layers; texts are made by ``query_text`` and ``work_text``. Shared by threads.

    Args:
        config: The installed base; texts of both kinds go up to the places that the layers were tuned on, whatever it
            says.
        folder: The tuned layers; the shipped ones when not given.
    """

    def __init__(self, config: EncoderConfig, folder: Path = SHIPPED) -> None:
        super().__init__(replace(config, max_tokens=QUERY_TOKENS))
        self._folder = folder

    @cached_property
    def name(self) -> str:
        """Names of base and tuning: vectors of either are never compared with these."""
        tuning = read_tuning(self._folder)
        return f"{self._config.folder.name}-{tuning.base_sha256[:12]}+{self._folder.name}-{tuning.sha256[:12]}"

    def _tuned_weights(self) -> Mapping[str, torch.Tensor]:
        tuning = read_tuning(self._folder)
        base = weights_digest(self._config.folder)
        if base != tuning.base_sha256:
            raise ModelError(
                f"{self._config.folder}: is not the {tuning.base} that {self._folder.name} was tuned on "
                f"({base[:12]} instead of {tuning.base_sha256[:12]})",
                hint="Run: galacite models install",
            )
        return _read_weights(self._folder / WEIGHTS_NAME, tuning)


def load_citation_encoder(config: EncoderConfig, folder: Path = SHIPPED) -> CitationEncoder:
    """The tuned encoder; its weights are read at the first use.

    Raises:
        ModelError: The folder holds no tuned layers.
    """
    read_tuning(folder)
    return CitationEncoder(config, folder)


def read_tuning(folder: Path) -> Tuning:
    """Read what a folder of tuned layers says about itself.

    Raises:
        ModelError: It is missing or damaged.
    """
    told = read_json(folder / TUNING_NAME)
    fields = [told.get(name) for name in ("base", "base_sha256", "sha256")]
    base, base_sha256, sha256 = (field if isinstance(field, str) else "" for field in fields)
    if not (base and base_sha256 and sha256):
        raise ModelError(f"{folder / TUNING_NAME}: names no base and weights", hint=_REINSTALL)
    return Tuning(base=base, base_sha256=base_sha256, sha256=sha256)


def _read_weights(path: Path, tuning: Tuning) -> Mapping[str, torch.Tensor]:
    from safetensors.torch import load_file

    try:
        if sha256_of(path) != tuning.sha256:
            raise ModelError(f"{path}: is damaged (its SHA-256 has changed)", hint=_REINSTALL)
        return load_file(path)
    except ModelError:
        raise
    except Exception as error:  # safetensors has its own error, and files may vanish
        raise ModelError(f"{path}: cannot be loaded ({first_line(error)})", hint=_REINSTALL) from error


def query_text(title: str, section: str, before: str, after: str) -> str:
    """What is encoded for a place that needs a citation: its marker, and all others, must have been taken out.

    ``title`` and ``section`` are those of the citing paper; any of the four may be empty.
    """
    place = f"{end_of(_plain(before), BEFORE_CHARS)} {PLACE} {start_of(_plain(after), AFTER_CHARS)}".strip()
    parts = (start_of(_plain(title), TITLE_CHARS), start_of(_plain(section), SECTION_CHARS), place)
    return PART.join(part for part in parts if part)


def work_text(title: str, surname: str = "", abstract: str = "", cited_in: Sequence[str] = ()) -> str:
    """What is encoded for a work: its title, its first author, the start of its abstract and texts that cite it.

    ``cited_in`` holds what :func:`citing_text` makes of places that cite it; the first few are taken.
    """
    head = ", ".join(part for part in (start_of(_plain(title), TITLE_CHARS + 80), _plain(surname)) if part)
    sentences = [start_of(_plain(each), SENTENCE_CHARS) for each in cited_in[:SENTENCES]]
    return PART.join(part for part in (head, start_of(_plain(abstract), ABSTRACT_CHARS), *sentences) if part)


def citing_text(before: str, after: str) -> str:
    """The words around a citation that tell what the cited work is cited for: its sentence, shortened."""
    head = _SENTENCE_END.split(end_of(_plain(before), SENTENCE_CHARS - _TAIL_CHARS))[-1]
    tail = _SENTENCE_END.split(start_of(_plain(after), _TAIL_CHARS))[0]
    return f"{head} {tail}".strip()


def _plain(text: str) -> str:
    return " ".join(_SPECIAL.sub(" ", text).split())
