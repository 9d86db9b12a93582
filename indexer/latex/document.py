"""What was read becomes a Document: marks are resolved, blocks cut to passages, citations placed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.identifiers import find_arxiv_id, find_doi
from core.records import Document, Mention, Passage, Section
from core.sentences import sentence_spans
from core.text import clean
from indexer.latex import front
from indexer.latex.bibliography import ReferenceList
from indexer.latex.citing import FORMS, Form
from indexer.latex.flow import CITE, MARK, Block, CrossReference
from indexer.latex.markers import Marker, marker
from indexer.latex.reader import Reader
from indexer.pdf.passages import cut

_MAX_BLOCK_CHARS = 20_000
_MAX_SENTENCE_CHARS = 2_000
"""Kept of a sentence before and after a citation; longer ones are lists, or no sentences."""
_WORDS = {"section": "Section", "subsection": "Section", "chapter": "Chapter", "part": "Part", "figure": "Figure",
          "table": "Table", "equation": "Equation", "appendix": "Appendix", "algorithm": "Algorithm", "item": "item",
          "subfigure": "Figure", "subtable": "Table", "footnote": "footnote", "listing": "Listing"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A citation in the text of a block: half-open span and the entries it names."""

    start: int
    end: int
    marker: Marker
    form: Form


@dataclass(frozen=True, slots=True)
class Text:
    """A block's text as it is read, with the citations in it."""

    text: str
    places: tuple[Place, ...]


def make_document(reader: Reader, references: ReferenceList, *, file_title: str) -> Document:
    """Put together what the reader found."""
    blocks = [block for block in reader.flows[0].blocks if block.text.strip()]
    blocks = [*(block for block in blocks if block.kind == "abstract"), *(b for b in blocks if b.kind != "abstract")]
    texts = [_resolve(block.text, reader, references) for block in blocks]
    passages, mentions = _passages(blocks, texts)
    authors, affiliations = front.authors_of(reader)
    title = _plain(front.title_of(reader), reader, references)
    abstract = clean(" ".join(text.text for block, text in zip(blocks, texts, strict=True) if block.kind == "abstract"))
    stated = f"{front.doi_of(reader)} {front.preprint_of(reader)}"
    return Document(
        title=title or file_title,
        page_count=0,
        authors=authors,
        affiliations=affiliations,
        abstract=abstract,
        year=front.year_of(reader),
        venue=front.venue_of(reader),
        doi=find_doi(stated),
        arxiv_id=find_arxiv_id(stated) or find_arxiv_id(front.preprint_of(reader)),
        keywords=front.keywords_of(reader),
        sections=_sections(reader, references, passages),
        passages=passages,
        references=tuple(entry.reference for entry in references.entries),
        mentions=mentions,
        notices=tuple(reader.notices),
    )


def _resolve(text: str, reader: Reader, references: ReferenceList) -> Text:
    """Replace marks by what they print."""
    parts: list[str] = []
    length = 0
    found: list[Place] = []
    position = 0
    source = clean_keeping_marks(text)
    for match in MARK.finditer(source):
        before = source[position : match.start()]
        parts.append(before)
        length += len(before)
        position = match.end()
        if source[match.start()] == CITE:
            cite = reader.cites[int(match[1])]
            shown = marker(cite, references)
            start = length
            parts.append(shown.text)
            length += len(shown.text)
            if shown.reference_indices:
                found.append(Place(start, length, shown, FORMS.get(cite.command, "parenthesis")))
        else:
            shown_reference = _reference_text(reader.references[int(match[1])], reader)
            parts.append(shown_reference)
            length += len(shown_reference)
    parts.append(source[position:])
    resolved = "".join(parts)
    places: list[Place] = []
    for place in found:
        if places and _belongs(places[-1], place, resolved):
            places[-1] = Place(places[-1].start, place.end, place.marker, place.form)
        else:
            places.append(place)
    return Text(resolved, tuple(places))


def clean_keeping_marks(text: str) -> str:
    """``core.text.clean``, but for the marks."""
    pieces: list[str] = []
    position = 0
    for match in MARK.finditer(text):
        pieces.append(_clean_inner(text[position : match.start()]))
        pieces.append(match[0])
        position = match.end()
    pieces.append(_clean_inner(text[position:]))
    return "".join(pieces).strip()


def _clean_inner(text: str) -> str:
    cleaned = clean(text)
    if not cleaned:
        return " " if text else ""
    before = " " if text[0].isspace() or ord(text[0]) < 32 else ""
    after = " " if text[-1].isspace() or ord(text[-1]) < 32 else ""
    return f"{before}{cleaned}{after}"


def _belongs(last: Place, place: Place, text: str) -> bool:
    """True for a year right behind the authors of the same work: the two commands are one citation."""
    return (
        last.form == "author"
        and place.form in ("year", "year_parenthesis")
        and last.marker.reference_indices == place.marker.reference_indices
        and not text[last.end : place.start].strip(" ,(")
    )


