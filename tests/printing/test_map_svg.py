"""The map as drawn, read back from the SVG."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import FaultError
from geo_service.model.places import EastNorth
from geo_service.model.sheets import MapPin, MapShape, SheetMap
from geo_service.printing.map_svg import draw_map

if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


def _coordinates(element: ET.Element) -> np.ndarray:
    numbers = [float(number) for d in element.iter() for number in re.findall(r"-?\d+\.\d+", d.get("d", ""))]
    return np.array(numbers).reshape(-1, 2)


def test_a_square_of_a_hundred_metres_is_drawn_to_scale_and_in_its_place(
    sheets: ModuleType, reading: ModuleType
) -> None:
    square = sheets.shape("park", shapely.box(0, 0, 100, 100))
    for scale, side in ((2500, 40), (5000, 20), (10_000, 10)):
        root = reading.drawing(draw_map(sheets.example_map(scale=scale, shapes=(square,), pins=())))
        x, y = _coordinates(reading.part(root, "park")).T
        assert (x.min(), x.max()) == pytest.approx((93, 93 + side))
        assert (y.max(), y.min()) == pytest.approx((60, 60 - side))


def test_lengths_are_right_to_one_percent(sheets: ModuleType, reading: ModuleType) -> None:
    root = reading.drawing(draw_map(sheets.example_map(scale=5000, scale_bar_m=200)))
    assert reading.length_mm(reading.part(root, "scale-bar-length")) == pytest.approx(40, rel=0.01)
    assert reading.length_mm(reading.part(root, "check-length")) == pytest.approx(50, rel=0.01)
    assert "200 m" in reading.texts(root)
    assert root.get("width") == f"{float(root.get('viewBox').split()[2]):.2f}mm"


def test_everything_is_cut_to_the_window_as_geometry(sheets: ModuleType, reading: ModuleType) -> None:
    root = reading.drawing(draw_map(sheets.example_map(4, 20, scale=10_000, width_mm=80.0, height_mm=56.0)))
    for name in ("park", "water", "building", "street", "ward", "zones"):
        x, y = _coordinates(reading.part(root, name)).T
        assert x.min() >= 0
        assert x.max() <= 80
        assert y.min() >= 0
        assert y.max() <= 56


def test_layers_lie_in_their_order(sheets: ModuleType, reading: ModuleType) -> None:
    root = reading.drawing(draw_map(sheets.example_map(4, 20)))
    order = [element.get("class") for element in root if element.get("class")]
    assert order == [
        *("park", "wood", "water", "building", "path", "street", "rail", "ward", "order", "zones", "route", "grid"),
        "names",
        *("zone-numbers", "pins", "north", "scale-bar", "check-line"),
    ]


def test_the_edge_of_the_window_is_not_drawn_as_the_edge_of_a_zone(sheets: ModuleType, reading: ModuleType) -> None:
    wide = sheets.shape("zone", shapely.box(-5000, -5000, 5000, 0), "1")
    root = reading.drawing(draw_map(sheets.example_map(shapes=(wide,), pins=())))
    edges = [path.get("d") for path in reading.part(root, "zones") if path.get("stroke-width") == "1.1"]
    assert edges in (["M186.00 60.00L0.00 60.00"], ["M0.00 60.00L186.00 60.00"])


def test_a_bad_shape_costs_itself_and_not_the_map(sheets: ModuleType, reading: ModuleType) -> None:
    crossed = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    with np.errstate(invalid="ignore"):
        nowhere = shapely.from_wkt("LINESTRING (NaN 0, 1 1)")
    odd = np.array([None, shapely.Polygon(), nowhere], dtype=object)
    shapes = (
        sheets.shape("park", crossed, "Crossed"),
        MapShape("ward", odd, "Odd"),
        MapShape("street", np.empty(0, dtype=object), "No street"),
        sheets.zone_shape(1),
    )
    root = reading.drawing(draw_map(sheets.example_map(shapes=shapes)))
    assert len(_coordinates(reading.part(root, "park"))) > 0
    assert len(_coordinates(reading.part(root, "zones"))) > 0


@pytest.mark.parametrize(
    "change",
    [
        {"scale": 0},
        {"scale": -5000},
        {"width_mm": 0.0},
        {"height_mm": float("nan")},
        {"centre": EastNorth(float("inf"), 0.0)},
        {"width_mm": 250.0},
        {"height_mm": 280.0},
    ],
)
def test_a_map_that_cannot_be_true_is_refused(sheets: ModuleType, change: dict[str, Any]) -> None:
    with pytest.raises(FaultError, match="map"):
        draw_map(sheets.example_map(**change))


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=40))
def test_any_label_is_words_and_nothing_else(words: str) -> None:
    at = EastNorth(0.0, 0.0)
    square = np.array([shapely.box(-300, -300, 300, 300)], dtype=object)
    street = np.array([shapely.LineString([(-400, 0), (400, 0)])], dtype=object)
    shapes = (MapShape("ward", square, words), MapShape("street", street, words), MapShape("zone", square, words))
    pins = (MapPin("cctv", "square", words, EastNorth(100.0, 100.0)),)
    svg = draw_map(SheetMap(5000, at, 150.0, 100.0, shapes, pins, 100, 100, ""))
    tags = {element.tag.partition("}")[2] for element in ET.fromstring(svg).iter()}  # noqa: S314 - our own drawing
    assert tags <= {"svg", "g", "path", "line", "rect", "circle", "text"}
