"""The way to a place along streets, as the pages say it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from geo_service import spatial
from geo_service.model.language import ENGLISH
from geo_service.model.release import Ways
from geo_service.web.walking import Walking

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.cells import Floats
    from geo_service.model.release import PublicRelease

START = (-1.001, 55.001)


@pytest.fixture
def corner() -> Floats:
    """Return three points of two streets at a right angle, 300 m and 400 m long, on the grid."""
    east_m, north_m = spatial.to_grid(np.array([START[0]]), np.array([START[1]]))
    return np.array([[0, 0], [300, 0], [300, 400]]) + np.column_stack([east_m, north_m])


@pytest.fixture
def lon_lat(corner: Floats) -> Floats:
    """Return a place at the end of the second street, and one that is nowhere."""
    lon, lat = spatial.to_lonlat(*corner[2:].T)
    return np.array([[lon[0], lat[0]], [np.nan, np.nan]])


@pytest.fixture
def walking(release: Callable[..., PublicRelease], corner: Floats, lon_lat: Floats) -> Walking:
    lines = np.array([shapely.LineString(corner[:2]), shapely.LineString(corner[1:])], dtype=object)
    given = replace(release(), ways=Ways(lines, ("residential", "residential"), ("First Street", "Second Street")))
    made = Walking(given, lon_lat)
    assert made.ready.wait(10)
    return made


def test_metres_follow_the_streets_and_are_not_known_for_a_place_that_is_nowhere(walking: Walking) -> None:
    metres = walking.metres(START)
    assert metres is not None
    assert metres[0] == pytest.approx(700, abs=0.5)
    assert np.isnan(metres[1])


def test_the_way_names_its_streets_in_order(walking: Walking) -> None:
    said = " ".join(walking.steps(START, 0, ENGLISH))
    assert said.index("First Street") < said.index("left") <= said.rindex("Second Street")


def test_without_streets_no_way_is_said(release: Callable[..., PublicRelease]) -> None:
    without = Walking(release(), np.array([START]))
    assert without.ready.is_set()
    assert without.metres(START) is None
    assert without.steps(START, 0, ENGLISH) == ()


def test_of_a_release_with_the_same_streets_the_graph_is_taken_over_and_with_the_same_places_the_ways(
    walking: Walking, release: Callable[..., PublicRelease], lon_lat: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = replace(release(), ways=walking._ways)
    monkeypatch.setattr("geo_service.web.walking.street_graph", lambda *_: pytest.fail("the graph was made again"))
    at_once = Walking(same, lon_lat, [walking])
    assert at_once.ready.is_set()
    other = Walking(same, np.array([START, START]), [walking])
    assert other.ready.wait(10)
    for made, metres in ((at_once, [700, np.nan]), (other, [0, 0])):
        found = made.metres(START)
        assert found is not None
        assert found == pytest.approx(metres, abs=0.5, nan_ok=True)
