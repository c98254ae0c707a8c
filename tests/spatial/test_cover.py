"""A cover holds every cell of an area, each with the share that lies inside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import h3
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geo_service.errors import InputError, QueryError
from geo_service.spatial import area_m2, cell_polygons, cover, halo, index_cells, project_geometry

if TYPE_CHECKING:
    from pathlib import Path

    from shapely import Geometry

    from geo_service.model.cells import Cells, Floats

STAR = shapely.Polygon(
    [(-1.95, 52.29), (-1.93, 52.30), (-1.90, 52.28), (-1.92, 52.31), (-1.91, 52.33), (-1.94, 52.31), (-1.97, 52.32)]
)
RING = shapely.Point(-1.94, 52.31).buffer(0.03).difference(shapely.Point(-1.935, 52.312).buffer(0.012))
ISLANDS = shapely.union_all([shapely.box(-4.2, 50.36, -4.18, 50.37), shapely.box(-4.10, 50.40, -4.09, 50.43)])
COMB = shapely.union_all(
    [
        shapely.box(-1.95, 52.30, -1.91, 52.303),
        *(shapely.box(-1.95 + x, 52.30, -1.949 + x, 52.33) for x in np.arange(20) / 500),
    ]
)
TINY = shapely.Point(-1.9, 52.3).buffer(1e-5)
CHICAGO = shapely.box(-87.70, 41.80, -87.64, 41.85)
SOUTH = shapely.Point(151.2, -33.86).buffer(0.02)
SHAPES = pytest.mark.parametrize(
    "shape",
    [STAR, RING, COMB, ISLANDS, TINY, CHICAGO, SOUTH],
    ids=["star", "ring", "comb", "islands", "tiny", "chicago", "south"],
)


def the_slow_way(shape: Geometry, resolution: int) -> tuple[Cells, Floats]:
    """Return the share of every cell near a polygon by one intersection each, in degrees."""
    lon, lat = shapely.get_coordinates(shapely.segmentize(shape, 0.001)).T
    seeds = np.unique(index_cells(lon, lat, resolution))
    inner = [h3.str_to_int(word) for word in h3.geo_to_cells(shape, resolution)]
    cells = np.unique(np.concatenate([seeds, halo(seeds, 2), np.array(inner, dtype=np.uint64)]))
    outlines = cell_polygons(cells)
    share = shapely.area(shapely.intersection(outlines, shape)) / shapely.area(outlines)
    return cells[share >= 1e-9], share[share >= 1e-9]


@SHAPES
@pytest.mark.parametrize("resolution", [8, 9, 10])
def test_cells_and_shares_are_those_of_one_intersection_per_cell(shape: Geometry, resolution: int) -> None:
    table = cover(shape, resolution)
    cells, share = the_slow_way(shape, resolution)
    np.testing.assert_array_equal(table.cells, cells)
    np.testing.assert_allclose(table.share, share, atol=2e-4)


@SHAPES
@pytest.mark.parametrize("resolution", [7, 9, 11])
def test_covered_metres_add_up_to_the_area(shape: Geometry, resolution: int) -> None:
    total = cover(shape, resolution).covered_m2.sum()
    assert total == pytest.approx(area_m2(np.array([shape]))[0], rel=1e-5)


@settings(max_examples=30)
@given(
    lon=st.floats(-150, 150),
    lat=st.floats(-65, 65),
    turn=st.floats(0.1, 3),
    radius=st.floats(0.001, 0.02),
    corners=st.integers(3, 12),
)
def test_covered_metres_add_up_anywhere(lon: float, lat: float, turn: float, radius: float, corners: int) -> None:
    angle = np.arange(corners) * 2 * np.pi / corners + turn
    reach = radius * (1 + 0.6 * np.sin(3 * angle))
    shape = shapely.Polygon(np.column_stack([lon + reach * np.cos(angle), lat + reach * np.sin(angle)]))
    assert cover(shape, 9).covered_m2.sum() == pytest.approx(area_m2(np.array([shape]))[0], rel=1e-4)


def test_away_from_the_border_the_share_is_exactly_one() -> None:
    table = cover(STAR, 10)
    inside = shapely.contains_properly(STAR, cell_polygons(table.cells))
    assert inside.any()
    assert (table.share[inside] == 1).all()
    assert (table.share[~inside] < 1).all()


def test_cells_ascend_and_none_comes_twice() -> None:
    table = cover(RING, 10)
    assert (np.diff(table.cells) > 0).all()


def test_neighbouring_areas_share_out_the_cells_between_them() -> None:
    west, east = shapely.box(-1.96, 52.29, -1.93, 52.33), shapely.box(-1.93, 52.29, -1.90, 52.33)
    together = cover(shapely.union(west, east), 10)
    parts = {}
    for table in (cover(west, 10), cover(east, 10)):
        for cell, share in zip(table.cells.tolist(), table.share.tolist(), strict=True):
            parts[cell] = parts.get(cell, 0) + share
    assert sorted(parts) == together.cells.tolist()
    np.testing.assert_allclose([parts[cell] for cell in together.cells.tolist()], together.share, atol=1e-6)


def test_a_cell_that_only_touches_the_border_is_left_out() -> None:
    cell = index_cells([-1.94], [52.31], 10)
    table = cover(cell_polygons(cell)[0], 10)
    assert table.cells.tolist() == cell.tolist()
    assert table.share[0] == pytest.approx(1, abs=1e-9)


def test_an_empty_polygon_has_no_cells() -> None:
    table = cover(shapely.Polygon(), 10)
    assert len(table.cells) == len(table.share) == len(table.area_m2) == 0


def test_metres_handed_over_as_degrees_are_refused() -> None:
    with pytest.raises(InputError, match="off the globe"):
        cover(shapely.box(404000, 267000, 405000, 268000), 10)


def test_more_cells_than_a_machine_can_hold_are_refused_before_the_work() -> None:
    with pytest.raises(QueryError, match=r"too large .* about \d+ million cells at resolution 12"):
        cover(shapely.box(-6, 50, 2, 56), 12)


def test_areas_are_a_little_less_than_on_the_ellipsoid() -> None:
    # H3 takes latitude as if the earth were a sphere; at 52 degrees north that costs 0.4 %.
    ellipsoid, _ = Geod(ellps="WGS84").geometry_area_perimeter(shapely.orient_polygons(STAR, exterior_cw=False))
    assert area_m2(np.array([STAR]))[0] / ellipsoid == pytest.approx(0.9961, abs=0.0003)


@pytest.mark.shared
def test_real_wards_are_covered_to_the_square_metre(shared: Path) -> None:
    features = json.loads((shared / "boundaries" / "wards-2025-worcestershire.geojson").read_text())["features"]
    wards = np.array([shapely.geometry.shape(feature["geometry"]) for feature in features])
    redditch = np.array([feature["properties"]["LAD25NM"] == "Redditch" for feature in features])
    assert redditch.sum() == 9
    for shape in (*wards[redditch], shapely.union_all(wards)):
        table = cover(shape, 10)
        assert table.covered_m2.sum() == pytest.approx(area_m2(np.array([shape]))[0], rel=1e-6)
        # The National Grid measures 0.3 to 0.4 % more than H3's sphere there.
        in_metres = shapely.area(project_geometry(np.array([shape]), to="grid"))[0]
        assert table.covered_m2.sum() / in_metres == pytest.approx(0.9965, abs=0.001)
