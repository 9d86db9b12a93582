"""Mutations of a file's structure: what a damaged or malicious writer would make."""

from __future__ import annotations

import random
import re
import zlib
from typing import TypeVar

from app.bench.fuzz.skeleton import Part, Skeleton

T = TypeVar("T")

_NUMBERS = (
    b"0", b"-1", b"1", b"2147483647", b"-2147483648", b"4294967296", b"99999999999999999999", b"1e9", b"0.0000000001",
    b"-0.5", b"65536", b"1000000",
)  # fmt: skip
_VALUES = (b"null", b"true", b"[]", b"<<>>", b"()", b"/Name", b"(\xfe\xff\x20\x2e)", b"<FFFF>", b"[[[[]]]]", b"0")
_OPERATORS = (
    b"q", b"Q", b"BT", b"ET", b"Tj", b"TJ", b"T*", b"Td", b"Tm", b"cm", b"Do", b"re", b"f", b"W", b"n", b"BI", b"EI",
    b"gs", b"(", b")", b"<<", b">>", b"[", b"]", b"sh", b"scn", b"d1", b"BDC", b"EMC", b"'", b'"', b"ri",
)  # fmt: skip
_NUMBER = re.compile(rb"(?<![\w.#/-])-?\d+(?:\.\d+)?(?! \d+ R)(?!\d)")
_REFERENCE = re.compile(rb"\b(\d+) 0 R\b")
_BOXES = (
    b"[0 0 1000000000 1000000000]", b"[0 0 0 0]", b"[-32768 -32768 32767 32767]", b"[612 792 0 0]", b"[0 0 1e38 1e38]",
    b"[0 0 1 100000]", b"[5 5 5 5]", b"[0 0 14400 14400]", b"[1e-9 0 1e-9 792]", b"[/A /B /C /D]",
)  # fmt: skip
_ODD_CHARACTERS = (
    "202E", "202D", "2066", "2069", "200F", "0000", "0007", "001B", "D800", "FFFD", "FFFE", "E000", "0300", "00AD",
    "FEFF", "0009", "000A", "2028", "05D0", "4E2D", "0627", "D835DD38", "00660069", "0041" * 300,
)  # fmt: skip


def mutate_content(skeleton: Skeleton, rng: random.Random) -> None:
    """Operators and operands of what pages draw, compressed again afterwards."""
    for part in _some(rng, [part for part in skeleton.parts.values() if _is_content(part)], 3):
        tokens = re.split(rb"(\s+)", part.unpacked() or b"")
        for _ in range(rng.choice((1, 5, 50))):
            place = rng.randrange(len(tokens))
            tokens[place] = rng.choice((*_OPERATORS, *_NUMBERS, b"", tokens[rng.randrange(len(tokens))]))
        if rng.random() < 0.2:
            tokens = [rng.choice((b"q ", b"BT ", b"[", b"<< ", b"/A BMC ", b"( "))] * 50_000 + tokens
        part.pack(b"".join(tokens))


def mutate_unpacked(skeleton: Skeleton, rng: random.Random) -> None:
    """Bytes of any streams below their compression: fonts, maps, pictures, content."""
    streams = [part for part in skeleton.parts.values() if part.unpacked()]
    for part in _some(rng, streams, 4):
        data = bytearray(part.unpacked() or b"")
        for _ in range(rng.choice((1, 8, 100))):
            data[rng.randrange(len(data))] = rng.randrange(256)
        part.pack(bytes(data))


def mutate_numbers(skeleton: Skeleton, rng: random.Random) -> None:
    """Numbers of dictionaries, by huge, negative and odd ones."""
    for part in _some(rng, list(skeleton.parts.values()), 8):
        part.text = _replaced(_NUMBER, part.text, rng, _NUMBERS)


def mutate_values(skeleton: Skeleton, rng: random.Random) -> None:
    """Values of dictionaries, by values of another type; keys, by nothing that is known."""
    pattern = re.compile(rb"/\w+|\d+ 0 R|\[[^\[\]]{0,200}\]|\([^()]{0,200}\)")
    for part in _some(rng, list(skeleton.parts.values()), 8):
        part.text = _replaced(pattern, part.text, rng, _VALUES)


def mutate_references(skeleton: Skeleton, rng: random.Random) -> None:
    """References to other objects than meant, to none and to themselves."""
    numbers = [b"%d 0 R" % number for number in (*skeleton.parts, 0, 99_999_999)]
    for part in _some(rng, [part for part in skeleton.parts.values() if b" 0 R" in part.text], 10):
        part.text = _replaced(_REFERENCE, part.text, rng, numbers)


