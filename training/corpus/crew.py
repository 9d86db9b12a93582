"""The processes that pack blocks, or this one when there is little to pack."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from pathlib import Path
from types import TracebackType
from typing import Self

from core.errors import InputError, JobError
from model.galactica.tokenizer import GalacticaTokenizer
from training.corpus.config import CorpusConfig
from training.corpus.encoding import Block, Encoder, Packed
from training.corpus.prompts import read_prompts
from training.corpus.shards import ShardSet
from training.corpus.survey import read_spellings

_AHEAD = 2
"""Blocks handed out for each worker: none waits, and memory stays bounded."""
_FEW = 2
"""So many blocks are packed sooner than a process starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplies:
    """Where a process finds what it needs to pack blocks."""

    folder: Path
    config: CorpusConfig
    replay: Path | None = None

    def encoder(self) -> Encoder:
        """Load it all.

        Raises:
            InputError: Something is damaged, or the earlier shards do not fit.
        """
        tokenizer = GalacticaTokenizer.load(self.folder)
        return Encoder(
            tokenizer=tokenizer,
            spellings=read_spellings(self.folder),
            config=self.config,
            prompts=read_prompts(self.folder),
            replay=open_replay(self.replay, tokenizer, self.config) if self.replay is not None else None,
        )


class Crew:
    """Packs blocks side by side, as a context; leaving it waits for all of them.

    Args:
        supplies: What packing needs.
        workers: Processes; 1 is this process.
        done: Called here with each block and its rows, in the order of the blocks.
    """

    def __init__(self, supplies: Supplies, workers: int, done: Callable[[Block, Packed], None]) -> None:
        self._supplies = supplies
        self._workers = workers
        self._done = done
        self._held: list[Block] = []
        self._given: deque[tuple[Block, Future[Packed]]] = deque()
        self._pool: ProcessPoolExecutor | None = None
        self._encoder: Encoder | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._pack_here()
                while self._given:
                    self._finish()
        finally:
            if self._pool is not None:
                self._pool.shutdown(cancel_futures=True)

    def pack(self, block: Block) -> None:
        """Take a block; may wait for an earlier one.

        Raises:
            JobError: A process died.
        """
        if self._pool is not None:
            self._give(block)
            return
        self._held.append(block)
        if self._workers <= 1:
            self._pack_here()
        elif len(self._held) > _FEW:
            self._pool = ProcessPoolExecutor(
                self._workers, mp_context=get_context("spawn"), initializer=_prepare, initargs=(self._supplies,)
            )
            for held in self._held:
                self._give(held)
            self._held.clear()

    def _pack_here(self) -> None:
        for block in self._held:
            self._encoder = self._encoder or self._supplies.encoder()
            self._done(block, self._encoder.pack(block))
        self._held.clear()

    def _give(self, block: Block) -> None:
        if len(self._given) >= _AHEAD * self._workers:
            self._finish()
        try:
            if self._pool is not None:
                self._given.append((block, self._pool.submit(_pack, block)))
        except BrokenProcessPool as error:
            raise _died() from error

    def _finish(self) -> None:
        block, future = self._given.popleft()
        try:
            packed = future.result()
        except BrokenProcessPool as error:
            raise _died() from error
        self._done(block, packed)


def open_replay(folder: Path, tokenizer: GalacticaTokenizer, config: CorpusConfig) -> ShardSet:
    """Earlier shards whose rows can stand among new ones.

    Raises:
        InputError: They are missing, or made by another tokenizer or with rows of another length.
    """
    shards = ShardSet.open(folder)
    if shards.manifest.tokenizer != tokenizer.fingerprint:
        raise InputError(
            f"{folder}: made with tokenizer {shards.manifest.tokenizer}, not {tokenizer.fingerprint}",
            hint=f"Build with the tokenizer of these shards: --tokenizer {folder}",
        )
    if shards.row_tokens != config.row_tokens:
        raise InputError(
            f"{folder}: rows of {shards.row_tokens} tokens, not {config.row_tokens}",
            hint=f"Build with --row-tokens {shards.row_tokens}",
        )
    return shards


_encoders: list[Encoder] = []
"""The one encoder of a process that packs."""


def _prepare(supplies: Supplies) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _encoders[:] = [supplies.encoder()]


def _end_with_parent() -> None:
    """A process whose parent was killed would wait for blocks for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _pack(block: Block) -> Packed:
    return _encoders[0].pack(block)


def _died() -> JobError:
    return JobError(
        "a process that packs papers died",
        hint="Most often memory ran out: give fewer --workers; what is done is kept.",
    )
