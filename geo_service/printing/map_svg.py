"""Draw a SheetMap to scale as SVG in millimetres."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

import numpy as np
import shapely

from geo_service.printing import furniture, grid, ink, lines, names, pins, zones
from geo_service.printing.frame import frame_of, outlines
from geo_service.printing.labels import Board
from geo_service.printing.style import SHEET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.model.boundaries import Geometries
    from geo_service.model.sheets import ShapeKind, SheetMap
    from geo_service.printing.frame import Frame
    from geo_service.printing.style import MapStyle

_STREAM_MM = 1.6
_PLANE = 2
_FLAT: Mapping[ShapeKind, tuple[str, str]] = {
    "park": ("#dcebd2", "#9fb58f"),
    "wood": ("#c5d9b3", "#8aa377"),
    "water": ("#b9d3e6", "#7f9db5"),
    "building": ("#d9d6d2", "#a3a09c"),
}
"""Fill and edge; the greys of the fills differ too."""


def draw_map(sheet_map: SheetMap, style: MapStyle = SHEET) -> str:
    """Return the map as SVG: window, frame, grid figures, scale bar and check line; 1 user unit is 1 mm.

    Everything is cut to the window as geometry. Missing, empty and self-crossing shapes do not cost the map.
    Raises FaultError for a map without a size or too large for its paper.
    """
    frame = frame_of(sheet_map, style)
    drawing = ink.svg(*drawing_size_mm(sheet_map, style), furniture.left_mm(style), furniture.TOP_MM)
    ink.box(drawing, 0, 0, frame.width_mm, frame.height_mm, fill=ink.WHITE)
    paper = _paper(sheet_map, frame)
    for kind in _FLAT:
        _draw_flat(drawing, frame, kind, _all(paper, kind))
    lines.draw_paths(drawing, frame, _all(paper, "path"))
    lines.draw_streets(drawing, frame, _all(paper, "street"), paper.ranks)
    lines.draw_rails(drawing, frame, _all(paper, "rail"))
    _draw_wards(drawing, frame, _all(paper, "ward"))
    lines.draw_orders(drawing, frame, _all(paper, "order"))
    drawn_zones = zones.draw_zones(drawing, frame, paper.shapes.get("zone", []))
    routes = lines.draw_routes(drawing, frame, paper.shapes.get("route", []), style)
    grid.draw_grid(drawing, frame, sheet_map.grid_step_m, style, furniture.scale_words_mm(sheet_map, style))

    # Pins stand where they are; numbers, labels and names then find room, what matters most first.
    board = Board(frame.window)
    spots = pins.group_pins(sheet_map.pins, frame)
    busy = [*(spot.box(style) for spot in spots), *(part for _, part in drawn_zones)]
    plate = furniture.plate_box(sheet_map, frame, style, busy)
    board.take([shapely.box(*furniture.arrow_box(frame, style)), *([plate] if plate is not None else [])])
    board.take([spot.box(style) for spot in spots])
    discs = zones.place_discs(board, drawn_zones, style)
    pin_labels = pins.place_labels(board, spots, style)
    board.avoid([shapely.buffer(shapely.boundary(part), 0.8) for _, part in drawn_zones])
    names.draw_names(drawing, paper.shapes, frame, board, routes=routes, style=style)
    zones.draw_discs(drawing, discs, style)
    pins.draw_pins(drawing, spots, pin_labels, style)
    furniture.draw_north(drawing, frame, style)
    furniture.draw_lengths(drawing, sheet_map, style, plate)
    return ET.tostring(drawing, encoding="unicode")


def drawing_size_mm(sheet_map: SheetMap, style: MapStyle = SHEET) -> tuple[float, float]:
    """Return width and height of the whole drawing in millimetres."""
    return (
        sheet_map.width_mm + furniture.left_mm(style) + furniture.RIGHT_MM,
        sheet_map.height_mm + furniture.TOP_MM + furniture.bottom_mm(sheet_map, style),
    )


class _Paper(NamedTuple):
    """Hold what meets the window, in millimetres."""

    shapes: dict[ShapeKind, list[tuple[str, Geometries]]]
    """Labels and whole shapes of each kind."""
    ranks: list[int]
    """Of each street's geometry."""


def _paper(sheet_map: SheetMap, frame: Frame) -> _Paper:
    """Turn all shapes at once, as a town has thousands, and hand each kind its own."""
    paper = _Paper({}, [])
    given = [np.atleast_1d(np.asarray(shape.geometry, dtype=object)) for shape in sheet_map.shapes]
    if not given:
        return paper
    owner = np.repeat(np.arange(len(given)), [len(each) for each in given])
    whole = np.concatenate(given)
    near = frame.near(whole)
    drawn, kept = frame.place(whole[near])
    seen = shapely.intersects(drawn, frame.window)
    drawn, owner = drawn[seen], owner[near][kept][seen]
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    for start, part in zip(first.tolist(), np.split(drawn, first[1:]), strict=False):
        shape = sheet_map.shapes[owner[start]]
        paper.shapes.setdefault(shape.kind, []).append((shape.label, part))
        if shape.kind == "street":
            paper.ranks.extend([shape.rank] * len(part))
    return paper


def _all(paper: _Paper, kind: ShapeKind) -> Geometries:
    parts = [part for _, part in paper.shapes.get(kind, [])]
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


def _draw_wards(drawing: ET.Element, frame: Frame, whole: Geometries) -> None:
    layer = ink.group(drawing, "ward", fill="none", stroke="#3a3a3a", stroke_width=0.55)
    # Neighbours share an edge: drawn once, so that the dashes of the two do not fill each other's gaps.
    edges = shapely.line_merge(shapely.union_all(outlines(whole)))
    cut = frame.clip(np.array([edges], dtype=object))
    ink.path(layer, ink.path_data(cut), stroke_dasharray="3 1.4 0.6 1.4")
