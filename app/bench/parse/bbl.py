r"""The printed entries of a ``.bbl`` file, by their keys."""

from __future__ import annotations

import re

from app.bench.parse.tex import definitions, group, option, plain, without_comments

_ITEM = re.compile(r"\\(bibitem|harvarditem)(?![A-Za-z])\s*")
_END = re.compile(r"\\end\{thebibliography\}")


def printed_entries(bbl: str) -> dict[str, str]:
    """Key → text as printed, without its label, in the order of the list; empty when nothing is printed there.

    A file that biblatex wrote holds data and no entries.
    """
    bbl = without_comments(bbl)
    end = _END.search(bbl)
    bbl = bbl[: end.start()] if end else bbl
    items = list(_ITEM.finditer(bbl))
    if not items:
        return {}
    macros = definitions(bbl[: items[0].start()])
    entries: dict[str, str] = {}
    for item, start in zip(items, [*(item.start() for item in items[1:]), len(bbl)], strict=True):
        _, position = option(bbl, item.end())
        for _ in range(2 if item[1] == "harvarditem" else 0):
            _, position = group(bbl, position)
        key, position = group(bbl, position)
        entries[key.strip()] = plain(bbl[position:start], macros)
    return entries
