"""What titles are worth without any context, kept between runs: several hundred titles a second are many minutes."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import StorageError
from model.manifest import sha256_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from model.galactica.galactica import Galactica
    from model.galactica.rows import TitleRows
    from model.galactica.titles import TitleTrie

_KEY_BYTES = 16


def fill_kept_priors(
    model: Galactica, trie: TitleTrie, folder: Path | None, *, on_progress: Callable[[int, int], None]
) -> None:
    """Give each title of a trie its prior: from the folder's file for this model, else computed and put there.

    Args:
        folder: None keeps nothing.

    Raises:
        StorageError: The file cannot be written; one that cannot be read is replaced.
        core.errors.ModelError: The model is damaged.
    """
    from model.galactica.scoring import fill_priors

    if folder is None:
        fill_priors(model, trie, on_progress=on_progress)
        return
    rows = trie.rows
    path = folder / f"{_digest(model)}.priors.npz"
    known = _read(path)
    keys = [_key(rows, row) for row in range(len(rows))]
    for row, key in enumerate(keys):
        totals = known.get(key)
        if totals is not None and len(totals) == len(rows.sequence(row)):
            rows.remember_prior(row, totals)
    if fill_priors(model, trie, on_progress=on_progress):
        _write(path, known | {key: _totals(rows, row) for row, key in enumerate(keys) if _is_known(rows, row)})


def _digest(model: Galactica) -> str:
    weights = "".join(sha256_of(path) for path in sorted(model.folder.glob("*.safetensors")))
    return hashlib.blake2b(weights.encode(), digest_size=_KEY_BYTES).hexdigest()


def _key(rows: TitleRows, row: int) -> bytes:
    tokens = rows.sequence(row).astype(np.int64)
    return hashlib.blake2b(tokens.tobytes(), digest_size=_KEY_BYTES).digest()


def _totals(rows: TitleRows, row: int) -> NDArray[np.float32]:
    start = rows.starts[rows.order[row]]
    return rows.priors[start : start + len(rows.sequence(row))]


def _is_known(rows: TitleRows, row: int) -> bool:
    return not np.isnan(_totals(rows, row)[-1])


def _read(path: Path) -> dict[bytes, NDArray[np.float32]]:
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            keys, ends, totals = (file[name] for name in ("keys", "ends", "totals"))
            return {key.tobytes(): part for key, part in zip(keys, np.split(totals, ends[:-1]), strict=True)}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}


def _write(path: Path, known: dict[bytes, NDArray[np.float32]]) -> None:
    aside = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as file:
            np.savez(
                file,
                keys=np.frombuffer(b"".join(known), dtype=f"V{_KEY_BYTES}"),
                ends=np.cumsum([len(each) for each in known.values()]),
                totals=np.concatenate(list(known.values())),
            )
        aside.replace(path)
    except OSError as error:
        raise StorageError(
            f"{path}: cannot be written ({error.strerror})", hint="Make room, or leave out --vectors."
        ) from error