def shuffle_pages(skeleton: Skeleton, rng: random.Random) -> None:
    """Pages in another order, left out, and many times over."""
    for part in skeleton.parts.values():
        kids = re.search(rb"/Kids\s*\[([^\]]*)\]", part.text)
        if kids is None:
            continue
        pages = _REFERENCE.findall(kids[1])
        rng.shuffle(pages)
        pages = pages[: rng.randrange(1, len(pages) + 1)] * rng.choice((1, 1, 3, 40)) if pages else pages
        listed = b" ".join(b"%s 0 R" % page for page in pages)
        part.text = part.text[: kids.start()] + b"/Kids[" + listed + b"]" + part.text[kids.end() :]
        part.text = re.sub(rb"/Count\s+\d+", b"/Count %d" % len(pages), part.text)


def nest_pages(skeleton: Skeleton, rng: random.Random) -> None:
    """A tree of pages as deep as a well, or resources that hold themselves."""
    tree = _tree(skeleton)
    if tree is None:
        return
    inner = skeleton.add(Part(skeleton.parts[tree].text))
    for _ in range(rng.choice((10, 200, 3_000))):
        inner = skeleton.add(Part(b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % inner))
    skeleton.parts[tree].text = b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % inner
    for number in _some(rng, skeleton.pages, 1):
        depth = rng.choice((10, 100_000))
        skeleton.parts[number].text = (
            skeleton.parts[number].text[:-2] + b"/PieceInfo" + b"[" * depth + b"]" * depth + b">>"
        )


def loop_pages(skeleton: Skeleton, rng: random.Random) -> None:
    """Pages that are their own ancestors."""
    tree = _tree(skeleton)
    if tree is None:
        return
    part, pages = skeleton.parts[tree], [number for number in skeleton.pages if number != tree]
    if rng.random() < 0.5 or not pages:
        part.text = re.sub(rb"/Kids\s*\[", lambda _: b"/Kids[%d 0 R " % tree, part.text, count=1)
    else:
        middle = skeleton.add(Part(b"<</Type/Pages/Count 9/Parent %d 0 R/Kids[%d 0 R]>>" % (tree, tree)))
        part.text = re.sub(rb"/Kids\s*\[", lambda _: b"/Kids[%d 0 R " % middle, part.text, count=1)
        looped = skeleton.parts[rng.choice(pages)]
        looped.text = re.sub(rb"/Parent \d+ 0 R", b"/Parent %d 0 R" % rng.choice(pages), looped.text)


def change_boxes(skeleton: Skeleton, rng: random.Random) -> None:
    """Pages of no size, of any size, turned by any angle."""
    for number in _some(rng, skeleton.pages, 20):
        part = skeleton.parts[number]
        box = rng.choice(_BOXES)
        text = re.sub(rb"/(?:Media|Crop)Box\s*(?:\[[^\]]*\]|\d+ 0 R)", b"", part.text)
        extra = rng.choice((b"", b"/CropBox" + rng.choice(_BOXES), b"/UserUnit " + rng.choice(_NUMBERS)))
        part.text = (
            text[:-2] + b"/MediaBox" + box + extra + b"/Rotate " + rng.choice((b"0", b"90", b"180", b"37")) + b">>"
        )


def change_counts(skeleton: Skeleton, rng: random.Random) -> None:
    """More or fewer pages said than there are."""
    for part in skeleton.parts.values():
        if b"/Count" in part.text:
            part.text = re.sub(rb"/Count\s+-?\d+", b"/Count " + rng.choice(_NUMBERS), part.text)


def damage_fonts(skeleton: Skeleton, rng: random.Random) -> None:
    """Font programs, encodings, widths and names."""
    fonts = [part for part in skeleton.parts.values() if b"/Font" in part.text or b"/Length1" in part.text]
    for part in _some(rng, fonts, 6):
        data = part.unpacked()
        if data:
            changed = bytearray(data)
            for _ in range(rng.choice((1, 20, 400))):
                changed[rng.randrange(len(changed))] = rng.randrange(256)
            part.pack(bytes(changed))
        else:
            keys = rb"/(?:ToUnicode|Encoding|Widths|W|DescendantFonts|FontDescriptor|Subtype|BaseFont)\b"
            part.text = re.sub(keys, lambda match: rng.choice((match[0], b"/Gone", b"/FirstChar")), part.text)


