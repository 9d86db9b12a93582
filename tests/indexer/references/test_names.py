from __future__ import annotations

import pytest

from core.records import Author
from indexer.references.names import split_name


@pytest.mark.parametrize(
    ("printed", "given", "family"),
    [
        ("Alice M. Brown", "Alice M.", "Brown"),
        ("Mary van der Berg", "Mary", "van der Berg"),
        ("Berg, Mary van der", "Mary", "van der Berg"),
        ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
        ("Smith J. A.", "J. A.", "Smith"),
        ("J.A. Smith", "J. A.", "Smith"),
        ("J.Smith", "J.", "Smith"),
        ("Yu. Roe", "Yu.", "Roe"),
        ("O’Brien, Jean-Paul", "Jean-Paul", "O’Brien"),
        ("欧阳修", "修", "欧阳"),
        ("김철수", "철수", "김"),
        ("Wu X", "X", "Wu"),
        ("Harry Connick Jr.", "Harry", "Connick"),
        ("Sammy Davis, Jr.", "Sammy", "Davis"),
        ("Plato", "", "Plato"),
        ("Smith JA", "JA", "Smith"),
        ("de Gaulle", "", "de Gaulle"),
    ],
)
def test_split_name(printed: str, given: str, family: str) -> None:
    author = split_name(printed)
    assert (author.given, author.family) == (given, family)


@pytest.mark.parametrize(
    ("printed", "suffix"),
    [("Harry Connick Jr.", "Jr."), ("Davis, Sammy, III", "III"), ("Sammy Davis, Jr.", "Jr."), ("Ada Roe, PhD", "")],
)
def test_suffixes(printed: str, suffix: str) -> None:
    author = split_name(printed)
    assert author.suffix == suffix
    assert author.family in ("Connick", "Davis", "Roe")


def test_a_group_is_one_family_name() -> None:
    assert split_name("Galacite Retrieval Group") == Author(family="Galacite Retrieval Group")
    assert split_name("ATLAS Collaboration") == Author(family="ATLAS Collaboration")
    assert split_name("Society for Printed Names") == Author(family="Society for Printed Names")


def test_particles_may_stand_behind_initials() -> None:
    assert split_name("Berg A. van der") == Author(family="van der Berg", given="A.")
    assert split_name("Vries J de") == Author(family="de Vries", given="J")
