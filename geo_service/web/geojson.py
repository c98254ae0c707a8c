"""Feature tables for the maps of the pages."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import orjson
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.layers import FeatureTable

_TOLERANCE_DEGREES = 0.00002
"""About two metres: far below what a map of a borough shows, and a fifth of the bytes of full boundaries."""
_DECIMALS = 5
"""A step of about one metre."""


def feature_collection(table: FeatureTable, columns: Sequence[str] | None = None) -> dict[str, object]:
    """Return a GeoJSON FeatureCollection (EPSG:4326) with outlines thinned for the screen.

    columns: properties to carry, all by default. Rows without a position keep a null geometry.
    """
    kept = table.rows.select(
        [name for name in columns if name in table.rows.columns] if columns else table.rows.columns
    )
    thinned = shapely.simplify(table.geometry, _TOLERANCE_DEGREES)
    shapes = shapely.to_geojson(shapely.transform(thinned, lambda lonlat: np.round(lonlat, _DECIMALS)))
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": row.get("id"),
                "geometry": None if shape is None else orjson.Fragment(shape),
                "properties": {name: _plain(value) for name, value in row.items()},
            }
            for row, shape in zip(kept.iter_rows(named=True), shapes, strict=True)
        ],
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value
