import pytest

from app.services.grounding import best_quote, find_support, verify
from tests.builders import make_hit

BM25 = make_hit(
    text="BM25 ranks passages by term frequency and inverse document frequency. It needs no training data. "
    "In the test of 1,869 queries it reached 30.9% of the titles."
)
DENSE = make_hit(text="Dense retrieval embeds passages as vectors. It does not match rare words exactly.")


def test_a_sentence_is_carried_by_the_passage_that_says_it() -> None:
    verified = verify("BM25 ranks the passages by term frequency.", [DENSE, BM25])
    assert verified is not None
    assert verified.evidence == (1,)
    assert verified.kind == "generated"


@pytest.mark.parametrize(
    "sentence",
    [
        "BM25 was invented by Robertson in London.",
        "BM25 reached 35.9% of the titles.",
        "BM25 does not rank passages by term frequency.",
        "The dense vectors match rare words exactly.",
        "",
        "It is so.",
        "1.",
        "30.9%.",
    ],
)
def test_what_no_passage_says_is_not_verified(sentence: str) -> None:
    assert verify(sentence, [BM25, DENSE]) is None


def test_a_number_with_and_without_separator_is_the_same() -> None:
    assert verify("It reached 30.9% of the titles in a test of 1869 queries.", [BM25]) is not None


def test_support_names_the_best_passage() -> None:
    assert find_support("Passages are embedded as vectors", [BM25, DENSE]).position == 1


def test_a_quote_is_a_whole_sentence_of_the_evidence() -> None:
    quote = best_quote("Does BM25 need training data?", [DENSE, BM25])
    assert quote is not None
    assert quote.kind == "quote"
    assert quote.text in (BM25, DENSE)[1 - quote.evidence[0]].text


def test_nothing_is_quoted_from_nothing() -> None:
    assert verify("BM25 ranks passages.", []) is None
    assert best_quote("What?", []) is None
