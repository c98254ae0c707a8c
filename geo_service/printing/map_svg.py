"""Draw a SheetMap to scale as SVG in millimetres."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias
from xml.etree import ElementTree as ET

import numpy as np
import shapely

from geo_service.printing import furniture, grid, ink, names, pins, zones
from geo_service.printing.frame import Frame, frame_of, outlines
from geo_service.printing.labels import Board

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.model.boundaries import Geometries
    from geo_service.model.sheets import ShapeKind, SheetMap

    Paper: TypeAlias = dict[ShapeKind, list[tuple[str, Geometries]]]

_STREET_M = 7.0
_STREET_MM = (0.8, 2.2)
_STREAM_MM = 1.6
_PLANE = 2
_FLAT: Mapping[ShapeKind, tuple[str, str]] = {
    "park": ("#dcebd2", "#9fb58f"),
    "water": ("#b9d3e6", "#7f9db5"),
    "building": ("#d9d6d2", "#a3a09c"),
}
"""Fill and edge; the greys of the fills differ too."""


def draw_map(sheet_map: SheetMap) -> str:
    """Return the map as SVG: window, frame, grid figures, scale bar and check line; 1 user unit is 1 mm.

    Everything is cut to the window as geometry. Missing, empty and self-crossing shapes do not cost the map.
    Raises FaultError for a map without a size or too large for A4.
    """
    frame = frame_of(sheet_map)
    drawing = ink.svg(*drawing_size_mm(sheet_map), furniture.LEFT_MM, furniture.TOP_MM)
    ink.box(drawing, 0, 0, frame.width_mm, frame.height_mm, fill=ink.WHITE)
    paper = _paper(sheet_map, frame)
    for kind in _FLAT:
        _draw_flat(drawing, frame, kind, _all(paper, kind))
    _draw_streets(drawing, frame, _all(paper, "street"))
    _draw_wards(drawing, frame, _all(paper, "ward"))
    drawn_zones = zones.draw_zones(drawing, frame, paper.get("zone", []))
    grid.draw_grid(drawing, frame, sheet_map.grid_step_m)

    # Pins stand where they are; numbers, labels and names then find room, what matters most first.
    board = Board(frame.window)
    board.take([shapely.box(*furniture.arrow_box(frame))])
    spots = pins.group_pins(sheet_map.pins, frame)
    board.take([spot.box for spot in spots])
    discs = zones.place_discs(board, drawn_zones)
    pin_labels = pins.place_labels(board, spots)
    board.take([shapely.buffer(shapely.boundary(part), 0.8) for _, part in drawn_zones])
    names.draw_names(drawing, paper, frame, board)
    zones.draw_discs(drawing, discs)
    pins.draw_pins(drawing, spots, pin_labels)
    furniture.draw_north(drawing, frame)
    furniture.draw_lengths(drawing, sheet_map)
    return ET.tostring(drawing, encoding="unicode")


def drawing_size_mm(sheet_map: SheetMap) -> tuple[float, float]:
    """Return width and height of the whole drawing in millimetres."""
    return (
        sheet_map.width_mm + furniture.LEFT_MM + furniture.RIGHT_MM,
        sheet_map.height_mm + furniture.TOP_MM + furniture.bottom_mm(sheet_map),
    )


def _paper(sheet_map: SheetMap, frame: Frame) -> Paper:
    """Return labels and whole shapes of each kind, in millimetres, those that meet the window only."""
    paper: Paper = {}
    for shape in sheet_map.shapes:
        drawn = frame.to_paper(shape.geometry)
        near = np.asarray(drawn[shapely.intersects(drawn, frame.window)], dtype=object)
        if len(near):
            paper.setdefault(shape.kind, []).append((shape.label, near))
    return paper


def _all(paper: Paper, kind: ShapeKind) -> Geometries:
    parts = [part for _, part in paper.get(kind, [])]
    return np.concatenate(parts) if parts else np.empty(0, dtype=object)


def _draw_flat(drawing: ET.Element, frame: Frame, kind: ShapeKind, whole: Geometries) -> None:
    layer = ink.group(drawing, kind)
    fill, edge = _FLAT[kind]
    flat = shapely.get_dimensions(whole) == _PLANE
    ink.path(layer, ink.path_data(frame.clip(whole[flat])), fill=fill, fill_rule="evenodd")
    # A stream may come as a line.
    ink.path(layer, ink.path_data(frame.clip(whole[~flat])), fill="none", stroke=fill, stroke_width=_STREAM_MM)
    # Edges are cut as lines, so that the edge of the window does not look like a shore.
    ink.path(layer, ink.path_data(frame.clip(outlines(whole[flat]))), fill="none", stroke=edge, stroke_width=0.18)


def _draw_streets(drawing: ET.Element, frame: Frame, whole: Geometries) -> None:
    layer = ink.group(drawing, "street", fill="none", stroke_linecap="butt", stroke_linejoin="round")
    width = float(np.clip(_STREET_M * frame.mm_per_m, *_STREET_MM))
    data = ink.path_data(frame.clip(outlines(whole)))
    ink.path(layer, data, stroke="#8c8c8c", stroke_width=f"{width + 0.4:.2f}")
    ink.path(layer, data, stroke=ink.WHITE, stroke_width=f"{width:.2f}")


def _draw_wards(drawing: ET.Element, frame: Frame, whole: Geometries) -> None:
    layer = ink.group(drawing, "ward", fill="none", stroke="#3a3a3a", stroke_width=0.55)
    # Neighbours share an edge: drawn once, so that the dashes of the two do not fill each other's gaps.
    edges = shapely.line_merge(shapely.union_all(outlines(whole)))
    cut = frame.clip(np.array([edges], dtype=object))
    ink.path(layer, ink.path_data(cut), stroke_dasharray="3 1.4 0.6 1.4")
