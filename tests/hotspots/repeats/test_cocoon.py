"""A street, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo_service.errors import QueryError
from geo_service.hotspots.repeats.cocoon import CocoonRules, cocoons

# Mill Lane runs east. Odd numbers lie on its north side (y = 10), even ones on its south side (y = -10), 8 m apart:
# 1 at x = 0, 3 at 8, 5 at 16 …; 2 at x = 0, 4 at 8, 6 at 16 …
NUMBERS = list(range(1, 13))
HOMES = np.array([shapely.Point((number - 1) // 2 * 8, 10 if number % 2 else -10) for number in NUMBERS])
BURGLARY_AT_5, BURGLARY_AT_2 = (16.0, 10.0), (0.0, -10.0)
TUESDAY = 20_241


def visits(
    on: int, rules: CocoonRules, *offences: tuple[tuple[float, float], int]
) -> list[tuple[int, int, str, float, int]]:
    """Return (offence, order, home, metres, last day) of each visit."""
    at = np.array([offence[0] for offence in offences]).reshape(-1, 2)
    day = np.array([offence[1] for offence in offences], dtype=np.int64)
    found = cocoons(at, day, HOMES, on=on, rules=rules)
    names = ["itself" if place < 0 else str(NUMBERS[place]) for place in found.place]
    return list(
        zip(
            found.incident.tolist(),
            found.order.tolist(),
            names,
            found.distance_m.round(3).tolist(),
            found.last_day.tolist(),
            strict=True,
        )
    )


def test_after_a_burglary_at_number_5_its_neighbours_are_visited_closest_first() -> None:
    last = TUESDAY + 14
    assert visits(TUESDAY, CocoonRules(radius_m=22, days=14), (BURGLARY_AT_5, TUESDAY)) == [
        (0, 0, "itself", 0.0, last),
        (0, 1, "3", 8.0, last),
        (0, 2, "7", 8.0, last),
        (0, 3, "1", 16.0, last),
        (0, 4, "9", 16.0, last),
        (0, 5, "6", 20.0, last),
        (0, 6, "4", 21.541, last),  # over the road and one along: the root of 20² + 8²
        (0, 7, "8", 21.541, last),
    ]


def test_a_cocoon_is_live_from_its_day_until_its_last() -> None:
    rules, offence = CocoonRules(radius_m=10, days=14), (BURGLARY_AT_5, TUESDAY)
    alive = {day: len(visits(TUESDAY + day, rules, offence)) for day in (-1, 0, 14, 15)}
    assert alive == {-1: 0, 0: 3, 14: 3, 15: 0}


def test_the_newest_comes_first_and_each_expires_by_its_own_day() -> None:
    found = visits(
        TUESDAY + 10, CocoonRules(radius_m=10, days=14), (BURGLARY_AT_5, TUESDAY), (BURGLARY_AT_2, TUESDAY + 9)
    )
    assert found == [
        (1, 0, "itself", 0.0, TUESDAY + 23),
        (1, 1, "4", 8.0, TUESDAY + 23),
        (0, 0, "itself", 0.0, TUESDAY + 14),
        (0, 1, "3", 8.0, TUESDAY + 14),
        (0, 2, "7", 8.0, TUESDAY + 14),
    ]


def test_a_cocoon_begins_when_the_offence_is_known_and_ends_by_when_it_happened() -> None:
    at, day, known = np.array([BURGLARY_AT_5]), np.array([TUESDAY]), np.array([TUESDAY + 4])
    alive = [
        len(cocoons(at, day, HOMES, on=TUESDAY + later, known_day=known, rules=CocoonRules(10, 14)).order)
        for later in (0, 3, 4, 14, 15)
    ]
    assert alive == [0, 0, 3, 3, 0]
    late = cocoons(at, day, HOMES, on=TUESDAY + 40, known_day=np.array([TUESDAY + 40]))
    assert late.order.tolist() == []


def test_only_the_nearest_are_visited_where_there_are_more_than_can_be() -> None:
    found = visits(TUESDAY, CocoonRules(radius_m=100, days=14, most=2), (BURGLARY_AT_5, TUESDAY))
    assert [home for _, _, home, _, _ in found] == ["itself", "3", "7"]


def test_streets_and_cells_go_by_their_nearest_point_and_the_own_one_stays() -> None:
    lane, square = shapely.LineString([(0, 0), (100, 0)]), shapely.box(-10, 30, 110, 60)
    own_cell = shapely.box(10, 5, 20, 15)
    found = cocoons(np.array([BURGLARY_AT_5]), np.array([TUESDAY]), np.array([square, lane, own_cell]), on=TUESDAY)
    assert found.place.tolist() == [-1, 2, 1, 0]
    assert found.distance_m.tolist() == [0, 0, 10, 20]


def test_without_an_offence_nobody_is_visited() -> None:
    assert visits(TUESDAY, CocoonRules()) == []


def test_without_a_place_the_follow_up_stays() -> None:
    found = cocoons(np.array([BURGLARY_AT_5]), np.array([TUESDAY]), np.array([], dtype=object), on=TUESDAY)
    assert found.place.tolist() == [-1]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"radius_m": 5}, "Found: 5 m"),
        ({"radius_m": 2e3}, "Found: 2000 m"),
        ({"days": 0}, "Found: 0 days"),
        ({"days": 91}, "Give 1 to 90 days"),
    ],
)
def test_what_is_no_cocoon_is_refused(wrong: dict, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        CocoonRules(**wrong)
