from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from training.corpus.packing import Marks, citation_mask, cut_document, pack
from training.train import loss

MARKS = Marks(start_ref=4, end_ref=5, pad=1, eos=2)
WORD = st.integers(10, 99)
CITATION = st.lists(WORD, max_size=12).map(lambda words: [4, *words, 5])
UNITS = st.lists(st.one_of(WORD.map(lambda word: [word]), CITATION), max_size=30)


@given(st.lists(UNITS, max_size=8), st.integers(16, 40), st.integers(0, 3))
def test_rows_hold_every_token_once_and_cut_no_citation(
    documents: list[list[list[int]]], row_tokens: int, seed: int
) -> None:
    flat = [[token for unit in document for token in unit] for document in documents]
    rows = pack(flat, row_tokens=row_tokens, marks=MARKS, seed=seed)
    assert rows.shape == (len(rows), row_tokens)
    assert rows.dtype == np.uint16
    packed = [token for row in rows.tolist() for token in row if token != MARKS.pad]
    assert sorted(packed) == sorted(token for document in flat for token in [*document, MARKS.eos])
    citations = [tuple(unit) for document in documents for unit in document if unit[0] == 4]
    found = []
    for row in rows.tolist():
        body = row[: row.index(1)] if 1 in row else row
        assert MARKS.pad not in body
        found += list(whole_citations(body))
    assert sorted(found) == sorted(citations)


def whole_citations(row: list[int]) -> list[tuple[int, ...]]:
    found, opened = [], -1
    for place, token in enumerate(row):
        if token == 4:
            assert opened < 0
            opened = place
        elif token == 5:
            assert opened >= 0
            found.append(tuple(row[opened : place + 1]))
            opened = -1
    assert opened < 0
    return found


@given(st.lists(st.lists(WORD, min_size=1, max_size=30), max_size=12))
def test_a_document_that_fits_is_never_cut(documents: list[list[int]]) -> None:
    rows = pack(documents, row_tokens=32, marks=MARKS, seed=1)
    packed = [tuple(part) for row in rows.tolist() for part in split_at(row, MARKS.eos)]
    assert sorted(packed) == sorted(tuple(document) for document in documents)


def split_at(row: list[int], end: int) -> list[list[int]]:
    parts: list[list[int]] = [[]]
    for token in row:
        if token == end:
            parts.append([])
        elif token != MARKS.pad:
            parts[-1].append(token)
    assert parts[-1] == []
    return parts[:-1]


def test_a_citation_longer_than_a_row_is_left_out() -> None:
    document = [10, 4, *range(20, 60), 5, 11, 4, 12, 5]
    pieces = cut_document(document, row_tokens=16, marks=MARKS)
    assert pieces == [[10, 11, 4, 12, 5]]


def test_text_comes_along_with_a_citation_that_opens_a_piece() -> None:
    document = [*range(10, 40), 4, 50, 51, 5, 4, 52, 5, 60]
    pieces = cut_document(document, row_tokens=32, marks=MARKS)
    assert pieces == [[*range(10, 36)], [36, 37, 38, 39, 4, 50, 51, 5, 4, 52, 5, 60]]
    crowded = [10, 11, *[4, 50, 51, 52, 53, 54, 55, 5] * 6]
    pieces = cut_document(crowded, row_tokens=32, marks=MARKS)
    assert [len(piece) for piece in pieces] == [26, 24]


def test_the_same_seed_gives_the_same_rows_and_another_others() -> None:
    documents = [[10 + number % 50] * (number % 13 + 1) for number in range(60)]
    first = pack(documents, row_tokens=32, marks=MARKS, seed=1)
    again = pack(documents, row_tokens=32, marks=MARKS, seed=1)
    other = pack(documents, row_tokens=32, marks=MARKS, seed=2)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert (first == MARKS.pad).mean() < 0.1


def test_no_documents_give_no_rows() -> None:
    rows = pack([], row_tokens=32, marks=MARKS, seed=1)
    assert rows.shape == (0, 32)


def test_ids_beyond_sixteen_bits_are_refused() -> None:
    with pytest.raises(InputError, match="16 bits"):
        pack([[70_000]], row_tokens=32, marks=MARKS, seed=1)


def test_the_mask_covers_what_spells_a_citation() -> None:
    row = np.array([[10, 4, 11, 12, 5, 4, 13, 5, 14, 2, 1, 1], [5, 10, 4, 11, 1, 1, 1, 1, 1, 1, 1, 1]], dtype=np.uint16)
    assert citation_mask(row[:1], start=4, end=5)[0].tolist() == [
        False, False, True, True, True, False, True, True, False, False, False, False,
    ]  # fmt: skip


@given(st.lists(st.sampled_from([1, 2, 4, 5, 10]), min_size=1, max_size=30))
def test_the_mask_is_that_of_the_loss(ids: list[int]) -> None:
    expected = loss.citation_mask(torch.tensor([ids]), MARKS)[0].tolist()
    assert citation_mask(np.array(ids, dtype=np.uint16), start=4, end=5).tolist() == expected
