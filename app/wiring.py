"""The one place where the parts are put together. Everything is made when first used and closed at the end."""

from __future__ import annotations

import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from app.files import FileStore
from app.jobs.supervisor import Supervisor
from app.services.answers import AnswerService
from app.services.bibliographies import BibliographyService
from app.services.citation_model import CitationRanker
from app.services.citing import WORDING, describe_work, near_query, place_query, wide_query
from app.services.drafts import DraftService
from app.services.jobs import JobService
from app.services.library import LibraryService
from app.services.reasons import Reasons
from app.services.search import SearchService
from app.services.suggestions import Ranker, SuggestionService
from app.services.summaries import SummaryService
from app.settings import Settings
from core.errors import ModelError, StorageError
from core.interfaces import Encoder, Generator
from indexer import schema
from indexer.database import Database
from indexer.pdf.isolated import IsolatedParser
from indexer.search.hybrid import HybridSearch
from indexer.search.readers import citing_reader, dense_reader, lexical_reader
from indexer.search.shelf import WorkEncoder
from indexer.search.source import DatabaseSource
from indexer.search.sync import SearchIndexes
from model.catalogue import SHIPPED_CITATION_MODEL, shipped_weights
from model.citation_encoder import TUNING_NAME, CitationEncoder
from model.encoder import SentenceEncoder
from model.suggestion_ranker import SuggestionRanker

if TYPE_CHECKING:
    from app.jobs.queue import HueyQueue
    from model.worthiness import Worthiness


