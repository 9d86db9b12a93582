"""Two forms of a paper to learn from: as a whole, or mostly what leads up to its citations.

``documents`` is the paper as Galactica had it. ``citing`` spends its tokens on citations: a head (title, and once the
beginning of the abstract), then under their section headings the paragraphs that cite, each cut to the text that
precedes a citation.

In both, some paragraphs are masked: none of their citations stands in the running text, and each place that cites
comes as a piece of its own, with all other citations taken out of the text before it, exactly as ``training.contexts``
gives it to every other ranker. Pieces of one paper are spread over rows, so that no answer can be read off a neighbour.
Thus each citation is predicted once a pass, either after the citations before it or without them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.records import Document, Mention
from core.text import end_of
from model.galactica.markers import START_REF, citation_prompt, neutral
from training.contexts import CitedPlace, cited_places, work_key
from training.corpus.config import CorpusConfig
from training.corpus.records import SourcePaper
from training.corpus.rendering import (
    Citation,
    Piece,
    Spellings,
    cited_by,
    cited_pieces,
    heading_text,
    mentions_by_passage,
    paper_blocks,
    paper_head,
    pieces_text,
)

_ABSTRACT_CHARS = 240
_PLACES_PER_SEGMENT = 3
_SECTION_SHARE = 0.5
"""So often a masked place comes with the heading of its section: at use it may be known or not."""
_LEADING = re.compile(r"^\s*[.,;:!?)\]}”’\"']*")
_SENTENCE = re.compile(r"[.!?][)\]”\"’']*\s+(?=\S)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Blocks of text that belong together: packed as one where they fit into a row, and with the head on each part."""

    head: str
    blocks: tuple[str, ...]


def segments(paper: SourcePaper, spellings: Spellings, config: CorpusConfig, dice: random.Random) -> list[Segment]:
    """A paper in the form that the settings name.

    Args:
        paper: What to render.
        spellings: How works are written.
        config: The form and its shares.
        dice: Decides which paragraphs are masked, and the order of pieces.
    """
    masked = [dice.random() < config.masked_share for _ in paper.document.passages]
    if config.form == "documents":
        found = [_whole(paper.document, spellings, masked)]
    else:
        found = list(_running(paper.document, spellings, masked, config, dice))
    if any(masked):
        found += _masked_segments(paper, spellings, masked, config, dice)
    return found


def citing_head(title: str) -> str:
    """What stands before the text of a paper: its title as a heading; nothing when there is none."""
    return f"{heading_text(title, 1)}\n\n" if title.strip() else ""


def citing_context(title: str, section: str, before: str) -> str:
    """The text after which a model of this corpus predicts a citation, up to and with ``[START_REF]``.

    Args:
        title: Of the citing paper; may be empty.
        section: Heading above the place; may be empty.
        before: Text up to the place, other citations taken out; empty at the beginning of a section.
    """
    heading = f"{heading_text(section, 2)}\n\n" if section.strip() else ""
    return f"{citing_head(title)}{heading}{citation_prompt(neutral(before))}"


def _whole(document: Document, spellings: Spellings, masked: Sequence[bool]) -> Segment:
    blocks = (pieces_text(pieces) for pieces in paper_blocks(document, spellings, masked=masked))
    return Segment(head="", blocks=("\n\n".join([*paper_head(document), *blocks]),))


def _running(
    document: Document, spellings: Spellings, masked: Sequence[bool], config: CorpusConfig, dice: random.Random
) -> Iterator[Segment]:
    """The citing paragraphs that are not masked, under their headings, as one segment."""
    blocks: list[str] = []
    by_passage = mentions_by_passage(document)
    section: int | None = None
    heading = ""
    for passage in document.passages:
        mentions = by_passage[passage.index]
        if masked[passage.index] or not mentions:
            continue
        pieces = cited_pieces(passage, mentions, document.references, spellings)
        if not any(isinstance(piece, Citation) for piece in pieces):
            continue
        if passage.section is not None and passage.section != section:
            section = passage.section
            heading = f"{heading_text(document.sections[section].heading, 2)}\n\n"
        blocks.append(heading + _leading_up(pieces, config.context_chars, dice))
        heading = ""
    if blocks:
        abstract = document.abstract
        if len(abstract) > _ABSTRACT_CHARS:
            abstract = abstract[:_ABSTRACT_CHARS].rpartition(" ")[0]
        opening = (f"{neutral(abstract)}\n\n",) if abstract else ()
        yield Segment(head=citing_head(document.title), blocks=(*opening, *blocks))


