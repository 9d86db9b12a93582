from __future__ import annotations

import pytest

from app.services.accepting import Accepted, finish
from app.services.drafts import Draft
from app.services.places import places_of, whole_text
from app.wiring import Galacite
from core.errors import InputError
from core.records import Author, Work
from indexer.manuscripts import read_manuscript

NETS = Work(id=1, title="Nets that see", authors=(Author(family="Byron", given="Ada"),), year=2001)
TREES = Work(id=2, title="Trees that stand", authors=(Author(family="Wood", given="Tom"),), year=1999)


def draft_of(text: str, name: str, *, bib: str = "") -> Draft:
    return Draft(manuscript=read_manuscript(text.encode(), name), bib=bib)


def accepted(draft: Draft, *works: tuple[Work, ...]) -> list[Accepted]:
    places, _ = places_of(draft.manuscript)
    return [Accepted(place=place, works=chosen) for place, chosen in zip(places, works, strict=True)]


def test_a_placeholder_gives_way_to_what_was_accepted(galacite: Galacite) -> None:
    source = "\\section{Owls}\r\nNets see~[?]. Trees stand \\cite{?}, and % [?]\r\nmore \\cite{old}.\r\n"
    draft = draft_of(source, "a.tex")
    done = finish(draft, accepted(draft, (NETS,), (NETS, TREES), (TREES,)), galacite.bibliographies)
    nets, trees = done.keys[1], done.keys[2]
    assert done.draft is not None
    assert done.draft.decode() == (
        f"\\section{{Owls}}\r\nNets see~\\cite{{{nets}}}. Trees stand \\cite{{{nets},{trees}}}, and % [?]\r\n"
        f"more \\cite{{old}} \\cite{{{trees}}}.\r\n"
    )
    assert done.bib.count("@") == 2
    assert nets in done.bib


def test_places_without_works_stay_as_they_are(galacite: Galacite) -> None:
    draft = draft_of("Nets see [?]. Trees stand [?].\n", "a.md")
    done = finish(draft, accepted(draft, (), (TREES,)), galacite.bibliographies)
    assert done.draft == f"Nets see [?]. Trees stand [@{done.keys[2]}].\n".encode()
    nothing = finish(draft, accepted(draft, (), ()), galacite.bibliographies)
    assert nothing.draft == b"Nets see [?]. Trees stand [?].\n"
    assert nothing.bib == ""


def test_keys_of_the_draft_are_kept(galacite: Galacite) -> None:
    bib = "@article{mine, author={Byron, Ada}, title={Nets that see}, year=2001}\n"
    draft = draft_of("Nets see [?].", "a.tex", bib=bib)
    done = finish(draft, accepted(draft, (NETS,)), galacite.bibliographies)
    assert done.draft == b"Nets see \\cite{mine}."
    assert done.bib == bib


def test_other_forms_of_citing(galacite: Galacite) -> None:
    draft = draft_of("Nets see [?].", "a.txt")
    choice = accepted(draft, (NETS,))
    assert finish(draft, choice, galacite.bibliographies).draft == b"Nets see (Byron, 2001)."
    galactica = finish(draft, choice, galacite.bibliographies, form="galactica").draft
    assert galactica == b"Nets see [START_REF] Nets that see, Byron[END_REF]."


def test_a_text_without_marks_is_cited_at_its_end(galacite: Galacite) -> None:
    draft = draft_of("Nets see\n", "a.md")
    done = finish(draft, [Accepted(place=whole_text(draft.manuscript), works=(NETS,))], galacite.bibliographies)
    assert done.draft == f"Nets see [@{done.keys[1]}]\n".encode()


def test_the_encoding_of_the_file_is_kept(galacite: Galacite) -> None:
    source = "Käuze sehen [?].".encode("utf-16")
    draft = Draft(manuscript=read_manuscript(source, "a.txt"))
    done = finish(draft, accepted(draft, (NETS,)), galacite.bibliographies)
    assert done.draft is not None
    assert done.draft.decode("utf-16") == "Käuze sehen (Byron, 2001)."


def test_places_of_another_draft_are_refused(galacite: Galacite) -> None:
    long, short = draft_of("Nets see, and more [?].", "a.md"), draft_of("Nets [?].", "a.md")
    with pytest.raises(InputError, match="not those of this draft"):
        finish(short, accepted(long, (NETS,)), galacite.bibliographies)
