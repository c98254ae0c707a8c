"""GeoJSON (RFC 7946), for QGIS, R, Python and web maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson
import shapely

from geo_service.formats.columns import plain_rows, said

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.boundaries import Geometries
    from geo_service.model.layers import FeatureTable

DECIMALS: Final = 7
"""Decimals of a degree that are written: about one centimetre."""


class GeoJson:
    """Write a FeatureCollection with title, marks, provenance, licences and notes beside its features."""

    name = "geojson"
    media_type = "application/geo+json"
    suffix = ".geojson"

    def write(self, table: FeatureTable) -> bytes:
        """Return the whole file, UTF-8."""
        return dump(feature_collection(table))


def feature_collection(table: FeatureTable) -> dict[str, Any]:
    """Return a table as a FeatureCollection that `dump` can write; members may be added to it, such as links.

    Coordinates are longitude and latitude, EPSG:4326, rounded to DECIMALS; outer rings run anticlockwise. A feature
    without a position has a null geometry.
    """
    provenance = table.provenance
    return {
        "type": "FeatureCollection",
        "id": table.id,
        "title": table.title,
        "marking": provenance.marking,
        "data_version": provenance.data_version,
        "destroy_after": table.destroy_after,
        "demonstration": provenance.demonstration,
        "provenance": {
            "data_version": provenance.data_version,
            "data_to": provenance.data_to or None,
            "parameters": dict(provenance.parameters),
            "seed": provenance.seed,
        },
        "licences": list(table.licences),
        "notes": list(said(table)),
        "features": [
            {"type": "Feature", "id": row["id"], "geometry": text and orjson.Fragment(text), "properties": row}
            for row, text in zip(plain_rows(table).iter_rows(named=True), geometry_json(table.geometry), strict=True)
        ],
    }


def geometry_json(geometry: Geometries) -> list[str | None]:
    """Return geometries as GeoJSON text, None where there is none or it is empty."""
    written: NDArray[np.object_] = np.array(shapely.to_geojson(_rounded(geometry)), dtype=object)
    written[shapely.is_empty(geometry)] = None
    return list(written)


def _rounded(geometry: Geometries) -> Geometries:
    flat = shapely.orient_polygons(shapely.force_2d(geometry))
    return np.asarray(shapely.transform(flat, lambda lonlat: np.round(lonlat, DECIMALS) + 0.0), dtype=object)


def dump(document: dict[str, Any]) -> bytes:
    """Return a document made by `feature_collection` as bytes."""
    return orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)


FORMAT = GeoJson()
