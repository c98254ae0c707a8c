"""Metres become millimetres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.printing.frame import Frame, frame_of, outlines

if TYPE_CHECKING:
    from types import ModuleType


def test_the_centre_of_the_map_is_the_middle_of_the_window(sheets: ModuleType) -> None:
    frame = frame_of(sheets.example_map())
    middle = frame.points(np.array([[sheets.EAST_M, sheets.NORTH_M]]))
    assert middle.tolist() == [[93.0, 60.0]]


@given(st.sampled_from([2500, 5000, 10_000, 25_000]), st.floats(-400, 400), st.floats(-400, 400))
def test_north_is_up_east_is_right_and_a_kilometre_has_the_length_of_the_scale(
    scale: int, dx: float, dy: float
) -> None:
    frame = Frame(scale, 400_000.0, 270_000.0, 180.0, 120.0)
    here, there = frame.points(np.array([[401_000.0, 269_000.0], [401_000.0 + dx, 269_000.0 + dy]]))
    assert there[0] - here[0] == pytest.approx(dx * 1000 / scale, abs=1e-6)
    assert there[1] - here[1] == pytest.approx(-dy * 1000 / scale, abs=1e-6)


def test_clipping_leaves_out_what_lies_outside() -> None:
    frame = Frame(1000, 0.0, 100.0, 100.0, 100.0)
    boxes = np.array([shapely.box(-50, 0, 50, 100), shapely.box(200, 0, 300, 100)], dtype=object)
    (half,) = frame.clip(boxes)
    assert half.equals(shapely.box(0, 0, 50, 100))


def test_outlines_of_polygons_are_lines_and_lines_stay() -> None:
    line = shapely.LineString([(0, 0), (1, 1)])
    edge, same = outlines(np.array([shapely.box(0, 0, 1, 1), line], dtype=object))
    assert edge.length == 4
    assert same is line


def test_one_geometry_that_is_not_in_an_array_is_taken_too() -> None:
    frame = Frame(1000, 0.0, 100.0, 100.0, 100.0)
    (drawn,) = frame.to_paper(shapely.box(0, 0, 10, 10))
    assert drawn.equals(shapely.box(0, 90, 10, 100))
