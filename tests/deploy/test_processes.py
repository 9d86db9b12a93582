"""The commands of the deployment as processes, on a real PostgreSQL and a real Redis, without models or network."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.settings import PREFIX
from core.records import Job
from indexer.database import Database
from indexer.store import jobs as job_store
from tests.conftest import create_postgres_database

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = sorted((ROOT / "app" / "samples" / "papers").glob("*.pdf"))[:3]
HEALTH = ROOT / "deploy" / "health.py"
PATIENCE_S = 90.0

pytestmark = [pytest.mark.postgres, pytest.mark.redis]


@dataclass
class Deployment:
    """An installation under test: its environment, and the processes that were started for it."""

    environment: dict[str, str]
    database: Database
    logs: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def run(self, *arguments: str | Path, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run ``galacite`` to its end."""
        command = [sys.executable, "-m", "app.cli", *map(str, arguments)]
        environment = {**self.environment, **changes}
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )

    def json(self, *arguments: str | Path) -> Any:
        """What ``galacite … --json`` prints."""
        ended = self.run(*arguments, "--json")
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    def health(self, what: str, **changes: str) -> int:
        """The exit code of the containers' health check."""
        environment = {**self.environment, "PYTHONPATH": str(ROOT), **changes}
        return subprocess.run(
            [sys.executable, HEALTH, what], env=environment, timeout=PATIENCE_S, check=False
        ).returncode

    @contextmanager
    def process(self, *arguments: str, **changes: str) -> Iterator[subprocess.Popen[bytes]]:
        """``galacite`` in the background, ended at the end."""
        with (self.logs / f"{'-'.join(arguments)}-{len(self.started)}.log").open("wb") as log:
            command = [sys.executable, "-m", "app.cli", *arguments]
            environment = {**self.environment, **changes}
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        self.started.append(process)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(timeout=PATIENCE_S)

    def jobs(self) -> list[Job]:
        """All jobs, oldest first."""
        with self.database.session() as session:
            return job_store.list_jobs(session, limit=1_000)[::-1]

    def ingestion(self, name: str) -> Job:
        """The job of a file."""
        return next(job for job in self.jobs() if job.title == name)


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Return as soon as something holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S:.0f} s: {what}"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    import redis

    port = free_port()
    folder = tmp_path_factory.mktemp("redis")
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    client = redis.Redis(port=port)
    try:
        wait_for(lambda: answers(client), "Redis")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        client.close()
        server.terminate()
        server.wait()


def answers(client: Any) -> bool:
    import redis

    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@pytest.fixture(scope="module")
