"""What to cite in a draft: suggestions at its places, decided one by one, and taken away as a .bib and a draft."""

from __future__ import annotations

import streamlit as st

from app.samples import sample_draft
from app.services.accepting import FORMS, finish
from app.services.bibliographies import InsertForm
from app.services.suggestions import MAX_TEXT_CHARS, SuggestOptions
from app.ui.background import PATIENCE_S, Unfolding, unfolding
from app.ui.calm import calm, show_notices
from app.ui.drafting import Asked, Choices, Worked, ask, asked, choices, worked
from app.ui.imports import show_bibliographies
from app.ui.markup import escape_markdown
from app.ui.parts import title_line
from app.ui.placing import SCORES, explain_scores, show_place_card
from app.ui.resources import citing_models, galacite
from app.ui.routes import LIBRARY, pages

PAGE_SIZE = 12
"""Places drawn at once: each has several cards."""
_POLL_S = 0.8
"""Each look draws all places anew, beside a model that needs the processor."""
_LOOKING = "Looking for works that fit. The first time, the text encoder is loaded."
_TOP = 8
_TEXT_PX = 220
_MAX_FILE_MB = 10
_DRAFTS = ["tex", "md", "qmd", "txt", "docx"]
_OFFSET = "cite-offset"
_FORMS: dict[InsertForm, str] = {
    "latex": "LaTeX, \\cite{key}",
    "pandoc": "Markdown, [@key]",
    "text": "Text, (Author, Year)",
    "galactica": "Galactica, [START_REF] …",
}


@calm
def show_cite() -> None:
    """The whole page."""
    title_line("Find what to cite")
    if galacite().library.count() == 0 and not galacite().bibliographies.imported():
        st.markdown("Suggestions come from your papers and from the works they cite. The library is empty so far.")
        st.page_link(pages()[LIBRARY], label="Add papers first", icon=":material/library_books:")
        show_bibliographies()
        return
    citing_models().warm()
    draft = asked()
    if draft is not None and draft.name:
        _opened(draft)
    else:
        _input()
    _options()
    problem = st.session_state.pop("cite-problem", "")
    if problem:
        st.warning(problem)
    draft = asked()
    if draft is not None:
        _show_suggestions(draft)


def _opened(draft: Asked) -> None:
    """A draft that came as a file."""
    with st.container(horizontal=True, vertical_alignment="center"):
        beside = f" with {', '.join(map(escape_markdown, draft.beside))}" if draft.beside else ""
        st.markdown(f":material/draft: **{escape_markdown(draft.name)}**{beside}")
        st.button("Close", icon=":material/close:", key="cite-close", on_click=ask, args=(None,))


def _input() -> None:
    st.markdown(
        "Paste a paragraph, or open a draft. Mark each place that wants a citation with `[?]`; `[citation]`, "
        "`\\cite{…}`, `[@…]` and `[START_REF]` are understood too. Without any mark, the whole text is one place."
    )
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
            ask(Asked(data=text.encode()))
        st.button("Try an example", icon=":material/draft:", key="example", on_click=_use_example)
        with st.popover("Open a draft", icon=":material/upload_file:"):
            st.file_uploader(
                "LaTeX, Markdown, Word or text, and the .bib files beside it",
                type=[*_DRAFTS, "bib"],
                key="cite-file",
                accept_multiple_files=True,
                max_upload_size=_MAX_FILE_MB,
                on_change=_use_files,
            )


def _options() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        show_bibliographies()
        with st.popover("Ranking", icon=":material/tune:"):
            _ranking_options()
        st.toggle(
            "Find sentences that lack a citation",
            key="cite-missing",
            persist_state="session",
            help="Sentences that cite nothing and read like those that do. It is sure of few, and rightly of most.",
        )


def _ranking_options() -> None:
    model = galacite().citation_model()
    if model is not None:
        st.toggle(
            f"Let {escape_markdown(model.name)} rank too",
            value=galacite().settings.ranks_with_model,
            key="cite-model",
            persist_state="session",
            help="A language model that has learned to cite ranks after the others, and takes a moment a place. "
            "The small one that comes with Galacite seldom changes what comes first.",
        )
    st.toggle(
        "Ignore how often works are cited",
        key="cite-level",
        persist_state="session",
        help="Otherwise works that many of your papers cite come first more often, and rightly so.",
    )
    st.toggle("Show scores", key=SCORES, persist_state="session", help="What each ranker thinks of each work.")


def _use_example() -> None:
    draft = sample_draft()
    st.session_state["cite-text"] = draft
    ask(Asked(data=draft.encode()))


