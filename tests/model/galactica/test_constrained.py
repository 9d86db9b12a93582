"""Citations inside the trie against the plain way: a full forward pass of transformers for each title."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import InputError, ModelError
from model.galactica.checkpoint import load_galactica, save_checkpoint
from model.galactica.config import SIZES, opt_config
from model.galactica.constrained import RankedTitle, rank_titles
from model.galactica.galactica import Galactica
from model.galactica.markers import citation_prompt, reference
from model.galactica.scoring import fill_priors, score_titles, title_priors
from model.galactica.titles import Title, title_sequences, title_trie
from model.galactica.tokenizer import GalacticaTokenizer

_WORDS = "deep rare neural title learning networks of attention graph and for cells".split()
_TITLES = [
    Title("Attention and rare networks", "Vaswani"),
    Title("Deep learning", "LeCun"),
    Title("Deep learning of graphs", "He"),
    Title("Deep learning", "Goodfellow"),
    Title("Graph attention"),
    Title("Cells"),
    Title("Deep learning", "LeCun"),
    *(Title(f"{one} {other} {one}", "Lee") for one in _WORDS for other in _WORDS),
]
_CONTEXT = "Networks that attend to rare words were proposed"


@pytest.fixture(scope="module")
def galactica(tmp_path_factory: pytest.TempPathFactory) -> Galactica:
    """A small random model whose scores differ enough to tell right from wrong."""
    from transformers import OPTForCausalLM

    tokenizer = GalacticaTokenizer.train([*(each.title for each in _TITLES), _CONTEXT], 400)
    torch.manual_seed(0)
    config = opt_config(SIZES["nano"], tokenizer.vocabulary)
    config.init_std = 0.3
    folder = save_checkpoint(tmp_path_factory.mktemp("galactica") / "nano", OPTForCausalLM(config), tokenizer)
    return load_galactica(folder, dtype=torch.float32)


def _naive(galactica: Galactica, context: str, titles: list[Title]) -> np.ndarray:
    """Log-probability of whole citations, each read from the beginning by transformers' own model."""
    tokenizer = galactica.tokenizer
    prompt = tokenizer.encode(citation_prompt(context))
    if not context:
        prompt = [tokenizer.eos, *prompt]
    totals = []
    for sequence in title_sequences(tokenizer, titles):
        with torch.inference_mode():
            scores = galactica.model(torch.tensor([prompt + sequence])).logits[0].log_softmax(dim=-1)
        gains = scores[len(prompt) - 1 : -1].gather(1, torch.tensor(sequence)[:, None])
        totals.append(float(gains.sum()))
    return np.asarray(totals)


def test_scores_equal_a_full_pass_for_each_title(galactica: Galactica) -> None:
    some = _TITLES[:40]
    expected = _naive(galactica, _CONTEXT, some)
    assert np.ptp(expected) > 10
    np.testing.assert_allclose(score_titles(galactica, _CONTEXT, some), expected, atol=1e-3)
    np.testing.assert_allclose(title_priors(galactica, some), _naive(galactica, "", some), atol=1e-3)
    assert score_titles(galactica, _CONTEXT, []).shape == (0,)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_known_tokens_are_scored_a_part_of_the_vocabulary_at_a_time(
    galactica: Galactica, monkeypatch: pytest.MonkeyPatch, dtype: torch.dtype
) -> None:
    network = load_galactica(galactica.folder, dtype=dtype).network
    states, _ = network.read(torch.arange(6, 46)[None])
    targets = torch.arange(50, 90)
    expected = network.scores(states[0]).log_softmax(dim=-1).gather(1, targets[:, None])[:, 0]
    sure = network.scores(states[0]).argmax(dim=-1)
    for rows, words in ((512, 512), (7, 60), (64, network.vocabulary - 1)):
        monkeypatch.setattr("model.galactica.network._SCORED_ROWS", rows)
        monkeypatch.setattr("model.galactica.network._SCORED_WORDS", words)
        tolerance = 1e-4 if dtype == torch.float32 else 0.1
        torch.testing.assert_close(network.log_probabilities(states[0], targets), expected, atol=tolerance, rtol=0.01)
        assert bool((network.log_probabilities(states[0], sure) <= 0).all())


def test_the_prior_is_taken_off(galactica: Galactica) -> None:
    some = _TITLES[:9]
    priors = _naive(galactica, "", some)
    expected = _naive(galactica, _CONTEXT, some) - 0.7 * priors
    np.testing.assert_allclose(score_titles(galactica, _CONTEXT, some, alpha=0.7), expected, atol=1e-3)
    given_priors = score_titles(galactica, _CONTEXT, some, alpha=0.7, priors=np.zeros(9))
    np.testing.assert_allclose(given_priors, expected + 0.7 * priors, atol=1e-3)
    with pytest.raises(InputError, match="8 priors for 9"):
        score_titles(galactica, _CONTEXT, some, alpha=0.7, priors=np.zeros(8))
    with pytest.raises(InputError, match="strength"):
        score_titles(galactica, _CONTEXT, some, alpha=-1)


