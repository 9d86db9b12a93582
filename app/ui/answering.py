"""Answers being written: a thread follows the answer service, any number of pages look on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Literal, cast

from app.services.answers import (
    AnswerEvent,
    AnswerService,
    EvidenceFound,
    Finished,
    FirstToken,
    SentenceReady,
)
from core.errors import GalaciteError
from core.records import EVERYTHING, Answer, AnswerSentence, Hit, Notice, SearchFilter

_log = logging.getLogger(__name__)

Phase = Literal["searching", "reading", "phrasing", "over"]
STOPPED = Notice(code="stopped", message="You stopped this answer.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question and what is known of its answer so far."""

    question: str
    phase: Phase
    evidence: tuple[Hit, ...] = ()
    sentences: tuple[AnswerSentence, ...] = ()
    generator: str = ""
    notices: tuple[Notice, ...] = ()

    @property
    def refused(self) -> bool:
        """True when the library has no answer."""
        stopped = any(notice.code == STOPPED.code for notice in self.notices)
        return self.phase == "over" and not self.sentences and not stopped


def turn_of(answer: Answer) -> Turn:
    """A stored answer as a turn."""
    return Turn(
        question=answer.question,
        phase="over",
        evidence=answer.evidence,
        sentences=answer.sentences,
        generator=answer.generator,
        notices=answer.notices,
    )


class AnswerRun:
    """One answer, written and remembered in a thread of its own.

    Args:
        conversation_id: Where the answer is kept once it is whole, or stopped with something to keep; ``remembered``
            says that it was.
    """

    def __init__(
        self, answers: AnswerService, *, conversation_id: int, question: str, narrow: SearchFilter = EVERYTHING
    ) -> None:
        self.conversation_id = conversation_id
        self._answers = answers
        self._narrow = narrow
        self._turn = Turn(question=question, phase="searching")
        self._error: Exception | None = None
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self.remembered = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"answer-{conversation_id}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End the answer with what there is; the generator is closed as soon as it yields."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """True once the user has asked to stop."""
        return self._stop.is_set()

    @property
    def over(self) -> bool:
        """True when the turn no longer changes and has been remembered."""
        return self._over.is_set()

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end at most so long; True when it has come."""
        return self._over.wait(timeout_s)

    def turn(self) -> Turn:
        """The answer as it stands."""
        with self._guard:
            return self._turn

    def raise_error(self) -> None:
        """Raise what ended the run, if anything did.

        Raises:
            Exception: The question could not be answered at all, or the answer not be kept.
        """
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            answer = self._follow()
            if answer is not None:
                self._answers.remember(self.conversation_id, answer)
                self.remembered = True
        except Exception as error:  # raised again where the turn is shown
            if not isinstance(error, GalaciteError):
                _log.exception("answer in conversation %d", self.conversation_id)
            self._error = error
        finally:
            self._change(phase="over")
            self._over.set()

    def _follow(self) -> Answer | None:
        stream = self._answers.stream(self.turn().question, narrow=self._narrow)
        with closing(cast("Generator[AnswerEvent, None, None]", stream)) as events:
            for event in events:
                if isinstance(event, Finished):
                    self._change_to(turn_of(event.answer))
                    return event.answer
                self._apply(event)
                if self._stop.is_set():
                    break
        return self._as_stopped()

    def _apply(self, event: EvidenceFound | FirstToken | SentenceReady) -> None:
        if isinstance(event, EvidenceFound):
            self._change(phase="reading", evidence=event.evidence)
        elif isinstance(event, FirstToken):
            self._change(phase="phrasing", generator=event.generator)
        else:
            self._change(sentences=(*self.turn().sentences, event.sentence))

    def _as_stopped(self) -> Answer | None:
        turn = self.turn()
        self._change(notices=(STOPPED,))
        if not turn.evidence:
            return None
        return Answer(
            question=turn.question,
            sentences=turn.sentences,
            evidence=turn.evidence,
            generator=turn.generator or "none",
            notices=(STOPPED,),
        )

    def _change(
        self,
        *,
        phase: Phase | None = None,
        evidence: tuple[Hit, ...] | None = None,
        sentences: tuple[AnswerSentence, ...] | None = None,
        generator: str | None = None,
        notices: tuple[Notice, ...] | None = None,
    ) -> None:
        with self._guard:
            now = self._turn
            self._turn = replace(
                now,
                phase=now.phase if phase is None else phase,
                evidence=now.evidence if evidence is None else evidence,
                sentences=now.sentences if sentences is None else sentences,
                generator=now.generator if generator is None else generator,
                notices=now.notices if notices is None else notices,
            )

    def _change_to(self, turn: Turn) -> None:
        with self._guard:
            self._turn = turn
