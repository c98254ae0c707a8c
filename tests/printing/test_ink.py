"""SVG is written plainly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.printing import ink

if TYPE_CHECKING:
    from types import ModuleType


def test_nested_collections_and_holes_are_written_ring_by_ring() -> None:
    hole = shapely.box(0, 0, 10, 10).difference(shapely.box(2, 2, 4, 4))
    nest = shapely.GeometryCollection(
        [shapely.MultiPolygon([shapely.box(20, 0, 30, 10)]), shapely.LineString([(0, 0), (1, 1)]), shapely.Point(0, 0)]
    )
    data = ink.path_data(np.array([hole, shapely.GeometryCollection([nest])], dtype=object))
    assert data.count("Z") == 3
    assert data.count("M") == 4
    assert ink.path_data(np.empty(0, dtype=object)) == ""


def test_a_polygon_of_two_places_is_two_runs() -> None:
    data = ink.path_data(np.array([shapely.box(0, 0, 1, 2)], dtype=object))
    assert data == "M1.00 0.00L1.00 2.00L0.00 2.00L0.00 0.00Z"


def test_words_are_escaped(reading: ModuleType) -> None:
    drawing = ink.svg(10, 10)
    ink.text(drawing, "</text><script>&", 1, 1)
    written = ink.ET.tostring(drawing, encoding="unicode")
    assert "<script>" not in written
    assert reading.texts(reading.drawing(written)) == ["</text><script>&"]


def test_a_plate_lies_below_its_words_and_turns_with_them() -> None:
    drawing = ink.svg(100, 10)
    ink.text(drawing, "Fennel Street", 50, 5, plate=True, degrees=30)
    plate, words = list(drawing)
    assert (plate.tag, words.tag) == ("rect", "text")
    assert plate.get("transform") == words.get("transform") == "rotate(30.0 50.00 5.00)"


def test_a_pin_for_a_list_is_a_drawing_of_its_own(reading: ModuleType) -> None:
    root = reading.drawing(ink.symbol_svg("triangle"))
    assert root.get("width") == "3.60mm"
    assert len(list(root)) == 1
