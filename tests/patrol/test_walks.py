"""Ways to a few places are those that travel finds for each pair, and run along the streets that they name."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from geo_service.model.patrol import PatrolRules
from geo_service.model.places import EastNorth
from geo_service.patrol import Walks, street_graph, travel
from geo_service.patrol.walks import FURTHEST_M, MOST_PLACES

BLOCK_M = 100.0
SIZE = 5
FOOT = PatrolRules()


def town(without: frozenset[int] = frozenset(), block_m: float = BLOCK_M) -> np.ndarray:
    """Lay a grid of streets, each block a line; `without` leaves some of them out."""
    blocks = []
    for along in range(SIZE):
        for step in range(SIZE - 1):
            blocks += [[(step, along), (step + 1, along)], [(along, step), (along, step + 1)]]
    kept = [block for number, block in enumerate(blocks) if number not in without]
    return np.array([shapely.LineString(np.array(block) * block_m) for block in kept])


def walks_of(lines: np.ndarray, places: list[EastNorth]) -> Walks:
    return Walks(street_graph(lines, ["residential"] * len(lines), "foot"), places)


spots = st.builds(EastNorth, st.floats(-80, 480), st.floats(-80, 480))


@given(
    st.frozensets(st.integers(0, 2 * SIZE * (SIZE - 1) - 1), max_size=12),
    spots,
    st.lists(spots, min_size=1, max_size=5),
)
def test_ways_are_as_long_as_travel_s_and_run_along_their_streets(
    without: frozenset[int], start: EastNorth, places: list[EastNorth]
) -> None:
    lines = town(without)
    graph = street_graph(lines, ["residential"] * len(lines), "foot")
    assume(graph.component.max() == 0)
    feet = [np.sort(shapely.distance(lines, shapely.Point(place)))[:2] for place in (start, *places)]
    assume(all(near[1] - near[0] > 1e-6 or near[0] < 1e-9 for near in feet))  # a tie may go to either street
    walks = Walks(graph, places)
    found = walks.metres(start)
    for number, place in enumerate(places):
        if place == start:
            continue
        by_pair = travel([start, place], graph, FOOT).metres[0, 1]
        assert found[number] == pytest.approx(by_pair, abs=1e-6)
        route = walks.route(start, number)
        assert route is not None
        assert len(route.line) == len(route.coords) - 1
        on_streets = np.hypot(*np.diff(route.coords, axis=0).T).sum()
        assert on_streets + feet[0][0] + feet[number + 1][0] == pytest.approx(found[number], abs=1e-6)
        middles = (route.coords[1:] + route.coords[:-1]) / 2
        for middle, line in zip(middles, route.line, strict=True):
            assert shapely.distance(lines[line], shapely.Point(middle)) < 1e-6
        for end, spot in ((route.coords[0], start), (route.coords[-1], place)):
            assert math.dist(end, spot) == pytest.approx(shapely.distance(lines, shapely.Point(spot)).min(), abs=1e-6)


def test_asking_twice_or_in_another_order_changes_nothing() -> None:
    places = [EastNorth(10, 10), EastNorth(390, 300), EastNorth(200, 120)]
    asked, fresh = walks_of(town(), places), walks_of(town(), places)
    first = asked.metres(EastNorth(0, 333))
    asked.route(EastNorth(77, 5), 2)
    np.testing.assert_array_equal(asked.metres(EastNorth(0, 333)), first)
    np.testing.assert_array_equal(fresh.metres(EastNorth(0, 333)), first)


def test_no_street_no_way() -> None:
    far = EastNorth(5_000, 5_000)
    walks = walks_of(town(), [EastNorth(10, 10), EastNorth(math.nan, math.nan), far])
    assert np.isnan(walks.metres(EastNorth(0, 50))).tolist() == [False, True, True]
    assert walks.route(EastNorth(0, 50), 1) is None
    assert walks.route(EastNorth(0, 50), 2) is None
    assert walks.route(far, 0) is None
    assert np.isnan(walks.metres(EastNorth(math.nan, math.nan))).all()
    assert np.isnan(walks_of(np.array([], dtype=object), [EastNorth(0, 0)]).metres(EastNorth(0, 0))).all()


def test_a_short_path_apart_from_the_town_misleads_nobody() -> None:
    alone = shapely.LineString([(30, 20), (60, 20)])
    lines = np.append(town(), alone)
    walks = walks_of(lines, [EastNorth(45, 19)])
    assert walks.metres(EastNorth(200, 0))[0] == pytest.approx(155 + 19)


def test_two_towns_that_no_street_joins_are_each_found() -> None:
    lines = np.append(town(), shapely.transform(town(), lambda at: at + 3_000))
    walks = walks_of(lines, [EastNorth(100, 10), EastNorth(3_100, 3_010)])
    assert np.isnan(walks.metres(EastNorth(200, 0))).tolist() == [False, True]
    assert np.isnan(walks.metres(EastNorth(3_200, 3_000))).tolist() == [True, False]


def test_nobody_is_sent_further_than_an_hour_and_only_the_nearest_are_looked_for() -> None:
    wide = town(block_m=1_400.0)
    walks = walks_of(wide, [EastNorth(5_600, 0), EastNorth(1_400, 0)])
    near, far = walks.metres(EastNorth(0, 0))[::-1]
    assert (near, math.isnan(far), FURTHEST_M) == (pytest.approx(1_400), True, 5_000)
    many = [EastNorth(number, 0) for number in range(MOST_PLACES + 5)]
    found = walks_of(town(), many).metres(EastNorth(0, 0))
    assert np.isfinite(found).tolist() == [True] * MOST_PLACES + [False] * 5


def test_start_and_place_at_one_point_of_a_street_have_no_way_to_go() -> None:
    walks = walks_of(town(), [EastNorth(50, 7)])
    route = walks.route(EastNorth(50, -7), 0)
    assert route is not None
    assert (len(route.coords), len(route.line)) == (1, 0)
    assert walks.metres(EastNorth(50, -7))[0] == pytest.approx(14)


def test_the_line_of_each_piece_is_numbered_among_all_lines_that_were_given() -> None:
    lines = np.array([
        shapely.LineString([(0, 50), (100, 50)]), None, shapely.LineString([(0, 0), (100, 0)]),
        shapely.MultiLineString([[(100, 0), (100, 80)], [(100, 80), (200, 80)]]),
    ], dtype=object)  # fmt: skip
    graph = street_graph(lines, ["motorway", "", "road", "path"], "foot")
    route = Walks(graph, [EastNorth(190, 80)]).route(EastNorth(10, 0), 0)
    assert route is not None
    assert route.line.tolist() == [2, 3, 3]
