"""Sections, the appendix, labels and references to them, and environments that only group."""

from __future__ import annotations

from indexer.latex.flow import CrossReference, Heading, Target
from indexer.latex.mouth import Mouth
from indexer.latex.reader import Environment, Handler, Reader
from indexer.latex.tokens import SPACE

RANKS = {"part": 0, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5, "subparagraph": 6}
_KINDS = {"chapter": "chapter", "part": "part", "figure": "figure", "table": "table", "equation": "equation"}
_RUNNING = ("small", "footnotesize", "scriptsize", "tiny", "large", "sloppypar", "spacing", "minipage", "adjustbox",
            "threeparttable", "subequations*", "otherlanguage", "hyphenrules", "onehalfspace", "doublespace",
            "singlespace", "strip", "widetext", "frontmatter", "titlepage", "landscape",
            "columns", "column")  # fmt: skip


def section(reader: Reader, mouth: Mouth, token: str) -> None:
    """A heading: numbered when it is not starred and its level is counted."""
    name = token[1:]
    starred = mouth.star()
    mouth.optional()
    heading(reader, name, reader.inline(mouth.argument()), numbered=not starred)


def heading(reader: Reader, name: str, text: str, *, numbered: bool) -> None:
    """Add a heading to the outline; what follows belongs to it."""
    rank = RANKS[name]
    while len(reader.flows) > 1 and reader.flow.kind not in ("caption", "footnote"):
        reader.leave_flow()
    reader.flow.kind = "paragraph"
    reader.flow.end_paragraph()
    number = ""
    # Parts are numbered in all classes; chapters have depth 0, sections 1.
    if numbered and (rank - 1 <= reader.counters.get("secnumdepth") or rank == 0):
        reader.counters.step(name)
        number = reader.number(name)
        kind = "appendix" if reader.appendix and rank <= 2 else "section" if rank >= 2 else _KINDS[name]
        reader.target = Target(kind, number)
        shown = reader.class_rules.shown.get("appendix" if reader.appendix and rank <= 2 else name)
        if shown is not None and f"\\the{name}" not in reader.macros:
            number = reader.counters.format(name, shown)
    if len(reader.flows) > 1:
        return
    reader.headings.append(Heading(rank, text, number))
    reader.flow.section = len(reader.headings) - 1


def appendix(reader: Reader, mouth: Mouth, token: str) -> None:
    """From here sections (in books: chapters) carry letters."""
    del mouth, token
    if reader.appendix:
        return
    reader.appendix = True
    name = "chapter" if reader.counters.has_chapters else "section"
    reader.counters.set(name, 0)
    reader.counters.set_form(name, f"\\Alph{{{name}}}")
    for inner in ("subsection", "subsubsection"):
        if name == "section":
            reader.counters.set(inner, 0)
    reader.macros.define(f"\\the{name}", None, everywhere=True)
    for counter, form in reader.class_rules.appendix.items():
        reader.counters.set_form(counter, form)
    for counter in reader.class_rules.resets:
        reader.counters.reset_with(counter, name)


def begin_appendices(reader: Reader, mouth: Mouth, name: str) -> None:
    """The same as an environment."""
    reader.open(name)
    reader.end_paragraph()
    mouth.optional()
    appendix(reader, mouth, name)


def leave(reader: Reader, mouth: Mouth, name: str) -> None:
    """The end of an environment that leaves nothing."""
    del mouth
    reader.close(name)
    if len(reader.flows) == 1:
        reader.end_paragraph()


def label(reader: Reader, mouth: Mouth, token: str) -> None:
    """Note what was numbered last under a name."""
    del token
    name = reader.plain(mouth.argument())
    if reader.target is not None and name:
        reader.labels.setdefault(name, reader.target)


def refer(reader: Reader, mouth: Mouth, token: str) -> None:
    """A reference to one or more labels."""
    mouth.star()
    keys = tuple(key.strip() for key in reader.plain(mouth.argument()).split(","))
    form = token[1:]
    if form in ("crefrange", "Crefrange"):
        keys = (*keys, reader.plain(mouth.argument()))
    reader.refer(CrossReference(form, keys))


