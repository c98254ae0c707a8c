"""Draw a base map as vector tiles, one PMTiles archive that a browser reads in pieces.

Tiles end at zoom 15, where a unit of a tile is 0.2 m on the ground: closer up a browser enlarges them, and a second
copy of everything would say nothing more.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import polars as pl
import shapely

from geo_service.model.layers import BUILDINGS, GROUND, LANDMARKS, STREETS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

MIN_ZOOM: Final = 10
MAX_ZOOM: Final = 15
_LARGE: Final = ("motorway", "trunk", "primary", "secondary", "tertiary")
_ROADS: Final = (*_LARGE, *(f"{name}_link" for name in _LARGE))
_PATHS: Final = ("footway", "path", "cycleway", "bridleway", "steps", "track")
_RIVERS: Final = ("river", "canal")
_STREAMS: Final = ("stream", "drain", "ditch")
_RAIL: Final = ("railway", "rail", "light_rail", "narrow_gauge", "tram")
_NOT_STREETS: Final = (*_ROADS, *_PATHS, *_RIVERS, *_STREAMS, *_RAIL)


class _Drawn(NamedTuple):
    """Say what one layer of the tiles is made of."""

    name: str
    source: str
    """Layer of the product."""
    keep: pl.Expr
    min_zoom: int
    """Farther out the features would be specks."""


def _class_in(*classes: str) -> pl.Expr:
    return pl.col("class").is_in(classes)


_DRAWN: Final = (
    _Drawn("wood", GROUND, _class_in("wood"), 10),
    _Drawn("park", GROUND, _class_in("park"), 11),
    _Drawn("water", GROUND, _class_in("water"), 10),
    _Drawn("rivers", STREETS, _class_in(*_RIVERS), 10),
    _Drawn("streams", STREETS, _class_in(*_STREAMS), 13),
    _Drawn("buildings", BUILDINGS, pl.lit(1) == pl.lit(1), 15),
    _Drawn("paths", STREETS, _class_in(*_PATHS), 14),
    _Drawn("streets", STREETS, ~_class_in(*_NOT_STREETS), 12),
    _Drawn("roads", STREETS, _class_in(*_ROADS), 10),
    _Drawn("rail", STREETS, _class_in(*_RAIL), 10),
    _Drawn("landmarks", LANDMARKS, pl.col("name").is_not_null(), 13),
)


class VectorTiles:
    """Draw layers with freestiler (port `TileWriter`)."""

    def write(self, layers: Mapping[str, pl.DataFrame]) -> bytes | None:
        """Return a PMTiles archive of vector tiles (MVT), zooms 10 to 15; None where there is nothing to draw.

        Layers of the tiles: wood, park, water, rivers, streams, buildings, paths, streets, roads, rail, landmarks, each
        with `name` and `class`. An area that is a landmark becomes a point inside it.
        """
        import freestiler  # noqa: PLC0415 - brings geopandas, which no other command waits for

        drawn = {}
        for wanted in _DRAWN:
            source = layers.get(wanted.source)
            features = None if source is None else _features(source, wanted)
            if features is not None:
                drawn[wanted.name] = freestiler.freestile_layer(features, min_zoom=wanted.min_zoom)
        if not drawn:
            return None
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "basemap.pmtiles"
            freestiler.freestile(
                drawn, made, min_zoom=MIN_ZOOM, max_zoom=MAX_ZOOM, generate_ids=False, quiet=True, coalesce=False
            )
            return made.read_bytes()


def _features(source: pl.DataFrame, wanted: _Drawn) -> gpd.GeoDataFrame | None:
    """Return the features of one layer of the tiles; None where there are none."""
    import geopandas as gpd  # noqa: PLC0415 - as above

    kind = "class" if "class" in source.columns and wanted.source == STREETS else "kind"
    named = source.select("name", pl.col(kind).alias("class"), "wkb").filter(pl.col("wkb").is_not_null())
    kept = named.filter(wanted.keep)
    shapes = shapely.from_wkb(np.array(kept["wkb"].to_list(), dtype=object))
    there = np.atleast_1d(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    if not there.any():
        return None
    shapes = shapes[there]
    if wanted.source == LANDMARKS:
        shapes = shapely.point_on_surface(shapes)
    rows = kept.filter(pl.Series(there, dtype=pl.Boolean))
    return gpd.GeoDataFrame(
        {"name": rows["name"].to_list(), "class": rows["class"].to_list()}, geometry=shapes, crs="EPSG:4326"
    )
