"""Streets meet in common vertices, so that a way is found along them."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo_service.demonstration import ground
from geo_service.demonstration.junctions import joined


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(points)


def test_a_crossing_and_an_end_beside_a_street_become_a_vertex_of_both() -> None:
    made = joined(
        np.array([line((0, 0), (100, 0)), line((30, -20), (30, 20)), line((70, 1.5), (70, 50))], dtype=object)
    )
    assert list(made[0].coords) == [(0, 0), (30, 0), (70, 1.5), (100, 0)]
    assert list(made[1].coords) == [(30, -20), (30, 0), (30, 20)]
    assert list(made[2].coords) == [(70, 1.5), (70, 50)]


def test_an_end_that_reaches_nothing_and_an_end_on_a_vertex_add_nothing() -> None:
    lines = np.array([line((0, 0), (50, 0), (100, 0)), line((50, 0), (50, 40)), line((80, 9), (80, 40))], dtype=object)
    assert [list(one.coords) for one in joined(lines)] == [list(one.coords) for one in lines]


@pytest.mark.parametrize("seed", [1, 20251101])
def test_nearly_all_streets_of_the_borough_hang_together(seed: int) -> None:
    laid = ground.make(np.random.default_rng(seed)).streets
    made = joined(laid.lines)
    assert np.abs(shapely.length(made) - shapely.length(laid.lines)).max() < 10
    ends = shapely.get_coordinates(made, return_index=True)
    of = {}
    for (x, y), number in zip(np.round(ends[0], 2).tolist(), ends[1].tolist(), strict=True):
        of.setdefault((x, y), set()).add(number)
    together = list(range(len(made)))

    def first(number: int) -> int:
        while together[number] != number:
            number = together[number]
        return number

    for numbers in of.values():
        for number in numbers:
            together[first(number)] = first(min(numbers))
    parts = np.bincount([first(number) for number in range(len(made))])
    assert parts.max() > 0.97 * len(made)