def _leading_up(pieces: Sequence[Piece], context_chars: int, dice: random.Random) -> str:
    """A paragraph without what leads up to no citation."""
    parts: list[str] = []
    for index, piece in enumerate(pieces):
        if isinstance(piece, Citation):
            parts.append(_shuffled(piece, dice).text)
        elif index == len(pieces) - 1:
            parts.append(_leading(piece))
        elif len(piece) <= context_chars:
            parts.append(piece)
        else:
            parts.append(f"{_leading(piece)}\n\n" if index else "")
            parts.append(last_words(piece, context_chars))
    return "".join(parts).strip() + "\n\n"


def _masked_segments(
    paper: SourcePaper, spellings: Spellings, masked: Sequence[bool], config: CorpusConfig, dice: random.Random
) -> list[Segment]:
    """Places of masked paragraphs, each with the text before it alone; some of them share a head."""
    blocks = [
        _place_text(place, Citation(works), config, dice) for place, works in _masked_places(paper, spellings, masked)
    ]
    dice.shuffle(blocks)
    made: list[Segment] = []
    while blocks:
        size = dice.randint(1, _PLACES_PER_SEGMENT)
        taken, blocks = blocks[:size], blocks[size:]
        titled = dice.random() >= config.untitled_share
        made.append(Segment(head=citing_head(paper.document.title) if titled else "", blocks=tuple(taken)))
    return made


_Works = tuple[tuple[str, str], ...]


def _masked_places(paper: SourcePaper, spellings: Spellings, masked: Sequence[bool]) -> list[tuple[CitedPlace, _Works]]:
    """The places of masked paragraphs and what they cite; neighbours without a word between them are one."""
    document = paper.document
    hidden = {
        id(mention)
        for index, mentions in enumerate(mentions_by_passage(document))
        if masked[index]
        for mention in mentions
    }
    found: list[tuple[CitedPlace, _Works]] = []
    for mention, place in zip(_citing(document), cited_places(paper), strict=True):
        works = cited_by(mention, document.references, spellings)
        if id(mention) not in hidden or not works:
            continue
        if found and found[-1][0].before == place.before and found[-1][0].section == place.section:
            found[-1] = (found[-1][0], found[-1][1] + works)
        else:
            found.append((place, works))
    return found


def _citing(document: Document) -> list[Mention]:
    """The mentions that ``cited_places`` gives places for, in the same order."""
    keys = [work_key(reference) for reference in document.references]
    return [
        mention
        for mention in sorted(document.mentions, key=lambda mention: mention.start)
        if not mention.ambiguous and any(keys[index] for index in mention.reference_indices)
    ]


def _place_text(place: CitedPlace, citation: Citation, config: CorpusConfig, dice: random.Random) -> str:
    chars = dice.randint(config.context_chars // 3, config.context_chars * 4 // 3)
    context = citing_context(
        "", place.section if dice.random() < _SECTION_SHARE else "", last_words(place.before, chars)
    )
    return f"{context.removesuffix(START_REF)}{_shuffled(citation, dice).text}\n\n"


def _shuffled(citation: Citation, dice: random.Random) -> Citation:
    """The same works in another order: each of them has to be found first at times."""
    works = list(citation.works)
    dice.shuffle(works)
    return Citation(tuple(works))


def _leading(text: str) -> str:
    found = _LEADING.match(text)
    return found[0].rstrip() if found else ""


def last_words(text: str, chars: int) -> str:
    """The end of a text of at most ``chars``, from the beginning of a sentence where one is near, else of a word."""
    if len(text) <= chars:
        return text
    cut = text[-chars:]
    sentence = _SENTENCE.search(cut, 0, chars // 2)
    return cut[sentence.end() :] if sentence else end_of(text, chars)
