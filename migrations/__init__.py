"""The schema's history: Alembic revisions, run through ``indexer.schema``."""
