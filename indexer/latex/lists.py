"""Lists, theorems and proofs."""

from __future__ import annotations

from indexer.latex.flow import Target
from indexer.latex.mouth import Mouth
from indexer.latex.reader import Environment, Handler, Reader
from indexer.latex.structure import leave
from indexer.latex.tokens import SPACE, source

LISTS = frozenset(
    {"itemize", "enumerate", "description", "compactitem", "compactenum", "inparaenum", "list", "trivlist",
     "asparaenum", "inparaitem", "compactdesc", "itemize*", "enumerate*", "tablenotes", "casenv"}
)  # fmt: skip
_ENUMERATED = (
    ("enumi", "\\arabic{enumi}."),
    ("enumii", "(\\alph{enumii})"),
    ("enumiii", "\\roman{enumiii}."),
    ("enumiv", "\\Alph{enumiv}."),
)


def begin_list(reader: Reader, mouth: Mouth, name: str) -> None:
    """A list begins: its items become one block."""
    flow = reader.flow
    if flow.kind != "list" and len(reader.flows) == 1:
        flow.end_paragraph()
        flow.kind = "list"
    reader.open(name)
    mouth.optional()
    if name in ("list", "trivlist") and name == "list":
        mouth.argument()
        mouth.argument()
    depth = sum(1 for other in reader.open_environments if other == "enumerate")
    if name == "enumerate" and depth <= len(_ENUMERATED):
        reader.counters.set(_ENUMERATED[depth - 1][0], 0)


def end_list(reader: Reader, mouth: Mouth, name: str) -> None:
    """A list ends; the outermost one closes its block."""
    del mouth
    reader.close(name)
    flow = reader.flow
    if flow.kind == "list" and not any(other in LISTS for other in reader.open_environments):
        flow.end_paragraph()
        flow.kind = "paragraph"
    else:
        reader.emit(SPACE)


def item(reader: Reader, mouth: Mouth, token: str) -> None:
    """An item of a list, with its mark or number."""
    del token
    label = mouth.optional()
    name = next((name for name in reversed(reader.open_environments) if name in LISTS), "")
    reader.emit(SPACE)
    if label is not None:
        text = reader.inline(label)
        reader.emit(f"{text} " if text else "")
    elif name == "enumerate":
        depth = sum(1 for other in reader.open_environments if other == "enumerate")
        counter, form = _ENUMERATED[min(depth, len(_ENUMERATED)) - 1]
        reader.counters.step(counter)
        number = reader.counters.format(counter, form[form.index("\\") + 1 :].partition("{")[0])
        outer = "".join(reader.number(upper) for upper, _ in _ENUMERATED[: depth - 1])
        reader.target = Target("item", outer + reader.number(counter))
        reader.emit(form.replace(form[form.index("\\") : form.index("}") + 1], number) + " ")
    elif name:
        reader.emit("• ")


def new_theorem(reader: Reader, mouth: Mouth, token: str) -> None:
    """``\\newtheorem{name}[shared]{Title}[within]``."""
    del token
    starred = mouth.star()
    name = reader.plain(mouth.argument())
    shared = mouth.optional()
    title = source(mouth.argument())
    within = mouth.optional()
    if not name or name in reader.known_environments:
        return
    counter = "" if starred else reader.plain(shared) if shared else name
    if counter and not shared:
        reader.counters.new(name, reader.plain(within) if within else "")
    reader.theorems[name] = (title, counter)
    reader.macros.environments.pop(name, None)


def begin_theorem(reader: Reader, mouth: Mouth, name: str) -> None:
    """A theorem's paragraph begins with its title and number."""
    reader.end_paragraph()
    title, counter = reader.theorems[name]
    note = mouth.optional()
    number = ""
    if counter:
        reader.counters.step(counter)
        number = reader.number(counter)
        reader.target = Target(title.lower(), number)
    opening = f"{title} {number}".strip()
    text = reader.inline(note) if note else ""
    reader.emit(f"{opening} ({text}). " if text else f"{opening}. ")


def begin_proof(reader: Reader, mouth: Mouth, name: str) -> None:
    """A proof opens with that word, or with its own."""
    reader.open(name)
    reader.end_paragraph()
    words = mouth.optional()
    reader.emit((reader.inline(words) if words else "Proof").rstrip(".") + ". ")


COMMANDS: dict[str, Handler] = {
    "\\item": item,
    "\\newtheorem": new_theorem,
    "\\spnewtheorem": new_theorem,
    "\\begin:theorem": begin_theorem,
}
ENVIRONMENTS: dict[str, Environment] = {
    **{name: Environment(begin_list, end_list) for name in LISTS},
    "proof": Environment(begin_proof, leave),
}
