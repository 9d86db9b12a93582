"""Options with several values as a shell gives them: ``--train a b`` is ``--train a --train b``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from typer.core import TyperCommand


class ListOptions(TyperCommand):
    """A command whose repeatable options also take all values up to the next option, such as an expanded pattern."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Repeat the option before each of its values, then parse as ever."""
        names = {name for each in self.params if getattr(each, "multiple", False) for name in each.opts}
        return super().parse_args(ctx, spread(args, names))


def spread(args: Sequence[str], names: set[str]) -> list[str]:
    """Arguments in which each value of the named options has the option's name before it."""
    found: list[str] = []
    current = ""
    for place, arg in enumerate(args):
        if arg == "--":
            return [*found, *args[place:]]
        if arg.startswith("-") and arg != "-":
            name, equals, _ = arg.partition("=")
            current = name if name in names else ""
            found += [arg] if equals or not current else []
        else:
            found += [current, arg] if current else [arg]
    return found
