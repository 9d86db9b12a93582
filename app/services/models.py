"""The models in use: what each does, how large it is, and what is known of how it was trained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.settings import Settings
from core.errors import ModelError
from model.catalogue import CATALOGUE, MINILM, SHIPPED_CITATION_ENCODER, SMOLLM2, shipped_weights
from model.facts import ModelFacts, read_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInUse:
    """A model and its task.

    ``facts`` is None when its weights are not on this disk; ``problem`` then says why, or where it runs instead. Its
    card may be shown as Markdown when it is ``ours``; that of another model is text by somebody else.
    """

    task: str
    name: str
    facts: ModelFacts | None = None
    problem: str = ""
    ours: bool = False


def models_in_use(settings: Settings) -> list[ModelInUse]:
    """All models that these settings name. Reads headers and cards, and loads nothing."""
    return [
        _at("finds passages by meaning", MINILM.name, settings.encoder_config.folder),
        _generator(settings),
        _citation_encoder(settings),
        _citation_model(settings),
    ]


def size_told(facts: ModelFacts) -> str:
    """Parameters, bytes and data type: ``20.9M parameters, 42 MB (BF16)``."""
    return f"{_short(facts.parameters)} parameters, {_bytes(facts.weights_bytes)} ({facts.dtype})"


def _generator(settings: Settings) -> ModelInUse:
    task = "phrases answers and summaries"
    if settings.generator_url:
        name = settings.generator_model or "a model"
        return ModelInUse(task=task, name=name, problem=f"runs at {settings.generator_url}")
    return _at(task, SMOLLM2.name, settings.generator_config.folder)


def _citation_encoder(settings: Settings) -> ModelInUse:
    folder = settings.citation_encoder_folder
    return _at("matches citing texts with works", SHIPPED_CITATION_ENCODER, folder, ours=True)


def _citation_model(settings: Settings) -> ModelInUse:
    task = "ranks works to cite"
    source = settings.citation_model_source
    if source is None:
        return ModelInUse(task=task, name="none", problem="switched off")
    if isinstance(source, Path):
        return _at(task, source.name, source, ours=source.parent == shipped_weights(""))
    from model.galactica.hub import find_checkpoint

    try:
        found = read_facts(find_checkpoint(source, download=False))
    except ModelError:
        return ModelInUse(task=task, name=source, problem="is fetched from the hub when it is first needed")
    return ModelInUse(task=task, name=source, facts=found)


def _at(task: str, name: str, folder: Path, *, ours: bool = False) -> ModelInUse:
    try:
        return ModelInUse(task=task, name=name, facts=read_facts(folder), ours=ours)
    except ModelError as error:
        absent = "not installed" if name in CATALOGUE else "not part of this installation"
        told = error.message if folder.is_dir() or not (name in CATALOGUE or ours) else absent
        return ModelInUse(task=task, name=name, problem=told, ours=ours)


def _short(count: int) -> str:
    for size, letter in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if count >= size:
            return f"{count / size:.1f}{letter}"
    return str(count)


def _bytes(count: int) -> str:
    return f"{count / 10**9:.1f} GB" if count >= 10**9 else f"{count / 10**6:.0f} MB" if count >= 10**6 else "< 1 MB"
