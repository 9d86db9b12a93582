"""Corpora of full papers, one JSON object a line, read into the Documents that every other source becomes.

Two schemas are understood, told apart by their fields: ``secs`` (sections of paragraphs whose mentions name several
references, authors of references in one string) and ``paras`` (paragraphs with the path of their section, mentions of
one reference each, authors of references in a list).
"""

from __future__ import annotations

import html
import json
import logging
import lzma
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

from core.errors import InputError
from core.records import Author, Document, Mention, Passage, PassageKind, Reference, Section
from core.sentences import sentence_spans
from core.text import clean, title_key
from indexer.references.names import split_name
from indexer.references.people import read_people

_LOG = logging.getLogger(__name__)
_NUMBER = re.compile(r"^((?:\d{1,2}|[A-Z])(?:\.\d{1,2}){0,4})\.?\s+(?=\S)")
_PATH = re.compile(r"\s+/\s+")
_GAP = 2
_LINE_CHARS = 50_000_000
_BAD_SHARE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePaper:
    """A paper to learn from; ``id`` is unique within its ``source``."""

    id: str
    source: str
    licence: str
    document: Document


def read_papers(path: Path, *, every: int = 1) -> Iterator[SourcePaper]:
    """Read a corpus file, plain or compressed by xz, one paper at a time; of every ``every`` lines the last alone.

    A line that cannot be read is counted and left out, as long as these are rare.

    Raises:
        InputError: The file is missing, is no such corpus, or has more than one bad line in a hundred.
    """
    source = path.name.split(".jsonl")[0]
    papers = bad = 0
    with _opened(path) as lines:
        for number, line in enumerate(_bounded(lines, path), start=1):
            if not line.strip() or number % every:
                continue
            try:
                yield _paper(json.loads(line), source)
                papers += 1
            except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
                bad += 1
                _LOG.warning("%s:%d: not a paper of this schema (%s)", path.name, number, type(error).__name__)
                if bad > 1 + _BAD_SHARE * number:
                    raise InputError(
                        f"{path}:{number}: {bad} of {number} lines are not papers",
                        hint="One JSON object a line, with title, refs, and secs or paras.",
                    ) from error
    if bad and not papers:
        raise InputError(f"{path}: holds no paper", hint="One JSON object a line, with title, refs, and secs or paras.")


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8") as lines:
            yield lines
    except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: cannot be read ({type(error).__name__})", hint="Name a .jsonl or .jsonl.xz file."
        ) from error


def _bounded(lines: TextIO, path: Path) -> Iterator[str]:
    while line := lines.readline(_LINE_CHARS + 1):
        if len(line) > _LINE_CHARS:
            raise InputError(f"{path}: a line of more than {_LINE_CHARS:,} characters", hint="One paper a line.")
        yield line


def _paper(record: dict[str, Any], source: str) -> SourcePaper:
    body = _Body()
    references = tuple(_reference(index, each) for index, each in enumerate(record["refs"]))
    title, abstract = _text(record["title"]), _text(record.get("abstract"))
    if not title and not references:
        raise ValueError("a paper without title and references")
    by_sections = "secs" in record
    if abstract and not (by_sections and any(title_key(heading) == "abstract" for heading, _ in record["secs"])):
        body.add(abstract, (), kind="abstract")
    for path, paragraph, mentions in _by_sections(record) if by_sections else _by_paragraphs(record):
        if by_sections and title_key(path[0]) in ("", title_key(title)):
            continue  # what stands below the title before the abstract: names and addresses
        body.enter(path, numbered=by_sections)
        body.add(paragraph, _within(mentions, paragraph, len(references)), kind=_kind(path))
    document = Document(
        title=title,
        page_count=0,
        authors=tuple(split_name(clean(str(name))) for name in record.get("authors") or () if str(name).strip()),
        abstract=abstract,
        year=_year(record.get("year")),
        doi=str(record.get("doi") or ""),
        keywords=tuple(_text(word) for word in record.get("keywords") or ()),
        sections=body.closed_sections(),
        passages=tuple(body.passages),
        references=references,
        mentions=tuple(body.mentions),
    )
    licence = str(record.get("license") or "")
    return SourcePaper(id=str(record["id"]), source=source, licence=licence, document=document)


_Span = tuple[int, int, tuple[int, ...]]
_Paragraph = tuple[tuple[str, ...], str, list[_Span]]


def _by_sections(record: dict[str, Any]) -> Iterator[_Paragraph]:
    for heading, paragraphs in record["secs"]:
        for text, mentions in paragraphs:
            yield (_text(heading),), text, [(start, end, tuple(cited)) for start, end, cited in mentions]


def _by_paragraphs(record: dict[str, Any]) -> Iterator[_Paragraph]:
    for path, text, mentions in record["paras"]:
        headings = tuple(_text(part) for part in _PATH.split(path) if part.strip())
        yield headings, text, [(start, end, (cited,)) for start, end, cited in mentions]


