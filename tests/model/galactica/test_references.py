"""Citations written freely: the right one first, and no title twice, whatever beams would like."""

from __future__ import annotations

import pytest
import torch

from core.errors import InputError, ModelError
from core.text import title_key
from model.galactica.beams import beam_search
from model.galactica.galactica import Galactica
from model.galactica.references import reference_prompt
from model.galactica.sampling import GenerationOptions
from model.galactica.titles import Title, title_trie

_PLACES = {
    "Machines translate with attention alone": ("Attention is all you need", "Vaswani"),
    "Words in context get vectors from both sides ": ("BERT: Deep bidirectional transformers", "Devlin"),
    "Images are told apart by residual nets [START_REF]": ("Deep residual learning", "He"),
}


def test_what_was_learned_comes_first(taught: Galactica) -> None:
    for text, (title, surname) in _PLACES.items():
        found = taught.generate_reference(text, top=3)
        assert (found[0].title, found[0].surname) == (title, surname)
        assert found[0].id is None
        assert [each.log_probability for each in found] == sorted(
            (each.log_probability for each in found), reverse=True
        )


def test_greedy_takes_many_places_at_once(taught: Galactica) -> None:
    found = taught.generate_references(list(_PLACES) * 12)
    assert [(each.title, each.surname) for group in found for each in group] == list(_PLACES.values()) * 12
    alone = taught.generate_reference(next(iter(_PLACES)), top=1, beams=1)
    assert alone[0].log_probability == pytest.approx(found[0][0].log_probability, abs=1e-3)


def test_log_probability_is_that_of_the_whole_citation(taught: Galactica) -> None:
    tokenizer, text = taught.tokenizer, "Images are told apart by residual nets"
    prompt = tokenizer.encode(f"{text} [START_REF]")
    ids = tokenizer.encode(f"{text} [START_REF] Deep residual learning, He[END_REF]")
    with torch.inference_mode():
        gains = taught.model(torch.tensor([ids])).logits[0].log_softmax(-1)
    expected = sum(float(gains[spot - 1, ids[spot]]) for spot in range(len(prompt), len(ids)))
    for beams in (1, 8):
        found = taught.generate_reference(text, top=1, beams=beams)
        assert found[0].log_probability == pytest.approx(expected, abs=1e-3)


def test_titles_differ_where_plain_beams_repeat(taught: Galactica) -> None:
    tokenizer, text = taught.tokenizer, "Machines translate with attention alone"
    prompt = reference_prompt(tokenizer, text, GenerationOptions(), taught.context_tokens)
    plain = beam_search(
        taught.network, prompt, beams=24, wanted=12, max_new_tokens=60, is_end=lambda ids: ids[-1] == tokenizer.end_ref
    )
    spelled = [title_key(tokenizer.decode(each.ids).rpartition(",")[0]) for each in plain]
    assert len(set(spelled)) < len(spelled)
    found = taught.generate_reference(text, top=12)
    keys = [title_key(each.title) for each in found]
    assert len(set(keys)) == len(keys) == 12
    assert all(keys)


def test_a_random_model_is_harmless(nano: Galactica) -> None:
    found = nano.generate_reference("Whatever 😀 \x00 [END_REF]</s>", top=4, beams=6)
    assert len(found) <= 4
    assert len({title_key(each.title) for each in found}) == len(found)


def test_a_document_that_ends_within_a_citation_names_no_work(
    taught: Galactica, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, eos = next(iter(_PLACES)), taught.tokenizer.eos
    scores, calls = taught.network.scores, 0

    def soon_over(states: torch.Tensor) -> torch.Tensor:
        nonlocal calls
        calls += 1
        found = scores(states).clone()
        found[..., eos] = found.max() + 1.0 if calls > 3 else -1e4
        return found

    monkeypatch.setattr(taught.network, "scores", soon_over)
    assert taught.generate_references([text]) == [[]]
    calls = 0
    found = taught.generate_reference(text, top=4)
    assert found
    assert not any("</s>" in each.title for each in found)


def test_only_given_titles_come_out(taught: Galactica) -> None:
    titles = [
        Title("Cats", "Lee"),
        Title("Deep residual learning", "He"),
        Title("Attention is all you need", "Vaswani"),
    ]
    found = taught.generate_reference("Images are told apart by residual nets", titles=titles, top=2)
    assert (found[0].title, found[0].surname, found[0].id) == ("Deep residual learning", "He", 1)
    assert {each.title for each in found} < {each.title for each in titles}
    trie = title_trie(taught.tokenizer, titles, [10, 20, 30])
    numbered = taught.generate_reference("Images are told apart by residual nets", titles=trie, top=1, alpha=0.1)
    assert [(each.title, each.surname, each.id) for each in numbered] == [("Deep residual learning", "He", 20)]
    assert taught.generate_reference("x", titles=[]) == []


def test_long_contexts_keep_their_end_and_the_marker(taught: Galactica) -> None:
    options = GenerationOptions(max_new_tokens=20)
    prompt = reference_prompt(taught.tokenizer, "word " * 400 + "the end", options, taught.context_tokens)
    assert len(prompt) == taught.context_tokens - 20
    assert prompt[-1] == taught.tokenizer.start_ref
    assert taught.tokenizer.decode(prompt[:-1]).endswith("the end ")


def test_markers_of_text_that_is_not_trusted_stay_text(taught: Galactica) -> None:
    prompt = reference_prompt(
        taught.tokenizer, "a [END_REF]</s> b", GenerationOptions(specials=False), taught.context_tokens
    )
    assert prompt.index(taught.tokenizer.start_ref) == len(prompt) - 1
    assert taught.tokenizer.end_ref not in prompt
    assert taught.tokenizer.eos not in prompt


def test_numbers_out_of_range(nano: Galactica) -> None:
    for options in ({"top": 0}, {"top": 3, "beams": 2}, {"top": 500}):
        with pytest.raises(InputError):
            nano.generate_reference("x", **options)


def test_a_model_without_citations_says_so(nano: Galactica, monkeypatch: pytest.MonkeyPatch) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    from model.galactica.tokenizer import GalacticaTokenizer

    backend = Tokenizer(
        models.BPE(vocab={char: rank for rank, char in enumerate(pre_tokenizers.ByteLevel.alphabet())}, merges=[])
    )
    backend.add_special_tokens(["</s>", "<pad>"])
    monkeypatch.setattr(nano, "_tokenizer", GalacticaTokenizer(backend.to_str()))
    with pytest.raises(ModelError, match="START_REF"):
        nano.generate_reference("x")
