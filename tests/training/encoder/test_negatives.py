from __future__ import annotations

from dataclasses import replace

from training.encoder.negatives import TitleNegatives, without_cited
from training.encoder.pairs import CitationPairs


def test_hard_negatives_are_never_cited_by_the_paper(pairs: CitationPairs) -> None:
    negatives = TitleNegatives(pairs.works, pairs.listed)
    for place in pairs.sources[0].places:
        near = negatives.near(place)
        assert near
        assert not set(near) & (pairs.listed[place.paper] | set(place.targets))


def test_the_hardest_negative_shares_the_words_of_the_place(pairs: CitationPairs) -> None:
    negatives = TitleNegatives(pairs.works, pairs.listed)
    place = next(each for each in pairs.sources[0].places if "glaciers" in each.before)
    assert "glaciers" in pairs.works[negatives.near(place)[0]].title


def test_a_place_without_words_has_no_negatives(pairs: CitationPairs) -> None:
    negatives = TitleNegatives(pairs.works, pairs.listed)
    assert negatives.near(replace(pairs.sources[0].places[0], before=" . ", after="")) == []


def test_another_printing_of_a_cited_title_is_no_negative() -> None:
    cited = frozenset({"attentionisallyouneed"})
    keys = ["attentionisallyouneednips2017", "attentionisnotexplanation", "attentionisallyouneed", "attention"]
    assert without_cited(keys, cited) == ["attentionisnotexplanation"]
