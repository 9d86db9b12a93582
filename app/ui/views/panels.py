"""What stands beside a paper's page: passages, outline, citations, references, summary."""

from __future__ import annotations

from typing import Literal, get_args

import streamlit as st

from app.ui.background import forget, outcome
from app.ui.calm import show_notices
from app.ui.markup import byline, escape_markdown, page_name
from app.ui.resources import galacite
from app.ui.routes import link_to_page, link_to_paper, number_in_query
from core.errors import GalaciteError
from core.records import Answer, Document, Mention, Paper, Reference

Markable = Literal["passage", "mention", "reference"]
"""What the address can name to be highlighted, one at a time."""


def go(page: int, named: tuple[Markable, int] | None = None) -> None:
    """Turn to a page, highlighting what is named there; the address follows, so that a reload comes back here."""
    st.query_params["page"] = str(page)
    if named is not None:
        for other in get_args(Markable):
            st.query_params.pop(other, None)
        st.query_params[named[0]] = str(named[1])


def mentions_on(document: Document, page: int) -> list[Mention]:
    """The citations of which a part stands on a page, in order."""
    return [mention for mention in document.mentions if any(box.page == page for box in mention.boxes)]


def show_passages(document: Document, page: int) -> None:
    """The passages that begin on the page."""
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
                st.caption(escape_markdown(" · ".join(filter(None, (passage.label or passage.kind, section)))))
                st.button(
                    "Highlighted" if passage.id == wanted else "Highlight",
                    key=f"mark-{passage.index}",
                    type="tertiary",
                    disabled=passage.id == wanted,
                    on_click=go,
                    args=(page, ("passage", passage.id)),
                )


def show_outline(document: Document) -> None:
    """The headings of the paper; each leads to its page."""
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
            on_click=go,
            args=(section.page,),
        )


def show_citations(document: Document, page: int) -> None:
    """The citations on the page, with the entries that they point to."""
    here = mentions_on(document, page)
    if not document.mentions:
        st.caption("No citation in the text was linked to a reference.")
    elif not here:
        st.caption("No citation stands on this page.")
    wanted = number_in_query("mention")
    for mention in here:
        number = document.mentions.index(mention)
        with st.container(border=True, key=f"citation-{number}", gap="xsmall"):
            st.markdown(_with_marker(mention))
            for index in mention.reference_indices:
                entry = document.references[index]
                st.caption(escape_markdown(f"→ {entry.label or index + 1} · {entry.title or entry.raw}"))
            if mention.ambiguous:
                st.caption("More than one entry fits: which one is meant cannot be told.")
            st.button(
                "Highlighted" if number == wanted else "Highlight",
                key=f"find-{number}",
                type="tertiary",
                disabled=number == wanted,
                on_click=go,
                args=(page, ("mention", number)),
            )


def _with_marker(mention: Mention) -> str:
    """The sentence that cites, its marker set off."""
    before, found, after = mention.sentence.partition(mention.text)
    if not found:
        return escape_markdown(mention.sentence)
    left, right = " " * before.endswith(" "), " " * after.startswith(" ")
    return f"{escape_markdown(before)}{left}:blue-background[{escape_markdown(found)}]{right}{escape_markdown(after)}"


def show_references(paper: Paper, document: Document) -> None:
    """The reference list: what the library holds of it, and where each entry is cited."""
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
            st.button(
                f"entry on p. {reference.page}",
                key=f"entry-{reference.index}",
                type="tertiary",
                on_click=go,
                args=(reference.page, ("reference", reference.index)),
            )
            for page in cited[:8]:
                link_to_page(paper.id, page, label=f"cited on p. {page}" if page == cited[0] else f"p. {page}")
            if not cited:
                st.caption("no citation in the text was linked to it")


def show_summary(paper: Paper) -> None:
    """A summary of the paper, made when asked for."""
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
