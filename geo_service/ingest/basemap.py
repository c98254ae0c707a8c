"""Read streets, railways, rivers and excluded places from an OpenStreetMap extract."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import pyogrio
import pyogrio.raw
import shapely

from geo_service.errors import InputError
from geo_service.ingest.boundaries import GDAL_ERRORS
from geo_service.model.basemaps import Basemap

if TYPE_CHECKING:
    from pathlib import Path

LICENCE: Final = "© OpenStreetMap contributors, Open Database Licence 1.0 (openstreetmap.org/copyright)"
POINT_RADIUS_M: Final = 50.0
"""What counts as the place where a map knows only a point of it: a convention of this product."""
_ENDINGS: Final = (".pbf", ".osm")
_NO_STREETS: Final = ("proposed", "construction", "abandoned", "razed", "platform", "corridor", "elevator")
_WATER: Final = ("river", "canal")
_RAIL: Final = ("rail", "light_rail", "narrow_gauge")
_PLACES: Final = {"prison": "prison", "hospital": "hospital", "police": "police station"}
_LINES: Final = "highway IS NOT NULL OR waterway IN ('river', 'canal') OR railway IS NOT NULL"
_AREAS: Final = "amenity IN ('prison', 'hospital', 'police')"
_AMENITY: Final = r'"amenity"=>"(prison|hospital|police)"'
_TUNNEL: Final = r'"tunnel"=>"(yes|culvert|flooded)"'
_INVALID: Final = "areas whose outline crosses itself or is not closed"


class OsmExtract:
    """Read an extract (port `BasemapFiles`)."""

    def read(self, path: Path) -> Basemap:
        """Read .osm.pbf or .osm; raise InputError for any other file and for one without a street.

        Ids are those of OpenStreetMap: `way-…`, `relation-…`, `node-…`. Railways and rivers in tunnels stop nobody and
        are left out; a place known only as a point gets POINT_RADIUS_M. Geometry stays as it is: an area that is not
        valid is passed over and counted.
        """
        _refuse_others(path)
        lines = _read(path, "lines", ["osm_id", "name", "highway", "waterway", "railway", "other_tags"], _LINES)
        areas = _read(path, "multipolygons", ["osm_id", "osm_way_id", "name", "amenity"], _AREAS)
        points = _read(path, "points", ["osm_id", "name", "other_tags"], 'other_tags LIKE \'%"amenity"=>"%\'')
        streets, skipped = _streets(lines)
        places, invalid = _places(areas, points)
        if streets.is_empty():
            raise InputError(f"{path.name} holds no street", do="Check that it is an extract of your area")
        return Basemap(streets, places, {**skipped, **invalid}, LICENCE)


def _refuse_others(path: Path) -> None:
    if not path.is_file():
        raise InputError(f"There is no file {path.name}", found=path, do="Check the path", field="file")
    with path.open("rb") as opened:
        head = opened.read(1024)
    # By content too: GDAL would follow some files to others, or to the network.
    if not path.name.lower().endswith(_ENDINGS) or not (b"OSMHeader" in head or b"<osm" in head):
        raise InputError(
            f"{path.name} is no OpenStreetMap extract",
            found=path.suffix or "a name without an ending",
            do="Give .osm.pbf or .osm, as geofabrik.de and others offer them by county",
            field="file",
        )


def _read(path: Path, layer: str, columns: list[str], where: str) -> pl.DataFrame:
    """Return the features of one OGR layer: texts, and `wkb`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # rings that are not closed are found here by name
            meta, _, wkb, data = pyogrio.raw.read(
                str(path.resolve()), layer=layer, columns=columns, where=where, force_2d=True
            )
    except GDAL_ERRORS as problem:
        raise InputError(
            f"{path.name} cannot be read as an OpenStreetMap extract", found=problem, do="Download it again"
        ) from None
    read = {
        name: pl.Series(values.tolist(), dtype=pl.String) for name, values in zip(meta["fields"], data, strict=True)
    }
    return pl.DataFrame({**read, "wkb": pl.Series(wkb.tolist(), dtype=pl.Binary)})


def _streets(lines: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
    below = pl.col("other_tags").fill_null("").str.contains(_TUNNEL)
    street = pl.col("highway").is_not_null() & ~pl.col("highway").is_in(_NO_STREETS)
    barrier = (
        pl.when(pl.col("railway").is_in(_RAIL))
        .then(pl.lit("railway"))
        .when(pl.col("waterway").is_in(_WATER))
        .then(pl.col("waterway"))
    )
    found = lines.with_columns(pl.when(street).then("highway").otherwise(barrier).alias("class"))
    hidden = found.select((~street & barrier.is_not_null() & below).alias("hidden"))["hidden"]
    planned = lines.select(pl.col("highway").is_in(_NO_STREETS).fill_null(value=False))["highway"]
    kept = found.filter(pl.col("class").is_not_null() & ~hidden).select(
        pl.format("way-{}", "osm_id").alias("id"), "name", "class", pl.lit(LICENCE).alias("licence"), "wkb"
    )
    said = {
        "railways and rivers in tunnels": int(hidden.sum()),
        "streets that are planned, being built, gone or indoors": int(planned.sum()),
    }
    return kept, {why: count for why, count in said.items() if count}


def _places(areas: pl.DataFrame, points: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
    shapes = shapely.from_wkb(np.array(areas["wkb"].to_list(), dtype=object), on_invalid="ignore")
    sound = np.atleast_1d(shapely.is_valid(shapes) & ~shapely.is_empty(shapes))
    way = pl.format("way-{}", "osm_way_id")
    outlined = areas.filter(pl.Series(sound)).select(
        pl.coalesce(way, pl.format("relation-{}", "osm_id")).alias("id"),
        "name",
        pl.col("amenity").alias("kind"),
        pl.lit(None, pl.Float64).alias("radius_m"),
        "wkb",
    )
    spots = points.with_columns(kind=pl.col("other_tags").str.extract(_AMENITY)).filter(pl.col("kind").is_not_null())
    marked = spots.select(
        pl.format("node-{}", "osm_id").alias("id"), "name", "kind", pl.lit(POINT_RADIUS_M).alias("radius_m"), "wkb"
    )
    both = pl.concat([outlined, marked]).with_columns(
        pl.col("kind").replace_strict(list(_PLACES), list(_PLACES.values()), return_dtype=pl.String),
        pl.lit(LICENCE).alias("licence"),
    )
    invalid = int((~sound).sum())
    return both.select("id", "name", "kind", "radius_m", "licence", "wkb"), {_INVALID: invalid} if invalid else {}
