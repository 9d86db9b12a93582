"""The front matter of a paper: title, names, affiliations, abstract, keywords, identifiers."""