def _exhaustive(galactica: Galactica, titles: list[Title], alpha: float) -> list[tuple[int, float]]:
    scores = score_titles(galactica, _CONTEXT, titles, alpha=alpha)
    return sorted(enumerate(scores.tolist()), key=lambda found: (-found[1], found[0]))


def _agree(found: list[RankedTitle], expected: list[tuple[int, float]]) -> None:
    """Same scores in the same order; titles whose scores differ by rounding alone may change places."""
    np.testing.assert_allclose([each.score for each in found], [score for _, score in expected], atol=1e-3)
    by_id = dict(expected)
    np.testing.assert_allclose([each.score for each in found], [by_id[each.id] for each in found], atol=1e-3)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    chosen=st.lists(st.integers(0, len(_TITLES) - 1), min_size=1, max_size=40),
    stepwise=st.booleans(),
    alpha=st.sampled_from([0.0, 0.6]),
)
def test_full_beams_equal_scoring_everything(
    galactica: Galactica, chosen: list[int], stepwise: bool, alpha: float
) -> None:
    titles = [_TITLES[index] for index in chosen]
    many, whole = len(titles), 1 if stepwise else len(titles)
    trie = title_trie(galactica.tokenizer, titles)
    with pytest.MonkeyPatch.context() as patch:
        if stepwise:  # to the end of each title but the last, token by token
            patch.setattr("model.galactica.constrained._TITLES_PER_NODE", 0.0)
        found = rank_titles(galactica, _CONTEXT, trie, top=many, beams=many, batch=whole, alpha=alpha)
    assert sorted(each.id for each in found) == list(range(len(titles)))
    _agree(found, _exhaustive(galactica, titles, alpha))