class Galacite:
    """A library opened with its services. Safe to share between threads.

    Args:
        settings: As the entry point read them.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database.open(settings.sqlalchemy_url)
        self.files = FileStore(settings.files_folder, max_bytes=settings.parser_limits.max_file_bytes)
        self.supervisor = Supervisor(settings)
        self._lock = threading.RLock()
        self._encoder: Encoder | None = None
        self._generator: Generator | None = None
        self._citation_encoder: Encoder | None = None
        self._citation_model: CitationRanker | None = None

    def close(self) -> None:
        """Release connections and processes; a running worker goes on."""
        made = vars(self)
        if "_queue" in made:
            self._queue.close()
        if "_renderer" in made:
            self._renderer.close()
        if self._citation_model is not None:
            self._citation_model.close()
        self.database.dispose()

    @cached_property
    def jobs(self) -> JobService:
        """Background work."""
        return JobService(
            self.database,
            enqueue=lambda job_id: self._queue.enqueue(job_id),
            supervisor=self.supervisor,
            is_synced=lambda: self.indexes.is_current(),
        )

    @cached_property
    def library(self) -> LibraryService:
        """The papers."""
        return LibraryService(
            self.database,
            files=self.files,
            jobs=self.jobs,
            renderer=self._renderer,
            can_recognise=lambda: self.settings.find_ocr() is not None,
        )

    @cached_property
    def bibliographies(self) -> BibliographyService:
        """Bibliographies in and out."""
        return BibliographyService(self.database, jobs=self.jobs)

    @property
    def indexes(self) -> SearchIndexes:
        """The search indexes as their writer sees them; without an installed encoder only the lexical ones."""
        return SearchIndexes(
            self.settings.index_folder,
            DatabaseSource(self.database),
            self.encoder() if self.has_encoder() else None,
            citing=self._work_encoder(),
        )

    @cached_property
    def search(self) -> SearchService:
        """Search over passages."""
        root = self.settings.index_folder
        rankers = [lexical_reader(root, "passages"), dense_reader(root, self.encoder)]
        passages = HybridSearch(self.database, rankers, self.settings.search_config)
        return SearchService(self.database, passages=passages, encoder=self.encoder)

    @cached_property
    def answers(self) -> AnswerService:
        """Questions and conversations."""
        return AnswerService(self.database, search=self.search, generator=self.generator)

    @cached_property
    def summaries(self) -> SummaryService:
        """Summaries of papers."""
        return SummaryService(self.database, encoder=self.encoder, generator=self.generator)

    @cached_property
    def suggestions(self) -> SuggestionService:
        """Citation suggestions."""
        root = self.settings.index_folder
        words = lexical_reader(root, "works")
        by_words = (Ranker("bm25", words, wide_query), Ranker("near", words, near_query))
        by_meaning = Ranker("dense", citing_reader(root, self.citation_encoder), place_query)
        return SuggestionService(
            self.database,
            rankers=lambda: (*by_words, by_meaning) if self.has_citation_encoder() else by_words,
            joiner=SuggestionRanker(),
            reasons=Reasons(self.database, passages=lexical_reader(root, "passages")),
            language_model=self.citation_model,
        )

    @cached_property
    def drafts(self) -> DraftService:
        """Drafts as a whole: their places, and sentences that lack a citation."""
        return DraftService(
            self.suggestions,
            worthiness=lambda: self._worthiness,
            keys=lambda works, bib: self.bibliographies.keys(works, bib),
        )

    @cached_property
    def _worthiness(self) -> Worthiness:
        from model.worthiness import load_worthiness

        return load_worthiness()

    def citation_model(self) -> CitationRanker | None:
        """The language model that ranks works to cite, made once; None when it is switched off or not shipped.

        Nothing is read here: its weights load, and the titles are cut, when it first ranks. One that was named is
        there even when its weights are not: whoever asks it is told.
        """
        source = self.settings.citation_model_source
        shipped = source == shipped_weights(SHIPPED_CITATION_MODEL)
        with self._lock:
            if self._citation_model is None and source is not None and not (shipped and not Path(source).is_dir()):
                self._citation_model = CitationRanker(
                    source, database=self.database, folder=self.settings.index_folder, threads=self.settings.threads
                )
            return self._citation_model

    def has_encoder(self) -> bool:
        """Whether the text encoder is installed. It is looked up each time, so an installation shows at once."""
        return self.settings.encoder_config.folder.is_dir()

    def encoder(self) -> Encoder:
        """The text encoder, made once; its weights load when it first encodes.

        Raises:
            ModelError: It is not installed.
        """
        with self._lock:
            if self._encoder is None:
                self._require_installed("text encoder", self.has_encoder())
                self._encoder = SentenceEncoder(self.settings.encoder_config)
            return self._encoder

    def has_citation_encoder(self) -> bool:
        """Whether the tuned layers come with this installation, and the encoder that they belong to is installed."""
        return self.has_encoder() and (self.settings.citation_encoder_folder / TUNING_NAME).is_file()

    def citation_encoder(self) -> Encoder:
        """The encoder of places and works, made once; its weights load when it first encodes.

        Raises:
            ModelError: The encoder that its layers belong to is not installed.
        """
        with self._lock:
            if self._citation_encoder is None:
                self._require_installed("text encoder", self.has_encoder())
                settings = self.settings
                self._citation_encoder = CitationEncoder(settings.encoder_config, settings.citation_encoder_folder)
            return self._citation_encoder

    def _work_encoder(self) -> WorkEncoder | None:
        return WorkEncoder(self.citation_encoder(), describe_work, WORDING) if self.has_citation_encoder() else None

    def generator(self) -> Generator:
        """What phrases answers, made once; its weights load when it first generates.

        Raises:
            ModelError: It is not installed.
        """
        with self._lock:
            if self._generator is None:
                self._generator = self._make_generator()
            return self._generator

    def _make_generator(self) -> Generator:
        settings = self.settings
        if settings.generator_url:
            from model.remote import OpenAICompatibleGenerator

            return OpenAICompatibleGenerator(
                settings.generator_url, settings.generator_model, api_key=settings.api_key.get_secret_value()
            )
        self._require_installed("answer model", settings.generator_config.folder.is_dir())
        from model.generator import LocalGenerator

        return LocalGenerator(settings.generator_config)

    @staticmethod
    def _require_installed(what: str, there: bool) -> None:
        if not there:
            raise ModelError(f"the {what} is not installed", hint="Run: galacite models install")

    @cached_property
    def _queue(self) -> HueyQueue:
        from app.jobs.queue import HueyQueue

        return HueyQueue(self.settings)

    @cached_property
    def _renderer(self) -> IsolatedParser:
        return IsolatedParser(self.settings.parser_limits)


def make_home(settings: Settings) -> None:
    """Make the data folder when it is missing.

    Raises:
        StorageError: It cannot be made.
    """
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"{settings.home}: cannot be the data folder ({error.strerror})", hint="Name another: GALACITE_HOME=FOLDER"
        ) from error


def open_library(settings: Settings) -> Galacite:
    """Open the library of the settings; a database of one's own is brought up to date on the way.

    A shared database is left to ``galacite migrate``, which its keeper runs once for all.
    """
    make_home(settings)
    # Looked at first: each command comes this way, and an upgrade takes the write lock and checks all foreign keys.
    if not settings.database_url and schema.current(settings.sqlalchemy_url) != schema.head():
        schema.upgrade(settings.sqlalchemy_url)
    return Galacite(settings)
