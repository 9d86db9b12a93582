"""Reference lists within the source: thebibliography with ``\\bibitem`` in its dialects, and amsrefs."""

from __future__ import annotations

from indexer.latex.flow import Flow
from indexer.latex.mouth import Mouth
from indexer.latex.reader import Environment, Handler, Item, Reader
from indexer.latex.tokens import SPACE, source, tokenize

_MAX_ITEMS = 20_000
_MAX_ADDRESS_CHARS = 2_000
_APACITE = {
    "\\APACrefatitle": (2, ("title",)),
    "\\APACrefbtitle": (2, ("title",)),
    "\\APACrefYearMonthDay": (3, ("year",)),
    "\\APACrefYear": (1, ("year",)),
    "\\APACjournalVolNumPages": (4, ("journal", "volume", "number", "pages")),
}
"""apacite's commands: how many arguments each has, and the fields that the first of them fill."""


def begin(reader: Reader, mouth: Mouth, name: str) -> None:
    """The list begins; what stands before the first entry is no text."""
    mouth.argument()
    if len(reader.flows) == 1:
        reader.end_paragraph()
    reader.open(name)
    reader.listing = True
    reader.flows.append(Flow(kind="caption"))


def end(reader: Reader, mouth: Mouth, name: str) -> None:
    """The list ends."""
    del mouth
    if not reader.listing:
        return
    finish_item(reader)
    reader.listing = False
    if len(reader.flows) > 1:
        reader.flows.pop()
    reader.close(name)


def finish_item(reader: Reader) -> None:
    """Close the entry that is open: its text is all that was read since it began."""
    item = reader.item
    if item is None:
        reader.flow.parts.clear()
        return
    item.text = "".join(item.flow.parts)
    reader.bibliography.items.append(item)
    reader.item = None


def _start(reader: Reader, mouth: Mouth, item: Item) -> None:
    finish_item(reader)
    if not reader.listing:
        reader.listing = True
        reader.flows.append(Flow(kind="caption"))
    item.file, item.line = reader.place(mouth)
    reader.flows[-1] = item.flow
    if len(reader.bibliography.items) < _MAX_ITEMS:
        reader.item = item


