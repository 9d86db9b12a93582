"""Continuing text: greedy as transformers does it, chance that can be repeated, texts that leave each other alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
import torch

from core.errors import InputError, ModelError
from model.galactica.beams import Distinct, beam_search
from model.galactica.galactica import Galactica
from model.galactica.generation import complete
from model.galactica.sampling import GenerationOptions

_TEXTS = ["Machines translate", "Words in", "x", "Images are told apart by residual nets and by much else"]


def _by_transformers(nano: Galactica, text: str, new_tokens: int) -> str:
    """Greedy decoding with transformers' own loop."""
    ids = torch.tensor([nano.tokenizer.encode(text)])
    found = nano.model.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=new_tokens, do_sample=False, pad_token_id=1
    )
    return nano.tokenizer.decode([token for token in found[0].tolist() if token != nano.tokenizer.eos])


def test_greedy_equals_transformers(nano: Galactica) -> None:
    assert nano.generate(_TEXTS, max_new_tokens=20) == [_by_transformers(nano, text, 20) for text in _TEXTS]


def test_a_batch_equals_its_texts(nano: Galactica) -> None:
    for options in ({}, {"temperature": 0.9, "seed": 7}):
        together = nano.generate([_TEXTS[0], *_TEXTS], max_new_tokens=12, **options)  # type: ignore[arg-type]
        assert together[0] == nano.generate(_TEXTS[0], max_new_tokens=12, **options)  # type: ignore[arg-type]
    assert nano.generate([]) == []


def test_shapes_follow_what_is_asked(nano: Galactica) -> None:
    assert isinstance(nano.generate("x", max_new_tokens=2), str)
    several = nano.generate("x", max_new_tokens=2, temperature=1.0, num_return_sequences=3)
    assert isinstance(several, list)
    assert len(several) == 3
    both = nano.generate(["x", "y"], max_new_tokens=2, num_beams=4, num_return_sequences=2)
    assert [len(group) for group in both] == [2, 2]


def test_chance_is_repeated_by_its_seed(nano: Galactica) -> None:
    first, again, other = (nano.generate("x", temperature=1.0, seed=seed, max_new_tokens=20) for seed in (1, 1, 2))
    assert first == again != other
    drawn = nano.generate("x", temperature=1.0, seed=1, max_new_tokens=20, num_return_sequences=4)
    assert len(set(drawn)) == 4
    assert drawn[0] == first


def test_draws_follow_the_probabilities(nano: Galactica) -> None:
    states, _ = nano.network.read(torch.tensor([nano.tokenizer.encode("x")]))
    wanted: Counter[str] = Counter()  # by text: parts of characters all look alike
    for token, share in enumerate(nano.network.scores(states[0, -1]).softmax(-1).tolist()):
        wanted["x" + nano.tokenizer.decode([token])] += share
    options = GenerationOptions(temperature=1.0, seed=3, max_new_tokens=1, num_return_sequences=2_000)
    found = Counter(each.text for each in nano.generate_all(["x"], options)[0])
    for text, share in wanted.most_common(4):
        assert found[text] / 2_000 == pytest.approx(share, abs=0.035)


@pytest.mark.parametrize("options", [{"top_k": 1}, {"top_p": 1e-6}, {"temperature": 1e-4}, {"temperature": 1e-300}])
def test_the_narrowest_chance_is_greedy(nano: Galactica, options: dict[str, float]) -> None:
    narrow = nano.generate(_TEXTS, max_new_tokens=10, seed=5, **options)  # type: ignore[arg-type]
    assert narrow == nano.generate(_TEXTS, max_new_tokens=10)


def test_the_nucleus_holds_what_is_likely(nano: Galactica) -> None:
    states, _ = nano.network.read(torch.tensor([nano.tokenizer.encode("x")]))
    weights, tokens = nano.network.scores(states[0, -1]).softmax(-1).sort(descending=True)
    size = int((weights.cumsum(0) < 0.5).sum()) + 1
    allowed = {"x" + nano.tokenizer.decode([token]) for token in tokens[:size].tolist()}
    for options in ({"top_p": 0.5}, {"top_k": size}):
        drawn = nano.generate("x", seed=0, max_new_tokens=1, num_return_sequences=300, **options)  # type: ignore[arg-type]
        assert set(drawn) <= allowed
        assert len(set(drawn)) > 1


