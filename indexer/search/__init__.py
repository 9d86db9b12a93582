"""Search indexes kept beside the database: lexical, dense, and their fusion."""
