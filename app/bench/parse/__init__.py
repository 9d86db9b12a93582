"""How well papers are read: our parser and other tools on the same data, by the same measures."""
