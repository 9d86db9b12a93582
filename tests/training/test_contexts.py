"""Places that cite, with what they cite."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.contexts import AFTER_CHARS, BEFORE_CHARS, CitedPlace, cited_places, cited_works
from training.corpus.records import SourcePaper, read_papers

REFS = [
    {"title": "Urchins in winter", "authors": ["Vries J"], "year": "2019", "venue": "J Sea"},
    {"title": "Otters", "authors": ["Roe L"], "year": "2001", "venue": "Sea"},
    {"title": "", "authors": ["Web"], "year": "", "venue": ""},
]


def paper(folder: Path, *paragraphs: tuple[str, str], refs: list[dict[str, object]] | None = None) -> SourcePaper:
    """A paper from paragraphs in which ``{0}`` cites the first reference."""
    paras = []
    for heading, template in paragraphs:
        text, mentions = "", []
        for number, part in enumerate(template.replace("}", "{").split("{")):
            if number % 2:
                marker = f"Name{part}, 20{part}0"
                mentions.append([len(text), len(text) + len(marker), int(part)])
                text += marker
            else:
                text += part
        paras.append([heading, text, mentions])
    record = {"id": "1", "title": "A paper", "abstract": "", "authors": [], "refs": refs or REFS, "paras": paras}
    path = folder / "some.jsonl"
    path.write_text(json.dumps(record), encoding="utf-8")
    [read] = read_papers(path)
    return read


def places(folder: Path, template: str) -> list[CitedPlace]:
    return cited_places(paper(folder, ("Intro", template)))


def test_all_markers_are_taken_out(tmp_path: Path) -> None:
    found = places(tmp_path, "Urchins graze ({0}; {1}) and otters dive ({1}). As {0} said.")
    assert [(each.before, each.after) for each in found] == [
        ("Urchins graze", "and otters dive. As said."),
        ("Urchins graze", "and otters dive. As said."),
        ("Urchins graze and otters dive", ". As said."),
        ("Urchins graze and otters dive. As", "said."),
    ]
    assert [each.targets for each in found] == [("urchinsinwinter",), ("otters",), ("otters",), ("urchinsinwinter",)]
    assert not any("Name" in each.before + each.after for each in found)


def test_a_reference_without_title_is_no_target(tmp_path: Path) -> None:
    assert places(tmp_path, "See {2}.") == []


def test_context_stays_within_the_section(tmp_path: Path) -> None:
    source = paper(tmp_path, ("One", "Far away."), ("Two", "Near one."), ("Two", "Nearer {0}."), ("Three", "Beyond."))
    [place] = cited_places(source)
    assert (place.section, place.before, place.after) == ("Two", "Near one. Nearer", ".")


def test_long_contexts_are_cut_between_words(tmp_path: Path) -> None:
    [place] = places(tmp_path, "urchin " * 200 + "{0}" + " otter" * 100)
    assert BEFORE_CHARS - 7 <= len(place.before) <= BEFORE_CHARS
    assert AFTER_CHARS - 6 <= len(place.after) <= AFTER_CHARS
    assert set(place.before.split()) == {"urchin"}
    assert set(place.after.split()) == {"otter"}


def test_the_commonest_printing_of_a_work_is_taken(tmp_path: Path) -> None:
    forms = [{"title": title, "authors": [name], "year": "2019", "venue": ""} for title, name in
             [("Urchins in Winter", "Vries J"), ("URCHINS IN WINTER", "Vries J"), ("Urchins in Winter", "Vries J"),
              ("12345", "Num B"), ("", "No T")]]  # fmt: skip
    works = cited_works([paper(tmp_path, ("Intro", "None."), refs=forms)])
    assert [(work.key, work.title, work.surname) for work in works.values()] == [
        ("urchinsinwinter", "Urchins in Winter", "Vries")
    ]


@given(
    parts=st.lists(
        st.sampled_from(["({0})", "{1}", "({0}; {1})", " text ", "word", " (see {0})", ". ", "; "]), max_size=9
    )
)
def test_no_marker_survives(parts: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    found = places(tmp_path_factory.mktemp("c"), "Start " + "".join(parts))
    assert len(found) == sum(part.count("{") for part in parts)
    assert not any("Name" in each.before + each.after for each in found)
    assert all("\x00" not in each.before + each.after for each in found)
