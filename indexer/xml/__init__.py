"""Papers that come as XML: JATS, and the TEI that GROBID writes."""
