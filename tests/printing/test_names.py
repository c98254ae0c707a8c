"""Names of wards and streets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from geo_service.printing.map_svg import draw_map

if TYPE_CHECKING:
    from types import ModuleType


def test_ward_names_stand_inside_the_window_even_if_the_ward_is_larger(sheets: ModuleType, reading: ModuleType) -> None:
    root = reading.drawing(draw_map(sheets.example_map()))
    layer = reading.part(root, "ward-names")
    assert sorted(reading.texts(layer)) == ["Saltmarsh East", "Tollgate"]
    for element in layer.iter(f"{reading.SVG}text"):
        assert 0 < float(element.get("x")) < 186
        assert 0 < float(element.get("y")) < 120


def test_a_name_too_long_for_its_ward_is_left_out(sheets: ModuleType, reading: ModuleType) -> None:
    thin = sheets.shape("ward", shapely.box(0, -500, 12, 500), "The Ward with the Very Long Name")
    root = reading.drawing(draw_map(sheets.example_map(shapes=(thin,), pins=())))
    assert reading.texts(reading.part(root, "names")) == []


def test_a_street_in_pieces_is_named_once(sheets: ModuleType, reading: ModuleType) -> None:
    pieces = [shapely.LineString([(k * 50, 0), (k * 50 + 50, 0)]) for k in range(-6, 6)]
    shapes = tuple(sheets.shape("street", piece, "Dyer Street") for piece in pieces)
    root = reading.drawing(draw_map(sheets.example_map(shapes=shapes, pins=())))
    assert reading.texts(reading.part(root, "street-names")) == ["Dyer Street"]


def test_a_long_street_name_is_cut_where_the_whole_finds_no_room(sheets: ModuleType, reading: ModuleType) -> None:
    line = shapely.LineString([(0, 0), (220, 0)])
    street = sheets.shape("street", line, "The Reverend Josiah Thistlewood Avenue")
    root = reading.drawing(draw_map(sheets.example_map(shapes=(street,), pins=())))
    assert reading.texts(reading.part(root, "street-names")) == ["The Reverend Josiah Thist…"]


def test_nameless_streets_are_drawn_without_a_name(sheets: ModuleType, reading: ModuleType) -> None:
    street = sheets.shape("street", shapely.LineString([(-300, 0), (300, 0)]), " ")
    root = reading.drawing(draw_map(sheets.example_map(shapes=(street,), pins=())))
    assert reading.texts(reading.part(root, "names")) == []
    assert len(list(reading.part(root, "street"))) == 2
