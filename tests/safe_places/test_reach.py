"""How far places reach, held to plain geometry."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from geo_service import spatial
from geo_service.safe_places.reach import MINUTES, beyond, shares_within, straight_m

EAST_M, NORTH_M = 404_000.0, 268_000.0


def lonlat(*points_m: tuple[float, float]) -> np.ndarray:
    east_m, north_m = np.array(points_m).T
    return np.column_stack(spatial.to_lonlat(east_m, north_m))


def square(side_m: float) -> np.ndarray:
    half = side_m / 2
    box = shapely.box(EAST_M - half, NORTH_M - half, EAST_M + half, NORTH_M + half)
    return spatial.project_geometry(np.array([box], dtype=object), to="lonlat")


def test_a_place_in_the_middle_of_a_large_square_reaches_a_circle() -> None:
    shares = shares_within(square(4_000.0), lonlat((EAST_M, NORTH_M)))
    expected = [math.pi * straight_m(minutes) ** 2 / 4_000.0**2 for minutes in MINUTES]
    assert shares[0] == pytest.approx(expected, rel=0.002)


def test_two_places_on_one_spot_reach_no_further_and_none_reach_nothing() -> None:
    one = shares_within(square(4_000.0), lonlat((EAST_M, NORTH_M)))
    two = shares_within(square(4_000.0), lonlat((EAST_M, NORTH_M), (EAST_M, NORTH_M)))
    assert two == pytest.approx(one)
    assert shares_within(square(4_000.0), np.empty((0, 2))).tolist() == [[0.0, 0.0, 0.0]]
    assert shares_within(square(100.0), lonlat((EAST_M, NORTH_M)))[0] == pytest.approx([1.0, 1.0, 1.0])


def test_beyond_ten_minutes_is_further_than_every_place() -> None:
    far_m = straight_m(10)
    points = lonlat((EAST_M + far_m - 2, NORTH_M), (EAST_M + far_m + 2, NORTH_M))
    assert beyond(points, lonlat((EAST_M, NORTH_M)), 10).tolist() == [False, True]
    assert beyond(points, np.empty((0, 2)), 10).tolist() == [True, True]
