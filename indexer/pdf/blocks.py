"""Lines to paragraphs, items of lists, equations, captions and footnotes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from core.records import PassageKind
from indexer.pdf.formulas import equation_number, find_formulas
from indexer.pdf.geometry import Line, common

_CAPTION = re.compile(
    r"^((?i:(?:extended data |supplementary )?(?:fig(?:ure|\.)?|table|tab\.|algorithm|listing|scheme|box|plate|exhibit|"
    r"chart|video|map|abbildung|abb\.|tabelle|tableau|figura|tabla|рис(?:\.|унок)|таблица|図|表|图|그림|표))\s*"
    r"(?:S?\d{1,3}(?:\.\d{1,3})?[a-z]?|[IVX]{1,5}|[A-Z]\.?\d{0,2}))\s*(?:[.:|–—-]|\s[^\W\da-zа-я]|$)"
)
_BULLET = re.compile(r"^(?:[•‣◦▪–—∙·●○■□➢✓*]\s|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s|\[\s?\]\s)")
_NOTE_MARK = re.compile(r"^(?:\d{1,3}|[*†‡§¶∗])(?=\s?[A-Zh“(])")
_NOTE_LABEL = re.compile(r"^(\d{1,3}|[*†‡§¶∗]{1,3}|[a-z](?=\s))")
_TERMINAL = re.compile(r"[.!?:;]['\"”’)\]]*$")
_WORD = re.compile(r"[^\W\d_]{2,}")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
"""Scripts that are written without spaces, or of which two signs make a word."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one paragraph, item, equation, caption or footnote, in reading order.

    ``label`` is the printed name of what a caption tells of, the mark of a footnote or the number of an equation.
    """

    kind: PassageKind
    lines: tuple[Line, ...]
    label: str = ""


def is_caption(text: str) -> bool:
    """True when a line begins like the caption of a figure or table."""
    return bool(_CAPTION.match(text))


def make_blocks(lines: Sequence[Line], *, body: float) -> list[Block]:
    """Group the lines between two headings.

    Args:
        lines: In reading order, without headings.
        body: Size of the running text, in points.

    Returns:
        Paragraphs, items and equations in reading order; captions and footnotes follow the text that they interrupt.
        What reads neither as prose nor as an equation (cells of tables, labels of plots) is left out.
    """
    pitch = line_pitch(lines, body)
    main: list[Block] = []
    aside: list[Block] = []
    current: list[Line] = []
    for kind, group in _kinds(lines, body, pitch):
        if kind != "paragraph":
            aside.append(Block(kind, tuple(group), _label(kind, group)))
            continue
        formulas = {position: run for run in find_formulas(group, pitch=pitch) for position in run}
        for index, line in enumerate(group):
            if index in formulas:
                if index == formulas[index].start:
                    _close(main, current)
                    shown = tuple(group[position] for position in formulas[index])
                    main.append(Block("equation", shown, equation_number(shown)))
                continue
            if current and starts_paragraph(current, line, pitch=pitch, interrupted=index == 0):
                _close(main, current)
            current.append(line)
    _close(main, current)
    return [block for block in (*main, *aside) if reads_as_text(block.lines, kind=block.kind)]


def _close(blocks: list[Block], current: list[Line]) -> None:
    """Make a block of the lines gathered, and begin anew."""
    if current:
        blocks.append(Block("list" if is_item(current[0].text) else "paragraph", tuple(current)))
        current.clear()


def _label(kind: PassageKind, lines: Sequence[Line]) -> str:
    pattern = _CAPTION if kind == "caption" else _NOTE_LABEL
    match = pattern.match(lines[0].text)
    return " ".join(match[1].split()) if match else ""


def is_item(text: str) -> bool:
    """True when a line begins like an item of a list."""
    return bool(_BULLET.match(text))


def line_pitch(lines: Sequence[Line], body: float) -> float:
    """The usual distance of two baselines of running text, in points."""
    distances = [
        (after.baseline - before.baseline, 1)
        for before, after in pairwise(lines)
        if after.column == before.column and 0.7 * body < after.baseline - before.baseline < 3 * body
    ]
    return common(distances, step=0.5) or 1.2 * body


def starts_paragraph(current: Sequence[Line], line: Line, *, pitch: float, interrupted: bool = False) -> bool:
    """Decide whether a line opens a new paragraph after the lines of the current one.

    ``interrupted``: a figure or footnote stands between them, so that their distance says nothing.
    """
    last = current[-1]
    if is_item(line.text):
        return True
    if interrupted or line.column != last.column:
        return not _goes_over(last, line)
    gap = line.baseline - last.baseline
    if gap > 1.35 * max(pitch, 1.1 * last.size) or gap < -0.5 * pitch:
        return True
    if abs(line.size - last.size) > 0.12 * max(line.size, last.size):
        return True
    indent = line.x0 - last.x0
    if 0.7 * line.size < indent < 6 * line.size and not _hangs(current):
        # The first line of a list's item or of a hanging paragraph is followed by an indented one that goes on.
        return not (len(current) == 1 and is_item(current[0].text))
    short = last.x1 < last.right - max(4.0 * last.size, 0.12 * (last.right - last.left))
    return short and bool(_TERMINAL.search(last.text)) and line.text[:1].isupper() and gap > 1.08 * pitch


def _hangs(current: Sequence[Line]) -> bool:
    """True when the paragraph's lines after the first are indented."""
    return len(current) >= 2 and current[1].x0 - current[0].x0 > 0.7 * current[0].size


