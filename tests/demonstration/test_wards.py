"""Wards that tile the borough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.demonstration import roads, wards
from geo_service.spatial.projection import project_geometry

if TYPE_CHECKING:
    from geo_service.demonstration import Demonstration


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_nine_wards_tile_the_outline_without_overlap_or_gap(seed: int) -> None:
    rng = np.random.default_rng(seed)
    outline = roads.lay(rng).outline
    tiles = wards.tile(outline, rng)
    whole = shapely.union_all(tiles)
    assert len(tiles) == 9
    assert shapely.is_valid(tiles).all()
    assert shapely.coverage_is_valid(tiles)
    assert shapely.area(tiles).sum() == pytest.approx(whole.area, abs=1e-3)
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    # Snapping to whole metres moves the edge by less than a metre.
    assert whole.symmetric_difference(outline).area < outline.length


def test_the_wards_still_fit_in_degrees(borough: Demonstration) -> None:
    assert shapely.coverage_is_valid(borough.wards.geometry)
    on_grid = project_geometry(borough.wards.geometry, "grid")
    assert (shapely.area(on_grid) > 1e6).all()


def test_the_outline_is_no_rectangle(borough: Demonstration) -> None:
    outline = shapely.union_all(project_geometry(borough.wards.geometry, "grid"))
    assert outline.area < 0.9 * outline.minimum_rotated_rectangle.area
