"""Mixed content to lines of text."""

from dataclasses import replace

import pytest
from lxml import etree

from indexer.xml.inline import Anchor, Place, Rich, Rules, flow, join, plain

RULES = Rules(
    skipped=frozenset({"hide"}),
    spaced=frozenset({"br"}),
    touching=lambda element: element.tag == "field",
    breaking=frozenset({"block"}),
    floating=frozenset({"float"}),
    raised=lambda element: element.tag == "sup",
    formula=lambda element: "f(x)" if element.tag == "math" else None,
    citation=lambda element: ("r",) if element.tag == "cite" else (),
)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("  a \n\t b  ", "a b"),
        ("a<i>b</i>c", "abc"),
        ("a <i> b </i> c", "a b c"),
        ("a<br/>b", "a b"),
        ("a<hide>x</hide>b", "ab"),
        ("<field>a</field><field>b</field>", "a b"),
        ("<field>a.</field><field>b</field>", "a. b"),
        ("<field>a</field>, <field>b</field>", "a, b"),
        ("(<field>a</field>)", "(a)"),
        ("x<sup>2</sup> and x<sup>−1,n</sup>", "x² and x−1,n"),
        ("a<math/>b", "af(x)b"),
        ("e<i>\u0301</i>", "e\u0301"),
        ("", ""),
    ],
)
def test_text_is_flattened(source: str, text: str) -> None:
    assert plain(etree.fromstring(f"<p>{source}</p>"), RULES) == text


def test_anchors_span_their_words_without_the_space_before() -> None:
    (line,) = flow(etree.fromstring("<p>As <cite> Ada </cite>says<cite>1</cite>.</p>"), RULES)
    assert isinstance(line, Rich)
    assert [line.text[anchor.start : anchor.end] for anchor in line.anchors] == ["Ada", "1"]


def test_blocks_break_the_line_and_floats_follow_it() -> None:
    segments = flow(etree.fromstring("<p>a<i>b<float/>c<block/>d</i>e</p>"), RULES)
    assert [each.text if isinstance(each, Rich) else each[0] for each in segments] == ["abc", "float", "block", "de"]


def test_joined_lines_keep_their_anchors_and_places() -> None:
    line = Rich("ab", (Anchor(1, 2, ("r",)),), (Place(0, 2, ()),))
    assert join([Rich(""), line, line]) == Rich(
        "ab ab", (Anchor(1, 2, ("r",)), Anchor(4, 5, ("r",))), (Place(0, 2, ()), Place(3, 5, ()))
    )


def test_an_element_within_a_raised_one_is_raised_too() -> None:
    rules = replace(RULES, spaced=frozenset())
    (line,) = flow(etree.fromstring("<p>x<sup><cite>1</cite>–<cite>3</cite></sup></p>"), rules)
    assert isinstance(line, Rich)
    assert line.text == "x¹⁻³"
    assert [line.text[anchor.start : anchor.end] for anchor in line.anchors] == ["¹", "³"]
