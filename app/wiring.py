"""The one place where the parts are put together. Everything is made when first used and closed at the end."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING

import migrations
from app.files import FileStore
from app.jobs.supervisor import Supervisor
from app.services.jobs import JobService
from app.services.library import LibraryService
from app.settings import Settings
from indexer.database import Database
from indexer.pdf.isolated import IsolatedParser

if TYPE_CHECKING:
    from app.services.answers import AnswerService
    from app.services.search import SearchService
    from app.services.suggestions import SuggestionService
    from app.services.summaries import SummaryService
    from core.interfaces import Encoder, Generator
    from indexer.search.sync import IndexSet


class Galacite:
    """A library opened with its services. Safe to share between threads.

    Args:
        settings: As the entry point read them.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._making = threading.RLock()
