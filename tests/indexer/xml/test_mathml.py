"""Formulas on one line."""

import pytest
from lxml import etree

from indexer.xml.mathml import formula_text

X, Y, Z = "<mi>x</mi>", "<mi>y</mi>", "<mn>2</mn>"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (f"{X}<mo>=</mo>{Y}<mo>+</mo>{Z}", "x = y + 2"),
        (f"<mo>-</mo>{X}", "-x"),
        (f"<msup>{X}{Z}</msup>", "x²"),
        (f"<msub>{X}<mrow><mn>1</mn><mn>0</mn></mrow></msub>", "x₁₀"),
        (f"<msub>{X}<mi>max</mi></msub>", "x_max"),
        (f"<msubsup>{X}<mn>1</mn>{Z}</msubsup>", "x₁²"),
        (f"<msup>{X}<mrow>{Y}<mo>+</mo>{Z}</mrow></msup>", "x^(y + 2)"),
        (f"<mfrac>{X}<mrow>{Y}<mo>+</mo>{Z}</mrow></mfrac>", "x/(y + 2)"),
        (f"<msqrt>{X}<mo>+</mo>{Y}</msqrt>", "√(x + y)"),
        (f"<mroot>{X}<mn>3</mn></mroot>", "³√x"),
        (f"<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>{X}", "∑_(i = 1)ⁿx"),
        (f"<mi>sin</mi><mo>\u2061</mo><mfenced>{X}{Y}</mfenced>", "sin (x, y)"),
        (f"<mtable><mtr><mtd>{X}</mtd><mtd>{Y}</mtd></mtr><mtr><mtd>{Z}</mtd></mtr></mtable>", "x y; 2"),
        (f"<semantics><mrow>{X}</mrow><annotation>\\alpha</annotation></semantics>", "x"),
        (f"{X}<mtext>for all</mtext>{Y}", "xfor ally"),
        ("<mspace/>", ""),
        ("<mfrac/>", ""),
        ("<msup><mi>x</mi></msup>", "x"),
    ],
)
def test_mathml_reads_from_left_to_right(source: str, text: str) -> None:
    assert formula_text(etree.fromstring(f"<inline-formula><math>{source}</math></inline-formula>")) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("$x^2$", "x^2"),
        ("$$ x \n y $$", "x y"),
        (r"\[ x \]", "x"),
        (r"\documentclass[12pt]{minimal}\usepackage{amsmath}\begin{document}$$\alpha +1$$\end{document}", r"\alpha +1"),
        ("", ""),
    ],
)
def test_tex_loses_the_document_around_it(source: str, text: str) -> None:
    assert formula_text(etree.fromstring(f"<disp-formula><tex-math>{source}</tex-math></disp-formula>")) == text


def test_mathml_goes_before_tex() -> None:
    both = "<alternatives><tex-math>\\x</tex-math><math><mi>x</mi></math></alternatives>"
    assert formula_text(etree.fromstring(both)) == "x"
