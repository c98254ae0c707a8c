"""What lies under a map of the borough: houses, woods, landmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.demonstration import basemap

if TYPE_CHECKING:
    from geo_service.demonstration import Demonstration
    from geo_service.demonstration.ground import Ground


def test_no_building_stands_on_another_or_in_a_street_the_water_or_a_park(borough: Demonstration, land: Ground) -> None:
    shapes = borough.buildings.geometry
    one, other = shapely.STRtree(shapes).query(shapes, predicate="overlaps")
    assert not one.size
    assert not other.size
    houses = shapes[len(land.buildings) :]
    assert shapely.STRtree(land.streets.lines).query(houses, predicate="intersects").shape == (2, 0)
    assert not shapely.intersects(houses, land.bones.river).any()
    assert not shapely.intersects(houses, shapely.union_all(land.streets.parks)).any()


def test_houses_stand_beside_streets(borough: Demonstration, land: Ground) -> None:
    houses = borough.buildings.geometry[len(land.buildings) :]
    nearest = shapely.STRtree(land.streets.lines).query_nearest(houses, return_distance=True, all_matches=False)[1]
    assert nearest.max() < 15
    metres = shapely.area(houses)
    assert (metres > 50).all()
    assert (metres < 700).all()


def test_woods_lie_in_the_country_off_the_roads(borough: Demonstration, land: Ground) -> None:
    woods = borough.ground.geometry[(borough.ground.rows["kind"] == "wood").to_numpy()]
    assert len(woods) >= 5
    assert not shapely.intersects(woods, land.bones.town).any()
    assert shapely.STRtree(land.streets.lines).query(woods, predicate="intersects").shape == (2, 0)
    assert (shapely.area(woods) > 4_000).all()


def test_there_are_a_station_and_schools_with_names(borough: Demonstration) -> None:
    kinds = borough.landmarks.rows["kind"].to_list()
    assert kinds.count("station") == 1
    assert kinds.count("school") == 4
    assert (borough.landmarks.rows["name"] != "").all()


def test_the_same_seed_gives_the_same_houses(land: Ground) -> None:
    one, other = (basemap.buildings(land, np.random.default_rng([1, 1])) for _ in range(2))
    assert one.rows.equals(other.rows)
    assert shapely.equals_exact(one.geometry, other.geometry).all()
