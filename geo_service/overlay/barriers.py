"""Lines that a patrol zone does not cross, and places that it does not take in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.boundaries import Geometries
    from geo_service.model.cells import Floats, Ints

    Flags = NDArray[np.bool_]


def crossing(lines: Geometries, east_north_m: Floats, indptr: Ints, indices: Ints) -> Flags:
    """Say which edges of a graph cross a line: whether it meets the straight way from centre to centre.

    lines: EPSG:27700, missing ones passed over. east_north_m: centres of the cells (n, 2). indptr, indices: symmetric
    graph of adjoining cells. Returns one flag for each entry of `indices`, alike in both directions.
    """
    crossed = np.zeros(len(indices), dtype=np.bool_)
    drawn = np.array([line for line in lines if line is not None and not line.is_empty], dtype=np.object_)
    if not len(drawn) or not len(indices):
        return crossed
    row = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    longest_m = float(np.hypot(*(east_north_m[row] - east_north_m[indices]).T).max())
    tree = shapely.STRtree(drawn)
    # Only cells that a line comes near can have an edge that it crosses.
    near = np.zeros(len(east_north_m), dtype=np.bool_)
    found, _ = tree.query(shapely.points(east_north_m), predicate="dwithin", distance=longest_m)
    near[found] = True
    edges = np.flatnonzero(near[row] & near[indices])
    ways = shapely.linestrings(np.stack([east_north_m[row[edges]], east_north_m[indices[edges]]], axis=1))
    met, _ = tree.query(ways, predicate="intersects")
    crossed[edges[met]] = True
    return crossed


def without(indptr: Ints, indices: Ints, crossed: Flags) -> tuple[Ints, Ints]:
    """Return a graph less some of its edges.

    crossed: flag of each entry of `indices`. Returns (indptr, indices).
    """
    kept = np.concatenate([[0], np.cumsum(~crossed)])
    return kept[indptr].astype(np.int64), indices[~crossed]


def touching(places: Geometries, outlines: Geometries) -> Flags:
    """Say which cells touch a place.

    places: areas, missing ones passed over. outlines: polygons of the cells (n), in the same reference system.
    """
    touched = np.zeros(len(outlines), dtype=np.bool_)
    drawn = np.array([place for place in places if place is not None and not place.is_empty], dtype=np.object_)
    if len(drawn):
        touched[shapely.STRtree(drawn).query(outlines, predicate="intersects")[0]] = True
    return touched
