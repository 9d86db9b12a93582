from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.worthiness.stripping import stripped, unlinked_markers

_MARK = re.compile(r"\{(.*?)\}")


def strip(template: str) -> tuple[str, bool]:
    """The sentence without what stands in braces, which mentions tell of."""
    text, markers = "", []
    position = 0
    for match in _MARK.finditer(template):
        text += template[position : match.start()]
        markers.append((len(text), len(text) + len(match[1])))
        text += match[1]
        position = match.end()
    found = stripped(text + template[position:], markers)
    return found.text, found.whole


@pytest.mark.parametrize(
    ("template", "plain"),
    [
        ("Otters dive {[12]}.", "Otters dive."),
        ("Otters dive {[1, 3, 5]}, as urchins do {[4-6]}.", "Otters dive, as urchins do."),
        ("Otters dive ({Roe et al., 2010}).", "Otters dive."),
        ("Otters dive ({Roe et al., 2010}; {Doe, 2011}; {Poe and Loe, 2012}).", "Otters dive."),
        ("Otters dive ({Roe et al., 2010}, {2011}; {Doe, 2012a}, b).", "Otters dive."),
        ("Otters dive ({Roe et al., 2010}, 2011).", "Otters dive."),
        ("Otters dive (see also {Roe, 2010} for a review).", "Otters dive."),
        ("Otters dive (e.g., {[12]}).", "Otters dive."),
        ("Otters dive ({(Roe, 2010)}, Figure 2A).", "Otters dive (Figure 2A)."),
        ("Otters dive (Figure 1; {Roe, 2010}).", "Otters dive (Figure 1)."),
        ("Otters dive {(Roe, 2010; }{Doe, 2011)} and eat.", "Otters dive and eat."),
        ("Otters {[1]}, urchins {[2]} and kelp {[3]} were seen.", "Otters, urchins and kelp were seen."),
        ("Otters dive, as told by Roe et al. {[12]}.", "Otters dive, as told by Roe et al."),
        ("Do otters dive {[12]}?", "Do otters dive?"),
        ("- Otters dive {[12]}.", "Otters dive."),
        ("海獺會潛水 {[3]}。", "海獺會潛水。"),
    ],
)
def test_nothing_is_left_of_a_marker(template: str, plain: str) -> None:
    assert strip(template) == (plain, True)


@pytest.mark.parametrize(
    "template",
    [
        "As in {[12]}, otters dive.",
        "{Roe et al. (2010)} showed that otters dive.",
        "{Roe et al. (2010}) showed that otters dive.",
        "Roe et al. ({2010}) showed that otters dive.",
        "{[12]} shows that otters dive.",
        "Otters dive and {[12]} counts them.",
        "This follows from {[3]}.",
        "Otters dive, see {Roe, 2010} again.",
    ],
)
def test_a_marker_that_was_a_part_of_the_grammar_leaves_no_whole_sentence(template: str) -> None:
    assert not strip(template)[1]


_PLAIN = "Otters dive in cold water, and kelp grows there"
_MARKERS = [
    "[7]", "[1, 2-4]", "[1; 2]", "(Roe et al., 2010)", "(Roe & Doe, 2010)", "(see Roe, 2010)", "(cf. Roe, 2010)",
    "[Roe, 2010]", "(reviewed in Roe et al., 2010a)",
]  # fmt: skip


@given(st.sampled_from(_MARKERS), st.sampled_from(_MARKERS))
def test_a_sentence_with_markers_taken_out_is_the_sentence_that_never_had_any(first: str, second: str) -> None:
    head, tail = _PLAIN.split(",")
    text = f"{head} {first},{tail} {second}."
    markers = unlinked_markers(text, references=20)
    markers += [found.span() for found in re.finditer(r"Roe[^)\]]*\d{4}a?", text)]
    assert stripped(text, markers) == stripped(f"{_PLAIN}.", [])


@given(st.text(max_size=80))
def test_any_text_is_stripped_and_stays_as_it_is_the_second_time(text: str) -> None:
    once = stripped(text, [(0, len(text) // 2)]).text
    assert "\x00" not in once.replace(text, "")
    assert not re.search(r"\s{2}|\(\s*\)", stripped(once, []).text)


def test_citations_that_no_mention_tells_of_are_found() -> None:
    text = "Otters dive (Roe et al., 2010; Doe, 2011) and eat [3]."
    found = [text[start:end] for start, end in unlinked_markers(text, references=9)]
    assert found == ["Roe et al., 2010", " Doe, 2011", "[3]"]


@pytest.mark.parametrize("text", ["Values lie in the range [1, 2].", "Vectors x ∈ [1, 3] are kept.", "See row [14]."])
def test_numbers_in_brackets_need_not_be_citations(text: str) -> None:
    assert unlinked_markers(text, references=9) == []
    assert unlinked_markers(text, references=0) == []


def test_a_dated_event_is_no_citation() -> None:
    assert unlinked_markers("Samples were taken in March 2010 (see Table 2).", references=0) == []
