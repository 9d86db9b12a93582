"""Text that a converter took for dingbats: characters named a97, a98, … after their code.

Bitmap fonts made by dvips name their characters so, and a PDF library looks the names up among those of ITC Zapf
Dingbats, where a97 is a heavy quotation mark.
"""

from __future__ import annotations

# Numbers of the names in the order of the font's code chart, from U+2701 and from U+2761.
# Source: Adobe, "ITC Zapf Dingbats Glyph List" 2.0 (2002).
_FIRST = (
    "1 2 202 3 4 5 119 118 117 11 12 13 14 15 16 105 17 18 19 20 21 22 23 24 25 26 27 28 6 7 8 9 10 29 30 31 32 33 34 "
    "35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 70 71 "
    "72 73 74 203 75 204 76 77 78 79 81 82 83 84 97 98 99 100"
)
_SECOND = "101 102 103 104 106 107 108 112 111 110 109 120 121 122 123 124 125 126"
_ELSEWHERE = {
    "4": 0x260E, "11": 0x261B, "12": 0x261E, "35": 0x2605, "71": 0x25CF, "73": 0x25A0, "76": 0x25B2, "77": 0x25BC,
    "78": 0x25C6, "81": 0x25D7, "112": 0x2663, "111": 0x2666, "110": 0x2665, "109": 0x2660, "120": 0x2460,
    "121": 0x2461, "122": 0x2462, "123": 0x2463, "124": 0x2464, "125": 0x2465, "126": 0x2466,
}  # fmt: skip
_BRACKETS = "89 90 93 94 91 92 205 85 206 86 87 88 95 96"
_TEX = {
    16: "“", 17: "”", 18: "„", 21: "–", 22: "—", 25: "ı", 27: "ff", 28: "fi", 29: "fl", 30: "ffi", 31: "ffl", 39: "’",
    96: "‘", 127: "-",
}  # fmt: skip
"""Codes of TeX's T1 encoding that are no ASCII."""


_CAPITALS = dict(enumerate("ĂĄĆČĎĚĘĞĹĽŁŃŇŊŐŔŘŚŠŞŤŢŰŮŸŹŽŻĲİđ§", 0x80))
"""The second half of the T1 encoding, as far as no printed character of another one stands there."""


def _table() -> dict[int, str]:
    table: dict[int, str] = {}
    for start, names in ((0x2701, _FIRST), (0x2761, _SECOND), (0x2768, _BRACKETS)):
        for offset, name in enumerate(names.split()):
            code = int(name)
            if code in _TEX or 33 <= code <= 126:
                table[_ELSEWHERE.get(name, start + offset)] = _TEX.get(code, chr(code))
    return table


_LETTERS: dict[int, str] = _table() | _CAPITALS


def without_dingbats(text: str) -> str:
    """The letters that were meant; for text in a bitmap font, which has no dingbats of its own."""
    return text if text.isascii() else text.translate(_LETTERS)
