"""Travel takes the streets: against a slow oracle written differently, and by laws."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geo_service.model.patrol import DETOUR, PatrolRules
from geo_service.model.places import EastNorth
from geo_service.patrol import StreetGraph, near_places, street_graph, travel, way
from geo_service.spatial import project_geometry

if TYPE_CHECKING:
    from pathlib import Path

FOOT = PatrolRules()
A_MINUTE_M = 80.0
"""4.8 km/h."""
BLOCK_M = 100.0


def town(*, without: frozenset[int] = frozenset(), size: int = 5) -> np.ndarray:
    """Lay a grid of streets, each block a line; `without` leaves some of them out."""
    ways = []
    for along in range(size):
        for step in range(size - 1):
            at = along * BLOCK_M, step * BLOCK_M, (step + 1) * BLOCK_M
            ways += [[(at[1], at[0]), (at[2], at[0])], [(at[0], at[1]), (at[0], at[2])]]
    return np.array([shapely.LineString(each) for number, each in enumerate(ways) if number not in without])


def graph_of(lines: np.ndarray) -> StreetGraph:
    return street_graph(lines, ["residential"] * len(lines), "foot")


def slow_metres(lines: np.ndarray, places: list[EastNorth]) -> list[list[float]]:
    """Cut every street at the places' nearest points, then relax all triples of corners, without a graph library."""
    cuts: dict[int, list[float]] = {}
    feet = []
    for place in places:
        point = shapely.Point(place)
        best = min(range(len(lines)), key=lambda number: lines[number].distance(point))
        along = lines[best].project(point)
        cuts.setdefault(best, []).append(along)
        foot = lines[best].interpolate(along)
        feet.append((round(foot.x, 6), round(foot.y, 6), point.distance(foot)))
    metres: dict[tuple[object, object], float] = {}
    corners: set[tuple[float, float]] = set()
    for number, line in enumerate(lines):
        stops = sorted({0.0, line.length, *cuts.get(number, [])})
        points = [line.interpolate(stop) for stop in stops]
        named = [(round(point.x, 6), round(point.y, 6)) for point in points]
        corners |= set(named)
        for one, other, length in zip(named, named[1:], np.diff(stops), strict=False):
            for pair in ((one, other), (other, one)):
                metres[pair] = min(metres.get(pair, math.inf), float(length))
    for middle in corners:
        near = [corner for corner in corners if (corner, middle) in metres]
        for one in near:
            for other in near:
                through = metres[one, middle] + metres[middle, other]
                if through < metres.get((one, other), math.inf):
                    metres[one, other] = through
    return [
        [
            0.0 if one == other else a[2] + (0.0 if a[:2] == b[:2] else metres.get((a[:2], b[:2]), math.inf)) + b[2]
            for other, b in enumerate(feet)
        ]
        for one, a in enumerate(feet)
    ]


def two_feet(lines: np.ndarray, place: EastNorth) -> bool:
    """Tell whether two points of the streets are equally near to a place: then either is right."""
    point = shapely.Point(place)
    away = shapely.distance(lines, point)
    feet = [line.interpolate(line.project(point)) for line in lines[away < away.min() + 1e-6]]
    return any(foot.distance(feet[0]) > 1e-6 for foot in feet)


spots = st.lists(
    st.tuples(st.floats(-60, 460).map(lambda at: round(at, 1)), st.floats(-60, 460).map(lambda at: round(at, 1))),
    min_size=2, max_size=5, unique=True,
).map(lambda found: [EastNorth(*each) for each in found])  # fmt: skip
gaps = st.frozensets(st.integers(0, 39), max_size=12)


@settings(max_examples=60, deadline=None)
@given(places=spots, without=gaps)
def test_travel_is_what_a_slow_search_finds(places: list[EastNorth], without: frozenset[int]) -> None:
    lines = town(without=without)
    graph = graph_of(lines)
    assume(graph.component.max() == 0)  # which part a place is put on is the subject of a test below
    assume(not any(two_feet(lines, place) for place in places))
    found = travel(places, graph, FOOT)
    np.testing.assert_allclose(found.metres, slow_metres(lines, places), atol=1e-5)
    np.testing.assert_allclose(found.minutes, found.metres / A_MINUTE_M)
    assert found.by == "streets"
    assert found.notes == ()


