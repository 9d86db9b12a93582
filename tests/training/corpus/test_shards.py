from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError, StorageError
from training.corpus.shards import Counts, Manifest, ShardSet, ShardWriter, write_atomically

MANIFEST = Manifest(
    part="train", form="citing", row_tokens=8, seed=1, tokenizer="abc", pad=1, start_ref=4, end_ref=5
)  # fmt: skip


def rows(first: int, count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint16]]:
    return np.arange(first, first + count * 8, dtype=np.uint16).reshape(count, 8)


def written(folder: Path) -> ShardSet:
    writer = ShardWriter(folder, MANIFEST)
    notes = [
        writer.write(0, rows(0, 3), {"sea": Counts(papers=1, tokens=20, citation_tokens=5)}),
        writer.write(1, rows(100, 0), {"sea": Counts(papers=1)}),
        writer.write(2, rows(200, 2), {"sea": Counts(papers=1, tokens=10), "lake": Counts(papers=2, tokens=6)}),
    ]
    writer.close(notes)
    return ShardSet.open(folder)


def test_rows_come_back_in_order_through_memory_maps(tmp_path: Path) -> None:
    shards = written(tmp_path)
    assert len(shards) == shards.rows == 5
    assert shards.row_tokens == 8
    assert np.array_equal(np.stack(list(shards)), np.concatenate([rows(0, 3), rows(200, 2)]))
    assert np.array_equal(shards[3], rows(200, 1)[0])
    assert isinstance(shards[3].base, np.memmap) or isinstance(shards[3], np.memmap)
    for place in (-1, 5):
        with pytest.raises(IndexError):
            shards[place]


def test_the_manifest_adds_up_what_shards_hold(tmp_path: Path) -> None:
    manifest = written(tmp_path).manifest
    assert (manifest.rows, manifest.tokens, manifest.citation_tokens) == (5, 36, 5)
    assert manifest.sources["sea"] == Counts(papers=3, tokens=30, citation_tokens=5)
    assert [note.name for note in manifest.shards] == ["shard-00000.npy", "shard-00002.npy"]


def test_a_finished_shard_is_known_again_and_a_half_written_one_is_not(tmp_path: Path) -> None:
    writer = ShardWriter(tmp_path, MANIFEST)
    note = writer.write(0, rows(0, 3), {})
    assert ShardWriter(tmp_path, MANIFEST).finished(0) == note
    assert writer.finished(1) is None
    (tmp_path / "shard-00001.npy").write_bytes(b"half")
    assert writer.finished(1) is None
    (tmp_path / "shard-00000.npy").unlink()
    assert writer.finished(0) is None


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"not an array at all"])
def test_a_damaged_shard_is_named(tmp_path: Path, damage: bytes) -> None:
    written(tmp_path)
    (tmp_path / "shard-00002.npy").write_bytes(damage)
    with pytest.raises(InputError, match=r"shard-00002\.npy"):
        ShardSet.open(tmp_path)


def test_an_array_of_another_shape_or_of_objects_is_refused(tmp_path: Path) -> None:
    written(tmp_path)
    np.save(tmp_path / "shard-00002.npy", rows(0, 7))
    with pytest.raises(InputError, match="not 2 rows of 8 tokens"):
        ShardSet.open(tmp_path)
    np.save(tmp_path / "shard-00002.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match="cannot be read"):
        ShardSet.open(tmp_path)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"part": 3}'])
def test_a_damaged_manifest_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "shards.json").write_text(text)
    with pytest.raises(InputError, match=r"shards\.json"):
        ShardSet.open(tmp_path)


def test_a_manifest_names_no_file_outside_its_folder(tmp_path: Path) -> None:
    written(tmp_path / "in")
    np.save(tmp_path / "out.npy", rows(0, 3))
    manifest = json.loads((tmp_path / "in/shards.json").read_text())
    manifest["shards"][0]["name"] = "../out.npy"
    (tmp_path / "in/shards.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match=r"in/out\.npy"):
        ShardSet.open(tmp_path / "in")


def test_a_folder_without_shards_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no shards\.json") as raised:
        ShardSet.open(tmp_path)
    assert "corpus build" in raised.value.hint


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_full_disk_is_told_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "shard-00000.npy.part").symlink_to("/dev/full")
    with pytest.raises(StorageError, match="No space left") as raised:
        ShardWriter(tmp_path, MANIFEST).write(0, rows(0, 3), {})
    assert "goes on" in raised.value.hint


def test_a_file_in_the_way_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        write_atomically(tmp_path / "file" / "note.json", "{}")


def test_licences_are_gathered_while_numbers_are_added() -> None:
    both = Counts(papers=1, tokens=5, licences=("CC BY",)) + Counts(papers=2, licences=("CC0", "CC BY"))
    assert both == Counts(papers=3, tokens=5, licences=("CC BY", "CC0"))
