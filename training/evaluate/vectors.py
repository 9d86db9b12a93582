"""Vectors kept between runs: encoding all candidates takes longer than all else that is measured of an encoder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import StorageError
from core.interfaces import Encoder

_KEY_BYTES = 16


class KeptVectors:
    """An encoder that encodes a text once: vectors go to a file, in half precision, and are found there again.

    Args:
        encoder: Whose vectors they are; each has a file of its own.
        folder: Made when it is missing. One process writes to it at a time.
    """

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self._encoder = encoder
        self._folder = folder

    @property
    def name(self) -> str:
        """See :class:`core.interfaces.Encoder`."""
        return self._encoder.name

    @property
    def dimension(self) -> int:
        """See :class:`core.interfaces.Encoder`."""
        return self._encoder.dimension

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See :class:`core.interfaces.Encoder`.

        Raises:
            StorageError: The file cannot be read or written.
            core.errors.ModelError: The encoder failed.
        """
        keys = [hashlib.blake2b(text.encode(errors="replace"), digest_size=_KEY_BYTES).digest() for text in texts]
        fresh = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if fresh:
            self._keep(list(fresh), self._encoder.encode(list(fresh.values())))
        found = np.empty((len(texts), self.dimension), dtype=np.float32)
        for row, key in enumerate(keys):
            found[row] = self._known[key]
        return found

    @cached_property
    def _path(self) -> Path:
        name = hashlib.blake2b(self.name.encode(), digest_size=_KEY_BYTES).hexdigest()
        return self._folder / f"{name}.vectors"

    @cached_property
    def _row(self) -> np.dtype[np.void]:
        return np.dtype([("key", f"V{_KEY_BYTES}"), ("vector", np.float16, (self.dimension,))])

    @cached_property
    def _known(self) -> dict[bytes, NDArray[np.float16]]:
        """What the file holds; a row that was cut off is dropped from it."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                file.truncate(file.tell() // self._row.itemsize * self._row.itemsize)
            rows = np.fromfile(self._path, dtype=self._row)
        except OSError as error:
            raise StorageError(
                f"{self._path}: cannot be used ({error.strerror})", hint="Name another folder: --vectors FOLDER"
            ) from error
        return {row["key"].tobytes(): row["vector"] for row in rows}

    def _keep(self, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        rows = np.empty(len(keys), dtype=self._row)
        rows["key"] = np.frombuffer(b"".join(keys), dtype=f"V{_KEY_BYTES}")
        rows["vector"] = vectors
        try:
            with self._path.open("ab") as file:
                file.write(rows.tobytes())
        except OSError as error:
            raise StorageError(
                f"{self._path}: cannot be written ({error.strerror})", hint="Make room, or leave out --vectors."
            ) from error
        self._known.update(zip(keys, rows["vector"], strict=True))
