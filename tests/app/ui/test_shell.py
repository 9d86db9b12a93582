from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import app.ui
from app.wiring import Galacite
from tests.app.ui.conftest import RUN_S, words

MAIN = Path(app.ui.__file__).parent / "main.py"


def test_the_app_starts_on_the_library_without_models(library: Galacite) -> None:
    at = AppTest.from_file(str(MAIN), default_timeout=RUN_S).run()
    assert not at.exception
    assert at.title[0].value == "Library"
    assert "torch" not in sys.modules or "transformers" in sys.modules


def test_wrong_settings_are_told_calmly(library: Galacite, monkeypatch: pytest.MonkeyPatch) -> None:
    import streamlit

    monkeypatch.setenv("GALACITE_PROT", "1")
    streamlit.cache_resource.clear()
    at = AppTest.from_file(str(MAIN), default_timeout=RUN_S).run()
    assert not at.exception
    assert "unknown setting" in words(at)
    assert "Did you mean" in words(at)


def _broken() -> None:
    from app.ui.calm import calm

    @calm
    def page() -> None:
        raise ValueError("secret detail")

    page()


def test_a_bug_is_logged_and_shown_by_its_id(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="app.ui.calm"):
        at = AppTest.from_function(_broken).run()
    said = words(at)
    assert "Something went wrong in Galacite (id " in said
    assert "secret detail" not in said
    number = said.split("(id ")[1][:8]
    assert number in caplog.text
    assert "secret detail" in caplog.text
