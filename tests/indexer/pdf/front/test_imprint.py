from __future__ import annotations

import pytest

from indexer.pdf.front.imprint import find_identifiers, find_venue, find_year


def test_identifiers_and_year() -> None:
    texts = [
        "License",
        "DOI: 10.21105/jose.00013",
        "Submitted: 08 May 2017",
        "Published: 30 August 2018",
        "arXiv:2211.09085v1 [cs]",
    ]
    assert find_identifiers(texts) == ("10.21105/jose.00013", "2211.09085")
    assert find_year(texts) == 2018


def test_a_date_of_publication_goes_before_those_of_receipt() -> None:
    assert find_year(["Received: 3 March 2017", "© 2019 The Authors", "Published online: 9 June 2018"]) == 2018
    assert find_year(["Received: 3 March 2017; accepted 4 May 2017", "Vol. 12 (2019)"]) == 2019
    assert find_year(["Received: 3 March 2017"]) == 2017
    assert find_year([]) is None


@pytest.mark.parametrize(
    ("texts", "venue"),
    [
        (["Preprint submitted to Physics of Examples"], "Physics of Examples"),
        (["Advances in Samples 12 (2019) 34–56"], "Advances in Samples"),
        (["Doe et al. / Advances in Samples 12 (2019) 34–56"], "Advances in Samples"),
        (["Advances in Samples (2019) 12:345"], "Advances in Samples"),
        (["Journal of Open", "Samples, 5(49), 118."], "Journal of Open Samples"),
        (["Review", "Open access"], ""),
        ([], ""),
    ],
)
def test_venues(texts: list[str], venue: str) -> None:
    assert find_venue(texts) == venue
