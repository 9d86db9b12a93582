from __future__ import annotations

import pytest

from indexer.references.people import read_people, repeats_authors


@pytest.mark.parametrize(
    ("text", "names", "rest"),
    [
        ("Allaire, J., Xie, Y., et al. (2018). R", ["J. Allaire", "Y. Xie"], " (2018). R"),
        ("J. Andrew Royle and L. Mark Berliner. 1999.", ["J. Andrew Royle", "L. Mark Berliner"], ". 1999."),
        ("J. Neyman and Elizabeth L. Scott. 1948.", ["J. Neyman", "Elizabeth L. Scott"], ". 1948."),
        ("Y Katz, ET Wang, and CB Burge. 2010.", ["Y Katz", "ET Wang", "CB Burge"], ". 2010."),
        ("OCO-2 Science Team, M. Gunson, Level 2", ["OCO-2 Science Team", "M. Gunson"], ", Level 2"),
        ("Müller, Ö., & Łukasz, Ź. (2000)", ["Ö. Müller", "Ź. Łukasz"], " (2000)"),
        ("de la Cruz, A., & O’Neil, M. (2000)", ["A. de la Cruz", "M. O’Neil"], " (2000)"),
        ("the title begins at once", [], "the title begins at once"),
    ],
)
def test_read_people(text: str, names: list[str], rest: str) -> None:
    people = read_people(text)
    assert [author.name for author in people.authors] == names
    assert text[people.end :] == rest


def test_repeats_authors() -> None:
    assert repeats_authors("———. Title") == 5
    assert repeats_authors("--- Title") == 4
    assert repeats_authors("Title") == 0
