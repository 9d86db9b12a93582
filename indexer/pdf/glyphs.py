"""Repairs of extracted characters: accents beside their letters, ligatures, superscript digits."""

from __future__ import annotations

import re
import unicodedata

_COMBINING = {
    "´": "\u0301", "¨": "\u0308", "ˆ": "\u0302", "˜": "\u0303", "ˇ": "\u030c", "˘": "\u0306", "˙": "\u0307",
    "˚": "\u030a", "˝": "\u030b", "¯": "\u0304", "`": "\u0300",
}  # fmt: skip
_ACCENT_FIRST = re.compile(r"([´¨ˆ˜ˇ˘˙˚˝¯]|(?<=[^\W\d_])`(?=[aeiouıAEIOU])) ?([^\W\d_])")
_CEDILLA = re.compile(r"([cCsStT])¸|¸([cCsStT])")
_DOTLESS = re.compile(r"[ıȷ](?=[\u0300-\u036f])")
_SUPERSCRIPTS = str.maketrans("0123456789+-–—−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁻")
_PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_SPACES = re.compile(r" {2,}")
_TEX_CODES = {
    "\x0b": "ff", "\x0c": "fi", "\x0d": "fl", "\x0e": "ffi", "\x0f": "ffl",
    "\x1b": "ff", "\x1c": "fi", "\x1d": "fl", "\x1e": "ffi", "\x1f": "ffl",
    "\x10": "“", "\x11": "”", "\x15": "–", "\x16": "—", "\x7f": "-",
}  # fmt: skip
"""Bitmap fonts of TeX name no characters: what comes out are positions in its OT1 and T1 encodings."""
_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\u00a0": " ", "\u2002": " ",
     "\u2003": " ", "\u2009": " ", "\u200a": " ", "\u202f": " ", "\u200b": "", "\ufeff": "", "\u2060": "", "\t": " "}
    | _TEX_CODES
)  # fmt: skip


def repair(text: str) -> str:
    """Open ligatures, put accents on their letters, drop what cannot be shown; single spaces are kept at the ends."""
    text = _SPACES.sub(" ", text.translate(_LIGATURES))
    if text.isascii() and "`" not in text:
        return text if text.isprintable() else _printable(text)
    text = _ACCENT_FIRST.sub(_compose, text)
    text = _DOTLESS.sub(lambda match: "i" if match[0] == "ı" else "j", text)
    text = _CEDILLA.sub(lambda match: (match[1] or match[2]) + "\u0327", text)
    return _printable(unicodedata.normalize("NFC", text))


def _compose(match: re.Match[str]) -> str:
    letter = {"ı": "i", "ȷ": "j"}.get(match[2], match[2])
    composed = unicodedata.normalize("NFC", letter + _COMBINING[match[1]])
    return composed if len(composed) == 1 else match[0]


def _printable(text: str) -> str:
    # A soft hyphen is kept: where it ends a line it is the hyphen of a divided word.
    return "".join(
        char for char in text if char == "\u00ad" or unicodedata.category(char) not in ("Cc", "Cs", "Co", "Cn", "Cf")
    )


def superscript(text: str) -> str:
    """Digits and dashes as raised characters; a text with letters is returned as it is."""
    return text if any(char.isalpha() for char in text) else text.translate(_SUPERSCRIPTS)


def lowered(text: str) -> str:
    """The reverse of ``superscript``, of equal length."""
    return text.translate(_PLAIN)