def bibitem(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\bibitem[label]{key}``."""
    del token
    label = mouth.optional()
    key = " ".join(reader.plain(mouth.argument()).split())
    text = reader.inline(label) if label is not None else None
    _start(reader, mouth, Item(key=key, label=text, flow=Flow(kind="caption")))


def harvarditem(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\harvarditem[short]{long}{year}{key}``."""
    del token
    short = mouth.optional()
    long = mouth.argument()
    year = reader.inline(mouth.argument())
    key = " ".join(reader.plain(mouth.argument()).split())
    names = reader.inline(short if short is not None else long)
    _start(reader, mouth, Item(key=key, label=f"{names}({year})", flow=Flow(kind="caption")))


def citeauthoryear(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""In labels: ``\citeauthoryear{all}{short}{year}``, or ``{names}{year}``. In the text it cites."""
    names = mouth.argument()
    second = mouth.argument()
    if mouth.peek() == "{":
        names, second = second, mouth.argument()
    del token
    reader.emit(f"{reader.inline(names)}({reader.inline(second)})")


def bibinfo(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\bibinfo{field}{text}``: the text, and the field that it fills."""
    del token
    field = reader.plain(mouth.argument())
    text = reader.inline(mouth.argument())
    if reader.item is not None:
        reader.item.fields.append((field, text))
    reader.emit(text)


def apacite_part(reader: Reader, mouth: Mouth, token: str) -> None:
    """apacite's commands for parts of an entry: what they print, and the fields that they fill."""
    texts = [reader.inline(mouth.argument()) for _ in range(_APACITE[token][0])]
    fields = list(zip(_APACITE[token][1], texts, strict=False))
    if (
        token == "\\APACrefbtitle"
        and reader.item is not None
        and any(name == "title" for name, _ in reader.item.fields)
    ):
        fields = [("booktitle", texts[0])]
    if reader.item is not None:
        reader.item.fields.extend((name, text) for name, text in fields if name and text)
    if token == "\\APACjournalVolNumPages":
        number = f"({texts[2]})" if texts[2] else ""
        reader.emit(", ".join(part for part in (texts[0], f"{texts[1]}{number}", texts[3]) if part))
    elif token in ("\\APACrefYearMonthDay", "\\APACrefYear"):
        reader.emit(f"({texts[0]})")
    else:
        reader.emit(texts[0])


def newblock(reader: Reader, mouth: Mouth, token: str) -> None:
    """A part of an entry begins."""
    del mouth, token
    reader.emit(SPACE)


def hyperlink(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\href{address}{text}``: the text; the address is kept for entries."""
    del token
    lexer = mouth.lexer
    if lexer is None or lexer.text.startswith("[", lexer.position):  # a look at tokens would end raw reading
        mouth.optional()
    address = raw_argument(mouth)
    _link(reader, address)
    reader.emit(reader.inline(mouth.argument()))


def address(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\url{address}`` and its kin: the address itself."""
    text = raw_argument(mouth)
    if reader.naming:
        return
    if text.startswith("\\") and not text.startswith("\\\\"):
        text = reader.inline(tokenize(text))
    text = text.replace("\\_", "_").replace("\\%", "%").replace("\\&", "&").replace("\\#", "#").replace("\\~", "~")
    if token == "\\doi":
        text = text.removeprefix("https://doi.org/").removeprefix("http://dx.doi.org/")
        _link(reader, f"https://doi.org/{text}")
        reader.emit(f"doi:{text}")
        return
    _link(reader, text)
    reader.emit(text)


def _link(reader: Reader, text: str) -> None:
    if reader.item is not None and len(reader.item.links) < 20 and text:
        reader.item.links.append(text.replace("\\_", "_").replace("\\%", "%").replace("\\&", "&"))


def raw_argument(mouth: Mouth) -> str:
    """An argument in which percent signs and hashes are characters; read from the source where that is possible."""
    lexer = mouth.lexer
    if lexer is None:
        return source(mouth.argument())
    text, position = lexer.text, lexer.position
    while position < len(text) and text[position].isspace():
        position += 1
    if position >= len(text) or text[position] != "{":
        return source(mouth.argument())
    depth = 0
    limit = min(len(text), position + _MAX_ADDRESS_CHARS)
    for place in range(position, limit):
        char = text[place]
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                lexer.position = place + 1
                return "".join(text[position + 1 : place].split())
        elif char == "\n" and text[place + 1 : place + 2] == "\n":
            break
    mouth.budget.spend(_MAX_ADDRESS_CHARS // 4)
    return source(mouth.argument())


def bibliography(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\bibliography{a,b}`` and ``\addbibresource{a.bib}``."""
    mouth.optional()
    for name in reader.plain(mouth.argument()).split(",")[:50]:
        if name.strip() and name.strip() not in reader.bibliography.files:
            reader.bibliography.files.append(name.strip())
    reader.bibliography.wanted = reader.bibliography.wanted or token == "\\bibliography"


def print_bibliography(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\printbibliography``."""
    del token
    mouth.optional()
    reader.bibliography.wanted = True


def style(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\bibliographystyle{plain}``."""
    del token
    reader.bibliography.style = reader.plain(mouth.argument())


def citation_style(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\citestyle{name}``, ``\setcitestyle{options}``, ``\biboptions{options}``, ``\bibpunct``."""
    if token == "\\bibpunct":
        mouth.optional()
        parts = [reader.plain(mouth.argument()) for _ in range(6)]
        text = {"n": "numbers", "s": "super"}.get(parts[3], "authoryear")
    else:
        text = reader.plain(mouth.argument())
    reader.bibliography.citation_style += f",{text}"


def amsrefs_entry(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\bib{key}{type}{author={…}, title={…}}``."""
    del token
    key = reader.plain(mouth.argument())
    kind = reader.plain(mouth.argument())
    body = mouth.argument()
    item = Item(key=key, label=None, flow=Flow(kind="caption"))
    item.fields = [("@type", kind), *_amsrefs_fields(reader, body)]
    item.file, item.line = reader.place(mouth)
    if reader.listing:
        finish_item(reader)
    reader.bibliography.items.append(item)


def _amsrefs_fields(reader: Reader, tokens: list[str]) -> list[tuple[str, str]]:
    inner = Mouth(reader.budget, tokens=tokens)
    fields: list[tuple[str, str]] = []
    name = ""
    while (token := inner.next()) is not None:
        if token == "{" and name:
            value = reader.inline(inner.group())
            fields.append(("@" + name.rstrip("=").strip().lower(), value))
            name = ""
        elif token[0] not in "{}\\" and token != SPACE:
            name = token.lstrip(",") if token.strip(",") else ""
        elif token == "{":
            inner.group()
    return fields


COMMANDS: dict[str, Handler] = {
    "\\bibitem": bibitem,
    "\\harvarditem": harvarditem,
    "\\citeauthoryear": citeauthoryear,
    "\\bibinfo": bibinfo,
    "\\newblock": newblock,
    **dict.fromkeys(_APACITE, apacite_part),
    "\\href": hyperlink,
    "\\url": address,
    "\\path": address,
    "\\nolinkurl": address,
    "\\doi": address,
    "\\bibliography": bibliography,
    "\\nobibliography": bibliography,
    "\\addbibresource": bibliography,
    "\\printbibliography": print_bibliography,
    "\\bibliographystyle": style,
    "\\citestyle": citation_style,
    "\\setcitestyle": citation_style,
    "\\biboptions": citation_style,
    "\\bibpunct": citation_style,
    "\\bib": amsrefs_entry,
}
ENVIRONMENTS: dict[str, Environment] = {
    "thebibliography": Environment(begin, end),
    "biblist": Environment(lambda reader, mouth, name: None, lambda reader, mouth, name: None),
    "bibdiv": Environment(lambda reader, mouth, name: None, lambda reader, mouth, name: None),
    "references": Environment(begin, end),
}
