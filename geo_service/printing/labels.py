"""Find room for words on a map: greedy, first come first served."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import affinity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from geo_service.model.boundaries import Geometries

# Widths in ems, rounded up from the advance widths of Atkinson Hyperlegible Bold.
_NARROW, _USUAL, _BROAD, _SQUARE = 0.36, 0.6, 0.74, 1.0
_NARROW_LETTERS = frozenset("iljftrI1 .,:;'!|()[]-")
_BROAD_LETTERS = frozenset("mwMWOQGCD@%")
LINE_EM = 1.15
"""Height of a line of text in ems."""


def text_width_em(text: str) -> float:
    """Estimate the width of bold text in ems, rather too wide than too narrow."""
    return sum(_letter_em(letter) for letter in text)


def _letter_em(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return _SQUARE
    if letter in _NARROW_LETTERS:
        return _NARROW
    return _BROAD if letter in _BROAD_LETTERS else _USUAL


class Board:
    """Remember what is taken on the map, in millimetres."""

    def __init__(self, window: shapely.Polygon) -> None:
        """Start with an empty window."""
        self._window = window
        self._taken: list[shapely.Geometry] = []

    def take(self, shapes: Iterable[shapely.Geometry]) -> None:
        """Mark shapes as taken."""
        self._taken.extend(shapes)

    def first_free(self, candidates: Sequence[shapely.Geometry]) -> int | None:
        """Return the position of the first candidate that fits the window and touches nothing, and take it."""
        if not candidates:
            return None
        boxes = np.array(candidates, dtype=object)
        free = shapely.covered_by(boxes, self._window)
        if self._taken:
            taken = np.array(self._taken, dtype=object)
            free &= ~shapely.intersects(boxes[:, None], taken[None, :]).any(axis=1)
        if not free.any():
            return None
        chosen = int(np.argmax(free))
        self._taken.append(candidates[chosen])
        return chosen

    def least_crowded(self, candidates: Sequence[shapely.Geometry]) -> int:
        """Return the position of the candidate that covers least of what is taken, and take it."""
        boxes = np.array(candidates, dtype=object)
        cost = shapely.area(boxes) - shapely.area(shapely.intersection(boxes, self._window))
        if self._taken:
            taken = np.array(self._taken, dtype=object)
            cost = cost + shapely.area(shapely.intersection(boxes[:, None], taken[None, :])).sum(axis=1)
        chosen = int(np.argmin(cost))
        self._taken.append(candidates[chosen])
        return chosen


def text_box(x: float, y: float, width: float, height: float, degrees: float = 0.0) -> shapely.Polygon:
    """Return the box of a text centred at x and y, turned clockwise as SVG turns it (y downwards)."""
    box = shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    return affinity.rotate(box, degrees, origin=(x, y)) if degrees else box


def around(
    x: float, y: float, width: float, height: float, distances: Sequence[float]
) -> tuple[list[shapely.Polygon], list[tuple[float, float]]]:
    """Return boxes beside a point, the best place first, and their centres."""
    centres = []
    for distance in distances:
        slant = distance * 0.75
        right, left = x + distance + width / 2, x - distance - width / 2
        above, below = y - distance - height / 2, y + distance + height / 2
        centres += [
            (right, y),
            (left, y),
            (x, above),
            (x, below),
            (x + slant + width / 2, y - slant - height / 2),
            (x + slant + width / 2, y + slant + height / 2),
            (x - slant - width / 2, y - slant - height / 2),
            (x - slant - width / 2, y + slant + height / 2),
        ]
    return [text_box(cx, cy, width, height) for cx, cy in centres], centres


def inside(polygon: shapely.Geometry, steps: int = 7) -> list[tuple[float, float]]:
    """Return points of a polygon, from its middle outwards."""
    middle = shapely.point_on_surface(polygon)
    x0, y0, x1, y1 = polygon.bounds
    grid = shapely.points(*np.meshgrid(np.linspace(x0, x1, steps + 2)[1:-1], np.linspace(y0, y1, steps + 2)[1:-1]))
    grid = grid.ravel()[shapely.intersects(grid.ravel(), polygon)]
    ordered = grid[np.argsort(shapely.distance(grid, polygon.centroid), kind="stable")]
    return [(float(point.x), float(point.y)) for point in (*ordered[:1], middle, *ordered[1:])]


def along(line: shapely.LineString, width: float) -> list[tuple[float, float, float]]:
    """Return the places (x, y, degrees) where a text of that width runs along a line that is straight enough."""
    length = line.length
    if length < width:
        return []
    starts = np.linspace(0, length - width, max(int((length - width) / (width / 3)) + 1, 1))
    first = _at(line, starts)
    last = _at(line, starts + width)
    middle = _at(line, starts + width / 2)
    chord = last - first
    straight = np.hypot(chord[:, 0], chord[:, 1]) > width * _STRAIGHT
    # The middle of the street comes first.
    order = np.argsort(np.abs(starts - (length - width) / 2), kind="stable")
    places = []
    for k in order[straight[order]].tolist():
        degrees = float(np.degrees(np.arctan2(chord[k, 1], chord[k, 0])))
        upright = degrees - 180 if degrees > _UPRIGHT else degrees + 180 if degrees <= -_UPRIGHT else degrees
        x, y = (first[k] + last[k]) / 4 + middle[k] / 2
        places.append((float(x), float(y), upright))
    return places


_STRAIGHT = 0.985
_UPRIGHT = 90


def _at(line: shapely.LineString, distances: NDArray[np.float64]) -> NDArray[np.float64]:
    points: Geometries = shapely.line_interpolate_point(line, distances)
    return np.asarray(shapely.get_coordinates(points), dtype=np.float64)
