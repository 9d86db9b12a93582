"""The tables of the library.

Every foreign key is indexed, since removing a paper follows them. Identifiers are never used again after a removal:
search indexes and histories keep them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core.records import Author, Box, Hit, Notice
from indexer.columns import Authors, Boxes, HitSnapshot, Notices, Numbers, Payload, StoredText, Strings, UtcDateTime

_NEVER_REUSE_IDS = {"sqlite_autoincrement": True}


class Base(DeclarativeBase):
    """All tables; names of constraints are fixed so that migrations can address them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {str: StoredText(), datetime: UtcDateTime(), int: Integer()}


class MetaRow(Base):
    """Facts about the database itself, such as its identity."""

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class PaperRow(Base):
    """A paper; the ``_key`` columns are normalised and short enough for an index."""

    __tablename__ = "papers"
    __table_args__ = _NEVER_REUSE_IDS

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    title_key: Mapped[str] = mapped_column(index=True)
    first_author_key: Mapped[str] = mapped_column(index=True)
    abstract: Mapped[str]
    year: Mapped[int | None] = mapped_column(index=True)
    venue: Mapped[str]
    doi: Mapped[str]
    doi_key: Mapped[str] = mapped_column(index=True)
    arxiv_id: Mapped[str]
    arxiv_key: Mapped[str] = mapped_column(index=True)
    keywords: Mapped[tuple[str, ...]] = mapped_column(Strings())
    affiliations: Mapped[tuple[str, ...]] = mapped_column(Strings(), server_default="[]")
    page_count: Mapped[int]
    page_labels: Mapped[tuple[str, ...]] = mapped_column(Strings())
    notices: Mapped[tuple[Notice, ...]] = mapped_column(Notices())
    added_at: Mapped[datetime] = mapped_column(index=True)
    revision: Mapped[int]
    duplicate_of: Mapped[int | None] = mapped_column(ForeignKey("papers.id", ondelete="SET NULL"), index=True)


class FileRow(Base):
    """The file a paper was read from, kept under its hash."""

    __tablename__ = "files"

    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), unique=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger())


class AuthorRow(Base):
    """An author of a paper, in order."""

    __tablename__ = "authors"

    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    given: Mapped[str]
    family: Mapped[str]
    suffix: Mapped[str] = mapped_column(server_default="")
    family_key: Mapped[str] = mapped_column(index=True)


class SectionRow(Base):
    """A heading and its reach."""

    __tablename__ = "sections"

    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    heading: Mapped[str]
    number: Mapped[str]
    level: Mapped[int]
    parent: Mapped[int | None]
    page: Mapped[int]
    span_start: Mapped[int]
    span_end: Mapped[int]


class PassageRow(Base):
    """The unit of search; ``section`` is the position of a section of the same paper."""

    __tablename__ = "passages"
    __table_args__ = (UniqueConstraint("paper_id", "position"), _NEVER_REUSE_IDS)

    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[str]
    section: Mapped[int | None]
    page: Mapped[int]
    page_label: Mapped[str | None]
    span_start: Mapped[int]
    span_end: Mapped[int]
    text: Mapped[str]
    label: Mapped[str] = mapped_column(server_default="")
    boxes: Mapped[tuple[Box, ...]] = mapped_column(Boxes())


class WorkRow(Base):
    """Something citable, merged over papers; ``doi`` and ``arxiv_id`` are in lower case."""

    __tablename__ = "works"
    __table_args__ = _NEVER_REUSE_IDS

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    title_key: Mapped[str] = mapped_column(index=True)
    authors: Mapped[tuple[Author, ...]] = mapped_column(Authors())
    first_author_key: Mapped[str]
    year: Mapped[int | None]
    venue: Mapped[str]
    doi: Mapped[str] = mapped_column(index=True)
    arxiv_id: Mapped[str] = mapped_column(index=True)
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("papers.id", ondelete="SET NULL"), unique=True)


class ReferenceRow(Base):
    """An entry of a paper's reference list (``references`` is a word of SQL)."""

    __tablename__ = "reference_entries"
    # Both columns in the index: counting the papers that cite a work reads nothing else.
    __table_args__ = (UniqueConstraint("paper_id", "position"), Index(None, "work_id", "paper_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"))
    position: Mapped[int]
    work_id: Mapped[int | None] = mapped_column(ForeignKey("works.id", ondelete="SET NULL"))
    raw: Mapped[str]
    page: Mapped[int]
    boxes: Mapped[tuple[Box, ...]] = mapped_column(Boxes())
    label: Mapped[str]
    authors: Mapped[tuple[Author, ...]] = mapped_column(Authors())
    title: Mapped[str]
    venue: Mapped[str]
    year: Mapped[int | None]
    volume: Mapped[str]
    pages: Mapped[str]
    doi: Mapped[str]
    arxiv_id: Mapped[str]
    url: Mapped[str]
    publisher: Mapped[str]


