from __future__ import annotations

import io
import json
import zipfile

import pytest

from core.errors import UnreadableFile
from tests.indexer.manuscripts.reading import check, docx, field, keys, marked, paragraph, read_docx, run, sentences

ZOTERO = json.dumps(
    {"citationItems": [{"id": 7, "itemData": {"id": "ada2020", "title": "Birds of the North", "DOI": "10.1/birds"}}]}
).replace('"', "&quot;")
ENDNOTE = (
    "ADDIN EN.CITE &lt;EndNote&gt;&lt;Cite&gt;&lt;Author&gt;Bo&lt;/Author&gt;&lt;Year&gt;2019&lt;/Year&gt;"
    "&lt;RecNum&gt;5&lt;/RecNum&gt;&lt;record&gt;&lt;titles&gt;&lt;title&gt;Owls&lt;/title&gt;&lt;/titles&gt;"
    "&lt;/record&gt;&lt;/Cite&gt;&lt;/EndNote&gt;"
)


def test_a_document_gives_title_headings_and_paragraphs() -> None:
    body = "".join(
        (
            paragraph("Counting Birds", style="Titel"),
            paragraph("Prior work", style="berschrift1"),
            paragraph("Birds sing [?]. Owls hoot (Ada &amp; Bo, 2019)."),
            "<w:tbl><w:tr><w:tc>" + paragraph("A cell.") + "</w:tc></w:tr></w:tbl>",
            paragraph("A picture.", style="Beschriftung"),
            paragraph("Ada (2020). Birds.", style="Literatur"),
        )
    )
    draft = read_docx(docx(body, footnotes=f'<w:footnote w:id="1">{paragraph("A note.")}</w:footnote>'))
    check(draft)
    assert draft.title == "Counting Birds"
    assert [heading.text for heading in draft.headings] == ["Prior work"]
    assert draft.text.splitlines()[2] == "Birds sing [?]. Owls hoot (Ada & Bo, 2019)."
    assert marked(draft) == ["[?]", "(Ada & Bo, 2019)"]
    assert {each.kind: each.text for each in draft.sentences if each.kind != "body"} == {
        "table": "A cell.", "caption": "A picture.", "footnote": "A note.",
    }  # fmt: skip
    assert sentences(draft) == ["Birds sing .", "Owls hoot ."]


@pytest.mark.parametrize(
    ("instruction", "known"),
    [
        (f"ADDIN ZOTERO_ITEM CSL_CITATION {ZOTERO}", ("ada2020",)),
        (f"ADDIN CSL_CITATION {ZOTERO}", ("ada2020",)),
        (ENDNOTE, ("Bo 2019 #5",)),
        (r"CITATION Ada20 \l 1033 \m Bo19", ("Ada20", "Bo19")),
        ("ADDIN ZOTERO_ITEM CSL_CITATION {damaged", ()),
    ],
)
def test_fields_of_reference_managers_are_marks(instruction: str, known: tuple[str, ...]) -> None:
    draft = read_docx(docx(paragraph("Birds sing ", more=field(instruction, "[12]") + run(". So they do."))))
    check(draft)
    assert marked(draft) == ["[12]"]
    assert keys(draft) == [known]
    assert draft.marks[0].kind == "field"
    assert tuple(entry.key for entry in draft.listed) == known
    assert sentences(draft) == ["Birds sing .", "So they do."]


def test_a_field_tells_titles_and_other_fields_are_text() -> None:
    body = paragraph("Birds", more=field(f"ADDIN ZOTERO_ITEM CSL_CITATION {ZOTERO}", "(1)") + field("PAGE", " sing."))
    draft = read_docx(docx(body))
    assert (draft.listed[0].title, draft.listed[0].doi) == ("Birds of the North", "10.1/birds")
    assert draft.text == "Birds(1) sing.\n"


def test_reference_lists_deleted_text_and_fallbacks_are_left_out() -> None:
    start, end = field("ADDIN ZOTERO_BIBL", "|").split(run("|"))
    body = (
        f"<w:p>{run('Birds sing.')}<w:del><w:r><w:t>Not so.</w:t></w:r></w:del></w:p>"
        f"<w:p>{start}{run('Ada. Birds.')}</w:p><w:p>{run('Bo. Owls.')}{end}</w:p>"
        f"<w:p><mc:AlternateContent><mc:Fallback>{run('Twice.')}</mc:Fallback></mc:AlternateContent>{run('Once.')}</w:p>"
    )
    draft = read_docx(docx(body))
    assert sentences(draft)[0] == "Birds sing."
    assert "Not so" not in draft.text
    assert "Twice" not in draft.text
    assert "Bo. Owls." not in " ".join(sentences(draft))


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_a_document_that_unpacks_to_more_than_a_draft_is_refused() -> None:
    bomb = _zip({"word/document.xml": b"<a>" + b" " * 20_000_000 + b"</a>"})
    with pytest.raises(UnreadableFile, match="unpacks to more") as raised:
        read_docx(bomb)
    assert raised.value.reason == "too_large"


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04damaged",
        _zip({"other.xml": b"<a/>"}),
        _zip({"word/document.xml": b"<a><b>"}),
        _zip({"word/document.xml": b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"}),
        _zip({"word/document.xml": b"<a>" * 5_000 + b"</a>" * 5_000}),
    ],
    ids=["damaged", "no document", "not well-formed", "entities", "deep"],
)
def test_what_is_no_document_is_refused_with_a_way_out(data: bytes) -> None:
    with pytest.raises(UnreadableFile) as raised:
        read_docx(data)
    assert raised.value.reason == "damaged"
    assert raised.value.hint


def test_many_paragraphs_are_read() -> None:
    draft = read_docx(docx(paragraph("Birds sing [?].") * 20_000))
    assert len(draft.marks) == len(draft.sentences) == 20_000
