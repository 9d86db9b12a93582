from __future__ import annotations

from app.services.places import Place
from app.services.spreading import APART_CHARS, spread
from app.services.suggestions import PlaceSuggestions
from core.records import Suggestion, Work


def _place(start: int, scores: dict[int, float], *, paragraph: int = 0) -> PlaceSuggestions:
    suggestions = tuple(
        Suggestion(work=Work(id=work, title=f"Work {work}"), probability=each) for work, each in scores.items()
    )
    place = Place(start=start, end=start + 3, line=1, context="", before="", paragraph=paragraph)
    return PlaceSuggestions(place=place, suggestions=suggestions)


def _firsts(*places: PlaceSuggestions) -> list[int]:
    return [each.suggestions[0].work.id for each in spread(places)]


def test_a_work_is_first_where_it_fits_best_and_another_elsewhere() -> None:
    assert _firsts(_place(0, {1: 0.8, 2: 0.7}), _place(50, {1: 0.9, 2: 0.5})) == [2, 1]
    assert _firsts(
        _place(0, {1: 0.9, 2: 0.8}), _place(50, {1: 0.9, 2: 0.8}), _place(90, {1: 0.9, 2: 0.8, 3: 0.75})
    ) == [
        1,
        2,
        3,
    ]


def test_it_stays_first_where_nothing_fits_nearly_as_well() -> None:
    assert _firsts(_place(0, {1: 0.9, 2: 0.8}), _place(50, {1: 0.8, 2: 0.5})) == [1, 1]


def test_places_that_stand_apart_may_begin_with_the_same_work() -> None:
    near, far = _place(0, {1: 0.9, 2: 0.8}), _place(APART_CHARS + 1, {1: 0.9, 2: 0.8})
    assert _firsts(near, far) == [1, 1]
    assert _firsts(near, _place(50, {1: 0.9, 2: 0.8}, paragraph=1)) == [1, 1]


def test_nothing_is_left_out_and_the_rest_keeps_its_order() -> None:
    _, second = spread([_place(0, {1: 0.9}), _place(9, {1: 0.8, 2: 0.75, 3: 0.7}), _place(20, {})][:2])
    assert [each.work.id for each in second.suggestions] == [2, 1, 3]
    assert spread([]) == ()
    assert spread([_place(0, {})])[0].suggestions == ()
