"""All mutations by name, and how one is chosen: the same seed and number always give the same file."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.bench.fuzz import bytewise, structural
from app.bench.fuzz.skeleton import Skeleton, take_apart

_BYTEWISE: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "bytes flipped": bytewise.flip_bytes,
    "range overwritten": bytewise.overwrite,
    "range duplicated": bytewise.duplicate,
    "range deleted": bytewise.delete,
    "truncated": bytewise.truncate,
    "objects swapped": bytewise.swap_objects,
    "object table damaged": bytewise.damage_xref,
    "packed streams damaged": bytewise.corrupt_streams,
    "lines shuffled": bytewise.splice,
}
_STRUCTURAL: dict[str, Callable[[Skeleton, random.Random], None]] = {
    "unpacked streams damaged": structural.mutate_unpacked,
    "operators changed": structural.mutate_content,
    "numbers changed": structural.mutate_numbers,
    "values changed": structural.mutate_values,
    "references changed": structural.mutate_references,
    "pages reordered": structural.shuffle_pages,
    "pages nested": structural.nest_pages,
    "pages in a loop": structural.loop_pages,
    "page boxes changed": structural.change_boxes,
    "page counts changed": structural.change_counts,
    "fonts damaged": structural.damage_fonts,
    "characters changed": structural.change_characters,
    "bomb planted": structural.plant_bomb,
    "forms in a loop": structural.draw_itself,
}
KINDS = (*_BYTEWISE, *_STRUCTURAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A file made from another."""

    index: int
    kind: str
    source: Path
    data: bytes


def mutate(files: list[Path], *, seed: int, index: int) -> Mutation:
    """The mutation of that number. Kinds take turns; the rest follows from seed and number.

    Args:
        files: Good PDFs, at least one.
    """
    rng = random.Random(f"{seed}:{index}")  # noqa: S311 - to be repeated, not to be secret
    kind = KINDS[index % len(KINDS)]
    source = files[rng.randrange(len(files))]
    if kind in _BYTEWISE:
        # Half of the time on a file whose objects stand in the open, where more of it is structure.
        skeleton = _skeleton(source) if rng.random() < 0.5 else None
        data = skeleton.to_bytes() if skeleton is not None else source.read_bytes()
        return Mutation(index=index, kind=kind, source=source, data=_BYTEWISE[kind](data, rng))
    skeleton = _skeleton(source)
    if skeleton is None:
        return Mutation(index=index, kind=kind, source=source, data=bytewise.flip_bytes(source.read_bytes(), rng))
    changed = skeleton.copy()
    _STRUCTURAL[kind](changed, rng)
    data = changed.to_bytes(honest_lengths=rng.random() < 0.8, with_xref=rng.random() < 0.8)
    return Mutation(index=index, kind=kind, source=source, data=data)


@lru_cache(maxsize=16)
def _skeleton(path: Path) -> Skeleton | None:
    try:
        return take_apart(path)
    except ValueError:
        return None
