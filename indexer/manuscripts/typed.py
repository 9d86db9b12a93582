"""Marks as they are typed in running text of any format: placeholders, citations as commands, citations as printed.

Repetitions are bounded: a bracket that never closes must not make the scan quadratic.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from indexer.latex.citing import FORMS
from indexer.latex.reader import CITING_COMMAND
from indexer.manuscripts.flow import Found

_TEXTUAL = frozenset(name for name, form in FORMS.items() if form in ("text", "author", "year", "title"))
_NO_CITATION = frozenset("nocite citestyle setcitestyle citereset citetext citeindextrue citeindexfalse".split())
_NOTES = r"(?:\s{0,9}\[[^\]]{0,400}\]){0,2}"
_CITE = re.compile(
    rf"\\(?P<name>[A-Za-z]{{1,40}})\*?\s{{0,9}}(?:<[^>\n]{{0,200}}>)?(?:\([^()\n]{{0,200}}\)){{0,2}}{_NOTES}"
    rf"\s{{0,9}}(?:\{{(?P<keys>[^{{}}]{{0,4000}})\}}(?P<more>(?:{_NOTES}\{{[^{{}}]{{0,400}}\}}){{0,100}})|\{{(?P<open>[\w:.,-]{{0,200}}))?"
)
_SEVERAL = re.compile(r"\{([^{}]*)\}")
_COMMENT = re.compile(r"(?<!\\)%[^\n]*")
_WANTED_KEY = re.compile(
    r"\?*|x{2,}|(?:todo|tbd|cite|citation|reference|ref|missing|unknown|citation[ _-]?needed)\W*", re.I
)
_PLACEHOLDER = (
    r"\[(?:cites?|cite this|citations?|citations? needed|needs? citation|citation missing|refs?|references?|todo:? cite"
    r"|\?{1,5}|xx+)\]"
    r"|\((?:citations? needed|citation|cite|refs?|\?\?{1,4})\)"
)
_PANDOC = r"\[(?=[^\[\]@]{0,400}@)[^\[\]]{0,4000}\]"
_KEY = r"(?:\{[^{}\s]{1,200}\}|[\w*][\w:.#$%&+?<>~/-]{0,200})"
_PANDOC_KEY = re.compile(rf"(?<![\w@])-?@({_KEY}|\?{{1,5}}|(?=\]))")
CROSS_REFERENCE = re.compile(r"(?:fig|tbl|tab|sec|eq|lst|thm|lem|cor|prp|cnj|def|exm|exr)[:-][\w:-]*")
_REFERENCE = r"\[START_REF\](?:[^\[\n]{0,1000}\[END_REF\])?"
_YEAR = r"(?:(?:1[5-9]|20)\d\d[a-z]?|n\.\s?d\.|in press|forthcoming)"
_FAMILY = r"[A-ZÀ-ÖØ-ÞĀ-Ž][\w'’-]{1,40}"
_NAME = rf"(?:(?:van|von|der?|den|da|di|du|la|le|del|al|el|ter|ten)\s){{0,3}}{_FAMILY}(?:\s{_FAMILY})?"
_NAMES = rf"{_NAME}(?:(?:,\s?{_NAME}){{0,6}},?\s(?:and|&|und|et)\s{_NAME}|,?\set\sal\.?)?(?:['’]s?)?"
_DATED = rf"{_YEAR}(?:,\s?(?:{_YEAR}|[a-z]\b)){{0,5}}(?:[,:]\s?(?:pp?\.\s?)?\d{{1,4}}(?:[-–]\d{{1,4}})?)?"
_PART = re.compile(rf"\s*(?:(?:see(?: also)?|e\.\s?g\.|cf\.|i\.\s?e\.|reviewed in|also),?\s)?{_NAMES},?\s{_DATED}\s*")
_BRACKETED = r"[(\[](?=[^()\[\]]{0,400}(?:(?:1[5-9]|20)\d\d|n\.\s?d\.|in press))[^()\[\]]{3,600}[)\]]"
_NARRATED = re.compile(rf"(?<![\w'’-]){_NAMES}\s$")
_ONLY_YEARS = re.compile(rf"[(\[]{_DATED}[)\]]")
_NARRATED_CHARS = 120
_NUMBERS = re.compile(r"\[[1-9]\d{0,2}(?:\s?[,;–-]\s?[1-9]\d{0,2}){0,30}\]")
_FIRST_NUMBER = re.compile(r"\[1(?:\s?[,;–-]\s?\d{1,3})*\]")
_TYPED = re.compile(
    rf"(?P<placeholder>{_PLACEHOLDER})|(?P<token>{_REFERENCE})|(?P<pandoc>{_PANDOC})"
    rf"|(?P<printed>{_BRACKETED})|(?P<numbers>{_NUMBERS.pattern})|(?P<command>\\[A-Za-z]{{0,15}}[Cc]ite)",
    re.IGNORECASE,
)
_SIGNS = ("[", "(", "\\")


def is_numbered(text: str) -> bool:
    """Whether numbers in square brackets are citations there: then there is a first one."""
    return _FIRST_NUMBER.search(text) is not None


def typed_marks(text: str, *, numbered: bool) -> Iterator[Found]:
    """The marks of a text, in order and apart; spans are positions in it.

    Args:
        numbered: Take numbers in square brackets for citations.
    """
    if not any(sign in text for sign in _SIGNS):
        return
    position = 0
    while match := _TYPED.search(text, position):
        found = _marked(text, match, position, numbered=numbered)
        if found is not None:
            yield found
        position = max(match.start() + 1, found.end if found is not None else 0)


def cite_command(text: str, start: int) -> Found | None:
    r"""The citing command that begins at a backslash, or None: ``\citep*[see][p. 3]{a, b}``, ``\parencites{a}{b}``.

    One whose braces never close reaches as far as its keys.
    """
    match = _CITE.match(text, start)
    if match is None or match["name"] in _NO_CITATION:
        return None
    name = match["name"]
    if name not in FORMS and not CITING_COMMAND.match("\\" + name):
        return None
    several = name.endswith("s") and match["keys"] is not None
    end = match.end() if several or match["keys"] is None else match.end("keys") + 1
    spelt = match["keys"] if match["keys"] is not None else match["open"] or ""
    if several:
        spelt = ",".join((spelt, *_SEVERAL.findall(match["more"] or "")))
    keys = tuple(dict.fromkeys(" ".join(key.split()) for key in _COMMENT.sub("", spelt).split(",")))
    return _with_keys(start, end, keys, textual=name in _TEXTUAL)


def pandoc_group(text: str, start: int, end: int) -> Found | None:
    """The citation ``[see @a, p. 3; -@b]``; None when nothing in it is a key, or it refers to a figure or the like."""
    keys = tuple(_bare_key(match[1]) for match in _PANDOC_KEY.finditer(text, start, end))
    if not keys or all(CROSS_REFERENCE.match(key) for key in keys):
        return None
    return _with_keys(start, end, tuple(dict.fromkeys(keys)))


def pandoc_key(text: str, start: int) -> Found | None:
    """The citation ``@key`` or ``@key [p. 3]`` that begins there, a part of its sentence."""
    match = _PANDOC_KEY.match(text, start)
    if match is None or not _bare_key(match[1]) or CROSS_REFERENCE.match(match[1]):
        return None
    key = _bare_key(match[1])
    end = match.start(1) + len(key) + 2 * match[1].startswith("{")
    return Found(start, end, "citation", (key,), textual=True)


def _with_keys(start: int, end: int, keys: tuple[str, ...], *, textual: bool = False) -> Found:
    known = tuple(key for key in keys if not _WANTED_KEY.fullmatch(key))
    return Found(start, end, "citation" if known else "placeholder", known, textual=textual)


def _bare_key(spelt: str) -> str:
    return spelt.strip("{}") if spelt.startswith("{") else spelt.rstrip(":.#$%&+?<>~/-*")


def _marked(text: str, match: re.Match[str], least: int, *, numbered: bool) -> Found | None:
    """What a match of ``_TYPED`` marks; a narrative citation begins with its names, but not before ``least``."""
    start, end = match.span()
    kind = match.lastgroup
    if kind == "placeholder":
        return Found(start, end, "placeholder")
    if kind == "token":
        return Found(start, end, "placeholder" if match[0].upper() == "[START_REF]" else "citation")
    if kind == "command":
        return cite_command(text, start)
    if kind == "pandoc":
        return pandoc_group(text, start, end)
    if kind == "numbers":
        return Found(start, end, "printed") if numbered else None
    if _ONLY_YEARS.fullmatch(match[0]):
        names = _NARRATED.search(text, max(least, start - _NARRATED_CHARS), start)
        return Found(names.start(), end, "printed", textual=True) if names else None
    parts = match[0][1:-1].split(";")
    return Found(start, end, "printed") if all(_PART.fullmatch(part) for part in parts) else None
