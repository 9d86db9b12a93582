"""A library of its own for each test, with everything real: database, worker process, parser, indexes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import Settings, load_settings
from app.wiring import Galacite, open_library
from tests.app.checkpoint import write_checkpoint


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of an empty data folder, without models: search goes by words alone."""
    monkeypatch.setenv("GALACITE_CITATION_MODEL", "none")
    for name in ("GALACITE_DATABASE_URL", "GALACITE_QUEUE_URL", "GALACITE_WORKER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GALACITE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GALACITE_WORKER_IDLE_S", "5")  # what a command starts ends by itself
    monkeypatch.setenv("GALACITE_MODELS", str(tmp_path / "no-models"))
    return load_settings()


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A citation model of random weights; never written to."""
    return write_checkpoint(tmp_path_factory.mktemp("checkpoints") / "nano")


@pytest.fixture
def galacite(settings: Settings) -> Iterator[Galacite]:
    """An open library; the worker that it started ends with the test."""
    opened = open_library(settings)
    yield opened
    opened.supervisor.stop()
    opened.close()