def _reference_text(reference: CrossReference, reader: Reader) -> str:
    form = reference.form
    if form in ("pageref", "cpageref", "nameref"):
        return "??"
    targets = [reader.labels.get(key) for key in reference.keys]
    numbers = [target.number if target is not None and target.number else "??" for target in targets]
    joined = "–".join(numbers) if form.endswith("range") else ", ".join(numbers)
    if form == "eqref":
        return f"({joined})"
    if form in ("cref", "Cref", "autoref", "crefrange", "Crefrange", "vref", "fullref"):
        kind = next((target.kind for target in targets if target is not None), "")
        word = _WORDS.get(kind, kind.capitalize())
        if form[0] == "c" and word:
            word = {"Figure": "fig.", "Equation": "eq."}.get(word, word.lower())
        shown = f"({joined})" if kind == "equation" else joined
        return f"{word} {shown}".strip()
    return joined


def _plain(text: str, reader: Reader, references: ReferenceList) -> str:
    return _resolve(text, reader, references).text.strip()


def _passages(blocks: Sequence[Block], texts: Sequence[Text]) -> tuple[tuple[Passage, ...], tuple[Mention, ...]]:
    passages: list[Passage] = []
    mentions: list[Mention] = []
    position = 0
    for block, text in zip(blocks, texts, strict=True):
        if not text.text.strip():
            continue
        offset = position + 2 if passages else 0
        for start, end in _cut(text.text):
            passages.append(
                Passage(
                    index=len(passages),
                    text=text.text[start:end],
                    page=0,
                    start=offset + start,
                    end=offset + end,
                    boxes=(),
                    kind=block.kind,
                    label=clean(block.label),
                    section=block.section,
                )
            )
        position = passages[-1].end
        mentions.extend(_mentions(text, offset, block.section))
    return tuple(passages), tuple(mentions)


def _pieces(text: str) -> list[tuple[int, int]]:
    """Spans of at most ``_MAX_BLOCK_CHARS``: looking for sentences takes more than linear time."""
    spans: list[tuple[int, int]] = []
    start = 0
    while len(text) - start > _MAX_BLOCK_CHARS:
        space = text.rfind(" ", start + 1, start + _MAX_BLOCK_CHARS)
        end = space if space > 0 else start + _MAX_BLOCK_CHARS
        spans.append((start, end))
        start = end + (space > 0)
    spans.append((start, len(text)))
    return spans


def _cut(text: str) -> list[tuple[int, int]]:
    return [
        (start + first, start + last)
        for start, end in _pieces(text)
        for first, last in cut(text[start:end])
        if last > first
    ]


def _sentences(text: str) -> list[tuple[int, int]]:
    return [
        (start + first, start + last) for start, end in _pieces(text) for first, last in sentence_spans(text[start:end])
    ]


def _mentions(text: Text, offset: int, section: int | None) -> list[Mention]:
    if not text.places:
        return []
    spans = _sentences(text.text)
    found: list[Mention] = []
    at = 0
    for place in text.places:
        while at + 1 < len(spans) and spans[at][1] <= place.start:
            at += 1
        last = at
        while last + 1 < len(spans) and spans[last][1] < place.end:
            last += 1
        first_char = max(min(spans[at][0], place.start), place.start - _MAX_SENTENCE_CHARS)
        last_char = min(max(spans[last][1], place.end), place.end + _MAX_SENTENCE_CHARS)
        found.append(
            Mention(
                reference_indices=place.marker.reference_indices,
                text=text.text[place.start : place.end],
                sentence=text.text[first_char:last_char],
                start=offset + place.start,
                end=offset + place.end,
                page=0,
                section=section,
            )
        )
    return found


def _sections(reader: Reader, references: ReferenceList, passages: Sequence[Passage]) -> tuple[Section, ...]:
    """The section tree; a section reaches to the next heading of its level or a higher one."""
    headings = reader.headings
    if not headings:
        return ()
    top = min(heading.rank for heading in headings)
    firsts: dict[int, int] = {}
    for passage in passages:
        if passage.section is not None:
            firsts.setdefault(passage.section, passage.start)
    end_of_text = passages[-1].end if passages else 0
    starts = [0] * len(headings)
    following = end_of_text
    for index in range(len(headings) - 1, -1, -1):
        following = starts[index] = firsts.get(index, following)
    ends = [end_of_text] * len(headings)
    parents: list[int | None] = []
    open_sections: list[int] = []
    for index, heading in enumerate(headings):
        while open_sections and headings[open_sections[-1]].rank >= heading.rank:
            ends[open_sections.pop()] = starts[index]
        parents.append(open_sections[-1] if open_sections else None)
        open_sections.append(index)
    return tuple(
        Section(
            index=index,
            heading=_plain(heading.text, reader, references).rstrip(),
            level=heading.rank - top + 1,
            page=0,
            start=starts[index],
            end=max(ends[index], starts[index]),
            number=clean(heading.number),
            parent=parents[index],
        )
        for index, heading in enumerate(headings)
    )
