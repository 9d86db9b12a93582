"""The kinds of background jobs."""

INGEST = "ingest"
"""Turn a stored PDF into a searchable paper; payload: sha256, name, size_bytes."""
SYNC = "sync"
"""Bring the search indexes up to the database."""
