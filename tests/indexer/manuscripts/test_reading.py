from __future__ import annotations

import re
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UnreadableFile
from indexer.manuscripts import MARK, MAX_BYTES, read_manuscript, read_text
from indexer.manuscripts.encoding import encoded
from tests.indexer.manuscripts.reading import check, docx, keys, marked, paragraph, read_docx, sentences

_PIECES = st.lists(
    st.sampled_from(
        [
            "word ", "Owls hoot. ", "\n", "\n\n", "\r\n", "[?]", "\\cite{a}", "\\cite{", "[@a; @b]", "@key ", "$",
            "$$", "{",
            "}", "\\", "%", "`", "```\n", "*", "_", "[", "]", "(", ")", "\\section{", "# ", "\\footnote{",
            "\\begin{table}",
            "\\end{table}", "\\begin{verbatim}", "\\begin{document}", "\\end{document}", "\\title{T}", "\\'e",
            "---\n", "~",
            "&", "|", "<!--", "-->", "[START_REF] ", "[END_REF]", "(Ada, 2020)", "Ada (2020)", "[1]", "\\todo{cite}",
            "``",
            MARK, "\0", "¹", "“", "\\[", "\\]", "\\item ", "\\caption[x]{", "> ", "- ", "\\verb|", "\\bibitem{a}",
            "[^1]: ",
            "\\begin{thebibliography}{9}", "References\n\n", "\\def\\x#1{", "\\c", "\\href{u}{", "::: x\n",
            "=====\n", "\u2028",
        ]
    )
    | st.text(max_size=5),
    max_size=40,
).map("".join)  # fmt: skip


@given(_PIECES, st.sampled_from(["tex", "md", "txt"]))
@settings(max_examples=250, deadline=None)
def test_whatever_is_typed_spans_lie_in_the_text(text: str, kind: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    draft = read_manuscript(data, f"draft.{kind}")
    check(draft)
    assert draft.encoding.bom + encoded(draft.text, draft.encoding) == data


@given(st.binary(max_size=300), st.sampled_from(["a.tex", "a.md", "a.txt", "a", "a.docx"]))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes, name: str) -> None:
    draft = None
    with suppress(UnreadableFile):
        draft = read_manuscript(data, name)
    if draft is None:
        assert name == "a.docx" or data[:2] in (b"PK", b"\x1f\x8b", b"%P", b"{\\", b"\xd0\xcf")
        return
    check(draft)
    assert draft.encoding.bom + encoded(draft.text, draft.encoding) == data


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc")), max_size=60).filter(str.strip))
@settings(max_examples=50, deadline=None)
def test_any_text_in_a_word_document_is_read(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    escaped = re.sub("[\ufffe\uffff]", "", escaped)
    check(read_docx(docx(paragraph(escaped) * 2)))


@given(
    st.lists(
        st.sampled_from(["Owls hoot.", "some words", "[?]", "(Ada, 2020)", "\n\n", "3.5", "[x", "e.g."]), max_size=30
    )
)
@settings(max_examples=100, deadline=None)
def test_no_word_outside_of_marks_is_lost(pieces: list[str]) -> None:
    draft = read_text(" ".join(pieces), kind="txt")
    left = list(draft.text)
    for mark in draft.marks:
        left[mark.start : mark.end] = " " * (mark.end - mark.start)
    told = [draft.title, *(each.text for each in draft.sentences)]
    assert " ".join(told).split() == "".join(left).split()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("\\section{One} Text.", "tex"), ("It is known \\citep{a}.", "tex"), ("# One\n\nText", "md"), ("Known [@a].",
        "md"),
        ("---\ntitle: One\n---\n", "md"), ("Plain words [?].", "txt"), ("A tag #one and me@x.org", "txt"),
    ],
)  # fmt: skip
def test_the_format_of_a_text_without_a_name_is_guessed(text: str, kind: str) -> None:
    assert read_manuscript(text.encode(), "pasted").format == kind
    assert read_manuscript(text.encode(), "named.txt").format == "txt"


def test_a_word_document_is_known_by_its_content() -> None:
    assert read_manuscript(docx(paragraph("Owls hoot.")), "draft.txt").format == "docx"


@pytest.mark.parametrize(
    ("data", "codec", "told"),
    [
        ("Größe [?].".encode(), "utf-8", False),
        ("Größe [?].".encode("utf-8-sig"), "utf-8", False),
        ("\ufeffGröße [?].".encode("utf-16-le"), "utf-16-le", False),
        ("\ufeffGröße [?].".encode("utf-16-be"), "utf-16-be", False),
        ("Größe [?].".encode("latin-1"), "cp1252", True),
        (b"\x81 Gr\xf6\xdfe [?].", "latin-1", True),
    ],
)
def test_encodings(data: bytes, codec: str, told: bool) -> None:
    draft = read_manuscript(data, "a.txt")
    assert sentences(draft)[0].endswith("Größe .")
    assert draft.encoding.codec == codec
    assert draft.encoding.bom + encoded(draft.text, draft.encoding) == data
    assert bool(draft.notices) == told


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whatever_ends_them(end: str) -> None:
    text = end.join(["\\section{One}", "% \\cite{no}", "", "Owls \\cite{a}", "hoot \\cite{b}."])
    draft = read_text(text)
    assert marked(draft) == ["\\cite{a}", "\\cite{b}"]
    assert [(draft.line_of(mark.start), draft.column_of(mark.start)) for mark in draft.marks] == [(4, 6), (5, 6)]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"x" * (MAX_BYTES + 1), "larger than 10 MB"),
        (b"%PDF-1.7", "a PDF"),
        (b"\xd0\xcf\x11\xe0", "old Word"),
        (b"{\\rtf1", "rich"),
    ],
    ids=["large", "pdf", "doc", "rtf"],
)
def test_what_is_no_draft_is_refused_with_a_way_out(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words) as raised:
        read_manuscript(data, "a.txt")
    assert raised.value.hint


def test_marks_of_other_formats_count_in_each() -> None:
    text = "First claim [?].\nSecond claim \\citep[see][p. 3]{key} and [@other; @more]."
    for kind in ("tex", "md", "txt"):
        draft = read_manuscript(text.encode(), f"a.{kind}")
        assert keys(draft) == [(), ("key",), ("other", "more")]


@pytest.mark.parametrize("kind", ["tex", "md", "txt"])
@pytest.mark.parametrize(
    "piece",
    [
        "[", "\\cite{", "[@", "{", "{}", "$ ", "\\begin{x}", "\\section{", "\\footnote{", "(A", "` ", "* ",
        "\\cite[x][",
        "[START_REF] x ", "\n", "# x\n", "\\begin{equation}", "[a](", "<!--", "Ada (2020) ", "(2020", "\\'",
        "\\begin{tabular}",
        "\\caption{", "\\bibitem{a}", "%\n", "\\def\\x",
    ],
)  # fmt: skip
def test_time_is_linear_in_the_text(piece: str, kind: str) -> None:
    """A tenth of a megabyte in a second of processor time, and mostly in a tenth of that; no scan is quadratic."""
    data = (piece * (100_000 // len(piece))).encode()
    assert min(_seconds(data, f"a.{kind}") for _ in range(2)) < 1


def _seconds(data: bytes, name: str) -> float:
    began = time.process_time()
    read_manuscript(data, name)
    return time.process_time() - began