def _use_files() -> None:
    """One draft is opened; .bib files go with it, or are added to the one that is open."""
    files = {each.name: each.getvalue() for each in st.session_state.get("cite-file") or []}
    beside = {name: data for name, data in files.items() if name.lower().endswith(".bib")}
    drafts = [name for name in files if name not in beside]
    if len(drafts) > 1:
        st.session_state["cite-problem"] = "These are several drafts. Open one at a time, with its .bib files."
    elif drafts:
        ask(Asked(data=files[drafts[0]], name=drafts[0], beside=beside))
    elif beside:
        st.session_state["cite-problem"] = "A .bib file alone holds no text. Open it together with its draft."


def _show_suggestions(draft: Asked) -> None:
    """The suggestions as they grow: retrieval's at once, then the language model's place by place."""
    missing = bool(st.session_state.get("cite-missing"))
    options = SuggestOptions(
        top=_TOP,
        use_model=bool(st.session_state.get("cite-model", galacite().settings.ranks_with_model)),
        popularity=not st.session_state.get("cite-level", False),
    )
    imported = tuple((each.name, each.imported_at) for each in galacite().bibliographies.imported())
    identity = (draft.identity, galacite().library.count(), imported, missing, options)
    growing = unfolding("suggest", identity, lambda: worked(draft, options, missing=missing))
    if growing.wait_whole(PATIENCE_S):
        _show_result(growing.latest(), choices(draft))
    else:
        st.fragment(_follow, run_every=_POLL_S)(growing, choices(draft))


@calm
def _follow(growing: Unfolding[Worked], chosen: Choices) -> None:
    if not growing.wait(PATIENCE_S):
        st.markdown(f":gray[:material/progress_activity: {_LOOKING}]")
        return
    if growing.done:
        st.rerun()
    _show_result(growing.latest(), chosen)


def _show_result(done: Worked, chosen: Choices) -> None:
    found = done.found
    whole = [each.place.kind for each in found.places] == ["whole"]
    show_notices(found.notices, hide=["nothing_marked"] if whole else [])
    if not found.places:
        return
    places = len(found.places)
    if found.waiting:
        name = escape_markdown(found.model)
        told = f"{name} is reading: {places - found.waiting} of {places}. The order may still change."
        st.markdown(f":gray[:material/progress_activity: {told}]")
    else:
        st.caption(f"{places} place{'s' if places != 1 else ''}, {found.works:,} works considered")
    _take_away(done, chosen)
    if st.session_state.get(SCORES):
        explain_scores(found.model)
    offset = min(st.session_state.get(_OFFSET, 0), (places - 1) // PAGE_SIZE * PAGE_SIZE)
    keys = {each.work_id: each.key for each in found.cited}
    for each in found.places[offset : offset + PAGE_SIZE]:
        show_place_card(each, done.draft.manuscript.text, chosen, keys)
    if places > PAGE_SIZE:
        _turn(offset, places)


def _take_away(done: Worked, chosen: Choices) -> None:
    """How much is decided, and what comes of it."""
    found = done.found
    accepted = chosen.accepted(found)
    works = sum(len(each.works) for each in accepted)
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="take-away"):
        st.markdown(
            f"**{chosen.decided(found)} of {len(found.places)}** places decided, **{works}** citations accepted"
        )
        st.button("Undo", icon=":material/undo:", key="cite-undo", on_click=chosen.undo, disabled=not chosen.can_undo)
        if works:
            _downloads(done, chosen)


def _downloads(done: Worked, chosen: Choices) -> None:
    format_ = done.draft.manuscript.format
    draft = asked()
    name = draft.name.rpartition(".")[0] if draft is not None and draft.name else "draft"
    form = FORMS[format_]
    if format_ == "txt":
        form = st.selectbox(
            "Cite as", list(_FORMS), index=list(_FORMS).index(form), format_func=_FORMS.__getitem__, key="cite-form",
            label_visibility="collapsed", width=240,
        )  # fmt: skip
    finished = finish(done.draft, chosen.accepted(done.found), galacite().bibliographies, form=form)
    if finished.draft is not None:
        st.download_button(
            "Draft", finished.draft, file_name=f"{name}.{format_}", icon=":material/download:", key="save-draft",
            on_click="ignore", help="Your text with the accepted citations at their places. Nothing else has changed.",
        )  # fmt: skip
    st.download_button(
        ".bib", finished.bib, file_name=f"{name}.bib", mime="application/x-bibtex", icon=":material/download:",
        key="save-bib", on_click="ignore", type="primary",
        help="The accepted works, behind those that your .bib files hold already.",
    )  # fmt: skip


def _turn(offset: int, places: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(f"{offset + 1}–{min(offset + PAGE_SIZE, places)} of {places} places")
        with st.container(horizontal=True, width="content"):
            earlier = st.button("Previous", icon=":material/chevron_left:", disabled=offset == 0)
            later = st.button("Next", icon=":material/chevron_right:", disabled=offset + PAGE_SIZE >= places)
        if earlier or later:
            st.session_state[_OFFSET] = offset + (PAGE_SIZE if later else -PAGE_SIZE)
            st.rerun()
