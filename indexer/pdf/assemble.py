"""Pages of lines to a Document: the stages of parsing in their order, without touching a file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.records import Document, Mention, Notice, Passage, Reference, Section
from core.sentences import sentence_spans
from core.text import clean
from indexer.pdf.bibliography import Entry, Region, find_regions, split_entries
from indexer.pdf.blocks import make_blocks
from indexer.pdf.columns import order_pages
from indexer.pdf.contents import contents_lines
from indexer.pdf.flow import make_flow, merge_boxes, vocabulary
from indexer.pdf.front.matter import Front, read_front
from indexer.pdf.furniture import remove_furniture
from indexer.pdf.geometry import Line, Link, Page, body_size
from indexer.pdf.headings import Heading, find_headings, split_number
from indexer.pdf.passages import Paragraph, Placed, make_passages
from indexer.references.fields import parse_reference, strip_label
from indexer.references.linking import Linker, make_linker

_SUMMARY = re.compile(r"^(?:executive )?summary\s*[.:]?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the file says about itself; evidence only."""

    title: str = ""
    doi: str = ""


def assemble(pages: Sequence[Page], *, metadata: Metadata, file_title: str, notices: tuple[Notice, ...]) -> Document:
    """Make a document of a paper's pages.

    Args:
        pages: All pages, in order.
        metadata: From the file.
        file_title: Stands in when no title is found.
        notices: Kept in the document.
    """
    cleaned = remove_furniture(pages)
    ordered = order_pages(cleaned.pages)
    words = vocabulary(ordered.lines)
    regions = find_regions(ordered.lines)
    listed = {index for region in regions for index in region.taken()}
    running = [line for index, line in enumerate(ordered.lines) if index not in listed]
    body = body_size(running) or body_size(ordered.lines)
    front = read_front(
        running,
        ordered=ordered,
        cleaned=cleaned,
        body=body,
        metadata_title=metadata.title,
        metadata_doi=metadata.doi,
    )
    contents = contents_lines(running)
    text_lines = [line for line in running if id(line) not in front.used | contents]
    paragraphs, outline = _body(text_lines, front, summary=_summary(running, front), body=body, words=words)
    passages, placed = make_passages(paragraphs, labels=cleaned.labels)
    references = _references(ordered.lines, regions, words, pages)
    return Document(
        title=clean(front.title) or file_title,
        page_count=len(pages),
        authors=front.authors,
        affiliations=front.affiliations,
        abstract=_abstract(paragraphs),
        year=front.year,
        venue=front.venue,
        doi=front.doi,
        arxiv_id=front.arxiv_id,
        keywords=front.keywords,
        sections=_sections(outline, passages),
        passages=passages,
        references=references,
        mentions=_mentions(references, placed),
        page_labels=cleaned.labels if any(cleaned.labels) else (),
        notices=notices,
    )


@dataclass(frozen=True, slots=True)
class _Outlined:
    """A heading with the page on which it stands."""

    heading: Heading
    page: int


def _body(
    lines: Sequence[Line], front: Front, *, summary: _Outlined | None, body: float, words: Counter[str]
) -> tuple[list[Paragraph], list[_Outlined]]:
    """Paragraphs in reading order, abstract first, and the headings that part them."""
    headings = find_headings(lines, body=body)
    opening = [summary] if summary is not None else []
    outline = [*opening, *(_Outlined(heading, lines[heading.first].page) for heading in headings)]
    paragraphs = [
        Paragraph(flow, "abstract", 0 if opening else None)
        for block in make_blocks(front.abstract, body=body)
        if (flow := make_flow(block.lines, words)).text.strip()
    ]
    starts = [0, *(heading.first + heading.count for heading in headings)]
    ends = [*(heading.first for heading in headings), len(lines)]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), len(opening) - 1):
        for block in make_blocks(lines[start:end], body=body):
            flow = make_flow(block.lines, words)
            if flow.text.strip():
                paragraphs.append(Paragraph(flow, block.kind, number if number >= 0 else None, block.label))
    return paragraphs, outline


def _summary(lines: Sequence[Line], front: Front) -> _Outlined | None:
    """The heading of an abstract that is a section by its name."""
    for index, line in enumerate(lines):
        if id(line) in front.used and _SUMMARY.match(split_number(line.text)[1]):
            number, text, _ = split_number(line.text)
            return _Outlined(Heading(index, 1, text, number, 1), line.page)
    return None


