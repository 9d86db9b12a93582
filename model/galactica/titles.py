"""The titles that may be cited, as a trie of their tokens: built at once, changed one by one, kept in a file."""

from __future__ import annotations

import bisect
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError, StorageError
from model.galactica.rows import (
    MOST_TITLE_TOKENS,
    MOST_TOKENS,
    TitleRows,
    compacted,
    gathered,
    lexical_order,
    shared_by,
    shared_prefixes,
    with_room,
)

if TYPE_CHECKING:
    from model.galactica.tokenizer import GalacticaTokenizer

_FORMAT = "galacite-titles-1"
_REBUILD = "Delete it and let it be built anew."
_SPARE_PART, _LEAST_SPARE = 8, 64


@dataclass(frozen=True, slots=True)
class Title:
    """What stands in a citation: a title and the surname of the first author, which may be unknown."""

    title: str
    surname: str = ""


class TitleTrie:
    """The titles that exist, by the caller's numbers; titles can be added and removed at any time.

    Args:
        end: Id of the token that closes a title; each sequence ends with it and holds it nowhere else.
        vocabulary: Number of tokens there are.

    Raises:
        ValueError: The vocabulary is beyond what can be sorted.
    """

    def __init__(self, *, end: int, vocabulary: int) -> None:
        if not 0 <= end < vocabulary < MOST_TOKENS:
            raise ValueError(f"a vocabulary of {vocabulary} tokens, closed by {end}")
        self.end = end
        self.vocabulary = vocabulary
        dtype = np.uint16 if vocabulary <= 2**16 else np.uint32
        self._slots = 0
        self.rows = TitleRows(
            tokens=np.empty(0, dtype),
            starts=np.zeros(1, np.int64),
            ids=np.empty(0, np.int64),
            order=np.empty(0, np.int32),
            shared=np.empty(0, np.uint8),
            priors=np.empty(0, np.float32),
        )

    @classmethod
    def build(
        cls, sequences: Sequence[Sequence[int]], ids: Iterable[int] | None = None, *, end: int, vocabulary: int
    ) -> TitleTrie:
        """Sort many sequences at once; a million take seconds.

        Args:
            sequences: Token ids, each closed by ``end``.
            ids: The caller's numbers, all different; the positions when not given.
            end, vocabulary: See the class.

        Raises:
            ValueError: A sequence is malformed, or the numbers repeat or are not as many.
        """
        trie = cls(end=end, vocabulary=vocabulary)
        lengths = np.fromiter(map(len, sequences), np.int64, len(sequences))
        tokens = np.fromiter((token for each in sequences for token in each), np.int64, int(lengths.sum()))
        numbers = np.arange(len(sequences)) if ids is None else np.fromiter(ids, np.int64)
        trie._take(tokens, lengths, numbers, priors=np.full(len(tokens), np.nan, np.float32))
        return trie

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, number: int) -> bool:
        return self._find(number) is not None

    def add(self, number: int, sequence: Sequence[int]) -> None:
        """Add one title.

        Raises:
            ValueError: The number is taken, or the sequence malformed.
        """
        if number in self:
            raise ValueError(f"title {number} is there already")
        tokens = np.asarray(sequence, np.int64)
        _check(tokens, np.asarray([len(tokens)]), end=self.end, vocabulary=self.vocabulary)
        row = self._place(tokens.tolist(), bisect.bisect_right)
        slot = self._append(tokens, number)
        rows = self.rows
        order = np.insert(rows.order, row, np.int32(slot))
        shared = np.insert(rows.shared, row, np.uint8(0))
        rows = replace(rows, order=order, shared=shared)
        for changed in (row, row + 1):
            if 0 < changed < len(order):
                shared[changed] = shared_by(rows.sequence(changed - 1), rows.sequence(changed))
        _inherit_prior(rows, row)
        self.rows = rows

    def remove(self, number: int) -> None:
        """Take a title out; what it had in common with its neighbours, they have in common.

        Raises:
            KeyError: There is no title of this number.
        """
        row = self._find(number)
        if row is None:
            raise KeyError(number)
        shared = np.delete(self.rows.shared, row)
        if row < len(shared):
            shared[row] = min(self.rows.shared[row], self.rows.shared[row + 1])
        self.rows = replace(self.rows, order=np.delete(self.rows.order, row), shared=shared)

    def forget_priors(self) -> None:
        """Drop all priors, because another model has to give them."""
        self.rows = replace(self.rows, priors=np.full_like(self.rows.priors, np.nan))

    def save(self, path: Path, *, about: Mapping[str, str] | None = None) -> None:
        """Write one safetensors file, which appears whole or not at all.

        Args:
            path: The file.
            about: Kept with it, and given back by ``load``: such as which tokenizer cut the titles.

        Raises:
            StorageError: It cannot be written.
        """
        from safetensors.numpy import save_file

        tokens, lengths, priors = gathered(self.rows, self.rows.order)
        numbers = self.rows.ids[self.rows.order]
        arrays = {"tokens": tokens, "lengths": lengths.astype(np.uint8), "ids": numbers, "priors": priors}
        own = {"format": _FORMAT, "end": str(self.end), "vocabulary": str(self.vocabulary)}
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            save_file(arrays, partial, metadata={**(about or {}), **own})
            partial.replace(path)
        except Exception as error:  # safetensors has its own error for a full disk
            partial.unlink(missing_ok=True)
            raise StorageError(f"{path}: cannot be written ({error})", hint="Free space on the disk.") from error

    @classmethod
    def load(cls, path: Path) -> tuple[TitleTrie, dict[str, str]]:
        """Read what ``save`` wrote; nothing in the file is trusted.

        Returns:
            The trie, and what was told about it.

        Raises:
            ModelError: The file is missing, damaged or no such trie.
        """
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, framework="numpy") as file:
                about = dict(file.metadata() or {})
                arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dictionary
            if about.pop("format", "") != _FORMAT:
                raise ValueError("not a trie of titles")
            trie = cls(end=int(about.pop("end")), vocabulary=int(about.pop("vocabulary")))
            trie._take(
                arrays["tokens"].astype(np.int64, casting="safe"),
                arrays["lengths"].astype(np.int64, casting="safe"),
                arrays["ids"].astype(np.int64, casting="safe"),
                priors=arrays["priors"],
            )
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            raise ModelError(f"{path}: cannot be read as titles ({error})", hint=_REBUILD) from error
        return trie, about

    def _take(
        self,
        tokens: NDArray[np.int64],
        lengths: NDArray[np.int64],
        ids: NDArray[np.int64],
        *,
        priors: NDArray[np.float32],
    ) -> None:
        """Become these sequences."""
        _check(tokens, lengths, end=self.end, vocabulary=self.vocabulary)
        if ids.shape != lengths.shape or len(np.unique(ids)) != len(ids):
            raise ValueError("the numbers of titles repeat, or are not as many as the titles")
        if priors.shape != tokens.shape or priors.dtype != np.float32:
            raise ValueError("priors do not fit the titles")
        starts = np.concatenate(([0], np.cumsum(lengths)))
        order = lexical_order(tokens, starts)
        rows = TitleRows(
            tokens=tokens.astype(self.rows.tokens.dtype),
            starts=starts,
            ids=ids,
            order=order,
            shared=shared_prefixes(tokens, starts, order),
            priors=priors,
        )
        self._slots = len(ids)
        self.rows = with_room(rows, titles=len(ids) // _SPARE_PART, tokens=len(tokens) // _SPARE_PART)

    def _append(self, tokens: NDArray[np.int64], number: int) -> int:
        """Write a sequence behind the others, where readers of older rows never look; returns its slot."""
        rows = self.rows
        used = int(rows.starts[self._slots])
        if self._slots == len(rows.ids) or used + len(tokens) > len(rows.tokens):
            rows, self._slots = compacted(rows), len(rows)
            used = len(rows.tokens)
            # Twice the size each time, so that making room costs little per title.
            rows = with_room(rows, titles=self._slots + _LEAST_SPARE, tokens=used + len(tokens) + _LEAST_SPARE)
            self.rows = rows
        rows.tokens[used : used + len(tokens)] = tokens
        rows.starts[self._slots + 1] = used + len(tokens)
        rows.ids[self._slots] = number
        self._slots += 1
        return self._slots - 1

    def _find(self, number: int) -> int | None:
        """The row of the caller's number."""
        rows = self.rows
        for slot in np.flatnonzero(rows.ids[: self._slots] == number).tolist():  # also those of removed titles
            sequence = rows.tokens[rows.starts[slot] : rows.starts[slot + 1]].tolist()
            first, behind = self._place(sequence, bisect.bisect_left), self._place(sequence, bisect.bisect_right)
            found = np.flatnonzero(rows.order[first:behind] == slot)
            if len(found):
                return first + int(found[0])
        return None

    def _place(self, sequence: list[int], choose: Callable[..., int]) -> int:
        """Where a sequence belongs among the rows: before or behind those that equal it, as ``choose`` has it."""
        rows = self.rows
        return choose(range(len(rows)), sequence, key=lambda row: rows.sequence(row).tolist())


def title_sequences(tokenizer: GalacticaTokenizer, titles: Iterable[Title]) -> list[list[int]]:
    """The tokens that follow ``[START_REF]`` for each title, ``[END_REF]`` included; cut to ``MOST_TITLE_TOKENS``."""
    from model.galactica.markers import reference_text

    texts = [reference_text(each.title, each.surname) for each in titles]
    return [[*ids[: MOST_TITLE_TOKENS - 1], tokenizer.end_ref] for ids in tokenizer.encode_batch(texts)]


def title_trie(tokenizer: GalacticaTokenizer, titles: Sequence[Title], ids: Iterable[int] | None = None) -> TitleTrie:
    """The trie of these titles; see ``TitleTrie.build``."""
    sequences = title_sequences(tokenizer, titles)
    return TitleTrie.build(sequences, ids, end=tokenizer.end_ref, vocabulary=tokenizer.vocabulary)


def _inherit_prior(rows: TitleRows, row: int) -> None:
    """Let a new row begin with the priors of the neighbour that it shares more tokens with."""
    before = min(int(rows.shared[row]), len(rows.sequence(row)))
    behind = min(int(rows.shared[row + 1]), len(rows.sequence(row))) if row + 1 < len(rows) else 0
    depth, neighbour = (before, row - 1) if before >= behind else (behind, row + 1)
    if depth:
        start = rows.starts[rows.order[neighbour]]
        rows.remember_prior(row, rows.priors[start : start + depth])


def _check(tokens: NDArray[np.int64], lengths: NDArray[np.int64], *, end: int, vocabulary: int) -> None:
    """Raise ValueError unless these are sequences that each end with the closing token and hold it nowhere else."""
    if tokens.ndim != 1 or lengths.ndim != 1 or int(lengths.sum()) != len(tokens):
        raise ValueError("the lengths of titles do not add up")
    if not len(lengths):
        return
    if int(lengths.min()) < 1 or int(lengths.max()) > MOST_TITLE_TOKENS:
        raise ValueError(f"a title without tokens, or with more than {MOST_TITLE_TOKENS}")
    if int(tokens.min()) < 0 or int(tokens.max()) >= vocabulary:
        raise ValueError(f"a token outside the vocabulary of {vocabulary}")
    last = np.cumsum(lengths) - 1
    if not np.array_equal(np.flatnonzero(tokens == end), last):
        raise ValueError(f"a title that is not closed by token {end}, or closed twice")
