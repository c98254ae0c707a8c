"""Landmarks that a map knows twice, as an area and as a point of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import shapely

from geo_service.ingest.basemaps.reading import shapes_of

if TYPE_CHECKING:
    from geo_service.model.boundaries import Geometries

_NEAR_DEGREES: Final = 0.001
"""Within so much, about 70 to 110 metres, a point and an area of one kind are the same thing."""


def once(areas: pl.DataFrame, points: pl.DataFrame) -> pl.DataFrame:
    """Return areas, and the points that mean none of them; columns `id`, `name`, `kind`, `licence`, `wkb`."""
    if areas.is_empty() or points.is_empty():
        return pl.concat([areas, points])
    spots = shapes_of(points)
    outlines: Geometries = shapes_of(areas)
    point, area = shapely.STRtree(outlines).query(spots, predicate="dwithin", distance=_NEAR_DEGREES)
    same = (points["kind"].gather(point) == areas["kind"].gather(area)).to_numpy()
    known = np.zeros(len(spots), dtype=np.bool_)
    known[point[same]] = True
    return pl.concat([areas, points.filter(~pl.Series(known, dtype=pl.Boolean))])
