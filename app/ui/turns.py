"""How a question and its answer look, while it is written and afterwards: the same, so that nothing jumps."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from app.ui.answering import Turn
from app.ui.calm import show_notices
from app.ui.markup import escape_markdown, page_name
from app.ui.parts import show_hit, show_place
from core.records import AnswerSentence

_DOING = {
    "searching": "Searching the library",
    "reading": "Reading the passages; the answer is being phrased",
    "phrasing": "Checking each sentence against its passage",
}


def show_turn(turn: Turn, *, key: str, headed: bool = True) -> None:
    """A question with its answer at the left and the evidence at the right.

    Args:
        key: Unique on the page.
        headed: Whether to print the question.
    """
    if headed:
        st.header(escape_markdown(turn.question), anchor=False)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _show_answer(turn, key)
    with right:
        _show_evidence(turn, key)


def _show_answer(turn: Turn, key: str) -> None:
    if turn.refused:
        _show_refusal(turn)
    groups = groupby(enumerate(turn.sentences), key=lambda pair: pair[1].kind)
    for kind, pairs in groups:
        sentences = list(pairs)
        if kind == "generated":
            said = (f"{escape_markdown(sentence.text)} {_marks(sentence, turn, key)}" for _, sentence in sentences)
            st.markdown(" ".join(said))
            continue
        for index, sentence in sentences:
            with st.container(key=f"quote-{key}-{index}"):
                st.markdown(f"> “{escape_markdown(sentence.text)}” {_marks(sentence, turn, key)}")
    if turn.phase != "over":
        st.markdown(f":gray[:material/progress_activity: {_DOING[turn.phase]} …]")
        return
    show_notices(turn.notices, hide=("not_answered",))
    if turn.sentences:
        st.caption(_legend(turn))
        _show_source(turn, key)


def _show_refusal(turn: Turn) -> None:
    nearest = " The passages nearest to it are shown for you to judge." if turn.evidence else ""
    st.markdown(f"**The library does not answer this.**{nearest}")
    st.caption("Try other words, or add papers on the subject.")


def _legend(turn: Turn) -> str:
    parts = []
    kinds = {sentence.kind for sentence in turn.sentences}
    if "generated" in kinds:
        parts.append(
            f"Phrased by {escape_markdown(turn.generator)}; each sentence was checked against the passage it names."
        )
    if "quote" in kinds:
        parts.append("Set off and in quotation marks: the paper's own words.")
    return " ".join(parts)


def _marks(sentence: AnswerSentence, turn: Turn, key: str) -> str:
    """Number and page of each passage that carries a sentence, as links to its card."""
    marks = []
    for position in sentence.evidence:
        place = escape_markdown(page_name(turn.evidence[position].page, turn.evidence[position].page_label))
        marks.append(f"[\\[{position + 1}, {place}\\]](#{_anchor(key, position)})")
    return " ".join(marks)


def _show_source(turn: Turn, key: str) -> None:
    """The page that answers: the first passage that the answer names, on its page."""
    hit = turn.evidence[turn.sentences[0].evidence[0]]
    with st.container(border=True, key=f"source-{key}", gap="xsmall"):
        place = escape_markdown(page_name(hit.page, hit.page_label))
        st.markdown(f"**{escape_markdown(hit.paper_title)}**, {place}")
        show_place(hit)


def _show_evidence(turn: Turn, key: str) -> None:
    if not turn.evidence:
        return
    st.caption("Nearest passages" if turn.refused else "Evidence")
    for position, hit in enumerate(turn.evidence):
        quoted = next((s.text for s in turn.sentences if s.kind == "quote" and position in s.evidence), "")
        show_hit(
            hit,
            key=f"{key}-{position}",
            heading=f":blue[{position + 1}] ·",
            anchor=_anchor(key, position),
            quoted=quoted,
        )


def _anchor(key: str, position: int) -> str:
    return f"evidence-{key}-{position + 1}"
