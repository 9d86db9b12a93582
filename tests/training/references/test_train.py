from __future__ import annotations

import json
import lzma
from collections.abc import Mapping
from pathlib import Path

import pytest

from core.errors import InputError
from indexer.references.labeller import load_labeller
from training.references.evaluate import evaluate
from training.references.examples import part_of
from training.references.train import Recipe, train

TITLES = (
    "On reading references",
    "How lists are parted",
    "What labels tell",
    "Names and their parts",
    "A test of tests",
)
JOURNALS = ("Journal of Tests", "Annals of Parsing", "Letters on Lists")


def write_lines(path: Path, lines: list[Mapping[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with lzma.open(path, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(line) + "\n" for line in lines)


def bibl(number: int) -> str:
    return (
        f"<bibl><author>Roe, A. &amp; Doe{number % 7}, B.</author> (<date>{1990 + number % 30}</date>). "
        f'<title level="a">{TITLES[number % 5]}</title>. <title level="j">{JOURNALS[number % 3]}</title>, '
        f'<biblScope unit="volume">{number % 40 + 1}</biblScope>, '
        f'<biblScope unit="page">{number}-{number + 9}</biblScope>.</bibl>'
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of data like the one that the shipped model is trained on, very small."""
    folder = tmp_path / "data"
    citations = folder / "refstrings/grobid/citation"
    citations.mkdir(parents=True)
    for number in range(60):
        text = "".join(bibl(number * 3 + each) for each in range(3))
        (citations / f"{number}.xml").write_text(f"<citations>{text}</citations>", "utf-8")
    anystyle = folder / "refstrings/anystyle"
    anystyle.mkdir()
    (anystyle / "core.xml").write_text(
        "<dataset><sequence><author>Poe, E.</author><title>A book of tests.</title><location>Rome:</location>"
        "<publisher>Press,</publisher><date>2001.</date></sequence></dataset>",
        "utf-8",
    )
    refs = [{"title": title, "authors": ["Roe AB", "Doe C"], "year": "2001", "venue": JOURNALS[0]} for title in TITLES]
    write_lines(folder / "corpus/elife.train.jsonl.xz", [{"refs": refs}])
    write_lines(folder / "corpus/psychsci.train.jsonl.xz", [{"refs": refs}])
    direct = [{**ref, "authors": "Ada Roe and Carl Doe", "venue": "In ICML , pages 1-9"} for ref in refs]
    write_lines(folder / "corpus/neurips2025.train.jsonl.xz", [{"refs": direct}])
    papers = [{"title": title, "authors": ["Eve Poe"], "year": "2020", "venue": "Proc. Tests"} for title in TITLES]
    write_lines(folder / "library/acl_anthology_2022.jsonl.xz", papers)
    return folder


SMALL = Recipe(
    csl_styles=3,
    records_per_csl_style=1,
    house_styles=5,
    records_per_house_style=1,
    least_seen=1,
    attributes=400,
    passes=5,
)


def test_training_learns_repeats_itself_and_is_measured_on_other_files(data: Path, tmp_path: Path) -> None:
    told: list[str] = []
    report = train(data, tmp_path / "one", SMALL, on_progress=lambda what, done, total: told.append(what))
    again = train(data, tmp_path / "two", SMALL)
    assert report.sha256 == again.sha256
    assert report.examples["grobid"] == 3 * sum(part_of(f"{number}.xml") == "train" for number in range(60))
    assert report.examples["anystyle"] == 1
    assert {"rendering styles", "training"} <= set(told)
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == ["lexicon.json.xz", "references.crfsuite.gz"]
    scores = evaluate(data, labeller=load_labeller(tmp_path / "one"))
    assert scores.entries > 0
    assert scores.files * 3 == scores.entries
    assert scores.soft.micro.f1 > 0.9


def test_missing_data_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no TEI files"):
        train(tmp_path, tmp_path / "out", SMALL)
    assert not (tmp_path / "out").exists()