def _goes_over(last: Line, line: Line) -> bool:
    """True when a paragraph goes on in the next column or page."""
    if abs(line.size - last.size) > 0.12 * last.size:
        return False
    if line.text[:1].islower() or last.text.endswith(("-", ",", ";", "(", "[", "\u00ad")):
        return True
    indented = line.x0 - line.left > 0.7 * line.size
    full = last.x1 > last.right - 2.0 * last.size
    return full and not indented and not _TERMINAL.search(last.text)


def _kinds(lines: Sequence[Line], body: float, pitch: float) -> list[tuple[PassageKind, list[Line]]]:
    """Runs of lines of one kind. A caption ends at a gap or a change of size; a footnote with its column."""
    tagged: list[tuple[int, PassageKind, Line]] = []
    kind: PassageKind = "paragraph"
    run = 0
    for index, line in enumerate(lines):
        last = lines[index - 1] if index else None
        broken = last is None or line.column != last.column or abs(line.size - last.size) > 0.06 * body
        gap = line.baseline - last.baseline if last is not None and not broken else 2 * pitch
        wide_gap = gap > 1.3 * max(1.05 * line.size, min(pitch, 1.5 * line.size))
        if is_caption(line.text) and (broken or wide_gap):
            kind, run = "caption", run + 1
        elif _is_note(line, body) and (broken or wide_gap or kind == "footnote"):
            kind, run = "footnote", run + 1
        elif kind != "paragraph" and (broken or (kind == "caption" and wide_gap)):
            kind, run = "paragraph", run + 1
        tagged.append((run, kind, line))
    return [
        (items[0][1], [item[2] for item in items])
        for _, group in groupby(tagged, lambda t: t[0])
        if (items := [*group])
    ]


def _is_note(line: Line, body: float) -> bool:
    if line.size > 0.93 * body:
        return False
    first = line.spans[0]
    marked = first.raised > 0 and len(first.text.strip()) <= 3
    return marked or bool(_NOTE_MARK.match(line.text))


def reads_as_text(lines: Sequence[Line], *, kind: PassageKind = "paragraph") -> bool:
    """True for prose; False for the remains of equations, plots and tables."""
    text = " ".join(line.text for line in lines)
    words = _WORD.findall(text)
    letters = sum(len(word) for word in words)
    if kind == "equation":
        return True
    if kind not in ("paragraph", "list"):
        return letters >= 3
    dense = letters / max(1, len(text.replace(" ", "")))
    if len(words) + len(_UNSPACED.findall(text)) // 2 < 3 or dense < 0.5:
        return False
    # Cells: many rows of a word or two, none of which fills its column.
    if len(lines) >= 4:
        filled = sum(1 for line in lines if line.width > 0.5 * (line.right - line.left) or len(line.text) > 35)
        return filled >= 0.3 * len(lines)
    return True
