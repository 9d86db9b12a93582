"""Reference strings rendered in styles of the Citation Style Language, with the field of each character known."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from unittest import mock

from indexer.bibliographies import styles
from training.references.examples import Example, Span, tidy_spans
from training.references.records import Person, Record

_FIRST = 0xE000
_LABELS = (
    "author", "editor", "title", "journal", "booktitle", "series", "date", "volume", "issue", "pages", "publisher",
    "institution", "location", "id", "web", "report", "note", "label", "other",
)  # fmt: skip
_VARIABLES = {
    "title": "title", "volume": "volume", "issue": "issue", "page": "pages", "page-first": "pages",
    "publisher-place": "location", "event-place": "location", "collection-title": "series", "DOI": "id", "URL": "web",
    "number": "report", "genre": "report", "edition": "note", "citation-number": "label", "PMID": "id",
}  # fmt: skip
_TYPES = {
    "article": "article-journal", "paper": "paper-conference", "book": "book", "chapter": "chapter", "thesis": "thesis",
    "report": "report", "web": "webpage", "preprint": "article-journal",
}  # fmt: skip
_PREFIX = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi\s?:?\s?)$", re.IGNORECASE)
_MARK = re.compile("[\ue000-\ue0ff]")


def _marked(text: Any, label: str) -> Any:
    """A text between the two private characters of its label; numbers that styles count with stay as they are."""
    from citeproc.string import String

    class Marked(String):  # type: ignore[misc]
        """Its first letter comes after the mark."""

        def capitalize_first(self) -> Marked:
            letter = 1 if _MARK.match(self) else 0
            return Marked(self[:letter] + self[letter : letter + 1].upper() + self[letter + 1 :])

    printed = str(text) if text is not None and not isinstance(text, int) else ""
    if not printed:
        return text
    at = _FIRST + 2 * _LABELS.index(label)
    return Marked(chr(at) + printed + chr(at + 1))


@contextmanager
def _marking() -> Iterator[None]:
    """Let citeproc-py mark what it renders with the field that it comes from."""
    from citeproc import model

    name, text, number, date = model.Name.process, model.Text._variable, model.Number.process, model.Date.process

    def label_of(item: Any, variable: str) -> str:
        kind = str(item.reference.type)
        if variable in ("container-title", "container-title-short"):
            return "journal" if kind == "article_journal" or kind == "article-journal" else "booktitle"
        if variable == "publisher":
            return "institution" if kind in ("thesis", "report") else "publisher"
        return _VARIABLES.get(variable, "other")

    def process_name(self: Any, item: Any, variable: str, *args: Any, **kwargs: Any) -> Any:
        return _marked(name(self, item, variable, *args, **kwargs), "author" if variable == "author" else "editor")

    def process_text(self: Any, item: Any, context: Any) -> Any:
        found = text(self, item, context)
        variable = self.get("variable")
        return _marked(str(found) if variable == "citation-number" else found, label_of(item, variable))

    def process_number(self: Any, item: Any, *args: Any, **kwargs: Any) -> Any:
        return _marked(number(self, item, *args, **kwargs), label_of(item, self.get("variable")))

    def process_date(self: Any, item: Any, variable: Any = None, *args: Any, **kwargs: Any) -> Any:
        which = variable or self.get("variable")
        return _marked(date(self, item, variable, *args, **kwargs), "date" if which == "issued" else "other")

    with (
        mock.patch.object(model.Name, "process", process_name),
        mock.patch.object(model.Text, "_variable", process_text),
        mock.patch.object(model.Number, "process", process_number),
        mock.patch.object(model.Date, "process", process_date),
    ):
        yield


def render(style_name: str, records: Sequence[Record], rng: random.Random) -> list[Example]:
    """Render records in one style; what the style or its processor cannot render is left out."""
    examples: list[Example] = []
    with _marking():
        for record in records:
            item = _csl_item(record, rng)
            printed = ""
            # citeproc-py raises errors of any kind on styles and values that it does not know.
            with suppress(Exception):
                (printed,) = styles.render(styles.shipped(style_name), [item])
            example = unmark(printed, group=f"csl:{style_name}") if printed else None
            if example is not None:
                examples.append(example)
    return examples


def unmark(printed: str, *, group: str = "") -> Example | None:
    """A text with private marks as an example; None when too little of it is labelled."""
    printed = re.sub("([.,;])([\ue000-\ue0ff]*)\\1", "\\1\\2", printed.replace("\xa0", " "))
    text: list[str] = []
    labels: list[str] = []
    opened: list[str] = []
    for char in printed:
        if _MARK.match(char):
            at = ord(char) - _FIRST
            if at % 2 == 0:
                opened.append(_LABELS[at // 2])
            elif opened:
                opened.pop()
        elif not (char.isspace() and (not text or text[-1] == " ")):
            text.append(" " if char.isspace() else char)
            labels.append(opened[0] if opened else "")
    start = 0
    if "label" in labels:
        start = len(labels) - labels[::-1].index("label")
        while start < len(text) and text[start] in "])}. :":
            start += 1
    whole = "".join(text[start:])
    spans = tuple(_with_prefix(whole, span) for span in tidy_spans(whole, _spans(labels[start:])))
    named = {span.label for span in spans}
    return Example(whole.rstrip(), spans, group) if len(named) >= 3 and len(whole) > 20 else None


def _with_prefix(text: str, span: Span) -> Span:
    """An identifier with the ``doi:`` or the address before it, as annotators mark it."""
    prefix = _PREFIX.search(text, max(0, span.start - 24), span.start) if span.label == "id" else None
    if prefix is None:
        return span
    return Span("web" if "http" in prefix[0].lower() else "id", prefix.start(), span.end)


def _spans(labels: Sequence[str]) -> Iterator[Span]:
    start = 0
    for at in range(1, len(labels) + 1):
        if at == len(labels) or labels[at] != labels[start]:
            if labels[start] not in ("", "other", "label"):
                yield Span(labels[start], start, at)
            start = at


def _csl_item(record: Record, rng: random.Random) -> dict[str, Any]:
    date = [int(record.year)] if record.year else []
    if date and rng.random() < 0.3:
        date += [record.month, record.day][: rng.randint(1, 2)]
    item: dict[str, Any] = {
        "id": "x", "type": _TYPES[record.kind], "title": record.title, "author": [_csl_name(p) for p in record.authors],
        "issued": {"date-parts": [date]} if date else {},
    }  # fmt: skip
    if record.kind in ("article", "paper", "chapter"):
        item |= {"container-title": record.container, "page": record.pages, "issue": record.issue}
        item |= {"volume": record.volume} if record.kind == "article" or rng.random() < 0.2 else {}
    if record.kind == "preprint":
        item["URL"] = f"https://arxiv.org/abs/{record.arxiv}"
    if record.kind in ("book", "chapter", "thesis", "report") or (record.kind == "paper" and rng.random() < 0.5):
        item |= {"publisher": record.publisher, "publisher-place": record.place}
    if record.editors:
        item["editor"] = [_csl_name(person) for person in record.editors]
    if record.series:
        item["collection-title"] = record.series
    if record.kind == "thesis":
        item["genre"] = rng.choice(("PhD thesis", "Doctoral dissertation", "Master's thesis", "Ph.D. thesis"))
    if record.kind == "report":
        item |= {"number": record.number, "genre": rng.choice(("Technical report", "Research report", "Working paper"))}
    if record.kind == "book" and rng.random() < 0.2:
        item["edition"] = str(rng.randint(2, 5))
    if record.kind == "web" or rng.random() < 0.05:
        item |= {"URL": record.url, "accessed": {"date-parts": [[int(record.year or 2020), record.month, record.day]]}}
    if rng.random() < 0.35 and record.kind in ("article", "paper", "chapter"):
        item["DOI"] = record.doi
    return {key: value for key, value in item.items() if value}


def _csl_name(person: Person) -> dict[str, str]:
    if not person.given:
        return {"literal": person.family, "family": person.family}
    name = {"family": person.family, "given": person.given}
    if person.particle:
        name["non-dropping-particle"] = person.particle
    if person.suffix:
        name["suffix"] = person.suffix
    return name
