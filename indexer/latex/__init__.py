"""LaTeX source to a Document: a reader that expands macros within bounds and never runs anything."""
