from __future__ import annotations

import pytest

from indexer.pdf.glyphs import lowered, repair, superscript


@pytest.mark.parametrize(
    ("raw", "repaired"),
    [
        ("B¨uhlmann", "Bühlmann"),
        ("Tard´os", "Tardós"),
        ("Mazi`eres", "Mazières"),
        ("Gon¸calves", "Gonçalves"),
        ("Dess`ı", "Dessì"),
        ("Haˇcek and ˚Angstr¨om", "Haček and Ångström"),
        ("eﬃcient ﬂow", "efficient flow"),
        ("two  spaces\u00a0and\ttab", "two spaces and tab"),
        ("nul\x00 and private \ue000", "nul and private "),
        ("`quoted'", "`quoted'"),
        ("深度学习", "深度学习"),
        ("soft\u00ad", "soft\u00ad"),
    ],
)
def test_repair(raw: str, repaired: str) -> None:
    assert repair(raw) == repaired


def test_superscript_and_back() -> None:
    assert superscript("2,5–7") == "²,⁵⁻⁷"
    assert superscript("th") == "th"
    assert lowered("²,⁵⁻⁷") == "2,5-7"


def test_accents_stand_on_letters_without_dots() -> None:
    assert repair("Z\u030c\u0131\u0301dek") == "Žídek"


def test_positions_in_the_encodings_of_tex_become_characters() -> None:
    assert repair("shape\x1cles and e\x0bort") == "shapefiles and effort"
    assert repair("\x10quoted\x11 1990\x152000") == "“quoted” 1990–2000"
