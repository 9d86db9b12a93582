"""Retrieval as a citation model: the baselines that every trained model has to beat."""

from __future__ import annotations

from collections.abc import Sequence

from core.interfaces import CitationModel, SearchBackend
from core.records import Scored
from indexer.config import SearchConfig
from indexer.search.fusion import fuse


class RankedByRetrieval:
    """A search over works, asked with the context of a citation.

    Args:
        name: Shown beside its score.
        backend: Searches works.
    """

    def __init__(self, name: str, backend: SearchBackend) -> None:
        self.name = name
        self._backend = backend

    def rank(self, context: str, *, top: int) -> list[Scored]:
        """See :class:`core.interfaces.CitationModel`."""
        return self._backend.search(context, top=top)


class FusedCitations:
    """Several citation models as one, by reciprocal rank.

    Args:
        name: Shown beside its score.
        models: At least one.
        config: Candidates and fusion.
    """

    def __init__(self, name: str, models: Sequence[CitationModel], config: SearchConfig | None = None) -> None:
        self.name = name
        self._models = tuple(models)
        self._config = config or SearchConfig()

    def rank(self, context: str, *, top: int) -> list[Scored]:
        """See :class:`core.interfaces.CitationModel`."""
        candidates = max(top, self._config.candidates)
        rankings = [model.rank(context, top=candidates) for model in self._models]
        return fuse(rankings, top=top, constant=self._config.fusion_constant)
