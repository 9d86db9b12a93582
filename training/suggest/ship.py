"""Writing the suggestion ranker as it is shipped: its weights, and a card that says where they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from core.errors import StorageError
from model.suggestion_ranker import write_weights
from training.suggest.learn import Learnt

CARD_NAME = "README.md"


def ship(out: Path, learnt: Learnt, *, dev: Sequence[str], command: str) -> None:
    """Write weights and card into a folder.

    Args:
        out: Made when missing.
        learnt: What was learnt.
        dev: Names of the files that it was learnt from.
        command: How it was started.

    Raises:
        StorageError: The folder cannot be written.
    """
    try:
        write_weights(out, learnt.sets)
        (out / CARD_NAME).write_text(card(learnt, dev=dev, command=command), encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{out}: cannot be written ({error.strerror})", hint="Name another: --out FOLDER") from error


def card(learnt: Learnt, *, dev: Sequence[str], command: str) -> str:
    """The model card, in Markdown."""
    whole = learnt.sets[-1]
    sets = "\n".join(f"- {' + '.join(each.rankers)}" for each in learnt.sets)
    libraries = "\n".join(
        f"- {each.places:,} places of {each.papers:,} papers, asked of a library of {each.works:,} works"
        for each in learnt.libraries
    )
    return f"""# suggestion-ranker

Joins what the rankers of citations say of a place into probabilities of works, and of none of them: a linear model
whose softmax goes over the works of a place and "none". `model.suggestion_ranker` describes the features.

## Learned from

Papers that no ranker was trained on ({", ".join(dev)}):

{libraries}

Each place counts as it is, and with the works that it cites taken away, when "none" is right. Of every fourth place the
citing title is untold, as when a paragraph is pasted. Only the weights are shipped, no text.

```
{command}
```

Weights there are for each set of rankers that may take part:

{sets}

## Weights of {" + ".join(whole.rankers)}

| feature of a work | weight |
|---|---|
{_rows(whole.works)}

| feature of a place, for none | weight |
|---|---|
{_rows(whole.none)}

## Limits

Probabilities hold for places like those of the papers above, half of which have no work that fits. Figures on test
papers are in `docs/benchmarks.md`.
"""


def _rows(weights: Mapping[str, float]) -> str:
    return "\n".join(f"| {name} | {value:.3f} |" for name, value in weights.items())
