"""What is checked before the app is served."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from app.serve import run_app
from app.settings import Settings
from core.errors import SettingsError


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_an_address_in_use_is_refused_before_anything_starts(
    family: socket.AddressFamily, host: str, tmp_path: Path
) -> None:
    with socket.socket(family) as taken:
        try:
            taken.bind((host, 0))
        except OSError:
            pytest.skip("no such address on this machine")
        taken.listen()
        settings = Settings(home=tmp_path / "home", host=host, port=taken.getsockname()[1])
        with pytest.raises(SettingsError, match="in use"):
            run_app(settings, samples=False)
    assert not (tmp_path / "home").exists()
