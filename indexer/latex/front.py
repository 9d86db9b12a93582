"""The title block: its commands are noted while reading, and understood at the end by the customs of the classes."""

from __future__ import annotations

import re

from core.records import Author
from core.text import clean
from indexer.latex.flow import Flow, without_marks
from indexer.latex.mouth import Mouth
from indexer.latex.people import MARK, NEXT, OUTSIDE, SUR_END, SUR_START, people_of
from indexer.latex.reader import Environment, Handler, Reader

_TITLES = ("title", "icmltitle", "Title", "papertitle", "chaptertitle")
_SUBTITLES = ("subtitle", "Subtitle")
_AUTHORS = ("author", "icmlauthor", "Author", "name", "authors", "Authors", "addauthor", "collaboration", "NEWauthor")
_PLACES = ("affil", "affiliation", "address", "institute", "icmlaffiliation", "Address", "addinstitution", "inst",
           "authoraddress", "affiliations", "altaffiliation")  # fmt: skip
_PARTS = ("institution", "department", "city", "country", "orgname", "orgdiv", "orgaddress", "streetaddress", "state",
          "postcode", "street", "position", "orgdepartment")  # fmt: skip
_VENUES = ("journal", "acmJournal", "journalname", "acmConference", "jmlrvolume", "conferenceinfo")
_DOIS = ("acmDOI", "DOI", "doinum")
_YEARS = ("acmYear", "copyrightyear", "date", "jyear", "pubyear", "jmlryear", "volumeyear")
_KEYWORDS = ("keywords", "keyword", "keywords*", "IEEEkeywords", "kwd", "Keywords", "indexterms", "keyWords")
_DROPPED = ("email", "ead", "emailAdd", "authoremail", "orcidID", "orcid", "orcidlink", "ORCID", "thanks", "corref",
            "cortext", "fnref", "thanksref", "tnoteref", "titlenote", "subtitlenote", "authornote", "IEEEmembership",
            "authormark", "altaffilmark", "correspondingauthor", "footnotemark", "samethanks", "IEEEauthorrefmark",
            "homepage", "equalcont", "authorrefmark", "orcidicon")  # fmt: skip
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20[0-4]\d)(?!\d)")
_ADDRESS = re.compile(r"\{[^{}\s]{0,200}\}@\S{1,200}|[^\s,;]{0,100}@\S{1,200}")
_PART_END = "\x1b"
_KEYWORD_SPLIT = re.compile(r"[;,\n•·\x1f\t]|\\sep|\s[-–—]\s")
_KEY_VALUE = re.compile(
    r"(?:^|[,;])\s*(?:organization|addressline|city|postcode|state|country|department|institution)\s*=\s*"
)
_MAX_AFFILIATIONS = 200


def note(reader: Reader, mouth: Mouth, token: str) -> None:
    """Keep a command of the title block for the end."""
    name = token[1:]
    if name == "name" and mouth.peek() != "{":
        return
    mouth.star()
    mark = mouth.optional()
    tokens = mouth.argument()
    reader.front.add(name, tokens, mark="".join(mark or ()))
    if name in ("icmlauthor", "acmConference", "author") and mouth.peek() == "{":
        # lipics and its like give the affiliation, the address and more in arguments of their own.
        count = 0
        while count < 4 and mouth.peek() == "{":
            rest = mouth.argument()
            if name == "author" and count == 0 and rest:
                reader.front.add("affiliation", rest)
            if name == "acmConference" and count < 2:
                reader.front.add("date", rest)
            count += 1


def place(reader: Reader, mouth: Mouth, token: str) -> None:
    """An affiliation; within the list of authors what follows is no name."""
    if reader.naming:
        if token == "\\inst":
            mouth.argument()
            reader.emit(MARK)
            return
        mouth.optional()
        reader.emit(OUTSIDE + reader.inline(mouth.argument()) + NEXT)
        return
    mouth.star()
    mark = "".join(mouth.optional() or ())
    tokens = mouth.argument()
    if token == "\\icmlaffiliation":
        tokens = mouth.argument()
    if token != "\\inst":
        reader.front.add("affiliation", tokens, mark=mark)


def part(reader: Reader, mouth: Mouth, token: str) -> None:
    """A part of an affiliation, which a comma parts from the next."""
    del token
    mouth.optional()
    reader.emit(reader.inline(mouth.argument()) + _PART_END)


