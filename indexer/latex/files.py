"""Classes, packages and files that a document inputs."""

from __future__ import annotations

from indexer.latex.classes import Rules, apply_class
from indexer.latex.mouth import STEPS_A_CHAR, Budget, Mouth, StepsSpentError
from indexer.latex.reader import Handler, Reader
from indexer.latex.sources import OutsideError
from indexer.latex.tokens import SPACE, Lexer

_PUBLIC = frozenset(
    """
    natbib cite hyperref amsmath amssymb amsfonts amsthm graphicx graphics color xcolor algorithm algorithmic
    algorithmicx algpseudocode fancyhdr subfigure subcaption caption times epsfig booktabs multirow url geometry
    biblatex babel inputenc fontenc microtype cleveref enumitem mathtools listings tikz pgfplots float wrapfig
    xspace setspace titlesec appendix lineno longtable array tabularx bm dsfont siunitx csquotes soul comment verbatim
    algorithm2e authblk textcomp lmodern eucal eepic overcite apacite harvard chicago chapterbib mathptmx revsymb
    subfiles xr stfloats cuted
    """.split()
)
"""Packages that anyone has: copies of them in a project define nothing new."""
_MAX_PACKAGE_CHARS = 400_000
_PACKAGE_STEPS = 100_000
_PACKAGE_EXPANSIONS = 20_000


def document_class(reader: Reader, mouth: Mouth, token: str) -> None:
    """Class and options: they decide how sections are numbered and how works are cited."""
    del token
    options = reader.plain(mouth.optional() or [])
    name = reader.plain(mouth.argument())
    mouth.optional()
    if reader.document_class:
        _read_local(reader, mouth, name, ".cls")
        return
    reader.document_class = name
    reader.class_options = options
    reader.class_rules = apply_class(reader.counters, name, options)
    if reader.class_rules == Rules():
        _read_local(reader, mouth, name, ".cls")


def packages(reader: Reader, mouth: Mouth, token: str) -> None:
    """Packages: noted with their options; those of the project's own folder are read for their definitions."""
    del token
    options = reader.plain(mouth.optional() or [])
    names = reader.plain(mouth.argument()).split(",")
    mouth.optional()
    for name in names[:100]:
        name = name.strip()
        known = reader.bibliography.packages
        known[name] = f"{known[name]},{options}" if known.get(name) else options
        _read_local(reader, mouth, name, ".sty")


def _read_local(reader: Reader, mouth: Mouth, name: str, ending: str) -> None:
    """Read a package of the project itself; nothing that it prints is text."""
    if not name or name in _PUBLIC or reader.package_depth > 5:
        return
    try:
        found = reader.sources.text(name + ending)
    except OutsideError:
        return
    if found is None or len(found[1]) > _MAX_PACKAGE_CHARS or found[0] in reader.packages_read:
        return
    reader.packages_read.add(found[0])
    reader.package_depth += 1
    before, reader.in_text = reader.in_text, False
    expander = reader.expander
    was, expander.in_package = expander.in_package, True
    # A budget of its own: what a class does in vain must not be missing for the text.
    mouth.budget.spend(len(found[1]) // 4)
    budget = Budget(steps=_PACKAGE_STEPS + STEPS_A_CHAR * len(found[1]), expansions=_PACKAGE_EXPANSIONS)
    try:
        reader.read(Mouth(budget, first=Lexer(found[1], name=found[0], at_is_letter=True)))
    except StepsSpentError:
        reader.notice("package", f"The file {found[0][:80]} was read in part: macros may be missing.")
    finally:
        reader.package_depth -= 1
        reader.in_text = before
        reader.ended = False
        expander.in_package = was


def input_file(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\input``, ``\include``, ``\subfile``, ``\import``: the file is read in place of the command."""
    if token in ("\\import", "\\subimport", "\\includefrom", "\\inputfrom"):
        mouth.star()
        name = reader.plain(mouth.argument()) + reader.plain(mouth.argument())
    elif mouth.peek() == "{":
        name = reader.plain(mouth.argument())
    else:
        parts: list[str] = []
        while (part := mouth.next()) is not None and part not in (SPACE, "\\par", "}", "{") and len(parts) < 50:
            parts.append(part)
        if part in ("\\par", "}", "{"):
            mouth.push([part])
        name = "".join(parts)
    if token == "\\include":
        if reader.only and name not in reader.only:
            return
        reader.end_paragraph()
    _input(reader, mouth, name)


def _input(reader: Reader, mouth: Mouth, name: str) -> None:
    shown = name[:80]
    try:
        found = reader.sources.text(name, ".tex")
    except OutsideError:
        reader.notice("outside", f"The file {shown} lies outside the paper's folder and was not read.")
        return
    if found is None:
        if name.strip() and not reader.expander.in_package:
            reader.notice("missing_file", f"The file {shown} is missing: its text is not here.")
        return
    path, text = found
    if path in mouth.open_files():
        reader.notice("cycle", f"The file {shown} inputs itself: it was read once.")
        return
    if path not in reader.inputs:
        reader.inputs.add(path)
        reader.budget.steps += STEPS_A_CHAR * len(text)
    if not mouth.push_source(Lexer(f"{text}\n", name=path)):
        reader.notice("nesting", f"The file {shown} is nested too deep and was not read.")


def include_only(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\includeonly``: the others are left out."""
    del token
    reader.only = frozenset(name.strip() for name in reader.plain(mouth.argument()).split(","))


def end_input(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\endinput``: what is left of the file does not count."""
    del reader, token
    mouth.end_file()


COMMANDS: dict[str, Handler] = {
    "\\documentclass": document_class,
    "\\documentstyle": document_class,
    "\\LoadClass": document_class,
    "\\usepackage": packages,
    "\\RequirePackage": packages,
    **{f"\\{name}": input_file for name in ("input", "include", "subfile", "import", "subimport", "@input",
                                            "includefrom", "inputfrom", "InputIfFileExists")},
    "\\includeonly": include_only,
    "\\endinput": end_input,
}  # fmt: skip
