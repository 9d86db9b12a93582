from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.errors import SearchIndexError
from indexer.search.analysis import Highlighter, query_terms, word_terms
from indexer.search.lexical import PASSAGE_FIELDS, LexicalIndex, LexicalItem, passage_fields
from tests.indexer.search.library import ids


def make_index(folder: Path, texts: dict[int, str], *, title: str = "") -> LexicalIndex:
    """Each text is a passage of its own paper, whose id is the passage's plus 1000."""
    index = LexicalIndex.create(folder, PASSAGE_FIELDS)
    for id_, text in texts.items():
        index.replace(id_ + 1000, [LexicalItem(id=id_, fields=passage_fields(title, text))])
    index.commit()
    return index


def test_stems_case_accents_and_ligatures_do_not_matter(tmp_path: Path) -> None:
    index = make_index(tmp_path / "i", {1: "The ﬁne-tuned Models of Erdős", 2: "Nothing of the kind"})
    for query in ("fine", "model", "MODELING", "erdos", "Erdo\u030bs"):
        assert ids(index.search(query, top=5)) == [1], query


@pytest.mark.parametrize(
    "query", ['"AND (', "*", "title:", "a OR", "NOT", "[1 TO", "\\", "~", "^2", "+-", "\ud800", "\x00", "🙂", "  "]
)
def test_operators_and_stray_characters_find_nothing_and_break_nothing(tmp_path: Path, query: str) -> None:
    index = make_index(tmp_path / "i", {1: "Language models"})
    assert index.search(query, top=5) == []
    assert ids(index.search(f"{query} models", top=5)) == [1]


def test_a_field_name_in_a_query_is_a_word(tmp_path: Path) -> None:
    index = make_index(tmp_path / "i", {1: "the group of units", 2: "no match"})
    assert ids(index.search("group:1002", top=5)) == [1]


def test_a_huge_query_is_bounded(tmp_path: Path) -> None:
    index = make_index(tmp_path / "i", {1: "word7 is here", 2: "other"})
    query = " ".join(f"word{number}" for number in range(8_000))
    started = time.perf_counter()
    assert len(query) > 50_000
    assert ids(index.search(query, top=5)) == [1]
    assert time.perf_counter() - started < 1.0
    assert len(query_terms(query)) <= 512


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("한국어 문장에서 인용을 찾는다", "인용"),
        ("大型语言模型可以预测引用", "语言模型"),
        ("大規模言語モデルの引用予測", "モデル"),
        ("大规模", "模"),
        ("แบบจำลองภาษาขนาดใหญ่", "ภาษา"),
    ],
)
def test_scripts_without_spaces_are_found_by_parts(tmp_path: Path, text: str, query: str) -> None:
    index = make_index(tmp_path / "i", {1: text, 2: "English text 無関係"})
    assert ids(index.search(query, top=5)) == [1]
    spans = Highlighter(query).spans(text)
    assert [text[start:end] for start, end in spans] == [query]


def test_stop_words_count_only_when_there_is_nothing_else(tmp_path: Path) -> None:
    index = make_index(tmp_path / "i", {1: "what it was", 2: "what citations do"})
    assert ids(index.search("what do citations do?", top=5)) == [2]
    assert set(ids(index.search("what", top=5))) == {1, 2}


@pytest.mark.parametrize("others", [0, 1_500], ids=["few", "many"])
def test_papers_filter_passages(tmp_path: Path, others: int) -> None:
    index = make_index(tmp_path / "i", {number: f"common text {'word ' * number}" for number in range(60)})
    wanted = frozenset({1003, 1007, *range(5_000, 5_000 + others)})
    assert sorted(ids(index.search("common", top=10, paper_ids=wanted))) == [3, 7]
    assert len(index.search("common", top=1, paper_ids=wanted)) == 1
    assert index.search("common", top=10, paper_ids=frozenset()) == []


def test_a_filter_does_not_change_scores(tmp_path: Path) -> None:
    index = make_index(tmp_path / "i", {1: "common rare", 2: "common", 3: "common rare"})
    everything = {item.id: item.score for item in index.search("common rare", top=9)}
    narrowed = index.search("common rare", top=9, paper_ids=frozenset({1001, 1002}))
    assert {item.id: item.score for item in narrowed} == pytest.approx({1: everything[1], 2: everything[2]})


def test_a_group_is_replaced_and_removed_as_a_whole(tmp_path: Path) -> None:
    index = make_index(tmp_path / "i", {1: "old words", 2: "other words"})
    index.replace(1001, [LexicalItem(id=number, fields=passage_fields("", "new words")) for number in (8, 9)])
    assert ids(index.search("old", top=5)) == [1], "nothing is visible before the commit"
    index.commit()
    assert index.search("old", top=5) == []
    assert ids(index.search("new", top=5)) == [8, 9]
    index.remove(1001)
    index.remove(77)
    index.commit()
    assert ids(index.search("words", top=5)) == [2]
    assert len(index) == 1


def test_discarded_changes_never_show(tmp_path: Path) -> None:
    index = make_index(tmp_path / "i", {1: "kept"})
    index.remove(1001)
    index.discard()
    index.replace(1002, [LexicalItem(id=2, fields=passage_fields("", "kept too"))])
    index.commit()
    assert sorted(ids(index.search("kept", top=5))) == [1, 2]


def test_a_reader_in_another_process_sees_a_commit(tmp_path: Path) -> None:
    index = make_index(tmp_path / "i", {1: "first words"})
    script = f"""
import sys
from pathlib import Path
from indexer.search.lexical import LexicalIndex, PASSAGE_FIELDS
index = LexicalIndex(Path({str(tmp_path / "i")!r}), PASSAGE_FIELDS)
for line in sys.stdin:
    print([item.id for item in index.search("words", top=5)], flush=True)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        answers = []
        for number in (2, 3):
            reader.stdin.write("\n")
            reader.stdin.flush()
            answers.append(reader.stdout.readline().strip())
            index.replace(1000 + number, [LexicalItem(id=number, fields=passage_fields("", "more words here"))])
            index.commit()
        reader.stdin.write("\n")
        reader.stdin.close()
        answers.append(reader.stdout.readline().strip())
    assert answers == ["[1]", "[1, 2]", "[1, 2, 3]"]


def test_a_folder_without_an_index_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(SearchIndexError, match="cannot be read") as caught:
        LexicalIndex(tmp_path / "none", PASSAGE_FIELDS)
    assert "reindex" in caught.value.hint


def test_a_title_helps_its_passages(tmp_path: Path) -> None:
    index = LexicalIndex.create(tmp_path / "i", PASSAGE_FIELDS)
    text = "we predict citations"
    index.replace(1, [LexicalItem(id=1, fields=passage_fields("On cats", text))])
    index.replace(2, [LexicalItem(id=2, fields=passage_fields("Galactica for science", text))])
    index.commit()
    assert ids(index.search("galactica citations", top=5)) == [2, 1]


def test_highlights_follow_stems_and_are_merged() -> None:
    text = "Citing papers: a citation-aware model cites models."
    spans = Highlighter("what do citations model?").spans(text)
    assert [text[start:end] for start, end in spans] == ["citation", "model", "models"]
    assert Highlighter("").spans(text) == ()
    assert Highlighter("语言模型").spans("大语言模型") == ((1, 5),)


def test_a_raised_citation_mark_is_no_part_of_a_word() -> None:
    assert Highlighter("batteries").spans("as batteries³ show") == ((3, 12),)
    assert word_terms("batteries³") == word_terms("batteries")
