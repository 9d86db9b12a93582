"""Papers as Galactica reads them: every linked citation stands in the text as the title and first author it cites.

A printed marker is replaced in place. What it leaves behind is tidied: brackets that held nothing but citations go, the
separators between neighbouring citations go, while words around a citation stay: ``(see Smith, 2010)`` becomes
``(see [START_REF] …[END_REF])`` and ``Smith et al. (2010)`` becomes ``Smith et al. [START_REF] …[END_REF]``.

Source: Galactica, arXiv:2211.09085, sections 3 and 3.1.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.records import Document, Mention, Passage, Reference
from core.text import title_key
from model.galactica.markers import neutral, reference
from training.contexts import CitedWork, work_key

MOST_TITLE_CHARS = 300
"""A longer title is a reference that was read wrongly; its mentions stay as printed."""
_MOST_NAME_CHARS = 60
_OPENING, _CLOSING = "([{", ")]}"
_BETWEEN = re.compile(r"[\s,;()\[\]–-]*")
_OPENED = re.compile(r"([(\[{])[\s,;]*$")
_CLOSED = re.compile(r"^[\s,;]*([)\]}])")
_SPACED = re.compile(r"[ \t]+([.,;:!?)\]}])")
_TIGHT = frozenset("([{“‘\"'/—–-\u00a0")
"""After these a citation needs no space."""


@dataclass(frozen=True, slots=True)
class Citation:
    """The works cited at one place, each with title and surname of the first author, in their order of mention."""

    works: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """The citation as tokens read it."""
        return "".join(reference(title, surname) for title, surname in self.works)


Piece = str | Citation


@dataclass(frozen=True, slots=True)
class Spellings:
    """One spelling for each work, so that it is always cited in the same words; unknown works keep their own."""

    works: Mapping[str, tuple[str, str]]

    @classmethod
    def of(cls, works: Mapping[str, CitedWork]) -> Spellings:
        """The spellings of ``training.contexts.cited_works``."""
        return cls({key: (work.title, work.surname) for key, work in works.items()})

    def cited(self, entry: Reference) -> tuple[str, str] | None:
        """Title and surname to cite an entry by; None when its title tells too little or cannot be one."""
        key = work_key(entry)
        if not key:
            return None
        title, surname = self.works.get(key) or (entry.title, entry.authors[0].family if entry.authors else "")
        return (title, surname[:_MOST_NAME_CHARS]) if len(title) <= MOST_TITLE_CHARS else None


def render_document(document: Document, spellings: Spellings) -> str:
    """A paper as Markdown: title, authors, abstract, sections; see ``paper_blocks``."""
    return "\n\n".join(paper_head(document) + [pieces_text(pieces) for pieces in paper_blocks(document, spellings)])


def paper_head(document: Document) -> list[str]:
    """Title, authors, and the abstract when it is not among the passages."""
    head = [heading_text(document.title, 1)] if document.title else []
    if document.authors:
        head.append(neutral("Authors: " + ", ".join(author.name for author in document.authors)))
    if document.abstract and not any(passage.kind == "abstract" for passage in document.passages):
        head += [heading_text("Abstract", 2), neutral(document.abstract)]
    return head


def heading_text(heading: str, level: int) -> str:
    """A heading in Markdown; ``level`` 1 is the title."""
    return f"{'#' * min(max(level, 1), 6)} {neutral(' '.join(heading.split()))}"


def paper_blocks(
    document: Document, spellings: Spellings, *, masked: Sequence[bool] = ()
) -> Iterator[tuple[Piece, ...]]:
    """Headings and paragraphs in reading order; the parts of a long paragraph are put together again.

    From passages that are ``masked`` (by their index) all citations are taken out.
    """
    by_passage = mentions_by_passage(document)
    opened = 0
    held: list[Piece] = []
    end = -2
    in_abstract = False
    for passage in document.passages:
        section = -1 if passage.section is None else passage.section
        headings = [heading_text(each.heading, each.level + 1) for each in document.sections[opened : section + 1]]
        opened = max(opened, section + 1)
        if passage.kind == "abstract" and not in_abstract and not _is_abstract(document, section):
            headings.append(heading_text("Abstract", 2))
        in_abstract = in_abstract or passage.kind == "abstract"
        pieces = cited_pieces(passage, by_passage[passage.index], document.references, spellings)
        if masked and masked[passage.index]:
            pieces = (bare_text(pieces),)
        if passage.kind == "equation" and not passage.page:  # of a source whose formulas are written, not printed
            pieces = ("\\[ ", *pieces, " \\]")
        if passage.start == end + 1 and not headings:
            held += [" ", *pieces]
        else:
            if held:
                yield tuple(held)
            yield from ((heading,) for heading in headings)
            held = list(pieces)
        end = passage.end
    if held:
        yield tuple(held)


def _is_abstract(document: Document, section: int) -> bool:
    return section >= 0 and title_key(document.sections[section].heading) == "abstract"


def pieces_text(pieces: Sequence[Piece]) -> str:
    """Text and citations in one."""
    return "".join(piece if isinstance(piece, str) else piece.text for piece in pieces)


def bare_text(pieces: Sequence[Piece]) -> str:
    """The text without its citations."""
    return _SPACED.sub(r"\1", "".join(piece for piece in pieces if isinstance(piece, str)))


def mentions_by_passage(document: Document) -> list[list[Mention]]:
    """The mentions that begin in each passage, in order."""
    starts = sorted(document.mentions, key=lambda mention: (mention.start, mention.end))
    firsts = [mention.start for mention in starts]
    return [
        starts[bisect_left(firsts, passage.start) : bisect_left(firsts, passage.end)] for passage in document.passages
    ]


def cited_pieces(
    passage: Passage, mentions: Sequence[Mention], references: Sequence[Reference], spellings: Spellings
) -> tuple[Piece, ...]:
    """The text of a passage with its citations in place; strings and citations, tidied where they meet.

    Args:
        passage: Its text is made neutral: nothing in it reads as a special token.
        mentions: Those that begin in the passage. One that is ambiguous, or cites nothing with a title, stays as text.
        references: The reference list that mentions index.
        spellings: How works are written.
    """
    pieces: list[Piece] = []
    position = 0
    for start, end, citation in _marks(passage, mentions, references, spellings):
        pieces += [passage.text[position:start], citation]
        position = end
    pieces.append(passage.text[position:])
    return _tidied(_grouped(pieces))


def _marks(
    passage: Passage, mentions: Sequence[Mention], references: Sequence[Reference], spellings: Spellings
) -> list[tuple[int, int, Citation]]:
    """What to replace, as spans of the passage's text that do not overlap; overlapping mentions become one."""
    marks: list[tuple[int, int, Citation]] = []
    for mention in mentions:
        works = cited_by(mention, references, spellings)
        start, end = mention.start - passage.start, min(mention.end, passage.end) - passage.start
        if not works:
            continue
        start, end = _core(passage.text, start, end)
        if marks and start < marks[-1][1]:
            first, last, before = marks.pop()
            marks.append((first, max(last, end), Citation(before.works + works)))
        else:
            marks.append((start, end, Citation(works)))
    return marks


