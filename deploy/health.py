"""Is a container of Galacite healthy? ``health.py app`` asks the app, ``health.py worker`` looks for a working worker.

Exit code 0 when healthy; otherwise 1 and one line on stderr.
"""

from __future__ import annotations

import os
import sys
import urllib.request
from itertools import pairwise

_TIMEOUT_S = 5.0


def app_answers(port: int) -> None:
    """Raise unless the app of this machine answers."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=_TIMEOUT_S) as answer:
        if answer.read().strip() != b"ok":
            raise RuntimeError("the app does not say ok")


def worker_works() -> None:
    """Raise unless a worker process is here, and its queue and its database can be reached with the same settings."""
    import psutil

    from app.jobs.queue import HueyQueue
    from app.settings import load_settings
    from indexer.database import Database

    if not any(_is_worker(process.info["cmdline"]) for process in psutil.process_iter(["cmdline"])):
        raise RuntimeError("no worker process")
    settings = load_settings()
    queue = HueyQueue(settings)
    try:
        queue.pending()
    finally:
        queue.close()
    database = Database.open(settings.sqlalchemy_url)
    try:
        with database.session() as session:
            database.identity(session)
    finally:
        database.dispose()


def _is_worker(command: list[str] | None) -> bool:
    """Whether a command line is ``galacite worker``, as a script or as a module."""
    names = [os.path.basename(part) for part in command or ()]  # noqa: PTH119
    return any(first in ("galacite", "app.cli") and second == "worker" for first, second in pairwise(names))


def main(arguments: list[str]) -> int:
    """Check what the one argument names."""
    if arguments not in (["app"], ["worker"]):
        sys.stderr.write("usage: health.py app|worker\n")
        return 2
    try:
        if arguments == ["app"]:
            app_answers(int(os.environ.get("GALACITE_PORT", "8501")))
        else:
            worker_works()
    except Exception as error:  # whatever is wrong, the answer is: not healthy
        sys.stderr.write(f"not healthy: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
