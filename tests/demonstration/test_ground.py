"""Land, water, streets and addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.demonstration.ground import LANDMARKS
from geo_service.demonstration.names import SUFFIXES

if TYPE_CHECKING:
    from geo_service.demonstration.ground import Ground


def test_no_two_streets_have_one_name_except_the_paths_of_a_park(land: Ground) -> None:
    named = [name for name, kind in zip(land.streets.names, land.streets.classes, strict=True) if kind != "footway"]
    assert len(named) == len(set(named))
    endings = {ending for group in SUFFIXES.values() for ending in group}
    assert {name.split()[-1] for name in named} <= endings


def test_only_main_roads_and_lanes_cross_the_river(land: Ground) -> None:
    kinds = np.array(land.streets.classes)
    crossing = shapely.intersects(land.streets.lines, land.bones.river)
    assert crossing.any()
    assert set(kinds[crossing]) <= {"primary", "secondary"}


def test_streets_meet_other_streets(land: Ground) -> None:
    """Nearly every street can be reached: it touches another one."""
    tree = shapely.STRtree(land.streets.lines)
    one, other = tree.query(land.streets.lines, predicate="dwithin", distance=1.5)
    assert np.unique(one[one != other]).size > 0.95 * len(land.streets.lines)


def test_no_address_lies_in_the_water_or_outside(land: Ground) -> None:
    points = shapely.points(land.addresses.at)
    assert not shapely.intersects(land.bones.river, points).any()
    assert shapely.within(points, land.outline).all()


def test_the_nearest_address_is_the_nearest(land: Ground) -> None:
    spots = land.addresses.at[:5] + 0.4
    far = np.hypot(*(land.addresses.at[None, :, :] - spots[:, None, :]).transpose(2, 0, 1))
    assert (land.addresses.nearest(spots) == far.argmin(axis=1)).all()


def test_landmarks_stand_beside_their_streets_and_not_on_any(land: Ground) -> None:
    streets = shapely.union_all(land.streets.lines)
    assert len(land.buildings) == len(LANDMARKS)
    assert (shapely.distance(land.buildings, streets) > 4).all()
    assert (shapely.distance(land.buildings, streets) < 12).all()
    assert (shapely.area(land.buildings) > 150).all()


def test_parks_are_of_a_size_to_walk_in(land: Ground) -> None:
    hectares = shapely.area(land.streets.parks) / 1e4
    assert 2 <= len(hectares) <= 5
    assert ((hectares > 2) & (hectares < 27)).all()
