"""Bend straight things a little, so that an invented map looks grown and not drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from numpy.typing import NDArray

if TYPE_CHECKING:
    from numpy.random import Generator

Floats = NDArray[np.float64]
"""Array of coordinates or radii in metres."""
Shapes = NDArray[np.object_]
"""Array of shapely geometries in metres, EPSG:27700."""

CENTRE: Final = np.array([604_000.0, 443_500.0])
"""Middle of the invented town, EPSG:27700, in metres: open North Sea, 68 km east of the nearest land.

It lies in the 100 km square east of TA, which maps of the National Grid leave without letters: no land lies in it.
"""
_WAVES = 6


@dataclass(frozen=True, slots=True)
class Wobble:
    """Hold a smooth random field: a sum of plane waves in two directions."""

    waves: Floats
    """(2, waves, 2): wave vectors of the two components, in radians a metre."""
    phases: Floats
    """(2, waves)."""
    amplitude_m: float

    @classmethod
    def draw(cls, rng: Generator, *, amplitude_m: float, length_m: float) -> Wobble:
        """Draw a field whose waves are about `length_m` long."""
        angles = rng.uniform(0, 2 * np.pi, (2, _WAVES))
        lengths = length_m * rng.uniform(0.7, 1.6, (2, _WAVES))
        waves = np.stack([np.cos(angles), np.sin(angles)], axis=-1) * (2 * np.pi / lengths)[..., None]
        return cls(waves, rng.uniform(0, 2 * np.pi, (2, _WAVES)), amplitude_m)

    def __call__(self, points: Floats) -> Floats:
        """Move points, shape (n, 2); equal points move equally, so shared edges stay shared."""
        angles = np.einsum("nd,cwd->ncw", points - CENTRE, self.waves) + self.phases
        moved: Floats = points + self.amplitude_m * np.sin(angles).sum(axis=-1) / np.sqrt(_WAVES / 2)
        return moved


def polar(radius_m: Floats, angle: Floats) -> Floats:
    """Return points (n, 2) at radii and angles (radians, counter-clockwise from east) about the town's middle."""
    return CENTRE + np.stack([radius_m * np.cos(angle), radius_m * np.sin(angle)], axis=-1)


def loop(rng: Generator, *, radius_m: float, roughness: float, points: int) -> shapely.Polygon:
    """Draw a closed, uneven shape about the town's middle: a circle bent by a few harmonics."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    order = np.arange(2, 30)
    size = rng.normal(0, roughness, order.size) / order**1.15
    waves = size @ np.sin(order[:, None] * angle + rng.uniform(0, 2 * np.pi, (order.size, 1)))
    ring = polar(radius_m * np.clip(1 + waves, 0.7, 1.35), angle)
    return shapely.Polygon(np.round(ring))


def through(points: Floats, step_m: float = 40.0) -> Floats:
    """Return a smooth path (n, 2) through points: a Catmull-Rom spline, a vertex about every `step_m`."""
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    a, b, c, d = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    count = int(max(2, np.ceil(np.hypot(*(c - b).T).max() / step_m)))
    t = np.linspace(0, 1, count, endpoint=False)[None, :, None]
    a, b, c, d = (part[:, None, :] for part in (a, b, c, d))
    path = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return np.vstack([path.reshape(-1, 2), points[-1]])


def lines_of(geometry: Shapes | shapely.Geometry) -> Shapes:
    """Return the lines inside a geometry or array of geometries, joined where they run on."""
    parts = shapely.get_parts(np.atleast_1d(np.asarray(geometry, dtype=object)))
    lines: Shapes = parts[(shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING) & ~shapely.is_empty(parts)]
    return lines
