"""Questions over the library: evidence appears first, then the answer, sentence by sentence."""

from __future__ import annotations

import streamlit as st

from app.services.answers import MAX_QUESTION_CHARS
from app.ui import samples
from app.ui.answering import AnswerRun, turn_of
from app.ui.calm import calm, show_error
from app.ui.markup import escape_markdown
from app.ui.parts import title_line
from app.ui.resources import answer_runs, galacite, models
from app.ui.routes import LIBRARY, number_in_query, pages
from app.ui.turns import show_turn
from core.errors import GalaciteError, NotFound
from core.records import Conversation

_POLL_S = 0.4
_RECENT = 20
_TITLE_CHARS = 44


@calm
def show_ask() -> None:
    """The whole page."""
    models().warm()
    title_line("Ask your library")
    if galacite().library.count() == 0:
        st.markdown("There is nothing to ask yet: the library is empty.")
        st.page_link(pages()[LIBRARY], label="Add papers first", icon=":material/library_books:")
        return
    conversation = _conversation()
    with st.container(key="question-box"):
        question = st.chat_input(
            "Ask a question; the answer names the page of every sentence", key="question", max_chars=MAX_QUESTION_CHARS
        )
    _model_status()
    if question:
        _ask(question, conversation)
    if conversation is None:
        _suggest_questions()
    else:
        running = _show_run(answer_runs().get(conversation.id))
        _show_answers(conversation, running=running)
    _list_conversations(conversation)


def _conversation() -> Conversation | None:
    wanted = number_in_query("conversation")
    if wanted is None:
        return None
    try:
        return galacite().answers.conversation(wanted)
    except NotFound:
        st.query_params.pop("conversation", None)
        st.caption("That conversation has been deleted.")
        return None


def _ask(question: str, conversation: Conversation | None) -> None:
    """Begin an answer and show its conversation."""
    answers = galacite().answers
    conversation_id = conversation.id if conversation else answers.start_conversation(question).id
    running = answer_runs().get(conversation_id)
    if running is not None and not running.over:
        running.stop()
        running.wait(1.0)
    run = AnswerRun(answers, conversation_id=conversation_id, question=question)
    answer_runs()[conversation_id] = run
    run.start()
    _open_conversation(conversation_id)
    st.rerun()


def _suggest_questions() -> None:
    questions = samples.questions_to_try()
    if not questions:
        st.markdown(
            "Every sentence of an answer is a quote, or was checked against the passage it names. "
            "When the library does not answer a question, it says so."
        )
        return
    st.markdown("Ask anything your papers may answer, or begin with one of these:")
    for index, question in enumerate(questions[:4]):
        if st.button(escape_markdown(question), key=f"try-{index}", icon=":material/arrow_forward:"):
            _ask(question, None)


def _show_run(run: AnswerRun | None) -> bool:
    """Show the answer that is being written, if one is; True while it goes on."""
    if run is None:
        return False
    if run.over:
        _finish(run)
        return False
    st.fragment(_follow_run, run_every=_POLL_S)(run)
    return True


@calm
def _follow_run(run: AnswerRun) -> None:
    if run.over:
        st.rerun()
    show_turn(run.turn(), key="running")
    if st.button("Stop", icon=":material/stop_circle:", key="stop", disabled=run.stopping):
        run.stop()


def _finish(run: AnswerRun) -> None:
    """Drop a run that is over: what it wrote is in the conversation now."""
    answer_runs().pop(run.conversation_id, None)
    try:
        run.raise_error()
    except GalaciteError as error:
        show_turn(run.turn(), key="failed")
        show_error(error)
        return
    if not run.remembered:
        show_turn(run.turn(), key="ended")


def _show_answers(conversation: Conversation, *, running: bool) -> None:
    """The answers of a conversation: the latest open unless another is being written, earlier ones folded."""
    conversation_id = conversation.id
    answers = galacite().answers.conversation(conversation_id).answers
    if not answers and not running:
        _show_unanswered(conversation)
    turns = [(index, turn_of(answer)) for index, answer in enumerate(answers)]
    if turns and not running:
        index, turn = turns.pop()
        show_turn(turn, key=f"{conversation_id}-{index}")
    if turns:
        st.caption("Earlier in this conversation")
    for index, turn in reversed(turns):
        key = f"{conversation_id}-{index}"
        expander = st.expander(escape_markdown(turn.question), key=f"earlier-{key}", on_change="rerun")
        if expander.open:
            with expander:
                show_turn(turn, key=key, headed=False)
    if not running and st.button("Delete this conversation …", icon=":material/delete:", key="forget", type="tertiary"):
        _confirm_forgetting(conversation_id)


def _show_unanswered(conversation: Conversation) -> None:
    """A question whose answer was never kept: it was stopped at once, or the app ended meanwhile."""
    st.header(escape_markdown(conversation.title), anchor=False)
    st.markdown("This question was not answered: it was stopped, or the app ended meanwhile.")
    if st.button("Ask it again", icon=":material/refresh:", key="ask-again"):
        _ask(conversation.title, conversation)


def _model_status() -> None:
    if models().loading:
        st.fragment(_follow_models, run_every=1.0)()
        return
    failed = {state.message: state.hint for state in models().states().values() if state.phase == "failed"}
    if failed:
        lines = [f"{escape_markdown(message)}. {escape_markdown(hint)}" for message, hint in failed.items()]
        st.info("Answers only quote passages: " + "  \n".join(lines), icon=":material/info:")


@calm
def _follow_models() -> None:
    if not models().loading:
        st.rerun()
    st.caption(":material/hourglass_top: Loading the language model; you can ask already.")


def _list_conversations(current: Conversation | None) -> None:
    conversations = galacite().answers.conversations(limit=_RECENT)
    if not conversations:
        return
    with st.sidebar, st.container(gap="xsmall", key="conversations"):
        st.subheader("Conversations", anchor=False)
        st.button(
            "New conversation",
            icon=":material/add:",
            key="new-conversation",
            type="tertiary",
            on_click=_open_conversation,
        )
        for conversation in conversations:
            _conversation_line(conversation, here=current is not None and conversation.id == current.id)


def _conversation_line(conversation: Conversation, *, here: bool) -> None:
    title = conversation.title
    short = title if len(title) <= _TITLE_CHARS else title[: _TITLE_CHARS - 1].rstrip() + "…"
    st.button(
        f"**{escape_markdown(short)}**" if here else escape_markdown(short),
        key=f"conversation-{conversation.id}",
        type="tertiary",
        help=escape_markdown(title),
        on_click=_open_conversation,
        args=(conversation.id,),
    )


def _open_conversation(conversation_id: int | None = None) -> None:
    if conversation_id is None:
        st.query_params.pop("conversation", None)
    else:
        st.query_params["conversation"] = str(conversation_id)


@st.dialog("Delete this conversation?")
def _confirm_forgetting(conversation_id: int) -> None:
    st.caption("Its questions and answers are deleted; your papers stay.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep", key="keep-conversation"):
            st.rerun()
        if st.button("Delete", type="primary", key="forget-for-good", on_click=_forget, args=(conversation_id,)):
            st.rerun()


def _forget(conversation_id: int) -> None:
    galacite().answers.forget(conversation_id)
    _open_conversation(None)
