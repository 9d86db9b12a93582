from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.corpus.records import read_papers
from training.worthiness.examples import Example, is_usable, paper_examples

REFS = [{"title": f"Title {n} of all", "authors": ["Roe A"], "year": "2010", "venue": "Sea"} for n in range(4)]
CITING = "Otters are known to dive (Roe, 2010) in winter. Urchins graze on kelp at night (Doe, 2011). "


def examples(folder: Path, *paragraphs: tuple[str, str], refs: int = 4) -> list[Example]:
    paras = [
        [
            heading,
            text,
            [[at, at + 9, n] for n, name in enumerate(["Roe, 2010", "Doe, 2011"]) if (at := text.find(name)) >= 0],
        ]
        for heading, text in paragraphs
    ]
    paras.append(["Introduction", "Both were seen (Poe, 2012).", [[16, 25, 2]]])
    record = {"id": "1", "title": "A paper", "abstract": "We saw otters dive.", "refs": REFS[:refs], "paras": paras}
    path = folder / "some.jsonl"
    path.write_text(json.dumps(record), encoding="utf-8")
    [paper] = read_papers(path)
    assert is_usable(paper.document)
    return list(paper_examples(paper))


def test_sentences_carry_what_stands_around_them_without_its_markers(tmp_path: Path) -> None:
    first, second, third = examples(tmp_path, ("Introduction", CITING + "We counted both on each day of May."))[:3]
    assert (first.sentence.text, first.cites) == ("Otters are known to dive in winter.", True)
    assert (second.sentence.before, second.sentence.before_cites) == (first.sentence.text, True)
    assert (third.cites, third.sentence.place, third.sentence.section) == (False, 2, "Introduction")
    assert "Doe" not in third.sentence.before


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        ("Acknowledgements", "We thank all who have counted otters with us."),
        ("NeurIPS Paper Checklist", "We have answered each of these questions in full."),
        ("Results", "Figure 2: Otters that were counted on each day."),
        ("Results", "0.1 0.2 0.3 0.4 a b c d 0.5 0.6 0.7 0.8."),
        ("Results", "and which was continued on the following page of it."),
    ],
)
def test_what_is_no_running_text_is_not_asked(tmp_path: Path, heading: str, text: str) -> None:
    found = examples(tmp_path, ("Introduction", CITING), (heading, text))
    assert [example.sentence.text for example in found] == [
        "Otters are known to dive in winter.", "Urchins graze on kelp at night."
    ]  # fmt: skip


def test_a_citation_that_was_not_linked_is_still_no_negative(tmp_path: Path) -> None:
    text = CITING + "Limpets cling to rocks in storms (Loe et al., 2019)."
    [*_, last] = examples(tmp_path, ("Introduction", text))
    assert (last.sentence.text, last.cites) == ("Limpets cling to rocks in storms.", True)


def test_a_paper_whose_citations_were_not_found_is_left_out(tmp_path: Path) -> None:
    record = {"id": "1", "title": "A", "refs": REFS, "paras": [["I", "Otters dive in winter and in summer [1].", []]]}
    path = tmp_path / "some.jsonl"
    path.write_text(json.dumps(record), encoding="utf-8")
    [paper] = read_papers(path)
    assert list(paper_examples(paper)) == []
