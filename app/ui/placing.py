"""A place of a draft with what is suggested there: why, how sure, and accepted or not."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from app.services.places import Place
from app.services.suggestions import PlaceSuggestions
from app.ui.drafting import Choices
from app.ui.markup import byline, escape_markdown, highlighted, page_name
from app.ui.parts import show_scores
from app.ui.routes import link_to_page, link_to_paper
from core.records import CitedAt, Hit, ListedAt, Suggestion, Work
from core.text import percent, start_of

SCORES = "cite-scores"
"""Whether the numbers of the rankers are shown."""
_SHOWN = 3
_CONTEXT_CHARS = 240
_WORD_CHARS = 50
_PASSAGE_CHARS = 400


def show_place_card(found: PlaceSuggestions, text: str, chosen: Choices, keys: Mapping[int, str]) -> None:
    """One place.

    Args:
        found: The place and its suggestions.
        text: The draft.
        chosen: What was decided; changed by the buttons.
        keys: Keys that the draft has for works, by id.
    """
    place = found.place
    start = place.start
    decided = chosen.at(start)
    with st.container(horizontal=True, vertical_alignment="center", key=f"place-{start}"):
        st.header(f"Line {place.line}", anchor=False, width="content")
        if place.kind == "missing":
            st.markdown(":orange-badge[:material/priority_high: lacks a citation]")
        elif place.keys:
            st.markdown(f":gray-badge[cites {escape_markdown(', '.join(place.keys[:3]))}]")
        if decided:
            count = len(decided)
            st.markdown(f":green-badge[:material/check: {count} accepted]")
        skipped = decided == ()
        st.button(
            "Decide again" if skipped else "Nothing here",
            icon=":material/undo:" if skipped else ":material/block:",
            key=f"skip-{start}",
            type="tertiary",
            on_click=chosen.skip,
            args=(start,),
        )
    if place.end - place.start < len(text):
        with st.container(key=f"quote-place-{start}"):
            st.markdown(f"> {in_context(text, place)}")
    if skipped:
        return
    if not found.suggestions:
        st.caption("Nothing in the library or its reference lists fits here.")
    elif found.unsure:
        st.markdown(f":orange-badge[:material/help: Probably none of these: {found.none:.0%}]")
    ranked = list(enumerate(found.suggestions, 1))
    for rank, suggestion in ranked[:_SHOWN]:
        _show_suggestion(suggestion, place, rank, chosen, keys)
    if ranked[_SHOWN:]:
        more = st.expander(f"{len(ranked) - _SHOWN} more", type="compact", key=f"more-{start}", on_change="rerun")
        if more.open:
            with more:
                for rank, suggestion in ranked[_SHOWN:]:
                    _show_suggestion(suggestion, place, rank, chosen, keys)


def in_context(text: str, place: Place) -> str:
    """A place with the words around it, as Markdown; cut between words unless one is endless."""
    left, right = max(0, place.start - _CONTEXT_CHARS), min(len(text), place.end + _CONTEXT_CHARS // 2)
    left = text.rfind(" ", max(0, left - _WORD_CHARS), left) + 1 or max(0, left - _WORD_CHARS)
    space = text.find(" ", right, right + _WORD_CHARS)
    right = space if space >= 0 else min(len(text), right + _WORD_CHARS)
    shown = highlighted(text[left:right], [(place.start - left, place.end - left)])
    return f"{'…' if left else ''}{shown}{'…' if right < len(text) else ''}"


def _show_suggestion(suggestion: Suggestion, place: Place, rank: int, chosen: Choices, keys: Mapping[int, str]) -> None:
    work, start = suggestion.work, place.start
    key = f"{start}-{work.id}"
    accepted = any(each.id == work.id for each in chosen.at(start) or ())
    with st.container(border=True, key=f"card-{key}"):
        left, right = st.columns([4, 1], gap="medium")
        with left:
            st.subheader(f"{rank} · {escape_markdown(work.title)}", anchor=False)
            cited = f"cited by {work.cited_by} of your papers" if work.cited_by else ""
            told = escape_markdown(byline(work.authors, work.year, work.venue, cited))
            st.caption(f"**{sureness(suggestion.probability)}**{' · ' if told else ''}{told}")
            _show_best_reason(suggestion, key)
        with right:
            st.button(
                "Accepted" if accepted else "Accept",
                icon=":material/check_circle:" if accepted else ":material/add:",
                key=f"accept-{key}",
                type="primary" if accepted else "secondary",
                width="stretch",
                on_click=chosen.toggle,
                args=(start, work),
            )
            if work.id in keys and keys[work.id] in place.keys:
                st.markdown(":blue-badge[You cite this here]")
            elif work.id in keys:
                st.markdown(":blue-badge[In your .bib]")
            if work.paper_id is not None:
                link_to_paper(work.paper_id, "In your library", icon=":material/library_add_check:")
        if st.session_state.get(SCORES):
            show_scores(suggestion.scores)
        with st.expander("More reasons, and copy", type="compact", key=f"why-{key}"):
            for number, reason in enumerate(suggestion.cited_at[1:], 1):
                _show_reason(reason, f"{key}-{number}")
            if suggestion.passage is not None and suggestion.cited_at:
                _show_passage(suggestion.passage, key)
            st.code(citation_token(work), language=None, wrap_lines=True)


def sureness(probability: float) -> str:
    """How sure the system is of a suggestion; it is never certain, for or against."""
    return f"{percent(probability)} sure"


def _show_best_reason(suggestion: Suggestion, key: str) -> None:
    """The first of: a sentence that cites the work, a passage of the work itself, a list that it stands in."""
    if suggestion.cited_at:
        _show_reason(suggestion.cited_at[0], f"{key}-0")
    elif suggestion.passage is not None:
        _show_passage(suggestion.passage, key)
    elif suggestion.listed_at is not None:
        _show_list(suggestion.listed_at)


def _show_passage(passage: Hit, key: str) -> None:
    with st.container(key=f"quote-own-{key}", gap="xsmall"):
        text = start_of(passage.text, _PASSAGE_CHARS)
        st.markdown(f"> {escape_markdown(text)}{'…' if len(text) < len(passage.text) else ''}")
        at = page_name(passage.page, passage.page_label)
        link_to_page(passage.paper_id, passage.page, label=f"the work itself, {escape_markdown(at)}")


def _show_list(listed: ListedAt) -> None:
    if listed.paper_id is not None and listed.page is not None:
        at = escape_markdown(f"{listed.paper_title}, {page_name(listed.page, listed.page_label)}")
        link_to_page(listed.paper_id, listed.page, label=f"in the references of {at}")
    else:
        st.caption(f"in your bibliography {escape_markdown(listed.bibliography)}")


def _show_reason(reason: CitedAt, key: str) -> None:
    with st.container(key=f"quote-{key}", gap="xsmall"):
        st.markdown(f"> “{escape_markdown(reason.sentence)}”")
        place = escape_markdown(f"{reason.paper_title}, {page_name(reason.page, reason.page_label)}")
        link_to_page(reason.paper_id, reason.page, label=f"cited in {place}")


def explain_scores(model: str) -> None:
    """What the numbers beside a work say, for who wants to know."""
    lines = [
        "**Sure**: how likely this work is wanted here: joined from what follows, checked where citations are known.",
        "**BM25**: how many words your text shares with the title and with sentences that cite the work, and how rare.",
        "**BM25 near by**: the same, of the words beside the place alone.",
        "**Dense**: how near your text is to these in meaning; 1 is the same.",
    ]
    if model:
        lines.append(
            f"**{escape_markdown(model)}**: a language model that has learned to cite reads what stands before the "
            "place. The higher the number, the likelier it would write this title next, compared with how readily it "
            "writes the title anywhere. It chooses among works that you hold or that your papers cite: it cannot "
            "make one up."
        )
    lines.append("Numbers compare within one kind alone. The order goes by **sure**.")
    with st.expander("What the numbers mean", type="compact", key="explain-scores"):
        st.markdown("\n".join(f"- {line}" for line in lines))


def citation_token(work: Work) -> str:
    """The work as Galactica writes citations: ``[START_REF] Title, Surname[END_REF]``."""
    family = work.authors[0].family if work.authors else ""
    return f"[START_REF] {work.title}{', ' if family else ''}{family}[END_REF]"
