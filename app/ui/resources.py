"""What all visitors of one server share: the opened library, loaded models, drawn pages and running answers."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import streamlit as st

from app.settings import load_settings
from app.ui.background import THREADS, Task
from app.wiring import Galacite, open_library
from core.errors import GalaciteError, NotFound
from core.records import Box, Document, Paper

if TYPE_CHECKING:
    from app.ui.answering import AnswerRun

_log = logging.getLogger(__name__)
_PICTURES = 96
"""Drawn pages kept: some 200 kB each."""

ModelPhase = Literal["cold", "loading", "ready", "failed"]


@st.cache_resource(show_spinner=False)
def galacite() -> Galacite:
    """The library, opened once a process.

    Raises:
        GalaciteError: The settings or the database are unusable.
    """
    return open_library(load_settings())


@st.cache_resource(show_spinner=False, max_entries=32)
def _document(paper_id: int, revision: int, sha256: str) -> Document:
    return galacite().library.document(paper_id)


def document_of(paper: Paper) -> Document:
    """All that was read from a paper; kept while its revision stays."""
    return _document(paper.id, paper.revision, paper.file.sha256)


def paper_or_none(paper_id: int) -> Paper | None:
    """The paper, or None when it has left the library."""
    try:
        return galacite().library.get(paper_id)
    except NotFound:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelState:
    """How far a model is loaded; ``message`` and ``hint`` say what is wrong when it failed."""

    phase: ModelPhase
    message: str = ""
    hint: str = ""


class ModelWarmer:
    """Loads models in a thread before they are needed."""

    def __init__(self, loaders: dict[str, Callable[[], object]]) -> None:
        self._loaders = loaders
        self._states = {name: ModelState(phase="cold") for name in loaders}
        self._guard = threading.Lock()
        self._busy = False

    def warm(self) -> None:
        """Begin to load what is not loaded; models that failed are tried again. Returns at once."""
        with self._guard:
            if self._busy or all(state.phase == "ready" for state in self._states.values()):
                return
            self._busy = True
        threading.Thread(target=self._load, name=f"{THREADS}model-warmer", daemon=True).start()

    def states(self) -> dict[str, ModelState]:
        """Each model's state by its name."""
        with self._guard:
            return dict(self._states)

    @property
    def loading(self) -> bool:
        """True while models are being loaded."""
        return self._busy

    def _load(self) -> None:
        try:
            for name, load in self._loaders.items():
                if self._states[name].phase != "ready":
                    self._set(name, ModelState(phase="loading"))
                    self._set(name, self._outcome(name, load))
        finally:
            self._busy = False

    def _outcome(self, name: str, load: Callable[[], object]) -> ModelState:
        try:
            load()
        except GalaciteError as error:
            return ModelState(phase="failed", message=error.message, hint=error.hint)
        except Exception:
            _log.exception("loading the %s", name)
            return ModelState(phase="failed", message=f"the {name} cannot be loaded", hint="Run: galacite doctor")
        return ModelState(phase="ready")

    def _set(self, name: str, state: ModelState) -> None:
        with self._guard:
            self._states[name] = state


@st.cache_resource(show_spinner=False)
def models() -> ModelWarmer:
    """The models of this process: loading them imports torch, so it never happens at the start."""
    library = galacite()
    return ModelWarmer({"encoder": lambda: library.encoder().encode(["ready"]), "generator": library.generator})


@st.cache_resource(show_spinner=False)
def citing_models() -> ModelWarmer:
    """What suggests citations in this process; last, and for a while, what titles are worth without any context."""
    library = galacite()
    model = library.citation_model()
    loaders: dict[str, Callable[[], object]] = {"encoder": lambda: library.citation_encoder().encode(["ready"])}
    if model is not None and library.settings.ranks_with_model:
        loaders |= {"citation model": model.load, "titles": model.fill_priors}
    return ModelWarmer(loaders)


@st.cache_resource(show_spinner=False)
def answer_runs() -> dict[int, AnswerRun]:
    """Answers being written, by conversation: they go on when their page is left or reloaded."""
    return {}


class PictureShelf:
    """The pages drawn last, and those being drawn; least recently used ones are dropped."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._tasks: OrderedDict[tuple[object, ...], Task[bytes]] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: tuple[object, ...], draw: Callable[[], bytes]) -> Task[bytes]:
        """The drawing under that key, begun when it is not there; one that failed is begun again."""
        with self._guard:
            task = self._tasks.get(key)
            if task is None or task.failed:
                task = Task(draw, name="draw-page")
                self._tasks[key] = task
            self._tasks.move_to_end(key)
            while len(self._tasks) > self._limit:
                self._tasks.popitem(last=False)
            return task


@st.cache_resource(show_spinner=False)
def _shelf() -> PictureShelf:
    return PictureShelf(limit=_PICTURES)


def page_picture(paper: Paper, page: int, *, width_px: int, highlights: tuple[Box, ...] = ()) -> Task[bytes]:
    """A page as PNG with boxes highlighted, drawn once in the background.

    The result raises GalaciteError when the paper has no such page, or it cannot be drawn.
    """
    boxes = tuple(box for box in highlights if box.page == page)
    return _shelf().get(
        (paper.file.sha256, page, width_px, boxes),
        lambda: galacite().library.page_picture(paper, page, width_px=width_px, highlights=boxes),
    )
