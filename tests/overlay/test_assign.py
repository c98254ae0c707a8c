"""Points are assigned as geopandas.sjoin would, and ties go by the written rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.model.boundaries import BoundarySet
from geo_service.model.cells import OUTSIDE
from geo_service.overlay import assign, summarise

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geo_service.model.cells import Floats


def codes_at(lon: Floats, lat: Floats, boundary_set: BoundarySet) -> list[str | None]:
    members = assign(lon, lat, boundary_set)
    assert members.dtype == np.int32
    return [None if member == OUTSIDE else boundary_set.codes[member] for member in members.tolist()]


def codes_by_sjoin(lon: Floats, lat: Floats, boundary_set: BoundarySet) -> list[str | None]:
    """Return the lowest code among all that geopandas gives a point."""
    wards = gpd.GeoDataFrame({"code": boundary_set.codes}, geometry=boundary_set.geometry, crs=4326)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=4326)
    joined = gpd.sjoin(points, wards, how="left", predicate="intersects")
    lowest = joined["code"].groupby(level=0).min()
    return [code if isinstance(code, str) else None for code in lowest.reindex(range(len(lon)))]


def test_each_point_gets_the_ward_it_lies_in(chequers: BoundarySet) -> None:
    lon, lat = np.array([0.005, 0.015, 0.005, 0.015, 0.03]), np.array([0.005, 0.005, 0.015, 0.015, 0.005])
    assert codes_at(lon, lat, chequers) == ["B", "D", "C", "A", None]


def test_a_point_on_a_shared_edge_goes_to_the_code_that_sorts_first(chequers: BoundarySet) -> None:
    lon, lat = np.array([0.01, 0.005, 0.01, 0.015, 0.01]), np.array([0.005, 0.01, 0.015, 0.01, 0.01])
    assert codes_at(lon, lat, chequers) == ["B", "B", "A", "A", "A"]


def test_a_point_on_the_outer_border_is_inside(chequers: BoundarySet) -> None:
    assert codes_at(np.array([0.0, 0.02, 0.0]), np.array([0.005, 0.0, 0.02]), chequers) == ["B", "D", "C"]


def test_where_members_overlap_the_code_that_sorts_first_has_the_point(make_set: Callable[..., BoundarySet]) -> None:
    both = make_set([("E2", "Outer", shapely.box(0, 0, 1, 1)), ("E1", "Inner", shapely.box(0.4, 0.4, 0.6, 0.6))])
    assert codes_at(np.array([0.5, 0.1]), np.array([0.5, 0.1]), both) == ["E1", "E2"]


def test_a_point_in_a_hole_is_outside(make_set: Callable[..., BoundarySet]) -> None:
    ring = make_set([("E1", "Ring", shapely.box(0, 0, 1, 1).difference(shapely.box(0.4, 0.4, 0.6, 0.6)))])
    assert codes_at(np.array([0.5, 0.4]), np.array([0.5, 0.5]), ring) == [None, "E1"]


def test_without_a_position_a_point_is_outside(chequers: BoundarySet) -> None:
    nan = float("nan")
    lon, lat = np.array([nan, 0.005, nan, 0.005, np.inf]), np.array([0.005, nan, nan, 0.005, 0.005])
    assert assign(lon, lat, chequers).tolist() == [OUTSIDE, OUTSIDE, OUTSIDE, 0, OUTSIDE]


def test_no_points_and_no_members_are_no_error(chequers: BoundarySet) -> None:
    assert assign([], [], chequers).tolist() == []
    none = BoundarySet("none", "None", "", None, "", (), (), (), (), np.empty(0, dtype=np.object_))
    assert assign([0.005], [0.005], none).tolist() == [OUTSIDE]


@given(
    points=st.lists(st.tuples(st.integers(-2, 22), st.integers(-2, 22)), max_size=60),
    order=st.permutations(range(4)),
)
def test_the_order_of_the_set_does_not_matter(
    chequers: BoundarySet, points: list[tuple[int, int]], order: list[int]
) -> None:
    lon, lat = np.array(points, dtype=float).reshape(-1, 2).T / 1000
    turned = BoundarySet(
        "turned",
        "Turned",
        "",
        None,
        "",
        *(tuple(column[place] for place in order) for column in (chequers.codes, chequers.names)),
        chequers.parent_codes,
        chequers.parent_names,
        chequers.geometry[list(order)],
    )
    assert codes_at(lon, lat, turned) == codes_at(lon, lat, chequers) == codes_by_sjoin(lon, lat, chequers)


@pytest.mark.shared
def test_every_real_incident_is_assigned_as_sjoin_does(shared: Path, worcestershire: BoundarySet) -> None:
    months = sorted((shared / "police-uk" / "west-mercia").glob("*/*-street.csv"))
    rows = pl.concat([pl.read_csv(month, columns=["Longitude", "Latitude"]) for month in months]).drop_nulls()
    lon, lat = rows["Longitude"].to_numpy(), rows["Latitude"].to_numpy()
    assert len(lon) > 100_000
    found = codes_at(lon, lat, worcestershire)
    assert found == codes_by_sjoin(lon, lat, worcestershire)
    # The force is larger than the county: about half of its incidents lie elsewhere.
    assert 0.4 < found.count(None) / len(found) < 0.6


@pytest.mark.shared
def test_points_exactly_on_real_borders_are_assigned_as_sjoin_does(worcestershire: BoundarySet) -> None:
    corners = np.unique(shapely.get_coordinates(worcestershire.geometry), axis=0)
    ends = shapely.get_coordinates(shapely.get_exterior_ring(worcestershire.geometry[0]))
    middles = (ends[1:] + ends[:-1]) / 2
    lon, lat = np.concatenate([corners, middles]).T
    wards = gpd.GeoSeries(worcestershire.geometry)
    claims = wards.sindex.query(gpd.points_from_xy(lon, lat), predicate="intersects")[0]
    assert (np.bincount(claims) > 1).sum() > 4000, "most corners belong to more than one ward"
    assert codes_at(lon, lat, worcestershire) == codes_by_sjoin(lon, lat, worcestershire)


@given(st.lists(st.tuples(st.integers(OUTSIDE, 3), st.integers(0, 100)), max_size=50))
def test_totals_lose_nothing(chequers: BoundarySet, rows: list[tuple[int, int]]) -> None:
    member, weight = np.array(rows, dtype=np.int32).reshape(-1, 2).T
    counts, weighed = summarise(member, chequers), summarise(member, chequers, weight)
    assert counts.inside.sum() + counts.outside == len(rows)
    assert weighed.inside.sum() + weighed.outside == weight.sum()
    assert counts.inside.tolist() == [(member == place).sum() for place in range(4)]
    assert weighed.outside == weight[member == OUTSIDE].sum()