def _abstract(paragraphs: Sequence[Paragraph]) -> str:
    return clean(" ".join(paragraph.flow.text for paragraph in paragraphs if paragraph.kind == "abstract"))


def _sections(outline: Sequence[_Outlined], passages: Sequence[Passage]) -> tuple[Section, ...]:
    """The section tree; a section reaches to the next heading of its level or a higher one."""
    firsts = {passage.section: passage.start for passage in reversed(passages)}
    end_of_text = passages[-1].end if passages else 0
    starts: list[int] = []
    following = end_of_text
    for index in range(len(outline) - 1, -1, -1):
        following = firsts.get(index, following)
        starts.insert(0, following)
    sections: list[Section] = []
    open_sections: list[int] = []
    for index, item in enumerate(outline):
        while open_sections and sections[open_sections[-1]].level >= item.heading.level:
            open_sections.pop()
        later = [
            other for other in range(index + 1, len(outline)) if outline[other].heading.level <= item.heading.level
        ]
        sections.append(
            Section(
                index=index,
                heading=clean(item.heading.text),
                level=item.heading.level,
                page=item.page,
                start=starts[index],
                end=starts[later[0]] if later else end_of_text,
                number=item.heading.number,
                parent=open_sections[-1] if open_sections else None,
            )
        )
        open_sections.append(index)
    return tuple(sections)


def _references(
    lines: Sequence[Line], regions: Sequence[Region], words: Counter[str], pages: Sequence[Page]
) -> tuple[Reference, ...]:
    links = {page.number: page.links for page in pages}
    references: list[Reference] = []
    for region in regions:
        for entry in split_entries([lines[index] for index in region.inside()]):
            flow = make_flow(entry.lines, words, raise_digits=False)
            if sum(1 for char in flow.text if char.isalpha()) < 4:
                continue
            references.append(
                parse_reference(
                    strip_label(clean(flow.text), entry.label) if entry.label else clean(flow.text),
                    index=len(references),
                    page=entry.lines[0].page,
                    label=entry.label,
                    boxes=merge_boxes(flow.boxes(0, len(flow.text))),
                    links=_links_behind(entry, links),
                    before=references[-1].authors if references else (),
                )
            )
    return tuple(references)


def _links_behind(entry: Entry, links: dict[int, tuple[Link, ...]]) -> tuple[str, ...]:
    """Web addresses behind the lines of an entry, in their order."""
    found: list[str] = []
    for line in entry.lines:
        for link in links.get(line.page, ()):
            middle = (link.y0 + link.y1) / 2
            if line.y0 - 1 <= middle <= line.y1 + 1 and link.x0 < line.x1 and link.x1 > line.x0:
                found.append(link.uri)
    return tuple(dict.fromkeys(found))


def _mentions(references: Sequence[Reference], placed: Sequence[Placed]) -> tuple[Mention, ...]:
    if not references:
        return ()
    texts = [(item.paragraph.flow.text, item.paragraph.flow.raised()) for item in placed]
    linker = make_linker(references, texts=texts)
    mentions: list[Mention] = []
    for item in placed:
        mentions.extend(_mentions_of(item, linker))
    return tuple(sorted(mentions, key=lambda mention: mention.start))


def _mentions_of(item: Placed, linker: Linker) -> list[Mention]:
    flow = item.paragraph.flow
    links = linker.find(flow.text, flow.raised(), page=flow.page_at(0))
    if not links:
        return []
    spans = sentence_spans(flow.text)
    mentions: list[Mention] = []
    for link in links:
        first = next((start for start, end in spans if end > link.start), link.start)
        last = next((end for _, end in spans if end >= link.end), link.end)
        mentions.append(
            Mention(
                reference_indices=link.reference_indices,
                text=flow.text[link.start : link.end],
                sentence=flow.text[first:last],
                start=item.offset + link.start,
                end=item.offset + link.end,
                page=flow.page_at(link.start),
                boxes=flow.boxes(link.start, link.end),
                section=item.paragraph.section,
                ambiguous=link.ambiguous,
            )
        )
    return mentions