@pytest.mark.parametrize("alpha", [0.0, 0.6])
@pytest.mark.parametrize("beams", [1, 4, 30])
def test_narrow_beams_find_titles_that_exist_with_their_scores(galactica: Galactica, beams: int, alpha: float) -> None:
    ids = [number * 3 + 11 for number in range(len(_TITLES))]
    trie = title_trie(galactica.tokenizer, _TITLES, ids)
    fill_priors(galactica, trie)
    found = rank_titles(galactica, _CONTEXT, trie, top=5, beams=beams, batch=1, alpha=alpha)
    assert 1 <= len(found) <= 5
    expected = dict(_exhaustive(galactica, _TITLES, alpha))
    plain = dict(_exhaustive(galactica, _TITLES, 0.0))
    for each in found:
        assert each.score == pytest.approx(expected[(each.id - 11) // 3], abs=1e-3)
        assert each.log_probability == pytest.approx(plain[(each.id - 11) // 3], abs=1e-3)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


def test_equal_titles_are_all_returned(galactica: Galactica) -> None:
    trie = title_trie(galactica.tokenizer, [Title("Cells")] * 3 + [Title("Deep cells", "Lee")], [9, 2, 5, 1])
    found = rank_titles(galactica, _CONTEXT, trie, top=4, beams=2, batch=4)
    run = [each.id for each in found if each.id != 1]
    assert run == [2, 5, 9]
    assert len({each.score for each in found}) == 2
    assert len(rank_titles(galactica, _CONTEXT, trie, top=2)) == 2


def test_what_a_search_found_is_scored_too(galactica: Galactica) -> None:
    trie = title_trie(galactica.tokenizer, _TITLES)
    worst = _exhaustive(galactica, _TITLES, 0.0)[-1]
    narrow = rank_titles(galactica, _CONTEXT, trie, top=200, beams=1, batch=1)
    assert worst[0] not in {each.id for each in narrow}
    also = [worst[0], 6, narrow[0].id, 10_000]  # 6 is spelled as 1 is; the last is none
    found = {
        each.id: each.score for each in rank_titles(galactica, _CONTEXT, trie, top=200, beams=1, batch=1, also=also)
    }
    assert found[worst[0]] == pytest.approx(worst[1], abs=1e-3)
    assert found[6] == found[1]
    assert found.keys() == {worst[0], 1, 6} | {each.id for each in narrow}


def test_priors_are_kept_in_the_trie_and_computed_once(galactica: Galactica) -> None:
    titles = list(dict.fromkeys(_TITLES))
    trie = title_trie(galactica.tokenizer, titles)
    progress: list[tuple[int, int]] = []
    assert fill_priors(galactica, trie, on_progress=lambda done, total: progress.append((done, total))) == len(titles)
    assert progress[-1] == (len(titles), len(titles))
    assert fill_priors(galactica, trie) == 0
    rows = np.arange(len(trie))
    kept = trie.rows.prior(rows, trie.rows.lengths(rows))
    expected = title_priors(galactica, [titles[number] for number in trie.rows.ids_between(0, len(trie)).tolist()])
    np.testing.assert_allclose(kept, expected, atol=1e-3)
    trie.add(1_000, title_sequences(galactica.tokenizer, [Title("Deep cells", "Poe")])[0])
    assert fill_priors(galactica, trie) == 1
    assert fill_priors(galactica, title_trie(galactica.tokenizer, [])) == 0


def test_a_ranking_without_priors_computes_those_it_needs(galactica: Galactica) -> None:
    trie = title_trie(galactica.tokenizer, _TITLES)
    found = rank_titles(galactica, _CONTEXT, trie, top=200, beams=8, batch=8, alpha=0.6)
    expected = dict(_exhaustive(galactica, _TITLES, 0.6))
    assert len(found) > 3
    for each in found:
        assert each.score == pytest.approx(expected[each.id], abs=1e-3)
    different = {_TITLES[each.id] for each in found}
    assert fill_priors(galactica, trie) == len(set(_TITLES)) - len(different)


def test_long_contexts_lose_their_beginning(galactica: Galactica) -> None:
    trie = title_trie(galactica.tokenizer, _TITLES)
    tail = "of rare titles " * 60
    one = rank_titles(galactica, "Cells " * 500 + tail, trie, top=3)
    other = rank_titles(galactica, "Graphs " * 900 + tail, trie, top=3)
    assert one == other
    with pytest.raises(InputError, match="prior"):
        rank_titles(galactica, "x", trie, alpha=3)
    with pytest.raises(InputError, match="nothing"):
        rank_titles(galactica, "x", trie, beams=0)


def test_titles_cut_by_another_tokenizer_are_refused(galactica: Galactica) -> None:
    other = GalacticaTokenizer.train(["Deep learning"], 300)
    with pytest.raises(ModelError, match="another tokenizer"):
        rank_titles(galactica, _CONTEXT, title_trie(other, _TITLES))


def test_no_titles_no_ranking(galactica: Galactica) -> None:
    assert rank_titles(galactica, _CONTEXT, title_trie(galactica.tokenizer, [])) == []


def test_a_trie_survives_its_file(galactica: Galactica, tmp_path: Path) -> None:
    trie = title_trie(galactica.tokenizer, _TITLES)
    fill_priors(galactica, trie)
    trie.save(tmp_path / "titles.safetensors")
    loaded, _ = type(trie).load(tmp_path / "titles.safetensors")
    before = rank_titles(galactica, _CONTEXT, trie, top=20, beams=9, batch=3, alpha=0.5)
    assert rank_titles(galactica, _CONTEXT, loaded, top=20, beams=9, batch=3, alpha=0.5) == before
    assert fill_priors(galactica, loaded) == 0


_LESSONS = {
    "Words that occur seldom are attended to": Title("Attention and rare networks", "Vaswani"),
    "All of it began with many layers": Title("Deep learning", "LeCun"),
    "The textbook says otherwise": Title("Deep learning", "Goodfellow"),
    "What lives is made of": Title("Cells"),
}


def test_what_was_learned_in_text_comes_first(tmp_path: Path) -> None:
    from transformers import OPTForCausalLM

    texts = [f"{context} {reference(title.title, title.surname)}." for context, title in _LESSONS.items()]
    tokenizer = GalacticaTokenizer.train([*texts, *(each.title for each in _TITLES)], 400)
    rows = [torch.tensor(tokenizer.encode(text)) for text in texts]
    ids = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=tokenizer.pad)
    torch.manual_seed(0)
    model = OPTForCausalLM(opt_config(SIZES["nano"], tokenizer.vocabulary)).train(False)
    optimiser = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(40):
        model(input_ids=ids, labels=ids.masked_fill(ids == tokenizer.pad, -100)).loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    galactica = load_galactica(save_checkpoint(tmp_path / "taught", model, tokenizer), dtype=torch.float32)
    trie = title_trie(tokenizer, _TITLES)
    for context, title in _LESSONS.items():
        first = rank_titles(galactica, context, trie, top=1, beams=8, batch=8)[0]
        assert _TITLES[first.id] == title
        assert first.log_probability > -2
        assert _TITLES[rank_titles(galactica, context, trie, top=1, beams=8, batch=8, alpha=0.3)[0].id] == title
