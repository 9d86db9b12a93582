"""Imported bibliographies: their entries name works that no paper of the library needs to cite.

Revision 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "bibliographies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bibliographies")),
        sa.UniqueConstraint("name", name=op.f("uq_bibliographies_name")),
    )
    op.create_table(
        "bibliography_parts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bibliography_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bibliography_id"],
            ["bibliographies.id"],
            name=op.f("fk_bibliography_parts_bibliography_id_bibliographies"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bibliography_parts")),
        sa.UniqueConstraint("bibliography_id", "number", name=op.f("uq_bibliography_parts_bibliography_id_number")),
        sqlite_autoincrement=True,
    )
    _create_entries()


def downgrade() -> None:
    """Drop them again."""
    for table in ("bibliography_entries", "bibliography_parts", "bibliographies"):
        op.drop_table(table)


def _create_entries() -> None:
    texts = (
        *("key", "kind", "raw", "authors", "editors", "title", "venue", "volume", "number", "pages"),
        *("doi", "arxiv_id", "url", "publisher", "abstract", "note"),
    )
    op.create_table(
        "bibliography_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("work_id", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("year", "month", "day")),
        sa.ForeignKeyConstraint(
            ["part_id"],
            ["bibliography_parts.id"],
            name=op.f("fk_bibliography_entries_part_id_bibliography_parts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["work_id"], ["works.id"], name=op.f("fk_bibliography_entries_work_id_works"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bibliography_entries")),
    )
    op.create_index(op.f("ix_bibliography_entries_part_id"), "bibliography_entries", ["part_id"], unique=False)
    op.create_index(op.f("ix_bibliography_entries_work_id"), "bibliography_entries", ["work_id"], unique=False)
