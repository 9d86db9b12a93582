"""Every command explains itself and stands in docs/cli.md with an example, and nothing else stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from app.cli import cli

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "cli.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## `galacite ([^`]+)`\n(.*?)(?=^## |\Z)", DOCUMENT, re.M | re.S))


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """All commands below a group by their full names, without the groups but those that work by themselves."""
    for name, child in getattr(command, "commands", {}).items():
        if getattr(child, "commands", None):
            yield from walk(child, (*path, name))
        if not getattr(child, "commands", None) or child.invoke_without_command:
            yield " ".join((*path, name)), child


def groups(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    if getattr(command, "commands", None):
        yield " ".join(path), command
        for name, child in command.commands.items():
            yield from groups(child, (*path, name))


ROOT = typer.main.get_command(cli)
COMMANDS = dict(walk(ROOT))


def options_of(command: Any) -> set[str]:
    """The long names under which a command's options are given."""
    names = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    return {name for name in names if name.startswith("--")}


def test_there_are_commands() -> None:
    assert {"add", "list", "search", "ask", "serve", "worker", "migrate", "doctor", "models install"} <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_command_has_help(name: str) -> None:
    command = COMMANDS[name]
    assert (command.help or "").strip().endswith(".")
    for parameter in command.params:
        assert (getattr(parameter, "help", None) or "").strip(), f"{name}: {parameter.name}"


@pytest.mark.parametrize("name", dict(groups(ROOT)))
def test_group_has_help(name: str) -> None:
    assert (dict(groups(ROOT))[name].help or "").strip().endswith(".")


@pytest.mark.parametrize("name", COMMANDS)
def test_command_is_documented_with_an_example(name: str) -> None:
    assert name in SECTIONS, f"docs/cli.md has no section '## `galacite {name}`'"
    assert re.search(rf"```\n\$ (?:\w+ [^\n]*\| )?galacite {name}\b", SECTIONS[name]), f"no example of {name}"


@pytest.mark.parametrize("name", COMMANDS)
def test_documented_options_are_the_real_ones(name: str) -> None:
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", SECTIONS.get(name, "")))
    assert named == options_of(COMMANDS[name]) - {"--help"}


def test_document_has_no_command_that_is_gone() -> None:
    assert set(SECTIONS) == set(COMMANDS)
