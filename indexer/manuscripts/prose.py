"""Text without markup: paragraphs parted by blank lines, headings by their look."""

from __future__ import annotations

import re

from indexer.manuscripts.flow import Flow
from indexer.manuscripts.typed import typed_marks

_BLOCK = re.compile(r"[^\n]*\S[^\n]*(?:\n[^\n]*\S[^\n]*)*")
_NAMED = re.compile(
    r"(?:\d+\.?\s+)?(?:abstract|summary|introduction|background|related work|literature review|methods?|methodology|"
    r"materials and methods|data|experiments?|results?|results and discussion|discussion|limitations|conclusions?|"
    r"acknowledge?ments?|references|bibliography|literature|works cited|appendix)[.:]?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?:\d{1,2}(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.)\s+[A-Z][^.!?]{1,120}")
_TITLE_CHARS = 200
_TITLE_WORDS = 3


def read_prose(text: str, flow: Flow) -> None:
    """Read a source into a flow."""
    first = True
    for match in _BLOCK.finditer(text):
        start, end = match.span()
        line = match[0].strip()
        alone = "\n" not in line and len(line) <= _TITLE_CHARS
        heading = alone and (_NAMED.fullmatch(line) or _NUMBERED.fullmatch(line))
        title = alone and first and not heading and _is_title(line, text, end)
        first = False
        if heading or title:
            flow.open("heading")
        flow.text(match[0], start, end)
        if heading or title:
            flow.close()
        if title:
            flow.title = line
        elif heading:
            level = 1 + line.split(" ")[0].rstrip(".").count(".")
            flow.heading(line.rstrip(".:"), level=level, start=start, end=end)
        flow.end_block()


def _is_title(line: str, text: str, end: int) -> bool:
    """A first line alone that is no sentence, with text behind it."""
    plain = line[-1] not in ".!?:;,]})" and "[" not in line and "\\" not in line
    marked = any(True for _ in typed_marks(line, numbered=True))
    return plain and not marked and len(line.split()) >= _TITLE_WORDS and _BLOCK.search(text, end) is not None