def _within(mentions: list[_Span], text: str, references: int) -> tuple[_Span, ...]:
    """The mentions in order that lie in the text, do not overlap and name entries of the list."""
    kept: list[_Span] = []
    position = 0
    for start, end, cited in sorted(mentions):
        known = tuple(dict.fromkeys(index for index in cited if 0 <= index < references))
        if known and position <= start < end <= len(text):
            kept.append((start, end, known))
            position = end
    return tuple(kept)


def _kind(path: tuple[str, ...]) -> PassageKind:
    return "abstract" if len(path) == 1 and title_key(path[0]) == "abstract" else "paragraph"


def _reference(index: int, record: dict[str, Any]) -> Reference:
    names = record.get("authors") or ""
    authors = read_people(_text(names)) if isinstance(names, str) else tuple(_listed(names))
    title, venue = _text(record.get("title")), _text(record.get("venue"))
    return Reference(
        index=index,
        raw=_text(record.get("raw")) or f"{'; '.join(author.name for author in authors)}. {title}. {venue}",
        page=0,
        authors=authors,
        title=title,
        venue=venue,
        year=_year(record.get("year")),
        doi=str(record.get("doi") or ""),
    )


def _listed(names: list[object]) -> Iterator[Author]:
    for name in names:
        if text := _text(name):
            yield split_name(text)


def _year(value: object) -> int | None:
    match = re.search(r"\b(?:1[5-9]|20)\d\d\b", str(value or ""))
    return int(match[0]) if match else None


def _text(value: object) -> str:
    return clean(html.unescape(str(value or "")))


@dataclass(slots=True)
class _Body:
    """Sections, passages and mentions as they grow, over one running text."""

    passages: list[Passage] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    open: list[tuple[str, int]] = field(default_factory=list)
    """Headings of the section at hand and those around it, each with the index of its section."""
    ends: dict[int, int] = field(default_factory=dict)
    position: int = 0

    def enter(self, path: tuple[str, ...], *, numbered: bool) -> None:
        """Open the sections of a path that are not open yet; ``numbered`` when headings bring their number."""
        common = 0
        while common < min(len(path), len(self.open)) and self.open[common][0] == path[common]:
            common += 1
        del self.open[common:]
        for depth, heading in enumerate(path[common:], start=common):
            number = _NUMBER.match(heading) if numbered else None
            index = len(self.sections)
            self.sections.append(
                Section(
                    index=index,
                    heading=heading[number.end() :] if number else heading,
                    level=number[1].count(".") + 1 if number else depth + 1,
                    page=0,
                    start=self.position,
                    end=self.position,
                    number=number[1] if number else "",
                    parent=self.open[-1][1] if self.open else None,
                )
            )
            self.open.append((heading, index))

    def add(self, text: str, mentions: tuple[_Span, ...], *, kind: PassageKind) -> None:
        """Append a paragraph; its mentions move along with what cleaning takes out."""
        pieces, spans = _cleaned(text, mentions)
        whole = "".join(pieces).rstrip()
        if not whole:
            return
        start, section = self.position, self.open[-1][1] if self.open else None
        sentences = sentence_spans(whole) if spans else []
        for first, last, cited in spans:
            sentence = next((whole[a:b] for a, b in sentences if a <= first < b), whole)
            self.mentions.append(
                Mention(
                    reference_indices=cited, text=whole[first:last], sentence=sentence, start=start + first,
                    end=start + last, page=0, section=section,
                )
            )  # fmt: skip
        end = start + len(whole)
        self.passages.append(
            Passage(
                index=len(self.passages), text=whole, page=0, start=start, end=end, boxes=(), kind=kind, section=section
            )
        )
        for _, index in self.open:
            self.ends[index] = end
        self.position = end + _GAP

    def closed_sections(self) -> tuple[Section, ...]:
        """The sections with their ends known."""
        return tuple(replace(each, end=max(each.end, self.ends.get(each.index, 0))) for each in self.sections)


def _cleaned(text: str, mentions: tuple[_Span, ...]) -> tuple[list[str], list[_Span]]:
    """The pieces of a text between and at its mentions, cleaned, and where the mentions came to lie."""
    pieces: list[str] = []
    spans: list[_Span] = []
    length = position = 0

    def take(piece: str) -> int:
        nonlocal length
        kept = _text(piece)
        if piece[:1].isspace() and length and not pieces[-1].endswith(" "):
            kept = f" {kept}"
        if piece[-1:].isspace() and kept.strip():
            kept += " "
        pieces.append(kept)
        length += len(kept)
        return len(kept)

    for start, end, cited in mentions:
        take(text[position:start])
        size = take(text[start:end].strip())
        if size:
            spans.append((length - size, length, cited))
        position = end
    take(text[position:])
    return pieces, spans
