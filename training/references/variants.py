"""Works made from records, with the numbers, places and people that the corpora do not tell."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from training.references import words
from training.references.records import Person, Record, Stock

_KINDS = (
    *("article",) * 11, *("paper",) * 6, *("book",) * 3, *("chapter",) * 3, "thesis", "thesis", "report", "web", "web",
    "preprint", "preprint",
)  # fmt: skip
_SCRIPTS = tuple(Person(family, given) for family, given in words.SCRIPTS)
_ARCHIVES = ("hep-ph", "hep-th", "astro-ph", "cond-mat", "gr-qc", "quant-ph", "math", "cs", "nucl-th")


def vary(record: Record, stock: Stock, rng: random.Random) -> Record:
    """A work made from a record: of the same kind or another, with all that its kind may print."""
    kind = record.kind if rng.random() < 0.6 else rng.choice(_KINDS)
    collected = kind in ("chapter", "paper")
    pool: Sequence[str] = stock.journals if kind == "article" else stock.proceedings if collected else ()
    kept = record.container if rng.random() < 0.6 else ""
    title = rng.choice(stock.book_titles or [record.title]) if kind == "book" and rng.random() < 0.6 else record.title
    printed_year = re.fullmatch(r"\d{4}", record.year) and rng.random() < 0.6
    return Record(
        kind=kind,
        authors=_people(record, rng, kind),
        editors=tuple(rng.choices(stock.people, k=rng.randint(1, 3))) if collected and rng.random() < 0.4 else (),
        title=title.rstrip(" .,"),
        container=kept or (rng.choice(pool) if pool else ""),
        series=rng.choice(words.SERIES) if (collected or kind == "book") and rng.random() < 0.15 else "",
        volume=str(rng.choice((rng.randint(1, 40), rng.randint(1, 200), rng.randint(100, 999)))),
        issue=str(rng.randint(1, 12)) if rng.random() < 0.7 else "",
        pages=_pages(rng) if rng.random() < 0.92 else "",
        year=record.year if printed_year else str(_year(rng)),
        month=rng.randint(1, 12),
        day=rng.randint(1, 28),
        publisher=_publisher(stock, rng, kind),
        place=rng.choice((stock.places if rng.random() < 0.4 else None) or words.PLACES),
        doi=record.doi or _doi(rng),
        arxiv=record.arxiv or _arxiv(rng),
        url=_url(title, rng),
        number=_number(rng),
    )


def _pages(rng: random.Random) -> str:
    start = rng.choice((rng.randint(1, 60), rng.randint(60, 999), rng.randint(1000, 9999)))
    span = f"{start}-{start + rng.randint(1, 40)}"
    others = (f"{start}", f"e{rng.randint(1000, 99999)}", f"{rng.randint(0, 999999):06d}", f"S{start}-S{start + 9}")
    return rng.choice((*(span,) * 6, *others, f"L{start}"))


def _publisher(stock: Stock, rng: random.Random, kind: str) -> str:
    if kind in ("thesis", "report"):
        return rng.choice((stock.institutions if rng.random() < 0.5 else None) or words.SCHOOLS)
    return rng.choice((stock.publishers if rng.random() < 0.5 else None) or words.PUBLISHERS)


def _people(record: Record, rng: random.Random, kind: str) -> tuple[Person, ...]:
    people = [_altered(person, rng) for person in record.authors[: rng.choice((1, 2, 3, 3, 4, 6, 8, 12, 30))]]
    if rng.random() < (0.5 if kind in ("web", "report") else 0.03):
        return (Person(rng.choice(words.ORGANISATIONS)),)
    if kind == "book" and rng.random() < 0.5:
        people = people[:2]
    if rng.random() < 0.03:
        body = Person(f"{rng.choice(words.BODIES)} {rng.choice(words.BODY_KINDS)}")
        people = [body, *people[:2]] if rng.random() < 0.5 else [*people[:2], body]
    return tuple(people)


def _altered(person: Person, rng: random.Random) -> Person:
    """Now and then a name with a particle or suffix, or in another script."""
    chance = rng.random()
    if not person.given:
        return person
    if chance < 0.02:
        return rng.choice(_SCRIPTS)
    if chance < 0.05:
        return Person(person.family, person.given, person.particle or rng.choice(words.PARTICLES))
    if chance < 0.065:
        return Person(person.family, person.given, person.particle, rng.choice(words.SUFFIXES))
    return person


def _year(rng: random.Random) -> int:
    return rng.choice((rng.randint(1990, 2025), rng.randint(1995, 2025), rng.randint(1890, 2025)))


def _digits(rng: random.Random, count: int) -> str:
    return "".join(str(rng.randint(0, 9)) for _ in range(count))


def _doi(rng: random.Random) -> str:
    forms = (
        f"10.1{_digits(rng, 3)}/{rng.choice(('j', 's', 'physrevd'))}.{_year(rng)}.{_digits(rng, 2)}.{_digits(rng, 3)}",
        f"10.1016/S{_digits(rng, 4)}-{_digits(rng, 4)}({_digits(rng, 2)}){_digits(rng, 5)}-{_digits(rng, 1)}",
        f"10.1007/978-3-{_digits(rng, 3)}-{_digits(rng, 5)}-{_digits(rng, 1)}_{rng.randint(1, 40)}",
        f"10.1371/journal.pone.{_digits(rng, 7)}",
    )
    return rng.choice(forms)


def _arxiv(rng: random.Random) -> str:
    month = f"{rng.randint(1, 12):02d}"
    if rng.random() < 0.25:
        return f"{rng.choice(_ARCHIVES)}/{rng.randint(92, 99)}{month}{_digits(rng, 3)}"
    return f"{rng.randint(8, 25):02d}{month}.{_digits(rng, 5)}"


def _url(title: str, rng: random.Random) -> str:
    slug = re.findall(r"[a-z]+", title.lower())[: rng.randint(1, 4)]
    folder = rng.choice(("/", "/", "/reports/", "/~doe/papers/"))
    ending = rng.choice(("", ".html", ".pdf", "/", "?id=12"))
    return rng.choice(words.SITES) + folder + rng.choice(("-", "_", "/")).join(slug) + ending


def _number(rng: random.Random) -> str:
    return rng.choice(
        (f"{rng.choice('ABCDET')}R-{_digits(rng, 3)}", _digits(rng, 4), f"{_year(rng)}-{_digits(rng, 2)}")
    )
