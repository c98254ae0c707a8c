"""How much of an area, and of its people, is within a walk of a Safe Place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo_service import spatial
from geo_service.safe_places.nearness import DETOUR
from geo_service.safe_places.words import METRES_PER_MINUTE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Floats

MINUTES: Final = (5, 10, 15)


def straight_m(minutes: float) -> float:
    """Return how far in a straight line a walk of so many minutes reaches: ways are DETOUR times as long."""
    return minutes * METRES_PER_MINUTE / DETOUR


def shares_within(outlines: Geometries, lonlat: Floats) -> Floats:
    """Return the share of each outline's ground within 5, 10 and 15 minutes' walk of a place.

    outlines: (n) polygons, EPSG:4326. lonlat: (p, 2) of places, degrees. Returns (n, 3), 0 to 1.
    """
    on_grid = spatial.project_geometry(outlines, to="grid")
    ground_m2 = shapely.area(on_grid)
    if not len(lonlat):
        return np.zeros((len(outlines), len(MINUTES)))
    points = shapely.points(np.column_stack(spatial.to_grid(*np.asarray(lonlat, dtype=np.float64).T)))
    shares = [
        shapely.area(
            shapely.intersection(on_grid, shapely.union_all(shapely.buffer(points, straight_m(minutes), quad_segs=32)))
        )
        / np.where(ground_m2 > 0, ground_m2, 1.0)
        for minutes in MINUTES
    ]
    return np.asarray(np.clip(np.column_stack(shares), 0.0, 1.0), dtype=np.float64)


def beyond(points: Floats, lonlat: Floats, minutes: float) -> NDArray[np.bool_]:
    """Tell which points, (n, 2) degrees, are further than a walk of so many minutes from every place, (p, 2)."""
    if not len(lonlat):
        return np.ones(len(points), dtype=np.bool_)
    ours_m = np.column_stack(spatial.to_grid(*np.asarray(points, dtype=np.float64).T))
    theirs_m = np.column_stack(spatial.to_grid(*np.asarray(lonlat, dtype=np.float64).T))
    apart_m = np.hypot(*(ours_m[:, None, :] - theirs_m[None, :, :]).transpose(2, 0, 1))
    return np.asarray(apart_m.min(axis=1) > straight_m(minutes), dtype=np.bool_)
