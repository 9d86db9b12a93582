"""Starting the app: migrate, supervise a worker, load the samples, run Streamlit."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from app.settings import Settings, check_address
from app.wiring import Galacite, open_library
from core.errors import SettingsError

_UI = Path(__file__).parent / "ui"
_START_TIMEOUT_S = 60.0


def run_app(settings: Settings, *, samples: bool) -> None:
    """Serve the app until interrupted.

    Raises:
        SettingsError: The address is public without leave, or taken.
    """
    check_address(settings)
    _check_free(settings)
    galacite = open_library(settings)
    try:
        if samples and galacite.library.count() == 0:
            _load_samples(galacite)
        galacite.supervisor.watch()
        server = _start_streamlit(settings)
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        _announce(settings, server)
        try:
            code = server.wait()
        except KeyboardInterrupt:
            server.terminate()
            code = server.wait()
    finally:
        galacite.supervisor.stop()
        galacite.close()
    if code not in (0, -signal.SIGTERM, 130):
        raise SettingsError(f"the app stopped with exit code {code}", hint="See the lines above.")


def _load_samples(galacite: Galacite) -> None:
    from app.samples import sample_pdfs

    outcomes = [galacite.library.add(path, name=path.name) for path in sample_pdfs()]
    sys.stderr.write(f"Loading {len(outcomes)} sample papers in the background.\n")


def _start_streamlit(settings: Settings) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "app.launch",
        "run",
        str(_UI / "main.py"),
        f"--server.address={settings.host}",
        f"--server.port={settings.port}",
        "--server.headless=true",
        f"--server.maxUploadSize={settings.max_file_mb}",
        "--server.fileWatcherType=none",
        "--browser.gatherUsageStats=false",
        "--client.toolbarMode=minimal",
        "--client.showErrorDetails=none",
        "--logger.level=warning",
    ]
    # Streamlit greets on standard output with addresses of its own; errors still come through.
    return subprocess.Popen(command, cwd=_UI, env=settings.process_environment(), stdout=subprocess.DEVNULL)


def _announce(settings: Settings, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while server.poll() is None and time.monotonic() < deadline:
        if _answers(settings):
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            sys.stdout.write(f"Galacite is open at http://{host}:{settings.port}  (Ctrl-C stops it)\n")
            sys.stdout.flush()
            return
        time.sleep(0.1)


def _check_free(settings: Settings) -> None:
    if _answers(settings):
        raise SettingsError(
            f"port {settings.port} on {settings.host} is in use",
            hint="Another Galacite may be open there; else choose a port with GALACITE_PORT or --port.",
        )


def _answers(settings: Settings) -> bool:
    """Whether somebody listens at the app's address, of either version of IP."""
    try:
        socket.create_connection((settings.host, settings.port), timeout=1.0).close()
    except OSError:
        return False
    return True
