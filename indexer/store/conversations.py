"""Questions asked and the answers given, with the evidence as it was shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.records import Answer, AnswerSentence, Conversation, Hit
from indexer.columns import utc_now
from indexer.store.queries import MAX_ID, affected_rows, among
from indexer.tables import ConversationRow, PaperRow, PassageRow, TurnEvidenceRow, TurnRow, TurnSentenceRow


def start_conversation(session: Session, title: str) -> Conversation:
    """Begin an empty conversation."""
    now = utc_now()
    statement = insert(ConversationRow).values(title=title, created_at=now).returning(ConversationRow.id)
    return get_conversation(session, session.scalars(statement).one())


def add_answer(session: Session, conversation_id: int, answer: Answer) -> None:
    """Append a question with its answer.

    Passages that have been removed since the search stay readable by their snapshots.

    Raises:
        NotFound: No such conversation.
    """
    _require(session, conversation_id)
    turn = {
        "conversation_id": conversation_id,
        "created_at": utc_now(),
        "question": answer.question,
        "generator": answer.generator,
        "notices": answer.notices,
    }
    turn_id = session.scalars(insert(TurnRow).values(**turn).returning(TurnRow.id)).one()
    if answer.sentences:
        session.execute(insert(TurnSentenceRow), [_sentence(turn_id, n, s) for n, s in enumerate(answer.sentences)])
    if answer.evidence:
        session.execute(insert(TurnEvidenceRow), _evidence_rows(session, turn_id, answer.evidence))


def get_conversation(session: Session, conversation_id: int) -> Conversation:
    """A conversation with all its answers, in the order asked.

    Raises:
        NotFound: No such conversation.
    """
    row = _require(session, conversation_id)
    return Conversation(
        id=row.id, title=row.title, created_at=row.created_at, answers=_answers_of(session, conversation_id)
    )


def list_conversations(session: Session, limit: int = 100) -> list[Conversation]:
    """Conversations without their answers, newest first."""
    rows = session.execute(
        select(ConversationRow.id, ConversationRow.title, ConversationRow.created_at)
        .order_by(ConversationRow.id.desc())
        .limit(limit)
    )
    return [Conversation(id=row.id, title=row.title, created_at=row.created_at) for row in rows]


def remove_conversation(session: Session, conversation_id: int) -> None:
    """Forget a conversation and its answers.

    Raises:
        NotFound: No such conversation.
    """
    _require(session, conversation_id)
    affected_rows(session, delete(ConversationRow).where(ConversationRow.id == conversation_id))


def _require(session: Session, conversation_id: int) -> Any:
    row = None
    if 0 < conversation_id <= MAX_ID:
        statement = select(*ConversationRow.__table__.columns).where(ConversationRow.id == conversation_id)
        row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFound(f"no conversation has the id {conversation_id}", hint="It may have been removed.")
    return row


def _sentence(turn_id: int, position: int, sentence: AnswerSentence) -> dict[str, Any]:
    return {
        "turn_id": turn_id,
        "position": position,
        "text": sentence.text,
        "kind": sentence.kind,
        "support": sentence.support,
        "evidence": sentence.evidence,
    }


def _evidence_rows(session: Session, turn_id: int, evidence: Sequence[Hit]) -> list[dict[str, Any]]:
    passages = {hit.passage_id for hit in evidence}
    papers = {hit.paper_id for hit in evidence}
    stored = set(session.scalars(select(PassageRow.id).where(among(session, PassageRow.id, passages))))
    held = set(session.scalars(select(PaperRow.id).where(among(session, PaperRow.id, papers))))
    return [
        {
            "turn_id": turn_id,
            "position": position,
            "passage_id": hit.passage_id if hit.passage_id in stored else None,
            "paper_id": hit.paper_id if hit.paper_id in held else None,
            "snapshot": hit,
        }
        for position, hit in enumerate(evidence)
    ]


def _answers_of(session: Session, conversation_id: int) -> tuple[Answer, ...]:
    of_conversation = TurnRow.conversation_id == conversation_id
    turns = session.execute(select(*TurnRow.__table__.columns).where(of_conversation).order_by(TurnRow.id)).all()
    sentences: dict[int, list[AnswerSentence]] = defaultdict(list)
    for row in session.execute(
        select(*TurnSentenceRow.__table__.columns)
        .join(TurnRow, TurnRow.id == TurnSentenceRow.turn_id)
        .where(of_conversation)
        .order_by(TurnSentenceRow.turn_id, TurnSentenceRow.position)
    ):
        sentences[row.turn_id].append(
            AnswerSentence(text=row.text, evidence=row.evidence, kind=row.kind, support=row.support)
        )
    evidence: dict[int, list[Hit]] = defaultdict(list)
    for turn_id, hit in session.execute(
        select(TurnEvidenceRow.turn_id, TurnEvidenceRow.snapshot)
        .join(TurnRow, TurnRow.id == TurnEvidenceRow.turn_id)
        .where(of_conversation)
        .order_by(TurnEvidenceRow.turn_id, TurnEvidenceRow.position)
    ):
        evidence[turn_id].append(hit)
    return tuple(
        Answer(
            question=turn.question,
            sentences=tuple(sentences[turn.id]),
            evidence=tuple(evidence[turn.id]),
            generator=turn.generator,
            notices=turn.notices,
        )
        for turn in turns
    )
