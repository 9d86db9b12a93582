from __future__ import annotations

from indexer.references.labeller import Labelled
from indexer.references.mending import mend_labels


def spans_of(text: str, *parts: tuple[str, str]) -> list[Labelled]:
    return [Labelled(label, text.index(part), text.index(part) + len(part)) for label, part in parts]


def test_an_organisation_before_a_title_is_its_author() -> None:
    text = "The Atlas Research Network. Portraits of tests. Nature 490, 61 (2012)."
    spans = spans_of(
        text, ("title", "The Atlas Research Network"), ("title", "Portraits of tests"), ("journal", "Nature")
    )
    assert [span.label for span in mend_labels(text, spans)] == ["author", "title", "journal"]


def test_two_titles_of_no_organisation_stay() -> None:
    text = "Portraits of tests. A second part. Nature 490, 61 (2012)."
    spans = spans_of(text, ("title", "Portraits of tests"), ("title", "A second part"))
    assert mend_labels(text, spans) == spans


def test_a_title_parts_from_unspaced_names() -> None:
    text = "王小明, 李伟. 基于深度学习的方法. 学报, 2018."
    spans = spans_of(text, ("author", "王小明, 李伟. 基于深度学习的方法"), ("journal", "学报"))
    mended = mend_labels(text, spans)
    assert [(span.label, text[span.start : span.end]) for span in mended] == [
        ("author", "王小明, 李伟"), ("title", "基于深度学习的方法"), ("journal", "学报"),
    ]  # fmt: skip


def test_nothing_stays_nothing() -> None:
    assert mend_labels("", []) == []
