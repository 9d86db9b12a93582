"""What an installed model's folder says about itself, and whether its files still agree."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from core.errors import ModelError

MANIFEST_NAME = "model.json"
INSTALL_HINT = "Run: galacite models install"
_CHUNK_BYTES = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """A file of a model: POSIX path below the folder, size and SHA-256 in hexadecimal."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Written last into a model's folder, so a folder that has one is complete."""

    name: str
    role: str
    package: str
    version: str
    wheel_sha256: str
    licence: str
    files: tuple[FileRecord, ...]
    format: int = 1


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hexadecimal, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def describe_files(folder: Path) -> tuple[FileRecord, ...]:
    """Records of all regular files below a folder, in the order of their paths."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST_NAME)
    return tuple(
        FileRecord(path=path.relative_to(folder).as_posix(), size_bytes=path.stat().st_size, sha256=sha256_of(path))
        for path in paths
    )


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest and force it, and everything else in the folder, to the disk."""
    target = folder / MANIFEST_NAME
    target.write_text(json.dumps(asdict(manifest), indent=1) + "\n", encoding="utf-8")
    for path in (*sorted(folder.rglob("*")), folder):
        sync_to_disk(path)


def sync_to_disk(path: Path) -> None:
    """Force a file or folder to the disk; folders cannot be opened on Windows and are skipped there."""
    if path.is_dir() and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of an installed model.

    Raises:
        ModelError: There is none, or it cannot be read.
    """
    from core.json import from_json

    path = folder / MANIFEST_NAME
    try:
        return from_json(Manifest, path.read_bytes())
    except FileNotFoundError:
        raise ModelError(f"{folder}: no model is installed here", hint=INSTALL_HINT) from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: damaged manifest ({type(error).__name__})", hint=INSTALL_HINT) from error


def verify_model(folder: Path, *, full: bool = False) -> Manifest:
    """Check a model's files against its manifest: by size, which is instant, or by content as well.

    Raises:
        ModelError: A file is missing or has changed; the message names it.
    """
    manifest = read_manifest(folder)
    for record in manifest.files:
        path = folder / record.path
        if not path.is_file():
            raise ModelError(f"{path}: missing", hint=INSTALL_HINT)
        size = path.stat().st_size
        if size != record.size_bytes:
            raise ModelError(f"{path}: {size} bytes instead of {record.size_bytes}", hint=INSTALL_HINT)
        if full and sha256_of(path) != record.sha256:
            raise ModelError(f"{path}: content has changed since the installation", hint=INSTALL_HINT)
    return manifest
