"""Text can be read on what it stands on, in both themes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import app.ui
from tests.app.ui.colours import AA_TEXT, contrast, of_css, of_hex

THEME = tomllib.loads((Path(app.ui.__file__).parent / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
WHITE = (255.0, 255.0, 255.0)


def test_contrast_is_reckoned_as_the_standard_does() -> None:
    assert contrast(WHITE, of_hex("#000000")) == pytest.approx(21.0)
    assert contrast(of_hex("#777777"), WHITE) == pytest.approx(4.478, abs=0.001)
    assert of_css("rgba(0, 0, 0, 0.5)") == (127.5, 127.5, 127.5)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["textColor", "linkColor", "blueTextColor", "grayTextColor"])
def test_text_stands_out_on_every_ground(scheme: str, name: str) -> None:
    theme = THEME[scheme]
    grounds = [theme["backgroundColor"], theme["secondaryBackgroundColor"], *theme["sidebar"].values()]
    for ground in grounds:
        assert contrast(of_hex(theme[name]), of_hex(ground)) >= AA_TEXT, f"{name} on {ground}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_highlighted_words_stand_out(scheme: str) -> None:
    theme = THEME[scheme]
    assert contrast(of_hex(theme["textColor"]), of_hex(theme["yellowBackgroundColor"])) >= AA_TEXT


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_white_stands_out_on_buttons_of_the_accent_colour(scheme: str) -> None:
    assert contrast(WHITE, of_hex(THEME[scheme]["primaryColor"])) >= AA_TEXT