def cited_by(mention: Mention, references: Sequence[Reference], spellings: Spellings) -> tuple[tuple[str, str], ...]:
    """Title and surname of each work that a mention cites; none when it is ambiguous."""
    if mention.ambiguous:
        return ()
    indices = dict.fromkeys(index for index in mention.reference_indices if 0 <= index < len(references))
    return tuple(work for index in indices if (work := spellings.cited(references[index])) is not None)


def _core(text: str, start: int, end: int) -> tuple[int, int]:
    """The marker proper: without brackets and separators at its ends, and without names before a bracketed year."""
    first, last = start, end
    while first < last and (text[first].isspace() or text[first] in "([{,;"):
        first += 1
    while last > first and (text[last - 1].isspace() or text[last - 1] in ")]},;"):
        last -= 1
    bracket = max(text.rfind(opening, first, last) for opening in _OPENING)
    if bracket >= 0 and not any(closing in text[bracket:last] for closing in _CLOSING) and bracket + 1 < last:
        first = bracket + 1
    return (first, last) if first < last else (start, max(start, end))


def _grouped(pieces: list[Piece]) -> list[Piece]:
    """Citations with nothing but separators between them become one; texts and citations alternate as before."""
    joined = pieces[:1]
    for text, citation in zip(pieces[2::2], pieces[1::2], strict=True):
        previous = joined[-2] if len(joined) > 1 else None
        if isinstance(previous, Citation) and isinstance(citation, Citation) and _separates(joined[-1]):
            joined[-2:] = [Citation(previous.works + citation.works), text]
        else:
            joined += [citation, text]
    return joined


def _separates(text: Piece) -> bool:
    return isinstance(text, str) and _BETWEEN.fullmatch(text) is not None


def _tidied(pieces: list[Piece]) -> tuple[Piece, ...]:
    """Neutral texts with one space before each citation, and no brackets around citations alone."""
    texts = [piece for piece in pieces if isinstance(piece, str)]
    citations = [piece for piece in pieces if isinstance(piece, Citation)]
    for index in range(len(citations)):
        texts[index], texts[index + 1] = _around(texts[index], texts[index + 1])
    tidy: list[Piece] = [neutral(texts[0])]
    for citation, text in zip(citations, texts[1:], strict=True):
        tidy += [citation, neutral(text)]
    return tuple(piece for piece in tidy if piece)


def _around(before: str, after: str) -> tuple[str, str]:
    opened, closed = _OPENED.search(before), _CLOSED.match(after)
    if opened and closed and _OPENING.index(opened[1]) == _CLOSING.index(closed[1]):
        before, after = before[: opened.start()], after[closed.end() :]
    if before and not before[-1].isspace() and before[-1] not in _TIGHT:
        before += " "
    if after[:1].isalnum():
        after = f" {after}"
    return before, after
