from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError, ModelError
from model.galactica.checkpoint import load_galactica
from model.galactica.galactica import Galactica
from tests.training.evaluate.papers import quiet
from training.evaluate.perplexity import measure_perplexity, segments, token_log_probabilities

CITING = "Nets see [START_REF] Deep nets, Byron[END_REF] well."


def test_citations_and_formulas_stand_apart() -> None:
    assert list(segments(CITING)) == [
        ("text", "Nets see [START_REF]"), ("citation", " Deep nets, Byron[END_REF]"), ("text", " well."),
    ]  # fmt: skip
    text = "so $x^2$ and \\(y\\) hold\n$$\\frac{a}{b}$$ then \\begin{align}a\\end{align}."
    found = list(segments(text))
    assert [piece for kind, piece in found if kind == "latex"] == [
        " $x^2$", " \\(y\\)", "$$\\frac{a}{b}$$", " \\begin{align}a\\end{align}",
    ]  # fmt: skip
    assert "".join(piece for _, piece in found) == text


@pytest.mark.parametrize("text", ["it costs $5 and then $7.", "[START_REF] open", "closed[END_REF]", "$$ open", "$ $"])
def test_what_is_not_closed_is_text(text: str) -> None:
    assert [kind for kind, _ in segments(text)] == ["text"]


@given(st.text(st.sampled_from("$ab\\[]() \n"), max_size=40).map(lambda text: text + CITING + text))
def test_segments_give_the_text_again(text: str) -> None:
    assert "".join(piece for _, piece in segments(text)) == text


def test_log_probabilities_are_those_of_one_pass(nano: Galactica) -> None:
    ids = np.array(nano.tokenizer.encode("Deep nets for images of old trees"), dtype=np.int64)
    with torch.inference_mode():
        scores = nano.model(torch.from_numpy(ids)[None]).logits[0].log_softmax(dim=-1)
    expected = scores[:-1].gather(1, torch.from_numpy(ids)[1:, None])[:, 0].numpy()
    assert token_log_probabilities(nano, ids) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("length", [2, 255, 256, 257, 384, 600, 900])
def test_long_texts_are_read_in_windows_that_overlap_by_half(nano: Galactica, length: int) -> None:
    ids = np.random.default_rng(0).integers(40, 300, size=length)
    found = token_log_probabilities(nano, ids)
    assert found.shape == (length - 1,)
    window = nano.context_tokens
    head = token_log_probabilities(nano, ids[:window])
    assert found[: window - 1] == pytest.approx(head, abs=1e-3)
    if length > window:
        start = window // 2
        tail = token_log_probabilities(nano, ids[start : start + window])
        stop = min(length, start + window) - 1
        assert found[window - 1 : stop] == pytest.approx(tail[window - start - 1 : stop - start], abs=1e-3)


def test_a_report_by_kind(nano: Galactica) -> None:
    told: list[tuple[int, int]] = []
    report = measure_perplexity(
        nano, [CITING, "Plain $x=1$ text."], total=2, on_progress=lambda *each: told.append(each)
    )
    kinds = {each.kind: each for each in report.kinds}
    assert list(kinds) == ["all", "text", "citation", "latex"]
    assert kinds["all"].bytes == len(CITING) + len("Plain $x=1$ text.")
    assert kinds["citation"].bytes == len(" Deep nets, Byron[END_REF]")
    assert kinds["all"].tokens == sum(kinds[name].tokens for name in ("text", "citation", "latex"))
    assert told == [(1, 2), (2, 2)]
    ids = np.array([nano.tokenizer.eos, *nano.tokenizer.encode(CITING)], dtype=np.int64)
    nats = -token_log_probabilities(nano, ids)
    alone = measure_perplexity(nano, [CITING], on_progress=quiet).kinds[0]
    assert alone.perplexity == pytest.approx(math.exp(nats.mean()), rel=1e-3)
    assert alone.bits_per_byte == pytest.approx(nats.sum() / math.log(2) / len(CITING), rel=1e-3)


def test_no_text_is_refused(nano: Galactica) -> None:
    with pytest.raises(InputError, match="no text"):
        measure_perplexity(nano, [], on_progress=quiet)
    with pytest.raises(InputError, match="no text"):
        measure_perplexity(nano, [""], on_progress=quiet)


def test_a_damaged_model_is_said(nano_folder: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "broken"
    shutil.copytree(nano_folder, folder)
    weights = {
        name: torch.full_like(tensor, math.nan) for name, tensor in load_file(folder / "model.safetensors").items()
    }
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="not finite"):
        measure_perplexity(load_galactica(folder), ["Nets"], on_progress=quiet)
