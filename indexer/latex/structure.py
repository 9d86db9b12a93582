"""Sections, lists, floats, theorems, footnotes and cross-references."""

from __future__ import annotations

from indexer.latex.flow import Block, CrossReference, Flow, Heading, Target
from indexer.latex.macros import Macro
from indexer.latex.mouth import Mouth
from indexer.latex.people import MARK
from indexer.latex.reader import Environment, Handler, Reader
from indexer.latex.tokens import PAR, SPACE, source

RANKS = {"part": 0, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5, "subparagraph": 6}
_FLOATS = {
    "figure": ("figure", "Figure"),
    "wrapfigure": ("figure", "Figure"),
    "SCfigure": ("figure", "Figure"),
    "sidewaysfigure": ("figure", "Figure"),
    "marginfigure": ("figure", "Figure"),
    "teaserfigure": ("figure", "Figure"),
    "table": ("table", "Table"),
    "wraptable": ("table", "Table"),
    "SCtable": ("table", "Table"),
    "sidewaystable": ("table", "Table"),
    "deluxetable": ("table", "Table"),
    "longtable": ("table", "Table"),
    "supertabular": ("table", "Table"),
    "algorithm": ("algorithm", "Algorithm"),
    "algorithm2e": ("algorithm", "Algorithm"),
    "listing": ("listing", "Listing"),
    "scheme": ("scheme", "Scheme"),
    "subfigure": ("subfigure", ""),
    "subtable": ("subtable", ""),
}
_FLOAT_ARGUMENTS = {"wrapfigure": "omom", "wraptable": "omom", "deluxetable": "m", "longtable": "om",
                    "supertabular": "m", "subfigure": "ooom", "subtable": "ooom"}  # fmt: skip
_ENUMERATED = (
    ("enumi", "\\arabic{enumi}."),
    ("enumii", "(\\alph{enumii})"),
    ("enumiii", "\\roman{enumiii}."),
    ("enumiv", "\\Alph{enumiv}."),
)
_MAX_FLOWS = 50
_MAX_VERB_CHARS = 1_000
_KINDS = {"chapter": "chapter", "part": "part", "figure": "figure", "table": "table", "equation": "equation"}


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
    name = "chapter" if reader.counters.has("chapter") else "section"
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


def begin_float(reader: Reader, mouth: Mouth, name: str) -> None:
    """A float: what it holds stands after the paragraph in which it appears."""
    plain_name = name.rstrip("*")
    reader.open(name)
    reader.skip(_FLOAT_ARGUMENTS.get(plain_name, "o"), mouth)
    if len(reader.flows) < _MAX_FLOWS:
        reader.flows.append(Flow(section=reader.flow.section))


def end_float(reader: Reader, mouth: Mouth, name: str) -> None:
    """The float's blocks wait for the paragraph around it to end."""
    del mouth
    if reader.close(name) and len(reader.flows) > 1:
        reader.leave_flow()


def caption(reader: Reader, mouth: Mouth, token: str) -> None:
    """A caption, numbered by the float around it."""
    starred = mouth.star()
    if token == "\\captionof":
        environment = reader.plain(mouth.argument())
    else:
        environment = next((name for name in reversed(reader.open_environments) if name.rstrip("*") in _FLOATS), "")
    mouth.optional()
    tokens = mouth.argument()
    counter, shown = _FLOATS.get(environment.rstrip("*"), ("figure", "Figure"))
    label = ""
    if not starred:
        if not reader.counters.has(counter):
            reader.counters.new(counter)
        if shown:
            reader.counters.step(counter)
            reader.counters.set("subfigure", 0)
            reader.counters.set("subtable", 0)
            number = reader.number(counter)
            label = f"{shown} {number}"
        else:
            reader.counters.step(counter)
            number = reader.counters.format(counter, "alph")
            label = f"({number})"
        reader.target = Target(counter, number)
    separator = " " if label.startswith("(") else ": "
    _aside(reader, tokens, Flow(kind="caption", section=reader.flow.section, label=label), opening=label + separator)


def _aside(reader: Reader, tokens: list[str], flow: Flow, *, opening: str = "") -> None:
    """A block of its own, after the paragraph that is open."""
    if opening.strip(": "):
        flow.parts.append(opening)
    if not reader.in_text:
        return
    blocks = reader.blocks(tokens, flow)
    if flow.kind == "caption" and len(reader.flows) > 1:
        # Within its float a caption stands where the source has it.
        reader.flow.end_paragraph()
        reader.flow.blocks.extend(blocks)
    else:
        reader.flow.after.extend(blocks)


