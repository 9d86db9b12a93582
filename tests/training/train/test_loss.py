"""The loss against transformers' own, and which tokens spell a citation."""

from __future__ import annotations

import pytest
import torch
from transformers import OPTForCausalLM

from model.galactica.config import SIZES, opt_config
from training.corpus.packing import Marks
from training.train.loss import Losses, citation_mask, loss_sums, token_losses, token_weights

MARKS = Marks()
START, END, PAD = MARKS.start_ref, MARKS.end_ref, MARKS.pad


def test_ids_of_the_markers_are_those_of_the_paper() -> None:
    assert (START, END, PAD) == (4, 5, 1)


def test_citation_mask() -> None:
    ids = torch.tensor([[9, START, 20, 21, END, 9, START, 22, END, PAD], [20, END, 9, 9, START, 20, 20, 20, 20, 20]])
    marked = [[0, 0, 1, 1, 1, 0, 0, 1, 1, 0], [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]]
    assert citation_mask(ids, MARKS).int().tolist() == marked


def test_weights() -> None:
    ids = torch.tensor([[START, 20, END, 9, PAD]])
    assert token_weights(ids, MARKS, 3.0).tolist() == [[0.0, 3.0, 3.0, 1.0, 0.0]]


@pytest.fixture(scope="module")
def model() -> OPTForCausalLM:
    torch.manual_seed(1)
    return OPTForCausalLM(opt_config(SIZES["nano"], 100)).eval()


def test_mean_is_that_of_transformers(model: OPTForCausalLM) -> None:
    ids = torch.randint(6, 100, (3, 12), generator=torch.Generator().manual_seed(2))
    positions = torch.arange(12).expand(3, 12)
    with torch.no_grad():
        ours = token_losses(model, ids, positions)
        theirs = model(input_ids=ids, labels=ids).loss
    assert ours.shape == ids.shape
    assert torch.count_nonzero(ours[:, 0]) == 0
    assert float(ours[:, 1:].mean()) == pytest.approx(float(theirs), rel=1e-5)
    assert Losses.from_sums(loss_sums(ours, ids, MARKS)).all == pytest.approx(float(theirs), rel=1e-5)


def test_padding_at_the_end_changes_nothing(model: OPTForCausalLM) -> None:
    ids = torch.tensor([[7, 8, 9, START, 10, END, PAD, PAD]])
    with torch.no_grad():
        padded = token_losses(model, ids, torch.arange(8)[None])
        plain = token_losses(model, ids[:, :6], torch.arange(6)[None])
    assert torch.allclose(padded[:, :6], plain, atol=1e-5)
    losses = Losses.from_sums(loss_sums(padded, ids, MARKS))
    assert (losses.text_tokens, losses.citation_tokens) == (3, 2)
    assert losses.citation == pytest.approx(float(plain[0, 4:6].mean()), rel=1e-5)


def test_no_tokens() -> None:
    assert Losses.from_sums(torch.zeros(4, dtype=torch.float64)).all == 0.0
