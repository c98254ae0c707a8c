"""Write names where there is room: wards, parks and water inside, streets along their line."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo_service.printing import ink
from geo_service.printing.frame import outlines
from geo_service.printing.labels import LINE_EM, along, inside, text_box, text_boxes, text_width_em
from geo_service.printing.style import SHEET
from geo_service.printing.words import short

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from xml.etree import ElementTree as ET

    from geo_service.model.boundaries import Geometries
    from geo_service.model.sheets import ShapeKind
    from geo_service.printing.frame import Frame
    from geo_service.printing.labels import Board
    from geo_service.printing.style import MapStyle

_LONGEST_NAME = 40
_NAME_LIMITS = (40, 26)
"""Lengths to which a street's name is cut, the second where the first finds no room."""
_MUCH_INSIDE = 0.7
"""Share of a name that must lie inside the shape it names."""
_PLACES = 24
_RUNS = 3
"""Unbroken stretches of one street that are tried, the longest first."""
_INSIDE: Final[tuple[tuple[ShapeKind, dict[str, str]], ...]] = (
    ("ward", {"font_weight": "bold", "fill": "#3a3a3a", "letter_spacing": "0.12"}),
    ("order", {"font_weight": "bold", "fill": "#3d2a73"}),
    ("park", {"font_style": "italic", "fill": "#2c4a1e"}),
    ("wood", {"font_style": "italic", "fill": "#2c4a1e"}),
    ("water", {"font_style": "italic", "fill": "#17415f"}),
)
"""What is named within its outline, what matters most first."""


def draw_names(  # noqa: PLR0913 - a name heeds all that is on the map
    drawing: ET.Element,
    paper: Mapping[ShapeKind, Sequence[tuple[str, Geometries]]],
    frame: Frame,
    board: Board,
    *,
    routes: Sequence[tuple[str, Geometries]] = (),
    style: MapStyle = SHEET,
) -> None:
    """Write the names that find room; the ways of crews first, streets last. Shapes in millimetres."""
    layer = ink.group(drawing, "names")
    if routes:
        crews = ink.group(layer, "route-names", font_weight="bold", fill="#12366b")
        for name, lines in routes:
            _write_along(crews, board, name, lines[np.argsort(-shapely.length(lines), kind="stable")], style.label)
    for kind, look in _INSIDE:
        group = ink.group(layer, f"{kind}-names", **look)
        size = style.ward if kind == "ward" else style.street
        for name, whole in paper.get(kind, []):
            _write_inside(group, board, name, frame.clip(whole), size)
    streets = ink.group(layer, "street-names", fill=ink.BLACK)
    for name, runs in _streets(paper.get("street", []), frame):
        _write_along(streets, board, name, runs, style.street)


def _write_inside(layer: ET.Element, board: Board, name: str, visible: Geometries, size: float) -> None:
    words = short(name, _LONGEST_NAME)
    flat = shapely.union_all(visible) if words else None
    if flat is None or not flat.area:
        return
    # Wards' names are spaced; their letters have 0.12 mm more.
    width, height = text_width_em(words) * size + 0.12 * len(words) + 0.5, size * LINE_EM
    places = [
        place
        for place in inside(flat)[:_PLACES]
        if shapely.intersection(box := text_box(*place, width, height), flat).area >= _MUCH_INSIDE * box.area
    ]
    chosen = board.first_free([text_box(*place, width + 1, height) for place in places])
    if chosen is not None:
        ink.text(layer, words, *places[chosen], size, plate=True)


def _streets(streets: Sequence[tuple[str, Geometries]], frame: Frame) -> list[tuple[str, Geometries]]:
    """Return each street's name with its longest unbroken stretches in the window, long streets first."""
    pieces: dict[str, list[Geometries]] = {}
    for name, whole in streets:
        if name.strip():
            pieces.setdefault(name, []).append(whole)
    named = []
    for name, parts in pieces.items():
        whole = frame.clip(outlines(np.concatenate(parts)))
        if len(whole) > 1:
            whole = shapely.get_parts(shapely.line_merge(shapely.union_all(whole)))
        runs = shapely.get_parts(whole)
        runs = runs[shapely.get_type_id(runs) == 1]
        if len(runs):
            length = shapely.length(runs)
            order = np.argsort(-length, kind="stable")
            named.append((name, runs[order], float(length[order[0]])))
    return [(name, runs) for name, runs, _ in sorted(named, key=lambda item: (-item[2], item[0]))]


def _write_along(layer: ET.Element, board: Board, name: str, runs: Geometries, size: float) -> None:
    """Write a name along the first stretch with room; rather over the edge of a zone, or cut, than not at all."""
    for words, crossing in itertools.product(
        dict.fromkeys(short(name, limit) for limit in _NAME_LIMITS), (False, True)
    ):
        width = text_width_em(words) * size + 0.5
        for line in runs[:_RUNS]:
            places = along(line, width) if words else np.empty((0, 3))
            chosen = board.first_free(text_boxes(places, width, size * 1.05), crossing=crossing)
            if chosen is not None:
                x, y, degrees = places[chosen].tolist()
                ink.text(layer, words, x, y, size, plate=True, degrees=degrees)
                return
