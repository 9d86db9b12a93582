"""What tests of drafts share: reading a text, and saying what was found in it."""

from __future__ import annotations

import io
import zipfile

from indexer.manuscripts import Manuscript, read_manuscript, read_text

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STYLES = "".join(
    f'<w:style w:type="paragraph" w:styleId="{identifier}"><w:name w:val="{name}"/></w:style>'
    for identifier, name in {
        "Titel": "Title", "berschrift1": "heading 1", "berschrift2": "heading 2", "Beschriftung": "caption",
        "Literatur": "Bibliography",
    }.items()
)  # fmt: skip


def tex(text: str) -> Manuscript:
    return read_text(text, kind="tex")


def md(text: str) -> Manuscript:
    return read_text(text, kind="md")


def txt(text: str) -> Manuscript:
    return read_text(text, kind="txt")


def marked(manuscript: Manuscript) -> list[str]:
    """The marks as they stand in the source."""
    return [manuscript.text[mark.start : mark.end] for mark in manuscript.marks]


def keys(manuscript: Manuscript) -> list[tuple[str, ...]]:
    return [mark.keys for mark in manuscript.marks]


def sentences(manuscript: Manuscript, kind: str = "body") -> list[str]:
    return [sentence.text for sentence in manuscript.sentences if sentence.kind == kind]


def check(manuscript: Manuscript) -> None:
    """What holds of every draft: spans lie in the text and in order, marks belong to their sentences."""
    size = len(manuscript.text)
    for sentence in manuscript.sentences:
        assert 0 <= sentence.start < sentence.end <= size
        assert sentence.cites == any(mark.sentence is not None and manuscript.sentences[mark.sentence] is sentence
                                     for mark in manuscript.marks)  # fmt: skip
    for mark in manuscript.marks:
        assert 0 <= mark.start <= mark.end <= size
        assert manuscript.plain[mark.at] == "\ufffc"
        if mark.sentence is not None:
            home = manuscript.sentences[mark.sentence]
            assert home.start <= mark.start
            assert mark.end <= home.end
        assert 1 <= manuscript.line_of(mark.start) <= len(manuscript.line_starts)
        assert manuscript.column_of(mark.start) >= 1
    for heading in manuscript.headings:
        assert 0 <= heading.start <= heading.end <= size
    assert all(manuscript.plain[block.start : block.end].strip() for block in manuscript.blocks)


def docx(body: str, *, footnotes: str = "", styles: str = _STYLES) -> bytes:
    """A Word document of paragraphs given in its XML."""
    space = f'xmlns:w="{_W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f"<w:document {space}><w:body>{body}</w:body></w:document>")
        archive.writestr("word/styles.xml", f"<w:styles {space}>{styles}</w:styles>")
        if footnotes:
            archive.writestr("word/footnotes.xml", f"<w:footnotes {space}>{footnotes}</w:footnotes>")
    return out.getvalue()


def paragraph(text: str, *, style: str = "", more: str = "") -> str:
    """A paragraph; ``more`` are runs behind its text."""
    set_in = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{set_in}{run(text)}{more}</w:p>"


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def field(instruction: str, result: str) -> str:
    """A field as word processors write it."""
    signs = {name: f'<w:r><w:fldChar w:fldCharType="{name}"/></w:r>' for name in ("begin", "separate", "end")}
    told = "".join(f"<w:r><w:instrText>{part}</w:instrText></w:r>" for part in instruction.partition(" "))
    return f"{signs['begin']}{told}{signs['separate']}{run(result)}{signs['end']}"


def read_docx(data: bytes) -> Manuscript:
    return read_manuscript(data, "draft.docx")
