"""Options of several commands, and those with several values as a shell gives them: ``--train a b``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from core.errors import InputError

Vectors = Annotated[Path | None, typer.Option(help="Folder that keeps vectors: the next run need not encode again.")]


class ListOptions(TyperCommand):
    """A command whose repeatable options also take all values up to the next option, such as an expanded pattern."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Repeat the option before each of its values, then parse as ever."""
        names = {name for each in self.params if getattr(each, "multiple", False) for name in each.opts}
        return super().parse_args(ctx, spread(args, names))


def spread(args: Sequence[str], names: set[str]) -> list[str]:
    """Arguments in which each value of the named options has the option's name before it.

    Raises:
        InputError: One of them has no value: a pattern that the shell left empty must not go unnoticed.
    """
    found: list[str] = []
    current, empty = "", False
    for place, arg in enumerate(args):
        is_option = arg.startswith("-") and arg != "-"
        if is_option and empty:
            break
        if arg == "--":
            return [*found, *args[place:]]
        if is_option:
            name, equals, _ = arg.partition("=")
            current = name if name in names else ""
            empty = bool(current) and not equals
            found += [] if empty else [arg]
        else:
            found += [current, arg] if current else [arg]
            empty = False
    if empty:
        raise InputError(f"{current}: no value given", hint=f"Name one or several behind {current}.")
    return found
