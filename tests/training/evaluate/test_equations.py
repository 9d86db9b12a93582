from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import InputError
from core.records import Document
from model.galactica.galactica import Galactica
from tests.builders import make_document
from tests.training.evaluate.papers import quiet
from training.corpus.rendering import Spellings, render_document
from training.evaluate.equations import Equation, _compared, draw, equations, measure_equations, symbols


def with_equation(*, kind: str = "equation", page: int = 0) -> Document:
    document = make_document(
        "On energy", passages=["Energy is known.", "E = m c^{2}", "So it is."], headings=["Theory"]
    )
    passages = list(document.passages)
    passages[1] = replace(passages[1], kind=kind, page=page)  # type: ignore[arg-type]
    return replace(document, passages=tuple(passages))


def test_white_space_does_not_count() -> None:
    assert symbols("\\alpha  x^{2}") == symbols("\\alpha x ^ { 2 }") == ["\\alpha", "x", "^", "{", "2", "}"]
    assert symbols("\\alphax") == ["\\alphax"]
    assert symbols("\\,\\\\") == ["\\,", "\\\\"]


def test_an_equation_comes_with_what_stands_before_it() -> None:
    (found,) = equations("p", with_equation())
    assert found == Equation(
        paper="p", prompt="# On energy\n\n## Theory\n\nEnergy is known.\n\n\\[", source="E = m c^{2}", stop="\\]"
    )
    assert list(equations("p", with_equation(kind="paragraph"))) == []
    assert list(equations("p", with_equation(page=3))) == [], "printed, and no LaTeX"


def test_the_equation_before_is_in_the_form_of_the_corpus() -> None:
    document = with_equation()
    last = replace(document.passages[2], kind="equation", page=0, text="F = m a", end=document.passages[2].start + 7)
    document = replace(document, passages=(*document.passages[:2], last))
    _, second = equations("p", document)
    assert second.prompt.endswith("Energy is known.\n\n\\[ E = m c^{2} \\]\n\n\\[")
    rendered = render_document(document, Spellings({}))
    assert all(part in rendered for part in ("\\[ E = m c^{2} \\]", "\\[ F = m a \\]"))


@pytest.mark.parametrize(
    ("text", "source", "stop"),
    [
        ("It is $$a+b=c$$ here", "a+b=c", "$$"),
        ("It is \\[a+b=c\\] here", "a+b=c", "\\]"),
        ("It is \\begin{align*}a+b&=c\\end{align*} here", "a+b&=c", "\\end{align*}"),
    ],
)
def test_equations_within_a_paragraph(text: str, source: str, stop: str) -> None:
    (found,) = equations("p", make_document("T", passages=[text], headings=["S"]))
    assert (found.source, found.stop) == (source, stop)
    assert found.prompt == f"# T\n\n## S\n\n{text[: text.index(source)]}"


@pytest.mark.parametrize("text", ["It is $$a$$ here", "It is $$a+b=c", "It is \\[a+b=c$$ here", "costs $5 and $7"])
def test_what_is_no_displayed_equation(text: str) -> None:
    assert list(equations("p", make_document("T", passages=[text]))) == []


def test_exact_and_similar() -> None:
    asked = Equation(paper="p", prompt="", source="E = mc", stop="\n")
    assert _compared(asked, "E=m c").exact
    wrong = _compared(asked, "E=m+")
    assert (wrong.exact, wrong.similarity) == (False, 0.75)
    assert _compared(asked, "").similarity == 0


def test_a_sample_in_order() -> None:
    every = [Equation(paper=str(number), prompt="", source="a+b=c", stop="\n") for number in range(9)]
    assert draw(every, sample=0, seed=1) == every
    some = draw(every, sample=4, seed=1)
    assert len(some) == 4
    assert some == sorted(some, key=lambda each: int(each.paper)) == draw(every, sample=4, seed=1)
    with pytest.raises(InputError, match="no displayed equations"):
        draw([], sample=0, seed=1)


def test_a_model_writes_equations(nano: Galactica) -> None:
    asked = [
        Equation(paper="a", prompt="Nets: $$", source="x+y=z", stop="$$"),
        Equation(paper="b", prompt="Old trees\n\n", source="p=q+r", stop="\n"),
    ]
    report = measure_equations(nano, asked, on_progress=quiet)
    assert (report.equations, report.papers, report.exact) == (2, 2, 0)
    assert 0 <= report.similarity < 1
    assert {each.source for each in report.shown} == {"x+y=z", "p=q+r"}
    assert all("\n" not in each.written for each in report.shown if each.paper == "b")
