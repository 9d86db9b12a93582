"""One paper: its pages as pictures beside what was read from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from app.ui.calm import calm, show_notices
from app.ui.markup import escape_markdown
from app.ui.parts import show_picture, title_line
from app.ui.resources import document_of, galacite, page_picture
from app.ui.routes import LIBRARY, link_to_paper, number_in_query, pages
from app.ui.views.library import confirm_removal
from app.ui.views.panels import (
    go,
    mentions_on,
    show_citations,
    show_outline,
    show_passages,
    show_references,
    show_summary,
)
from core.errors import NotFound
from core.records import Box, Document, Paper

_ZOOMS = {"Fit": 100, "125 %": 125, "150 %": 150, "200 %": 200}
"""Widths of the page in percent of its column; style.css has a rule for each."""
_UNREAD = ("no_text", "pages_unread")
"""Notices of pages that are pictures and whose text is not there."""
_FIT_PX = 1_200
_MAX_PX = 1_800
_COLUMN_PX = 600
_PANEL_PX = 860
_PASSAGES, _OUTLINE, _CITATIONS, _REFERENCES = "Passages", "Outline", "Citations", "References"
_SUMMARY = "Summary"


@calm
def show_paper() -> None:
    """The paper that the address names, at its page."""
    paper_id = number_in_query("paper")
    if paper_id is None:
        title_line("Paper")
        st.markdown("Choose a paper in the library to read it here.")
        st.page_link(pages()[LIBRARY], label="Go to the library", icon=":material/library_books:")
        return
    try:
        paper = galacite().library.get(paper_id)
    except NotFound:
        title_line("Paper")
        st.warning("This paper is not in the library. It may have been removed.", icon=":material/search_off:")
        st.page_link(pages()[LIBRARY], label="Go to the library", icon=":material/library_books:")
        return
    document = document_of(paper)
    _header(paper, document)
    marked = _marked(document)
    page = _current_page(paper, marked)
    left, right = st.columns([3, 2], gap="large")
    with right:
        panel = _side_panel(paper, document, page)
    if not marked and panel == _CITATIONS:
        marked = tuple(box for mention in mentions_on(document, page) for box in mention.boxes)
    with left:
        _page_view(paper, page, marked, "its citations highlighted" if panel == _CITATIONS else "a passage highlighted")


def _header(paper: Paper, document: Document) -> None:
    with st.container(key="back", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.page_link(pages()[LIBRARY], label="Library", icon=":material/arrow_back:")
        if st.button("Remove …", icon=":material/delete:", type="tertiary", key="remove"):
            confirm_removal([paper.id], [paper.title])
    st.title(escape_markdown(paper.title), anchor=False)
    names = ", ".join(author.name for author in paper.authors[:12]) or "Authors unknown"
    more = f" and {len(paper.authors) - 12} more" if len(paper.authors) > 12 else ""
    facts = [str(paper.year or ""), paper.venue, f"doi:{paper.doi}" if paper.doi else "", _arxiv(paper)]
    lines = [" · ".join(fact for fact in (names + more, *facts) if fact), _origins(document)]
    st.caption("  \n".join(escape_markdown(line) for line in lines if line))
    show_notices(paper.notices)
    if any(notice.code in _UNREAD for notice in paper.notices):
        _offer_reading(paper)
    if paper.duplicate_of is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("This looks like another version of a paper you have:")
            link_to_paper(paper.duplicate_of, "open the other one")


@calm
def _offer_reading(paper: Paper) -> None:
    """Pages that could not be recognised may be so now, with language data installed or more languages named."""
    if st.button("Read it again", icon=":material/document_scanner:", key="reread"):
        galacite().library.reread(paper.id)
        st.toast("Being read again: the library shows how far it is.", icon=":material/hourglass_top:")


def _origins(document: Document) -> str:
    """Where the authors work and what the paper is about, as printed."""
    return " · ".join(filter(None, ("; ".join(document.affiliations[:4]), ", ".join(document.keywords))))


def _arxiv(paper: Paper) -> str:
    return f"arXiv:{paper.arxiv_id}" if paper.arxiv_id else ""


def _marked(document: Document) -> tuple[Box, ...]:
    """The boxes of the passage, citation or reference that the address names."""
    wanted = number_in_query("passage")
    passage = next((passage for passage in document.passages if passage.id == wanted), None) if wanted else None
    if passage is not None:
        return passage.boxes
    for items, name in ((document.mentions, "mention"), (document.references, "reference")):
        number = number_in_query(name)
        if number is not None and 0 <= number < len(items):
            return items[number].boxes
    return ()


def _current_page(paper: Paper, marked: Sequence[Box]) -> int:
    asked = number_in_query("page") or (marked[0].page if marked else 1)
    return max(1, min(asked, paper.page_count))


def _page_view(paper: Paper, page: int, marked: tuple[Box, ...], said: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="page-tools"):
        _turn_button("Previous", ":material/chevron_left:", page - 1, disabled=page <= 1, shortcut="Left")
        st.session_state["page-number"] = page
        st.number_input(
            f"Page (of {paper.page_count})",
            min_value=1,
            max_value=paper.page_count,
            key="page-number",
            on_change=lambda: go(st.session_state["page-number"]),
            width=120,
        )
        _turn_button("Next", ":material/chevron_right:", page + 1, disabled=page >= paper.page_count, shortcut="Right")
        zoom = st.selectbox("Zoom", list(_ZOOMS), key="zoom", persist_state="session", width=110)
        label = paper.page_labels[page - 1] if page <= len(paper.page_labels) else None
        if label and label != str(page):
            st.caption(f"printed number {escape_markdown(label)}")
    _picture(paper, page, marked, said, _ZOOMS[zoom])


@calm
def _picture(paper: Paper, page: int, boxes: tuple[Box, ...], said: str, zoom: int) -> None:
    drawn_px = min(_MAX_PX, _FIT_PX * zoom // 100)
    alt = f"Page {page} of {paper.title}" + (f", with {said}" if boxes else "")
    with st.container(key="page-view"), st.container(key=f"zoom-{zoom}"):
        show_picture(page_picture(paper, page, width_px=drawn_px, highlights=boxes), alt=alt, column_px=_COLUMN_PX)
    if page < paper.page_count:
        page_picture(paper, page + 1, width_px=drawn_px, highlights=boxes)  # ready before it is turned to


def _turn_button(label: str, icon: str, page: int, *, disabled: bool, shortcut: str) -> None:
    st.button(label, icon=icon, key=f"turn-{shortcut}", on_click=go, args=(page,), disabled=disabled, shortcut=shortcut)


def _side_panel(paper: Paper, document: Document, page: int) -> str:
    """Draw what stands beside the page; returns which of the panels it is."""
    panels: dict[str, Callable[[], None]] = {
        _PASSAGES: lambda: show_passages(document, page),
        _OUTLINE: lambda: show_outline(document),
        _CITATIONS: lambda: show_citations(document, page),
        _REFERENCES: lambda: show_references(paper, document),
        _SUMMARY: lambda: show_summary(paper),
    }
    chosen = st.segmented_control(
        "Beside the page",
        list(panels),
        default=_PASSAGES,
        required=True,
        key="panel",
        persist_state="session",
        label_visibility="collapsed",
    )
    panel = chosen or _PASSAGES
    with st.container(height=_PANEL_PX, border=False, key="panel-body"):
        calm(panels[panel])()
    return panel
