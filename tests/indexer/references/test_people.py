from __future__ import annotations

import time

import pytest

from indexer.references.people import read_people, repeats_authors


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Allaire, J., Xie, Y., et al.", ["J. Allaire", "Y. Xie"]),
        ("Allaire, J., Xie, Y., … Doe, A.", ["J. Allaire", "Y. Xie", "A. Doe"]),
        ("J. Andrew Royle and L. Mark Berliner", ["J. Andrew Royle", "L. Mark Berliner"]),
        ("Y Katz, ET Wang, and CB Burge", ["Y Katz", "ET Wang", "CB Burge"]),
        ("Smith JA, O'Brien B, D’Angelo C, de la Cruz F.", ["JA Smith", "B O'Brien", "C D’Angelo", "F. de la Cruz"]),
        ("Müller, Ö., & Łukasz, Ź.", ["Ö. Müller", "Ź. Łukasz"]),
        ("Lee, L. L., W. E. Howard, and R. E. Marsh.", ["L. L. Lee", "W. E. Howard", "R. E. Marsh"]),
        ("Stein, Michael L., Jie Chen, and Bob Roe", ["Michael L. Stein", "Jie Chen", "Bob Roe"]),
        ("Wang, Zilong, and Wang, Zifeng", ["Zilong Wang", "Zifeng Wang"]),
        ("Heinz, Anna", ["Anna Heinz"]),
        ("García Márquez, Gabriel", ["Gabriel García Márquez"]),
        ("Smith, Jones, and Brown", ["Smith", "Jones", "Brown"]),
        ("Park, K.H.;Han, H.S. and Doe, T.W.", ["K. H. Park", "H. S. Han", "T. W. Doe"]),
        ("Gotta, M., Roe, T. und Poe, S. M.", ["M. Gotta", "T. Roe", "S. M. Poe"]),
        ("J. P. ROE et B. DOE", ["J. P. ROE", "B. DOE"]),
        ("Karl, J.-P., Roe, Yu.", ["J.-P. Karl", "Yu. Roe"]),
        ("T. G. Roe, D. Poe, and others", ["T. G. Roe", "D. Poe"]),
        ("Hill, C., & St. Rose, A.", ["C. Hill", "A. St. Rose"]),
        ("Smith, J., & Doe, B. (Eds.)", ["J. Smith", "B. Doe"]),
        ("Иванов А. Б., Петрова М. С.", ["А. Б. Иванов", "М. С. Петрова"]),
        ("И. И. Иванов, П. П. Петров", ["И. И. Иванов", "П. П. Петров"]),
        ("王小明, 李伟", ["王小明", "李伟"]),
        ("山田太郎、佐藤花子", ["山田太郎", "佐藤花子"]),
        ("Vaswani, Ashish", ["Ashish Vaswani"]),
        ("", []),
        ("...", []),
    ],
)
def test_read_people(text: str, names: list[str]) -> None:
    assert [author.name for author in read_people(text)] == names


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("OCO-2 Science Team, M. Roe", ["OCO-2 Science Team", "Roe"]),
        ("LHCb collaboration, A. A. Doe, Jr. et al.", ["LHCb collaboration", "Doe"]),
        ("Centers for Counting and Prevention", ["Centers for Counting and Prevention"]),
        ("National Academies of Sciences, Arts, and Letters", ["National Academies of Sciences, Arts, and Letters"]),
        ("J. Slim and on behalf of the JEDI collaboration", ["Slim", "JEDI collaboration"]),
        ("Ade P. et al. (Planck Collaboration)", ["Ade", "Planck Collaboration"]),
        ("R Core Team", ["R Core Team"]),
        ("王小明, 欧阳修", ["王", "欧阳"]),
        ("山田太郎、佐藤花子", ["山田", "佐藤"]),
        ("김철수, 박영희", ["김", "박"]),
    ],
)
def test_families(text: str, families: list[str]) -> None:
    assert [author.family for author in read_people(text)] == families


def test_suffixes_belong_to_the_name_before() -> None:
    roe, doe = read_people("Roe Jr., C. F., Doe, R. E., III")
    assert (roe.family, roe.given, roe.suffix) == ("Roe", "C. F.", "Jr.")
    assert (doe.family, doe.given, doe.suffix) == ("Doe", "R. E.", "III")


@pytest.mark.parametrize("text", ["A, " * 40_000, "A B " * 30_000, "and " * 30_000, "J. " * 40_000, "(" * 100_000])
def test_long_junk_is_quick(text: str) -> None:
    started = time.perf_counter()
    read_people(text)
    assert time.perf_counter() - started < 2


def test_repeats_authors() -> None:
    assert repeats_authors("———. Title") == 5
    assert repeats_authors("--- Title") == 4
    assert repeats_authors("Title") == 0
