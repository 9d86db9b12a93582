"""The frame around every page: configuration, style, navigation, and the sidebar that tells what is going on."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.ui.calm import calm
from app.ui.resources import galacite
from app.ui.routes import LIBRARY, pages

_HERE = Path(__file__).parent
_POLL_S = 2.0
_SIDEBAR_PX = 230


def run() -> None:
    """Draw the page that the address names."""
    st.set_page_config(
        page_title="Galacite", page_icon=str(_HERE / "icon.svg"), layout="wide", initial_sidebar_state=_SIDEBAR_PX
    )
    st.html(_HERE / "style.css")
    st.logo(str(_HERE / "logo.svg"), size="large", icon_image=str(_HERE / "icon.svg"))
    page = st.navigation(list(pages().values()))
    calm(page.run)()
    _work_going_on()


@calm
def _work_going_on() -> None:
    active = galacite().jobs.list(states=("queued", "running"), limit=1_000)
    if active:
        with st.sidebar:
            st.fragment(_follow_work, run_every=_POLL_S)()


@calm
def _follow_work() -> None:
    active = galacite().jobs.list(states=("queued", "running"), limit=1_000)
    if not active:
        st.rerun()
    papers = sum(job.kind == "ingest" for job in active)
    what = f"Adding {papers} paper{'s' if papers != 1 else ''}" if papers else "Updating the search indexes"
    with st.container(key="sidebar-work"):
        st.page_link(pages()[LIBRARY], label=what, icon=":material/hourglass_top:")
