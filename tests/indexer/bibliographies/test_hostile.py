"""Files made to cost time or memory: refused by size, or read within bounds; nothing crashes."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UnreadableFile
from indexer.bibliographies import bibtex
from indexer.bibliographies.reading import MAX_BYTES, read_bibliography

_GOOD = "\n@misc{good, title={Good}}\n"


def keys(text: str, name: str = "x.bib") -> list[str]:
    return [record.key for record in read_bibliography(text.encode(), name).records]


def outcome(data: bytes, name: str) -> str | int:
    """How many entries were read, or why the file was refused."""
    try:
        return len(read_bibliography(data, name).records)
    except UnreadableFile as error:
        return error.reason


@pytest.mark.parametrize("name", ["x.bib", "x.ris", "x.json"])
def test_a_file_beyond_the_limit_is_refused_before_it_is_read(name: str) -> None:
    start = time.monotonic()
    with pytest.raises(UnreadableFile, match="32 MB") as raised:
        read_bibliography(b"@misc{a, title={" + b"x" * (50 * 2**20), name)
    assert raised.value.reason == "too_large"
    assert time.monotonic() - start < 5
    assert MAX_BYTES == 32 * 2**20


def test_a_line_longer_than_any_entry_is_left_out_and_the_rest_is_read() -> None:
    found = read_bibliography(("@misc{a, title={" + "x" * (5 * 2**20) + "}}" + _GOOD).encode(), "x.bib")
    assert [record.key for record in found.records] == ["good"]
    assert [problem.line for problem in found.problems] == [1]


@pytest.mark.parametrize(
    "bad",
    [
        "@misc{a, title={" + "{" * 20_000,
        "@misc{a, title={" + "{" * 20_000 + "}" * 20_000 + "}}",
        '@misc{a, title="' + '"' * 20_000,
        "@misc{a, " + "t=b," * 5_000,
        "@misc{a, title=" + "a#" * 10_000 + "b}",
        "@misc{a, title={" + "\\textbf{" * 2_000,
        "@misc{a, title={" + "\\textbf{" * 2_000 + "}" * 2_000 + "}}",
        "@misc{a, title={" + r"\def\x{\x\x}\x" + "}}",
        "@misc{a, title={" + "$" * 9_999 + "}}",
        "@" * 50_000,
        "@misc(" * 2_000,
        "@string{a = a # a # a}" * 500,
        "@misc{a, crossref={b}}\n@misc{b, crossref={a}}",
        "@misc{a, title={\\input{/etc/passwd}\\include{/etc/passwd}x}}",
        "@misc{a, author={" + "and " * 20_000 + "}}",
        " " * 100_000 + "@",
    ],
    ids=lambda bad: bad[:24],
)
def test_what_nests_or_repeats_ends_soon(bad: str) -> None:
    start = time.monotonic()
    assert "good" in keys(bad + _GOOD)
    assert time.monotonic() - start < 20


def test_strings_that_grow_are_cut() -> None:
    doubling = "".join(f"@string{{s{n + 1} = s{n} # s{n}}}\n" for n in range(60))
    found = read_bibliography(f"@string{{s0 = {{xxxxxxxxxx}}}}\n{doubling}@misc{{a, title=s60}}".encode(), "x.bib")
    assert len(found.records[0].reference.title) <= 20_000


def test_a_file_of_bad_blocks_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bibtex, "MAX_PROBLEMS", 50)
    monkeypatch.setattr(bibtex, "_PIECE_CHARS", 100)
    found = read_bibliography(("@misc{a b\n" * 500 + _GOOD).encode(), "x.bib")
    assert found.records == ()
    assert "too much" in found.problems[-1].message


def test_cutting_a_file_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"@misc{{k{n}, title={{Title\n @ {n}}}}}\n% @x{n}\n@comment{{c}}\n@bad{{ {n}\n" for n in range(80))
    whole = read_bibliography(text.encode(), "x.bib")
    monkeypatch.setattr(bibtex, "_PIECE_CHARS", 64)
    cut = read_bibliography(text.encode(), "x.bib")
    assert cut == whole
    assert [record.line for record in cut.records] == [record.line for record in whole.records]
    assert len(whole.records) == 80
    assert len(whole.problems) == 80


@pytest.mark.parametrize(
    "text",
    [
        '[{"id": "a", "title": ' + "[" * 100_000 + "]" * 100_000 + "}]",
        '{"a":' * 100_000,
        '[{"id": "a", "volume": ' + "9" * 10_000 + "}]",
        '[{"id": "a", "issued": {"date-parts": [[1e999, NaN]]}}]',
        '[{"id": {"x": 1}, "author": {"family": 3}, "issued": [[[]]], "title": ["\\ud800"]}]',
        "[" * 100_000,
    ],
    ids=["deep value", "deep objects", "long number", "no numbers", "wrong types", "deep lists"],
)
def test_json_of_any_depth_ends(text: str) -> None:
    start = time.monotonic()
    assert outcome(text.encode(), "x.json") in ("damaged", 1)
    assert time.monotonic() - start < 10


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["", "@misc{a, title={", "TY  - JOUR\nTI  - ", "[{"]))
def test_arbitrary_bytes_are_read_or_refused(data: bytes, start: str) -> None:
    assert outcome(start.encode() + data, "x.bib") in ("empty", "damaged", 0, 1, 2)


def test_damaged_entries_do_not_take_others_along() -> None:
    rng = random.Random(3)
    entry = "@article{{k{n}, author={{Roe, Ada}}, title={{Title {{N}}o {n}}}, year={{2020}}}}"
    lines = [entry.format(n=n) for n in range(200)]
    for place in range(0, 200, 10):
        cut = rng.randrange(1, len(lines[place]) - 1)
        lines[place] = lines[place][:cut] + lines[place][cut + 1 :]
    found = set(keys("\n".join(lines)))
    assert {f"k{n}" for n in range(200) if n % 10} <= found
