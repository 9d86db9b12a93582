"""Figures, tables and footnotes: what stands beside the running text."""

from __future__ import annotations

from indexer.latex.flow import Flow, Target
from indexer.latex.macros import Macro
from indexer.latex.mouth import Mouth
from indexer.latex.people import MARK
from indexer.latex.reader import Environment, Handler, Reader
from indexer.latex.tokens import SPACE

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
_TABLES = ("tabular", "tabular*", "tabularx", "tabulary", "tabu", "tblr", "xltabular", "NiceTabular")
_MAX_FLOWS = 50


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


COMMANDS: dict[str, Handler] = {
    "\\caption": caption,
    "\\captionof": caption,
    "\\tablecaption": caption,
    "\\subfloat": subfloat,
    "\\subcaptionbox": subfloat,
    **{f"\\{name}": footnote for name in ("footnote", "footnotetext", "sidenote", "marginnote")},
    "\\tabularrow": table_row,
}
ENVIRONMENTS: dict[str, Environment] = {
    **{f"{name}{star}": Environment(begin_float, end_float) for name in _FLOATS for star in ("", "*")},
    **{name: Environment(begin_table, end_table) for name in _TABLES},
}
