"""Mutations of a file as bytes: what disks, networks and careless programs do."""

from __future__ import annotations

import random
import re

_MAX_RANGE = 4_096
_OBJECT = re.compile(rb"\b\d{1,7} \d{1,5} obj\b.{0,65536}?endobj", re.DOTALL)
_ODD = (b"\x00", b"\xff", b" ", b"<", b">", b"(", b")", b"[", b"]", b"/", b"%", b"9")


def flip_bytes(data: bytes, rng: random.Random) -> bytes:
    """Bits of some bytes, anywhere."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 4, 16, 64, 512))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def overwrite(data: bytes, rng: random.Random) -> bytes:
    """A range with one byte, or with noise."""
    start, end = _range(data, rng)
    filler = rng.choice((*_ODD, b""))
    return data[:start] + (filler * (end - start) if filler else rng.randbytes(end - start)) + data[end:]


def duplicate(data: bytes, rng: random.Random) -> bytes:
    """A range once more, elsewhere."""
    start, end = _range(data, rng)
    place = rng.randrange(len(data))
    return data[:place] + data[start:end] * rng.choice((1, 1, 2, 50)) + data[place:]


def delete(data: bytes, rng: random.Random) -> bytes:
    """A range left out."""
    start, end = _range(data, rng)
    return data[:start] + data[end:]


def truncate(data: bytes, rng: random.Random) -> bytes:
    """The beginning alone, or the end alone."""
    place = rng.randrange(1, len(data))
    return data[:place] if rng.random() < 0.8 else data[:9] + data[place:]


def swap_objects(data: bytes, rng: random.Random) -> bytes:
    """Two objects in each other's place."""
    found = [match.span() for match in _OBJECT.finditer(data)]
    if len(found) < 2:
        return flip_bytes(data, rng)
    (a, b), (c, d) = sorted(rng.sample(found, 2))
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def damage_xref(data: bytes, rng: random.Random) -> bytes:
    """Digits of the table of objects and of the number that leads to it, and the words around them."""
    start = max(data.rfind(b"xref"), 0)
    table = data.rfind(b"xref", 0, start)
    begin = table if table > 0 and rng.random() < 0.7 else start
    changed = bytearray(data)
    digits = [place for place in range(begin, len(data)) if data[place : place + 1].isdigit()]
    for place in rng.sample(digits, min(len(digits), rng.choice((1, 3, 20)))):
        changed[place] = rng.choice(b"0123456789")
    for word in (b"startxref", b"trailer", b"%%EOF", b"/Root", b"/Size"):
        if rng.random() < 0.2:
            changed = bytearray(bytes(changed).replace(word, word[::-1]))
    return bytes(changed)


def corrupt_streams(data: bytes, rng: random.Random) -> bytes:
    """Bytes within streams as they stand in the file, compressed."""
    found = [match.span(1) for match in re.finditer(rb"stream\r?\n(.{1,1000000}?)endstream", data, re.DOTALL)]
    changed = bytearray(data)
    for start, end in rng.sample(found, min(len(found), rng.choice((1, 2, 10)))):
        for _ in range(rng.choice((1, 4, 32))):
            changed[rng.randrange(start, end)] = rng.randrange(256)
    return bytes(changed)


def splice(data: bytes, rng: random.Random) -> bytes:
    """Lines of the file in another order."""
    lines = data.splitlines(keepends=True)
    start = rng.randrange(len(lines))
    part = lines[start : start + rng.choice((2, 10, 200))]
    rng.shuffle(part)
    return b"".join([*lines[:start], *part, *lines[start + len(part) :]])


def _range(data: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(len(data))
    return start, min(len(data), start + rng.randrange(1, rng.choice((8, 64, _MAX_RANGE))))
