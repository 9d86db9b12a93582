"""Reference strings in house styles: what the Citation Style Language does not print, with each field known."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from training.references.examples import Example, Span, tidy_spans
from training.references.records import MONTHS, Person, Record
from training.references.styles import Style

_EDITORS = (", editors, ", " (Eds.), ", ", eds., ", " (eds.) ", " (Hrsg.): ", ", editor, ", ", Eds. ")
_THESES = ("PhD thesis", "Ph.D. thesis", "Master’s thesis", "Ph.D. dissertation", "Dissertation", "Thèse de doctorat",
           "M.S. thesis")  # fmt: skip
_REPORTS = ("Technical Report", "Tech. rep.", "Research report", "Working Paper", "Technical report")
_PREPRINTS = (
    ("arXiv preprint", " ", "arXiv:"), ("arXiv preprint", " ", "arXiv:"), ("", "", "arXiv:"), ("", "", "arXiv: "),
    ("", "", "CoRR, abs/"), ("ArXiv e-prints", ", ", "arXiv:"), ("", "", "ArXiv, abs/"), ("", "", "arXiv, "),
    ("Preprint at", " ", "arXiv:"),
)  # fmt: skip
_ARXIV_TAILS = (("[", "arXiv:", "]"), ("(", "arXiv:", ")"), ("", "arXiv:", ""), ("[", "", "]"), ("Preprint ", "", ""))
_NOTES = ("in press", "in Russian", "submitted", "to appear", "unpublished", "2nd edition", "second edition")
_ACCESSES = ("Accessed", "accessed", "Accessed on", "last accessed", "Retrieved", "visited on")
_WEB_FORMS = (
    "URL {u}", "[Online]. Available: {u}", "Available at: {u} ({a})", "Retrieved from {u}", "{u}", "{u}. {a}",
    "{a}. {u}", "{a}, from {u}", "url: {u} ({a})", "{u}, {a}", "Available: {u}. [{a}]",
)  # fmt: skip


class _Writer:
    """Text that grows piece by piece, with the label of each piece."""

    def __init__(self) -> None:
        self.pieces: list[tuple[str, str]] = []

    def put(self, text: str, label: str = "") -> None:
        if text:
            self.pieces.append((text, label))

    def put_between(self, text: str, label: str, brackets: str) -> None:
        """A text after an opening that may be a bracket, which is then closed."""
        self.put(brackets)
        self.put(text, label)
        self.put(")" if "(" in brackets else "")

    def end_with(self, mark: str) -> None:
        """A mark after the text, unless it ends in one already."""
        bare = mark.strip()
        last = self.pieces[-1][0].rstrip() if self.pieces else ""
        if bare in (".", ",") and (last.endswith((bare, "?", "!")) or (bare == "." and last.endswith("."))):
            mark = mark.replace(bare, "", 1)
        self.put(mark)


def render(style: Style, record: Record, rng: random.Random) -> Example | None:
    """A record as this style prints it; None when too little would be printed."""
    out = _Writer()
    if style.title_first:
        _put_title(out, style, record)
        _put_people(out, style, record.authors, "author")
        out.end_with(". ")
    elif rng.random() > 0.02:
        _put_people(out, style, record.authors, "author")
        if style.dates_early:
            _put_early_date(out, style, record, rng)
        else:
            out.end_with(style.after_authors)
    if not style.title_first and not (style.no_title and record.kind == "article"):
        _put_title(out, style, record)
    if record.kind in ("article", "preprint"):
        _put_article(out, style, record, rng)
    else:
        _put_book(out, style, record, rng)
    _put_late_date(out, style, record, rng)
    _put_tail(out, style, record, rng)
    return _finished(out, style, rng)


def _given(person: Person, form: str) -> str:
    if form == "full":
        return person.given
    letters = [
        ("-" if at else "") + part[0]
        for word in person.given.split()
        for at, part in enumerate(word.split("-"))
        if part
    ]
    if form in ("dotted", "glued"):
        return (" " if form == "dotted" else "").join(f"{letter}." for letter in letters).replace(" -", "-")
    return (" " if form == "spaced" else "").join(letter.strip("-") for letter in letters)


def _name(style: Style, person: Person, *, first: bool) -> str:
    family = f"{person.particle} {person.family}".strip()
    family = family.upper() if style.capitals else family
    if not person.given:
        return family
    if ord(person.family[0]) > 0x2E7F:
        return person.family + person.given
    given = _given(person, style.given)
    if style.order == "inverted" or (style.order == "first" and first):
        return f"{family}{style.comma}{given}" + (f", {person.suffix}" if person.suffix else "")
    return f"{given} {family}" + (f"{',' if style.capitals else ''} {person.suffix}" if person.suffix else "")


def _put_people(out: _Writer, style: Style, people: Sequence[Person], label: str) -> None:
    cut = len(people) > style.et_al_from
    shown = people[: max(1, style.et_al_from // 2)] if cut else people
    text = ""
    for at, person in enumerate(shown):
        if at:
            text += style.last if at == len(shown) - 1 and not cut else style.separator
        text += _name(style, person, first=at == 0)
    out.put(text + (style.et_al if cut else ""), label)


def _put_early_date(out: _Writer, style: Style, record: Record, rng: random.Random) -> None:
    year = record.year if rng.random() > 0.03 else rng.choice(("n.d.", "in press", "forthcoming"))
    out.end_with(style.after_authors)
    before, _, after = style.date.partition("Y")
    if style.months or rng.random() < 0.5:
        after = after.replace("M", MONTHS[record.month - 1]).replace("D", str(record.day))
    else:
        after = re.sub(r", M( D)?", "", after)
    letter = rng.choice("abcd") if rng.random() < 0.4 else ""
    inside = re.match(r"x?(?:, \w+(?: \d+)?)?", after)
    cut = inside.end() if inside else 0
    out.put(before)
    out.put(year + after[:cut].replace("x", letter), "date")
    out.put(after[cut:] + " ")


def _put_title(out: _Writer, style: Style, record: Record) -> None:
    opening, closing = ("", "") if record.kind in ("book", "thesis") else style.quotes
    out.put(opening)
    out.put(record.title, "title")
    # American: the comma inside the quotes.
    if closing in ("”", '"', "''") and style.after_title.strip() in (".", ",") and len(record.title) % 2:
        out.end_with(style.after_title.strip())
        out.put(closing + " ")
    else:
        out.put(closing)
        out.end_with(style.after_title)


def _put_article(out: _Writer, style: Style, record: Record, rng: random.Random) -> None:
    if record.kind == "preprint":
        server, separator, prefix = rng.choice(_PREPRINTS)
        out.put(server, "report")
        out.put(separator)
        out.put(prefix + record.arxiv, "id")
        out.put(f" [{rng.choice(('cs.LG', 'hep-ph', 'stat.ML', 'math.AG'))}]" if rng.random() < 0.3 else "")
    else:
        out.put(record.container, "journal")
        _put_numbers(out, style.numbers, record, rng)


def _put_numbers(out: _Writer, form: str, record: Record, rng: random.Random) -> None:
    """Volume, issue, pages, year and month where a form has v, i, p, y and m in braces."""
    if not record.issue:
        form = re.sub(r" ?\({i}\)|,? (?:[Nn]o\. )?{i}|[/.:]{i}", "", form)
    if not record.pages:
        form = re.sub(r"(?:,? ?(?:pp\. |pages |S\. |p\. )|[,:;]? ?){p}$", "", form)
    values = {
        "{v}": (record.volume, "volume"), "{i}": (record.issue, "issue"), "{y}": (record.year, "date"),
        "{p}": (record.pages.replace("-", rng.choice(("-", "–", "–", "--"))), "pages"),
        "{m}": (MONTHS[record.month - 1][: rng.choice((3, 9))], "date"),
    }  # fmt: skip
    for part in re.findall(r"{\w}|[^{]+", form):
        out.put(*values.get(part, (part, "")))


def _put_book(out: _Writer, style: Style, record: Record, rng: random.Random) -> None:
    if record.kind in ("paper", "chapter"):
        _put_collection(out, style, record, rng)
    elif record.kind == "thesis":
        out.put(rng.choice(_THESES), "report")
    elif record.kind == "report":
        out.put(rng.choice(_REPORTS), "report")
        out.put(" ")
        out.put(rng.choice(("", "No. ")) + record.number, "report")
    elif record.kind == "book" and record.series:
        out.put(record.series, "series")
    if record.kind in ("book", "thesis", "report") or (record.kind != "web" and rng.random() < 0.45):
        _put_publisher(out, style, record, rng)
    elif record.kind in ("paper", "chapter") and rng.random() < 0.2:
        out.put_between(record.place, "location", rng.choice((", ", " (")))


def _put_collection(out: _Writer, style: Style, record: Record, rng: random.Random) -> None:
    within, proceedings, _ = re.split(r"(Proc\..*|Proceedings.*|$)", style.within, maxsplit=1)
    out.put(within)
    editors_first = record.editors and rng.random() < 0.6
    if editors_first:
        _put_people(out, style, record.editors, "editor")
        out.put(rng.choice(_EDITORS))
    out.put(proceedings + record.container, "booktitle")
    if record.editors and not editors_first:
        out.put(rng.choice((", ed. by ", " (ed. ", ", edited by ", ", eds. ", ". Edited by ")))
        _put_people(out, style, record.editors, "editor")
        out.put(")" if out.pieces[-2][0] == " (ed. " else "")
    if record.series:
        out.put(rng.choice((", ", " (", ". ")))
        out.put(record.series, "series")
        out.put(rng.choice((", vol. ", " ")))
        out.put(record.volume, "volume")
    if record.pages:
        pages = record.pages.replace("-", rng.choice(("-", "–")))
        out.put_between(
            pages, "pages", rng.choice((", pages ", ", pp. ", " (pp. ", ", ", ": ", ". ", ", p. ", ". pp. "))
        )


def _put_publisher(out: _Writer, style: Style, record: Record, rng: random.Random) -> None:
    label = "institution" if record.kind in ("thesis", "report") else "publisher"
    form = "P, A" if label == "institution" and "P" not in style.publisher else style.publisher
    if out.pieces and out.pieces[-1][0][-1:].isalnum():
        out.end_with(" " if form.startswith("(") else rng.choice((". ", ", ", " ")))
    values = {"P": (record.publisher, label), "A": (record.place, "location")}
    for part in re.findall(r"[AP]|[^AP]+", form):
        out.put(*values.get(part, (part, "")))


def _put_late_date(out: _Writer, style: Style, record: Record, rng: random.Random) -> None:
    if style.dates_early or style.date == "none" or (record.year, "date") in out.pieces:
        return
    month = MONTHS[record.month - 1][: rng.choice((3, 9))]
    dates = (f"{month} {record.year}", f"{record.day} {month} {record.year}", f"{month} {record.day}, {record.year}")
    date = rng.choice(dates) if style.months else record.year
    if style.date == "paren":
        out.put_between(date, "date", " (")
    else:
        out.end_with("; " if style.date == "semi" else rng.choice((", ", ", ", ". ", " ")))
        out.put(date, "date")


def _put_tail(out: _Writer, style: Style, record: Record, rng: random.Random) -> None:
    """Notes, identifiers, addresses, and where the entry is cited."""
    chance = rng.random()
    if rng.random() < 0.05:
        out.put_between(rng.choice(_NOTES), "note", rng.choice((". ", ", ", " (")))
    if record.kind == "web" or chance < 0.03 or (style.identifier == "URL" and chance < 0.6):
        _put_address(out, record, rng)
    elif style.identifier not in ("", "URL", "arxiv") and chance < 0.6:
        out.end_with(rng.choice((". ", ", ", " ")))
        out.put(style.identifier + record.doi, "web" if style.identifier.startswith("http") else "id")
    elif record.kind == "article" and (chance > 0.93 or style.identifier == "arxiv"):
        opening, prefix, closing = rng.choice(_ARXIV_TAILS)
        out.end_with(rng.choice((" ", ", ")))
        out.put(opening)
        out.put(prefix + record.arxiv, "id")
        out.put(closing + rng.choice(("", "", " [INSPIRE]")))
    out.end_with(style.final)
    if style.backrefs:
        out.put(" " + style.backrefs.format(rng.randint(1, 9), rng.randint(10, 40)))


def _put_address(out: _Writer, record: Record, rng: random.Random) -> None:
    accessed = f"{rng.choice(_ACCESSES)} {record.day} {MONTHS[record.month - 1]} {record.year}"
    out.end_with(". ")
    for part in re.split(r"({[ua]})", rng.choice(_WEB_FORMS)):
        if part == "{u}":
            out.put(record.url, "web")
        else:
            out.put(accessed if part == "{a}" else part)


def _finished(out: _Writer, style: Style, rng: random.Random) -> Example | None:
    text = ""
    spans: list[Span] = []
    for printed, label in out.pieces:
        piece = _noisy(printed, style.noise, rng) if style.noise else printed
        if text.endswith(" "):
            piece = piece.lstrip()
        if label and piece.strip():
            spans.append(Span(label, len(text), len(text) + len(piece)))
        text += piece
    tidy = tidy_spans(text, spans)
    return Example(text.strip(), tidy, "house") if len({span.label for span in tidy}) >= 2 else None


def _noisy(text: str, rate: float, rng: random.Random) -> str:
    """What text from PDFs suffers: spaces lost, or put before marks and into words."""
    kept: list[str] = []
    for char in text:
        chance = rng.random()
        if char == " " and chance < rate:
            continue
        if char in ".,:;)" and chance < 2 * rate:
            kept.append(" ")
        kept.append(char)
        if char.isalpha() and chance < rate / 6:
            kept.append(rng.choice((" ", "- ", "-")))
    return "".join(kept)
