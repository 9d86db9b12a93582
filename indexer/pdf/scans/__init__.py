"""Pages that are pictures: which they are, and how their text is recognised."""
