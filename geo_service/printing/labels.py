"""Find room for words on a map: greedy, first come first served."""

from __future__ import annotations

import functools
import unicodedata
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from shapely import affinity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from geo_service.model.boundaries import Geometries

# Widths in ems: the greatest advance width in Atkinson Hyperlegible regular, italic and bold, rounded up to 0.04.
_LETTERS: Final = {
    0.24: "'",
    0.28: ",.:;j\u2018\u2019",
    0.32: " !`il|·",
    0.36: "[]",
    0.40: "()-frt{}",
    0.44: '"*_',
    0.48: "/1I",
    0.52: "\\cyz\u2013\u201c\u201d",
    0.56: "7FJLasvx~",
    0.60: "2E^bdeghknopu",
    0.64: "$+345689<>?BPSTZq£",
    0.68: "0=CKRV",
    0.72: "&ADGHNUXY",
    0.76: "w",
    0.80: "#@OQ",
    0.84: "…©",
    0.88: "M—",
    0.92: "Wm",
    1.00: "%",
}
_EMS: Final = {letter: width for width, letters in _LETTERS.items() for letter in letters}
_OTHER, _SQUARE = 0.8, 1.08
LINE_EM = 1.15
"""Height of a line of text in ems."""


def text_width_em(text: str) -> float:
    """Estimate the width of bold text in ems, rather too wide than too narrow."""
    return sum(_letter_em(letter) for letter in text)


@functools.cache
def _letter_em(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF" or letter in "ÆŒæœ":
        return _SQUARE
    # An accent adds nothing to the width of its letter.
    return _EMS.get(letter) or _EMS.get(unicodedata.normalize("NFD", letter)[0], _OTHER)


class Board:
    """Remember what is taken on the map, in millimetres."""

    def __init__(self, window: shapely.Polygon) -> None:
        """Start with an empty window."""
        self.window = window
        self._taken = np.empty(0, dtype=object)
        self._bounds = np.empty((0, 4))
        self._soft = np.empty(0, dtype=object)

    def avoid(self, shapes: Iterable[shapely.Geometry]) -> None:
        """Mark shapes as taken, but for those who ask to cross them."""
        self._soft = np.concatenate([self._soft, np.array([*shapes], dtype=object)])

    def take(self, shapes: Iterable[shapely.Geometry]) -> None:
        """Mark shapes as taken."""
        more = np.array([*shapes], dtype=object)
        self._taken = np.concatenate([self._taken, more])
        self._bounds = np.concatenate([self._bounds, shapely.bounds(more).reshape(-1, 4)])

    def first_free(self, candidates: Sequence[shapely.Geometry] | Geometries, *, crossing: bool = False) -> int | None:
        """Return the position of the first candidate that fits the window and touches nothing, and take it.

        crossing: whether it may cross what is only to be avoided.
        """
        if len(candidates) == 0:
            return None
        boxes = np.asarray(candidates, dtype=object)
        free = shapely.covered_by(boxes, self.window)
        # Only pairs whose bounds meet can touch: a map has hundreds of names.
        west, south, east, north = shapely.bounds(boxes).T[:, :, None]
        x0, y0, x1, y1 = self._bounds.T[:, None, :]
        one, other = np.nonzero((west <= x1) & (east >= x0) & (south <= y1) & (north >= y0))
        free[one[shapely.intersects(boxes[one], self._taken[other])]] = False
        if len(self._soft) and not crossing:
            free &= ~shapely.intersects(boxes[:, None], self._soft[None, :]).any(axis=1)
        if not free.any():
            return None
        chosen = int(np.argmax(free))
        self.take([boxes[chosen]])
        return chosen

    def least_crowded(self, candidates: Sequence[shapely.Geometry]) -> int:
        """Return the position of the candidate that covers least of what is taken, and take it."""
        boxes = np.array(candidates, dtype=object)
        cost = shapely.area(boxes) - shapely.area(shapely.intersection(boxes, self.window))
        if len(self._taken):
            cost = cost + shapely.area(shapely.intersection(boxes[:, None], self._taken[None, :])).sum(axis=1)
        chosen = int(np.argmin(cost))
        self.take([boxes[chosen]])
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


def text_boxes(places: NDArray[np.float64], width: float, height: float) -> Geometries:
    """Return the boxes of a text centred at each of the places (n, 3: x, y, degrees), as `text_box` does."""
    turn = np.radians(places[:, 2:])
    sides = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (width / 2, height / 2)
    x = places[:, :1] + sides[:, 0] * np.cos(turn) - sides[:, 1] * np.sin(turn)
    y = places[:, 1:2] + sides[:, 0] * np.sin(turn) + sides[:, 1] * np.cos(turn)
    made: Geometries = shapely.polygons(np.stack([x, y], axis=-1))
    return made


def along(line: shapely.LineString, width: float) -> NDArray[np.float64]:
    """Return the places (n, 3: x, y, degrees) where a text of that width runs along a line that is straight enough.

    The middle of the line comes first.
    """
    length = line.length
    if length < width:
        return np.empty((0, 3))
    starts = np.linspace(0, length - width, max(int((length - width) / (width / 6)) + 1, 1))
    ends = _at(line, np.concatenate([starts, starts + width, starts + width / 2]))
    first, last, middle = ends.reshape(3, -1, 2)
    chord = last - first
    straight = np.hypot(chord[:, 0], chord[:, 1]) > width * _STRAIGHT
    degrees = np.degrees(np.arctan2(chord[:, 1], chord[:, 0]))
    upright = np.where(degrees > _UPRIGHT, degrees - 180, np.where(degrees <= -_UPRIGHT, degrees + 180, degrees))
    places = np.column_stack([(first + last) / 4 + middle / 2, upright])
    order = np.argsort(np.abs(starts - (length - width) / 2), kind="stable")
    chosen: NDArray[np.float64] = places[order[straight[order]]]
    return chosen


_STRAIGHT = 0.985
_UPRIGHT = 90


def _at(line: shapely.LineString, distances: NDArray[np.float64]) -> NDArray[np.float64]:
    points: Geometries = shapely.line_interpolate_point(line, distances)
    return np.asarray(shapely.get_coordinates(points), dtype=np.float64)