class BibliographyRow(Base):
    """An imported bibliography, under the name of its file; ``sha256`` is that of its content."""

    __tablename__ = "bibliographies"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    format: Mapped[str]
    sha256: Mapped[str]
    imported_at: Mapped[datetime]


class BibliographyPartRow(Base):
    """Some entries of a bibliography, which search indexes follow together: ``revision`` grows with every change."""

    __tablename__ = "bibliography_parts"
    __table_args__ = (UniqueConstraint("bibliography_id", "number"), _NEVER_REUSE_IDS)

    id: Mapped[int] = mapped_column(primary_key=True)
    bibliography_id: Mapped[int] = mapped_column(ForeignKey("bibliographies.id", ondelete="CASCADE"))
    number: Mapped[int]
    revision: Mapped[int]


class BibliographyEntryRow(Base):
    """An entry of an imported bibliography."""

    __tablename__ = "bibliography_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("bibliography_parts.id", ondelete="CASCADE"), index=True)
    work_id: Mapped[int | None] = mapped_column(ForeignKey("works.id", ondelete="SET NULL"), index=True)
    key: Mapped[str]
    kind: Mapped[str]
    raw: Mapped[str]
    authors: Mapped[tuple[Author, ...]] = mapped_column(Authors())
    editors: Mapped[tuple[Author, ...]] = mapped_column(Authors())
    title: Mapped[str]
    venue: Mapped[str]
    year: Mapped[int | None]
    month: Mapped[int | None]
    day: Mapped[int | None]
    volume: Mapped[str]
    number: Mapped[str]
    pages: Mapped[str]
    doi: Mapped[str]
    arxiv_id: Mapped[str]
    url: Mapped[str]
    publisher: Mapped[str]
    abstract: Mapped[str]
    note: Mapped[str]


class MentionRow(Base):
    """An in-text citation."""

    __tablename__ = "mentions"
    __table_args__ = (UniqueConstraint("paper_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"))
    position: Mapped[int]
    text: Mapped[str]
    sentence: Mapped[str]
    span_start: Mapped[int]
    span_end: Mapped[int]
    page: Mapped[int]
    boxes: Mapped[tuple[Box, ...]] = mapped_column(Boxes())
    section: Mapped[int | None]
    ambiguous: Mapped[bool]


class MentionReferenceRow(Base):
    """Which entries a mention points to, in the order printed."""

    __tablename__ = "mention_references"

    mention_id: Mapped[int] = mapped_column(ForeignKey("mentions.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    reference_id: Mapped[int] = mapped_column(ForeignKey("reference_entries.id", ondelete="CASCADE"), index=True)


class CollectionRow(Base):
    """A named set of papers."""

    __tablename__ = "collections"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class CollectionPaperRow(Base):
    """A paper in a collection."""

    __tablename__ = "collection_papers"

    collection_id: Mapped[int] = mapped_column(ForeignKey("collections.id", ondelete="CASCADE"), primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True, index=True)


class TagRow(Base):
    """A word that marks papers."""

    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class PaperTagRow(Base):
    """A tag on a paper."""

    __tablename__ = "paper_tags"

    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True, index=True)


class JobRow(Base):
    """Work done in the background."""

    __tablename__ = "jobs"
    __table_args__ = _NEVER_REUSE_IDS

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    title: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    payload: Mapped[dict[str, str]] = mapped_column(Payload())
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    done: Mapped[int] = mapped_column(BigInteger())
    total: Mapped[int] = mapped_column(BigInteger())
    message: Mapped[str]
    hint: Mapped[str]
    attempts: Mapped[int]
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("papers.id", ondelete="SET NULL"), index=True)
    worker: Mapped[str]


class ConversationRow(Base):
    """A run of questions."""

    __tablename__ = "conversations"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    created_at: Mapped[datetime]


class TurnRow(Base):
    """A question and who phrased its answer."""

    __tablename__ = "turns"
    __table_args__ = (Index(None, "conversation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    question: Mapped[str]
    generator: Mapped[str]
    notices: Mapped[tuple[Notice, ...]] = mapped_column(Notices())


class TurnSentenceRow(Base):
    """A sentence of an answer; ``evidence`` holds positions in the turn's evidence."""

    __tablename__ = "turn_sentences"

    turn_id: Mapped[int] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    kind: Mapped[str]
    support: Mapped[float]
    evidence: Mapped[tuple[int, ...]] = mapped_column(Numbers())


class TurnEvidenceRow(Base):
    """A hit shown with an answer; the snapshot outlives its paper."""

    __tablename__ = "turn_evidence"

    turn_id: Mapped[int] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    passage_id: Mapped[int | None] = mapped_column(ForeignKey("passages.id", ondelete="SET NULL"), index=True)
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("papers.id", ondelete="SET NULL"), index=True)
    snapshot: Mapped[Hit] = mapped_column(HitSnapshot())
