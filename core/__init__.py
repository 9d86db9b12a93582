"""Records, errors, identifiers and interfaces that every other package shares."""
