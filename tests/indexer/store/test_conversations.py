"""Conversations: answers come back as shown, even without their papers; the same on both databases."""

from __future__ import annotations

import pytest

from core.errors import NotFound
from core.records import Answer, AnswerSentence, Hit, Notice, Scored
from indexer.database import Database
from indexer.store import conversations, papers
from tests.builders import make_document, make_file


def store_evidence(database: Database) -> tuple[int, tuple[Hit, ...]]:
    """A stored paper's id, and hits in it."""
    with database.session(write=True) as session:
        paper = papers.add_paper(session, make_document("Ünï 'quoted'", passages=["One.", "Two."]), make_file())
        found = papers.passages_of(session, paper.id)
        return paper.id, tuple(papers.hits(session, [Scored(id=passage.id or 0, score=0.5) for passage in found]))


def answer_from(evidence: tuple[Hit, ...], question: str = "What's “it”?") -> Answer:
    """An answer of two sentences."""
    return Answer(
        question=question,
        sentences=(
            AnswerSentence(text="It is one.", evidence=(0, 1), kind="generated", support=0.75),
            AnswerSentence(text="Two.", evidence=(1,), kind="quote", support=1.0),
        ),
        evidence=evidence,
        generator="smollm2",
        notices=(Notice(code="short", message="Little evidence."),),
    )


def test_answers_come_back_in_the_order_asked(database: Database) -> None:
    _, evidence = store_evidence(database)
    first, second = answer_from(evidence), answer_from(evidence[::-1], "And then?")
    unanswered = Answer(question="Unknown?", sentences=(), evidence=(), generator="smollm2")
    with database.session(write=True) as session:
        started = conversations.start_conversation(session, "Fïrst")
        other = conversations.start_conversation(session, "Second")
        for answer in (first, second, unanswered):
            conversations.add_answer(session, started.id, answer)
    with database.session() as session:
        stored = conversations.get_conversation(session, started.id)
        assert conversations.list_conversations(session, 10) == [other, started]
        assert conversations.list_conversations(session, 1) == [other]
    assert stored.answers == (first, second, unanswered)
    assert (stored.title, stored.created_at) == ("Fïrst", started.created_at)


def test_history_stays_readable_when_its_paper_is_removed(database: Database) -> None:
    paper_id, evidence = store_evidence(database)
    answer = answer_from(evidence)
    with database.session(write=True) as session:
        talk = conversations.start_conversation(session, "Talk")
        conversations.add_answer(session, talk.id, answer)
        papers.remove_paper(session, paper_id)
        conversations.add_answer(session, talk.id, answer)  # removed between the search and the answer
    with database.session() as session:
        assert conversations.get_conversation(session, talk.id).answers == (answer, answer)


def test_removed_conversation_is_gone(database: Database) -> None:
    _, evidence = store_evidence(database)
    with database.session(write=True) as session:
        talk = conversations.start_conversation(session, "Talk")
        conversations.add_answer(session, talk.id, answer_from(evidence))
        conversations.remove_conversation(session, talk.id)
        assert conversations.list_conversations(session) == []
        with pytest.raises(NotFound, match=str(talk.id)):
            conversations.get_conversation(session, talk.id)
        with pytest.raises(NotFound):
            conversations.add_answer(session, talk.id, answer_from(evidence))
        with pytest.raises(NotFound):
            conversations.remove_conversation(session, 10**20)


def test_generated_text_with_control_characters_is_stored(database: Database) -> None:
    sentence = AnswerSentence(text="a\x00b\ud800", evidence=(0,), kind="generated", support=0.1)
    answer = Answer(question="q\x00", sentences=(sentence,), evidence=store_evidence(database)[1], generator="g")
    with database.session(write=True) as session:
        talk = conversations.start_conversation(session, "Talk\x00")
        conversations.add_answer(session, talk.id, answer)
        [stored] = conversations.get_conversation(session, talk.id).answers
    assert (stored.question, stored.sentences[0].text) == ("q ", "a b\ufffd")
