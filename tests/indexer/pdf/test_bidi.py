from __future__ import annotations

import pytest

from indexer.pdf.bidi import has_leftward, in_reading_order, reads_leftwards


def placed(visual: str) -> list[tuple[str, float, float]]:
    """Characters as they stand on the page from left to right, each 5 wide."""
    return [(char, 5.0 * place, 5.0 * place + 5) for place, char in enumerate(visual)]


@pytest.mark.parametrize(
    ("visual", "read"),
    [
        ("םולש", "שלום"),
        (".]12[ הקידבה", "הבדיקה [12]."),
        ("]2 ,1[ הקידבה", "הבדיקה [1, 2]"),
        ("arXiv preprint, 2022 ,רמאמ", "מאמר, arXiv preprint, 2022"),
        ("Galactica: A model", "Galactica: A model"),
    ],
)
def test_numbers_and_foreign_words_run_rightwards(visual: str, read: str) -> None:
    assert in_reading_order(placed(visual)) == read


def test_parts_of_a_ligature_follow_the_character_that_ends_there() -> None:
    lam_alef = [("\u0627", 12.0, 12.0), ("\u0644", 6.0, 12.0), ("\u0645", 12.0, 18.0)]
    assert in_reading_order(lam_alef) == "\u0645\u0644\u0627"


def test_which_lines_are_read_leftwards() -> None:
    assert reads_leftwards("שלום 12")
    assert not reads_leftwards("The word שלום means peace")
    assert not reads_leftwards("12")
    assert has_leftward("The word שלום")
    assert not has_leftward("Grüße 你好")
