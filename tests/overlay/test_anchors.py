"""Anchors and what they may stand for: catchments tile the area, nothing is lost, intervals cover as they say."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from geo_service.overlay import anchors

AREA = shapely.box(0, 0, 1_000, 600)
CELLS = np.array([shapely.box(x, y, x + 100, y + 100) for x in range(0, 1_000, 100) for y in range(0, 600, 100)])
"""Sixty squares that tile the area."""


def places(seed: int, number: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform((0, 0), (1_000, 600), (number, 2))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_catchments_tile_the_area_and_are_nearest_by_brute_force(seed: int, number: int) -> None:
    at = places(seed, number)
    found = anchors.catchments(at, AREA)
    assert shapely.area(found).sum() == pytest.approx(AREA.area)
    points = places(seed + 1, 200)
    nearest = cKDTree(at).query(points)[1]
    assert shapely.dwithin(found[nearest], shapely.points(points), 1e-6).all()


def test_an_area_with_a_hole_has_no_catchment_in_it() -> None:
    ring = shapely.difference(AREA, shapely.box(400, 200, 600, 400))
    assert shapely.area(anchors.catchments(places(1, 9), ring)).sum() == pytest.approx(ring.area)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_spreading_loses_nothing(seed: int, number: int) -> None:
    counts = np.random.default_rng(seed).poisson(5, number).astype(float)
    shared = anchors.shares(anchors.catchments(places(seed, number), AREA), CELLS)
    found = anchors.spread(counts, counts, shared, whole_numbers=True)
    assert shared.sum(axis=1) == pytest.approx(np.ones(number))
    assert found.expected.sum() == pytest.approx(counts.sum())
    assert (found.certain <= found.low + 1e-9).all()
    assert (found.low <= found.expected + 1e-9).all()
    assert (found.expected <= found.high + 1e-9).all()
    assert (found.high <= found.possible + 1e-9).all()


def test_shares_are_those_of_a_brute_force() -> None:
    found = anchors.catchments(places(7, 12), AREA)
    wanted = shapely.area(shapely.intersection(found[:, None], CELLS[None, :])) / shapely.area(found)[:, None]
    np.testing.assert_allclose(anchors.shares(found, CELLS).toarray(), wanted, atol=1e-9)


def test_two_anchors_by_hand() -> None:
    """Halves of an area of four cells: each of 8 and 2 incidents may mean either of two cells."""
    area = shapely.box(0, 0, 400, 100)
    cells = np.array([shapely.box(x, 0, x + 100, 100) for x in range(0, 400, 100)])
    shared = anchors.shares(anchors.catchments(np.array([[100.0, 50], [300, 50]]), area), cells)
    counts = np.array([8.0, 2])
    found = anchors.spread(counts, counts, shared, whole_numbers=True)
    assert found.expected.tolist() == pytest.approx([4, 4, 1, 1])
    assert found.deviation.tolist() == pytest.approx([np.sqrt(2), np.sqrt(2), np.sqrt(0.5), np.sqrt(0.5)])
    assert (found.low.tolist(), found.high.tolist()) == ([1, 1, 0, 0], [7, 7, 2, 2])
    assert (found.certain.tolist(), found.possible.tolist()) == ([0] * 4, [8, 8, 2, 2])
    assert found.cells_meant.tolist() == pytest.approx([2] * 4)
    assert anchors.held_by(counts, counts, shared, np.array([1.0, 1, 0, 0])) == pytest.approx((8, 0, 8, 8))
    assert anchors.held_by(counts, counts, shared, np.array([1.0, 0, 1, 0])) == pytest.approx((5, np.sqrt(2.5), 0, 10))


def test_an_anchor_within_one_cell_is_certain() -> None:
    shared = anchors.shares(np.array([shapely.box(10, 10, 20, 20)]), CELLS)
    found = anchors.spread(np.array([3.0]), np.array([3.0]), shared, whole_numbers=True)
    assert (found.certain[0], found.low[0], found.high[0], found.deviation[0]) == (3, 3, 3, 0)
    assert np.isnan(found.cells_meant[1])


def test_intervals_hold_what_incidents_placed_at_random_give() -> None:
    """Of 90 % intervals, widened to whole numbers, at least 88 % hold over 60 cells and 400 placings (fixed seed)."""
    rng = np.random.default_rng(5)
    counts = rng.poisson(20, 15).astype(float)
    shared = anchors.shares(anchors.catchments(places(5, 15), AREA), CELLS)
    found = anchors.spread(counts, counts, shared, whole_numbers=True)
    drawn = sum(rng.multinomial(int(n), row, size=400) for n, row in zip(counts, shared.toarray(), strict=True))
    assert np.mean((drawn >= found.low) & (drawn <= found.high)) > 0.88
    assert drawn.mean(axis=0) == pytest.approx(found.expected, abs=0.5)
    assert drawn.std(axis=0) == pytest.approx(found.deviation, rel=0.2, abs=0.1)


def test_harm_scatters_by_its_squares() -> None:
    shared = anchors.shares(np.array([shapely.box(0, 0, 200, 100)]), CELLS)
    found = anchors.spread(np.array([400.0]), np.array([365.0**2 + 35**2]), shared, whole_numbers=False)
    assert found.deviation[0] == pytest.approx(np.sqrt((365**2 + 35**2) / 4))
    assert found.high[0] == 400
    assert found.low[0] == 0


def test_no_anchor_is_no_catchment() -> None:
    assert len(anchors.catchments(np.zeros((0, 2)), AREA)) == 0


@pytest.mark.parametrize("share", [0.06, 0.12, 0.25])
def test_one_heavy_incident_is_there_or_is_not(share: float) -> None:
    shared = anchors.sparse.csr_array(np.array([[share, 1 - share, 0]]))
    found = anchors.spread(np.array([365.0]), np.array([365.0**2]), shared, whole_numbers=False)
    # It lies in either cell more often than one time in twenty, so a 90 % interval holds both ends.
    assert (found.low.tolist(), found.high.tolist()) == ([0, 0, 0], [365, 365, 0])
