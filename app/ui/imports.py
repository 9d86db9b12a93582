"""Bibliographies that were imported: their works are suggested too."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from uuid import uuid4

import streamlit as st

from app.services.bibliographies import ImportReport
from app.ui.background import outcome
from app.ui.markup import escape_markdown
from app.ui.resources import galacite
from core.errors import GalaciteError, NotFound
from indexer.store.bibliographies import StoredBibliography

_GIVEN = "bibliographies-given"
_FILES = "bibliographies-files"
_MAX_FILE_MB = 32
_SHOWN_PROBLEMS = 5


def show_bibliographies() -> None:
    """A fold with what is imported, and a place to import more."""
    held = galacite().bibliographies.imported()
    with st.popover(f"Bibliographies ({len(held)})" if held else "Bibliographies", icon=":material/menu_book:"):
        st.markdown("Works of a bibliography that you import are suggested too, though none of your papers cites them.")
        st.file_uploader(
            "BibTeX, RIS or CSL-JSON",
            type=["bib", "ris", "json"],
            key=_FILES,
            accept_multiple_files=True,
            max_upload_size=_MAX_FILE_MB,
            on_change=_take,
        )
        _follow_import()
        for each in held:
            _show(each)


def _take() -> None:
    """What was dropped is imported at the next run, once."""
    files = {each.name: each.getvalue() for each in st.session_state.get(_FILES) or []}
    if files:
        st.session_state[_GIVEN] = (uuid4().hex, files)


def _follow_import() -> None:
    identity, files = st.session_state.get(_GIVEN, ("", {}))
    if not files:
        return
    told = outcome("bibliographies", identity, lambda: _imported(files), waiting="Reading what you gave.")
    for message, is_good in told or ():
        (st.success if is_good else st.warning)(message)


def _imported(files: Mapping[str, bytes]) -> list[tuple[str, bool]]:
    """What to say of each file, and whether all of it was read."""
    found: list[tuple[str, bool]] = []
    for name, data in files.items():
        try:
            report = galacite().bibliographies.import_data(data, name)
        except GalaciteError as error:
            found.append((escape_markdown(error.in_full), False))
            continue
        found.append((_told(report), not report.problems))
    return found


def _told(report: ImportReport) -> str:
    lines = [f"{escape_markdown(report.name)}: {_entries(report.entries)}, {report.added:,} new"]
    lines += [
        f"Line {problem.line}: {escape_markdown(problem.message)}" for problem in report.problems[:_SHOWN_PROBLEMS]
    ]
    if len(report.problems) > _SHOWN_PROBLEMS:
        lines.append(f"and {len(report.problems) - _SHOWN_PROBLEMS:,} more that cannot be read")
    return "  \n".join(lines)


def _show(held: StoredBibliography) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"{escape_markdown(held.name)}  \n:gray[{_entries(held.entries)}]")
        st.button(
            "Remove",
            icon=":material/delete:",
            key=f"remove-bibliography-{held.name}",
            type="tertiary",
            on_click=_remove,
            args=(held.name,),
            help="Works that nothing else names are suggested no more. Import the file again to have it back.",
        )


def _entries(count: int) -> str:
    return f"{count:,} entr{'ies' if count != 1 else 'y'}"


def _remove(name: str) -> None:
    with suppress(NotFound):  # another tab was quicker
        galacite().bibliographies.remove(name)
