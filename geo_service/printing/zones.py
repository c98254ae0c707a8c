"""Draw patrol zones: bold outline, one hatch for all, and a number in a disc."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geo_service.printing import ink
from geo_service.printing.frame import outlines
from geo_service.printing.labels import around, inside, text_box
from geo_service.printing.style import SHEET
from geo_service.printing.words import short

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree import ElementTree as ET

    from geo_service.model.boundaries import Geometries
    from geo_service.printing.frame import Frame
    from geo_service.printing.labels import Board
    from geo_service.printing.style import MapStyle

HATCH_MM = 2.4
"""Distance of the hatching lines."""
_COLOUR = "#8a1020"
_LONGEST_NUMBER = 3
_FARTHEST_MM = 9.0


class Disc(NamedTuple):
    """Place a zone's number, in millimetres; `foot` is the point of the zone that it stands for."""

    number: str
    x: float
    y: float
    foot: tuple[float, float]


def draw_zones(
    drawing: ET.Element, frame: Frame, zones: Sequence[tuple[str, Geometries]]
) -> list[tuple[str, shapely.Geometry]]:
    """Draw the zones; return the number and the visible part of each in millimetres."""
    layer = ink.group(drawing, "zones", fill="none", stroke=_COLOUR, stroke_linejoin="round")
    visible = []
    for number, whole in zones:
        part = shapely.union_all(frame.clip(whole))
        if not part.area:
            continue
        hatch = shapely.intersection(_hatching(part.bounds), part)
        ink.path(layer, ink.path_data(np.array([hatch], dtype=object)), stroke_width=0.28)
        edge = frame.clip(outlines(np.array([shapely.union_all(whole)], dtype=object)))
        data = ink.path_data(edge)
        # A white line outside the dark one keeps the outline apart from streets in print.
        ink.path(layer, data, stroke=ink.WHITE, stroke_width=1.9, stroke_opacity=0.75)
        ink.path(layer, data, stroke_width=1.1)
        visible.append((number, part))
    return visible


def _hatching(bounds: tuple[float, float, float, float]) -> shapely.MultiLineString:
    """Return lines at 45° over a box; their places do not depend on the box, so that zones match."""
    x0, y0, x1, y1 = bounds
    step = HATCH_MM * np.sqrt(2)
    starts = np.arange(np.floor((x0 + y0) / step), np.ceil((x1 + y1) / step) + 1) * step
    # Each line holds the points with x + y = start.
    ends = np.stack(
        [np.column_stack([starts - y, np.full_like(starts, y)]) for y in (y0, y1)],
        axis=1,
    )
    return shapely.multilinestrings(shapely.linestrings(ends))


def place_discs(board: Board, zones: Sequence[tuple[str, shapely.Geometry]], style: MapStyle = SHEET) -> list[Disc]:
    """Choose where the numbers stand: in the widest part of the zone, else elsewhere in it, else beside it.

    A zone that its number would hide has it beside, with a line to it.
    """
    radius = style.disc
    size = 2 * radius + 1
    discs = []
    for number, part in zones:
        widest = shapely.maximum_inscribed_circle(part, tolerance=0.2)
        x, y = (float(number) for number in shapely.get_coordinates(widest)[0])
        within = [(x, y)]
        if widest.length > radius:
            within += inside(shapely.buffer(part, -radius))
        reach = min(shapely.hausdorff_distance(shapely.Point(x, y), part), _FARTHEST_MM)
        beside = around(x, y, size, size, (reach, reach + radius, reach + size))[1]
        centres = within + beside if widest.length > radius else beside + within
        boxes = [text_box(*centre, size, size) for centre in centres]
        chosen = board.first_free(boxes)
        if chosen is None:
            chosen = board.least_crowded(boxes)
        foot = centres[chosen] if centres[chosen] in within else (x, y)
        discs.append(Disc(short(number, _LONGEST_NUMBER), *centres[chosen], foot))
    return discs


def draw_discs(drawing: ET.Element, discs: Sequence[Disc], style: MapStyle = SHEET) -> None:
    """Draw the numbers in big white discs with a black ring."""
    layer = ink.group(drawing, "zone-numbers")
    for disc in discs:
        if disc.foot != (disc.x, disc.y):
            ink.line(layer, disc.foot, (disc.x, disc.y), stroke=ink.BLACK, stroke_width=0.5)
            ink.circle(layer, *disc.foot, 0.8, fill=ink.BLACK)
    for disc in discs:
        ink.circle(layer, disc.x, disc.y, style.disc, fill=ink.WHITE, stroke=ink.BLACK, stroke_width=0.8)
        size = style.disc * (1.35, 1.08, 0.81)[min(len(disc.number), _LONGEST_NUMBER) - 1]
        ink.text(layer, disc.number, disc.x, disc.y, size, font_weight="bold", fill=ink.BLACK)
