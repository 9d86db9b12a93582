"""Documents of tokens into rows of equal length, without cutting a citation."""

from __future__ import annotations

import random
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from model.galactica.markers import END_REF, EOS, PAD, SPECIAL_TOKENS, START_REF
from training.corpus.config import MOST_TOKENS


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The token ids that packing and the loss know; by default those that the order of special tokens gives."""

    start_ref: int = SPECIAL_TOKENS.index(START_REF)
    end_ref: int = SPECIAL_TOKENS.index(END_REF)
    pad: int = SPECIAL_TOKENS.index(PAD)
    eos: int = SPECIAL_TOKENS.index(EOS)


def citation_mask(ids: NDArray[np.uint16], *, start: int, end: int) -> NDArray[np.bool_]:
    """The tokens that spell citations: after ``start``, up to and with ``end``; as ``training.train.loss`` marks them.

    Args:
        ids: Shape (T,) or (N, T).
        start, end: Ids of [START_REF] and [END_REF].

    Returns:
        The same shape. A citation that the row does not close counts to the row's end.
    """
    mask: NDArray[np.bool_] = _last_before(ids == start) > _last_before(ids == end)
    return mask


def _last_before(marked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """For each place the last marked one strictly before it, counted from 1; 0 without any. The same shape."""
    places = np.where(marked, np.arange(1, marked.shape[-1] + 1), 0)
    last = np.zeros_like(places)
    last[..., 1:] = np.maximum.accumulate(places, axis=-1)[..., :-1]
    return last


def pack(documents: Iterable[Sequence[int]], *, row_tokens: int, marks: Marks, seed: int) -> NDArray[np.uint16]:
    """Put documents into rows.

    A document that fits into a row is never cut; a longer one is cut into rows between citations. Each ends with
    ``eos``. Pieces fill rows best-fit, longest first, in a random order within the row and among rows.

    Args:
        documents: Token ids of each, without ``eos``.
        row_tokens: Length T of a row.
        marks: The ids of markers.
        seed: Of the order.

    Returns:
        Rows, shape (N, T). A citation longer than a row is left out.

    Raises:
        InputError: A token id does not fit into 16 bits.
    """
    pieces: list[list[int]] = []
    for document in documents:
        pieces += cut_document([*document, marks.eos], row_tokens=row_tokens, marks=marks)
    dice = random.Random(seed)  # noqa: S311 - an order, not a secret
    rows = _best_fit(pieces, row_tokens, dice)
    dice.shuffle(rows)
    packed = np.full((len(rows), row_tokens), marks.pad, dtype=np.uint16)
    for index, row in enumerate(rows):
        dice.shuffle(row)
        ids = [token for piece in row for token in piece]
        if max(ids) >= MOST_TOKENS or min(ids) < 0:
            raise InputError(
                "a token id does not fit into 16 bits", hint=f"Choose a vocabulary of at most {MOST_TOKENS:,}."
            )
        packed[index, : len(ids)] = ids
    return packed


def cut_document(ids: Sequence[int], *, row_tokens: int, marks: Marks) -> list[list[int]]:
    """Cut a document into pieces of at most ``row_tokens``, between citations.

    Where a piece would begin with a citation, some of the text before it comes along. A citation longer than a row is
    left out.
    """
    if len(ids) <= row_tokens:
        return [list(ids)]
    pieces: list[list[int]] = []
    piece: list[Sequence[int]] = []
    length = 0
    for unit in _units(ids, marks):
        if len(unit) > row_tokens:
            continue
        if length + len(unit) > row_tokens:
            room = min(row_tokens // 2, row_tokens - len(unit))
            keep = _before_context(piece, room) if len(unit) > 1 else len(piece)
            pieces.append(_joined(piece[:keep]))
            piece = piece[keep:]
            length = sum(map(len, piece))
        piece.append(unit)
        length += len(unit)
    pieces.append(_joined(piece))
    return [each for each in pieces if each]


def _before_context(units: list[Sequence[int]], room: int) -> int:
    """How many units may stay when a citation comes next: not those before it that it is told by.

    These are neighbouring citations, and text of up to a quarter of ``room`` tokens. Were they more than ``room``, all
    may stay.
    """
    keep, moved = len(units), 0
    while keep and len(units[keep - 1]) > 1:
        keep -= 1
        moved += len(units[keep])
    text = 0
    while keep and len(units[keep - 1]) == 1 and text < room // 4:
        keep -= 1
        text += 1
    return keep if keep and moved + text <= room else len(units)


def _joined(units: Sequence[Sequence[int]]) -> list[int]:
    return [token for unit in units for token in unit]


def _units(ids: Sequence[int], marks: Marks) -> Iterator[Sequence[int]]:
    """What cannot be cut: single tokens, and citations from marker to marker."""
    position = 0
    while position < len(ids):
        end = position + 1
        if ids[position] == marks.start_ref:
            while end < len(ids) and ids[end] not in (marks.end_ref, marks.start_ref, marks.eos):
                end += 1
            if end < len(ids) and ids[end] == marks.end_ref:
                end += 1
        yield ids[position:end]
        position = end


def _best_fit(pieces: list[list[int]], row_tokens: int, dice: random.Random) -> list[list[list[int]]]:
    """Longest first, each into the fullest row that still takes it."""
    dice.shuffle(pieces)
    pieces.sort(key=len, reverse=True)
    rows: list[list[list[int]]] = []
    room: list[tuple[int, int]] = []  # tokens left and number of the row, sorted
    for piece in pieces:
        found = bisect_left(room, (len(piece), 0))
        if found == len(room):
            rows.append([piece])
            left, index = row_tokens - len(piece), len(rows) - 1
        else:
            left, index = room.pop(found)
            rows[index].append(piece)
            left -= len(piece)
        if left > 0:
            insort(room, (left, index))
    return rows
