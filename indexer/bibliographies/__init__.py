"""Bibliographies as files: BibTeX, RIS and CSL-JSON, read and written, keys, and entries set in citation styles."""
