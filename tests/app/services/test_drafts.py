from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from app.services.drafts import Draft, DraftService
from app.services.places import MAX_PLACES
from app.services.suggestions import SuggestOptions
from app.wiring import Galacite
from core.errors import InputError, ModelError
from core.records import Work
from indexer.latex.sources import ArchiveStore
from indexer.store import papers as paper_store
from model.worthiness import Sentence
from tests.builders import make_document, make_file

DRAFT = """\\documentclass{article}
\\title{Counting Birds}
\\begin{document}
\\section{Prior work}
Sparse vectors are compared by words \\cite{sparse, nowhere}. Dense ones are compared by meaning [?].

Owls are known to hoot at night in most woods. Jays sing.
\\bibliography{refs,lost}
\\end{document}
"""
REFS = b"@book{sparse, title={Sparse}, author={Ada Bo}, year={2020}}"


@dataclass
class ByWord:
    """Finds sentences that need a citation by a word; remembers what it was asked."""

    asked: Sequence[Sentence] = ()
    threshold: float = 0.5

    def probabilities(self, sentences: Sequence[Sentence]) -> NDArray[np.float64]:
        self.asked = sentences
        return np.array([0.9 if "known" in sentence.text else 0.1 for sentence in sentences])


@dataclass
class Absent:
    """Stands for weights that are not installed."""

    threshold: float = 0.5

    def probabilities(self, sentences: Sequence[Sentence]) -> NDArray[np.float64]:
        raise ModelError("the weights are not installed", hint="Reinstall galacite.")


def _keys(works: Sequence[Work], bib: str) -> Mapping[int, str]:
    return {work.id: f"key{work.id}" for work in works}


@pytest.fixture
def library(galacite: Galacite) -> Galacite:
    """A library whose one paper cites three works."""
    document = make_document("Citing", passages=["Words are compared [1]."], references=["Sparse", "Dense", "Mixed"])
    with galacite.database.session(write=True) as session:
        paper_store.add_paper(session, document, make_file("citing"))
    galacite.indexes.sync()
    return galacite


def _service(library: Galacite, worthiness: ByWord | Absent | None = None) -> DraftService:
    return DraftService(library.suggestions, worthiness=lambda: worthiness or Absent(), keys=_keys)


def _read(service: DraftService, text: str = DRAFT, name: str = "draft.tex") -> Draft:
    return service.read(text.encode(), name, beside=ArchiveStore({"refs.bib": REFS}))


def test_places_cite_and_want_and_what_is_cited_already_is_told(library: Galacite) -> None:
    service = _service(library)
    found = service.suggest(_read(service))
    assert (found.format, found.title) == ("tex", "Counting Birds")
    assert [(each.place.line, each.place.kind, each.place.keys) for each in found.places] == [
        (5, "citation", ("sparse", "nowhere")), (5, "placeholder", ()),
    ]  # fmt: skip
    assert found.places[0].place.section == "Prior work"
    assert found.places[0].place.sentence == "Sparse vectors are compared by words."
    (cited,) = found.cited
    assert cited.key == "sparse"
    works = {each.work.id: each.work.title for place in found.places for each in place.suggestions}
    assert works[cited.work_id] == "Sparse"


def test_keys_and_bibliographies_that_are_not_there_are_told(library: Galacite) -> None:
    found = {notice.code: notice.message for notice in _read(_service(library)).findings}
    assert set(found) == {"unknown_keys", "bibliography_missing"}
    assert "nowhere (line 5)" in found["unknown_keys"]
    assert "sparse" not in found["unknown_keys"]
    assert "lost.bib" in found["bibliography_missing"]


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("Owls hoot.", "a.md", "nothing_marked"),
        ("% nothing but this\n", "a.tex", "no_text"),
        ("Owls hoot [?].\\input{other}", "a.tex", "inputs"),
        ("Owls \\cite{a}.\\bibliography{../../etc/passwd}", "a.tex", "bibliography_missing"),
        ("---\nbibliography: bad.bib\n---\nOwls [@a].", "a.md", "bibliography_missing"),
    ],
)
def test_findings(library: Galacite, text: str, name: str, code: str) -> None:
    assert code in {notice.code for notice in _read(_service(library), text, name).findings}


@pytest.mark.parametrize("data", [b"", b" \n\t "])
def test_an_empty_draft_is_refused(library: Galacite, data: bytes) -> None:
    with pytest.raises(InputError, match="empty"):
        _service(library).read(data, "a.tex")


def test_sentences_that_lack_a_citation_are_places_too(library: Galacite) -> None:
    worthiness = ByWord()
    service = _service(library, worthiness)
    found = service.suggest(_read(service), missing=True)
    lacking = [each.place for each in found.places if each.place.kind == "missing"]
    assert [(place.line, place.need, place.sentence) for place in lacking] == [
        (7, 0.9, "Owls are known to hoot at night in most woods.")
    ]
    assert DRAFT[: lacking[0].start].endswith("in most woods")
    assert lacking[0].before.endswith("Owls are known to hoot at night in most woods")
    assert lacking[0].after == ". Jays sing."
    assert [place.line for place in (each.place for each in found.places)] == [5, 5, 7]
    assert [(each.text, each.before, each.section) for each in worthiness.asked] == [
        ("Owls are known to hoot at night in most woods.", "", "Prior work")
    ]
    assert "1 sentence seems" in {notice.code: notice.message for notice in found.notices}["missing_citations"]
    assert not [each for each in service.suggest(_read(service)).places if each.place.kind == "missing"]


def test_without_its_weights_the_rest_is_answered(library: Galacite) -> None:
    service = _service(library)
    found = service.suggest(_read(service), missing=True)
    assert len(found.places) == 2
    assert "not installed" in {each.code: each.message for each in found.notices}["worthiness_unavailable"]


def test_of_very_many_places_the_first_are_answered(library: Galacite) -> None:
    service = _service(library, ByWord())
    draft = _read(service, "Owls [?].\n\n" * (MAX_PLACES + 7) + "It is known that owls hoot.", "a.md")
    found = service.suggest(draft, SuggestOptions(top=1), missing=True)
    assert len(found.places) == MAX_PLACES
    notices = {notice.code: notice.message for notice in found.notices}
    assert "7 more" in notices["too_many_places"]
    assert "the likeliest 0" in notices["missing_citations"]


def test_a_short_text_without_marks_is_one_place_and_a_long_one_is_none(library: Galacite) -> None:
    service = _service(library)
    (place,) = service.suggest(_read(service, "Sparse vectors are compared.", "a.txt")).places
    assert (place.place.kind, place.suggestions[0].work.title) == ("whole", "Sparse")
    assert service.suggest(_read(service, "Sparse vectors are compared. " * 500, "a.txt")).places == ()


def test_an_empty_library_says_what_to_do(galacite: Galacite) -> None:
    service = _service(galacite)
    assert "no_works" in {notice.code for notice in service.suggest(_read(service)).notices}


def test_the_draft_comes_back_with_comments_under_its_own_keys(library: Galacite) -> None:
    service = _service(library)
    draft = _read(service)
    found = service.suggest(draft)
    done = service.annotated(draft, found, "tex").decode()
    kept = [line for line in done.splitlines(keepends=True) if not line.startswith("% galacite")]
    assert "".join(kept) == DRAFT
    assert "\\cite{sparse}" in done.split("% galacite 5:38: ")[1].splitlines()[0]
    assert "\\cite{key" in done
