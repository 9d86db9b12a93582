"""Pieces that several pages show: passages with their source, and the page a passage stands on."""

from __future__ import annotations

import streamlit as st

from app.ui.background import PATIENCE_S, Task, rerun_when_done
from app.ui.calm import calm
from app.ui.markup import byline, escape_markdown, highlighted, page_name, snippet
from app.ui.resources import page_picture, paper_or_none
from app.ui.routes import link_to_page
from core.records import Hit

CARD_PICTURE_PX = 900
_PAGE_RATIO = 1.35


def title_line(title: str, *, icon: str = "") -> None:
    """The heading of a page."""
    st.title(f"{icon} {title}".strip(), anchor=False)


def show_hit(hit: Hit, *, key: str, heading: str = "", anchor: str | None = None, quoted: str = "") -> None:
    """A passage as a card: where it stands, its text with what matches marked, its page as a picture on demand.

    Args:
        key: Unique on the page.
        heading: Markdown put before the title, such as the number of the evidence.
        anchor: Makes the card the target of ``#anchor`` links.
        quoted: A sentence that is marked wherever the passage holds it.
    """
    spans = [*hit.highlights, *_found(hit.text, quoted)]
    text, cut_spans = snippet(hit.text, spans)
    with st.container(border=True, key=f"card-{key}", gap="xsmall"):
        st.subheader(f"{heading} {escape_markdown(hit.paper_title)}".strip(), anchor=anchor or False)
        place = page_name(hit.page, hit.page_label)
        st.caption(escape_markdown(byline(hit.authors, hit.year, place, hit.section)))
        with st.container(key=f"passage-{key}"):
            st.markdown(highlighted(text, cut_spans))
        with st.container(key=f"link-{key}"):
            link_to_page(hit.paper_id, hit.page, page_label=hit.page_label, passage=hit.passage_id)
        expander = st.expander("Show the page", key=f"page-{key}", type="compact", on_change="rerun")
        if expander.open:
            with expander:
                show_place(hit)


@calm
def show_place(hit: Hit) -> None:
    """The page of a passage as a picture, with the passage highlighted."""
    paper = paper_or_none(hit.paper_id)
    if paper is None:
        st.caption("This paper is no longer in the library.")
        return
    alt = f"Page {hit.page} of {paper.title}, with the passage highlighted"
    show_picture(page_picture(paper, hit.page, width_px=CARD_PICTURE_PX, highlights=hit.boxes), alt=alt)


def show_picture(task: Task[bytes], *, alt: str, column_px: int = 400) -> None:
    """A drawn page as wide as its column, or a placeholder of about its size while it is being drawn.

    Args:
        column_px: About how wide the column is.
    """
    if not task.wait(PATIENCE_S):
        st.skeleton(height=round(column_px * _PAGE_RATIO))
        rerun_when_done(task)
        return
    st.image(task.result(), width="stretch", alt=alt)


def show_scores(scores: tuple[tuple[str, float], ...], *, stacked: bool = False) -> None:
    """What each ranker thinks, side by side or ``stacked``; the numbers only compare within one ranker."""
    names = {"bm25": "BM25", "near": "BM25 near by", "dense": "Dense"}
    told = [f"{names.get(name, escape_markdown(name))} **{_number(score)}**" for name, score in scores]
    st.caption(("  \n" if stacked else " · ").join(told) or "no scores")


def _number(score: float) -> str:
    return f"{score:.2f}".replace("-", "\N{MINUS SIGN}")


def _found(text: str, sentence: str) -> list[tuple[int, int]]:
    start = text.find(sentence) if sentence else -1
    return [(start, start + len(sentence))] if start >= 0 else []