def dropped(reader: Reader, mouth: Mouth, token: str) -> None:
    """Addresses, marks and notes beside a name or title."""
    if token == "\\email" and mouth.peek() != "{":
        # JMLR's \email stands before an address without braces.
        while (part := mouth.next()) is not None and part[0] not in " \\{}":
            pass
        mouth.push([part] if part is not None else [])
        return
    mouth.star()
    mouth.optional()
    if token not in ("\\footnotemark", "\\samethanks"):
        mouth.argument()
    if reader.naming:
        reader.emit(MARK)


def superscript(reader: Reader, mouth: Mouth, token: str) -> None:
    """A raised mark beside a name, and elsewhere raised text."""
    del token
    text = reader.inline(mouth.argument())
    reader.emit(MARK if reader.naming else text)


def separator(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\and`` and its kin part authors, affiliations and keywords."""
    del mouth, token
    reader.emit(NEXT)


def zone(reader: Reader, mouth: Mouth, token: str) -> None:
    """IEEE's blocks of names and of affiliations."""
    text = reader.inline(mouth.argument())
    reader.emit(f"{NEXT}{text}\n" if token == "\\IEEEauthorblockN" else f"\n{OUTSIDE}{text}\n")


def outside(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\addr`` begins an affiliation within the list of authors."""
    del mouth, token
    reader.emit(OUTSIDE)


def surname(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\fnm{Given} \sur{Family}``."""
    text = reader.inline(mouth.argument())
    reader.emit(f" {SUR_START}{text}{SUR_END}" if token == "\\sur" else f" {text} ")


def abstract_command(reader: Reader, mouth: Mouth, token: str) -> None:
    r"""``\abstract{…}``."""
    del token
    if mouth.peek() != "{":
        return
    tokens = mouth.argument()
    reader.flow.end_paragraph()
    reader.flow.blocks.extend(reader.blocks(tokens, Flow(kind="abstract")))


def begin_abstract(reader: Reader, mouth: Mouth, name: str) -> None:
    """The abstract begins; it belongs to no section."""
    mouth.optional()
    reader.open(name)
    reader.flow.end_paragraph()
    reader.before_abstract = (reader.flow.kind, reader.flow.section, reader.in_text)
    reader.in_text = True
    reader.flow.kind, reader.flow.section = "abstract", None


def end_abstract(reader: Reader, mouth: Mouth, name: str) -> None:
    """The abstract ends."""
    del mouth
    if reader.close(name):
        reader.flow.end_paragraph()
        reader.flow.kind, reader.flow.section, reader.in_text = reader.before_abstract


def begin_keywords(reader: Reader, mouth: Mouth, name: str) -> None:
    """Keywords as an environment."""
    mouth.optional()
    reader.open(name)
    reader.flows.append(Flow(kind="caption"))
    reader.before_keywords, reader.in_text = reader.in_text, True


def end_keywords(reader: Reader, mouth: Mouth, name: str) -> None:
    """They end; their text is no paragraph."""
    del mouth
    if not reader.close(name) or len(reader.flows) < 2:
        return
    reader.keyword_texts.append("".join(reader.flows.pop().parts))
    reader.in_text = reader.before_keywords


def keyword_command(reader: Reader, mouth: Mouth, token: str) -> None:
    """Keywords as a command."""
    del token
    mouth.star()
    mouth.optional()
    if mouth.peek() == "{":
        reader.keyword_texts.append(reader.inline(mouth.argument()))


def title_of(reader: Reader) -> str:
    """Title and subtitle, on one line, without notes."""
    title = subtitle = ""
    for name, _, tokens in reader.front.commands:
        if name in _TITLES or name in _SUBTITLES:
            text = _named(reader, tokens).replace(MARK, "")
            text = clean(without_marks(text)).rstrip("*†‡ ")
            if name in _SUBTITLES:
                subtitle = subtitle or text
            elif text:
                title = text
    if subtitle and title:
        return f"{title}{'' if title.endswith((':', '?', '!', '.')) else ':'} {subtitle}"
    return title or subtitle


def authors_of(reader: Reader) -> tuple[tuple[Author, ...], tuple[str, ...]]:
    """Authors in order, and affiliations as far as they are told apart from names."""
    commands = [entry for entry in reader.front.commands if entry[0] in _AUTHORS or entry[0] == "affiliation"]
    several = sum(1 for entry in commands if entry[0] in ("author", "icmlauthor", "Author")) > 1
    authors: list[Author] = []
    places: list[str] = []
    for name, _, tokens in commands:
        if name == "affiliation":
            places.extend(affiliations_in(_named(reader, tokens)))
        elif name == "collaboration":
            body = clean(_named(reader, tokens))
            authors.extend([Author(family=body)] if body else [])
        else:
            found, around = people_of(_named(reader, tokens), single=several)
            authors.extend(found)
            places.extend(place for text in around for place in affiliations_in(text))
    return tuple(dict.fromkeys(authors)), tuple(dict.fromkeys(places))[:_MAX_AFFILIATIONS]


def affiliations_in(text: str) -> list[str]:
    """Affiliations of a text, which separators or lines that begin with a mark part."""
    text = re.sub(r"\$[^$]{0,80}\$", MARK, without_marks(text))
    found: list[str] = []
    for piece in text.split(NEXT):
        lines = [line for raw in piece.split("\n") if (line := _ADDRESS.sub("", raw)).strip(" ,;")]
        joined = ""
        for line in lines:
            if MARK in line[:3] and joined:
                found.append(joined)
                joined = ""
            joined = f"{joined}, {line}" if joined else line
        found.append(joined)
    cleaned = [_affiliation(piece) for piece in found]
    return [piece for piece in cleaned if len(piece) > 2 and any(char.isalpha() for char in piece)]


def _affiliation(text: str) -> str:
    text = _KEY_VALUE.sub(", ", text)
    text = re.sub(rf"\s*{_PART_END}\s*,?\s*", ", ", text).replace(MARK, " ")
    text = clean(text.replace(OUTSIDE, " ").replace("\t", " "))
    return re.sub(r"(?:\s*,)+\s*", ", ", text).strip(" ,;.*†‡")


def keywords_of(reader: Reader) -> tuple[str, ...]:
    """Keywords, one by one."""
    found: list[str] = []
    for text in reader.keyword_texts:
        for piece in _KEYWORD_SPLIT.split(without_marks(text)):
            word = clean(piece.replace(MARK, " ")).strip(" .")
            word = re.sub(r"^(?:key\s?words?|index terms)(?: and phrases)?\s*[:.—-]\s*", "", word, flags=re.IGNORECASE)
            if word and len(word) <= 120:
                found.append(word)
    return tuple(dict.fromkeys(found))


def stated(reader: Reader, names: tuple[str, ...]) -> str:
    """The text of the first command among the names that has any."""
    for name, _, tokens in reader.front.commands:
        if name in names:
            text = clean(without_marks(_named(reader, tokens)).replace(MARK, " "))
            if text:
                return text
    return ""


def year_of(reader: Reader) -> int | None:
    """The year that the title block states."""
    for name in _YEARS:
        match = _YEAR.search(stated(reader, (name,)))
        if match is not None:
            return int(match[1])
    return None


def venue_of(reader: Reader) -> str:
    """The journal or conference that the title block states."""
    return stated(reader, _VENUES)[:300]


def doi_of(reader: Reader) -> str:
    """The text in which a DOI is stated."""
    return stated(reader, _DOIS)


def preprint_of(reader: Reader) -> str:
    """The text in which an arXiv identifier is stated."""
    return stated(reader, ("preprint", "eprint", "arxivid", "arxivnumber", "arxiv"))


def _named(reader: Reader, tokens: list[str]) -> str:
    before, reader.naming = reader.naming, True
    try:
        return reader.inline(tokens)
    finally:
        reader.naming = before


COMMANDS: dict[str, Handler] = {
    **{f"\\{name}": dropped for name in _DROPPED},
    **{f"\\{name}": note for name in (*_TITLES, *_SUBTITLES, *_AUTHORS, *_VENUES, *_DOIS, *_YEARS)},
    **{f"\\{name}": note for name in ("preprint", "eprint", "arxivid", "arxivnumber", "arxiv")},
    **{f"\\{name}": place for name in _PLACES},
    **{f"\\{name}": part for name in _PARTS},
    **{f"\\{name}": separator for name in ("and", "And", "AND", "sep", "andname", "AAND", "IEEEauthorblockAend")},
    "\\textsuperscript": superscript,
    "\\IEEEauthorblockN": zone,
    "\\IEEEauthorblockA": zone,
    "\\addr": outside,
    "\\fnm": surname,
    "\\sur": surname,
    "\\spfx": surname,
    "\\abstract": abstract_command,
    "\\abstracts": abstract_command,
    **{f"\\{name}": keyword_command for name in _KEYWORDS if name.isalpha()},
}
ENVIRONMENTS: dict[str, Environment] = {
    **{name: Environment(begin_abstract, end_abstract) for name in ("abstract", "abstract*", "onecolabstract",
                                                                    "Abstract", "summary", "ABSTRACT")},
    **{name: Environment(begin_keywords, end_keywords) for name in ("keyword", "keywords", "IEEEkeywords", "Keywords",
                                                                    "indexterms", "AMS", "MSCcodes")},
}  # fmt: skip
