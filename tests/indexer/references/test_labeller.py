from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from indexer.references.features import make_features, shape
from indexer.references.labeller import LEXICON_NAME, MODEL_NAME, WEIGHTS, shipped_labeller
from indexer.references.tokens import tokenize


def labelled(text: str) -> list[tuple[str, str]]:
    return [(span.label, text[span.start : span.end]) for span in shipped_labeller().label(text)]


def test_an_entry_falls_into_its_fields() -> None:
    found = labelled("Doe, J., & Roe, A. B. (1999). On reading references. Journal of Documentation, 12(3), 401–419.")
    assert found == [
        ("author", "Doe, J., & Roe, A. B."), ("date", "1999"), ("title", "On reading references"),
        ("journal", "Journal of Documentation"), ("volume", "12"), ("issue", "3"), ("pages", "401–419"),
    ]  # fmt: skip


def test_spans_stand_in_order_within_the_text() -> None:
    text = "[1] A. B. Doe, in Proc. ACL (Rome, Italy: Test Press, 2001), pp. 1-9, https://example.org/x."
    spans = shipped_labeller().label(text)
    assert spans
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert all(0 <= span.start < span.end <= len(text) for span in spans)


def test_the_model_is_small_and_has_a_card() -> None:
    assert (WEIGHTS / MODEL_NAME).stat().st_size + (WEIGHTS / LEXICON_NAME).stat().st_size < 6_000_000
    assert "Held out" in (WEIGHTS / "README.md").read_text("utf-8")


def test_threads_share_the_model() -> None:
    texts = [f"Doe, J. ({year}). On reading references. Journal of Tests, 12, 3-9." for year in range(1950, 2010)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(labelled, texts)) == [labelled(text) for text in texts]


def test_nothing_has_no_fields() -> None:
    assert labelled("") == []


def test_shapes() -> None:
    shapes = [shape(token) for token in tokenize("Doe J USA x 1999 12 . eLife https://example.org")]
    assert shapes == ["Xx", "X", "XX3", "x", "d4y", "d2", ".", "xX", "URL"]


def test_each_token_has_attributes_of_its_neighbours_and_its_lexicon() -> None:
    tokens = tokenize("Doe, Nature 12")
    items = make_features({"nature": "V4"})(tokens)
    assert len(items) == len(tokens)
    assert "w=nature" in items[2]
    assert "c=V4" in items[2]
    assert "1w=nature" in items[1]
    assert "-1w=doe" in items[1]
    assert "-1:END" in items[0]
