"""Draw what runs through the ground: streets by rank, paths, railways, and the ways of loops over them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo_service.printing import ink
from geo_service.printing.frame import outlines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from xml.etree import ElementTree as ET

    from geo_service.model.boundaries import Geometries
    from geo_service.printing.frame import Frame
    from geo_service.printing.style import MapStyle

_STREETS: Final[Mapping[int, tuple[float, float, float, str]]] = {
    0: (4.0, 0.5, 1.3, ink.WHITE),
    1: (7.0, 0.8, 2.2, ink.WHITE),
    2: (9.0, 1.1, 2.8, "#f3ecd8"),
    3: (11.0, 1.4, 3.3, "#e8dcbb"),
}
"""By rank: breadth in metres, least and greatest breadth in millimetres, fill; the greys of the fills differ too."""
_CASING: Final = ("#a8a8a8", "#8c8c8c", "#6a6a6a", "#4a4a4a")
_DASHES: Final = ("", "3.2 1.3", "1.0 1.0", "5 1.2 1.0 1.2")
"""Of the ways of crews, so that they are told apart in grey."""
_APART_MM: Final = 0.8
_ARROW_EVERY_MM: Final = 32.0
_ARROW_LEAST_MM: Final = 6.0
_ARROW_APART_MM: Final = 8.0
_ROUTE: Final = "#12366b"


def draw_paths(drawing: ET.Element, frame: Frame, whole: Geometries) -> None:
    """Draw footpaths as thin dashes; shapes in millimetres."""
    layer = ink.group(drawing, "path", fill="none", stroke="#757575", stroke_width=0.35, stroke_dasharray="1.1 0.7")
    ink.path(layer, ink.path_data(frame.clip(outlines(whole))))


def draw_streets(drawing: ET.Element, frame: Frame, whole: Geometries, ranks: Sequence[int]) -> None:
    """Draw streets (n) of some ranks (n), the great over the small, in millimetres."""
    layer = ink.group(drawing, "street", fill="none", stroke_linecap="butt", stroke_linejoin="round")
    rank = np.clip(np.asarray(ranks, dtype=int), 0, len(_STREETS) - 1)
    drawn = {each: ink.path_data(frame.clip(outlines(whole[rank == each]))) for each in _STREETS}
    broad = {
        each: float(np.clip(metres * frame.mm_per_m, least, most))
        for each, (metres, least, most, _) in _STREETS.items()
    }
    for each, data in drawn.items():
        ink.path(layer, data, stroke=_CASING[each], stroke_width=f"{broad[each] + 0.4:.2f}")
    for each, data in drawn.items():
        ink.path(layer, data, stroke=_STREETS[each][-1], stroke_width=f"{broad[each]:.2f}")


def draw_rails(drawing: ET.Element, frame: Frame, whole: Geometries) -> None:
    """Draw railways black and white in turn; shapes in millimetres."""
    layer = ink.group(drawing, "rail", fill="none")
    data = ink.path_data(frame.clip(outlines(whole)))
    ink.path(layer, data, stroke="#4a4a4a", stroke_width=1.0)
    ink.path(layer, data, stroke=ink.WHITE, stroke_width=0.6, stroke_dasharray="2 2")


def draw_orders(drawing: ET.Element, frame: Frame, whole: Geometries) -> None:
    """Draw where an order is in force: an edge of dashes, no fill; shapes in millimetres."""
    layer = ink.group(drawing, "order", fill="none")
    data = ink.path_data(frame.clip(outlines(whole)))
    ink.path(layer, data, stroke=ink.WHITE, stroke_width=1.5, stroke_opacity=0.7)
    ink.path(layer, data, stroke="#3d2a73", stroke_width=0.8, stroke_dasharray="2.4 1.4")


def draw_routes(
    drawing: ET.Element, frame: Frame, routes: Sequence[tuple[str, Geometries]], style: MapStyle
) -> list[tuple[str, Geometries]]:
    """Draw the way of each crew beside those of the others, with arrows; return what is seen of each, in mm."""
    layer = ink.group(drawing, "route", fill="none", stroke_linejoin="round")
    ways: dict[str, list[Geometries]] = {}
    for crew, whole in routes:
        ways.setdefault(crew, []).append(outlines(whole))
    seen: list[tuple[str, Geometries]] = []
    arrows: list[list[float]] = []
    for k, (crew, parts) in enumerate(ways.items()):
        # Two crews in one street are drawn side by side.
        aside = (k - (len(ways) - 1) / 2) * _APART_MM * style.route
        moved = shapely.transform(np.concatenate(parts), lambda xy, by=aside: xy + by)
        lines = shapely.get_parts(frame.clip(moved))
        lines = lines[(shapely.get_type_id(lines) == 1) & (shapely.length(lines) > 0)]
        data = ink.path_data(shapely.get_parts(shapely.line_merge(shapely.union_all(lines))))
        dash = {"stroke_dasharray": _DASHES[k % len(_DASHES)]} if k % len(_DASHES) else {}
        ink.path(layer, data, stroke=ink.WHITE, stroke_width=style.route + 0.8, stroke_opacity=0.8)
        ink.path(layer, data, stroke=_ROUTE, stroke_width=style.route, **dash)
        _draw_arrows(layer, lines, style.route, arrows)
        seen.append((crew, lines))
    return seen


def _draw_arrows(layer: ET.Element, lines: Geometries, width: float, taken: list[list[float]]) -> None:
    """Draw arrowheads in the direction of the lines (n), apart from those that are there."""
    length = shapely.length(lines)
    counts = np.where(length >= _ARROW_LEAST_MM, np.maximum(np.rint(length / _ARROW_EVERY_MM), 1), 0).astype(int)
    owner = np.repeat(np.arange(len(lines)), counts)
    if not len(owner):
        return
    nth = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    at = (nth + 0.5) * length[owner] / counts[owner]
    reach = 2.1 * width
    tip = shapely.get_coordinates(
        shapely.line_interpolate_point(lines[owner], np.minimum(at + reach / 2, length[owner]))
    )
    tail = shapely.get_coordinates(shapely.line_interpolate_point(lines[owner], np.maximum(at - reach / 2, 0)))
    along = tip - tail
    size = np.hypot(along[:, 0], along[:, 1])
    ahead = along[size > 0] / size[size > 0, None]
    tip = tip[size > 0]
    # Where loops share a street, arrows that meet could not be read.
    apart = []
    for k, place in enumerate(tip.tolist()):
        if all(math.dist(place, other) >= _ARROW_APART_MM for other in taken):
            taken.append(place)
            apart.append(k)
    tip, ahead = tip[apart], ahead[apart]
    back, side = tip - ahead * reach, np.column_stack([-ahead[:, 1], ahead[:, 0]]) * reach * 0.6
    heads = shapely.polygons(np.stack([tip, back + side, back - side], axis=1))
    ink.path(layer, ink.path_data(heads), fill=_ROUTE, stroke=ink.WHITE, stroke_width=0.25)
