"""What the labeller sees of each token: its form, its neighbours, and where it stands in the entry."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from indexer.references.tokens import Token

_YEAR = re.compile(r"1[5-9]\d\d$|20[0-4]\d$")
_ROMAN = re.compile(r"[IVXLC]+$|[ivxlc]+$")
_MONTHS = frozenset(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug "
    "sep sept oct nov dec janvier février mars avril mai juin juillet août septembre octobre novembre décembre januar "
    "februar märz juni juli oktober dezember enero febrero marzo abril mayo junio julio agosto septiembre octubre "
    "noviembre diciembre spring summer autumn fall winter".split()
)
_CUES = {
    "vol": "vol", "volume": "vol", "vols": "vol", "bd": "vol", "band": "vol", "tome": "vol", "том": "vol", "т": "vol",
    "no": "no", "nr": "no", "num": "no", "number": "no", "issue": "no", "iss": "no", "heft": "no", "№": "no",
    "p": "pp", "pp": "pp", "page": "pp", "pages": "pp", "pg": "pp", "pgs": "pp", "s": "pp", "с": "pp", "стр": "pp",
    "ed": "ed", "eds": "ed", "editor": "ed", "editors": "ed", "edited": "ed", "hrsg": "ed", "éd": "ed", "éds": "ed",
    "in": "in", "dans": "in", "proc": "proc", "proceedings": "proc", "conference": "proc", "conf": "proc",
    "workshop": "proc", "symposium": "proc", "symp": "proc", "congress": "proc", "meeting": "proc",
    "and": "and", "und": "and", "et": "and", "y": "and", "al": "al", "others": "al",
    "journal": "jour", "j": "jour", "rev": "jour", "review": "jour", "lett": "jour", "letters": "jour",
    "phys": "jour", "transactions": "jour", "trans": "jour", "annals": "jour", "ann": "jour", "acta": "jour",
    "bull": "jour", "bulletin": "jour", "arch": "jour", "archives": "jour", "res": "jour", "int": "jour",
    "press": "pub", "publisher": "pub", "publishers": "pub", "publishing": "pub", "verlag": "pub", "springer": "pub",
    "wiley": "pub", "elsevier": "pub", "academic": "pub", "sons": "pub", "hall": "pub", "mcgraw": "pub", "inc": "pub",
    "books": "pub", "editions": "pub", "éditions": "pub", "addison": "pub", "wesley": "pub", "routledge": "pub",
    "university": "univ", "univ": "univ", "institute": "univ", "department": "univ", "dept": "univ", "school": "univ",
    "université": "univ", "universität": "univ", "laboratory": "univ", "center": "univ", "centre": "univ",
    "thesis": "tech", "dissertation": "tech", "thèse": "tech", "phd": "tech", "report": "tech", "tech": "tech",
    "technical": "tech", "preprint": "tech", "manuscript": "tech", "memo": "tech", "patent": "tech", "draft": "tech",
    "edition": "edn", "edn": "edn", "aufl": "edn",
    "doi": "doi", "arxiv": "arxiv", "pmid": "id", "pmcid": "id", "issn": "id", "isbn": "id", "pmc": "id",
    "url": "web", "http": "web", "https": "web", "www": "web", "available": "web", "retrieved": "web",
    "accessed": "web", "online": "web", "consulté": "web", "visited": "web",
    "collaboration": "coll", "consortium": "coll", "group": "coll", "team": "coll", "committee": "coll",
    "hep": "hep", "astro": "hep", "cond": "hep", "gr": "hep", "nucl": "hep", "quant": "hep", "math": "hep",
    "article": "art", "art": "art", "suppl": "sup", "supplement": "sup", "erratum": "sup", "series": "ser",
    "lecture": "ser", "notes": "ser", "chapter": "chap", "ch": "chap", "chap": "chap",
    "submitted": "note", "appear": "note", "forthcoming": "note", "unpublished": "note", "cited": "note",
    "abstract": "note", "translated": "note", "trans.": "note", "reprinted": "note", "see": "note", "also": "note",
}  # fmt: skip
_PARTICLES = frozenset("van von de der den del della di da dos das du la le el al ten ter zu bin ibn af av".split())
_QUOTE_OPEN = frozenset({"“", "«", "„", "``"})
_QUOTE_CLOSE = frozenset({"”", "»", "''"})
_QUOTES = frozenset({'"', "'", "‘", "’"}) | _QUOTE_OPEN | _QUOTE_CLOSE
Lexicon = Mapping[str, str]
"""Lower-case words and what they are mostly used as: a code such as ``F3G1T0J0``."""


def shape(token: Token) -> str:
    """The form of a token, such as ``Xx``, ``X``, ``d4y`` or the mark itself."""
    text = token.text
    if token.kind == "number":
        if len(text) == 4 and _YEAR.match(text):
            return "d4y"
        return f"d{min(len(text), 6)}"
    if token.kind != "word":
        return text if token.kind == "mark" else token.kind.upper()
    if text.islower():
        return "x" if len(text) == 1 else "xx"
    if text.isupper():
        return "X" if len(text) == 1 else f"XX{min(len(text), 4)}"
    if text[0].isupper() and text[1:].islower():
        return "Xx"
    if ord(text[0]) > 0x2E7F:
        return "cjk"
    return "xX" if text[0].islower() else "XxX"


def make_features(lexicon: Lexicon) -> Callable[[Sequence[Token]], list[list[str]]]:
    """A function from tokens to their attributes, one list a token, for a lexicon."""

    @lru_cache(maxsize=1 << 13)
    def own(token_text: str, kind: str) -> tuple[tuple[str, ...], ...]:
        return _own(Token(token_text, 0, len(token_text), kind), lexicon)

    def features(tokens: Sequence[Token]) -> list[list[str]]:
        forms = [own(token.text, token.kind) for token in tokens]
        places = _places(tokens, [form[4][1] for form in forms])
        count = len(tokens)
        found: list[list[str]] = []
        for index in range(count):
            items = list(forms[index][0])
            for offset in (-3, -2, -1, 1, 2, 3):
                at = index + offset
                if 0 <= at < count:
                    items.extend(forms[at][offset])
                else:
                    items.append(f"{offset}:END")
            items.extend(_joined(forms, index))
            items.extend(places[index])
            found.append(items)
        return found

    return features


def _own(token: Token, lexicon: Lexicon) -> tuple[tuple[str, ...], ...]:
    """Attributes of a token for itself (0) and for neighbours at 1, 2, 3, -3, -2, -1 places (indexed by offset)."""
    form = shape(token)
    lower = token.text.lower()
    word = lower if token.kind in ("word", "mark") else form
    cue = _CUES.get(lower, "")
    code = lexicon.get(lower, "") if token.kind == "word" else ""
    if lower in _MONTHS:
        cue = cue or "month"
    if token.kind == "word" and lower in _PARTICLES:
        cue = cue or "part"
    here = ["b", f"w={word}", f"s={form}"]
    if token.kind == "word":
        here += [f"p2={lower[:2]}", f"p3={lower[:3]}", f"x2={lower[-2:]}", f"x3={lower[-3:]}", f"x4={lower[-4:]}"]
        here.append(f"l={min(len(lower), 8)}")
        if _ROMAN.match(token.text):
            here.append("roman")
        here += [f"c={part}" for part in _parts(code)] or ["c=?"]
        here.append(f"C={code}")
        here.append(f"C={code}{form}")
    if cue:
        here.append(f"q={cue}")
    near: dict[int, tuple[str, ...]] = {}
    for offset in (-3, -2, -1, 1, 2, 3):
        items = [f"{offset}s={form}"]
        if abs(offset) < 3:
            items.append(f"{offset}w={word}")
            items.append(f"{offset}C={code}")
        if cue:
            items.append(f"{offset}q={cue}")
        near[offset] = tuple(items)
    brief = cue or form
    return (tuple(here), near[1], near[2], near[3], (word, form, brief, code), near[-3], near[-2], near[-1])


def _parts(code: str) -> list[str]:
    return [code[at : at + 2] for at in range(0, len(code), 2)]


def _joined(forms: Sequence[tuple[tuple[str, ...], ...]], index: int) -> list[str]:
    """Attributes of neighbouring tokens together."""
    word, form, brief, code = forms[index][4]
    last = len(forms) - 1
    before = forms[index - 1][4] if index else ("^", "^", "^", "^")
    before2 = forms[index - 2][4] if index > 1 else ("^", "^", "^", "^")
    after = forms[index + 1][4] if index < last else ("$", "$", "$", "$")
    after2 = forms[index + 2][4] if index < last - 1 else ("$", "$", "$", "$")
    return [
        f"-w={before[0]}|{word}",
        f"+w={word}|{after[0]}",
        f"-b={before[2]}|{brief}",
        f"+b={brief}|{after[2]}",
        f"-+b={before[2]}|{brief}|{after[2]}",
        f"--b={before2[2]}|{before[2]}|{brief}",
        f"++b={brief}|{after[2]}|{after2[2]}",
        f"--++={before2[2]}|{before[2]}|{form}|{after[2]}|{after2[2]}",
        f"-+C={before[3]}|{code}|{after[3]}",
        f"+C={brief}|{after[1]}|{after2[3]}{after2[1]}",
        f"-C={before2[3]}{before2[1]}|{before[1]}|{brief}",
    ]


def _places(tokens: Sequence[Token], shapes: Sequence[str]) -> list[list[str]]:
    """Attributes of where each token stands: brackets, quotes, marks passed, marks and numbers to come."""
    count = len(tokens)
    has_quotes = any(token.text in _QUOTE_OPEN or token.text == '"' for token in tokens)
    first_year = next((index for index, form in enumerate(shapes) if form == "d4y"), count)
    style = f"{'Q' if has_quotes else 'n'}{_year_place(tokens, shapes, first_year)}"
    ahead = _ahead(tokens, shapes)
    behind: list[str] = []
    depth = 0
    quoted = quotes_over = False
    year_seen = in_seen = False
    stops = commas = 0
    places: list[list[str]] = []
    for index, token in enumerate(tokens):
        text = token.text
        glued = index > 0 and tokens[index - 1].end == token.start
        if text in "([{" and token.kind == "mark":
            depth += 1
        if quoted and (text in _QUOTE_CLOSE or text == '"' or (text == "’" and not _is_apostrophe(tokens, index))):
            quoted, quotes_over = False, True
        elif not quoted and (text in _QUOTE_OPEN or (text == '"') or (text == "‘")):
            quoted = True
        state = f"{'q' if quoted else 'o' if quotes_over else '-'}{min(depth, 2)}{'y' if year_seen else '-'}"
        behind_two = "".join(behind[-2:])
        places.append([
            f"i={min(index, 12)}",
            f"e={min(count - index, 8)}",
            f"r={10 * index // count}",
            "glued" if glued else "apart",
            f"st={state}",
            f"st={state}|{shapes[index]}",
            f"S={style}|{state}|{min(stops, 3)}",
            f"stops={min(stops, 5)}{'i' if in_seen else ''}",
            f"stops={min(stops, 3)}|{state}|{shapes[index]}",
            f"commas={min(commas, 4)}|{min(stops, 3)}",
            f"a={ahead[index]}",
            f"a1={ahead[index][:3]}|{state}",
            f"z={behind_two}",
            f"za={behind_two}|{ahead[index]}",
            f"za1={behind_two[-1:]}|{shapes[index]}|{ahead[index][:2]}",
        ])  # fmt: skip
        if text in ")]}" and token.kind == "mark":
            depth = max(0, depth - 1)
        if token.kind != "word":
            behind.append(_sign(token, shapes[index]))
        if shapes[index] == "d4y":
            year_seen = True
        if text.lower() in ("in", "dans") and index and tokens[index - 1].kind == "mark":
            in_seen = True
        if _is_stop(tokens, index):
            stops += 1
            commas = 0
        elif text == ",":
            commas += 1
    return places


def _sign(token: Token, form: str) -> str:
    """One letter for a mark or a number."""
    if token.kind == "number":
        return "Y" if form == "d4y" else "N"
    if token.kind == "mark":
        return '"' if token.text in _QUOTES else "-" if token.text in "-–—‐" else token.text
    return "U"


def _ahead(tokens: Sequence[Token], shapes: Sequence[str]) -> list[str]:
    """For each token, the next four marks or numbers after it; full stops of abbreviations are told apart."""
    ahead = [""] * len(tokens)
    coming = "$"
    for index in range(len(tokens) - 1, -1, -1):
        ahead[index] = coming[:4]
        token = tokens[index]
        if token.kind == "word":
            continue
        sign = _sign(token, shapes[index])
        if sign == "." and not _is_stop(tokens, index):
            sign = "·"
        if not (sign in "·-" and coming.startswith(sign)):
            coming = sign + coming[:5]
    return ahead


def _is_stop(tokens: Sequence[Token], index: int) -> bool:
    """A full stop, question mark or colon that seems to end something, not an abbreviation or an initial."""
    token = tokens[index]
    if token.text not in ".?!" or index == 0:
        return False
    before = tokens[index - 1]
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    if after is not None and after.start == token.end and after.kind != "mark":
        return False
    if before.kind == "word" and len(before.text) < 3 and before.text.lower() not in ("al", "us", "eu"):
        return False
    return after is None or after.kind != "word" or not after.text[0].islower()


def _is_apostrophe(tokens: Sequence[Token], index: int) -> bool:
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    return after is not None and after.start == tokens[index].end and after.kind == "word"


def _year_place(tokens: Sequence[Token], shapes: Sequence[str], first: int) -> str:
    """Where the first year stands: nowhere, early or late, and whether in parentheses."""
    if first >= len(tokens):
        return "0"
    inside = "(" in (token.text for token in tokens[max(0, first - 4) : first])
    rest = shapes[first + 1 :]
    words_after = sum(1 for form in rest if form in ("xx", "Xx"))
    return f"{'e' if words_after > 5 else 'l'}{'(' if inside else ''}"