def deployment(postgres_server: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("deployment")
    url = create_postgres_database(postgres_server, "galacite_deployment")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment |= {
        "GALACITE_HOME": str(folder / "home"),
        "GALACITE_DATABASE_URL": url,
        "GALACITE_QUEUE_URL": redis_url,
        "GALACITE_WORKER": "external",
        "GALACITE_MODELS": str(folder / "no-models"),
    }
    database = Database.open(url)
    yield Deployment(environment=environment, database=database, logs=folder)
    database.dispose()


@pytest.fixture(scope="module")
def migrated(deployment: Deployment) -> Deployment:
    before = deployment.run("list")
    assert before.returncode == 3
    assert "galacite migrate" in before.stderr
    for _ in range(2):
        ended = deployment.run("migrate")
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.startswith("database at revision ")
    return deployment


def test_two_workers_bring_papers_into_the_library(migrated: Deployment) -> None:
    with migrated.process("worker"), migrated.process("worker"):
        added = migrated.run("add", *SAMPLES, ROOT / "LICENSE")
        assert added.returncode == 1, "one of the files is no PDF"
        assert added.stdout == f"{len(SAMPLES)} added, 0 already there, 1 failed\n"
        assert "LICENSE: not a PDF" in added.stderr
        again = migrated.run("add", SAMPLES[0])
        assert again.stdout == "0 added, 1 already there, 0 failed\n"
        assert migrated.health("worker") == 0
        assert migrated.health("worker", GALACITE_QUEUE_URL=f"redis://127.0.0.1:{free_port()}/0") == 1
    papers = migrated.json("list")
    assert sorted(paper["file"]["name"] for paper in papers) == [path.name for path in SAMPLES]
    title = papers[0]["title"]
    hits = migrated.json("search", title)["hits"]
    assert any(hit["paper_id"] == papers[0]["id"] for hit in hits)
    assert all(hit["page"] >= 1 and hit["boxes"] for hit in hits)


def test_job_of_a_killed_worker_is_finished_by_the_other(migrated: Deployment, tmp_path: Path) -> None:
    large = long_paper(tmp_path / "long.pdf")
    with migrated.process("worker") as one, migrated.process("worker") as other:
        added = migrated.run("add", large, "--no-wait")
        assert added.returncode == 0, added.stderr
        wait_for(lambda: migrated.ingestion("long.pdf").state == "running", "the job begins")
        first = migrated.ingestion("long.pdf").worker
        victim = one if f":{one.pid}:" in first else other
        assert f":{victim.pid}:" in first
        parsers = psutil.Process(victim.pid).children(recursive=True)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        assert migrated.ingestion("long.pdf").state == "running", "killed too late to show anything"
        wait_for(lambda: migrated.ingestion("long.pdf").state != "running", "somebody notices")
        wait_for(lambda: migrated.ingestion("long.pdf").finished, "the job ends")
        wait_for(lambda: not any(map(psutil.Process.is_running, parsers)), "its parsing process ends with it")
    job = migrated.ingestion("long.pdf")
    assert (job.state, job.attempts) == ("done", 2), job.message
    assert job.worker != first
    assert [paper["file"]["name"] for paper in migrated.json("list")].count("long.pdf") == 1
    checks = {check["name"]: check for check in json.loads(migrated.run("doctor", "--json").stdout)}
    for name in ("database", "files", "search indexes", "queue"):
        assert checks[name]["state"] == "good", checks[name]


def test_lost_queue_loses_no_job(migrated: Deployment, redis_url: str, tmp_path: Path) -> None:
    import redis

    waiting = long_paper(tmp_path / "waiting.pdf", pages=2)
    migrated.run("add", waiting, "--no-wait")
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    assert migrated.ingestion("waiting.pdf").state == "queued"
    with migrated.process("worker"):
        wait_for(lambda: migrated.ingestion("waiting.pdf").finished, "the job ends")
    assert migrated.ingestion("waiting.pdf").state == "done"


def test_worker_stops_when_asked(migrated: Deployment) -> None:
    with migrated.process("worker") as worker:
        wait_for(lambda: handles_sigterm(worker.pid), "the worker is up")
        worker.terminate()
        assert worker.wait(timeout=15) == 0
    log = (migrated.logs / f"worker-{len(migrated.started) - 1}.log").read_text("utf-8")
    assert "Traceback" not in log


def handles_sigterm(process: int) -> bool:
    """Whether a process has a handler for SIGTERM, which the worker sets last of all."""
    status = Path(f"/proc/{process}/status").read_text("ascii")
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


def test_app_is_healthy_once_it_serves_and_stops_when_asked(migrated: Deployment) -> None:
    port = str(free_port())
    assert migrated.health("app", GALACITE_PORT=port) == 1
    with migrated.process("serve", GALACITE_PORT=port) as app:
        wait_for(lambda: healthy(port), "the app is up")
        assert migrated.health("app", GALACITE_PORT=port) == 0
        assert not any("worker" in child.cmdline() for child in psutil.Process(app.pid).children(recursive=True))
        app.terminate()
        assert app.wait(timeout=20) == 0
    assert not healthy(port)


def healthy(port: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
            return bool(answer.read() == b"ok")
    except OSError:
        return False


def test_unknown_setting_stops_a_command_before_it_starts(migrated: Deployment) -> None:
    refused = migrated.run("worker", GALACITE_QUEUE="redis://127.0.0.1/0")
    assert refused.returncode == 2
    assert "GALACITE_QUEUE_URL" in refused.stderr


def long_paper(path: Path, *, pages: int = 100) -> Path:
    """A PDF that takes a while to parse; its words name the file, so that two of them differ."""
    import pymupdf

    document = pymupdf.open()
    for number in range(pages):
        page = document.new_page()
        lines = [
            f"Line {line} of page {number} of {path.stem} speaks about retrieval and citation." for line in range(45)
        ]
        page.insert_textbox(pymupdf.Rect(72, 72, 520, 770), "\n".join(lines), fontsize=10)
    document.save(path)
    document.close()
    return path
