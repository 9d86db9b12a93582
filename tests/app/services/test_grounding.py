import pytest

from app.services.grounding import as_quote, find_support, quotable, verify
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
        "Does BM25 rank passages by term frequency?",
        "30.9%.",
    ],
)
def test_what_no_passage_says_is_not_verified(sentence: str) -> None:
    assert verify(sentence, [BM25, DENSE]) is None


def test_a_number_with_and_without_separator_is_the_same() -> None:
    assert verify("It reached 30.9% of the titles in a test of 1869 queries.", [BM25]) is not None


def test_words_of_the_question_may_be_taken_up_but_what_is_added_must_be_there() -> None:
    question = "Which exact criteria does the famous Okapi formula apply?"
    said = "The exact criteria of the Okapi formula: term frequency and inverse document frequency."
    assert verify(said, [BM25]) is None
    assert verify(said, [BM25], question=question) is not None
    assert (
        verify("The exact criteria of the Okapi formula: poetry and document frequency.", [BM25], question=question)
        is None
    )
    assert verify("The famous Okapi formula applies exact criteria.", [BM25], question=question) is None


def test_support_names_the_best_passage() -> None:
    assert find_support("Passages are embedded as vectors", [BM25, DENSE]).position == 1


def test_what_can_be_quoted_is_a_whole_statement_of_the_evidence() -> None:
    table = make_hit(text="Model 12.5 30.9 44.1 81.2 99.3 12.4 88.1 and 17.4 of 91.2 or 33.")
    found = quotable([BM25, table, make_hit(text="Does it need any training data at all before use?")])
    assert [(each.position, each.text in BM25.text) for each in found] == [(0, True), (0, True)]
    assert as_quote(found[0]).support == 1.0


def test_nothing_is_quoted_from_nothing() -> None:
    assert verify("BM25 ranks passages.", []) is None
    assert quotable([]) == []
