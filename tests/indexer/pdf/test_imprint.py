from __future__ import annotations

from indexer.pdf.imprint import find_identifiers, find_year


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
