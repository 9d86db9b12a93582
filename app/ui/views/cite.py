"""What to cite: suggestions for the marked places of a text."""

from __future__ import annotations

import streamlit as st

from app.samples import sample_draft
from app.services.suggestions import MAX_TEXT_CHARS, PlaceSuggestions, SuggestResult
from app.ui.background import PATIENCE_S, Unfolding, unfolding
from app.ui.calm import calm, show_notices
from app.ui.markup import byline, escape_markdown, highlighted, page_name
from app.ui.parts import show_scores, title_line
from app.ui.resources import citing_models, galacite
from app.ui.routes import LIBRARY, link_to_page, link_to_paper, pages
from core.records import CitedAt, Suggestion, Work

_POLL_S = 0.8
"""Each look draws all places anew, beside a model that needs the processor."""
_LOOKING = "Looking for works that fit. The first time, the text encoder is loaded."
_TOP = 8
_SHOWN = 3
_TEXT_PX = 220
_MAX_FILE_MB = 2
_CONTEXT_CHARS = 240
_WORD_CHARS = 50


@calm
def show_cite() -> None:
    """The whole page."""
    title_line("Find what to cite")
    if galacite().library.count() == 0:
        st.markdown("Suggestions come from your papers and from the works they cite. The library is empty so far.")
        st.page_link(pages()[LIBRARY], label="Add papers first", icon=":material/library_books:")
        return
    citing_models().warm()
    st.markdown(
        "Paste a paragraph, or open a file. Mark each place that wants a citation with `[?]`; `[citation]`, "
        "`\\cite{…}`, `[@…]` and `[START_REF]` are understood too. Without any mark, the whole text is one place."
    )
    _input()
    text: str = st.session_state.get("cite-asked", "")
    if text:
        _show_suggestions(text)


