"""The script that CI runs, with every program that it calls replaced by one that only notes the call."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / ".ci" / "run"
TOOLS = ("bash", "dirname", "mktemp", "rm", "tail")
NEEDED = ("make", "chromium", "redis-server", "tesseract", "python3.11")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs: the few real ones that the script needs, and notes of calls in ``calls``."""
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / tool).symlink_to(found)
    put(tmp_path, "id", "echo 0")
    put(tmp_path, "sleep", "exit 0")
    put(tmp_path, "apt-get", note("apt-get"))
    for program in NEEDED:
        put(tmp_path, program, note(program) if program == "make" else "exit 0")
    return tmp_path


def put(folder: Path, name: str, body: str) -> None:
    program = folder / name
    program.write_text(f"#!{folder / 'bash'}\n{body}\n", "utf-8")
    program.chmod(0o755)


def note(name: str) -> str:
    return f'echo "{name} $*" >> "${{0%/*}}/calls"\necho "{name} was here"'


def run(machine: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([SCRIPT], env={"PATH": str(machine)}, capture_output=True, text=True, timeout=30, check=False)


def calls(machine: Path) -> list[str]:
    noted = machine / "calls"
    return noted.read_text("utf-8").splitlines() if noted.exists() else []


def test_with_everything_there_only_the_tests_run_and_are_seen(machine: Path) -> None:
    ended = run(machine)
    assert ended.returncode == 0, ended.stderr
    assert calls(machine) == ["make test"]
    assert ended.stdout.endswith("make was here\n")


def test_what_is_missing_is_installed_first(machine: Path) -> None:
    (machine / "chromium").unlink()
    put(machine, "python3.11", "exit 1")
    assert run(machine).returncode == 0
    update, install, test = calls(machine)
    assert update.startswith("apt-get update")
    assert install.split()[:2] == ["apt-get", "install"]
    assert install.split()[-3:] == ["chromium", "python3.11", "python3.11-venv"]
    assert test == "make test"


def test_a_mirror_that_fails_once_is_asked_again(machine: Path) -> None:
    (machine / "redis-server").unlink()
    put(machine, "apt-get", f'{note("apt-get")}\n[ -e "${{0%/*}}/failed" ] || {{ : > "${{0%/*}}/failed"; exit 100; }}')
    assert run(machine).returncode == 0
    assert [call.split()[1] for call in calls(machine)] == ["update", "update", "install", "test"]


def test_installing_that_fails_for_good_says_why_and_runs_no_tests(machine: Path) -> None:
    (machine / "redis-server").unlink()
    put(machine, "apt-get", f"{note('apt-get')}\nexit 100")
    ended = run(machine)
    assert ended.returncode != 0
    assert "apt-get was here" in ended.stderr
    assert len(calls(machine)) == 4


def test_failing_tests_fail_the_run(machine: Path) -> None:
    put(machine, "make", "echo 1 failed\nexit 2")
    ended = run(machine)
    assert ended.returncode == 2
    assert ended.stdout == "1 failed\n"


def test_without_root_the_missing_packages_are_named(machine: Path) -> None:
    put(machine, "id", "echo 1000")
    (machine / "redis-server").unlink()
    ended = run(machine)
    assert ended.returncode == 1
    assert "redis-server" in ended.stderr
    assert calls(machine) == []
