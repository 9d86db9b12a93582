"""JATS and its ancestors (NLM 1 to 3): a journal article in XML to a Document.

Source: ANSI/NISO Z39.96, Journal Article Tag Suite, versions 1.0 to 1.3.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UnreadableFile
from core.records import Document, Notice
from core.text import display_name
from indexer.config import ParserLimits
from indexer.xml.assembly import assemble
from indexer.xml.draft import Draft
from indexer.xml.inline import tag_of
from indexer.xml.jats_body import read_abstract, read_text
from indexer.xml.jats_front import read_front
from indexer.xml.jats_references import read_reference_lists
from indexer.xml.loading import load_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

_SEVERAL = Notice(code="several_articles", message="The file holds several articles: only the first was read.")


def parse_jats(path: Path, *, limits: ParserLimits, name: str = "") -> Document:
    """Read one article. The same file always gives the same document.

    ``name`` is what the user calls the file: for messages, and as the title of last resort.
    Memory and time are not limited here: parse files of unknown origin in a process of its own.

    Raises:
        UnreadableFile: The file is missing, unreadable, empty, too large, no XML, or holds no article.
    """
    source = load_xml(path, limits=limits, name=name)
    article, several = _article(source.root)
    if article is None:
        shown = display_name(name or path.name)
        raise UnreadableFile(
            f"{shown}: XML, but no article in JATS (its root is <{tag_of(source.root)[:40]}>)",
            reason="not_pdf",
            hint="Give a PDF, LaTeX source, JATS XML, or TEI as GROBID writes it.",
        )
    for part in [part for tag in ("sub-article", "response") for part in article.iterchildren(tag)]:
        article.remove(part)  # reviews, replies and translations are no part of the paper
    draft = Draft(front=read_front(article))
    read_reference_lists(article, draft)
    read_abstract(article, draft)
    read_text(article, draft)
    notices = (*source.notices, _SEVERAL) if several else source.notices
    return assemble(draft, path=path, name=name, notices=notices)


def _article(root: _Element) -> tuple[_Element | None, bool]:
    """The first article, at the root or within a wrapper, and whether there are more beside it."""
    if tag_of(root) == "article":
        return root, False
    found = root.iter("article")
    first = next(found, None)
    if first is None:
        return None, False
    inside = sum(1 for _ in first.iter("article")) - 1
    following = sum(1 for _ in found)
    return first, following > inside