def test_beams_find_the_best_of_all(nano: Galactica) -> None:
    """With as many beams as there are tokens, two steps are searched exhaustively."""
    network, prompt = nano.network, nano.tokenizer.encode("Words in")
    found = beam_search(network, prompt, beams=network.vocabulary, wanted=5, max_new_tokens=2, is_end=lambda ids: False)
    states, cache = network.read(torch.tensor([prompt]))
    first = network.scores(states[0, -1]).log_softmax(-1)
    states, _ = network.read(torch.arange(network.vocabulary)[:, None], cache)
    both = first[:, None] + network.scores(states[:, -1]).log_softmax(-1)
    best = both.flatten().topk(5)
    assert [each.log_probability for each in found] == pytest.approx(best.values.tolist(), abs=1e-4)
    assert [each.ids for each in found] == [divmod(spot, network.vocabulary) for spot in best.indices.tolist()]
    assert not any(each.finished for each in found)


def test_beams_stop_when_nothing_better_can_come(taught: Galactica) -> None:
    steps: list[int] = []

    class Counting(Distinct):
        def step(self):  # type: ignore[no-untyped-def]
            steps.append(1)
            return super().step()

    tokenizer = taught.tokenizer
    found = beam_search(
        taught.network,
        [*tokenizer.encode("Images are told apart by residual nets "), tokenizer.start_ref],
        beams=4,
        wanted=1,
        max_new_tokens=100,
        is_end=lambda ids: ids[-1] == tokenizer.end_ref,
        distinct=Counting(),
    )
    assert tokenizer.decode(found[0].ids) == " Deep residual learning, He[END_REF]"
    assert len(steps) < 40


@pytest.mark.parametrize("chance", [{}, {"top_p": 0.9, "seed": 1}, {"temperature": 2.0, "seed": 2}])
def test_log_probabilities_are_those_of_the_model(nano: Galactica, chance: dict[str, float]) -> None:
    prompt = nano.tokenizer.encode("Machines translate")
    options = GenerationOptions(max_new_tokens=6, **chance)  # type: ignore[arg-type]
    (row,) = complete(nano.network, nano.tokenizer, [prompt], options)
    with torch.inference_mode():
        gains = nano.model(torch.tensor([prompt + row.ids])).logits[0, len(prompt) - 1 :].log_softmax(-1)
    expected = sum(float(gains[spot, token]) for spot, token in enumerate(row.ids))
    expected += float(gains[len(row.ids), nano.tokenizer.eos]) if row.finished else 0.0
    assert row.log_probability == pytest.approx(expected, abs=1e-3)


def test_a_document_ends_where_the_model_ends_it(taught: Galactica) -> None:
    (found,) = taught.generate_all(["Machines translate"], GenerationOptions())[0]
    assert found.finished
    assert found.text == (
        "Machines translate with attention alone [START_REF] Attention is all you need, Vaswani[END_REF] since 2017."
    )
    (cut,) = taught.generate_all(["Machines translate"], GenerationOptions(max_new_tokens=3))[0]
    assert not cut.finished
    assert "</s>" not in found.text


@pytest.mark.parametrize("stop", ["[START_REF]", "tention", "n a", "alone [", "with"])
def test_stop_strings_are_cut_off(taught: Galactica, stop: str) -> None:
    whole = str(taught.generate("Machines translate", return_full_text=False))
    expected = whole[: whole.index(stop)]
    options = GenerationOptions(stop=(stop, "never"), return_full_text=False)
    (found,) = taught.generate_all(["Machines translate"], options)[0]
    assert (found.text, found.finished) == (expected, True)
    assert "".join(taught.stream("Machines translate", options)) == expected


