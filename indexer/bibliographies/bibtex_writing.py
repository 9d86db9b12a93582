"""Records as BibTeX that BibTeX, biber and this project's own reader understand alike.

Letters stay Unicode; what TeX takes for a command is written as one. Names of several words that must not be parted,
and words of a title whose capitals must stay, stand in braces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from core.records import Author
from indexer.bibliographies.records import Kind, Record
from indexer.latex.inline import plain_text

_TYPES: dict[Kind, str] = {
    "article-journal": "article", "book": "book", "chapter": "incollection", "dataset": "dataset", "document": "misc",
    "paper-conference": "inproceedings", "report": "techreport", "software": "software", "thesis": "phdthesis",
    "webpage": "online",
}  # fmt: skip
_VENUES: dict[Kind, str] = {
    "article-journal": "journal", "book": "series", "chapter": "booktitle", "paper-conference": "booktitle",
    "report": "institution", "thesis": "school",
}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_COMMANDS = {
    "\\": "\\textbackslash{}", "{": "\\textbraceleft{}", "}": "\\textbraceright{}", "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}", "`": "\\textasciigrave{}", "%": "\\%", "&": "\\&", "$": "\\$", "#": "\\#", "_": "\\_",
}  # fmt: skip
_SPECIAL = re.compile(r"[\\{}~^`%&$#_]|(?<=-)-|(?<=')'")
_FORMULA = re.compile(r"(\$[^$]{1,500}\$)")
_PUNCTUATION = ".,:;?!()[]'\"“”‘’-–—"
_INNER_CAPITAL = re.compile(r"[^\W\d_][^\s]*?(?:(?=[^\W\d_])[^a-z\s])|\d[^\s]*[A-Z]")
_AND = re.compile(r"(?:^|\s)and(?:\s|$)", re.IGNORECASE)
_PARTING = re.compile(r"[,;]")


def write_bibtex(records: Iterable[Record]) -> str:
    """Entries in the order given, one blank line between them, with a line end at the end; "" for none."""
    return "\n".join(_entry(record) for record in records)


def latex(text: str) -> str:
    """Plain text as LaTeX prints it; formulas, which plain text has in LaTeX already, stay as they are."""
    if "$" not in text:
        return _escaped(text)
    parts = _FORMULA.split(text)
    return "".join(part if number % 2 and _is_formula(part) else _escaped(part) for number, part in enumerate(parts))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: _COMMANDS.get(found[0], f"{{}}{found[0]}"), text)


def _is_formula(part: str) -> bool:
    """Whether what stands between dollar signs is read as the same formula again: prices are none."""
    return re.search(r"[\\^_]", part) is not None and part.count("{") == part.count("}") and plain_text(part) == part


def _entry(record: Record) -> str:
    fields = "".join(f",\n  {name} = {value}" for name, value in _fields(record))
    return f"@{_TYPES[record.kind]}{{{record.key}{fields}\n}}\n"


def _fields(record: Record) -> Iterator[tuple[str, str]]:
    reference = record.reference
    if reference.authors:
        yield "author", f"{{{_people(reference.authors)}}}"
    if record.editors:
        yield "editor", f"{{{_people(record.editors)}}}"
    if reference.year is not None:
        yield "year", f"{{{reference.year}}}"
    if record.month is not None:
        yield "month", _MONTHS[record.month - 1]
    if record.day is not None:
        yield "day", f"{{{record.day}}}"
    venue = _VENUES.get(record.kind, "howpublished")
    publisher = reference.publisher if reference.publisher != reference.venue else ""
    texts = (
        *(("volume", reference.volume), ("number", record.number), ("publisher", publisher)),
        *(("note", record.note), ("abstract", record.abstract)),
    )
    if reference.title:
        yield "title", f"{{{_title(reference.title)}}}"
    if reference.venue:
        yield venue, f"{{{latex(reference.venue)}}}"
    if reference.pages:
        yield "pages", f"{{{latex(reference.pages).replace('–', '--')}}}"
    yield from ((name, f"{{{latex(text)}}}") for name, text in texts if text)
    yield from _identifiers(record)


def _identifiers(record: Record) -> Iterator[tuple[str, str]]:
    """Read verbatim by everybody, so nothing is escaped but what would end the field."""
    reference = record.reference
    if reference.doi:
        yield "doi", f"{{{_verbatim(reference.doi)}}}"
    if reference.arxiv_id:
        yield "eprint", f"{{{_verbatim(reference.arxiv_id)}}}"
        yield "archiveprefix", "{arXiv}"
    if reference.url:
        yield "url", f"{{{_verbatim(reference.url)}}}"


def _verbatim(identifier: str) -> str:
    return re.sub(r"[{}\\\s]", lambda found: quote(found[0]), identifier)


def _title(title: str) -> str:
    """A title whose words with capitals inside keep them, whatever a style does."""
    if "$" in title:
        return latex(title)
    return " ".join(_protected(word) for word in title.split(" "))


def _protected(word: str) -> str:
    core = word.strip(_PUNCTUATION)
    if not _INNER_CAPITAL.search(core):
        return latex(word)
    before, _, after = word.partition(core)
    return f"{latex(before)}{{{latex(core)}}}{latex(after)}"


def _people(people: Iterable[Author]) -> str:
    return " and ".join(_name(person) for person in people)


def _name(person: Author) -> str:
    family, given, suffix = latex(person.family), latex(person.given), latex(person.suffix)
    if not person.given and not person.suffix:
        return f"{{{family}}}"
    parts = (family, suffix, given) if suffix else (family, given)
    return ", ".join(_kept_whole(part) for part in parts)


def _kept_whole(part: str) -> str:
    """A part of a name, in braces where it would be taken apart or stripped."""
    bare = part and not _AND.search(part) and not _PARTING.search(part) and not part.startswith("{")
    return part if bare else f"{{{part}}}"
