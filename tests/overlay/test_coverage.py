"""The shape of an area is the union of its members, and what does not fit is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from geo_service.model.boundaries import Area, BoundarySet
from geo_service.model.places import LonLat
from geo_service.overlay import Gap, Overlap, area_geometry, check_coverage

if TYPE_CHECKING:
    from collections.abc import Callable

# A degree of longitude on the equator is 111,195 m on H3's sphere.
METRES = 1 / 111_195


def area_of(boundary_set: BoundarySet, *members: int) -> Area:
    return Area("x", "X", boundary_set, np.array(members, dtype=np.int32), boundary_set.vintage)


def test_an_area_is_its_members_without_inner_borders(chequers: BoundarySet) -> None:
    shape = area_geometry(area_of(chequers, 0, 1, 2))
    assert shape.geom_type == "Polygon"
    assert shape.equals(shapely.union_all(chequers.geometry[:3]))


def test_members_that_overlap_are_not_counted_twice(make_set: Callable[..., BoundarySet]) -> None:
    both = make_set([("E1", "One", shapely.box(0, 0, 0.2, 0.1)), ("E2", "Two", shapely.box(0.1, 0, 0.3, 0.1))])
    assert area_geometry(area_of(both, 0, 1)).equals(shapely.box(0, 0, 0.3, 0.1))


def test_an_area_may_lie_in_pieces(chequers: BoundarySet) -> None:
    assert area_geometry(area_of(chequers, 0, 3)).area == pytest.approx(2e-4)


def test_members_that_fit_are_without_fault(chequers: BoundarySet) -> None:
    assert check_coverage(chequers) == ((), ())


def test_an_overlap_is_reported_by_its_members_with_its_size(make_set: Callable[..., BoundarySet]) -> None:
    wide = shapely.box(0, 0, 1000 * METRES, 100 * METRES)
    far = shapely.box(990 * METRES, 0, 2000 * METRES, 100 * METRES)
    wider = shapely.box(980 * METRES, 90 * METRES, 1990 * METRES, 300 * METRES)
    (largest, next_one, least), gaps = check_coverage(
        make_set([("E1", "One", wide), ("E2", "Two", far), ("E3", "Three", wider)])
    )
    assert gaps == ()
    assert (largest.codes, largest.names) == (("E2", "E3"), ("Two", "Three"))
    assert largest.area_m2 == pytest.approx(10_000, rel=1e-4)
    assert (next_one.codes, least.codes) == (("E1", "E2"), ("E1", "E3"))
    assert next_one.area_m2 == pytest.approx(1000, rel=1e-4)
    assert least.area_m2 == pytest.approx(200, rel=1e-4)
    assert shapely.box(990 * METRES, 0, 1000 * METRES, 100 * METRES).contains(shapely.Point(next_one.at))


def test_faults_of_a_set_are_said_in_words() -> None:
    overlap = Overlap(("E2", "E3"), ("Two", "Three"), 999.6, LonLat(-1.5, 52.25))
    assert str(overlap) == "E2 Two and E3 Three, 1,000 m² at longitude -1.50000, latitude 52.25000"
    assert str(Gap(12_345.0, LonLat(-1.5, 52.25))) == "1.2 ha at longitude -1.50000, latitude 52.25000"


def test_ground_that_nobody_holds_is_reported_with_its_size_and_place(make_set: Callable[..., BoundarySet]) -> None:
    hole = shapely.box(100 * METRES, 100 * METRES, 120 * METRES, 150 * METRES)
    whole = shapely.box(0, 0, 300 * METRES, 300 * METRES).difference(hole)
    west, east = (whole.intersection(shapely.box(x, -1, x + 110 * METRES, 1)) for x in (0, 110 * METRES))
    rest = whole.intersection(shapely.box(220 * METRES, -1, 1, 1))
    overlaps, (gap,) = check_coverage(make_set([("E1", "West", west), ("E2", "East", east), ("E3", "Rest", rest)]))
    assert overlaps == ()
    assert gap.area_m2 == pytest.approx(1000, rel=1e-4)
    assert hole.contains(shapely.Point(gap.at))


def test_an_island_in_a_gap_is_not_part_of_it(make_set: Callable[..., BoundarySet]) -> None:
    ring = shapely.box(0, 0, 300 * METRES, 300 * METRES).difference(
        shapely.box(100 * METRES, 100 * METRES, 200 * METRES, 200 * METRES)
    )
    island = shapely.box(140 * METRES, 140 * METRES, 160 * METRES, 160 * METRES)
    _, (gap,) = check_coverage(make_set([("E1", "Ring", ring), ("E2", "Island", island)]))
    assert gap.area_m2 == pytest.approx(100**2 - 20**2, rel=1e-4)
    assert not island.intersects(shapely.Point(gap.at))


def test_the_rounding_of_coordinates_is_no_fault(make_set: Callable[..., BoundarySet]) -> None:
    one = shapely.box(0, 0, 1000.004 * METRES, 1000 * METRES)
    other = shapely.box(1000 * METRES, 0, 2000 * METRES, 1000 * METRES)
    assert check_coverage(make_set([("E1", "One", one), ("E2", "Two", other)])) == ((), ())


def test_sea_between_islands_is_no_gap(make_set: Callable[..., BoundarySet]) -> None:
    islands = [(f"E{x}", f"Island {x}", shapely.box(x, 0, x + 0.5, 0.5)) for x in range(3)]
    assert check_coverage(make_set(islands)) == ((), ())


@pytest.mark.shared
def test_the_official_wards_fit_together(worcestershire: BoundarySet) -> None:
    assert check_coverage(worcestershire) == ((), ())
    moved = worcestershire.geometry.copy()
    moved[0] = shapely.transform(moved[0], lambda lonlat: lonlat + 0.001)
    shifted = BoundarySet(
        "shifted", "", "", None, "", *[("x",) * len(moved)] * 2, *[("",) * len(moved)] * 2, geometry=moved
    )
    overlaps, gaps = check_coverage(shifted)
    assert overlaps
    assert all(overlap.area_m2 > 5 for overlap in overlaps)
    assert all(gap.area_m2 > 5 for gap in gaps)