def refer_text(reader: Reader, mouth: Mouth, token: str) -> None:
    """``\\hyperref[label]{text}`` prints the text."""
    del reader, token
    mouth.optional()


def begin_group(reader: Reader, mouth: Mouth, name: str) -> None:
    """An environment whose text simply runs on."""
    del mouth
    reader.open(name)


def end_group(reader: Reader, mouth: Mouth, name: str) -> None:
    """The end of one."""
    del mouth
    reader.close(name)


def line_break(reader: Reader, mouth: Mouth, token: str) -> None:
    """A forced line break is a space."""
    del token
    mouth.star()
    following = mouth.next()
    if following is not None:
        mouth.push([following])
        if following == "[":
            mouth.optional()
    reader.emit("\n")


def xspace(reader: Reader, mouth: Mouth, token: str) -> None:
    """A space, unless what follows brings its own or needs none."""
    del token
    following = mouth.next()
    if following is None:
        return
    mouth.push([following])
    bare = following.startswith(_NO_SPACE_BEFORE) or following in (
        SPACE,
        "\\par",
        "\\footnote",
        "\\xspace",
        "\\ ",
        "\\/",
    )
    if not bare:
        reader.emit(SPACE)


def columns(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\twocolumn[title block]``: what stands in the brackets is read as well."""
    del reader, token
    inside = mouth.optional()
    if inside:
        mouth.push(inside)


def ensure_maths(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\ensuremath{…}`` in the text."""
    del reader, token
    mouth.push(["$", *mouth.argument(), "$"])


def begin_environment(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\begin{name}``."""
    del token
    reader.begin(reader.plain(mouth.argument()), mouth)


def end_environment(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\end{name}``."""
    del token
    reader.end(reader.plain(mouth.argument()), mouth)


def begin_document(reader: Reader, mouth: Mouth, name: str) -> None:
    """The text begins."""
    del mouth, name
    reader.begun = True
    reader.in_text = True


def end_document(reader: Reader, mouth: Mouth, name: str) -> None:
    """The text ends, or that of a file that can also stand alone; nothing behind it counts."""
    del name
    if len(mouth.open_files()) > 1:
        mouth.end_file()
    else:
        reader.ended = True


def _running_arguments(name: str) -> Handler:
    kinds = {"minipage": "ooom", "spacing": "m", "adjustbox": "m", "otherlanguage": "om", "hyphenrules": "m"}

    def begin(reader: Reader, mouth: Mouth, environment: str) -> None:
        begin_group(reader, mouth, environment)
        reader.skip(kinds.get(name, ""), mouth)

    return begin


_NO_SPACE_BEFORE = ("{", "}", "~", ".", "!", ",", ":", ";", "?", "/", "'", ")", "-", "]", "’", "”")
_REFERENCES = (
    "ref eqref cref Cref autoref pageref nameref vref subref crefrange Crefrange labelcref cpageref secref figref "
    "tabref prettyref fullref"
).split()
COMMANDS: dict[str, Handler] = {
    **{f"\\{name}": section for name in RANKS},
    "\\appendix": appendix,
    "\\appendices": appendix,
    "\\label": label,
    **{f"\\{name}": refer for name in _REFERENCES},
    "\\hyperref": refer_text,
    "\\\\": line_break,
    "\\xspace": xspace,
    "\\ensuremath": ensure_maths,
    "\\twocolumn": columns,
    "\\onecolumn": columns,
    "\\begin": begin_environment,
    "\\end": end_environment,
}
ENVIRONMENTS: dict[str, Environment] = {
    "document": Environment(begin_document, end_document),
    "appendices": Environment(begin_appendices, leave),
    "subappendices": Environment(begin_appendices, leave),
    **{name: Environment(_running_arguments(name), end_group) for name in _RUNNING},
}