def subfloat(reader: Reader, mouth: Mouth, token: str) -> None:
    """A part of a float with a caption of its own: ``\\subfloat[caption]{body}``, ``\\subcaptionbox{caption}{}``."""
    if token == "\\subcaptionbox":
        mouth.star()
        text: list[str] | None = mouth.argument()
        mouth.optional()
        mouth.optional()
    else:
        text = mouth.optional()
        longer = mouth.optional()
        text = longer if longer is not None else text
    reader.counters.step("subfigure")
    number = reader.counters.format("subfigure", "alph")
    reader.target = Target("subfigure", number)
    if text:
        flow = Flow(kind="caption", section=reader.flow.section, label=f"({number})")
        _aside(reader, text, flow, opening=f"({number}) ")


def footnote(reader: Reader, mouth: Mouth, token: str) -> None:
    """A footnote, with its mark as label."""
    given = mouth.optional()
    tokens = mouth.argument()
    if reader.naming:
        reader.emit(MARK)
        return
    if token == "\\footnote" and given is None:
        reader.counters.step("footnote")
        label = reader.number("footnote")
    else:
        label = reader.plain(given) if given is not None else reader.number("footnote")
    reader.target = Target("footnote", label) if token == "\\footnote" else reader.target
    if reader.flow.kind in ("caption", "footnote") and len(reader.flows) > 1:
        return
    _aside(reader, tokens, Flow(kind="footnote", section=reader.flow.section, label=label))


def footnote_mark(reader: Reader, mouth: Mouth, token: str) -> None:
    """A mark whose text follows elsewhere."""
    del token
    if mouth.optional() is None and not reader.naming:
        reader.counters.step("footnote")


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


