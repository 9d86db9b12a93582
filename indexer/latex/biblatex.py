"""The ``.bbl`` file that biber writes: fields, not text."""

from __future__ import annotations

from indexer.bibliographies.bibtex import Entry
from indexer.latex.mouth import Budget, Mouth
from indexer.latex.tokens import SPACE, Lexer, source

_MAX_ENTRIES = 20_000


def is_biblatex(text: str) -> bool:
    """True for the data that biblatex reads."""
    return "\\entry{" in text and "\\endentry" in text


def read_biblatex(text: str, *, budget: Budget, name: str = "") -> list[Entry]:
    """Entries in the order of the list, each once."""
    lexer = Lexer(text, name=name)
    mouth = Mouth(budget, first=lexer)
    found: dict[str, Entry] = {}
    key = kind = ""
    line = 0
    fields: dict[str, str] = {}
    while (token := mouth.next()) is not None:
        if token == "\\entry":
            line = lexer.line()
            key, kind = source(mouth.argument()), source(mouth.argument())
            mouth.argument()
            fields = {}
        elif token == "\\endentry":
            if key and key not in found and len(found) < _MAX_ENTRIES:
                found[key] = Entry(key, kind, fields, name, line)
            key = ""
        elif not key:
            continue
        elif token == "\\strng" or token == "\\keyw":
            mouth.argument()
        elif token == "\\field" or token == "\\list":
            _field(mouth, token, fields)
        elif token == "\\name":
            _names(mouth, fields)
        elif token == "\\verb" and mouth.peek() == "{":
            field = source(mouth.argument())
            body = lexer.until("\\endverb") or ""
            _, _, value = body.partition("\\verb")
            fields.setdefault(field, value.strip())
    return list(found.values())


def _field(mouth: Mouth, token: str, fields: dict[str, str]) -> None:
    name = source(mouth.argument())
    if token == "\\list":
        mouth.argument()
        inner = Mouth(mouth.budget, tokens=mouth.argument())
        values: list[str] = []
        while inner.peek() is not None:
            values.append(source(inner.argument()))
        fields.setdefault("address" if name == "location" else name, " and ".join(value for value in values if value))
        return
    fields.setdefault(name, source(mouth.argument()))


def _names(mouth: Mouth, fields: dict[str, str]) -> None:
    name = source(mouth.argument())
    mouth.argument()
    third = mouth.argument()
    fourth = mouth.argument() if mouth.peek() == "{" else third
    inner = Mouth(mouth.budget, tokens=fourth)
    people: list[str] = []
    while inner.peek() is not None:
        person = _person(Mouth(mouth.budget, tokens=inner.argument()))
        if person:
            people.append(person)
    fields.setdefault(name, " and ".join(people))


def _person(mouth: Mouth) -> str:
    """A name in BibTeX's notation, from ``{hash}{family={…}, given={…}}`` or from the groups of older versions."""
    groups: list[list[str]] = []
    while mouth.peek() is not None and len(groups) < 10:
        token = mouth.peek()
        if token != "{":
            mouth.next()
            continue
        groups.append(mouth.argument())
    if not groups:
        return ""
    named = _named_parts(groups[-1], mouth.budget)
    if not named and len(groups) >= 5:
        flat = [source(group) for group in groups]
        # {hash}{family}{initial}{given}{initial}{prefix}{initial}{suffix}{initial}
        named = {"family": flat[1], "given": flat[3], "prefix": flat[5] if len(flat) > 5 else "",
                 "suffix": flat[7] if len(flat) > 7 else ""}  # fmt: skip
    family = " ".join(part for part in (named.get("prefix", ""), named.get("family", "")) if part)
    if not family:
        return ""
    given, suffix = named.get("given", ""), named.get("suffix", "")
    if not given and not suffix:
        return f"{{{family}}}"
    return f"{{{family}}}, {{{suffix}}}, {{{given}}}" if suffix else f"{{{family}}}, {{{given}}}"


def _named_parts(tokens: list[str], budget: Budget) -> dict[str, str]:
    mouth = Mouth(budget, tokens=tokens)
    parts: dict[str, str] = {}
    name = ""
    while (token := mouth.next()) is not None:
        if token == "{":
            value = source(mouth.group())
            if name:
                parts.setdefault(name, value)
            name = ""
        elif token != SPACE and token[0] not in "\\}":
            name = token.strip(",= ")
    return {key: value for key, value in parts.items() if key in ("family", "given", "prefix", "suffix")}
