"""Papers of a journal with what their publisher deposited at Crossref, and for some the full text in JATS."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from app.bench.parse.truth import TrueReference, Truth
from core.errors import InputError
from core.text import clean, name_key, title_key

_TAG = re.compile(r"</?[a-z]{1,10}>")
_FIRST_PAGES = 2
_FIRST_CHARS = 60


def find_jose(folder: Path) -> list[Path]:
    """The folders of papers at or below a folder: those that hold a Crossref deposit and a PDF."""
    return sorted({path.parent for path in folder.rglob("*.crossref.xml") if any(path.parent.glob("*.pdf"))})


def read_jose(folder: Path) -> Truth:
    """The truth of one paper: title, authors and references of the deposit, headings of the JATS text.

    Raises:
        InputError: A file is missing or malformed.
    """
    deposit = _root(_only(folder, "*.crossref.xml"))
    article = next(_all(deposit, "journal_article"), None)
    if article is None:
        raise InputError(f"{folder}: the deposit tells of no article", hint="Leave this folder out.")
    pdf = _only(folder, "*.pdf")
    jats = [path for path in sorted(folder.rglob("*.jats")) if path.is_file()]
    return Truth(
        name=folder.name,
        group="all",
        path=pdf,
        title=_text(next(_all(article, "title"), None)),
        authors=tuple(_authors(article)),
        abstract=_printed_abstract(pdf),
        abstract_begins_so=True,
        headings=tuple(_headings(_root(jats[0]))) if jats else None,
        references=tuple(_references(article)),
    )


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise InputError(f"{folder}: {len(found)} files {pattern}", hint="Keep one deposit and one PDF in each folder.")
    return found[0]


def _root(path: Path) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.parse(path, parser).getroot()
    except (OSError, etree.XMLSyntaxError) as error:
        raise InputError(f"{path}: {error}", hint="Is it XML? Leave this folder out.") from error


def _all(node: Any, name: str) -> Iterator[Any]:
    """Elements of a local name below a node, whatever their namespace."""
    yield from node.iter(f"{{*}}{name}")


def _text(node: Any) -> str:
    """Text of an element; deposits escape what is HTML within it, some of them twice."""
    if node is None:
        return ""
    return clean(_TAG.sub("", html.unescape(html.unescape("".join(node.itertext())))))


def _authors(article: Any) -> Iterator[tuple[str, str]]:
    for person in _all(article, "person_name"):
        if person.get("contributor_role") == "author":
            given = _text(next(_all(person, "given_name"), None))
            family = _text(next(_all(person, "surname"), None))
            yield _initials_given(given, family)


def _initials_given(given: str, family: str) -> tuple[str, str]:
    """Deposits take all but the first name for the family's: initials at its beginning belong to the given names."""
    words = family.split()
    while len(words) > 1 and words[0][0].isupper() and len(name_key(words[0])) == 1:
        given = f"{given} {words.pop(0)}"
    return given, " ".join(words)


def _headings(article: Any) -> Iterator[str]:
    for body in _all(article, "body"):
        for section in _all(body, "sec"):
            title = section.find("{*}title")
            if title is not None and _text(title):
                yield _text(title)


def _references(article: Any) -> Iterator[TrueReference]:
    """Each work of the deposit once: an entry is left out when its DOI came before, or its text where it has none."""
    seen: set[str] = set()
    for citation in _all(article, "citation"):
        doi = _text(next(_all(citation, "doi"), None)).lower()
        title = _text(next(_all(citation, "article_title"), None)) or _text(next(_all(citation, "volume_title"), None))
        text = clean(unquote(_text(next(_all(citation, "unstructured_citation"), None))))
        mark = doi or title_key(text) or title_key(title)
        if mark and mark not in seen:
            yield TrueReference(key=citation.get("key", ""), title=title, doi=doi, text=text)
        seen.add(mark)


def _printed_abstract(path: Path) -> str | None:
    """The first words under a printed heading Abstract; None when the first pages have none.

    Neither source holds the abstract; most of these papers begin with a summary under a heading of its own, which is a
    section.
    """
    import pymupdf

    with pymupdf.open(path) as document:
        text = "\n".join(document[number].get_text() for number in range(min(_FIRST_PAGES, document.page_count)))
    match = re.search(rf"^\s*abstract\s*$\s*(.{{{_FIRST_CHARS}}})", text, re.I | re.M | re.S)
    return clean(match[1]).rpartition(" ")[0].rstrip("- ") if match else None