@settings(max_examples=60, deadline=None)
@given(places=spots, without=gaps, east=st.integers(-400_000, 400_000), north=st.integers(-400_000, 400_000))
def test_travel_is_symmetric_never_shorter_than_the_straight_line_and_the_same_elsewhere(
    places: list[EastNorth], without: frozenset[int], east: int, north: int
) -> None:
    lines = town(without=without)
    found = travel(places, graph_of(lines), FOOT)
    at = np.array(places)
    straight = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    np.testing.assert_array_equal(found.metres, found.metres.T)
    np.testing.assert_array_equal(found.minutes, found.minutes.T)
    assert (found.metres >= straight - 1e-6).all()
    assert (np.diag(found.minutes) == 0).all()
    through = (found.minutes[:, :, None] + found.minutes[None, :, :]).min(axis=1)
    assert (found.minutes <= through + 1e-9).all()
    moved = shapely.transform(lines, lambda xy: xy + np.array([east, north]))
    elsewhere = travel([EastNorth(x + east, y + north) for x, y in places], graph_of(moved), FOOT)
    np.testing.assert_allclose(elsewhere.metres, found.metres, atol=1e-4)


def test_a_place_is_put_on_the_street_itself_and_not_on_a_corner() -> None:
    graph = graph_of(np.array([shapely.LineString([(0, 0), (1000, 0)])]))
    found = travel([EastNorth(300, 20), EastNorth(700, -30)], graph, FOOT)
    assert found.metres[0, 1] == pytest.approx(20 + 400 + 30)


def test_places_at_a_corner_or_at_one_point_of_a_street_are_not_lost() -> None:
    found = travel([EastNorth(0, 0), EastNorth(100, 0), EastNorth(100, 0), EastNorth(50, 0)], graph_of(town()), FOOT)
    assert found.metres[0].tolist() == [0.0, 100.0, 100.0, 50.0]
    assert found.metres[1, 2] == 0.0


def test_without_streets_travel_is_the_straight_line_times_the_detour() -> None:
    found = travel([EastNorth(0, 0), EastNorth(300, 400)], None, FOOT)
    assert found.metres[0, 1] == pytest.approx(500 * DETOUR)
    assert found.minutes[0, 1] == pytest.approx(500 * DETOUR / A_MINUTE_M)
    assert (found.by, len(found.notes)) == ("straight line", 1)
    nothing = street_graph(town(), ["railway"] * len(town()), "foot")
    assert travel([EastNorth(0, 0), EastNorth(300, 400)], nothing, FOOT).by == "straight line"


def test_a_place_far_from_every_street_is_named_and_reached_straight() -> None:
    places = [EastNorth(0, 0), EastNorth(400, 0), EastNorth(2000, 0)]
    found = travel(places, graph_of(town()), FOOT, names=["the station", "High Street", "Far Field"])
    assert found.metres[0, 1] == 400.0
    assert found.metres[1, 2] == pytest.approx(1600 * DETOUR)
    assert found.metres[0, 2] == pytest.approx(400 + 1600 * DETOUR)  # through High Street: nearer than all straight
    assert found.by == "streets"
    assert found.notes == ("No street within 250 m of Far Field: travel there is the straight line times 1.3.",)


def test_streets_that_hang_together_with_the_rest_go_before_a_nearer_piece_that_does_not() -> None:
    island = shapely.LineString([(150, 145), (160, 145)])
    lines = np.append(town(), island)
    found = travel([EastNorth(0, 0), EastNorth(155, 148)], graph_of(lines), FOOT)
    # To (200, 148), the nearest street of the town, 45 m away: the island is 3 m away and leads nowhere.
    assert found.metres[0, 1] == pytest.approx(200 + 148 + 45)
    assert (found.by, found.notes) == ("streets", ())


def test_two_towns_without_a_road_between_keep_their_own_streets() -> None:
    other = shapely.transform(town(), lambda xy: xy + np.array([10_000, 0]))
    places = [EastNorth(0, 0), EastNorth(400, 400), EastNorth(10_000, 0), EastNorth(10_400, 400)]
    found = travel(places, graph_of(np.concatenate([town(), other])), FOOT)
    assert (found.metres[0, 1], found.metres[2, 3]) == (800.0, 800.0)
    assert found.metres[0, 2] == pytest.approx(10_000 * DETOUR)
    assert "No way along the streets that are loaded between the station and place 2" in found.notes[0]


