"""Write SVG: paths, texts and symbols in millimetres."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np
import shapely

from geo_service.printing.labels import text_width_em
from geo_service.printing.words import plain

if TYPE_CHECKING:
    from geo_service.model.boundaries import Geometries

FONT = "Atkinson Hyperlegible"
BLACK = "#111111"
WHITE = "#ffffff"
SMALL_MM = 2.5
"""Smallest text on the map: 7.1 pt."""
_FILLED = (3, 6)
"""Type numbers of polygon and multipolygon, as shapely counts."""


def svg(width_mm: float, height_mm: float, left: float = 0.0, top: float = 0.0) -> ET.Element:
    """Return an empty drawing whose user unit is a millimetre; `left` and `top` lie before the origin."""
    return ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": f"{width_mm:.2f}mm",
            "height": f"{height_mm:.2f}mm",
            "viewBox": f"{-left:.2f} {-top:.2f} {width_mm:.2f} {height_mm:.2f}",
            "font-family": FONT,
        },
    )


def group(parent: ET.Element, name: str, **style: object) -> ET.Element:
    """Add a group with a class, so that what is drawn can be found again."""
    return ET.SubElement(parent, "g", {"class": name, **_attributes(style)})


def path(parent: ET.Element, d: str, **style: object) -> None:
    """Add a path, unless it is empty."""
    if d:
        ET.SubElement(parent, "path", {"d": d, **_attributes(style)})


def line(parent: ET.Element, start: tuple[float, float], end: tuple[float, float], **style: object) -> None:
    """Add a straight line."""
    ends = {"x1": f"{start[0]:.2f}", "y1": f"{start[1]:.2f}", "x2": f"{end[0]:.2f}", "y2": f"{end[1]:.2f}"}
    ET.SubElement(parent, "line", ends | _attributes(style))


def box(parent: ET.Element, x: float, y: float, width: float, height: float, **style: object) -> None:
    """Add a rectangle."""
    place = {"x": f"{x:.2f}", "y": f"{y:.2f}", "width": f"{width:.2f}", "height": f"{height:.2f}"}
    ET.SubElement(parent, "rect", place | _attributes(style))


def circle(parent: ET.Element, x: float, y: float, radius: float, **style: object) -> None:
    """Add a circle."""
    ET.SubElement(parent, "circle", {"cx": f"{x:.2f}", "cy": f"{y:.2f}", "r": f"{radius:.2f}"} | _attributes(style))


def text(  # noqa: PLR0913 - a text has that many sides
    parent: ET.Element,
    words: str,
    x: float,
    y: float,
    size: float = SMALL_MM,
    *,
    anchor: str = "middle",
    degrees: float = 0.0,
    plate: bool = False,
    **style: object,
) -> None:
    """Add one line of text whose capitals are centred on y; user text enters the drawing here only.

    A plate is a light ground that keeps the words apart from what lies below (centred text only).
    """
    baseline = y + size * 0.34
    attributes = {"x": f"{x:.2f}", "y": f"{baseline:.2f}", "font-size": f"{size:.2f}", "text-anchor": anchor}
    if degrees:
        attributes["transform"] = f"rotate({degrees:.1f} {x:.2f} {y:.2f})"
    said = plain(words)
    if plate:
        # A stroke around the letters would be painted letter by letter, over the neighbours.
        width, height = text_width_em(said) * size + 0.5, size * 1.02
        place = {k: attributes[k] for k in ("transform",) if k in attributes}
        under = {"fill": WHITE, "fill-opacity": "0.82", "stroke": "none", "rx": "0.6"} | place
        box(parent, x - width / 2, y - height / 2, width, height, **under)
    ET.SubElement(parent, "text", attributes | _attributes(style)).text = said


def path_data(geometry: Geometries) -> str:
    """Return lines and polygons in millimetres (n) as the data of one path, to a hundredth of a millimetre."""
    if len(geometry) == 0:
        return ""
    parts = shapely.get_parts(geometry)
    while (nested := shapely.get_type_id(parts) > _FILLED[0]).any():
        parts = np.concatenate([parts[~nested], shapely.get_parts(parts[nested])])
    kinds = shapely.get_type_id(parts)
    rings = shapely.get_rings(parts[kinds == _FILLED[0]])
    lines = parts[(kinds == 1) | (kinds == 2)]  # noqa: PLR2004 - line string and linear ring
    return " ".join(part for part in (_runs(rings, closed=True), _runs(lines, closed=False)) if part)


def _runs(parts: Geometries, *, closed: bool) -> str:
    """Write lines (n) one after the other: one format string for all of them, as a map has thousands of corners."""
    if len(parts) == 0:
        return ""
    corners, owner = shapely.get_coordinates(parts, return_index=True)
    if closed:  # the last corner is the first again
        last = np.append(owner[1:] != owner[:-1], [True])
        corners, owner = corners[~last], owner[~last]
    counts = np.bincount(owner, minlength=len(parts)).tolist()
    end = "Z" if closed else ""
    form = " ".join("M" + "L".join(["%.2f %.2f"] * count) + end for count in counts if count)
    return form % tuple(corners.ravel().tolist())


def symbol(shape: str, x: float, y: float, radius: float) -> str:
    """Return the path data of a pin: circle, square, triangle, diamond or cross; anything else is a circle."""
    if shape == "cross":
        arm, r = radius * 0.38, radius * 1.05
        turns = [(-arm, -r), (arm, -r), (arm, -arm), (r, -arm), (r, arm), (arm, arm)]
        turns += [(arm, r), (-arm, r), (-arm, arm), (-r, arm), (-r, -arm), (-arm, -arm)]
    elif shape in _CORNERS:
        count, start, reach = _CORNERS[shape]
        angles = [math.radians(start + 360 * k / count) for k in range(count)]
        turns = [(reach * radius * math.cos(a), reach * radius * math.sin(a)) for a in angles]
    else:
        angles = [math.tau * k / 24 for k in range(24)]
        turns = [(radius * math.cos(a), radius * math.sin(a)) for a in angles]
    return "M" + "L".join(f"{x + dx:.2f} {y + dy:.2f}" for dx, dy in turns) + "Z"


_CORNERS = {"square": (4, 45.0, 1.27), "diamond": (4, 0.0, 1.3), "triangle": (3, -90.0, 1.35)}


def symbol_svg(shape: str, size_mm: float = 3.6) -> str:
    """Return one pin as a drawing of its own, for lists."""
    drawing = svg(size_mm, size_mm)
    path(drawing, symbol(shape, size_mm / 2, size_mm / 2, size_mm * 0.36), fill=BLACK)
    return ET.tostring(drawing, encoding="unicode")


def _attributes(style: dict[str, object]) -> dict[str, str]:
    return {name.rstrip("_").replace("_", "-"): str(value) for name, value in style.items()}
