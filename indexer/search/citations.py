"""Retrieval as a citation model: the baselines that every trained model has to beat."""

from __future__ import annotations

from core.interfaces import SearchBackend
from core.records import Scored


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
