"""What is kept on disk: whole or not at all, and refused when it is not what was written."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from core.errors import ModelError, StorageError
from training.train.recipe import load_recipe
from training.train.state import DataMark, RunState, load_state, read_state, save_state, saved_states


def network(width: int = 4) -> tuple[torch.nn.Linear, torch.optim.Optimizer]:
    torch.manual_seed(3)
    model = torch.nn.Linear(width, width)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    model(torch.ones(2, width)).sum().backward()
    optimizer.step()
    return model, optimizer


def state(step: int) -> RunState:
    data = DataMark(tokenizer="abc", rows=5, row_tokens=8, tokens=40)
    return RunState(step=step, rows=2 * step, tokens=16 * step, seconds=1.5, recipe=load_recipe("nano"), data=data)


def test_comes_back_as_it_was(tmp_path: Path) -> None:
    model, optimizer = network()
    place = save_state(tmp_path, state(1), model, optimizer, keep=2)
    other, fresh = network()
    with torch.no_grad():
        other.weight.zero_()
    assert load_state(place, other, fresh) == state(1)
    assert torch.equal(other.weight, model.weight)
    for one, two in zip(model.parameters(), other.parameters(), strict=True):
        assert torch.equal(optimizer.state[one]["exp_avg_sq"], fresh.state[two]["exp_avg_sq"])
        assert float(fresh.state[two]["step"]) == 1.0


def test_latest_are_kept(tmp_path: Path) -> None:
    for step in (1, 2, 30, 4):
        save_state(tmp_path, state(step), *network(), keep=2)
    assert [path.name for path in saved_states(tmp_path)] == ["step-00000004", "step-00000030"]


def test_interrupted_save_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_state(tmp_path, state(1), *network(), keep=1)

    def interrupted(path: Path) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("training.train.state.sha256_of", interrupted)
        with pytest.raises(KeyboardInterrupt):
            save_state(tmp_path, state(2), *network(), keep=1)
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000001"]
    assert read_state(tmp_path / "step-00000001") == state(1)


def test_remains_of_a_killed_save_are_removed(tmp_path: Path) -> None:
    (tmp_path / ".saving-x").mkdir()
    save_state(tmp_path, state(1), *network(), keep=1)
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000001"]


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 256 KB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)]
    if mount is None or subprocess.run([mount, *options], capture_output=True, check=False).returncode:
        pytest.skip("a disk can only be mounted with root's rights")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_full_disk_leaves_the_one_before(full_disk: Path) -> None:
    save_state(full_disk, state(1), *network(), keep=1)
    with pytest.raises(StorageError, match="earlier states are intact") as caught:
        save_state(full_disk, state(2), *network(256), keep=1)
    assert "--resume" in caught.value.hint
    assert [path.name for path in saved_states(full_disk)] == ["step-00000001"]
    assert load_state(full_disk / "step-00000001", *network()) == state(1)
    assert not list(full_disk.glob(".saving-*"))


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.safetensors", "state.json"])
@pytest.mark.parametrize("harm", ["cut", "changed", "gone", "other"])
def test_damage_is_noticed(tmp_path: Path, name: str, harm: str) -> None:
    path = save_state(tmp_path, state(1), *network(), keep=1) / name
    data = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes({"cut": data[: len(data) // 2], "changed": data[:-9] + b"?" + data[-8:], "other": b"{}"}[harm])
    model, optimizer = network()
    before = model.weight.detach().clone()
    with pytest.raises(ModelError) as caught:
        load_state(tmp_path / "step-00000001", model, optimizer)
    assert caught.value.hint
    assert torch.equal(model.weight, before)


def test_another_models_state_is_refused(tmp_path: Path) -> None:
    place = save_state(tmp_path, state(1), *network(), keep=1)
    with pytest.raises(ModelError, match=r"has shape \(4, 4\) instead of \(5, 5\)"):
        load_state(place, *network(5))


def test_state_names_no_code(tmp_path: Path) -> None:
    place = save_state(tmp_path, state(1), *network(), keep=1)
    assert sorted(path.suffix for path in place.iterdir()) == [".json", ".safetensors", ".safetensors"]
    assert json.loads((place / "state.json").read_text())["state"]["step"] == 1
