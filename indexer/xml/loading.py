"""Opening a foreign XML file as a tree, without ever following where it points.

Nothing outside the file is read: no DTD, no external entity, no network. Entities that the file declares are not
expanded, so that a few bytes cannot become many. The library refuses more than 256 levels of nesting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.entities import html5
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import UnreadableFile
from core.records import Notice
from core.text import display_name
from indexer.config import ParserLimits

if TYPE_CHECKING:
    from lxml.etree import _Element

_BUILT_IN = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})
_NAMED = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31});")
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s{0,20}=\s{0,20}[\"']([A-Za-z0-9._-]{1,40})[\"']")
_BROKEN = Notice(code="repaired", message="The file is not well-formed XML and was repaired: text may be missing.")


@dataclass(frozen=True, slots=True)
class Source:
    """A tree whose names have lost their namespaces, and what there is to say about the file."""

    root: _Element
    notices: tuple[Notice, ...]


def load_xml(path: Path, *, limits: ParserLimits, name: str = "") -> Source:
    """Read a file into a tree.

    Raises:
        UnreadableFile: The file is missing, unreadable, empty, too large, or no XML at all.
        MemoryError: The tree does not fit.
    """
    shown = display_name(name or path.name)
    data = _spelled_out(_read(path, limits=limits, shown=shown))
    root, broken = _parse(data)
    if root is None:
        raise UnreadableFile(
            f"{shown}: damaged, no XML can be read from it",
            reason="damaged",
            hint="Download or copy the file again; xmllint FILE tells what is wrong.",
        )
    _strip_namespaces(root)
    return Source(root, (_BROKEN,) if broken else ())


def _read(path: Path, *, limits: ParserLimits, shown: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(limits.max_file_bytes + 1)
    except PermissionError as error:
        raise UnreadableFile(
            f"{shown}: no permission to read", reason="permission", hint="Give yourself read access: chmod u+r FILE"
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise UnreadableFile(
            f"{shown}: no such file, or it cannot be reached", reason="missing", hint="Check the path."
        ) from error
    if not data.strip():
        raise UnreadableFile(f"{shown}: the file is empty", reason="empty", hint="Download or copy the file again.")
    if len(data) > limits.max_file_bytes:
        raise UnreadableFile(
            f"{shown}: more than the limit of {limits.max_file_bytes / 2**20:,.0f} MiB",
            reason="too_large",
            hint="Raise the limit, or split the file.",
        )
    return data


def _spelled_out(data: bytes) -> bytes:
    """Named characters of HTML as numbers: their names are declared in DTDs, which are not read."""

    def character(match: re.Match[bytes]) -> bytes:
        found = "" if match[1] in _BUILT_IN else html5.get(f"{match[1].decode('ascii')};", "")
        return b"".join(b"&#%d;" % ord(char) for char in found) or match[0]

    return _NAMED.sub(character, data)


def _parse(data: bytes) -> tuple[_Element | None, bool]:
    """The root, and whether the file had to be repaired for it."""
    from lxml import etree

    try:
        return etree.fromstring(data, _parser()), False
    except etree.XMLSyntaxError as error:
        _raise_memory(error)
    data, encoding = _decodable(data)
    try:
        return etree.fromstring(data, _parser(recover=True, encoding=encoding)), True
    except (etree.XMLSyntaxError, ValueError) as error:
        _raise_memory(error)
        return None, True


def _parser(*, recover: bool = False, encoding: str | None = None) -> Any:
    from lxml import etree

    return etree.XMLParser(
        recover=recover,
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )


def _raise_memory(error: BaseException) -> None:
    if "alloc" in str(error).lower() or "out of memory" in str(error).lower():
        raise MemoryError from error


def _decodable(data: bytes) -> tuple[bytes, str | None]:
    """Bytes that are not of the encoding they claim, put right: mostly one encoding with some bytes of another."""
    declared = _DECLARED.search(data[:512])
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or (declared and declared[1].lower() not in (b"utf-8", b"utf8")):
        return data, None
    text = data.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    if not wrong:
        return data, None
    right = sum(1 for char in text if char > "\x7f") - wrong
    if wrong > right:
        text = data.decode("cp1252", "replace")
    return text.encode(), "utf-8"


def _strip_namespaces(root: _Element) -> None:
    """Leave the local names of elements and attributes: files differ in their use of namespaces and prefixes."""
    for element in root.iter("*"):
        tag = element.tag
        if isinstance(tag, str):
            local = tag.rpartition("}")[2].rpartition(":")[2]
            if local and local != tag:
                element.tag = local
        for key in [key for key in element.attrib if not isinstance(key, str) or "}" in key or ":" in key]:
            value = element.attrib.pop(key)
            short = str(key).rpartition("}")[2].rpartition(":")[2]
            if short and short not in element.attrib:
                element.set(short, value)
