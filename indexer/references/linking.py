"""In-text citations to the entries of the reference list."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.records import Reference
from core.text import name_key, title_key
from indexer.references.names import PARTICLES

_NUMBER_ITEM = r"\d{1,4}[a-z]?(?:\s?[-–—]\s?\d{1,4})?"
_BRACKET = re.compile(
    rf"\[\s?({_NUMBER_ITEM}(?:\s?[,;]\s?(?:and\s)?{_NUMBER_ITEM})*)(?:,?\s(?:pp?\.|[Cc]h|[Ss]ec|[Ff]ig|"
    rf"[Tt]h|[Ll]em)[^\]]{{0,30}})?\s?\]"
)
_BRACKET_NOTE = re.compile(r"\[\s?(\d{1,4}),\s[^\]\d][^\]]{1,40}\]")
_PAREN_NUMBERS = re.compile(rf"\(({_NUMBER_ITEM}(?:\s?[,;]\s?{_NUMBER_ITEM})*)\)")
_RAISED = re.compile(rf"^[\[(]?\s?({_NUMBER_ITEM}(?:\s?[,;]\s?{_NUMBER_ITEM})*)\s?[\])]?[.,;]?$")
_GLUED = re.compile(
    r"(?<=[a-zà-ÿ]{2}[a-zà-ÿ.,;)])(?<!\bfig\.)(?<!\bsec\.)(?<!\btab\.)"
    r"(\d{1,3}(?:[,–-]\d{1,3})*)(?=[\s.,;:)]|$)"
)
"""Superior figures of the font: raised to the eye, plain digits behind their word to the file."""
_LABELS = re.compile(r"\[([^\[\]]{2,120})\]")
_LABEL_ITEM = re.compile(r"[;,]\s*")
_YEAR = r"(?:1[5-9]\d\d|20[0-4]\d|n\.\s?d\.|in press|forthcoming|to appear)"
_YEAR_LIST = rf"{_YEAR}\s?[a-z]?(?:\s?[,&]\s?(?:{_YEAR}\s?[a-z]?|[a-z])(?![\w]))*"
_UP = r"[^\W\d_a-zà-öø-ÿ]"
_PARTICLE = (
    r"(?:(?:[Vv]an|[Vv]on|[Dd]e|[Dd]er|[Dd]en|[Dd]el|[Dd]ella|[Dd]i|[Dd]a|[Dd]os|[Dd]u|[Ll]a|[Ll]e|[Tt]en|"
    r"[Tt]er|[Aa]l|[Ee]l)[\s-])"
)
_NAME = rf"{_PARTICLE}{{0,3}}(?:[dDOL]['’])?{_UP}[\w'’\-–]*"
_ET_AL = r"(?:,?\s+(?:et\.?\s+al\.?|and others|and colleagues|and coworkers))"
_POSSESSIVE = r"(?:['’]s)?"
_NARRATIVE = re.compile(
    rf"(?<![\w])((?:{_NAME}(?:,\s+|\s+)){{0,4}}?{_NAME}(?:(?:,?\s+(?:and|"
    rf"&)\s+){_NAME}(?:\s{_NAME})?)?{_ET_AL}?){_POSSESSIVE},?"
    rf"\s+[(\[](?:[^()\[\]]{{0,20}}?\s)?({_YEAR_LIST})(?:[,:;]\s?[^()\[\]]{{0,80}})?[)\]]"
)
_GROUP = re.compile(rf"[(\[]([^()\[\]]*(?:\([^()]*\)[^()\[\]]*)*?{_YEAR}[^()\[\]]*)[)\]]")
_ITEM = re.compile(rf"^(.*?)[,\s(\[]+({_YEAR_LIST})(?:[,:)]?\s.*|\))?$", re.DOTALL)
_YEAR_ONLY = re.compile(rf"^({_YEAR_LIST})(?:[,:]\s.*)?$")
_PREFIX = re.compile(
    r"^(?:(?:see(?: also)?|e\.\s?g\.|i\.\s?e\.|cf\.|for example|for instance|also|reviewed in|following|"
    r"as in|from|by|in|"
    r"adapted from|and|but|after|compare|such as|according to)[,:]?\s+)+",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]+(?:['’\-–][^\W\d_]+)*")
_MAX_RANGE = 60
_DASHES = frozenset("-–—")
_BETWEEN = _DASHES | {",", ";"}


@dataclass(frozen=True, slots=True)
class Link:
    """A citation in a text: its half-open span and the positions of the entries that it names."""

    start: int
    end: int
    reference_indices: tuple[int, ...]
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    """What an in-text citation shows of an entry; names are normalised family names."""

    index: int
    names: tuple[str, ...]
    year: str
    opening: str


@dataclass(frozen=True, slots=True)
class Linker:
    """A reference list prepared for linking; build it with ``make_linker``."""

    numbers: Mapping[int, int]
    labels: Mapping[str, int]
    by_name: Mapping[str, tuple[_Entry, ...]]
    style: str

    def find(self, text: str, raised: Sequence[tuple[int, int]] = ()) -> list[Link]:
        """Find the citations in a text, in order and without overlaps.

        Args:
            text: A paragraph.
            raised: Spans of superscript characters, whose digits may be written as such.
        """
        if self.style == "author-year":
            found = [*self._narrative(text), *self._groups(text)]
        elif self.style == "label":
            found = list(self._labelled(text))
        elif self.style == "superscript":
            found = list(self._superscripts(text, raised))
        elif self.style == "parenthesis":
            found = list(self._numbers(text, _PAREN_NUMBERS))
        elif self.style == "glued":
            found = list(self._numbers(text, _GLUED))
        else:
            found = [*self._numbers(text, _BRACKET), *self._numbers(text, _BRACKET_NOTE)]
            return self._joined(text, _without_overlaps(found))
        return _without_overlaps(found)

    def _numbers(self, text: str, pattern: re.Pattern[str]) -> Iterator[Link]:
        for match in pattern.finditer(text):
            indices = self._expand(match[1])
            if indices:
                yield Link(match.start(), match.end(), indices)

    def _joined(self, text: str, links: Sequence[Link]) -> list[Link]:
        """Join ``[1], [2]`` into one citation, and ``[1]–[3]`` into a range."""
        joined: list[Link] = []
        for link in links:
            last = joined[-1] if joined else None
            between = text[last.end : link.start].strip() if last is not None else ""
            if last is None or between not in _BETWEEN or link.start == last.end:
                joined.append(link)
                continue
            indices = [*last.reference_indices, *link.reference_indices]
            if between in _DASHES and 0 < link.reference_indices[0] - last.reference_indices[-1] <= _MAX_RANGE:
                indices = [
                    *last.reference_indices,
                    *range(last.reference_indices[-1] + 1, link.reference_indices[0]),
                    *link.reference_indices,
                ]
            joined[-1] = Link(last.start, link.end, tuple(dict.fromkeys(indices)))
        return joined

    def _superscripts(self, text: str, raised: Sequence[tuple[int, int]]) -> Iterator[Link]:
        for start, end in raised:
            plain = text[start:end].translate(_LOWERED)
            match = _RAISED.match(plain)
            # A number raised after a digit, a sign or a single letter is an exponent.
            if match is None or _is_exponent(text, start):
                continue
            indices = self._expand(match[1])
            if indices:
                yield Link(start, end, indices)

    def _expand(self, items: str) -> tuple[int, ...]:
        """Positions of ``1, 3–5``; empty when a number is not in the list: then it is no citation."""
        indices: list[int] = []
        for item in re.split(r"\s?[,;]\s?(?:and\s)?", items):
            ends = [int(number) for number in re.findall(r"\d+", item)]
            first, last = ends[0], ends[-1]
            if not first <= last <= first + _MAX_RANGE:
                return ()
            for number in range(first, last + 1):
                if number not in self.numbers:
                    return ()
                indices.append(self.numbers[number])
        return tuple(dict.fromkeys(indices))

    def _labelled(self, text: str) -> Iterator[Link]:
        for match in _LABELS.finditer(text):
            whole = _label_key(match[1])
            if whole in self.labels:
                yield Link(match.start(), match.end(), (self.labels[whole],))
                continue
            items = [_label_key(item) for item in _LABEL_ITEM.split(match[1])]
            indices = [self.labels[item] for item in items if item in self.labels]
            if indices and len(indices) >= 0.5 * len(items):
                yield Link(match.start(), match.end(), tuple(dict.fromkeys(indices)))

    def _narrative(self, text: str) -> Iterator[Link]:
        for match in _NARRATIVE.finditer(text):
            names = _names(match[1])
            for first in range(len(names)):
                # Capitalised words before the name ("In Smith (2020)") are tried and given up one by one.
                found, ambiguous = self._resolve(names[first:], _years(match[2]), "et al" in match[1])
                if found:
                    start = _start_of(match[1], first) + match.start(1)
                    yield Link(start, match.end(), found, ambiguous)
                    break

    def _groups(self, text: str) -> Iterator[Link]:
        for match in _GROUP.finditer(text):
            indices: list[int] = []
            ambiguous = False
            last: list[str] = []
            for part in match[1].split(";"):
                for names, years, et_al in _items(part.strip(), last):
                    found, unsure = self._resolve(names, years, et_al)
                    indices.extend(found)
                    ambiguous = ambiguous or unsure
                    last = names or last
            if indices:
                yield Link(match.start(), match.end(), tuple(dict.fromkeys(indices)), ambiguous)

    def _resolve(self, names: Sequence[str], years: Sequence[str], et_al: bool) -> tuple[tuple[int, ...], bool]:
        """Entries by names and years, and whether the choice was not unique."""
        indices: list[int] = []
        ambiguous = False
        for year in years:
            fitting = self._fitting(names, year)
            if len(fitting) > 1:
                fitting = _preferred(fitting, names, et_al)
            indices.extend(entry.index for entry in fitting)
            ambiguous = ambiguous or len(fitting) > 1
        return tuple(dict.fromkeys(indices)), ambiguous

    def _fitting(self, names: Sequence[str], year: str) -> list[_Entry]:
        if not names:
            return []
        entries = self.by_name.get(names[0], ()) or self.by_name.get("".join(names), ())
        exact = [entry for entry in entries if entry.year == year]
        if exact:
            return exact
        # (Smith, 2020) may cite an entry printed 2020a, and the reverse, when there is but one such year.
        return [entry for entry in entries if entry.year[:4] == year[:4] and (len(entry.year) == 4 or len(year) == 4)]


_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")


def make_linker(references: Sequence[Reference], *, texts: Sequence[tuple[str, Sequence[tuple[int, int]]]]) -> Linker:
    """Prepare a reference list, choosing the citation style that links most in the paper.

    Args:
        references: In order; numbers without labels are their positions.
        texts: Each paragraph with the spans of its superscripts.
    """
    numbers = _number_table(references)
    labels = {_label_key(ref.label): ref.index for ref in references if ref.label and not ref.label.isdigit()}
    by_name = _name_table(references)
    styles = ["author-year"]
    if len(labels) >= 0.5 * len(references):
        styles.append("label")
    else:
        styles.extend(("bracket", "superscript", "parenthesis", "glued"))
    linkers = [Linker(numbers, labels, by_name, style) for style in styles]
    return max(linkers, key=lambda linker: _worth(linker, references, texts))


def _worth(
    linker: Linker, references: Sequence[Reference], texts: Sequence[tuple[str, Sequence[tuple[int, int]]]]
) -> float:
    """Distinct entries reached; doubtful styles must reach more than plain ones to win."""
    reached: set[int] = set()
    for text, raised in texts:
        for link in linker.find(text, raised):
            reached.update(link.reference_indices)
    weight = {"glued": 0.5, "parenthesis": 0.5, "superscript": 0.8, "author-year": 0.9}.get(linker.style, 1.0)
    return weight * len(reached)


def _number_table(references: Sequence[Reference]) -> dict[int, int]:
    numbered = {int(ref.label): ref.index for ref in references if ref.label.isdigit()}
    if len(numbered) >= 0.5 * len(references):
        return numbered
    return {ref.index + 1: ref.index for ref in references}


def _name_table(references: Iterable[Reference]) -> dict[str, tuple[_Entry, ...]]:
    table: defaultdict[str, list[_Entry]] = defaultdict(list)
    for ref in references:
        names = tuple(_family_key(author.family) for author in ref.authors)
        entry = _Entry(ref.index, names, _printed_year(ref), title_key(ref.raw[:60]))
        keys = set()
        if names:
            keys = {names[0], _last_word_key(ref.authors[0].family), name_key(ref.authors[0].family)}
            acronym = re.search(r"\(([A-Z]{2,})\)", ref.authors[0].family)
            if acronym is not None:
                keys.add(acronym[1].lower())
            keys.add(name_key(ref.authors[0].name))
        else:
            first = _WORDS.findall(ref.raw[:80])
            keys = {name_key(first[0])} if first else set()
        for key in keys - {""}:
            table[key].append(entry)
    return {key: tuple(entries) for key, entries in table.items()}


def _printed_year(ref: Reference) -> str:
    """The year with its letter, as 2020a."""
    if ref.year is None:
        return "nd"
    match = re.search(rf"\b{ref.year}([a-z])\b", ref.raw)
    return f"{ref.year}{match[1] if match else ''}"


def _family_key(family: str) -> str:
    words = [word for word in family.split() if word.lower() not in PARTICLES]
    return name_key(" ".join(words) or family)


def _last_word_key(family: str) -> str:
    return name_key(family.split()[-1]) if family.split() else ""


def _label_key(label: str) -> str:
    return "".join(label.split()).lower()


def _years(text: str) -> list[str]:
    """``2019a, b`` as 2019a and 2019b."""
    years: list[str] = []
    for token in re.findall(r"\d{4}\s?[a-z]?(?![\w])|\b[a-z]\b|n\.\s?d\.|in press|forthcoming|to appear", text):
        token = token.replace(" ", "")
        if token[0].isdigit():
            years.append(token)
        elif len(token) == 1 and years:
            years.append(years[-1][:4] + token)
        else:
            years.append("nd")
    return years


def _names(text: str) -> list[str]:
    """Normalised family names of a citation's authors."""
    text = re.sub(_ET_AL, "", text)
    text = re.sub(r"['’]s\b", "", text)
    names: list[str] = []
    for part in re.split(r",\s+(?:and\s|&\s?)?|\s+(?:and|&)\s+|\s", text):
        # A particle is skipped only in small letters: Du and Le are family names too.
        if part and part not in PARTICLES and part[0].isalpha():
            key = name_key(part)
            if len(key) > 1 or not part.endswith("."):
                names.append(key)
    return [name for name in names if name]


