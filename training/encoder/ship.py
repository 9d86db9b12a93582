"""The tuned layers as they are shipped: rounded to bf16, beside what they belong to and where they come from."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ModelError, StorageError
from model.citation_encoder import AFTER_CHARS, BEFORE_CHARS, SENTENCES, TUNING_NAME, WEIGHTS_NAME, Tuning
from model.encoder import weights_digest
from model.manifest import sha256_of
from model.runtime import first_line
from training.encoder.measure import Found
from training.encoder.recipe import EncoderRecipe

if TYPE_CHECKING:
    from torch import Tensor

MOST_BYTES = 22_000_000
CARD_NAME = "README.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A corpus that was learned from."""

    name: str
    papers: int
    places: int
    share: float
    licences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """What the model card tells: ``found`` and ``before`` are figures by development part, tuned and untuned."""

    recipe: EncoderRecipe
    lessons: Sequence[Lesson]
    command: str
    found: Mapping[str, Found]
    before: Mapping[str, Found]


def ship(base: Path, weights: Mapping[str, Tensor], out: Path, facts: CardFacts) -> Path:
    """Write tuned layers into a folder that takes the place of a former one at once.

    Raises:
        ModelError: They are larger than what may be shipped, or not finite.
        StorageError: The disk refuses.
    """
    import torch
    from safetensors.torch import save_file

    rounded = {name: weight.detach().to(torch.bfloat16).contiguous() for name, weight in sorted(weights.items())}
    size = sum(weight.numel() * weight.element_size() for weight in rounded.values())
    if size > MOST_BYTES:
        raise ModelError(f"the tuned layers take {size:,} bytes, above {MOST_BYTES:,}", hint="Take a smaller base.")
    if not all(bool(torch.isfinite(weight).all()) for weight in rounded.values()):
        raise ModelError("the tuned layers are not finite", hint="Lower --learning-rate and train anew.")
    growing = out.with_name(f"{out.name}.part")
    try:
        shutil.rmtree(growing, ignore_errors=True)
        growing.mkdir(parents=True)
        save_file(rounded, growing / WEIGHTS_NAME, metadata={"format": "pt"})
        (growing / WEIGHTS_NAME).chmod(0o644)  # made for its owner alone, but to be installed for all
        tuning = Tuning(base=base.name, base_sha256=weights_digest(base), sha256=sha256_of(growing / WEIGHTS_NAME))
        (growing / TUNING_NAME).write_text(json.dumps(asdict(tuning), indent=1) + "\n", encoding="utf-8")
        (growing / CARD_NAME).write_text(card(base, tuning, size, facts), encoding="utf-8")
        shutil.rmtree(out, ignore_errors=True)
        growing.rename(out)
    except ModelError:
        raise
    except Exception as error:  # safetensors has an error of its own for a full disk
        raise StorageError(f"{out}: cannot be written ({first_line(error)})", hint="Free disk space.") from error
    return out


def card(base: Path, tuning: Tuning, size: int, facts: CardFacts) -> str:
    """The model card, in Markdown."""
    recipe = facts.recipe
    lessons = "\n".join(
        f"| {each.name} | {each.papers:,} | {each.places:,} | {each.share:.0%} | {', '.join(each.licences)} |"
        for each in facts.lessons
    )
    settings = "\n".join(f"| {name} | {value} |" for name, value in asdict(recipe).items())
    return f"""# citation-encoder

The layers of `{tuning.base}` (Apache-2.0), tuned so that a place in a paper lies near the works that are cited there.
{size / 1e6:.1f} MB in bf16. They are put over the installed base; its word embeddings and its first
{recipe.frozen_layers} layers stay as they are. Base SHA-256 `{tuning.base_sha256}`, layers SHA-256 `{tuning.sha256}`.

## Texts

A place: title of the citing paper, section, the text before ({BEFORE_CHARS} characters), `[MASK]`, the text behind
({AFTER_CHARS}), without any citation marker. A work: title, first author's surname, and up to {SENTENCES} texts in
which other papers cite it.
`model.citation_encoder.query_text` and `work_text` make both.

## Learned from

| corpus | papers | places | share of steps | licence of papers |
|---|---|---|---|---|
{lessons}

Only the weights are shipped, no text. {recipe.steps * recipe.batch:,} places were learned in {recipe.steps} steps: each
against the targets of its step (all of one corpus) and titles that BM25 finds near the place and its paper does not
cite. A work's citing texts never come from the paper at hand, and a third of the works is
learned without any.

| setting | value |
|---|---|
{settings}

```
{facts.command}
```

## Figures on development parts

| part | encoder | places | candidates | hit@1 | recall@10 | recall@100 |
|---|---|---|---|---|---|---|
{_figures(base.name, facts.before)}{_figures("citation-encoder", facts.found)}
Citing texts of the candidates come from the training parts alone; without the tuning, the same texts were given.

## Limits

English papers, mostly on machine learning and the life sciences. It favours what is often cited in what it has read,
knows a new work by its title alone (abstracts were not learned), and says what is usually cited at such a place, not
whether the work supports it.
"""


def _figures(name: str, found: Mapping[str, Found]) -> str:
    return "".join(
        f"| {part} | {name} | {each.places:,} | {each.candidates:,} | {each.hit1:.3f} | {each.recall10:.3f} "
        f"| {each.recall100:.3f} |\n"
        for part, each in found.items()
    )
