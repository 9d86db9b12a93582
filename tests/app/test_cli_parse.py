"""``galacite parse`` as a user meets it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from app.settings import Settings
from tests.pdfs import make_pdf


def _run(settings: Settings, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "parse", *arguments],
        env={**os.environ, **settings.as_environment()},
        input=stdin,
        capture_output=True,
        timeout=120,
        check=False,
    )


def test_results_and_failures_go_their_own_ways(settings: Settings, tmp_path: Path) -> None:
    good = make_pdf(tmp_path / "good.pdf")
    bad = tmp_path / "bad.pdf"
    bad.write_text("no PDF")
    done = _run(settings, str(bad), str(good), "--json")
    assert done.returncode == 1
    [record] = [json.loads(line) for line in done.stdout.splitlines()]
    assert record["file"] == str(good)
    assert record["title"] == "A Study of Citation Tokens"
    first, hint = done.stderr.decode().splitlines()
    assert first.startswith(f"{bad}: no")
    assert hint.startswith("  ")
    assert not list((tmp_path / "home").glob("*")), "nothing is stored"


def test_exit_codes_and_summary(settings: Settings, tmp_path: Path) -> None:
    good = make_pdf(tmp_path / "good.pdf")
    done = _run(settings, "-", stdin=good.read_bytes())
    assert done.returncode == 0
    name, title, people, counts, *_ = done.stdout.decode().splitlines()
    assert (name, title, people) == ("-", "  A Study of Citation Tokens", "  Ada Example")
    assert counts == "  2 pages, 2 sections, 1 reference, 2 citations"
    assert _run(settings, str(tmp_path / "none.pdf")).returncode == 2
    assert _run(settings, str(tmp_path / "home")).returncode == 2


def test_lines_go_to_a_file(settings: Settings, tmp_path: Path) -> None:
    paths = [make_pdf(tmp_path / f"{name}.pdf", title=f"Paper {name}") for name in "ab"]
    out = tmp_path / "out.jsonl"
    done = _run(settings, "-", "--json", "--out", str(out), "--workers", "2", stdin=f"{paths[0]}\n{paths[1]}".encode())
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert [json.loads(line)["title"] for line in out.read_text("utf-8").splitlines()] == ["Paper a", "Paper b"]
    refused = _run(settings, str(paths[0]), "--out", str(tmp_path / "no" / "out.jsonl"))
    assert refused.returncode == 2
    assert b"no/out.jsonl" in refused.stderr


@pytest.mark.parametrize("how", ["interrupted", "reader gone"])
def test_it_ends_at_once_with_its_children(settings: Settings, tmp_path: Path, how: str) -> None:
    make_pdf(tmp_path / "00.pdf", pages=40)
    for number in range(1, 200):  # far from done when the first is
        (tmp_path / f"{number:02}.pdf").write_bytes((tmp_path / "00.pdf").read_bytes())
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "parse", str(tmp_path), "--json", "--workers", "2"],
        env={**os.environ, **settings.as_environment()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    children = psutil.Process(process.pid).children(recursive=True)
    assert children
    started = time.monotonic()
    if how == "interrupted":
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=60)[1]
    else:
        process.stdout.close()
        process.wait(60)
        told = process.stderr.read()
        process.stderr.close()
    assert time.monotonic() - started < 45  # all of them take minutes
    assert process.returncode == (130 if how == "interrupted" else 1)
    assert told in (b"", b"galacite: interrupted\n")
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive
