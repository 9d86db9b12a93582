import pytest

from core.identifiers import cite_key, find_arxiv_id, find_doi
from core.records import Author


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("https://doi.org/10.1145/3292500.3330701.", "10.1145/3292500.3330701"),
        ("doi: 10.1000/ABC(1)x;", "10.1000/abc(1)x"),
        ("(see 10.21105/jose.00013)", "10.21105/jose.00013"),
        ("10.1002/(SICI)1097-4571(199009)41:6<391::AID>3.0", "10.1002/(sici)1097-4571(199009)41:6"),
        ("version 10.5 of 10/3", ""),
    ],
)
def test_find_doi_stops_where_the_identifier_stops(text: str, doi: str) -> None:
    assert find_doi(text) == doi


@pytest.mark.parametrize(
    ("text", "arxiv_id"),
    [
        ("arXiv preprint arXiv:2211.09085v2", "2211.09085"),
        ("https://arxiv.org/pdf/1706.03762v7", "1706.03762"),
        ("doi:10.48550/arXiv.2005.11401", "2005.11401"),
        ("arXiv:cs/0112017", "cs/0112017"),
        ("2211.09085v1", "2211.09085"),
        ("In 2019.1234 there were", ""),
        ("pages 1234.56789 of it", ""),
    ],
)
def test_find_arxiv_id_drops_the_version_and_takes_no_bare_decimals(text: str, arxiv_id: str) -> None:
    assert find_arxiv_id(text) == arxiv_id


def test_cite_key_is_name_year_and_first_telling_word() -> None:
    author = Author(family="Müller-Lüdenscheidt", given="Jörg")
    assert cite_key((author,), 2021, "On the Limits of Search") == "mullerludenscheidt2021limits"


def test_cite_key_leaves_out_what_is_unknown() -> None:
    assert cite_key((), None, "") == "paper"
    assert cite_key((), 1999, "The") == "1999"
