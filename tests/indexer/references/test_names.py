from __future__ import annotations

import pytest

from core.records import Author
from indexer.references.names import split_name


@pytest.mark.parametrize(
    ("printed", "given", "family"),
    [
        ("Alice M. Brown", "Alice M.", "Brown"),
        ("Mary van der Berg", "Mary", "van der Berg"),
        ("Berg, Mary van der", "Mary van der", "Berg"),
        ("Harry Connick Jr.", "Harry", "Connick"),
        ("Sammy Davis, Jr.", "", "Sammy Davis"),
        ("Plato", "", "Plato"),
        ("Smith JA", "JA", "Smith"),
        ("de Gaulle", "", "de Gaulle"),
    ],
)
def test_split_name(printed: str, given: str, family: str) -> None:
    author = split_name(printed)
    assert (author.given, author.family) == (given, family)


def test_a_group_is_one_family_name() -> None:
    assert split_name("Galacite Retrieval Group") == Author(family="Galacite Retrieval Group")
    assert split_name("ATLAS Collaboration") == Author(family="ATLAS Collaboration")
