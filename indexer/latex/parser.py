"""A LaTeX file or source archive to a Document, in this process."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from core.errors import UnreadableFile
from core.records import Document
from core.text import clean, display_name
from indexer.config import ParserLimits
from indexer.latex import citing, files, floats, front, listed, lists, maths, structure, verbatim
from indexer.latex.archive import choose_main, unpack
from indexer.latex.bibliography import references_of
from indexer.latex.document import make_document
from indexer.latex.flow import Flow
from indexer.latex.macros import plain
from indexer.latex.mouth import STEPS_A_CHAR, Budget, Mouth, StepsSpentError
from indexer.latex.reader import Environment, Handler, Reader
from indexer.latex.sources import ArchiveStore, FolderStore, OutsideError, Sources, TooMuchTextError
from indexer.latex.tokens import Lexer

_ARXIV_NAME = re.compile(r"arXiv-(\d{4}\.\d{4,5})(?:v\d+)?\.")
"""The names that arXiv itself gives to the source of a paper."""
_STEPS = 2_000_000
_EXPANSIONS = 500_000
_HANDLERS: dict[str, Handler] = {
    **structure.COMMANDS,
    **lists.COMMANDS,
    **floats.COMMANDS,
    **verbatim.COMMANDS,
    **maths.COMMANDS,
    **citing.COMMANDS,
    **listed.COMMANDS,
    **files.COMMANDS,
    **front.COMMANDS,
}
_ENVIRONMENTS: dict[str, Environment] = {
    **structure.ENVIRONMENTS,
    **lists.ENVIRONMENTS,
    **floats.ENVIRONMENTS,
    **verbatim.ENVIRONMENTS,
    **maths.ENVIRONMENTS,
    **listed.ENVIRONMENTS,
    **front.ENVIRONMENTS,
}
_SOFT = frozenset(
    f"\\{name}"
    for name in "url path doi arxiv eprint name address part inst street state city country date department position "
    "verb keyword sep".split()
)
"""Commands known here that documents may nevertheless use as names of their own macros."""
_STRUCTURAL = frozenset(_HANDLERS) - _SOFT | {"\\par", "\\maketitle", "\\relax", "\\newline"}


def parse_latex(path: Path, *, limits: ParserLimits, name: str = "") -> Document:
    """Read a paper from its LaTeX source and the files that it inputs from its own folder and below.

    The document has no pages: ``page_count`` is 0, each ``page`` is 0, and there are no boxes.

    Args:
        path: The main file.
        limits: ``max_file_bytes`` bounds the file; memory and time are bounded from outside.
        name: What the user calls the file: for messages, and as the title of last resort.

    Raises:
        UnreadableFile: Missing, not readable, empty, too large, or no LaTeX.
    """
    shown = display_name(name or path.name)
    _check(path, shown, limits)
    sources = Sources(FolderStore(path.parent))
    return _parse(sources, path.name, shown)


def parse_archive(path: Path, *, limits: ParserLimits, name: str = "") -> Document:
    """Read a paper from a source archive as arXiv gives them: tar, zip, or one compressed file.

    Nothing is written to disk and no link is followed. The main file is chosen as arXiv does.

    Raises:
        UnreadableFile: Missing, not readable, empty, damaged, too large when unpacked, or without LaTeX.
    """
    shown = display_name(name or path.name)
    _check(path, shown, limits)
    unpacked = unpack(path, shown=shown, limits=limits)
    main = choose_main(unpacked, shown=shown)
    folder, _, file = main.rpartition("/")
    document = _parse(Sources(ArchiveStore(unpacked, folder)), file, shown)
    named = _ARXIV_NAME.match(shown)
    if named is not None and not document.arxiv_id:
        return replace(document, arxiv_id=named[1])
    return document


def _check(path: Path, shown: str, limits: ParserLimits) -> None:
    try:
        status = path.stat()
    except PermissionError as error:
        raise UnreadableFile(f"{shown}: no permission to read", reason="permission", hint="chmod u+r FILE") from error
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"{shown}: no such file", reason="missing", hint="Check the path.") from error
    if status.st_size == 0:
        raise UnreadableFile(f"{shown}: the file is empty", reason="empty", hint="Copy the file again.")
    if status.st_size > limits.max_file_bytes:
        raise UnreadableFile(
            f"{shown}: more than the limit of {limits.max_file_bytes / 2**20:,.0f} MiB",
            reason="too_large",
            hint="Raise the limit.",
        )


def fragment_reader(budget: Budget) -> Reader:
    """A reader of text that belongs to no document: without files to input and without macros of its own."""
    sources = Sources(ArchiveStore({}))
    return Reader(sources, budget, handlers=_HANDLERS, environments=_ENVIRONMENTS, structural=_STRUCTURAL)


def _parse(sources: Sources, main: str, shown: str) -> Document:
    try:
        found = sources.text(main)
    except (TooMuchTextError, OutsideError) as error:
        raise _too_much(shown) if isinstance(error, TooMuchTextError) else _no_latex(shown) from error
    if found is None:
        raise UnreadableFile(f"{shown}: cannot be read", reason="permission", hint="Allow reading: chmod u+r FILE")
    reader = _read(sources, *found, shown=shown, in_text=False)
    if not reader.begun or not reader.flow.blocks:
        # A file without the frame of a document is a part of one: all of it is text.
        reader = _read(sources, *found, shown=shown, in_text=True)
    return _finish(reader, main, shown)


def _read(sources: Sources, name: str, text: str, *, shown: str, in_text: bool) -> Reader:
    budget = Budget(steps=_STEPS + STEPS_A_CHAR * len(text), expansions=_EXPANSIONS + len(text))
    reader = Reader(sources, budget, handlers=_HANDLERS, environments=_ENVIRONMENTS, structural=_STRUCTURAL)
    reader.in_text = in_text
    reader.macros.define("\\jobname", plain(name.removesuffix(".tex")))
    try:
        reader.read(Mouth(budget, first=Lexer(text, name=name)))
    except StepsSpentError:
        reader.notice("too_complex", "The source is too complex to be read to its end: text is missing.")
        budget.steps = _STEPS
    except TooMuchTextError as error:
        raise _too_much(shown) from error
    while len(reader.flows) > 1:
        reader.leave_flow()
    reader.flow.end_paragraph()
    reader.ended = False
    return reader


def _finish(reader: Reader, main: str, shown: str) -> Document:
    body = reader.flows
    try:
        references = references_of(reader, main=main)
    except StepsSpentError:
        reader.notice("too_complex", "The source is too complex to be read to its end: text is missing.")
        reader.budget.steps = _STEPS
        reader.bibliography.items.clear()
        reader.bibliography.cited.clear()
        references = references_of(reader, main="")
    except TooMuchTextError as error:
        raise _too_much(shown) from error
    reader.flows = body
    reader.in_text = True
    _note_undefined(reader, references.positions)
    document = make_document(reader, references, file_title=clean(Path(shown).stem) or "Untitled")
    reader.flows = [Flow()]
    return document


def _note_undefined(reader: Reader, positions: dict[str, int]) -> None:
    missing = [key for key in reader.bibliography.cited if key not in positions and key.lower() not in positions]
    if missing:
        names = ", ".join(clean(key)[:40] for key in missing[:8])
        more = f" and {len(missing) - 8} more" if len(missing) > 8 else ""
        reader.notice("undefined_citations", f"Cited, but not in the reference list: {names}{more}.")


def _too_much(shown: str) -> UnreadableFile:
    return UnreadableFile(
        f"{shown}: the source is larger than any paper's",
        reason="too_large",
        hint="Leave out data that is written as source.",
    )


def _no_latex(shown: str) -> UnreadableFile:
    return UnreadableFile(f"{shown}: no LaTeX source", reason="damaged", hint="Give the paper's main .tex file.")
