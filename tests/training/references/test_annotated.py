from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import InputError
from training.references.annotated import read_anystyle, read_grobid
from training.references.examples import Example

TEI = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0"><text><back><listBibl>
<bibl><author>Roe, A. &amp; Doe, B.</author> (<date>1999</date>). <title level="a">On
  tests</title>. <title level="j">J. Doc.</title>, <biblScope type="vol">12</biblScope>(<biblScope
  unit="issue">3</biblScope>),
  <biblScope unit="page">4-9</biblScope>. <idno type="DOI">doi:10.1000/1</idno></bibl>
<bibl><author>Poe C.</author>, <title level="m">A book</title>, <pubPlace>Rome</pubPlace>: <publisher>Press</publisher>
</bibl>
<bibl><author>Poe C.</author>, in <title level="m">Proc. of things</title>, <date>2001</date></bibl>
<bibl>x</bibl>
</listBibl></back></text></TEI>"""
ANYSTYLE = """<?xml version="1.0" encoding="UTF-8"?><dataset><sequence>
<citation-number>[3]</citation-number><author>Roe, A.</author><date>(1999).</date><title>On tests.</title>
<editor>In B. Doe (Ed.),</editor><container-title>Papers</container-title><volume>12(3):</volume><pages>pp. 4-9.</pages>
</sequence></dataset>"""


def fields(example: Example) -> list[tuple[str, str]]:
    return [(span.label, example.text[span.start : span.end]) for span in example.spans]


def test_grobid(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(TEI, "utf-8")
    article, book, paper = read_grobid(tmp_path)
    assert article.text.startswith("Roe, A. & Doe, B. (1999). On tests. J. Doc., 12(3), 4-9.")
    assert article.group == "a.xml"
    assert fields(article) == [
        ("author", "Roe, A. & Doe, B."), ("date", "1999"), ("title", "On tests"), ("journal", "J. Doc"),
        ("volume", "12"), ("issue", "3"), ("pages", "4-9"), ("id", "doi:10.1000/1"),
    ]  # fmt: skip
    assert fields(book) == [("author", "Poe C."), ("title", "A book"), ("location", "Rome"), ("publisher", "Press")]
    assert fields(paper) == [("author", "Poe C."), ("booktitle", "Proc. of things"), ("date", "2001")]


def test_anystyle_without_its_cue_words(tmp_path: Path) -> None:
    (tmp_path / "core.xml").write_text(ANYSTYLE, "utf-8")
    (example,) = read_anystyle(tmp_path)
    assert "[3]" not in example.text
    assert fields(example) == [
        ("author", "Roe, A."), ("date", "1999"), ("title", "On tests"), ("editor", "B. Doe"), ("booktitle", "Papers"),
        ("volume", "12"), ("issue", "3"), ("pages", "4-9"),
    ]  # fmt: skip


@pytest.mark.parametrize("reader", [read_grobid, read_anystyle])
def test_a_folder_without_data_is_told(tmp_path: Path, reader: object) -> None:
    assert callable(reader)
    with pytest.raises(InputError, match="no "):
        list(reader(tmp_path))


def test_entities_are_not_read_from_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET", "utf-8")
    (tmp_path / "a.xml").write_text(
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
        "<TEI><bibl><author>Roe, A. &e;</author> <title>On entities and files</title></bibl></TEI>",
        "utf-8",
    )
    assert all("SECRET" not in example.text for example in read_grobid(tmp_path))
