"""What makes two entries one cited work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.identifiers import find_arxiv_id
from core.records import Author, Document, Reference
from core.text import name_key, title_key
from indexer.store.queries import KEY_CHARS

_ARXIV_DOI = "10.48550/arxiv."


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Normalised identifiers and the printed identity; empty parts are unknown."""

    doi: str
    arxiv_id: str
    title_key: str
    first_author_key: str
    year: int | None

    @property
    def known(self) -> bool:
        """True when there is anything to recognise it by."""
        return bool(self.doi or self.arxiv_id or self.title_key)


def identity_of(entry: Reference | Document) -> Identity:
    """Normalise what identifies a paper or an entry of a reference list."""
    doi, arxiv_id = _identifiers(entry.doi, entry.arxiv_id)
    return Identity(
        doi=doi,
        arxiv_id=arxiv_id,
        title_key=title_key(entry.title)[:KEY_CHARS],
        first_author_key=first_author_key(entry.authors),
        year=entry.year,
    )


def first_author_key(authors: Sequence[Author]) -> str:
    """The first author's normalised family name; empty when unknown."""
    return name_key(authors[0].family)[:KEY_CHARS] if authors else ""


def same_year(left: int | None, right: int | None) -> bool:
    """True when two years are equal, or one is unknown."""
    return left is None or right is None or left == right


def _identifiers(doi: str, arxiv_id: str) -> tuple[str, str]:
    """Lower-cased DOI and arXiv id; arXiv's own DOIs are arXiv ids, longer than an index takes is none."""
    doi = doi.strip().lower()
    arxiv_id = arxiv_id.strip().lower()
    if doi.startswith(_ARXIV_DOI):
        arxiv_id = arxiv_id or doi.removeprefix(_ARXIV_DOI)
        doi = ""
    arxiv_id = (find_arxiv_id(arxiv_id) or arxiv_id).lower()
    return (doi if len(doi) <= KEY_CHARS else "", arxiv_id if len(arxiv_id) <= KEY_CHARS else "")
