"""Pins are joined, labelled and kept apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geo_service.model.places import EastNorth
from geo_service.model.sheets import MapPin
from geo_service.printing import ink
from geo_service.printing.frame import frame_of
from geo_service.printing.labels import Board
from geo_service.printing.map_svg import draw_map
from geo_service.printing.pins import group_pins, join_labels, place_labels
from geo_service.printing.style import SHEET

if TYPE_CHECKING:
    from types import ModuleType


@pytest.mark.parametrize(
    ("labels", "joined"),
    [
        (["S1"], "S1"),
        (["S2", "S1", "S3", "S7"], "S1\u2013S3, S7"),
        (["S10", "S9", "C1"], "C1, S9\u2013S10"),
        (["S1", "S1"], "S1, S1"),
        (["bridge", "S2"], "S2, bridge"),
        ([""], ""),
    ],
)
def test_runs_of_labels_are_shortened(labels: list[str], joined: str) -> None:
    assert join_labels(labels) == joined


def test_places_at_one_postcode_centre_share_a_symbol_and_no_label_is_lost(sheets: ModuleType) -> None:
    at = EastNorth(sheets.EAST_M, sheets.NORTH_M)
    pins = [MapPin("safe-places", "circle", f"S{k}", at) for k in range(1, 9)]
    (spot,) = group_pins([*pins, MapPin("cctv", "square", "C1", at)], frame_of(sheets.example_map()))[:1]
    assert spot.label == "S1\u2013S8"


def test_pins_outside_the_window_are_not_drawn(sheets: ModuleType) -> None:
    far = MapPin("cctv", "square", "C1", EastNorth(sheets.EAST_M + 2000, sheets.NORTH_M))
    lost = MapPin("cctv", "square", "C2", EastNorth(float("nan"), sheets.NORTH_M))
    assert group_pins([far, lost], frame_of(sheets.example_map())) == []
    assert group_pins([], frame_of(sheets.example_map())) == []


def test_labels_of_twenty_pins_cover_neither_each_other_nor_a_symbol(sheets: ModuleType) -> None:
    frame = frame_of(sheets.example_map())
    spots = group_pins(sheets.example_pins(20), frame)
    board = Board(frame.window)
    board.take([spot.box(SHEET) for spot in spots])
    place_labels(board, spots)
    taken = board._taken
    assert len(taken) == 2 * len(spots)
    assert not any(
        box.intersects(other) for k, box in enumerate(taken[len(spots) :]) for other in taken[: len(spots) + k]
    )


def test_shapes_differ_without_colour(sheets: ModuleType, reading: ModuleType) -> None:
    drawn = {shape: ink.symbol(shape, 0, 0, 1) for shape in ("circle", "square", "triangle", "diamond", "cross")}
    assert len(set(drawn.values())) == 5
    assert ink.symbol("no such shape", 0, 0, 1) == drawn["circle"]
    root = reading.drawing(draw_map(sheets.example_map(2, 6)))
    fills = {path.get("fill") for path in reading.part(root, "pins").iter(f"{reading.SVG}path")}
    assert fills == {ink.BLACK, ink.WHITE}


def test_a_label_far_from_its_pin_has_a_line_to_it(sheets: ModuleType, reading: ModuleType) -> None:
    at = [(dx * 6.0, dy * 6.0) for dx in range(-4, 5) for dy in range(-4, 5)]
    pins = tuple(
        MapPin("cctv", "square", f"C{k}", EastNorth(sheets.EAST_M + dx, sheets.NORTH_M + dy))
        for k, (dx, dy) in enumerate(at)
    )
    root = reading.drawing(draw_map(sheets.example_map(shapes=(), pins=pins)))
    layer = reading.part(root, "pins")
    assert len(layer.findall(f"{reading.SVG}line")) > 0
    assert {f"C{k}" for k in range(81)} <= set(reading.texts(layer))
