"""What the documents say about files, functions and settings is there."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from app.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PACKAGES = ("core", "app", "indexer", "model", "training", "migrations")


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", DOCUMENTS, ids=ids)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text("utf-8")):
        if not re.match(r"[a-z]+:", target):
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=ids)
def test_named_files_exist(path: Path) -> None:
    named = re.findall(rf"`((?:{'|'.join((*PACKAGES, 'tests', 'docs'))})/[\w./]*)`", path.read_text("utf-8"))
    for name in named:
        assert (ROOT / name).exists(), name


def test_named_functions_exist() -> None:
    named = re.findall(rf"`((?:{'|'.join(PACKAGES)})(?:\.\w+)+)`", (ROOT / "ARCHITECTURE.md").read_text("utf-8"))
    assert len(named) > 10
    for name in named:
        assert resolves(name), name


def resolves(name: str) -> bool:
    """Whether a dotted name is a module, or an attribute of one."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def test_every_setting_is_documented_and_no_other() -> None:
    text = (ROOT / "docs" / "deployment.md").read_text("utf-8")
    documented = re.findall(rf"^\| `{PREFIX}(\w+)` \|", text, re.M)
    assert {name.lower() for name in documented} == set(Settings.model_fields)


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) < 150


def test_decisions_are_listed() -> None:
    listed = (ROOT / "docs" / "adr" / "README.md").read_text("utf-8")
    decisions = [path for path in (ROOT / "docs" / "adr").glob("*.md") if path.name != "README.md"]
    assert len(decisions) >= 5
    for path in decisions:
        assert path.name in listed
        text = path.read_text("utf-8")
        for heading in ("**Status:**", "## Context", "## Decision", "## Consequences", "## Alternatives"):
            assert heading in text, f"{path.name}: {heading}"
