"""How well reference strings are read into fields, on annotated strings that training has not seen.

Two views. *Labels*: a field of an entry is right when the joined text of its spans is that of the annotation; ``soft``
compares letters and digits alone, without case, as GROBID's field-level figures do, ``strict`` compares the characters.
Spans of one field with no other field between them count as one; notes and report numbers are not scored. *Records*:
the values that a reader gets (first author, title, venue, year, volume, pages), for the labeller and for the rules that
it replaced.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.text import name_key, title_key
from indexer.references.fields import Fields, read_fields
from indexer.references.labeller import Labelled, Labeller, shipped_labeller
from training.references.annotated import read_grobid
from training.references.baseline import read_by_rules
from training.references.examples import Example, Span, part_of, tidy_spans

FIELD_OF: Mapping[str, str] = {
    "author": "author", "editor": "editor", "title": "title", "journal": "venue", "booktitle": "venue",
    "series": "venue", "date": "date", "volume": "volume", "issue": "issue", "pages": "pages",
    "publisher": "publisher", "institution": "publisher", "location": "location", "id": "identifier",
    "web": "identifier",
}  # fmt: skip
"""Labels that are scored, and the field each belongs to."""
_PREFIX = re.compile(r"^(?:https?:/*|www\.|dx\.|doi\.org/|doi:?|arxiv\.org/|arxiv|corr|abs/|pmc?id:?|[:.,])+")
RECORD_FIELDS = ("first author", "title", "venue", "year", "volume", "pages")


@dataclass(slots=True)
class Counts:
    """Values found rightly, wrongly and not at all."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """The share of the found that is right."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """The share of the annotated that is found."""
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)


@dataclass(slots=True)
class FieldScores:
    """Counts by field, and how many entries are right as a whole."""

    fields: dict[str, Counts] = field(default_factory=dict)
    entries: int = 0
    whole: int = 0

    @property
    def micro(self) -> Counts:
        """All fields together."""
        counts = self.fields.values()
        return Counts(sum(c.right for c in counts), sum(c.wrong for c in counts), sum(c.missed for c in counts))

    @property
    def whole_entries(self) -> float:
        """The share of the entries with every field right and none too many."""
        return self.whole / max(1, self.entries)

    def add(self, truth: Counter[tuple[str, str]], found: Counter[tuple[str, str]]) -> None:
        """Count one entry, given as (field, value) pairs."""
        for name, _ in truth | found:
            self.fields.setdefault(name, Counts())
        for (name, _), times in (truth & found).items():
            self.fields[name].right += times
        for (name, _), times in (found - truth).items():
            self.fields[name].wrong += times
        for (name, _), times in (truth - found).items():
            self.fields[name].missed += times
        self.entries += 1
        self.whole += truth == found


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceScores:
    """The figures of one evaluation; ``files`` and ``entries`` say on how much."""

    part: str
    files: int
    entries: int
    soft: FieldScores
    strict: FieldScores
    records: FieldScores
    records_by_rules: FieldScores
    references_per_s: float


def evaluate(
    folder: Path,
    *,
    part: str = "test",
    labeller: Labeller | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> ReferenceScores:
    """Read the held-out citations of GROBID and compare with their annotation.

    Args:
        folder: The data folder, which holds ``refstrings/grobid/citation``.
        part: ``test`` or ``dev``, see ``training.references.examples.part_of``.
        labeller: Another labeller than the shipped one.
        on_progress: Told how many entries are read, and of how many.

    Raises:
        core.errors.InputError: The folder holds no annotated citations.
    """
    examples = [each for each in read_grobid(folder / "refstrings/grobid/citation") if part_of(each.group) == part]
    return evaluate_examples(examples, part=part, labeller=labeller or shipped_labeller(), on_progress=on_progress)


def evaluate_examples(
    examples: Sequence[Example],
    *,
    part: str,
    labeller: Labeller,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> ReferenceScores:
    """Compare a labeller's reading of examples with what is known of them."""
    soft, strict, records, by_rules = FieldScores(), FieldScores(), FieldScores(), FieldScores()
    seconds = 0.0
    for done, example in enumerate(examples, 1):
        started = time.process_time()
        spans = labeller.label(example.text)
        seconds += time.process_time() - started
        found = tidy_spans(example.text, (Span(span.label, span.start, span.end) for span in spans))
        for scores, norm in ((soft, soft_key), (strict, str.strip)):
            scores.add(field_values(example.text, example.spans, norm), field_values(example.text, found, norm))
        known = [Labelled(span.label, span.start, span.end) for span in example.spans]
        truth = record_values(read_fields(example.text, known))
        records.add(truth, record_values(read_fields(example.text, spans)))
        by_rules.add(truth, record_values(read_by_rules(example.text)))
        if done % 50 == 0 or done == len(examples):
            on_progress(done, len(examples))
    return ReferenceScores(
        part=part,
        files=len({example.group for example in examples}),
        entries=len(examples),
        soft=soft,
        strict=strict,
        records=records,
        records_by_rules=by_rules,
        references_per_s=len(examples) / max(seconds, 1e-9),
    )


def soft_key(text: str) -> str:
    """Letters and digits of a text, without case."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).lower() if char.isalnum())


def field_values(text: str, spans: Iterable[Span], norm: Callable[[str], str]) -> Counter[tuple[str, str]]:
    """The scored fields of a text with their values; neighbouring spans of one field are one value."""
    values: list[tuple[str, str]] = []
    previous = ""
    for span in spans:
        name = FIELD_OF.get(span.label)
        if name is None:
            continue
        printed = text[span.start : span.end]
        value = norm(printed)
        if norm is soft_key and name == "identifier":
            value = _identifier_key(printed)
        if name == previous:
            values[-1] = (name, values[-1][1] + value)
        else:
            values.append((name, value))
        previous = name
    return Counter(pair for pair in values if pair[1])


def _identifier_key(text: str) -> str:
    """What an identifier or address names: with or without ``doi:``, ``arXiv:`` or the server before it."""
    return soft_key(_PREFIX.sub("", text.replace(" ", "").lower()))


def record_values(fields: Fields) -> Counter[tuple[str, str]]:
    """The values of a record as (field, normalised value); what is empty is left out."""
    values = (
        name_key(fields.authors[0].family) if fields.authors else "",
        title_key(fields.title),
        title_key(fields.venue),
        str(fields.year or ""),
        soft_key(fields.volume),
        soft_key(fields.pages),
    )
    return Counter((name, value) for name, value in zip(RECORD_FIELDS, values, strict=True) if value)
