from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import InputError
from core.records import Author, Reference
from indexer.bibliographies.records import Record
from indexer.bibliographies.styles import MAX_STYLE_BYTES, checked_style, load_style, set_entries, shipped, style_names

_CSL = '<style xmlns="http://purl.org/net/xbiblio/csl" version="1.0" class="in-text"{more}>{body}</style>'
_PLAIN = "<info/><citation><layout/></citation><bibliography><layout><text variable='title'/></layout></bibliography>"

ARTICLE = Record(
    key="a",
    kind="article-journal",
    number="3",
    reference=Reference(
        index=0, raw="plain", page=0, title="Reading & writing: a 50% study", venue="Journal of Tests", volume="12",
        authors=(Author(family="van der Berg", given="Jan Piet"), Author(family="Doe", given="C.", suffix="Jr."),
                 Author(family="IceCube Collaboration")),
        pages="401–419", year=1999, doi="10.1000/182",
    ),
)  # fmt: skip
KOREAN = Record(
    key="b",
    kind="document",
    reference=Reference(
        index=0, raw="plain", page=0, title="A preprint", authors=(Author(family="김", given="철수"),), year=2020,
        arxiv_id="2001.00001",
    ),
)  # fmt: skip
UNSIGNED = Record(key="c", kind="book", reference=Reference(index=0, raw="plain", page=0, title="Unsigned", year=2001))


@pytest.mark.parametrize(
    ("name", "entries"),
    [
        ("apa", [("van der Berg, J. P., Doe, C., Jr., & IceCube Collaboration. (1999). Reading & writing: a 50% study. "
                  "Journal of Tests, 12(3), 401–419. https://doi.org/10.1000/182"),
                 "김철수. (2020). A preprint. arXiv (2001.00001). https://arxiv.org/abs/2001.00001",
                 "Unsigned. (2001)."]),
        ("IEEE", [("[1] J. P. van der Berg, C. Doe Jr., and IceCube Collaboration, “Reading & writing: a 50% study”, "
                   "Journal of Tests, vol. 12, no. 3, pp. 401–419, 1999, doi: 10.1000/182."),
                  "[2] 김철수, “A preprint”, 2020. [Online]. Available: https://arxiv.org/abs/2001.00001",
                  "[3] Unsigned. 2001."]),
    ],
)  # fmt: skip
def test_entries_as_styles_print_them(name: str, entries: list[str]) -> None:
    assert set_entries([ARTICLE, KOREAN, UNSIGNED], load_style(name)) == entries


@pytest.mark.parametrize("name", ["chicago", "vancouver", "mla", "nature"])
def test_styles_by_their_short_names(name: str) -> None:
    printed = set_entries([ARTICLE, UNSIGNED], load_style(name))
    assert "van der Berg" in printed[0]
    assert "1999" in printed[0]
    assert "Unsigned" in printed[1]
    assert all("  " not in entry and entry == entry.strip() for entry in printed)
    assert len(style_names()) > 1_000


def test_a_style_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.csl"
    path.write_bytes(shipped("nature"))
    assert set_entries([ARTICLE], load_style(str(path))) == set_entries([ARTICLE], load_style("nature"))
    assert set_entries([], load_style(str(path))) == []


_USES_M0 = '<bibliography><layout><text macro="m0"/></layout></bibliography>'
_CIRCLE = '<macro name="m0"><text macro="m1"/></macro><macro name="m1"><text macro="m0"/></macro>'
_BOMB = "".join(f'<macro name="m{n}"><text macro="m{n + 1}"/><text macro="m{n + 1}"/></macro>' for n in range(60))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<nothing", "no XML"),
        ("<html/>", "no citation style"),
        (_CSL.format(more="", body="<info/><citation><layout/></citation>"), "no bibliography"),
        (_CSL.format(more=' default-locale="../x"', body=_PLAIN), "locale"),
        (_CSL.format(more="", body=_CIRCLE + _USES_M0), "circles"),
        (_CSL.format(more="", body=_BOMB + _USES_M0), "too often"),
        ("x" * (MAX_STYLE_BYTES + 1), "larger"),
    ],
    ids=["no XML", "no CSL", "notes", "locale", "circles", "bomb", "large"],
)
def test_styles_that_cannot_be_set_are_refused(source: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        checked_style(source.encode(), name="mine.csl")


def test_entities_are_never_expanded() -> None:
    bomb = '<!DOCTYPE style [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    style = checked_style(
        (bomb + _CSL.format(more="", body=_PLAIN.replace("<info/>", "<info>&b;&f;</info>"))).encode(), name="x"
    )
    assert b"ENTITY" not in style.source
    assert b"xxxxxxxxxx" not in style.source


@pytest.mark.parametrize("name", ["no-such", "../../etc/passwd", "", "a\0b", "missing.csl", "x" * 500])
def test_unknown_styles_are_told(name: str) -> None:
    with pytest.raises(InputError) as raised:
        load_style(name)
    assert "apa" in raised.value.hint
