"""Corpora of full papers read into Documents."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from training.corpus.records import read_papers

INTRODUCTION = "Urchins &amp; otters  graze  [1, 3]. More [2] here."
BY_SECTIONS: dict[str, Any] = {
    "id": "p1",
    "title": "Kelp forests &amp; their grazers",
    "authors": ["Ada M. Lund", "Bo Qvist"],
    "abstract": "We count urchins.",
    "keywords": ["kelp"],
    "style": "num",
    "license": "CC BY 4.0",
    "refs": [
        {"title": "Urchins in winter", "authors": "Jan de Vries and Kim Oh", "year": "2019", "venue": "Sea"},
        {"title": "", "authors": "", "year": "", "venue": "", "raw": "A web page"},
        {"title": "Otters &lt; kelp", "authors": "L. Roe", "year": "in press", "venue": "Sea", "raw": ""},
    ],
    "secs": [
        ["Kelp forests &amp; their grazers", [["Ada M. Lund 1 Bo Qvist 2", []]]],
        ["Abstract", [["We count urchins.", []]]],
        ["1 Introduction", [[INTRODUCTION, [[29, 35, [0, 2]], [42, 45, [1]]]]]],
        ["1.1 Sites", [["", []], ["None.", []]]],
    ],
}  # fmt: skip
BY_PATHS: dict[str, Any] = {
    "id": "q1",
    "doi": "10.1/q",
    "title": "Grazing at night",
    "authors": ["Eve Poe"],
    "year": "2014",
    "license": "CC0",
    "abstract": "Night matters.",
    "refs": [{"title": "Dark reefs", "authors": ["Oduya JE"], "year": "2001", "venue": "Reef", "doi": "10.2/d"}],
    "paras": [
        ["Results / Counts", "Fish sleep (Oduya, 2001).", [[12, 24, 0], [500, 600, 0], [13, 20, 0], [0, 4, 7]]],
        ["Results / Weights", "Fish weigh little.", []],
    ],
}


def written(path: Path, *records: Any) -> Path:
    text = "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in records)
    path.write_bytes(lzma.compress(text.encode()) if path.suffix == ".xz" else text.encode())
    return path


def test_sections_become_a_document(tmp_path: Path) -> None:
    [paper] = read_papers(written(tmp_path / "sea.train.jsonl.xz", BY_SECTIONS))
    document = paper.document
    assert (paper.id, paper.source, paper.licence) == ("p1", "sea.train", "CC BY 4.0")
    assert document.title == "Kelp forests & their grazers"
    assert [author.family for author in document.authors] == ["Lund", "Qvist"]
    assert [(each.number, each.heading, each.level) for each in document.sections] == [
        ("", "Abstract", 1), ("1", "Introduction", 1), ("1.1", "Sites", 2),
    ]  # fmt: skip
    assert [passage.kind for passage in document.passages] == ["abstract", "paragraph", "paragraph"]
    assert document.references[0].authors[0].family == "de Vries"
    assert document.references[0].year == 2019
    assert document.references[2].title == "Otters < kelp"
    assert document.references[2].year is None


def test_mentions_follow_the_cleaned_text(tmp_path: Path) -> None:
    [paper] = read_papers(written(tmp_path / "sea.jsonl", BY_SECTIONS))
    text = paper.document.text
    assert [(text[each.start : each.end], each.reference_indices) for each in paper.document.mentions] == [
        ("[1, 3]", (0, 2)), ("[2]", (1,)),
    ]  # fmt: skip
    assert "Urchins & otters graze [1, 3]." in text
    assert paper.document.mentions[0].sentence == "Urchins & otters graze [1, 3]."


def test_paths_become_nested_sections(tmp_path: Path) -> None:
    [paper] = read_papers(written(tmp_path / "fish.jsonl.xz", BY_PATHS))
    document = paper.document
    assert [(each.heading, each.level, each.parent) for each in document.sections] == [
        ("Results", 1, None), ("Counts", 2, 0), ("Weights", 2, 0),
    ]  # fmt: skip
    assert document.sections[0].end == document.passages[-1].end
    assert document.passages[0].kind == "abstract"
    assert document.references[0].authors[0].family == "Oduya"


def test_mentions_that_cannot_be_are_left_out(tmp_path: Path) -> None:
    [paper] = read_papers(written(tmp_path / "fish.jsonl", BY_PATHS))
    assert [each.text for each in paper.document.mentions] == ["Oduya, 2001)"]


def test_a_bad_line_is_left_out_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    papers = list(read_papers(written(tmp_path / "x.jsonl", BY_SECTIONS, "{broken\n", BY_PATHS)))
    assert [paper.id for paper in papers] == ["p1", "q1"]
    assert "x.jsonl:2" in caplog.text


@pytest.mark.parametrize("lines", [("{}\n", "[]\n"), ("1\n", "2\n"), ("not json\n",)])
def test_a_file_of_something_else_is_refused(tmp_path: Path, lines: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match=r"x\.jsonl"):
        list(read_papers(written(tmp_path / "x.jsonl", *lines)))


def test_a_missing_or_damaged_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        list(read_papers(tmp_path / "none.jsonl"))
    damaged = tmp_path / "cut.jsonl.xz"
    damaged.write_bytes(written(tmp_path / "sea.jsonl.xz", BY_SECTIONS).read_bytes()[:-40])
    with pytest.raises(InputError, match="cannot be read"):
        list(read_papers(damaged))


@given(
    pieces=st.lists(
        st.tuples(st.text("ab &;<\t", max_size=12), st.text("[12], ", min_size=1, max_size=6)), min_size=1, max_size=6
    )
)
def test_spans_always_name_their_text(pieces: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    text, mentions = "", []
    for plain, marker in pieces:
        text += plain
        mentions.append([len(text), len(text) + len(marker), 0])
        text += marker
    record = {**BY_PATHS, "paras": [["Results", text, mentions]]}
    [paper] = read_papers(written(tmp_path_factory.mktemp("corpus") / "x.jsonl", record))
    whole = paper.document.text
    for passage in paper.document.passages:
        assert whole[passage.start : passage.end] == passage.text
    for mention in paper.document.mentions:
        assert whole[mention.start : mention.end] == mention.text
        assert mention.text
    assert len(paper.document.mentions) == sum(1 for _, marker in pieces if marker.strip())
