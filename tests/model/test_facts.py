from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from core.errors import ModelError
from model.facts import read_facts


def write(folder: Path, name: str = "model.safetensors", **shapes: tuple[int, ...]) -> Path:
    folder.mkdir(exist_ok=True)
    save_file({key: np.zeros(shape, np.float16) for key, shape in shapes.items()}, folder / name)
    return folder


def test_parameters_and_bytes_are_summed_over_all_files(tmp_path: Path) -> None:
    folder = write(tmp_path / "mini", embed=(10, 4), scale=())
    write(folder, "more.safetensors", layer=(3, 3))
    facts = read_facts(folder)
    assert (facts.name, facts.parameters, facts.dtype) == ("mini", 50, "F16")
    assert facts.weights_bytes == sum(path.stat().st_size for path in folder.iterdir())
    assert facts.card == ""


def test_the_card_is_told_without_its_front_matter(tmp_path: Path) -> None:
    folder = write(tmp_path / "mini", embed=(1,))
    (folder / "README.md").write_text("---\nlicense: x\n---\n\n# Mini\n\nTrained.\n---\nend\n")
    assert read_facts(folder).card == "# Mini\n\nTrained.\n---\nend"


def test_a_card_of_any_kind_is_cut_and_never_an_error(tmp_path: Path) -> None:
    folder = write(tmp_path / "mini", embed=(1,))
    (folder / "README.md").write_bytes(b"\xff\xfe" + b"x" * 10**6)
    assert 1_000 < len(read_facts(folder).card) < 100_000
    (folder / "README.md").unlink()
    (folder / "README.md").mkdir()
    assert read_facts(folder).card == ""


@pytest.mark.parametrize(
    "content",
    [b"", b"no weights", struct.pack("<Q", 2**60), struct.pack("<Q", 2) + b"{}", struct.pack("<Q", 4) + b"[[[["],
)
def test_damaged_weights_are_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.safetensors").write_bytes(content)
    if content.endswith(b"{}"):
        assert read_facts(tmp_path).parameters == 0
        return
    with pytest.raises(ModelError, match=r"model\.safetensors"):
        read_facts(tmp_path)


def test_a_header_that_lies_about_its_tensors_is_refused(tmp_path: Path) -> None:
    header = json.dumps({"a": {"dtype": "F16", "shape": [2**40], "data_offsets": [0, 2]}}).encode()
    (tmp_path / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + b"\0\0")
    with pytest.raises(ModelError):
        read_facts(tmp_path)


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_folder_without_weights_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match=r"no \.safetensors"):
        read_facts(tmp_path / name)
