"""Write names where there is room: wards, parks and water inside, streets along their line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.printing import ink
from geo_service.printing.frame import outlines
from geo_service.printing.labels import LINE_EM, along, inside, text_box, text_width_em
from geo_service.printing.words import short

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from xml.etree import ElementTree as ET

    from geo_service.model.boundaries import Geometries
    from geo_service.model.sheets import ShapeKind
    from geo_service.printing.frame import Frame
    from geo_service.printing.labels import Board

_WARD_MM = 3.4
_STREET_MM = 2.6
_LONGEST_NAME = 40
_NAME_LIMITS = (40, 26)
"""Lengths to which a street's name is cut, the second where the first finds no room."""
_MUCH_INSIDE = 0.7
"""Share of a name that must lie inside the shape it names."""
_PLACES = 24


def draw_names(
    drawing: ET.Element, paper: Mapping[ShapeKind, Sequence[tuple[str, Geometries]]], frame: Frame, board: Board
) -> None:
    """Write the names that find room; wards first, streets last. Shapes in millimetres."""
    layer = ink.group(drawing, "names")
    wards = ink.group(layer, "ward-names", font_weight="bold", fill="#3a3a3a", letter_spacing="0.12")
    for name, whole in paper.get("ward", []):
        _write_inside(wards, board, name, frame.clip(whole), _WARD_MM)
    greens = ink.group(layer, "park-names", font_style="italic", fill="#2c4a1e")
    for name, whole in paper.get("park", []):
        _write_inside(greens, board, name, frame.clip(whole), _STREET_MM)
    waters = ink.group(layer, "water-names", font_style="italic", fill="#17415f")
    for name, whole in paper.get("water", []):
        _write_inside(waters, board, name, frame.clip(whole), _STREET_MM)
    streets = ink.group(layer, "street-names", fill=ink.BLACK)
    for name, line in _streets(paper.get("street", []), frame):
        _write_along(streets, board, name, line)


def _write_inside(layer: ET.Element, board: Board, name: str, visible: Geometries, size: float) -> None:
    flat = shapely.union_all(visible)
    words = short(name, _LONGEST_NAME)
    if not words or not flat.area:
        return
    width, height = text_width_em(words) * size * 1.04, size * LINE_EM
    places = [
        place
        for place in inside(flat)[:_PLACES]
        if shapely.intersection(box := text_box(*place, width, height), flat).area >= _MUCH_INSIDE * box.area
    ]
    chosen = board.first_free([text_box(*place, width + 1, height) for place in places])
    if chosen is not None:
        ink.text(layer, words, *places[chosen], size, plate=True)


def _streets(streets: Sequence[tuple[str, Geometries]], frame: Frame) -> list[tuple[str, shapely.LineString]]:
    """Return each street's name with its longest unbroken stretch in the window, long ones first."""
    pieces: dict[str, list[Geometries]] = {}
    for name, whole in streets:
        if name.strip():
            pieces.setdefault(name, []).append(frame.clip(outlines(whole)))
    named = []
    for name, parts in pieces.items():
        runs = shapely.get_parts(shapely.line_merge(shapely.union_all(np.concatenate(parts))))
        runs = runs[shapely.get_type_id(runs) == 1]
        if len(runs):
            named.append((name, runs[int(np.argmax(shapely.length(runs)))]))
    return sorted(named, key=lambda item: (-item[1].length, item[0]))


def _write_along(layer: ET.Element, board: Board, name: str, line: shapely.LineString) -> None:
    for words in dict.fromkeys(short(name, limit) for limit in _NAME_LIMITS):
        width = text_width_em(words) * _STREET_MM * 0.95
        places = along(line, width)
        chosen = board.first_free([text_box(x, y, width, _STREET_MM, degrees) for x, y, degrees in places])
        if chosen is not None:
            x, y, degrees = places[chosen]
            ink.text(layer, words, x, y, _STREET_MM, plate=True, degrees=degrees)
            return
