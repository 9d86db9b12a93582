"""Contrast of two colours as WCAG 2 reckons it."""

from __future__ import annotations

import re

Rgb = tuple[float, float, float]
AA_TEXT = 4.5


def contrast(first: Rgb, second: Rgb) -> float:
    """From 1 (the same) to 21 (black on white)."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def of_hex(code: str) -> Rgb:
    """``#3f7bb0`` to its shares of red, green and blue, each from 0 to 255."""
    return (float(int(code[1:3], 16)), float(int(code[3:5], 16)), float(int(code[5:7], 16)))


def of_css(code: str, *, over: Rgb = (255.0, 255.0, 255.0)) -> Rgb:
    """``rgb(…)`` or ``rgba(…)`` as a browser computes it, laid over another colour."""
    numbers = [float(number) for number in re.findall(r"[\d.]+", code)]
    share = numbers[3] if len(numbers) > 3 else 1.0
    red, green, blue = (share * top + (1 - share) * below for top, below in zip(numbers[:3], over, strict=True))
    return (red, green, blue)


def _luminance(colour: Rgb) -> float:
    shares = [_linear(part / 255.0) for part in colour]
    return 0.2126 * shares[0] + 0.7152 * shares[1] + 0.0722 * shares[2]


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
