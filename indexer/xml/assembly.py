"""A draft to a Document: passages of a size for search, sections, mentions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.records import Box, Document, Mention, Notice, Passage, Reference, Section
from core.sentences import sentence_spans
from core.text import clean, display_name
from indexer.pdf.passages import SMALL_CHARS, TARGET_CHARS, cut
from indexer.references.linking import make_linker
from indexer.xml.citing import Link, Targets, find_links, make_targets
from indexer.xml.draft import Block, Draft, Heading

_MAX_UNMARKED_CHARS = 2_000_000
"""In longer texts citations are found only where the source marks them."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A block at its offset in the running text, with the page on which it begins."""

    block: Block
    offset: int
    page: int


def assemble(draft: Draft, *, path: Path, name: str, notices: tuple[Notice, ...]) -> Document:
    """Make the document of a draft; without a title it bears the file's name."""
    passages, placed = _passages(draft.blocks, paged=draft.page_count > 0)
    front = draft.front
    return Document(
        title=clean(front.title) or clean(Path(display_name(name or path.name)).stem) or "Untitled",
        page_count=draft.page_count,
        authors=front.authors,
        affiliations=front.affiliations,
        abstract=" ".join(block.rich.text for block in draft.blocks if block.kind == "abstract"),
        year=front.year,
        venue=front.venue,
        doi=front.doi,
        arxiv_id=front.arxiv_id,
        keywords=front.keywords,
        sections=_sections(draft.headings, placed, passages),
        passages=passages,
        references=tuple(draft.references),
        mentions=_mentions(placed, draft),
        notices=notices,
    )


def _passages(blocks: Sequence[Block], *, paged: bool) -> tuple[tuple[Passage, ...], list[_Placed]]:
    passages: list[Passage] = []
    placed: list[_Placed] = []
    end, page = -2, 1 if paged else 0
    for group in _joined(blocks):
        start = end + 2
        members: list[_Placed] = []
        for block in group:
            page = _page_of(block, page)
            members.append(_Placed(block, start + sum(len(each.block.rich.text) + 1 for each in members), page))
        text = " ".join(block.rich.text for block in group)
        for first, last in cut(text):
            boxes = _boxes(members, start + first, start + last)
            page = boxes[0].page if boxes else page
            passages.append(
                Passage(
                    index=len(passages),
                    text=text[first:last],
                    page=page,
                    start=start + first,
                    end=start + last,
                    boxes=boxes,
                    kind=group[0].kind,
                    label=group[0].label,
                    section=group[0].section,
                )
            )
        placed.extend(members)
        end = start + len(text)
    return tuple(passages), placed


def _joined(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Short paragraphs with their neighbours, and the items of a list, up to the size of a passage."""
    group: list[Block] = []
    size = 0
    for block in blocks:
        length = len(block.rich.text)
        if group and size + length < TARGET_CHARS and _may_join(group[-1], block, size):
            group.append(block)
            size += 1 + length
            continue
        if group:
            yield group
        group, size = [block], length
    if group:
        yield group


def _may_join(last: Block, block: Block, size: int) -> bool:
    if (last.kind, last.section) != (block.kind, block.section):
        return False
    if block.kind == "list":
        return last.list_id == block.list_id
    return block.kind == "paragraph" and min(size, len(block.rich.text)) < SMALL_CHARS


def _page_of(block: Block, before: int) -> int:
    boxes = block.rich.places[0].boxes if block.rich.places else block.boxes
    return boxes[0].page if boxes else before


def _boxes(members: Sequence[_Placed], start: int, end: int) -> tuple[Box, ...]:
    """Where a span of the running text stands: its sentences where they are known, else its paragraphs."""
    found: list[Box] = []
    for member in members:
        first, last = start - member.offset, end - member.offset
        if last <= 0 or first >= len(member.block.rich.text):
            continue
        inside = [box for place in member.block.rich.places if place.start < last and place.end > first
                  for box in place.boxes]  # fmt: skip
        found.extend(inside or member.block.boxes)
    return tuple(dict.fromkeys(found))


def _sections(
    headings: Sequence[Heading], placed: Sequence[_Placed], passages: Sequence[Passage]
) -> tuple[Section, ...]:
    """The section tree; a section reaches to the next heading of its level or a higher one."""
    end_of_text = passages[-1].end if passages else 0
    starts = [
        placed[heading.first_block].offset if heading.first_block < len(placed) else end_of_text for heading in headings
    ]
    ends = [end_of_text] * len(headings)
    parents: list[int | None] = []
    open_: list[int] = []
    for index, heading in enumerate(headings):
        while open_ and headings[open_[-1]].level >= heading.level:
            ends[open_.pop()] = starts[index]
        parents.append(open_[-1] if open_ else None)
        open_.append(index)
    return tuple(
        Section(
            index=index,
            heading=heading.text,
            level=heading.level,
            page=_heading_page(heading, placed),
            start=starts[index],
            end=ends[index],
            number=heading.number,
            parent=parents[index],
        )
        for index, heading in enumerate(headings)
    )


def _heading_page(heading: Heading, placed: Sequence[_Placed]) -> int:
    if heading.boxes:
        return heading.boxes[0].page
    return placed[min(heading.first_block, len(placed) - 1)].page if placed else 0


def _mentions(placed: Sequence[_Placed], draft: Draft) -> tuple[Mention, ...]:
    if not draft.references:
        return ()
    targets = make_targets(draft.references, draft.by_id)
    if any(member.block.rich.anchors for member in placed):
        found = [mention for member in placed for mention in _marked(member, targets)]
    else:
        found = _unmarked(placed, draft.references)
    return tuple(sorted(found, key=lambda mention: mention.start))


def _marked(member: _Placed, targets: Targets) -> Iterator[Mention]:
    links = find_links(member.block.rich.text, member.block.rich.anchors, targets)
    if links:
        spans = sentence_spans(member.block.rich.text)
        for link in links:
            yield _mention(member, link, spans, ambiguous=False)


def _unmarked(placed: Sequence[_Placed], references: Sequence[Reference]) -> list[Mention]:
    """Citations of a text whose source marks none, found as in any other text."""
    if sum(len(member.block.rich.text) for member in placed) > _MAX_UNMARKED_CHARS:
        return []
    linker = make_linker(references, texts=[(member.block.rich.text, ()) for member in placed])
    mentions: list[Mention] = []
    for member in placed:
        links = linker.find(member.block.rich.text)
        spans = sentence_spans(member.block.rich.text) if links else []
        for link in links:
            here = Link(link.start, link.end, link.reference_indices)
            mentions.append(_mention(member, here, spans, ambiguous=link.ambiguous))
    return mentions


def _mention(member: _Placed, link: Link, spans: Sequence[tuple[int, int]], *, ambiguous: bool) -> Mention:
    text = member.block.rich.text
    first = next((start for start, end in spans if end > link.start), link.start)
    last = next((end for _, end in spans if end >= link.end), link.end)
    boxes = link.boxes or next(
        (place.boxes for place in member.block.rich.places if place.end > link.start), member.block.boxes
    )
    return Mention(
        reference_indices=link.reference_indices,
        text=text[link.start : link.end],
        sentence=text[min(first, link.start) : max(last, link.end)],
        start=member.offset + link.start,
        end=member.offset + link.end,
        page=boxes[0].page if boxes else member.page,
        boxes=link.boxes,
        section=member.block.section,
        ambiguous=ambiguous,
    )