def test_the_way_of_a_loop_is_as_long_as_its_travel_and_begins_and_ends_at_the_station() -> None:
    graph = graph_of(town())
    places = [EastNorth(10, 30), EastNorth(330, 130), EastNorth(250, 390)]
    loop = [*places, places[0]]
    found, metres = way(graph, loop), travel(places, graph, FOOT).metres
    assert found.length == pytest.approx(metres[0, 1] + metres[1, 2] + metres[2, 0])
    assert found.coords[0] == found.coords[-1] == (10.0, 30.0)
    inside = shapely.union_all(town()).buffer(30.01)
    assert inside.covers(found)


def test_the_way_is_straight_where_there_are_no_streets() -> None:
    loop = [EastNorth(0, 0), EastNorth(3000, 0), EastNorth(0, 0)]
    assert way(None, loop).wkt == "LINESTRING (0 0, 3000 0, 0 0)"
    assert way(graph_of(town()), loop).length == pytest.approx(6000)
    assert way(None, [EastNorth(5, 5)]).length == 0
    assert way(graph_of(town()), [EastNorth(5, 5), EastNorth(5, 5)]).length == 0


def test_a_cycle_goes_round_a_footway_where_riding_is_quicker() -> None:
    footway = shapely.LineString([(0, 0), (400, 0)])
    road = shapely.LineString([(0, 0), (0, 100), (400, 100), (400, 0)])
    graph = street_graph(np.array([footway, road]), ["footway", "residential"], "cycle")
    rules = PatrolRules(mode="cycle")
    found = travel([EastNorth(0, 0), EastNorth(400, 0)], graph, rules)
    assert found.metres[0, 1] == pytest.approx(600)
    assert found.minutes[0, 1] == pytest.approx(600 / (14_000 / 60))
    assert any("pushed" in note for note in found.notes)
    only = travel([EastNorth(0, 0), EastNorth(400, 0)], street_graph(np.array([footway]), ["footway"], "cycle"), rules)
    assert (only.metres[0, 1], only.minutes[0, 1]) == (pytest.approx(400), pytest.approx(400 / A_MINUTE_M))


def test_who_comes_by_car_walks_from_the_street() -> None:
    graph = street_graph(np.array([shapely.LineString([(0, 0), (2500, 0)])]), ["residential"], "car")
    found = travel([EastNorth(0, 0), EastNorth(2500, 160)], graph, PatrolRules(mode="car", speed_kmh=30))
    assert found.minutes[0, 1] == pytest.approx(2500 / 500 + 160 / A_MINUTE_M)
    assert found.metres[0, 1] == pytest.approx(2660)
    assert found.notes[-1] == "What lies off the street is walked to from the car."


@pytest.mark.shared
def test_streets_of_a_real_town_are_longer_than_the_straight_line_and_a_window_of_them_suffices(shared: Path) -> None:
    extract = shared / "osm" / "rutland.osm.pbf"
    read = pyogrio.read_dataframe(extract, layer="lines", columns=["highway"], where="highway IS NOT NULL")
    lines, classes = project_geometry(read.geometry.to_numpy(), "grid"), read["highway"].to_list()
    oakham = [EastNorth(486_100, 308_800), EastNorth(485_700, 309_200), EastNorth(486_600, 308_300)]
    county = travel(oakham, street_graph(lines, classes, "foot"), FOOT)
    near = near_places(lines, oakham)
    window = street_graph(lines[near], [kind for kind, is_near in zip(classes, near, strict=True) if is_near], "foot")
    np.testing.assert_allclose(travel(oakham, window, FOOT).metres, county.metres)
    assert near.sum() < len(lines) / 3
    straight = np.hypot(*(np.array(oakham)[:, None] - np.array(oakham)[None]).transpose(2, 0, 1))
    detour = county.metres[np.triu_indices(3, 1)] / straight[np.triu_indices(3, 1)]
    assert ((detour > 1.05) & (detour < 2.0)).all()
