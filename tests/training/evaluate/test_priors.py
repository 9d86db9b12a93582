from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import StorageError
from model.galactica.galactica import Galactica
from model.galactica.scoring import fill_priors
from model.galactica.titles import Title, TitleTrie, title_trie
from training.evaluate.language import priors_of
from training.evaluate.priors import fill_kept_priors

TITLES = [
    Title("Nets that learn", "Ada"),
    Title("Old trees", ""),
    Title("Nets that learn", "Ada"),
    Title("Roads", "Bo"),
]


def _trie(model: Galactica, titles: list[Title]) -> TitleTrie:
    return title_trie(model.tokenizer, titles)


def test_priors_are_computed_once_whatever_the_run(nano: Galactica, tmp_path: Path) -> None:
    computed: list[int] = []

    def tell(done: int, total: int) -> None:
        computed.append(total)

    wanted = _trie(nano, TITLES)
    fill_priors(nano, wanted)
    first, again, more = (_trie(nano, titles) for titles in (TITLES, TITLES[::-1], [*TITLES, Title("New", "Cy")]))
    fill_kept_priors(nano, first, tmp_path / "new", on_progress=tell)
    np.testing.assert_allclose(priors_of(first), priors_of(wanted), rtol=1e-6)
    assert computed == [3]
    fill_kept_priors(nano, again, tmp_path / "new", on_progress=tell)
    np.testing.assert_array_equal(priors_of(again), priors_of(first)[::-1])
    assert computed == [3]
    fill_kept_priors(nano, more, tmp_path / "new", on_progress=tell)
    assert computed == [3, 1]


def test_a_damaged_file_is_replaced(nano: Galactica, tmp_path: Path) -> None:
    fill_kept_priors(nano, _trie(nano, TITLES), tmp_path, on_progress=lambda *_: None)
    (file,) = tmp_path.iterdir()
    for content in (b"", b"damaged", file.read_bytes()[:-20]):
        file.write_bytes(content)
        trie = _trie(nano, TITLES)
        fill_kept_priors(nano, trie, tmp_path, on_progress=lambda *_: None)
        assert np.isfinite(priors_of(trie)).all()


def test_without_a_folder_nothing_is_kept(nano: Galactica, tmp_path: Path) -> None:
    trie = _trie(nano, TITLES)
    fill_kept_priors(nano, trie, None, on_progress=lambda *_: None)
    assert np.isfinite(priors_of(trie)).all()
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StorageError, match="cannot be written"):
        fill_kept_priors(nano, _trie(nano, TITLES), tmp_path / "file", on_progress=lambda *_: None)
