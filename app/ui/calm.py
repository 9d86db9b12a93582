"""How errors look: the fact and the way out for those a user can mend, an id and the log for the others."""

from __future__ import annotations

import functools
import logging
import secrets
from collections.abc import Callable, Iterable
from typing import ParamSpec

import streamlit as st

from app.ui.markup import escape_markdown
from core.errors import GalaciteError
from core.records import Notice

P = ParamSpec("P")
_log = logging.getLogger(__name__)


def calm(view: Callable[P, None]) -> Callable[P, None]:
    """Wrap a page or fragment: whatever goes wrong is said calmly, and a bug keeps its traceback in the log."""

    @functools.wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            view(*args, **kwargs)
        except GalaciteError as error:
            show_error(error)
        except Exception:
            show_bug(view.__name__)

    return guarded


def show_error(error: GalaciteError) -> None:
    """Say what is wrong and what to do."""
    hint = f"\n\n{escape_markdown(error.hint)}" if error.hint else ""
    st.error(f"**{escape_markdown(error.message)}**{hint}", icon=":material/error:")


def show_bug(where: str) -> None:
    """Say that the program failed; the log holds the rest under the id shown. Call it while handling the exception."""
    number = secrets.token_hex(4)
    _log.exception("error %s in %s", number, where)
    st.error(
        f"**Something went wrong in Galacite (id {number}).** Your papers are safe.\n\n"
        "Reload the page. If it happens again, the log of the app has the details under this id.",
        icon=":material/error:",
    )


def show_notices(notices: Iterable[Notice], *, hide: Iterable[str] = ()) -> None:
    """Say what the user should know; each text once, without the codes in ``hide``."""
    hidden = frozenset(hide)
    for message in dict.fromkeys(notice.message for notice in notices if notice.code not in hidden):
        st.info(escape_markdown(message), icon=":material/info:")
