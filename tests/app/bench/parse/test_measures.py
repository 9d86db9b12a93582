"""Known errors give exactly the figures they must."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from app.bench.parse.jose import find_jose, read_jose
from app.bench.parse.measures import measure
from app.bench.parse.scores import Score
from app.bench.parse.styles import find_styles, read_style
from app.bench.parse.truth import Found, Truth, read_found
from core.errors import InputError
from tests.pdfs import make_pdf

BBL = r"""\begin{thebibliography}{4}
\bibitem{a} A.~Adler, {\em On apples and their trees}, Journal of Fruit, 3 (2001), pp.~1--9.
\bibitem{b} B.~{van Beek}, {\em On bees and the honey they make}, Journal of Insects, 7 (2002), p.~11.
\bibitem{c} C.~Cole, {\em Coal mines of the old north}, Some Press, 2003.
\bibitem{d} {\em Dolphins without an author}, Sea Press, 2004.
\end{thebibliography}"""
TRUTH = {
    "style": "tiny",
    "title": "The Parts of a Paper",
    "authors": ["Ada B. Lovelace", "Charles Babbage"],
    "abstract": "All that there is to say about the parts of a paper, said as briefly as it can be said.",
    "headings": ["Introduction", "Methods", "Results"],
    "refs": {
        "a": {"author": "Adler, Anna", "title": "On apples and their trees", "year": "2001"},
        "b": {"author": "van Beek, B. and Adler, A.", "title": "{On bees and the honey they make}", "year": "2002"},
        "c": {"author": "Carl Cole", "title": "Coal mines of the old north", "year": "2003"},
        "d": {"title": "Dolphins without an author", "year": "2004"},
    },
    "mentions": [["a"], ["b", "c"], ["a"], ["d"]],
}
RAWS = {
    "a": "A. Adler, On apples and their trees, Journal of Fruit, 3 (2001), pp. 1–9.",
    "b": "B. van Beek, On bees and the honey they make, Journal of Insects, 7 (2002), p. 11.",
    "c": "C. Cole, Coal mines of the old north, Some Press, 2003.",
    "d": "Dolphins without an author, Sea Press, 2004.",
}


@pytest.fixture
def truth(tmp_path: Path) -> Truth:
    """A paper whose truth is known."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    make_pdf(folder / "tiny.pdf")
    (folder / "main.bbl").write_text(BBL)
    (folder / "truth.json").write_text(json.dumps(TRUTH))
    assert find_styles(tmp_path) == [folder]
    return read_style(folder)


@pytest.fixture
def record() -> dict[str, Any]:
    """A faultless reading of it."""
    people = [
        {"given": "A.", "family": "Adler"},
        {"given": "B.", "family": "van Beek"},
        {"given": "C.", "family": "Cole"},
    ]
    titles = [TRUTH["refs"][key]["title"].strip("{}") for key in RAWS]  # type: ignore[index]
    return {
        "title": "The parts of a paper",
        "authors": [{"given": "Ada B.", "family": "Lovelace"}, {"given": "C.", "family": "Babbage"}],
        "abstract": TRUTH["abstract"],
        "sections": [{"heading": "1 Introduction"}, {"heading": "METHODS"}, {"heading": "3. Results"}],
        "references": [
            {"index": index, "raw": raw, "title": title, "year": 2001 + index, "authors": people[index : index + 1]}
            for index, (raw, title) in enumerate(zip(RAWS.values(), titles, strict=True))
        ],
        "mentions": [{"reference_indices": indices} for indices in ([0], [1, 2], [0], [3])],
    }


def _scores(truth: Truth, found: Found) -> dict[str, tuple[float, float, float]]:
    scores = {name: result.score for name, result in measure(truth, found).items()}
    return {name: (score.right, score.found, score.expected) for name, score in scores.items()}


def test_a_faultless_reading_scores_one_in_all(truth: Truth, record: dict[str, Any]) -> None:
    results = measure(truth, read_found(record))
    assert set(results) == {"segmentation", "usable", "title", "authors", "abstract", "headings", "mentions"}
    assert {name: result.score.f1 for name, result in results.items()} == dict.fromkeys(results, 1.0)
    assert not any(result.missed or result.wrong for result in results.values())


def test_nothing_found_scores_zero_in_all(truth: Truth) -> None:
    results = measure(truth, read_found({}))
    assert {name: result.score.f1 for name, result in results.items()} == dict.fromkeys(results, 0.0)


def test_entries_run_together_count_for_neither(truth: Truth, record: dict[str, Any]) -> None:
    references = record["references"]
    references[1:3] = [references[1] | {"raw": f"{RAWS['b']} {RAWS['c']}"}]
    results = measure(truth, read_found(record))
    assert results["segmentation"].score == Score(right=2, found=3, expected=4)
    assert len(results["segmentation"].missed) == 2
    assert results["segmentation"].wrong == (f"{RAWS['b']} {RAWS['c']}",)
    assert results["usable"].score == Score(right=3, found=4, expected=4)  # b's fields are right all the same
    # Index 2 means nothing any more, 1 an entry that is neither b nor c, and 3 still the last one.
    assert results["mentions"].score == Score(right=3, found=4, expected=5)


def test_wrong_fields_are_not_usable(truth: Truth, record: dict[str, Any]) -> None:
    references = record["references"]
    references[0]["title"] += ", Journal of Fruit"
    references[1]["authors"] = [{"given": "B. van", "family": "Beek"}]  # the particle may stand with the given name
    references[2]["year"] = 2013
    references[3]["authors"] = [{"given": "", "family": "Dolphins"}]
    result = measure(truth, read_found(record))["usable"]
    assert result.score == Score(right=1, found=4, expected=4)
    assert result.missed[0] == "'On apples and their trees', 2001, Adler"
    assert result.wrong[0] == "'On apples and their trees, Journal of Fruit', 2001, Adler"


