"""Training of the Galactica model: recipes, the loop, what it keeps on disk, and what it reports."""