def redefine_counter(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\setcounter`` and its kin are the expander's; a numbering format arrives here by ``\pagenumbering`` only."""
    del reader, token
    mouth.argument()


def begin_group(reader: Reader, mouth: Mouth, name: str) -> None:
    """An environment whose text simply runs on."""
    del mouth
    reader.open(name)


def end_group(reader: Reader, mouth: Mouth, name: str) -> None:
    """The end of one."""
    del mouth
    reader.close(name)


def begin_table(reader: Reader, mouth: Mouth, name: str) -> None:
    """The rows of a table: cells are parted by bars, rows by semicolons."""
    reader.open(name)
    kinds = {"tabular*": "mom", "tabularx": "mom", "tabulary": "mom", "tabu": "m", "array": "om", "tblr": "om"}
    reader.skip(kinds.get(name, "om"), mouth)
    reader.macros.define("\\\\", Macro(("\\tabularrow",)))
    reader.macros.define("\\tabularnewline", Macro(("\\tabularrow",)))


def table_row(reader: Reader, mouth: Mouth, token: str) -> None:
    """The end of a row."""
    del token
    mouth.star()
    mouth.optional()
    _end_cell(reader)
    reader.emit("\n" if reader.naming else "; ")


def end_table(reader: Reader, mouth: Mouth, name: str) -> None:
    """The end of a table: nothing follows its last row."""
    del mouth
    _end_cell(reader)
    if reader.flow.parts[-1:] == ["; "]:
        reader.flow.parts[-1] = SPACE
    reader.close(name)


def _end_cell(reader: Reader) -> None:
    parts = reader.flow.parts
    while parts and parts[-1] == SPACE:
        parts.pop()


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
    reader.in_text = True


def end_document(reader: Reader, mouth: Mouth, name: str) -> None:
    """The text ends, or that of a file that can also stand alone; nothing behind it counts."""
    del name
    if len(mouth.open_files()) > 1:
        mouth.end_file()
    else:
        reader.ended = True


def skipped(reader: Reader, mouth: Mouth, name: str) -> None:
    r"""An environment that holds no text: its source is passed over unread."""
    lexer = mouth.lexer
    end = f"\\end{{{name}}}"
    if lexer is not None:
        if lexer.until(end) is None:
            reader.notice("unclosed", f"The environment {name[:40]} never ends.")
        return
    depth = 0
    while (token := mouth.next()) is not None:
        if token == "\\begin":
            depth += mouth.peek() == "{" and source(mouth.argument()) == name
        elif token == "\\end" and mouth.peek() == "{" and source(mouth.argument()) == name:
            if depth == 0:
                return
            depth -= 1


def verbatim(reader: Reader, mouth: Mouth, name: str) -> None:
    """Code or other text that is taken as it stands, as a paragraph."""
    lexer = mouth.lexer
    body = lexer.until(f"\\end{{{name}}}") if lexer is not None else None
    if body is None:
        if lexer is not None:
            reader.notice("unclosed", f"The environment {name[:40]} never ends.")
        return
    if len(reader.flows) == 1:
        reader.end_paragraph()
    first, newline, rest = body.partition("\n")
    # Options of listings stand on the first line.
    reader.emit(rest if newline and first.lstrip().startswith(("[", "{")) else body)
    if len(reader.flows) == 1:
        reader.end_paragraph()


def verb(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\verb|text|``."""
    lexer = mouth.lexer
    if token == "\\lstinline" and lexer is not None and lexer.text.startswith("[", lexer.position):
        mouth.optional()
        lexer = mouth.lexer
    if lexer is not None:
        lexer.position += lexer.text.startswith("*", lexer.position)
        delimiter = lexer.text[lexer.position : lexer.position + 1]
        lexer.position += 1
        line = lexer.text[lexer.position : lexer.position + _MAX_VERB_CHARS].partition("\n")[0]
        body, found, _ = line.partition("}" if delimiter == "{" else delimiter or "|")
        if found:
            lexer.position += len(body) + 1
            reader.emit(body)
        return
    mouth.star()
    following = mouth.next()
    if following is not None and following not in (PAR, SPACE):
        if len(following) > 1 and following[0] != "\\":
            mouth.push([following[1:]])
        reader.emit(source(mouth.upto([following[0]])))


def unread(reader: Reader, mouth: Mouth, name: str) -> None:
    """The end of an environment that was read to its end at its beginning: a stray one."""
    del reader, mouth, name


LISTS = frozenset(
    {"itemize", "enumerate", "description", "compactitem", "compactenum", "inparaenum", "list", "trivlist",
     "asparaenum", "inparaitem", "compactdesc", "itemize*", "enumerate*", "tablenotes", "casenv"}
)  # fmt: skip
_SKIPPED = ("comment", "CCSXML", "tikzpicture", "pspicture", "picture", "filecontents", "filecontents*", "pgfpicture",
            "forest", "circuitikz", "tikzcd", "asy", "highlights", "graphicalabstract", "axis",
            "IEEEbiography", "IEEEbiographynophoto", "biography", "thenomenclature")  # fmt: skip
_VERBATIM = ("verbatim", "verbatim*", "Verbatim", "lstlisting", "minted", "alltt", "BVerbatim", "LVerbatim", "code")
_TABLES = ("tabular", "tabular*", "tabularx", "tabulary", "tabu", "tblr", "xltabular", "NiceTabular")
_RUNNING = ("small", "footnotesize", "scriptsize", "tiny", "large", "sloppypar", "spacing", "minipage", "adjustbox",
            "threeparttable", "subequations*", "otherlanguage", "hyphenrules", "onehalfspace", "doublespace",
            "singlespace", "strip", "widetext", "frontmatter", "titlepage", "landscape",
            "columns", "column")  # fmt: skip


def _running_arguments(name: str) -> Handler:
    kinds = {"minipage": "ooom", "spacing": "m", "adjustbox": "m", "otherlanguage": "om", "hyphenrules": "m"}

    def begin(reader: Reader, mouth: Mouth, environment: str) -> None:
        begin_group(reader, mouth, environment)
        reader.skip(kinds.get(name, ""), mouth)

    return begin


COMMANDS: dict[str, Handler] = {
    **{f"\\{name}": section for name in RANKS},
    "\\appendix": appendix,
    "\\appendices": appendix,
    "\\item": item,
    "\\caption": caption,
    "\\captionof": caption,
    "\\tablecaption": caption,
    "\\subfloat": subfloat,
    "\\subcaptionbox": subfloat,
    "\\footnote": footnote,
    "\\footnotetext": footnote,
    "\\sidenote": footnote,
    "\\marginnote": footnote,
    "\\newtheorem": new_theorem,
    "\\spnewtheorem": new_theorem,
    "\\begin:theorem": begin_theorem,
    "\\label": label,
    **{
        f"\\{name}": refer
        for name in ("ref", "eqref", "cref", "Cref", "autoref", "pageref", "nameref", "vref", "subref", "crefrange",
                     "Crefrange", "labelcref", "cpageref", "secref", "figref", "tabref", "prettyref", "fullref")
    },
    "\\hyperref": refer_text,
    "\\tabularrow": table_row,
    "\\\\": line_break,
    "\\begin": begin_environment,
    "\\end": end_environment,
    "\\verb": verb,
    "\\lstinline": verb,
}  # fmt: skip
ENVIRONMENTS: dict[str, Environment] = {
    "document": Environment(begin_document, end_document),
    "appendices": Environment(begin_appendices, leave),
    "subappendices": Environment(begin_appendices, leave),
    **{name: Environment(begin_list, end_list) for name in LISTS},
    **{f"{name}{star}": Environment(begin_float, end_float) for name in _FLOATS for star in ("", "*")},
    "proof": Environment(begin_proof, leave),
    **{name: Environment(begin_table, end_table) for name in _TABLES},
    **{name: Environment(_running_arguments(name), end_group) for name in _RUNNING},
    **{name: Environment(skipped, unread) for name in _SKIPPED},
    **{name: Environment(verbatim, unread) for name in _VERBATIM},
}
__all__ = ["COMMANDS", "ENVIRONMENTS", "Block"]
