"""Citing commands of natbib, biblatex, harvard, apacite and the classes, and how each prints."""

from __future__ import annotations

from typing import Literal

from indexer.latex.flow import Cite
from indexer.latex.mouth import Mouth
from indexer.latex.reader import Handler, Reader
from indexer.latex.tokens import SPACE

Form = Literal["default", "parenthesis", "text", "bare", "author", "year", "year_parenthesis", "title", "number"]
_FORMS: dict[Form, str] = {
    "default": "cite Cite shortcite citeauthoryear",
    "parenthesis": "citep Citep parencite Parencite autocite Autocite smartcite Smartcite footcite Footcite "
    "footcitetext supercite parencites Parencites autocites Autocites smartcites Smartcites footcites Footcites "
    "footcitetexts supercites citeaffixed citep* footfullcite citationp possessivecitep citepalias fullcitep",
    "text": "citet Citet textcite Textcite textcites Textcites newcite citeA citeN shortciteN shortciteA citeasnoun "
    "fullciteA citetalias onlinecite citeonline possessivecite citationt fullcite fullcites inlinecite",
    "bare": "citealt citealp Citealt Citealp citeNP shortciteNP citen citeANP cites Cites volcite fcite "
    "notecite Notecite pnotecite",
    "author": "citeauthor Citeauthor citefullauthor citeauthors shortciteauthor citeauthorp citename",
    "year": "citeyear citedate shortciteyear citeyearNP",
    "year_parenthesis": "citeyearpar shortciteyearpar",
    "title": "citetitle",
    "number": "citenum",
}
FORMS: dict[str, Form] = {name: form for form, names in _FORMS.items() for name in names.split()}
"""Citing commands, without backslash, and how each prints."""
_SEVERAL = frozenset(name for name in FORMS if name.endswith("cites") or name in ("cites", "Cites", "footcitetexts"))
_NATBIB = ("citep", "citet", "citeal", "citeyearpar")
_MAX_KEYS = 500
_MAX_GROUPS = 100
_MAX_KEY_CHARS = 200


def cite(reader: Reader, mouth: Mouth, token: str) -> None:
    """Any citing command: notes in brackets, then keys."""
    name = token[1:]
    mouth.star()
    file, line = reader.place(mouth)
    if name.lower().startswith(_NATBIB):
        reader.bibliography.uses_natbib = True
    if name in _SEVERAL:
        _cite_several(reader, mouth, name, file, line)
        return
    notes = _notes(reader, mouth)
    keys = read_keys(reader, mouth)
    if name == "citeaffixed":
        notes[0] = reader.inline(mouth.argument())
    if keys:
        _note(reader, keys)
        reader.cite(Cite(name, keys, notes[0], notes[1], file, line))


def _cite_several(reader: Reader, mouth: Mouth, name: str, file: str, line: int) -> None:
    """``\\cites(before)(after)[note][note]{key}[note]{key}…``."""
    notes = ["", ""]
    groups: list[Cite] = []
    for place in range(2):
        following = mouth.peek()
        if following is not None and following[0] == "(":
            notes[place] = reader.inline(mouth.upto([")"])).lstrip("(")
    while len(groups) < _MAX_GROUPS and mouth.peek() in ("[", "{"):
        own = _notes(reader, mouth)
        keys = read_keys(reader, mouth)
        if not keys:
            break
        groups.append(Cite(name, keys, own[0], own[1], file, line))
    every = tuple(key for group in groups for key in group.keys)
    if every:
        _note(reader, every)
        after = groups[-1].after or notes[1]
        reader.cite(Cite(name, every[:_MAX_KEYS], notes[0] or groups[0].before, after, file, line))


def _notes(reader: Reader, mouth: Mouth) -> list[str]:
    """Notes before and after; a single one stands after. Angle brackets are apacite's, for the note before."""
    before = ""
    if (following := mouth.next()) is not None:
        if following.startswith("<"):
            mouth.push([following])
            before = reader.inline(mouth.upto([">"])).lstrip("<")
        else:
            mouth.push([following])
    first = mouth.optional()
    second = mouth.optional() if first is not None else None
    if second is not None:
        return [reader.inline(first or []), reader.inline(second)]
    return [before, reader.inline(first or [])]


def read_keys(reader: Reader, mouth: Mouth) -> tuple[str, ...]:
    """The keys of a citing command, in order."""
    text = reader.plain(mouth.argument()).replace("\n", SPACE)
    keys = [" ".join(key.split()) for key in text.split(",")[:_MAX_KEYS]]
    return tuple(dict.fromkeys(key for key in keys if key and len(key) <= _MAX_KEY_CHARS))


def _note(reader: Reader, keys: tuple[str, ...]) -> None:
    if reader.in_text:
        for key in keys:
            reader.bibliography.cited.setdefault(key)


def nocite(reader: Reader, mouth: Mouth, token: str) -> None:
    """Entries that are listed without being cited; a star means all."""
    del token
    for key in read_keys(reader, mouth):
        if key == "*":
            reader.bibliography.everything = True
        else:
            reader.bibliography.cited.setdefault(key)


def cite_text(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\citetext{see \citealp{a}}``: text in parentheses."""
    del reader, token
    mouth.push(["(", *mouth.argument(), ")"])


COMMANDS: dict[str, Handler] = {**{f"\\{name}": cite for name in FORMS}, "\\nocite": nocite, "\\citetext": cite_text}
