"""The pages of the app and the links between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app.ui.markup import escape_markdown, page_name

if TYPE_CHECKING:
    from streamlit.navigation.page import Page

LIBRARY, ASK, CITE, STATUS, PAPER = "library", "ask", "cite", "status", "paper"


def pages() -> dict[str, Page]:
    """All pages by name; the page of one paper is reached by links alone."""
    from app.ui.views.ask import show_ask
    from app.ui.views.cite import show_cite
    from app.ui.views.library import show_library
    from app.ui.views.paper import show_paper
    from app.ui.views.status import show_status

    return {
        LIBRARY: st.Page(
            show_library, title="Library", icon=":material/library_books:", url_path=LIBRARY, default=True
        ),
        ASK: st.Page(show_ask, title="Ask", icon=":material/forum:", url_path=ASK),
        CITE: st.Page(show_cite, title="Cite", icon=":material/format_quote:", url_path=CITE),
        STATUS: st.Page(show_status, title="Status", icon=":material/monitor_heart:", url_path=STATUS),
        PAPER: st.Page(show_paper, title="Paper", icon=":material/description:", url_path=PAPER, visibility="hidden"),
    }


def place_query(paper_id: int, *, page: int | None = None, passage: int | None = None) -> dict[str, str]:
    """The query parameters that open a paper at a place."""
    query = {"paper": str(paper_id)}
    if page is not None:
        query["page"] = str(page)
    if passage is not None:
        query["passage"] = str(passage)
    return query


def link_to_page(
    paper_id: int, page: int, *, page_label: str | None = None, passage: int | None = None, label: str = ""
) -> None:
    """A link that opens a paper at a page, with a passage highlighted; ``label`` is Markdown already."""
    st.page_link(
        pages()[PAPER],
        label=label or f"Open {escape_markdown(page_name(page, page_label))}",
        icon=":material/open_in_full:",
        query_params=place_query(paper_id, page=page, passage=passage),
    )


def link_to_paper(paper_id: int, title: str, *, icon: str | None = ":material/description:") -> None:
    """A link that opens a paper at its first page."""
    st.page_link(pages()[PAPER], label=escape_markdown(title), icon=icon, query_params=place_query(paper_id))


def open_paper(paper_id: int, *, page: int | None = None, passage: int | None = None) -> None:
    """Go to a paper now; the script ends here."""
    st.switch_page(pages()[PAPER], query_params=place_query(paper_id, page=page, passage=passage))


def number_in_query(name: str) -> int | None:
    """A whole number above zero from the address, or None: the address is the user's to write."""
    value = st.query_params.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and 0 < int(value[:12]) < 2**31 else None
