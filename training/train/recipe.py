"""Recipes: everything that decides what a training run does, as values read from TOML.

Source of the defaults: Galactica, arXiv:2211.09085, section 3.2 and table 5.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from core.errors import InputError
from model.galactica.config import SIZES, GalacticaSize

RECIPES = Path(__file__).resolve().parents[1] / "recipes"
_MOST_BYTES = 1_000_000
_STRICT = ConfigDict(extra="forbid")

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPart:
    """What is read.

    ``row_tokens`` is the length of a packed row; ``citation_weight`` multiplies the loss of citation tokens.
    ``shifted_share`` of the rows start at a later position, so that a model trained on short rows knows all positions
    of its context.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    row_tokens: Annotated[int, Field(ge=8)] = 2_048
    citation_weight: Annotated[float, Field(gt=0, le=100)] = 1.0
    shifted_share: Share = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizerPart:
    """AdamW and its schedule, counted in tokens: a linear warm-up, then a linear decay to ``final_share``."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    learning_rate: Annotated[float, Field(gt=0, le=1)]
    batch_tokens: Count
    warmup_tokens: Annotated[int, Field(ge=0)]
    total_tokens: Count
    final_share: Share = 0.1
    beta1: Annotated[float, Field(ge=0, lt=1)] = 0.9
    beta2: Annotated[float, Field(ge=0, lt=1)] = 0.95
    weight_decay: Annotated[float, Field(ge=0)] = 0.1
    clip: Annotated[float, Field(gt=0)] = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPart:
    """Changes to the size's configuration; dropout also applies to attention, never to embeddings."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    gradient_checkpointing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InitPart:
    """Where the weights come from: chosen at random, or those of a ``checkpoint`` folder (a continual run).

    ``embeddings`` is the folder of a text encoder of the same width, whose word embeddings a new model begins with.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    checkpoint: str = ""
    embeddings: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPart:
    """How the work is done; none of it changes what is learnt, but for rounding.

    ``micro_rows`` go through the model at once. ``keep`` is how many checkpoints stay. ``threads`` of 0 leaves the
    choice to PyTorch.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    micro_rows: Count = 4
    precision: Literal["bf16", "fp32"] = "bf16"
    compile: bool = True
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: Annotated[int, Field(ge=0)] = 0
    checkpoint_minutes: Annotated[float, Field(gt=0)] = 10.0
    keep: Count = 2
    evaluate_tokens: Count = 1_000_000
    evaluate_rows: Count = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A training run as values. ``note`` says what it is for."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    name: str
    size: str
    optimizer: OptimizerPart
    note: str = ""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1
    data: DataPart = field(default_factory=DataPart)
    model: ModelPart = field(default_factory=ModelPart)
    init: InitPart = field(default_factory=InitPart)
    run: RunPart = field(default_factory=RunPart)

    @property
    def shape(self) -> GalacticaSize:
        """The size that the recipe names."""
        return SIZES[self.size]

    @property
    def batch_rows(self) -> int:
        """Rows of a step."""
        return max(1, self.optimizer.batch_tokens // self.data.row_tokens)

    def changes(self, other: Recipe) -> dict[str, tuple[Any, Any]]:
        """What differs in another recipe: (here, there) by dotted key."""
        mine, theirs = _flat(asdict(self)), _flat(asdict(other))
        return {key: (mine[key], theirs[key]) for key in mine if mine[key] != theirs[key]}


def recipe_names() -> list[str]:
    """The recipes that come with Galacite."""
    return sorted(path.stem for path in RECIPES.glob("*.toml"))


def load_recipe(source: str, overrides: Sequence[str] = ()) -> Recipe:
    """Read a recipe by name or from a TOML file.

    Args:
        source: Name of a shipped recipe, or path of a file that ends in ``.toml``.
        overrides: ``key=value`` each, with a dotted key and a TOML value, such as ``optimizer.total_tokens=1_000_000``.

    Raises:
        InputError: There is no such recipe, or a key or value is wrong.
    """
    path = Path(source) if source.endswith(".toml") else RECIPES / f"{source}.toml"
    data = _read_toml(path, source)
    data.setdefault("name", path.stem)
    for override in overrides:
        _override(data, override)
    return recipe_from(data, place=source)


def recipe_from(data: dict[str, Any], *, place: str) -> Recipe:
    """Check the content of a recipe.

    Raises:
        InputError: A key is unknown, or a value is wrong or contradicts another.
    """
    try:
        recipe: Recipe = _adapter().validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{place}: {key}: {first['msg']}", hint="docs/cli.md lists the keys of recipes.") from error
    if recipe.size not in SIZES:
        raise InputError(f"{place}: no size {recipe.size!r}", hint=f"The sizes are {', '.join(SIZES)}.")
    if recipe.data.row_tokens > recipe.shape.context:
        raise InputError(
            f"{place}: rows of {recipe.data.row_tokens} tokens, but {recipe.size} reads {recipe.shape.context}",
            hint=f"Set data.row_tokens to at most {recipe.shape.context}.",
        )
    return recipe


@cache
def _adapter() -> TypeAdapter[Recipe]:
    return TypeAdapter(Recipe)


def _read_toml(path: Path, source: str) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{path}: too large for a recipe", hint="Give a TOML file.")
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        names = ", ".join(recipe_names())
        raise InputError(f"{source}: no such recipe", hint=f"Give a .toml file, or one of {names}.") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error})", hint="A recipe is a TOML file.") from error


def _override(data: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key.strip():
        raise InputError(f"{override!r}: not a setting", hint="Write it as --set optimizer.learning_rate=1e-3")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except ValueError:
        value = text  # a bare word is a string
    *parts, last = key.strip().split(".")
    place = data
    for part in parts:
        inner = place.setdefault(part, {})
        if not isinstance(inner, dict):
            raise InputError(f"{key}: {part} is a value, not a group", hint="docs/cli.md lists the keys of recipes.")
        place = inner
    place[last] = value


def _flat(data: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in data.items():
        found.update(_flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value})
    return found
