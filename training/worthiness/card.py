"""The card of the model that says which sentences need a citation, and its figures as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from model.worthiness import Settings
from training.evaluate.bootstrap import Estimate
from training.worthiness.measure import PartReport
from training.worthiness.train import Lesson, Recipe

CARD_NAME = "README.md"


def card(
    recipe: Recipe, settings: Settings, lessons: Sequence[Lesson], found: Sequence[PartReport], size: int, command: str
) -> str:
    """The model card, in Markdown."""
    learned = "\n".join(
        f"| {each.name} | {each.papers:,} | {each.sentences:,} | {each.citing / max(1, each.sentences):.1%} "
        f"| {', '.join(each.licences) or 'see the corpus'} |"
        for each in lessons
    )
    values = "\n".join(f"| {name} | {value} |" for name, value in asdict(recipe).items())
    return f"""# worthiness

Says how likely a sentence of running text needs a citation: a logistic regression over hashed words and pairs of words
of the sentence, the sentence before, the heading, the form of the sentence and what the text has named before.
{size / 1e6:.1f} MB, float16, needs numpy alone. Weights SHA-256 `{settings.sha256}`.

## Learned from

| corpus | papers | sentences | that cite | licence of papers |
|---|---|---|---|---|
{learned}

Only the weights are shipped, no text. Sentences with a citation, its marker taken out, against sentences without one,
at their natural rate. Left out: abstracts, captions, headings, acknowledgements and other matter apart, what is no
prose, sentences whose citation is a part of their grammar ("as in [12]", "Smith (2020) shows"), and papers whose
mentions reach less than half of their reference list.

| setting | value |
|---|---|
{values}

```
{command}
```

## Figures on development parts

Told from a probability of {settings.threshold} on, chosen on these parts so that each reaches a precision of
{recipe.precision}; probabilities by Platt's curve on the same sentences, each part counted alike.

{table(found)}
## Limits

English papers, mostly on machine learning and the life sciences. It says where papers cite, not where they should: many
sentences that it tells could do without, and most sentences that cite look like any other. It knows nothing of who
found what first.
"""


def table(found: Sequence[PartReport]) -> str:
    """Figures of parts as a table in Markdown, intervals in brackets."""
    rows = "".join(
        f"| {part.part} | {part.sentences:,} | {each.name} | {_told(each.precision)} | {_told(each.recall)} "
        f"| {each.told:.1%} | {_told(part.average_precision) if each.name == 'model' else ''} "
        f"| {f'{part.ece:.3f}' if each.name == 'model' else ''} |\n"
        for part in found
        for each in part.operating
    )
    head = "| part | sentences | what tells | precision | recall | told | average precision | ECE |\n"
    return f"{head}|---|---|---|---|---|---|---|---|\n{rows}"


def curves(found: Sequence[PartReport]) -> str:
    """Points of the precision-recall curves as a table in Markdown."""
    recalls = [recall for recall, _, _ in found[0].curve] if found else []
    head = f"| precision at a recall of | {' | '.join(f'{recall:.1f}' for recall in recalls)} |\n"
    rows = "".join(
        f"| {part.part} | {' | '.join(f'{precision:.3f}' for _, precision, _ in part.curve)} |\n" for part in found
    )
    return f"{head}|---|{'---|' * len(recalls)}\n{rows}"


def _told(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"