def _start_of(text: str, skipped: int) -> int:
    """Where the author list begins when that many capitalised words before it do not belong to it."""
    position = 0
    for match in re.finditer(r"\S+", text):
        word = match[0].strip(",")
        if word.lower() in PARTICLES or word in ("and", "&") or not word[:1].isalpha():
            continue
        if skipped == 0:
            return match.start()
        skipped -= 1
        position = match.end()
    return position


def _items(part: str, last: Sequence[str]) -> Iterator[tuple[list[str], list[str], bool]]:
    """The citations within one part of a group: usually one, several where commas part them."""
    part = _PREFIX.sub("", part)
    alone = _YEAR_ONLY.match(part)
    if alone is not None:
        if last:
            yield list(last), _years(alone[1]), True
        return
    # "Smith, 2019, Doe et al., 2020": cut after each year that a new name follows.
    for piece in re.split(
        rf"(?<=\d{{4}})[a-z]?,\s+(?={_UP}[^\d]*{_YEAR})|(?<=\d{{4}}[a-z]),\s+(?={_UP}[^\d]*{_YEAR})", part
    ):
        match = _ITEM.match(_PREFIX.sub("", piece))
        if match is not None:
            yield _group_names(match[1]), _years(match[2]), "et al" in match[1]


def _group_names(text: str) -> list[str]:
    """Names of one citation; words before the name list ("see the review of Smith") are dropped."""
    words = text.strip(" ,(").split()
    for position in range(len(words) - 1, -1, -1):
        word = words[position].strip("(),.&")
        small = (
            word[:1].islower()
            and word.lower() not in PARTICLES
            and word not in ("and", "et", "al", "others", "of", "for")
        )
        if small:
            words = words[position + 1 :]
            break
    return _names(" ".join(words))


def _preferred(entries: Sequence[_Entry], names: Sequence[str], et_al: bool) -> list[_Entry]:
    """The entries that fit best; more than one when nothing decides."""
    shown = len(names)

    def fit(entry: _Entry) -> tuple[bool, bool]:
        same = entry.names[:shown] == tuple(names)
        count = len(entry.names) > max(shown, 1) if et_al else len(entry.names) == shown
        return same, count

    best = max(fit(entry) for entry in entries)
    return [entry for entry in entries if fit(entry) == best]


def _is_exponent(text: str, start: int) -> bool:
    before = text[max(0, start - 2) : start]
    if not before or before[-1].isspace():
        return not before
    if before[-1].isdigit() or before[-1] in "=+−-×*/^<>∼~":
        return True
    return before[-1].isalpha() and (len(before) == 1 or not before[-2].isalpha()) and before[-1] not in "aI"


def _without_overlaps(links: Iterable[Link]) -> list[Link]:
    kept: list[Link] = []
    for link in sorted(links, key=lambda link: (link.start, -link.end)):
        if not kept or link.start >= kept[-1].end:
            kept.append(link)
    return kept
