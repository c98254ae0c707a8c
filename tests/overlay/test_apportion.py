"""Numbers of areas over cells: against a brute force, a whole that comes back, and a border that halves."""

from __future__ import annotations

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service import overlay, spatial

WEST, SOUTH = -1.95, 52.3
TOWN = shapely.box(WEST, SOUTH, WEST + 0.03, SOUTH + 0.02)
QUARTERS = np.array(
    [
        shapely.box(WEST + x * 0.015, SOUTH + y * 0.01, WEST + (x + 1) * 0.015, SOUTH + (y + 1) * 0.01)
        for x in (0, 1)
        for y in (0, 1)
    ]
)


def spread(area: shapely.Geometry, members: np.ndarray, values: list[float], resolution: int = 10) -> np.ndarray:
    table = spatial.cover(area, resolution)
    outlines = spatial.cell_polygons(table.cells)
    return overlay.apportion(outlines, table.area_m2, members, values, within=area)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=4, max_size=4), st.sampled_from([8, 9, 10]))
def test_cells_that_cover_every_member_hold_all_of_it(values: list[float], resolution: int) -> None:
    assert spread(TOWN, QUARTERS, values, resolution).sum() == pytest.approx(sum(values), rel=1e-6)


def test_an_area_that_cuts_a_member_in_half_has_half_of_it() -> None:
    half = shapely.box(WEST, SOUTH, WEST + 0.015, SOUTH + 0.02)
    assert spread(half, np.array([TOWN]), [1000.0]).sum() == pytest.approx(500, rel=1e-4)


def test_every_cell_has_what_a_brute_force_gives_it() -> None:
    """The oracle cuts by geopandas and measures on the British National Grid, whose edges are straight elsewhere."""
    values = [100.0, 0.0, 30.0, 7.0]
    table = spatial.cover(TOWN, 9)
    cells = geopandas.GeoDataFrame(geometry=spatial.cell_polygons(table.cells), crs=4326).to_crs(27700).reset_index()
    areas = geopandas.GeoDataFrame({"n": values}, geometry=QUARTERS, crs=4326).to_crs(27700)
    areas["density"] = areas["n"] / areas.area
    cut = geopandas.overlay(cells, areas, how="intersection")
    wanted = (cut.area * cut["density"]).groupby(cut["index"]).sum().reindex(range(len(cells)), fill_value=0)
    found = overlay.apportion(spatial.cell_polygons(table.cells), table.area_m2, QUARTERS, values)
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-3)


def test_a_border_in_common_is_no_ground_in_common() -> None:
    beside = shapely.box(WEST + 0.015, SOUTH, WEST + 0.03, SOUTH + 0.01)
    assert overlay.meeting(QUARTERS, beside).tolist() == [False, False, True, False]
