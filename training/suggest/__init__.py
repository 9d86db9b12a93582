"""The ranker of suggestions: what each ranker says of places whose citations are known, and weights learnt from it."""
