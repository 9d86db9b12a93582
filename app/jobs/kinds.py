"""The kinds of background jobs."""

INGEST = "ingest"
"""Turn a stored PDF into a searchable paper; payload: sha256, name, size_bytes."""
REREAD = "reread"
"""Read a paper's stored PDF again, in the place of what was read before; payload: sha256, name, size_bytes."""
SYNC = "sync"
"""Bring the search indexes up to the database."""
