from core.words import content_words, coverage, numbers


def test_content_words_are_stemmed_and_free_of_stop_words() -> None:
    assert content_words("The models’ citations were retrieved") == content_words("model citation retrieve")


def test_numbers_drop_thousands_separators_only() -> None:
    assert numbers("1,869 of 12.5 and 3,4") == {"1869", "12.5", "3,4"}


def test_coverage_counts_distinct_words_of_the_claim() -> None:
    assert coverage("BM25 ranks passages passages", "passages are ranked by BM25") == 1.0
    assert coverage("BM25 ranks cats", "passages are ranked by BM25") < 1.0
    assert coverage("the of", "anything") == 1.0


def test_a_raised_citation_mark_is_no_part_of_the_word_before_it() -> None:
    assert content_words("as batteries³ show.¹²") == content_words("as batteries show.")
    assert numbers("batteries³ of 12 V") == {"12"}
