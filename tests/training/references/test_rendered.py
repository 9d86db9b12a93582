from __future__ import annotations

import random

import pytest

from training.references import csl, house, styles
from training.references.examples import Example
from training.references.records import Person, Record, Stock
from training.references.variants import vary

RECORD = Record(
    kind="article",
    authors=(Person("Roe", "Ada B."), Person("Doe", "Carl", "van der"), Person("Poe", "Eve")),
    title="On reading references",
    container="Journal of Tests",
    volume="12",
    issue="3",
    pages="401-419",
    year="1999",
    month=5,
    day=6,
    publisher="Test Press",
    place="Rome",
    doi="10.1000/182",
    arxiv="1901.00001",
    url="https://example.org/x",
    number="TR-1",
)


def values(example: Example) -> dict[str, str]:
    return {span.label: example.text[span.start : span.end] for span in example.spans}


@pytest.mark.parametrize("name", ["apa", "ieee", "nature", "elsevier-vancouver", "chicago-author-date"])
def test_csl_styles_know_their_fields(name: str) -> None:
    (example,) = csl.render(name, [RECORD], random.Random(1))
    found = values(example)
    assert "Roe" in found["author"]
    assert found["title"].lower() == "on reading references"
    assert found["journal"] == "Journal of Tests"
    assert found["volume"] == "12"
    assert found["pages"].startswith("401")
    assert "1999" in found["date"]
    assert not any("\ue000" <= char <= "\uf8ff" for char in example.text)
    assert example.text[0].isalpha()


def test_an_unknown_csl_style_renders_nothing() -> None:
    assert csl.render("no-such-style", [RECORD], random.Random(1)) == []


def test_house_styles_know_their_fields() -> None:
    rng = random.Random(3)
    seen = 0
    for _ in range(200):
        style = styles.draw_style(rng)
        example = house.render(style, RECORD, rng)
        if example is None or style.noise:
            continue
        found = values(example)
        assert found.get("journal", "Journal of Tests") == "Journal of Tests"
        assert found.get("volume", "12") == "12"
        assert found.get("title", RECORD.title) == RECORD.title
        assert "Roe" in found.get("author", "Roe").title()
        seen += 1
    assert seen > 100


def test_house_styles_differ() -> None:
    rng = random.Random(4)
    texts = {house.render(styles.draw_style(rng), RECORD, rng) for _ in range(50)}
    assert len(texts) > 40


def test_variants_are_complete_and_repeatable() -> None:
    stock = Stock(records=[RECORD], journals=["J. Doc."], proceedings=["Proc. Tests"], people=[Person("Poe", "Eve")])
    first = [vary(RECORD, stock, random.Random(seed)) for seed in range(100)]
    assert first == [vary(RECORD, stock, random.Random(seed)) for seed in range(100)]
    assert {"article", "paper", "book", "chapter", "thesis"} <= {record.kind for record in first}
    assert all(record.title and record.year and record.publisher and record.place for record in first)
    assert all(record.container for record in first if record.kind in ("article", "paper", "chapter"))
