"""Reference strings to fields, and in-text citations to reference entries."""
