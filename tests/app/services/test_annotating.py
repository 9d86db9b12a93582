from __future__ import annotations

import pytest

from app.services.annotating import annotated
from app.services.places import places_of
from app.services.suggestions import PlaceSuggestions
from core.errors import InputError
from core.records import Author, Suggestion, Work
from indexer.manuscripts import Manuscript, read_manuscript

WORK = Work(
    id=1, title="Birds -- a | study --> of owls", authors=(Author(family="Ada"), Author(family="Bo")), year=2020
)


def _suggested(manuscript: Manuscript) -> list[PlaceSuggestions]:
    suggestion = Suggestion(work=WORK, probability=1.0)
    return [PlaceSuggestions(place=place, suggestions=(suggestion,)) for place in places_of(manuscript)[0]]


def _annotated(data: bytes, name: str, form: str) -> bytes:
    manuscript = read_manuscript(data, name)
    return annotated(manuscript, _suggested(manuscript), {1: "ada2020birds"}, "tex" if form == "tex" else "md")


def test_comments_of_latex_are_lines_of_their_own() -> None:
    source = b"Owls hoot [?] and\r\njays sing \\cite{a}."
    done = _annotated(source, "a.tex", "tex")
    lines = done.split(b"\r\n")
    assert [line for line in lines if not line.startswith(b"% galacite")] == [*source.split(b"\r\n"), b""]
    assert lines[1] == b"% galacite 1:11: \\cite{ada2020birds} Ada et al., 2020, Birds -- a | study --> of owls"
    assert lines[3].startswith(b"% galacite 2:11")


def test_comments_of_markdown_stand_behind_the_place_and_close_where_they_should() -> None:
    source = b"| Owl [?] | Jay |\n"
    done = _annotated(source, "a.md", "md").decode()
    comment = done[done.index("<!--") : done.index("-->") + 3]
    assert done.replace(comment, "").encode() == source
    assert comment == "<!-- galacite 1:7: [@ada2020birds] Ada et al., 2020, Birds – a / study –› of owls -->"


@pytest.mark.parametrize(
    "data",
    [
        "Größe [?].\n".encode("utf-8-sig"),
        "Größe [?].\n".encode("latin-1"),
        "\ufeffGröße [?].\n".encode("utf-16-le"),
        "Größe [?].\rUnd [?].\r".encode(),
    ],
)
def test_no_other_byte_changes(data: bytes) -> None:
    done = _annotated(data, "a.md", "md")
    codec = "utf-16-le" if data.startswith(b"\xff\xfe") else "latin-1"
    left = done.decode(codec)
    while "<!--" in left:
        left = left[: left.index("<!--")] + left[left.index("-->") + 3 :]
    assert left.encode(codec) == data


def test_a_draft_that_cannot_hold_such_comments_is_refused() -> None:
    with pytest.raises(InputError, match=r"a\.md"):
        _annotated(b"Owls [?].", "a.md", "tex")
    with pytest.raises(InputError, match=r"a\.tex"):
        _annotated(b"Owls \\cite{a}.", "a.tex", "md")
