"""How the installation is, and what the background is doing."""

from __future__ import annotations

import re

import streamlit as st

from app.services.doctor import Check, examine
from app.services.models import models_in_use, size_told
from app.ui.background import forget, outcome
from app.ui.calm import calm
from app.ui.markup import escape_markdown
from app.ui.parts import title_line
from app.ui.resources import galacite
from core.records import Job

_SHOWN = 50
_HEADING = re.compile(r"^#{1,3} ", re.MULTILINE)
_PICTURE = re.compile(r"!\[[^\]\n]*\]\([^)\n]*\)")
_POLL_S = 1.0
_MARKS = {
    "good": ":green[:material/check_circle:]",
    "note": ":orange[:material/info:]",
    "bad": ":red[:material/error:]",
}
_STATES = {
    "queued": ":gray[:material/schedule:]",
    "running": ":blue[:material/hourglass_top:]",
    "done": ":green[:material/check_circle:]",
    "failed": ":red[:material/error:]",
    "cancelled": ":gray[:material/cancel:]",
}


@calm
def show_status() -> None:
    """The whole page."""
    title_line("Status")
    left, right = st.columns(2, gap="large")
    with left:
        st.header("Installation", anchor=False)
        _checks()
        st.header("Models", anchor=False)
        _models()
    with right:
        st.header("Background work", anchor=False)
        active = galacite().jobs.list(states=("queued", "running"), limit=1)
        st.fragment(_jobs, run_every=_POLL_S if active else None)()


def _checks() -> None:
    settings = galacite().settings
    found = outcome("checks", "all", lambda: examine(settings), waiting="Looking at everything …")
    if found is None:
        return
    for check in found:
        _check(check)
    if st.button("Look again", icon=":material/refresh:", key="look-again"):
        forget("checks")
        st.rerun()


def _check(check: Check) -> None:
    hint = f"  \n:gray[{escape_markdown(check.hint)}]" if check.hint else ""
    st.markdown(f"{_MARKS[check.state]} **{escape_markdown(check.name)}** — {escape_markdown(check.message)}{hint}")


@calm
def _models() -> None:
    for number, model in enumerate(models_in_use(galacite().settings)):
        size = size_told(model.facts) if model.facts else model.problem
        st.markdown(f"**{escape_markdown(model.name)}** {escape_markdown(model.task)} — {escape_markdown(size)}")
        card = model.facts.card if model.facts else ""
        if card:
            with st.expander("Model card", type="compact", key=f"model-card-{number}"):
                # A card of somebody else is shown letter by letter: it could load pictures from anywhere.
                st.markdown(_toned_down(card)) if model.ours else st.code(card, language=None, wrap_lines=True)


def _toned_down(card: str) -> str:
    """A card of ours to be shown within a page: small headings, and no pictures, which lie beside the card."""
    return _PICTURE.sub("", _HEADING.sub("#### ", card))


@calm
def _jobs() -> None:
    jobs = galacite().jobs.list(limit=_SHOWN)
    if not jobs:
        st.caption("Nothing has been done in the background yet.")
    for job in jobs:
        _job(job)


def _job(job: Job) -> None:
    hint = f"  \n:gray[{escape_markdown(job.hint)}]" if job.hint and job.state != "done" else ""
    steps = f" ({job.done} of {job.total})" if job.state == "running" and job.total else ""
    told = escape_markdown(job.message.removeprefix(f"{job.title}: ")) if job.message else job.state
    with st.container(horizontal=True, vertical_alignment="center", key=f"job-{job.id}"):
        st.markdown(f"{_STATES[job.state]} {escape_markdown(job.title)} — {told}{steps}{hint}", width="stretch")
        if job.state in ("failed", "cancelled") and st.button(
            "Retry", key=f"retry-{job.id}", type="tertiary", icon=":material/refresh:"
        ):
            galacite().jobs.retry(job.id)
            st.rerun()
        if not job.finished and st.button("Cancel", key=f"cancel-{job.id}", type="tertiary"):
            galacite().jobs.cancel(job.id)
            st.rerun()
