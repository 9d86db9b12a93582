"""The trie of titles against a plain dictionary, and its file against damage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ModelError
from model.galactica.titles import MOST_TITLE_TOKENS, Title, TitleTrie, title_sequences, title_trie
from model.galactica.tokenizer import GalacticaTokenizer

_END, _VOCABULARY = 5, 40
_BODY = st.lists(st.sampled_from([0, 6, 7, 39]), max_size=7)
_CHANGES = st.lists(st.tuples(st.booleans(), st.integers(0, 12), _BODY), max_size=40)


def _closed(body: list[int]) -> list[int]:
    return [*body, _END]


def _walk(trie: TitleTrie) -> dict[tuple[int, ...], set[int]]:
    """Every prefix with the numbers of the titles below it, found by branching alone."""
    found: dict[tuple[int, ...], set[int]] = {}
    pending = [((), 0, len(trie))] if len(trie) else []
    while pending:
        prefix, start, stop = pending.pop()
        found[prefix] = set(trie.rows.ids_between(start, stop).tolist())
        if prefix[-1:] == (_END,):
            continue
        tokens, begins = trie.rows.branches(start, stop, len(prefix))
        assert sorted(set(tokens.tolist())) == tokens.tolist()
        stops = [*begins[1:].tolist(), stop]
        pending.extend(
            ((*prefix, token), begin, end)
            for token, begin, end in zip(tokens.tolist(), begins.tolist(), stops, strict=True)
        )
    return found


def _expected(titles: dict[int, list[int]]) -> dict[tuple[int, ...], set[int]]:
    found: dict[tuple[int, ...], set[int]] = {}
    for number, sequence in titles.items():
        for depth in range(len(sequence) + 1):
            found.setdefault(tuple(sequence[:depth]), set()).add(number)
    return found


@settings(deadline=None, max_examples=80)
@given(first=st.lists(_BODY, max_size=12), changes=_CHANGES)
def test_equals_a_dictionary_of_prefixes(first: list[list[int]], changes: list[tuple[bool, int, list[int]]]) -> None:
    titles = {number + 100: _closed(body) for number, body in enumerate(first)}
    trie = TitleTrie.build(list(titles.values()), titles, end=_END, vocabulary=_VOCABULARY)
    for adds, number, body in changes:
        if adds and number not in titles:
            titles[number] = _closed(body)
            trie.add(number, titles[number])
        elif not adds and number in titles:
            del titles[number]
            trie.remove(number)
    assert _walk(trie) == _expected(titles)
    assert len(trie) == len(titles)
    rows = [trie.rows.sequence(row).tolist() for row in range(len(trie))]
    assert rows == sorted(titles.values())
    if titles:
        distinct = trie.rows.distinct(0, len(trie)).tolist()
        assert [rows[row] for row in distinct] == sorted({tuple(each): each for each in rows}.values())
        ends = [trie.rows.equal_until(row) for row in distinct]
        assert ends == [*distinct[1:], len(rows)]


@settings(deadline=None, max_examples=25)
@given(bodies=st.lists(_BODY, min_size=1, max_size=12), late=_BODY)
def test_a_saved_trie_comes_back_with_its_priors(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[list[int]], late: list[int]
) -> None:
    path = tmp_path_factory.mktemp("trie") / "titles.safetensors"
    trie = TitleTrie.build([_closed(body) for body in bodies], end=_END, vocabulary=_VOCABULARY)
    for row in range(len(trie)):
        trie.rows.remember_prior(row, -np.arange(1, len(trie.rows.sequence(row)) + 1, dtype=np.float32))
    trie.add(1000, _closed([*late, 39, 39, 39, 39, 39, 39, 39, 39]))
    trie.remove(0)
    trie.save(path, about={"tokenizer": "abc"})
    loaded, about = TitleTrie.load(path)
    assert about == {"tokenizer": "abc"}
    assert _walk(loaded) == _walk(trie)
    for row in range(len(trie)):
        one, depth = np.asarray([row]), len(trie.rows.sequence(row))
        assert np.array_equal(loaded.rows.prior(one, depth), trie.rows.prior(one, depth), equal_nan=True)
    added = np.flatnonzero(loaded.rows.ids_between(0, len(loaded)) == 1000)
    assert np.isnan(loaded.rows.prior(added, 10)).all()


def test_readers_keep_what_they_hold() -> None:
    trie = TitleTrie.build([[6, _END], [7, _END]], end=_END, vocabulary=_VOCABULARY)
    before = trie.rows
    for number in range(10, 400):  # beyond the spare room, twice
        trie.add(number, [number % 30 + 8, 6, _END])
    for number in range(10, 300):
        trie.remove(number)
    assert [before.sequence(row).tolist() for row in range(len(before))] == [[6, _END], [7, _END]]
    assert len(trie) == 2 + 100


def test_numbers_stay_the_callers() -> None:
    trie = TitleTrie.build([[7, _END], [6, _END]], [2**40, 7], end=_END, vocabulary=_VOCABULARY)
    assert trie.rows.ids_between(0, 2).tolist() == [7, 2**40]
    assert 2**40 in trie
    assert 8 not in trie
    with pytest.raises(ValueError, match="7 is there"):
        trie.add(7, [9, _END])
    with pytest.raises(KeyError):
        trie.remove(8)
    trie.remove(7)
    assert 7 not in trie
    trie.add(7, [9, _END])
    assert trie.rows.ids_between(0, 2).tolist() == [2**40, 7]


@pytest.mark.parametrize("bad", [[], [6], [_END, _END], [6, _END, 7], [40, _END], [-1, _END]])
def test_refuses_sequences_that_are_not_closed(bad: list[int]) -> None:
    with pytest.raises(ValueError, match=r"tokens|closed|vocabulary"):
        TitleTrie.build([[6, _END], bad], end=_END, vocabulary=_VOCABULARY)
    trie = TitleTrie.build([[6, _END]], end=_END, vocabulary=_VOCABULARY)
    with pytest.raises(ValueError, match=r"tokens|closed|vocabulary"):
        trie.add(1, bad)
    assert len(trie) == 1


def test_refuses_numbers_that_repeat() -> None:
    with pytest.raises(ValueError, match="repeat"):
        TitleTrie.build([[6, _END], [7, _END]], [1, 1], end=_END, vocabulary=_VOCABULARY)


def test_large_vocabularies_take_four_bytes() -> None:
    trie = TitleTrie.build([[65_536, 5], [2**20, 5]], end=5, vocabulary=2**20 + 1)
    assert trie.rows.sequence(1).tolist() == [2**20, 5]
    with pytest.raises(ValueError, match="vocabulary"):
        TitleTrie(end=5, vocabulary=2**21)


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    path = tmp_path / "titles.safetensors"
    with pytest.raises(ModelError, match="cannot be read"):
        TitleTrie.load(path)
    TitleTrie.build([[6, _END], [7, _END]], end=_END, vocabulary=_VOCABULARY).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-3])
    with pytest.raises(ModelError, match="cannot be read"):
        TitleTrie.load(path)
    about = {"format": "galacite-titles-1", "end": "5", "vocabulary": "40"}
    tokens, lengths, ids = np.asarray([6, 5, 7, 5], np.uint16), np.asarray([2, 2], np.uint8), np.arange(2)
    whole_arrays = {"tokens": tokens, "lengths": lengths, "ids": ids, "priors": np.zeros(4, np.float32)}
    save_file(whole_arrays, path, metadata=about)
    assert len(TitleTrie.load(path)[0]) == 2
    for change in (
        {"lengths": np.asarray([2, 3], np.uint16)},
        {"tokens": np.asarray([6, 5, 77, 5], np.uint16)},
        {"tokens": np.asarray([6.0, 5, 7, 5])},
        {"ids": np.zeros(2, np.int64)},
        {"priors": np.zeros(3, np.float32)},
        {"priors": np.zeros(4)},
        {"lengths": np.asarray([0, 4], np.uint8)},
    ):
        save_file({**whole_arrays, **change}, path, metadata=about)
        with pytest.raises(ModelError, match="cannot be read as titles"):
            TitleTrie.load(path)
    save_file({"tokens": tokens, "lengths": lengths}, path, metadata=about)
    with pytest.raises(ModelError, match="cannot be read as titles"):
        TitleTrie.load(path)
    save_file(whole_arrays, path, metadata={**about, "end": "x"})
    with pytest.raises(ModelError, match="cannot be read as titles"):
        TitleTrie.load(path)


@pytest.fixture(scope="module")
def tokenizer() -> GalacticaTokenizer:
    return GalacticaTokenizer.train(["Attention to rare titles, Vaswani", "Deep residual learning, He"], 300)


def test_titles_become_what_stands_between_the_markers(tokenizer: GalacticaTokenizer) -> None:
    titles = [Title("Deep residual learning", "He"), Title("Rare [END_REF] titles"), Title("é" * 500, "He")]
    sequences = title_sequences(tokenizer, titles)
    assert tokenizer.decode(sequences[0]) == " Deep residual learning, He[END_REF]"
    assert sequences[1].count(tokenizer.end_ref) == 1
    assert len(sequences[2]) == MOST_TITLE_TOKENS
    trie = title_trie(tokenizer, titles, [3, 1, 2])
    assert sorted(trie.rows.ids_between(0, 3).tolist()) == [1, 2, 3]
    whole = tokenizer.encode("See [START_REF] Deep residual learning, He[END_REF].")
    start = whole.index(tokenizer.start_ref) + 1
    assert whole[start : start + len(sequences[0])] == sequences[0]


def test_a_new_title_knows_what_its_neighbours_know() -> None:
    trie = TitleTrie.build([[6, 7, 8, _END], [6, 9, _END]], end=_END, vocabulary=_VOCABULARY)
    trie.rows.remember_prior(0, np.asarray([-1, -2, -3, -4], np.float32))
    trie.rows.remember_prior(1, np.asarray([-1, -5, -6], np.float32))
    trie.add(7, [6, 7, _END])
    assert trie.rows.sequence(0).tolist() == [6, 7, _END]
    row = np.asarray([0])
    assert [trie.rows.prior(row, depth).item() for depth in (1, 2)] == [-1, -2]
    assert np.isnan(trie.rows.prior(row, 3))
    trie.add(8, [6, 9, _END])
    assert trie.rows.prior(np.asarray([3]), 3).item() == -6
    trie.forget_priors()
    assert np.isnan(trie.rows.prior(np.arange(4), 1)).all()
