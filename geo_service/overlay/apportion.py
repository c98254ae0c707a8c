"""Share a number of each area out over cells, by the ground that they have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.overlay.coverage import LEAST_M2
from geo_service.spatial import area_m2

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from shapely import Geometry

    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Floats


def apportion(
    outlines: Geometries, whole: Floats, members: Geometries, values: ArrayLike, within: Geometry | None = None
) -> Floats:
    """Share each member's number out over cells in proportion to area (areal weighting).

    outlines: cells (n), whole: their square metres (n), members: polygons (m), all EPSG:4326. values: (m); a member's
    number is spread evenly over its own ground. within: only ground of it counts. Returns (n). Where cells cover
    all of a member, its whole number comes back. Source: Goodchild and Lam (1980), Geo-Processing 1, 297-312.
    """
    numbers = np.asarray(values, dtype=np.float64)
    size_m2 = area_m2(members)
    clipped = members if within is None else _clip(members, within)
    member, cell, shared_m2 = _common(clipped, outlines, whole)
    density = np.divide(numbers, size_m2, out=np.zeros(len(numbers)), where=size_m2 > 0)
    return np.bincount(cell, weights=shared_m2 * density[member], minlength=len(outlines)).astype(np.float64)


def meeting(members: Geometries, within: Geometry) -> NDArray[np.bool_]:
    """Tell which members (m) share ground with a polygon, not only a border; EPSG:4326."""
    clip = shapely.from_wkb(shapely.to_wkb(within))
    shapely.prepare(clip)
    meets: NDArray[np.bool_] = shapely.intersects(clip, members)
    edge = np.flatnonzero(meets & ~shapely.covers(clip, members))
    meets[edge] = area_m2(shapely.intersection(members[edge], clip)) > LEAST_M2
    return meets


def _clip(members: Geometries, within: Geometry) -> Geometries:
    """Return the part of each member in a polygon; most lie in it or out of it altogether."""
    clip = shapely.from_wkb(shapely.to_wkb(within))  # our own copy: two threads must not prepare the same one
    shapely.prepare(clip)
    inner = shapely.covers(clip, members)
    edge = ~inner & shapely.intersects(clip, members)
    clipped = np.where(inner, members, shapely.Polygon())
    clipped[edge] = shapely.intersection(members[edge], clip)
    found: Geometries = clipped
    return found


def _common(
    members: Geometries, outlines: Geometries, whole: Floats
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.int64]], Floats]:
    """Return (member, cell, square metres in common) of every pair that overlaps."""
    own = shapely.from_wkb(shapely.to_wkb(members))
    shapely.prepare(own)
    cell, member = shapely.STRtree(own).query(outlines)
    inside = shapely.covers(own[member], outlines[cell])
    shared = np.where(inside, whole[cell], 0.0)
    edge = np.flatnonzero(~inside)
    edge = edge[shapely.intersects(own[member[edge]], outlines[cell[edge]])]
    shared[edge] = area_m2(shapely.intersection(own[member[edge]], outlines[cell[edge]]))
    return member, cell, shared
