"""The model card of a trained checkpoint: data, recipe, figures and curve, written from the run's own record."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from training.train.data import Corpus
from training.train.loop import RunResult
from training.train.loss import Losses
from training.train.recipe import Recipe

_CURVE_POINTS = 20


def model_card(
    recipe: Recipe, corpus: Corpus, result: RunResult, events: Sequence[Mapping[str, Any]], *, command: str
) -> str:
    """The card as Markdown.

    Args:
        recipe: What was done.
        corpus: What was read.
        result: How it ended.
        events: The run's log.
        command: How it was started.
    """
    state = result.state
    epochs = state.rows / max(1, corpus.shards.rows)
    ended = f"stopped early ({result.stopped})" if result.stopped else "ran to its end"
    start: Mapping[str, Any] = next((event for event in reversed(events) if event.get("event") == "start"), {})
    machine = f"{start.get('processes', 1)} process(es) on {start.get('device', 'cpu')}, {start.get('precision', '')}"
    lines = [
        f"# galacite-{recipe.size}",
        "",
        "A Galactica-style language model of papers (OPT architecture) that spells its citations between",
        "`[START_REF]` and `[END_REF]` as `Title, Surname`. Trained by Galacite.",
        "",
        "## Training",
        "",
        "| | |",
        "|---|---|",
        f"| recipe | `{recipe.name}`, {ended} |",
        f"| command | `{command}` |",
        f"| seed | {recipe.seed} |",
        f"| size | {_size(recipe, corpus)} |",
        f"| tokens read | {state.tokens:,} of {recipe.optimizer.total_tokens:,} planned ({epochs:.2f} epochs) |",
        f"| steps | {state.step:,} of {recipe.batch_rows} rows of {recipe.data.row_tokens} tokens |",
        f"| time | {state.seconds / 60:.0f} minutes of steps, {machine} |",
        f"| speed | {_speed(result)} |",
        *_loss_lines(result.dev),
        "",
        *_data_lines(corpus),
        "## Curve",
        "",
        *_curve(events),
        "",
        "## Recipe",
        "",
        "```json",
        json.dumps(_settings(recipe), indent=2),
        "```",
        "",
        "## Limits",
        "",
        "It knows the papers it has read and what these cite, best what is cited often. What it generates freely may",
        "not exist: restrict citations to known titles. It follows no instructions and is no source of facts.",
        "",
    ]
    return "\n".join(lines)


def _speed(result: RunResult) -> str:
    """How fast it went; a peak below that was measured beside other work, and says nothing."""
    share = f", {result.utilisation:.0%} of the measured peak" if 0 < result.utilisation <= 1 else ""
    return f"{result.tokens_per_s:,.0f} tokens/s, {result.model_flops / 1e9:,.0f} GFLOP/s of the model's own{share}"


def _settings(recipe: Recipe) -> dict[str, Any]:
    """The recipe; of folders that it begins from the names alone, since others read the card."""
    settings = asdict(recipe)
    settings["init"] = {key: Path(value).name for key, value in settings["init"].items()}
    return settings


def _size(recipe: Recipe, corpus: Corpus) -> str:
    size, words = recipe.shape, corpus.tokenizer.vocabulary
    return (
        f"{size.parameters(words) / 1e6:.1f}M parameters: {size.layers} layers of width {size.width}, "
        f"{size.heads} heads, vocabulary {words:,}, context {size.context:,}"
    )


def _loss_lines(dev: Losses | None) -> list[str]:
    if dev is None:
        return []
    return [f"| dev loss | text {dev.text:.3f}, citations {dev.citation:.3f} nats a token |"]


def _data_lines(corpus: Corpus) -> list[str]:
    manifest = corpus.shards.manifest
    rows = f"{manifest.rows:,} rows of {manifest.row_tokens} tokens"
    cited = f"{manifest.citation_tokens:,} of them in citations"
    lines = ["## Data", "", f"{rows}: {manifest.tokens:,} tokens, {cited}; tokenizer `{manifest.tokenizer}`.", ""]
    if manifest.sources:
        lines += ["| source | papers | tokens | citations | licences of papers |", "|---|---|---|---|---|"]
        lines += [
            f"| {name} | {counts.papers:,} | {counts.tokens:,} | {counts.citations:,} | {', '.join(counts.licences)} |"
            for name, counts in sorted(manifest.sources.items())
        ]
        lines.append("")
    return lines


def _curve(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Loss over tokens: means of training between the points, and the evaluation nearest before each."""
    steps = [event for event in events if event.get("event") == "step"]
    if not steps:
        return ["No step was taken."]
    lines = ["| tokens | text loss | citation loss | dev text | dev citations |", "|---|---|---|---|---|"]
    size = max(1, -(-len(steps) // _CURVE_POINTS))
    for first in range(0, len(steps), size):
        part = steps[first : first + size]
        dev = _last_evaluation(events, part[0]["step"], part[-1]["step"])
        lines.append(
            f"| {part[-1]['tokens']:,} | {_mean(part, 'text_loss')} | {_mean(part, 'citation_loss')} "
            f"| {_number(dev.get('text_loss'))} | {_number(dev.get('citation_loss'))} |"
        )
    return lines


def _last_evaluation(events: Sequence[Mapping[str, Any]], first: int, last: int) -> Mapping[str, Any]:
    found = [event for event in events if event.get("event") == "dev" and first <= event["step"] <= last]
    return found[-1] if found else {}


def _mean(events: Sequence[Mapping[str, Any]], key: str) -> str:
    return f"{sum(event[key] for event in events) / len(events):.3f}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
