from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indexer.pdf.scans.zones import Zone, find_zones

DPI = 72


def page(*blocks: tuple[int, int, int, int]) -> NDArray[np.bool_]:
    """A page of 600 by 800 points with blocks of lines, each (x0, y0, x1, y1)."""
    ink = np.zeros((800, 600), dtype=np.bool_)
    for x0, y0, x1, y1 in blocks:
        for row in range(y0, y1, 12):
            ink[row : row + 7, x0:x1] = True
    return ink


def test_one_column_is_one_zone() -> None:
    assert find_zones(page((60, 60, 540, 740)), dpi=DPI) == [Zone(0, 0, 600, 800)]


def test_two_columns_below_a_title() -> None:
    title, left, right, end = find_zones(page((100, 60, 500, 90), (60, 130, 290, 740), (310, 130, 540, 740)), dpi=DPI)
    assert title.y1 <= 130
    assert left.x1 == right.x0
    assert 290 <= left.x1 <= 310
    assert (left.y0, left.y1) == (right.y0, right.y1) == (130, end.y0)


def test_three_columns_are_read_from_left_to_right() -> None:
    zones = find_zones(page((40, 60, 200, 740), (220, 60, 380, 740), (400, 60, 560, 740)), dpi=DPI)
    columns = [zone for zone in zones if zone.y1 - zone.y0 > 600]
    assert [round(zone.x0, -1) for zone in columns] == [0, 210, 390]


def test_a_wide_figure_parts_the_columns() -> None:
    above, below = (60, 290), (310, 540)
    ink = page(
        *((x0, 60, x1, 300) for x0, x1 in (above, below)),
        (60, 330, 540, 420),
        *((x0, 450, x1, 740) for x0, x1 in (above, below)),
    )
    order = [(zone.x0 > 250, zone.y0 > 420) for zone in find_zones(ink, dpi=DPI) if 200 < zone.x1 - zone.x0 < 400]
    assert order == [(False, False), (True, False), (False, True), (True, True)]


def test_labels_of_references_and_words_of_a_title_are_no_columns() -> None:
    assert len(find_zones(page((60, 60, 75, 740), (90, 60, 540, 740)), dpi=DPI)) == 1
    assert len(find_zones(page((60, 60, 290, 100), (310, 60, 540, 100), (60, 130, 540, 700)), dpi=DPI)) == 1


def test_zones_cover_the_page_once() -> None:
    ink = page((100, 60, 500, 90), (60, 130, 290, 740), (310, 130, 540, 500), (310, 520, 540, 740))
    covered = np.zeros(ink.shape, dtype=np.int64)
    for zone in find_zones(ink, dpi=DPI):
        covered[zone.y0 : zone.y1, zone.x0 : zone.x1] += 1
    assert (covered == 1).all()


def test_blank_and_tiny_pages() -> None:
    assert find_zones(np.zeros((5, 5), dtype=np.bool_), dpi=DPI) == [Zone(0, 0, 5, 5)]
    assert find_zones(np.ones((30, 30), dtype=np.bool_), dpi=DPI) == [Zone(0, 0, 30, 30)]
