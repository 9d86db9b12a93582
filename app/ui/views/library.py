"""The library: papers come in, are found and opened."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.samples import sample_pdfs
from app.services.library import Order
from app.ui import uploads
from app.ui.background import forget, outcome
from app.ui.calm import calm, show_error, show_notices
from app.ui.markup import escape_markdown, short_names
from app.ui.parts import show_hit, title_line
from app.ui.resources import galacite
from app.ui.routes import LIBRARY, open_paper, pages
from core.errors import GalaciteError
from core.records import Paper, SearchFilter

PAGE_SIZE = 100
_ROW_PX = 36
_TABLE_PX = 560
_TOP_HITS = 20
_ORDERS: dict[str, Order] = {"Recently added": "added", "Title": "title", "Year": "year", "First author": "author"}


@calm
def show_library() -> None:
    """The whole page."""
    total = galacite().library.count()
    title_line("Library")
    problem = st.session_state.pop("library-problem", None)
    if problem is not None:
        show_error(problem)
    if total == 0:
        _show_empty()
        return
    with st.expander("Add papers", icon=":material/upload_file:", expanded=False, key="add-papers"):
        uploads.show_uploader()
    uploads.show_progress()
    query = st.text_input(
        "Search inside your papers",
        key="q",
        bind="query-params",
        type="search",
        placeholder="A few words: passages that fit are found by wording and by meaning",
        icon=":material/search:",
        max_chars=500,
    )
    if query.strip():
        with st.container(horizontal=True, horizontal_alignment="right", key="search-tools"):
            narrow = _filters()
        _show_hits(query.strip(), narrow)
    else:
        _show_table(total)


def _show_empty() -> None:
    st.markdown(
        "Your library is empty. Add papers you have as PDFs: Galacite reads them on this machine, finds passages by "
        "wording and meaning, answers questions with the page that says so, and suggests what to cite."
    )
    left, right = st.columns([3, 2], gap="large")
    with left, st.container(border=True, height="stretch"):
        st.subheader("Add your papers", anchor=False)
        uploads.show_uploader()
    files = sample_pdfs()
    with right, st.container(border=True, height="stretch"):
        st.subheader("Or look around first", anchor=False)
        st.markdown(
            f"{len(files)} short papers about language models, citations and search come with Galacite. "
            "They are enough to try every page, and can be removed at any time."
        )
        if st.button("Load the sample papers", icon=":material/auto_stories:", disabled=not files, width="stretch"):
            uploads.add_files([uploads.Incoming(path.name, path) for path in files])
            st.rerun()
    uploads.show_progress()


def _filters() -> SearchFilter:
    """What the papers are narrowed to, set in a popover that says when it is in use."""
    keys = ("filter-author", "filter-from", "filter-to", "filter-collection")
    used = sum(bool(st.session_state.get(key)) for key in keys)
    label = f"Filters ({used})" if used else "Filters"
    with st.popover(label, icon=":material/filter_list:", key="filters"):
        author = st.text_input(
            "Author", key="filter-author", placeholder="family name", max_chars=100, persist_state="page"
        )
        left, right = st.columns(2)
        first = left.number_input(
            "From year", min_value=1000, max_value=2999, value=None, key="filter-from", persist_state="page"
        )
        last = right.number_input(
            "To year", min_value=1000, max_value=2999, value=None, key="filter-to", persist_state="page"
        )
        collection = st.selectbox(
            "Collection",
            [each.name for each in galacite().library.collections()],
            index=None,
            placeholder="all",
            key="filter-collection",
            persist_state="page",
        )
    return SearchFilter(year_from=first, year_to=last, author=author.strip(), collection=collection or "")


def _show_hits(query: str, narrow: SearchFilter) -> None:
    search = galacite().search
    found = outcome(
        "search",
        (query, narrow),
        lambda: search.search(query, narrow=narrow, top=_TOP_HITS),
        waiting="Searching. The first search after a start loads the text encoder, which takes some seconds.",
    )
    if found is None:
        return
    show_notices(found.notices)
    if not found.hits:
        st.markdown(f"Nothing in the library fits **{escape_markdown(query)}**. Try fewer or other words.")
        return
    st.caption(f"{len(found.hits)} passages, best first")
    for index, hit in enumerate(found.hits):
        show_hit(hit, key=f"hit-{index}-{hit.passage_id}")


def _show_table(total: int) -> None:
    library = galacite().library
    with st.container(horizontal=True, vertical_alignment="bottom", key="table-tools"):
        text = st.text_input("Filter the list", key="filter-text", placeholder="title or author", max_chars=200)
        narrow = _filters()
        order = st.selectbox("Sort by", list(_ORDERS), key="order", width=180)
    count = total if narrow.is_empty and not text.strip() else library.count(narrow=narrow, text=text)
    offset = _offset(count, (narrow, text, order))
    papers = library.papers(narrow=narrow, text=text, order=_ORDERS[order], limit=PAGE_SIZE, offset=offset)
    if not papers:
        st.markdown("No paper passes these filters.")
        return
    chosen = _table(papers)
    _table_foot(count, offset, len(papers))
    if chosen:
        _offer(chosen)


def _table(papers: list[Paper]) -> list[Paper]:
    """The papers as rows; a click on a row opens the paper, ticked rows are returned."""
    rows = pd.DataFrame(
        {
            "Title": [paper.title for paper in papers],
            "Authors": [short_names(paper.authors) for paper in papers],
            "Year": pd.array([paper.year for paper in papers], dtype="Int64"),
            "Pages": [paper.page_count for paper in papers],
            "Added": [paper.added_at for paper in papers],
        }
    )
    state = st.dataframe(
        rows,
        hide_index=True,
        row_height=_ROW_PX,
        height=min(_TABLE_PX, _ROW_PX * (len(papers) + 1) + 4),
        on_select="rerun",
        selection_mode=["multi-row", "single-cell"],
        key="papers",
        placeholder="–",
        column_config={
            "Title": st.column_config.TextColumn(width=500),
            "Authors": st.column_config.TextColumn(width=170),
            "Year": st.column_config.NumberColumn(width=60, format="%d"),
            "Pages": st.column_config.NumberColumn(width=60),
            "Added": st.column_config.DatetimeColumn(width=100, format="D MMM YYYY"),
        },
        alt="Papers of the library",
    )
    selection = state["selection"]
    for row, _ in selection.get("cells", []):
        open_paper(papers[int(row)].id)
    return [papers[row] for row in selection.get("rows", []) if row < len(papers)]


def _table_foot(count: int, offset: int, shown: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        told = "Click a row to open it; tick rows to collect or remove them."
        st.caption(f"{offset + 1}–{offset + shown} of {count:,} papers. {told}")
        if count > PAGE_SIZE:
            with st.container(horizontal=True, width="content"):
                earlier = st.button("Previous", icon=":material/chevron_left:", disabled=offset == 0)
                later = st.button("Next", icon=":material/chevron_right:", disabled=offset + shown >= count)
            if earlier or later:
                st.session_state["offset"] = offset + (PAGE_SIZE if later else -PAGE_SIZE)
                st.rerun()


def _offset(count: int, view: object) -> int:
    """Where the shown part of the list begins; another filter or order begins at the top."""
    if st.session_state.get("offset_of") != view:
        st.session_state["offset_of"] = view
        st.session_state["offset"] = 0
    offset: int = st.session_state.get("offset", 0)
    return offset if offset < count else 0


def _offer(chosen: list[Paper]) -> None:
    """What can be done with ticked papers."""
    what = f"{len(chosen)} papers" if len(chosen) > 1 else "this paper"
    ids = [paper.id for paper in chosen]
    inside: str | None = st.session_state.get("filter-collection")
    with st.container(horizontal=True, key="chosen"):
        if st.button("Add to collection …", icon=":material/folder_open:", key="collect"):
            choose_collection(ids)
        if inside:
            label = f"Take out of {escape_markdown(inside)}"
            st.button(label, icon=":material/folder_off:", key="uncollect", on_click=_uncollect, args=(inside, ids))
        if st.button(f"Remove {what} …", icon=":material/delete:", key="remove"):
            confirm_removal(ids, [paper.title for paper in chosen])


@st.dialog("Add to a collection")
def choose_collection(paper_ids: list[int]) -> None:
    """Ask for a collection, there already or new, and put papers into it."""
    known = [each.name for each in galacite().library.collections()]
    name = st.selectbox(
        "Collection",
        known,
        index=None,
        key="collect-name",
        placeholder="choose one, or type a new name" if known else "type a name",
        accept_new_options=True,
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Cancel", key="collect-cancel"):
            st.rerun()
        if st.button("Add", type="primary", key="collect-add", disabled=not (name or "").strip()):
            collect(name or "", paper_ids)


@calm
def collect(name: str, paper_ids: list[int]) -> None:
    """Put papers into a collection, say how many it holds, and draw the page anew."""
    collection = galacite().library.collect(name, paper_ids)
    forget("search")
    papers = f"{collection.papers} paper{'s' if collection.papers != 1 else ''}"
    st.toast(f"**{escape_markdown(collection.name)}** now holds {papers}.", icon=":material/folder_open:")
    st.rerun()


def _uncollect(name: str, paper_ids: list[int]) -> None:
    """Take papers out of a collection; what went wrong is told on the next run."""
    try:
        galacite().library.uncollect(name, paper_ids)
    except GalaciteError as error:
        st.session_state["library-problem"] = error
    forget("search")
    st.session_state.pop("papers", None)


@st.dialog("Remove from the library?")
def confirm_removal(paper_ids: list[int], titles: list[str]) -> None:
    """Ask once more, then remove papers and go to the library."""
    for title in titles[:5]:
        st.markdown(f"- {escape_markdown(title)}")
    if len(titles) > 5:
        st.markdown(f"- and {len(titles) - 5} more")
    st.caption("The stored PDF and all that was read from it are deleted. Your own copy of the file stays where it is.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep", key="keep"):
            st.rerun()
        if st.button("Remove", type="primary", key="remove-for-good", on_click=_remove, args=(paper_ids,)):
            st.switch_page(pages()[LIBRARY])


def _remove(paper_ids: list[int]) -> None:
    """Remove papers; what went wrong is told on the next page."""
    try:
        for paper_id in paper_ids:
            galacite().library.remove(paper_id)
    except GalaciteError as error:
        st.session_state["library-problem"] = error
    st.session_state.pop("papers", None)