def change_characters(skeleton: Skeleton, rng: random.Random) -> None:
    """What letters mean: turned writing, control characters, halves of characters, hundreds at once."""
    maps = [part for part in skeleton.parts.values() if b"beginbf" in (part.unpacked() or b"")]
    if not maps:
        _add_maps(skeleton, rng)
    for part in _some(rng, maps, 4):
        data = part.unpacked() or b""
        share = rng.choice((0.02, 0.3, 1.0))
        targets = re.compile(rb"(?<=> )?<([0-9A-Fa-f]{4,})>(?=\s*\n)")

        def other(match: re.Match[bytes], share: float = share) -> bytes:
            return b"<" + rng.choice(_ODD_CHARACTERS).encode() + b">" if rng.random() < share else match[0]

        part.pack(targets.sub(other, data))


def _add_maps(skeleton: Skeleton, rng: random.Random) -> None:
    """Maps for fonts that have none, of some letters."""
    for font in [part for part in skeleton.parts.values() if re.search(rb"/Type\s*/Font\b", part.text)]:
        codes = rng.sample(range(32, 127), rng.choice((1, 20)))
        lines = b"".join(b"<%02X> <%s>\n" % (code, rng.choice(_ODD_CHARACTERS).encode()) for code in codes)
        text = b"1 begincodespacerange <00> <FF> endcodespacerange\n%d beginbfchar\n%sendbfchar" % (len(codes), lines)
        number = skeleton.add(Part(b"<</Length 0>>", b"begincmap\n" + text + b"\nendcmap"))
        font.text = font.text[:-2] + b"/ToUnicode %d 0 R>>" % number


def plant_bomb(skeleton: Skeleton, rng: random.Random) -> None:
    """Kilobytes that unpack to many megabytes, as content, or as what a page refers to again and again."""
    size = rng.choice((20, 100)) * 2**20
    filler = rng.choice((b" ", b"q ", b"0 0 m ", b"BT (a) Tj ET ", b"\x00"))
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(filler * (2**20 // len(filler))) for _ in range(size // 2**20)) + packer.flush()
    bomb = skeleton.add(Part(b"<</Filter/FlateDecode/Length 0>>", packed))
    for number in _some(rng, skeleton.pages, 1):
        part = skeleton.parts[number]
        again = rng.choice((1, 20))
        text = re.sub(rb"/Contents\s*(?:\[[^\]]*\]|\d+ 0 R)", b"", part.text)
        part.text = text[:-2] + b"/Contents[" + b"%d 0 R " % bomb * again + b"]>>"


def draw_itself(skeleton: Skeleton, rng: random.Random) -> None:
    """Forms that draw each other: endlessly, or two to the power of many times."""
    depth = rng.choice((0, 12, 40))
    first = max(skeleton.parts) + 1
    for level in range(depth + 1):
        target = first if depth == 0 else min(first + level + 1, first + depth)
        content = b"/F Do /F Do " if level < depth or depth == 0 else b"BT ET "
        resources = b"/Resources<</XObject<</F %d 0 R>>>>" % target
        skeleton.add(Part(b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]" + resources + b"/Length 0>>", content))
    content_number = skeleton.add(Part(b"<</Length 0>>", b"/F Do"))
    for number in _some(rng, skeleton.pages, 1):
        part = skeleton.parts[number]
        text = re.sub(rb"/(?:Contents|Resources)\s*(?:\[[^\]]*\]|\d+ 0 R|<<.*?>>)", b"", part.text)
        own = b"/Resources<</XObject<</F %d 0 R>>>>/Contents %d 0 R" % (first, content_number)
        part.text = text[:-2] + own + b">>"


def _is_content(part: Part) -> bool:
    data = part.unpacked()
    return data is not None and (b" Tf" in data or b" cm" in data or b" Td" in data)


def _tree(skeleton: Skeleton) -> int | None:
    """The number of the uppermost node of pages that is found."""
    found = [number for number, part in skeleton.parts.items() if re.search(rb"/Type\s*/Pages\b", part.text)]
    roots = [number for number in found if b"/Parent" not in skeleton.parts[number].text]
    return next(iter(roots or found), None)


def _replaced(
    pattern: re.Pattern[bytes], text: bytes, rng: random.Random, choices: tuple[bytes, ...] | list[bytes]
) -> bytes:
    """The text with one to three of the pattern's matches replaced."""
    found = list(pattern.finditer(text))
    for match in sorted(_some(rng, found, 3), key=lambda each: -each.start()):
        text = text[: match.start()] + b" " + rng.choice(choices) + text[match.end() :]
    return text


def _some(rng: random.Random, items: list[T], most: int) -> list[T]:
    """One or more of the items, at most ``most``."""
    return rng.sample(items, min(len(items), rng.randint(1, most)))
