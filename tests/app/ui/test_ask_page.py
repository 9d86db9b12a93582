from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from app.ui.markup import escape_markdown
from app.wiring import Galacite
from core.records import Paper
from tests.app.ui.conftest import settle, words
from tests.builders import make_document

Page = Callable[..., AppTest]
Add = Callable[..., Paper]
TOLD = "Reciprocal rank fusion joins two rankings by summing the reciprocals of the ranks."


def over(at: AppTest) -> bool:
    return "stop" not in [button.key for button in at.button]


def test_an_empty_library_leads_to_adding_papers(page: Page) -> None:
    at = page("ask")
    assert "the library is empty" in words(at)
    assert not at.chat_input


def test_without_models_answers_are_quotes_with_their_page(page: Page, add: Add, library: Galacite) -> None:
    add(make_document("Fusion", passages=[TOLD, "Something else entirely is said here."]))
    at = page("ask")
    settle(at, lambda page: "Answers only quote passages" in words(page))
    assert "galacite models install" in words(at).replace("\\", "")
    at.chat_input(key="question").set_value("How does reciprocal rank fusion join two rankings?").run()
    settle(at, lambda page: over(page) and "> “" in words(page))
    said = words(at)
    assert f"> “{escape_markdown(TOLD)}”" in said
    assert escape_markdown("[1, p. 1]").replace("\\,", ",") in said
    assert at.header[0].value == escape_markdown("How does reciprocal rank fusion join two rankings?")
    kept = library.answers.conversation(library.answers.conversations()[0].id)
    assert [answer.sentences[0].text for answer in kept.answers] == [TOLD]


def test_a_conversation_is_opened_again_by_its_address(page: Page, add: Add, library: Galacite) -> None:
    add(make_document("Fusion", passages=[TOLD]))
    conversation = library.answers.start_conversation("First question")
    answer = library.answers.ask("How does reciprocal rank fusion join two rankings?")
    library.answers.remember(conversation.id, answer)
    at = page("ask", conversation=str(conversation.id))
    assert f"> “{escape_markdown(TOLD)}”" in words(at)
    assert "First question" in str([button.label for button in at.sidebar.button])


def test_what_the_library_does_not_answer_is_refused(page: Page, add: Add) -> None:
    add(make_document("Fusion", passages=[TOLD]))
    at = page("ask")
    at.chat_input(key="question").set_value("Who won the football match yesterday?").run()
    settle(at, lambda page: "The library does not answer this" in words(page))


def test_an_unanswered_question_can_be_asked_again(page: Page, add: Add, library: Galacite) -> None:
    add(make_document("Fusion", passages=[TOLD]))
    conversation = library.answers.start_conversation("How does reciprocal rank fusion join rankings?")
    at = page("ask", conversation=str(conversation.id))
    assert "not answered" in words(at)
    at.button(key="ask-again").click().run()
    settle(at, lambda page: over(page) and "> “" in words(page))


def test_conversations_are_deleted_after_asking(page: Page, add: Add, library: Galacite) -> None:
    add(make_document())
    conversation = library.answers.start_conversation("Old question")
    at = page("ask", conversation=str(conversation.id))
    at.button(key="forget").click().run()
    assert library.answers.conversations()
    at.button(key="forget-for-good").click().run()
    assert not library.answers.conversations()


def test_a_deleted_conversation_in_the_address_is_no_error(page: Page, add: Add) -> None:
    add(make_document())
    assert "has been deleted" in words(page("ask", conversation="12345"))
