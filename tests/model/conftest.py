"""Models for the tests: small random ones, and the real ones where they are installed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from model.runtime import prepare_environment
from tests.model.tiny import write_bert, write_llama

prepare_environment()


@pytest.fixture(scope="session")
def bert_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random BERT; never written to."""
    return write_bert(tmp_path_factory.mktemp("models") / "bert")


@pytest.fixture(scope="session")
def llama_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random Llama with a chat template; never written to."""
    return write_llama(tmp_path_factory.mktemp("models") / "llama")


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """The folder of the installed models; the test is skipped where they are not."""
    from platformdirs import user_data_path

    named = os.environ.get("GALACITE_MODELS")
    folder = Path(named) if named else user_data_path("galacite", appauthor=False) / "models"
    for name in ("all-minilm-l6-v2", "smollm2-135m-instruct"):
        if not (folder / name / "model.json").is_file():
            pytest.skip(f"{name} is not installed in {folder}")
    return folder
