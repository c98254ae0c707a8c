"""Zones can be told in grey, and their numbers can be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from geo_service.printing.frame import frame_of
from geo_service.printing.labels import Board
from geo_service.printing.map_svg import draw_map
from geo_service.printing.style import SHEET
from geo_service.printing.zones import HATCH_MM, place_discs

if TYPE_CHECKING:
    from types import ModuleType
    from xml.etree import ElementTree as ET


def _discs(root: ET.Element, reading: ModuleType) -> list[shapely.Point]:
    layer = reading.part(root, "zone-numbers")
    big = [c for c in layer.iter(f"{reading.SVG}circle") if float(c.get("r")) == SHEET.disc]
    return [shapely.Point(float(c.get("cx")), float(c.get("cy"))) for c in big]


def test_each_number_stands_in_its_zone_away_from_pins(sheets: ModuleType, reading: ModuleType) -> None:
    sheet_map = sheets.example_map(4, 20)
    root = reading.drawing(draw_map(sheet_map))
    assert reading.texts(reading.part(root, "zone-numbers")) == ["1", "2", "3", "4"]
    frame = frame_of(sheet_map)
    pins = shapely.MultiPoint(frame.points(np.array([pin.at for pin in sheet_map.pins])))
    for number, disc in enumerate(_discs(root, reading), start=1):
        (zone,) = frame.to_paper(sheets.zone_shape(number).geometry)
        assert zone.contains(disc)
        assert disc.distance(pins) > SHEET.disc


def test_a_zone_half_outside_has_its_number_in_the_window(sheets: ModuleType, reading: ModuleType) -> None:
    zone = sheets.shape("zone", shapely.box(300, -100, 900, 100), "7")
    root = reading.drawing(draw_map(sheets.example_map(shapes=(zone,), pins=())))
    (disc,) = _discs(root, reading)
    assert shapely.box(0, 0, 186, 120).contains(disc.buffer(SHEET.disc))


def test_two_zones_on_one_spot_have_two_numbers_that_can_be_read(sheets: ModuleType, reading: ModuleType) -> None:
    zones = tuple(sheets.shape("zone", shapely.box(0, 0, 60, 60), number) for number in ("1", "2"))
    root = reading.drawing(draw_map(sheets.example_map(shapes=zones, pins=())))
    first, second = _discs(root, reading)
    assert first.distance(second) > 2 * SHEET.disc


def test_the_hatch_is_one_for_all_zones_and_runs_at_45_degrees(sheets: ModuleType, reading: ModuleType) -> None:
    root = reading.drawing(draw_map(sheets.example_map(4, 0)))
    data = [path.get("d") for path in reading.part(root, "zones") if path.get("stroke-width") == "0.28"]
    assert len(data) == 4
    for line in (found for d in data for found in re.findall(r"M([\d. L]+)", d)):
        (x1, y1), (x2, y2) = np.array(re.findall(r"\d+\.\d+", line), dtype=float).reshape(2, 2)
        assert x1 + y1 == pytest.approx(x2 + y2, abs=0.05)
        phase = (x1 + y1) / (HATCH_MM * np.sqrt(2)) % 1
        assert min(phase, 1 - phase) < 0.02


def test_a_zone_out_of_sight_is_not_drawn(sheets: ModuleType, reading: ModuleType) -> None:
    zone = sheets.shape("zone", shapely.box(3000, 0, 3100, 100), "1")
    root = reading.drawing(draw_map(sheets.example_map(shapes=(zone,), pins=())))
    assert reading.texts(reading.part(root, "zone-numbers")) == []


def test_a_crowded_zone_still_has_its_number(sheets: ModuleType) -> None:
    zone = sheets.shape("zone", shapely.box(-10, -10, 10, 10), "1")
    frame = frame_of(sheets.example_map(width_mm=60.0, height_mm=60.0))
    board = Board(frame.window)
    board.take([frame.window])
    (disc,) = place_discs(board, [("1", frame.to_paper(zone.geometry)[0])])
    assert frame.window.contains(shapely.Point(disc.x, disc.y))


def test_a_zone_without_area_costs_only_itself(sheets: ModuleType, reading: ModuleType) -> None:
    line = sheets.shape("zone", shapely.LineString([(-100, 0), (100, 0)]), "1")
    root = reading.drawing(draw_map(sheets.example_map(shapes=(line, sheets.zone_shape(2)), pins=())))
    assert reading.texts(reading.part(root, "zone-numbers")) == ["2"]


def test_a_zone_smaller_than_its_number_is_not_hidden_by_it(sheets: ModuleType, reading: ModuleType) -> None:
    sheet_map = sheets.example_map(4, 0, scale=50_000)
    root = reading.drawing(draw_map(sheet_map))
    frame = frame_of(sheet_map)
    for number, disc in enumerate(_discs(root, reading), start=1):
        (zone,) = frame.to_paper(sheets.zone_shape(number).geometry)
        assert zone.intersection(disc.buffer(SHEET.disc)).area < 0.1 * zone.area
    assert len(reading.part(root, "zone-numbers").findall(f"{reading.SVG}line")) == 4
