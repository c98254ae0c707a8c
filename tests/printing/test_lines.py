"""Streets by rank, paths, railways, orders and the ways of loops, read back from the SVG."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.model.sheets import MapShape
from geo_service.printing.map_svg import draw_map

if TYPE_CHECKING:
    from types import ModuleType
    from xml.etree import ElementTree as ET


def _points(path: ET.Element) -> np.ndarray:
    return np.array(re.findall(r"-?\d+\.\d+", path.get("d")), dtype=float).reshape(-1, 2)


def test_greater_streets_are_broader_and_lie_over_smaller_ones(sheets: ModuleType, reading: ModuleType) -> None:
    lines = [shapely.LineString([(-300, 40 * rank), (300, 40 * rank)]) for rank in range(4)]
    shapes = tuple(
        MapShape("street", sheets.shape("street", line).geometry, "", rank) for rank, line in enumerate(lines)
    )
    root = reading.drawing(draw_map(sheets.example_map(shapes=shapes, pins=())))
    widths = [float(path.get("stroke-width")) for path in reading.part(root, "street")]
    casings, fills = widths[:4], widths[4:]
    assert casings == sorted(casings)
    assert fills == sorted(fills)
    assert len(set(fills)) == 4
    assert all(casing > fill for casing, fill in zip(casings, fills, strict=True))


def test_an_unknown_rank_is_drawn_like_the_nearest_known(sheets: ModuleType, reading: ModuleType) -> None:
    line = sheets.shape("street", shapely.LineString([(-300, 0), (300, 0)])).geometry
    root = reading.drawing(draw_map(sheets.example_map(shapes=(MapShape("street", line, "", 9),), pins=())))
    assert len(list(reading.part(root, "street"))) == 2


def test_arrows_of_a_way_point_where_it_goes(sheets: ModuleType, reading: ModuleType) -> None:
    for sign in (1, -1):
        way = sheets.shape("route", shapely.LineString([(-200 * sign, 0), (200 * sign, 0)]), "Pair 1")
        root = reading.drawing(draw_map(sheets.example_map(shapes=(way,), pins=())))
        heads = [path for path in reading.part(root, "route") if path.get("fill")]
        corners = _points(heads[-1]).reshape(-1, 3, 2)
        assert len(corners) >= 2
        for tip, *back in corners:
            assert all((tip[0] - x) * sign > 0 for x, _ in back)


def test_two_crews_in_one_street_are_both_seen_and_told_apart_without_colour(
    sheets: ModuleType, reading: ModuleType
) -> None:
    line = shapely.LineString([(-300, 0), (300, 0)])
    ways = tuple(sheets.shape("route", line, crew) for crew in ("Pair 1", "Pair 2"))
    root = reading.drawing(draw_map(sheets.example_map(shapes=ways, pins=())))
    drawn = [path for path in reading.part(root, "route") if path.get("stroke") == "#12366b"]
    first, second = drawn
    assert first.get("stroke-dasharray") != second.get("stroke-dasharray")
    assert abs(_points(first)[0, 1] - _points(second)[0, 1]) > 0.5
    assert sorted(reading.texts(reading.part(root, "route-names"))) == ["Pair 1", "Pair 2"]


def test_loops_that_share_a_street_do_not_heap_arrows(sheets: ModuleType, reading: ModuleType) -> None:
    there = shapely.LineString([(-300, 0), (300, 0)])
    ways = tuple(sheets.shape("route", line, "Pair 1") for line in (there, there.reverse(), there))
    root = reading.drawing(draw_map(sheets.example_map(shapes=ways, pins=())))
    heads = [path for path in reading.part(root, "route") if path.get("fill")]
    tips = shapely.points(_points(heads[-1])[::3])
    apart = shapely.distance(tips[:, None], tips[None, :])[~np.eye(len(tips), dtype=bool)]
    assert apart.min() >= 7.9


def test_a_way_that_is_a_point_or_lies_beyond_the_window_costs_nothing(sheets: ModuleType, reading: ModuleType) -> None:
    ways = (
        sheets.shape("route", shapely.LineString([(0, 0), (0, 0)]), "Pair 1"),
        sheets.shape("route", shapely.LineString([(9000, 0), (9100, 0)]), "Pair 2"),
        sheets.shape("rail", shapely.LineString([(-300, 0), (300, 0)])),
        sheets.shape("path", shapely.LineString([(-300, 50), (300, 50)])),
        sheets.shape("order", shapely.box(-50, -50, 50, 50), "P1"),
    )
    root = reading.drawing(draw_map(sheets.example_map(shapes=ways, pins=())))
    assert len(list(reading.part(root, "rail"))) == 2
    assert len(list(reading.part(root, "path"))) == 1
    assert reading.texts(reading.part(root, "order-names")) == ["P1"]
