from __future__ import annotations

import time

import pytest

from indexer.references.tokens import MAX_CHARS, tokenize


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Smith, J.A. 12(3)", ["Smith", ",", "J", ".", "A", ".", "12", "(", "3", ")"]),
        ("S08002", ["S", "08002"]),
        ("see https://example.org/a(b).", ["see", "https://example.org/a(b)", "."]),
        ("doi:10.1016/S0022(99)00123-X.", ["doi", ":", "10.1016/S0022(99)00123-X", "."]),
        ("arXiv:2101.00001v2 [cs]", ["arXiv", ":", "2101.00001v2", "[", "cs", "]"]),
        ("hep-ph/9807442", ["hep-ph/9807442"]),
        ("互联网, 2019年", ["互联网", ",", "2019", "年"]),
        ("", []),
        ("  \u00a0 ", []),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert [token.text for token in tokenize(text)] == tokens


def test_tokens_know_their_place() -> None:
    text = "Roe, A. & Doe (1999) www.example.org/x, p. 3"
    assert all(text[token.start : token.end] == token.text for token in tokenize(text))


@pytest.mark.parametrize("piece", ["a", "1", "a-", "http://", "10.1000/", "(", "a1", "é", "\u0301"])
def test_long_junk_is_cut_and_quick(piece: str) -> None:
    started = time.perf_counter()
    tokens = tokenize(piece * 100_000)
    assert time.perf_counter() - started < 2
    assert all(token.end <= MAX_CHARS for token in tokens)
