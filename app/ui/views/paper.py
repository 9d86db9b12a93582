"""One paper: its pages as pictures beside what was read from them."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.ui.background import forget, outcome
from app.ui.calm import calm, show_notices
from app.ui.markup import byline, escape_markdown, page_name
from app.ui.parts import show_picture, title_line
from app.ui.resources import document_of, galacite, page_picture
from app.ui.routes import LIBRARY, link_to_page, link_to_paper, number_in_query, pages
from app.ui.views.library import confirm_removal
from core.errors import GalaciteError, NotFound
from core.records import Answer, Document, Paper, Passage, Reference

_ZOOMS = {"Fit": 100, "125 %": 125, "150 %": 150, "200 %": 200}
"""Widths of the page in percent of its column; style.css has a rule for each."""
_FIT_PX = 1_200
_MAX_PX = 1_800
_COLUMN_PX = 600
_PANEL_PX = 860
_PASSAGES, _OUTLINE, _REFERENCES, _SUMMARY = "Passages", "Outline", "References", "Summary"


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
    _header(paper)
    passage = _named_passage(document)
    page = _current_page(paper, passage)
    left, right = st.columns([3, 2], gap="large")
    with right:
        _side_panel(paper, document, page)
    with left:
        _page_view(paper, page, passage)


def _header(paper: Paper) -> None:
    with st.container(key="back"):
        st.page_link(pages()[LIBRARY], label="Library", icon=":material/arrow_back:")
    st.title(escape_markdown(paper.title), anchor=False)
    names = ", ".join(author.name for author in paper.authors[:12]) or "Authors unknown"
    more = f" and {len(paper.authors) - 12} more" if len(paper.authors) > 12 else ""
    facts = [str(paper.year or ""), paper.venue, f"doi:{paper.doi}" if paper.doi else "", _arxiv(paper)]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(escape_markdown(" · ".join(fact for fact in (names + more, *facts) if fact)), width="stretch")
        if st.button("Remove …", icon=":material/delete:", type="tertiary", key="remove"):
            confirm_removal([paper.id], [paper.title])
    show_notices(paper.notices)
    if paper.duplicate_of is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("This looks like another version of a paper you have:")
            link_to_paper(paper.duplicate_of, "open the other one")


def _arxiv(paper: Paper) -> str:
    return f"arXiv:{paper.arxiv_id}" if paper.arxiv_id else ""


def _named_passage(document: Document) -> Passage | None:
    wanted = number_in_query("passage")
    return next((passage for passage in document.passages if passage.id == wanted), None) if wanted else None


def _current_page(paper: Paper, passage: Passage | None) -> int:
    asked = number_in_query("page") or (passage.page if passage else 1)
    return max(1, min(asked, paper.page_count))


def _go(page: int, *, passage: int | None = None) -> None:
    """Turn to a page; the address follows, so that a reload comes back here."""
    st.query_params["page"] = str(page)
    if passage is not None:
        st.query_params["passage"] = str(passage)


def _page_view(paper: Paper, page: int, passage: Passage | None) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="page-tools"):
        _turn_button("Previous", ":material/chevron_left:", page - 1, disabled=page <= 1, shortcut="Left")
        st.session_state["page-number"] = page
        st.number_input(
            f"Page (of {paper.page_count})",
            min_value=1,
            max_value=paper.page_count,
            key="page-number",
            on_change=lambda: _go(st.session_state["page-number"]),
            width=120,
        )
        _turn_button("Next", ":material/chevron_right:", page + 1, disabled=page >= paper.page_count, shortcut="Right")
        zoom = st.selectbox("Zoom", list(_ZOOMS), key="zoom", persist_state="session", width=110)
        label = paper.page_labels[page - 1] if page <= len(paper.page_labels) else None
        if label and label != str(page):
            st.caption(f"printed number {escape_markdown(label)}")
    _picture(paper, page, passage, _ZOOMS[zoom])


@calm
def _picture(paper: Paper, page: int, passage: Passage | None, zoom: int) -> None:
    boxes = passage.boxes if passage else ()
    drawn_px = min(_MAX_PX, _FIT_PX * zoom // 100)
    alt = f"Page {page} of {paper.title}" + (", with a passage highlighted" if boxes else "")
    with st.container(key="page-view"), st.container(key=f"zoom-{zoom}"):
        show_picture(page_picture(paper, page, width_px=drawn_px, highlights=boxes), alt=alt, column_px=_COLUMN_PX)
    if page < paper.page_count:
        page_picture(paper, page + 1, width_px=drawn_px, highlights=boxes)  # ready before it is turned to


def _turn_button(label: str, icon: str, page: int, *, disabled: bool, shortcut: str) -> None:
    st.button(
        label, icon=icon, key=f"turn-{shortcut}", on_click=_go, args=(page,), disabled=disabled, shortcut=shortcut
    )


def _side_panel(paper: Paper, document: Document, page: int) -> None:
    panels: dict[str, Callable[[], None]] = {
        _PASSAGES: lambda: _passages(document, page),
        _OUTLINE: lambda: _outline(document),
        _REFERENCES: lambda: _references(paper, document),
        _SUMMARY: lambda: _summary(paper),
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
    with st.container(height=_PANEL_PX, border=False, key="panel-body"):
        calm(panels[chosen or _PASSAGES])()


def _passages(document: Document, page: int) -> None:
    here = [passage for passage in document.passages if passage.page == page]
    wanted = number_in_query("passage")
    if not here:
        st.caption("No text was read from this page.")
    for passage in here:
        section = document.sections[passage.section].heading if passage.section is not None else ""
        with st.container(border=True, key=f"card-{passage.index}"):
            with st.container(key=f"passage-{passage.index}"):
                text = escape_markdown(passage.text)
                st.markdown(f":yellow-background[{text}]" if passage.id == wanted else text)
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                st.caption(escape_markdown(" · ".join(filter(None, (passage.kind, section)))))
                st.button(
                    "Highlighted" if passage.id == wanted else "Highlight",
                    key=f"mark-{passage.index}",
                    type="tertiary",
                    disabled=passage.id == wanted,
                    on_click=_go,
                    args=(page,),
                    kwargs={"passage": passage.id},
                )


def _outline(document: Document) -> None:
    if not document.sections:
        st.caption("No headings were read from this paper.")
    with st.container(gap="xsmall", key="outline"):
        _headings(document)


def _headings(document: Document) -> None:
    for section in document.sections:
        heading = escape_markdown(f"{section.number} {section.heading}".strip())
        indent = "\u2003" * (section.level - 1)
        st.button(
            f"{indent}{heading} :gray[· p. {section.page}]",
            key=f"section-{section.index}",
            type="tertiary",
            on_click=_go,
            args=(section.page,),
        )


def _references(paper: Paper, document: Document) -> None:
    references = galacite().library.references(paper.id)
    if not references:
        st.caption("No reference list was read from this paper.")
        return
    works = galacite().library.works([ref.work_id for ref in references if ref.work_id is not None])
    held = {work.id: work.paper_id for work in works if work.paper_id is not None and work.paper_id != paper.id}
    st.caption(f"{len(references)} references, {sum(ref.work_id in held for ref in references)} of them in the library")
    for reference in references:
        _reference(paper, document, reference, held.get(reference.work_id or 0))


def _reference(paper: Paper, document: Document, reference: Reference, held: int | None) -> None:
    number = escape_markdown(reference.label or str(reference.index + 1))
    title = escape_markdown(reference.title or reference.raw)
    facts = escape_markdown(byline(reference.authors, reference.year, reference.venue)) if reference.title else ""
    cited = sorted({m.page for m in document.mentions if reference.index in m.reference_indices})
    with st.container(key=f"reference-{reference.index}", gap="xsmall"):
        st.markdown(f":gray[{number}] **{title}**" + (f"  \n:gray[{facts}]" if facts else ""))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if held is not None:
                link_to_paper(held, "in your library", icon=":material/library_add_check:")
            for page in cited[:8]:
                link_to_page(paper.id, page, label=f"cited on p. {page}" if page == cited[0] else f"p. {page}")
            if not cited:
                st.caption("no citation in the text was linked to it")


def _summary(paper: Paper) -> None:
    slot = f"summary-{paper.id}"
    asked = st.session_state.setdefault("summaries_asked", set())
    if slot not in asked:
        st.markdown("The paper's own telling sentences, each with its page, and one sentence that says it in short.")
        if st.button("Sum up this paper", icon=":material/summarize:", type="primary", key="summarize"):
            asked.add(slot)
            st.rerun()
        return
    summaries = galacite().summaries
    try:
        answer = outcome(
            slot,
            paper.revision,
            lambda: summaries.summarize(paper.id),
            waiting="Reading the paper. The first time, models are loaded.",
        )
    except GalaciteError:
        asked.discard(slot)
        forget(slot)
        raise
    if answer is not None:
        _show_summary(paper, answer)


def _show_summary(paper: Paper, answer: Answer) -> None:
    show_notices(answer.notices)
    for index, sentence in enumerate(answer.sentences):
        quoted = sentence.kind == "quote"
        text = escape_markdown(sentence.text)
        with st.container(key=f"quote-{index}" if quoted else f"said-{index}", gap="xsmall"):
            st.markdown(f"> “{text}”" if quoted else f"**In short:** {text}")
            with st.container(horizontal=True):
                for position in sentence.evidence:
                    hit = answer.evidence[position]
                    place = escape_markdown(page_name(hit.page, hit.page_label))
                    link_to_page(paper.id, hit.page, passage=hit.passage_id, label=place)
    if any(sentence.kind == "generated" for sentence in answer.sentences):
        name = escape_markdown(answer.generator)
        st.caption(f"In short: phrased by {name} and checked against the page. Quotes: the paper's own words.")
