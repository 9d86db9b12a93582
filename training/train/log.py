"""The record of a run: a JSON object a line, and TensorBoard's files when it is installed."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from core.errors import InputError, StorageError

LOG_NAME = "log.jsonl"
_TENSORBOARD = "tensorboard"
_FULL = "Free some space, then go on: galacite train --resume"


class RunLog:
    """Appends events of a run to ``log.jsonl``, and numbers to TensorBoard.

    Args:
        folder: The run's folder.
        step: Step from which the run goes on; what was logged after it is forgotten, since it happens again.
        tensorboard: Also write TensorBoard's files.

    Raises:
        InputError: TensorBoard is asked for and not installed.
        StorageError: The disk refuses.
    """

    def __init__(self, folder: Path, *, step: int, tensorboard: bool) -> None:
        self._path = folder / LOG_NAME
        self._writer = _summary_writer(folder / _TENSORBOARD, step) if tensorboard else None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _forget_after(self._path, step)
            self._file: TextIO = self._path.open("a", encoding="utf-8")
        except OSError as error:
            raise StorageError(f"{self._path}: cannot be written ({error})", hint=_FULL) from error

    def write(self, event: str, step: int, **values: float | int | str) -> None:
        """Add one event; numbers also go to TensorBoard under ``event/name``."""
        try:
            self._file.write(json.dumps({"event": event, "step": step, **values}) + "\n")
            self._file.flush()
        except OSError as error:
            raise StorageError(f"{self._path}: cannot be written ({error})", hint=_FULL) from error
        for name, value in values.items():
            if self._writer is not None and not isinstance(value, str):
                self._writer.add_scalar(f"{event}/{name}", value, step)

    def __enter__(self) -> RunLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self._writer is not None:
            self._writer.close()


def read_log(folder: Path) -> list[dict[str, Any]]:
    """The events of a run, oldest first; a line that was cut off by a crash is left out."""
    path = folder / LOG_NAME
    if not path.is_file():
        return []
    found: list[dict[str, Any]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and isinstance(event.get("step"), int):
            found.append(event)
    return found


def _forget_after(path: Path, step: int) -> None:
    events = read_log(path.parent)
    kept = [event for event in events if event["step"] <= step]
    if not path.exists() or (len(kept) == len(events) and path.read_bytes().endswith(b"\n")):
        return
    growing = path.with_suffix(".tmp")
    growing.write_text("".join(json.dumps(event) + "\n" for event in kept), encoding="utf-8")
    growing.replace(path)


def _summary_writer(folder: Path, step: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise InputError("tensorboard: not installed", hint="pip install 'galacite[training]'") from error
    return SummaryWriter(str(folder), purge_step=step + 1)
