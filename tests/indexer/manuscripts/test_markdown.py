from __future__ import annotations

import pytest

from tests.indexer.manuscripts.reading import check, keys, marked, md, sentences

PAPER = """---
title: "Counting *Birds*"
bibliography: [refs.bib, more.json]
---

# Prior work {#sec-prior}

Birds sing [see @ada, p. 3; also -@bo_b]. @cy [p. 4] counts **them** in `[?]` woods, [often](https://x.org/a_b).
Write to me@birds.org, see [@fig-owl] and @tbl-jay.

```python
print("[@incode]")
```

> Quoted words
> run on [@di].

| Owl | [@ed] |
|-----|-------|

Woods
-----

1. First \\cite{fi}.
- Second $x [?]$ costs $5 and $6 [?].

<!-- [@incomment] -->
[^1]: A note [@gi].
"""


def test_a_paper_gives_its_title_headings_and_bibliographies() -> None:
    paper = md(PAPER)
    check(paper)
    assert paper.title == "Counting *Birds*"
    assert [(heading.text, heading.level) for heading in paper.headings] == [("Prior work", 1), ("Woods", 2)]
    assert paper.bibliographies == ("refs.bib", "more.json")


def test_citations_are_found_where_they_are_printed() -> None:
    paper = md(PAPER)
    assert keys(paper) == [("ada", "bo_b"), ("cy",), ("di",), ("ed",), ("fi",), (), ("gi",)]
    assert marked(paper)[:2] == ["[see @ada, p. 3; also -@bo_b]", "@cy"]
    assert [mark.textual for mark in paper.marks[:2]] == [False, True]
    assert paper.line_of(paper.marks[0].start) == 8


def test_sentences_are_plain() -> None:
    paper = md(PAPER)
    assert sentences(paper) == [
        "Birds sing .", "[p. 4] counts them in woods, often.", "Write to me@birds.org, see [] and .",
        "Quoted words run on .", "First .", "Second costs $5 and $6 .",
    ]  # fmt: skip
    assert sentences(paper, "footnote") == ["A note ."]
    assert sentences(paper, "table") == ["Owl"]


@pytest.mark.parametrize("text", ["[?]", "[@?]", "[@]", "[cite]", "[citation needed]", "\\cite{}", "[START_REF]"])
def test_placeholders(text: str) -> None:
    draft = md(f"Owls hoot {text}. So they do.")
    assert [(mark.kind, mark.keys) for mark in draft.marks] == [("placeholder", ())]
    assert marked(draft) == [text]


@pytest.mark.parametrize(
    ("text", "title", "headings"),
    [
        ("# Birds\n\nText.", "Birds", ["Birds"]),
        ("Birds\n=====\n\nText.", "Birds", ["Birds"]),
        ("Text.\n\n# Birds\n", "", ["Birds"]),
        ("---\ntitle: [unclosed\n---\n# Birds\n", "Birds", ["Birds"]),
        ("#birds are 1 # here\n", "", []),
    ],
)
def test_titles_and_headings(text: str, title: str, headings: list[str]) -> None:
    draft = md(text)
    check(draft)
    assert (draft.title, [heading.text for heading in draft.headings]) == (title, headings)


def test_a_front_matter_that_is_not_valid_is_told() -> None:
    assert [notice.code for notice in md("---\ntitle: [unclosed\n---\nText.").notices] == ["front_matter"]


def test_a_fence_that_never_closes_hides_the_rest() -> None:
    assert keys(md("Text [@a].\n\n~~~~\n[@b]\n~~~\n[@c]\n")) == [("a",)]


def test_words_with_underscores_and_lone_stars_stay() -> None:
    assert sentences(md("The snake_case_name is 2 * 3 * 4 and *this* is __that__.")) == [
        "The snake_case_name is 2 * 3 * 4 and this is that."
    ]


def test_under_a_heading_of_references_nothing_is_prose() -> None:
    draft = md("Birds sing [1].\n\n# References\n\n[1] A. Ada. Birds. Wood Press, 2020.\n")
    assert sentences(draft) == ["Birds sing ."]
    assert marked(draft) == ["[1]"]