def test_persons_headings_and_citations_count_in_their_order(truth: Truth, record: dict[str, Any]) -> None:
    record["authors"].reverse()
    record["sections"][1]["heading"] = "1 Method"
    record["sections"].append({"heading": "Figure 1"})
    record["mentions"] = [{"reference_indices": indices} for indices in ([1], [0], [2, 3], [0])]
    scores = _scores(truth, read_found(record))
    assert scores["authors"] == (1, 2, 2)
    assert scores["headings"] == (2, 4, 3)
    assert scores["mentions"] == (3, 5, 5)  # a; c of (b, c); a: the first is extra, d is missed


def test_an_abstract_with_half_of_the_introduction_is_not_the_abstract(truth: Truth, record: dict[str, Any]) -> None:
    record["abstract"] += " And then it goes on for quite a while."
    assert _scores(truth, read_found(record))["abstract"] == (0, 1, 1)


def test_records_of_other_shapes_count_as_not_found(truth: Truth, record: dict[str, Any]) -> None:
    bad = copy.deepcopy(record)
    bad["title"] = None
    bad["authors"] = ["Ada Lovelace", {"family": 3}]
    bad["sections"] = "Introduction"
    bad["references"][0] = {"raw": RAWS["a"], "year": "2001", "authors": None, "index": "x"}
    bad["mentions"] = [{"reference_indices": ["0", None, 99, float("nan")]}, {}, None]
    scores = _scores(truth, read_found(bad))
    assert scores["title"] == (0, 1, 1)
    assert scores["headings"] == (0, 0, 3)
    assert scores["segmentation"] == (4, 4, 4)
    assert scores["mentions"] == (1, 1, 5)


def test_a_style_without_titles_is_not_measured_by_usable_references(truth: Truth, record: dict[str, Any]) -> None:
    folder = truth.path.parent
    (folder / "main.bbl").write_text("\n".join(f"\\bibitem{{{key}}} Someone, Somewhere {key}, 7." for key in RAWS))
    assert "usable" not in _scores(read_style(folder), read_found(record))


def test_truth_without_printed_entries_is_measured_by_title(truth: Truth, record: dict[str, Any]) -> None:
    folder = truth.path.parent
    (folder / "main.bbl").write_text(r"\entry{a}{article}{}{}")  # what biblatex writes
    scores = _scores(read_style(folder), read_found(record))
    assert "segmentation" not in scores
    assert scores["references"] == (4, 4, 4)
    assert scores["mentions"] == (5, 5, 5)


def test_printed_entries_may_stand_in_the_truth(truth: Truth, record: dict[str, Any]) -> None:
    folder = truth.path.parent
    (folder / "main.bbl").unlink()
    (folder / "truth.json").write_text(json.dumps(TRUTH | {"printed": RAWS}))
    assert _scores(read_style(folder), read_found(record))["segmentation"] == (4, 4, 4)


@pytest.mark.parametrize("name", ["truth.json", "tiny.pdf"])
def test_a_folder_that_is_not_whole_is_named(truth: Truth, name: str) -> None:
    (truth.path.parent / name).write_text("[]")
    if name == "tiny.pdf":
        (truth.path.parent / name).unlink()
    with pytest.raises(InputError, match="tiny"):
        read_style(truth.path.parent)


DEPOSIT = """<doi_batch xmlns="http://www.crossref.org/schema/4.4.0"><body><journal><journal_metadata>
<full_title>Journal of Trees</full_title></journal_metadata><journal_article>
<titles><title>On &lt;i&gt;Apples&lt;/i&gt;</title></titles>
<contributors><person_name contributor_role="author"><given_name>Jai</given_name>
<surname>B Rideout</surname></person_name>
<person_name contributor_role="editor"><given_name>E</given_name><surname>Ditor</surname></person_name></contributors>
<doi_data><doi>10.1000/own</doi></doi_data>
<citation_list>
<citation key="1"><doi>10.1000/One</doi></citation>
<citation key="2"><doi>10.1000/one</doi></citation>
<citation key="3"><article_title>A Title</article_title>
<unstructured_citation>X. A Title.</unstructured_citation></citation>
<citation key="4"><unstructured_citation>Big%20Trees, Oak, 2001</unstructured_citation></citation>
<citation key="5"/>
</citation_list></journal_article></journal></body></doi_batch>"""
JATS = """<article><front><title>No</title></front><body>
<sec><title>Trees</title><sec><title>Oaks &amp; elms</title></sec>
<fig><caption><title>No</title></caption></fig></sec></body>
<back><ref-list><title>No</title></ref-list></back></article>"""


def test_a_deposit_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "paper"
    (folder / "jats").mkdir(parents=True)
    make_pdf(folder / "paper.pdf")
    (folder / "paper.crossref.xml").write_text(DEPOSIT)
    (folder / "jats" / "paper.jats").write_text(JATS)
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "no.crossref.xml").write_text(DEPOSIT)
    assert find_jose(tmp_path) == [folder]
    truth = read_jose(folder)
    assert truth.title == "On Apples"
    assert truth.authors == (("Jai B", "Rideout"),)
    assert truth.headings == ("Trees", "Oaks & elms")
    assert [each.key for each in truth.references or ()] == ["1", "3", "4"]
    assert truth.abstract is not None
    assert truth.abstract.startswith("A Study of Citation Tokens in short")
    found = read_found(
        {"references": [{"doi": "10.1000/ONE"}, {"title": "a title"}, {"title": "Big trees"}, {"title": "No"}]}
    )
    assert measure(truth, found)["references"].score == Score(right=3, found=4, expected=3)