def _input() -> None:
    text = st.text_area(
        "Your text",
        key="cite-text",
        height=_TEXT_PX,
        max_chars=MAX_TEXT_CHARS,
        placeholder="Large language models can be trained on scientific text alone [?].",
        persist_state="session",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Suggest citations", type="primary", icon=":material/format_quote:", disabled=not text.strip()):
            st.session_state["cite-asked"] = text
        st.button(
            "Try an example",
            icon=":material/draft:",
            key="example",
            on_click=_use_example,
        )
        with st.popover("Open a file", icon=":material/upload_file:"):
            st.file_uploader(
                "A text, Markdown or LaTeX file",
                type=["txt", "md", "tex"],
                key="cite-file",
                max_upload_size=_MAX_FILE_MB,
                on_change=_use_file,
            )
        _model_switch()
    problem = st.session_state.pop("cite-problem", "")
    if problem:
        st.warning(problem)


def _model_switch() -> None:
    """Whether the language model ranks too, where there is one."""
    model = galacite().citation_model()
    if model is not None:
        st.toggle(
            f"Let {escape_markdown(model.name)} rank too",
            value=True,
            key="cite-model",
            persist_state="session",
            help="A language model that has learned to cite. It ranks after the others, and takes a moment a place.",
        )


def _model_wanted() -> bool:
    return bool(st.session_state.get("cite-model", True))


def _use_example() -> None:
    draft = sample_draft()
    st.session_state["cite-text"] = draft
    st.session_state["cite-asked"] = draft


def _use_file() -> None:
    uploaded = st.session_state.get("cite-file")
    if uploaded is None:
        return
    try:
        text = uploaded.getvalue().decode("utf-8-sig")
    except UnicodeDecodeError:
        st.session_state["cite-problem"] = "This file is not UTF-8 text. Save it as UTF-8 and open it again."
        return
    if len(text) > MAX_TEXT_CHARS:
        st.session_state["cite-problem"] = (
            f"The file has {len(text):,} characters; {MAX_TEXT_CHARS:,} are read at most."
        )
        return
    st.session_state["cite-text"] = text
    st.session_state["cite-asked"] = text


def _show_suggestions(text: str) -> None:
    """The suggestions as they grow: retrieval's at once, then the language model's place by place."""
    suggestions = galacite().suggestions
    papers = galacite().library.count()
    use_model = _model_wanted()
    growing = unfolding(
        "suggest",
        (text, papers, use_model),
        lambda: suggestions.stream(text, top=_TOP, use_model=use_model),
    )
    if growing.wait_whole(PATIENCE_S):
        _show_result(growing.latest(), text)
    else:
        st.fragment(_follow, run_every=_POLL_S)(growing, text)


@calm
def _follow(growing: Unfolding[SuggestResult], text: str) -> None:
    if not growing.wait(PATIENCE_S):
        st.markdown(f":gray[:material/progress_activity: {_LOOKING}]")
        return
    if growing.done:
        st.rerun()
    _show_result(growing.latest(), text)


def _show_result(found: SuggestResult, text: str) -> None:
    show_notices(found.notices)
    if not found.places:
        return
    places = len(found.places)
    name = escape_markdown(found.model)
    if found.waiting:
        told = f"{name} is reading: {places - found.waiting} of {places}. The order may still change."
        st.markdown(f":gray[:material/progress_activity: {told}]")
    else:
        st.caption(f"{places} place{'s' if places != 1 else ''}, {found.works:,} works considered")
    _explain_scores(found.model)
    for index, place in enumerate(found.places):
        _show_place(place, text, index)


def _explain_scores(model: str) -> None:
    """What the numbers beside a work say, for who wants to know."""
    lines = [
        "**BM25**: how many words your text shares with the title and with sentences that cite the work, and how rare.",
        "**Dense**: how near your text is to these in meaning; 1 is the same.",
    ]
    if model:
        lines.append(
            f"**{escape_markdown(model)}**: a language model that has learned to cite reads what stands before the "
            "place. The higher the number, the likelier it would write this title next, compared with how readily it "
            "writes the title anywhere. It chooses among works that you hold or that your papers cite: it cannot "
            "make one up."
        )
    lines.append("Numbers compare within one kind alone. The order joins the rankings, not the numbers.")
    with st.expander("What the numbers mean", type="compact", key="explain-scores"):
        st.markdown("\n".join(f"- {line}" for line in lines))


def _show_place(found: PlaceSuggestions, text: str, index: int) -> None:
    place = found.place
    st.header(f"Line {place.line}", anchor=False)
    if place.end - place.start < len(text):
        with st.container(key=f"quote-place-{index}"):
            st.markdown(f"> {_in_context(text, place.start, place.end)}")
    if not found.suggestions:
        st.caption("Nothing in the library or its reference lists fits here.")
    ranked = list(enumerate(found.suggestions, 1))
    for rank, suggestion in ranked[:_SHOWN]:
        _show_suggestion(suggestion, f"{index}-{suggestion.work.id}", rank)
    if ranked[_SHOWN:]:
        more = st.expander(f"{len(ranked) - _SHOWN} more", type="compact", key=f"more-{index}", on_change="rerun")
        if more.open:
            with more:
                for rank, suggestion in ranked[_SHOWN:]:
                    _show_suggestion(suggestion, f"{index}-{suggestion.work.id}", rank)


def _in_context(text: str, start: int, end: int) -> str:
    """A marked place with the words around it, as Markdown; cut between words unless one is endless."""
    left, right = max(0, start - _CONTEXT_CHARS), min(len(text), end + _CONTEXT_CHARS // 2)
    left = text.rfind(" ", max(0, left - _WORD_CHARS), left) + 1 or max(0, left - _WORD_CHARS)
    space = text.find(" ", right, right + _WORD_CHARS)
    right = space if space >= 0 else min(len(text), right + _WORD_CHARS)
    shown = highlighted(text[left:right], [(start - left, end - left)])
    return f"{'…' if left else ''}{shown}{'…' if right < len(text) else ''}"


def _show_suggestion(suggestion: Suggestion, key: str, rank: int) -> None:
    work = suggestion.work
    with st.container(border=True, key=f"card-{key}"):
        left, right = st.columns([3, 1], gap="medium")
        with left:
            st.subheader(f"{rank} · {escape_markdown(work.title)}", anchor=False)
            cited = f"cited by {work.cited_by} of your papers" if work.cited_by else ""
            st.caption(escape_markdown(byline(work.authors, work.year, work.venue, cited)))
            for number, reason in enumerate(suggestion.cited_at[:1]):
                _show_reason(reason, f"{key}-{number}")
        with right:
            if work.paper_id is not None:
                link_to_paper(work.paper_id, "In your library", icon=":material/library_add_check:")
            else:
                st.markdown(":gray-badge[Not in your library]")
            show_scores(suggestion.scores, stacked=True)
        with st.expander("Copy", type="compact", key=f"copy-{key}"):
            st.code(citation_token(work), language=None, wrap_lines=True)


def _show_reason(reason: CitedAt, key: str) -> None:
    with st.container(key=f"quote-{key}", gap="xsmall"):
        st.markdown(f"> “{escape_markdown(reason.sentence)}”")
        place = escape_markdown(f"{reason.paper_title}, {page_name(reason.page, reason.page_label)}")
        link_to_page(reason.paper_id, reason.page, label=f"cited in {place}")


def citation_token(work: Work) -> str:
    """The work as Galactica writes citations: ``[START_REF] Title, Surname[END_REF]``."""
    family = work.authors[0].family if work.authors else ""
    return f"[START_REF] {work.title}{', ' if family else ''}{family}[END_REF]"
