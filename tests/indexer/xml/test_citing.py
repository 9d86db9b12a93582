"""Marked citations to mentions."""

import re

import pytest

from core.records import Author, Reference
from indexer.xml.citing import Targets, find_links, make_targets
from indexer.xml.inline import Anchor


def references(count: int, *, labels: tuple[str, ...] = ()) -> list[Reference]:
    return [
        Reference(
            index=index,
            raw=f"Work {index}",
            page=0,
            label=labels[index] if labels else "",
            authors=(Author(family=f"Name{'abcdefghij'[index % 10]}"),),
        )
        for index in range(count)
    ]


def targets(count: int = 20, *, labels: tuple[str, ...] = ()) -> Targets:
    entries = references(count, labels=labels)
    return make_targets(entries, {f"r{entry.index + 1}": (entry.index,) for entry in entries})


def links(marked: str, found: Targets) -> list[tuple[str, tuple[int, ...]]]:
    """Read ``{r1 r2:text}`` as an anchor."""
    text, anchors = "", []
    for part in re.split(r"(\{[^}]*\})", marked):
        if part.startswith("{"):
            ids, _, shown = part[1:-1].partition(":")
            anchors.append(Anchor(len(text), len(text) + len(shown), tuple(ids.split())))
            text += shown
        else:
            text += part
    return [(text[link.start : link.end], link.reference_indices) for link in find_links(text, anchors, found)]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("x [{r1:1}] y", [("[1]", (0,))]),
        ("x [{r1:1}, {r3:3}–{r5:5}] y", [("[1, 3–5]", (0, 2, 3, 4))]),
        ("x [{r2:2},{r1:1}] y", [("[2,1]", (1, 0))]),
        ("x [{r5:5}–{r3:3}] y", [("[5–3]", (4, 2))]),
        ("x {r1:[1}-{r3:3]} y", [("[1-3]", (0, 1, 2))]),
        ("x {r1:[1]}{r2:[2]}{r4:[4]} y", [("[1][2][4]", (0, 1, 3))]),
        ("x ({r1:1}) and ({r2:2}) y", [("(1)", (0,)), ("(2)", (1,))]),
        ("x (ref. {r1:1}) y", [("(ref. 1)", (0,))]),
        ("x{r1:¹}{r2:}⁻{r3:³} y", [("¹⁻³", (0, 1, 2))]),
        ("x{r1 r2:¹,²} y", [("¹,²", (0, 1))]),
        ("({r1:A, 2001}; {r2:B, 2002}; {r3:C, 2003})", [("(A, 2001; B, 2002; C, 2003)", (0, 1, 2))]),
        ("({r1:A, 2001}; {r2:B, 2002}", [("A, 2001; B, 2002", (0, 1))]),
        ("[0, 1) is open {r1:1}", [("1", (0,))]),
        ("{r1:1} and {r2:2}", [("1", (0,)), ("2", (1,))]),
        ("Namea ({r1:2001}) says", [("Namea (2001)", (0,))]),
        ("Namea’s ({r1:2001}) work", [("Namea’s (2001)", (0,))]),
        ("Namea, Nameb, and Namec ({r1:2001})", [("Namea, Nameb, and Namec (2001)", (0,))]),
        ("Namea was born. Then ({r1:2001})", [("(2001)", (0,))]),
        ("SubNamea ({r1:2001})", [("(2001)", (0,))]),
        ("nothing {r99:9} here", []),
        ("{r1:} alone", []),
    ],
)
def test_neighbours_are_joined_and_ranges_filled(marked: str, expected: list[tuple[str, tuple[int, ...]]]) -> None:
    assert links(marked, targets()) == expected


def test_ranges_go_by_the_labels_where_the_list_has_them() -> None:
    labelled = targets(4, labels=("11", "12", "14", "15"))
    assert links("[{r1:11}–{r4:15}]", labelled) == [("[11–15]", (0, 1, 2, 3))]


def test_a_range_beyond_reason_is_two_numbers() -> None:
    assert links("[{r1:1}–{r90:90}]", targets(100)) == [("[1–90]", (0, 89))]


def test_many_brackets_take_no_more_time_than_few() -> None:
    text = "[" * 100_000 + "1" + "]" * 100_000
    found = find_links(text, [Anchor(100_000, 100_001, ("r1",))], targets())
    assert [(link.start, link.end) for link in found] == [(99_999, 100_002)]
