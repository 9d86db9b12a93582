import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sentences import sentence_spans, split_sentences


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("We follow Smith et al. (2020). It works in Fig. 3 of J. Doe.", 2),
        ("It costs 3.5 s, i.e. less. Done!", 2),
        ("This was shown [3, 5–7]. Next.", 2),
        ("He asked “why?” Nobody knew.", 2),
        ("한국어 문장이다. 두 번째 문장.", 2),
        ("中文句子。第二句。", 2),
        ("no end", 1),
        ("", 0),
    ],
)
def test_split_sentences(text: str, count: int) -> None:
    assert len(split_sentences(text)) == count


@given(st.text(alphabet="ab .!?A1[]()\n"))
def test_spans_cover_everything_but_white_space_in_order(text: str) -> None:
    spans = sentence_spans(text)
    assert all(start < end for start, end in spans)
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))
    covered = "".join(text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(text.split())


def test_a_long_text_is_parted_in_time_that_grows_with_it() -> None:
    text = "Adler et al. saw it. " * 5_000
    begun = time.process_time()
    assert len(sentence_spans(text)) == 5_000
    assert time.process_time() - begun < 5
