"""Room for what the parser reads since: labels of passages, affiliations of papers, suffixes of names.

Revision 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; papers stored before have nothing to put there."""
    op.add_column("papers", sa.Column("affiliations", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("authors", sa.Column("suffix", sa.Text(), nullable=False, server_default=""))
    op.add_column("passages", sa.Column("label", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Drop them again."""
    op.drop_column("passages", "label")
    op.drop_column("authors", "suffix")
    op.drop_column("papers", "affiliations")