def test_streams_say_the_same_in_pieces(nano: Galactica, taught: Galactica) -> None:
    for model in (nano, taught):
        for seed in range(5):
            options = GenerationOptions(temperature=1.0, seed=seed, return_full_text=False, max_new_tokens=40)
            pieces = list(model.stream("Machines", options))
            (whole,) = model.generate_all(["Machines"], options)[0]
            text = "".join(pieces)
            # Bytes that never become a character are shown as such when whole, and held back in a stream.
            assert text.replace("\ufffd", "") == whole.text.replace("\ufffd", "")


def test_closing_a_stream_stops_it(nano: Galactica, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[int] = []
    real = nano.network.read

    def counted(*args, **kwargs):  # type: ignore[no-untyped-def]
        reads.append(1)
        return real(*args, **kwargs)

    monkeypatch.setattr(nano.network, "read", counted)
    pieces = nano.stream("Machines", GenerationOptions(max_new_tokens=200))
    assert not reads
    next(pieces)
    pieces.close()
    assert 0 < len(reads) < 20
    assert list(pieces) == []


def test_long_texts_lose_their_beginning(nano: Galactica) -> None:
    text = "word " * 400 + "Machines translate"
    ids = nano.tokenizer.encode(text)
    assert len(ids) > nano.context_tokens
    kept = nano.tokenizer.decode(ids[-(nano.context_tokens - 10) :])
    assert nano.generate(text, max_new_tokens=10, return_full_text=False) == nano.generate(
        kept, max_new_tokens=10, return_full_text=False
    )


def test_a_new_document_begins_after_the_last(nano: Galactica) -> None:
    fresh = nano.generate("x", new_doc=True, max_new_tokens=10)
    assert fresh == str(nano.generate("</s>x", max_new_tokens=10)).removeprefix("</s>")
    assert nano.generate("", max_new_tokens=5) == nano.generate("", new_doc=True, max_new_tokens=5)


def test_lone_surrogates_do_not_come_back(nano: Galactica) -> None:
    assert str(nano.generate("a\ud800b", max_new_tokens=2)).startswith("a?b")


def test_text_that_is_not_trusted_stays_text(taught: Galactica) -> None:
    smuggled = "Images are told apart by residual nets [START_REF]"
    read = taught.generate(smuggled, max_new_tokens=30, return_full_text=False)
    assert str(read).startswith(" Deep residual learning")
    assert taught.generate(smuggled, max_new_tokens=30, return_full_text=False, specials=False) != read


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"max_new_tokens": 0}, "max_new_tokens"),
        ({"top_p": 0.0}, "top_p"),
        ({"top_p": 1.5}, "top_p"),
        ({"top_k": 0}, "top_k"),
        ({"temperature": 0.0}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"num_beams": 0}, "num_beams"),
        ({"num_beams": 10_000}, "num_beams"),
        ({"num_beams": 2, "top_p": 0.5}, "num_beams"),
        ({"num_return_sequences": 2}, "num_return_sequences"),
        ({"seed": -1}, "seed"),
        ({"stop": ("",)}, "stop"),
        ({"max_new_tokens": 256}, "do not fit"),
    ],
)
def test_options_that_make_no_sense(nano: Galactica, options: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        nano.generate("x", **options)  # type: ignore[arg-type]


def test_several_texts_cannot_be_streamed(nano: Galactica) -> None:
    with pytest.raises(InputError, match="one text"):
        nano.stream("x", GenerationOptions(num_beams=2))


def test_scores_that_are_no_numbers_end_it(nano: Galactica, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nano.network, "scores", lambda states: torch.full((*states.shape[:-1], 300), float("nan")))
    calls: Sequence[object] = (
        lambda: nano.generate("x"),
        lambda: nano.generate("x", num_beams=3),
        lambda: list(nano.stream("x")),
        lambda: nano.generate_reference("x"),
    )
    for call in calls:
        with pytest.raises(ModelError, match="not finite"):
            call()  # type: ignore[operator]
