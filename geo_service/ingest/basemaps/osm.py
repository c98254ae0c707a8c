"""Read an OpenStreetMap extract: roads, paths, railways, water, woods, parks, buildings, landmarks, excluded places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from geo_service.ingest.basemaps.landmarks import once
from geo_service.ingest.basemaps.reading import Extract
from geo_service.model.basemaps import Basemap
from geo_service.model.layers import BUILDINGS, EXCLUDED_PLACES, GROUND, LANDMARKS, STREETS

if TYPE_CHECKING:
    from pathlib import Path

    import shapely

    from geo_service.model.ports import Progress

LICENCE: Final = "© OpenStreetMap contributors, Open Database Licence 1.0 (openstreetmap.org/copyright)"
POINT_RADIUS_M: Final = 50.0
"""What counts as the place where a map knows only a point of it: a convention of this product."""
_KIND: Final = "an OpenStreetMap extract"
_NO_STREETS: Final = ("proposed", "construction", "abandoned", "razed", "platform", "corridor", "elevator")
_WATER: Final = ("river", "canal", "stream")
_RAIL: Final = ("rail", "light_rail", "narrow_gauge")
_NUMBERED: Final = ("motorway", "trunk", "primary", "secondary", "tertiary")
"""Classes of which a number (A606) serves as the name where there is none."""
_PLACES: Final = {"prison": "prison", "hospital": "hospital", "police": "police station"}
_LANDMARKS: Final = {
    "school": "school",
    "college": "college",
    "university": "college",
    "hospital": "hospital",
    "police": "police station",
    "fire_station": "fire station",
    "library": "library",
    "place_of_worship": "place of worship",
    "townhall": "town hall",
    "community_centre": "community centre",
    "bus_station": "bus station",
}
_ANY_NAME: Final = ("station", "school")
"""Landmarks that are known as such without a name."""
_WATER_USE, _WOOD_USE, _PARK_USE = ("reservoir", "basin"), ("forest",), ("recreation_ground", "village_green")
_PARKS: Final = ("park", "recreation_ground", "common", "playground")
_INVALID: Final = "areas whose outline crosses itself or is not closed"
_TUNNEL: Final = r'"tunnel"=>"(yes|culvert|flooded)"'


def _words(of: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in of)


_LINES: Final = f"highway IS NOT NULL OR waterway IN ({_words(_WATER)}) OR railway IS NOT NULL"
_AREAS: Final = (
    f"building IS NOT NULL OR natural IN ('water', 'wood') OR landuse IN ({_words(_WATER_USE + _WOOD_USE + _PARK_USE)})"
    f" OR leisure IN ({_words(_PARKS)}) OR amenity IN ({_words((*_LANDMARKS, 'prison'))})"
    """ OR other_tags LIKE '%"waterway"=>"riverbank"%' OR other_tags LIKE '%"railway"=>"%'"""
)
_POINTS: Final = """other_tags LIKE '%"amenity"=>"%' OR other_tags LIKE '%"railway"=>"%'"""


def read_osm(path: Path, within: shapely.Geometry | None = None, progress: Progress | None = None) -> Basemap:
    """Read .osm.pbf or .osm, as far as it meets `within` (EPSG:4326); raise InputError as `MapFiles.read`.

    Ids are those of OpenStreetMap: `way-…`, `relation-…`, `node-…`. Railways and rivers in tunnels stop nobody and
    are left out; a place known only as a point gets POINT_RADIUS_M. Geometry stays as it is: an area that is not
    valid is passed over and counted by what it was.
    """
    extract = Extract(path, within, _KIND, progress, layers=3)
    lines = extract.layer("lines", ["osm_id", "name", "highway", "waterway", "railway", "other_tags"], _LINES)
    streets = _streets(extract, lines)
    del lines
    extract.refuse_nothing(streets, "lines")
    uses = ["building", "natural", "landuse", "leisure", "amenity", "other_tags"]
    areas = _areas(extract.layer("multipolygons", ["osm_id", "osm_way_id", "name", *uses], _AREAS))
    points = _told(extract.layer("points", ["osm_id", "name", "other_tags"], _POINTS)).with_columns(
        pl.format("node-{}", "osm_id").alias("id")
    )
    buildings = areas.filter(pl.col("building").is_not_null() & (pl.col("building") != "no"))
    ground = _ground(areas).filter(pl.col("kind").is_not_null())
    places = _places(extract, areas, points)
    return Basemap(
        {
            STREETS: streets,
            EXCLUDED_PLACES: places,
            GROUND: _kept(extract.sound(ground, f"water, woods and parks, {_INVALID}")),
            BUILDINGS: _kept(
                extract.sound(buildings, f"buildings, {_INVALID}").with_columns(
                    kind=pl.col("building").replace("yes", "building")
                )
            ),
            LANDMARKS: _landmarks(extract, areas, points),
        },
        extract.skipped,
        LICENCE,
    )


def _kept(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select("id", "name", "kind", pl.lit(LICENCE).alias("licence"), "wkb")


def _streets(extract: Extract, lines: pl.DataFrame) -> pl.DataFrame:
    tags = pl.col("other_tags").fill_null("")
    below = tags.str.contains(_TUNNEL)
    planned = pl.col("highway").is_in(_NO_STREETS)
    street = pl.col("highway").is_not_null() & ~planned
    barrier = (
        pl.when(pl.col("railway").is_in(_RAIL))
        .then(pl.lit("railway"))
        .when(pl.col("waterway").is_in(_WATER))
        .then(pl.col("waterway"))
    )
    number = pl.when(pl.col("highway").is_in(_NUMBERED)).then(tags.str.extract(r'"ref"=>"([^"]+)"'))
    found = lines.with_columns(
        pl.when(street).then("highway").otherwise(barrier).alias("class"),
        pl.coalesce("name", number).alias("name"),
        (~street & barrier.is_not_null() & below).alias("hidden"),
        planned.fill_null(value=False).alias("planned"),
    )
    extract.skip("railways and rivers in tunnels", int(found["hidden"].sum()))
    extract.skip("streets that are planned, being built, gone or indoors", int(found["planned"].sum()))
    return extract.sound(found.filter(pl.col("class").is_not_null() & ~pl.col("hidden")), "lines of no length").select(
        pl.format("way-{}", "osm_id").alias("id"), "name", "class", pl.lit(LICENCE).alias("licence"), "wkb"
    )


def _told(features: pl.DataFrame) -> pl.DataFrame:
    """Add `amenity`, where it is no column, and `railway` from the other tags."""
    tags = pl.col("other_tags").fill_null("")
    amenity = pl.col("amenity") if "amenity" in features.columns else tags.str.extract(r'"amenity"=>"([^"]+)"')
    return features.with_columns(amenity.alias("amenity"), tags.str.extract(r'"railway"=>"([^"]+)"').alias("railway"))


def _areas(read: pl.DataFrame) -> pl.DataFrame:
    way, relation = pl.format("way-{}", "osm_way_id"), pl.format("relation-{}", "osm_id")
    return _told(read).with_columns(pl.coalesce(way, relation).alias("id"))


def _ground(areas: pl.DataFrame) -> pl.DataFrame:
    """Add `kind`: water, wood, park, or null."""
    bank = pl.col("other_tags").fill_null("").str.contains('"waterway"=>"riverbank"', literal=True)
    water = (pl.col("natural") == "water") | pl.col("landuse").is_in(_WATER_USE) | bank
    wood = (pl.col("natural") == "wood") | pl.col("landuse").is_in(_WOOD_USE)
    park = pl.col("leisure").is_in(_PARKS) | pl.col("landuse").is_in(_PARK_USE)
    kind = pl.when(water).then(pl.lit("water")).when(wood).then(pl.lit("wood")).when(park).then(pl.lit("park"))
    return areas.with_columns(kind=kind)


def _landmarks(extract: Extract, areas: pl.DataFrame, points: pl.DataFrame) -> pl.DataFrame:
    """Return stations, schools …, as areas where the map has them, else as points."""
    station = pl.col("railway").is_in(["station", "halt"])
    kind = (
        pl.when(station)
        .then(pl.lit("station"))
        .otherwise(pl.col("amenity").replace_strict(_LANDMARKS, default=None, return_dtype=pl.String))
    )
    known = pl.col("kind").is_not_null() & (pl.col("name").is_not_null() | pl.col("kind").is_in(_ANY_NAME))
    outlined = extract.sound(areas.with_columns(kind=kind).filter(known), f"landmarks, {_INVALID}")
    return once(_kept(outlined), _kept(points.with_columns(kind=kind).filter(known)))


def _places(extract: Extract, areas: pl.DataFrame, points: pl.DataFrame) -> pl.DataFrame:
    kind = pl.col("amenity").replace_strict(_PLACES, default=None, return_dtype=pl.String)
    here = pl.col("kind").is_not_null()
    outlined = extract.sound(areas.with_columns(kind=kind).filter(here), f"excluded places, {_INVALID}")
    marked = points.with_columns(kind=kind).filter(here)
    return pl.concat(
        [
            found.select(
                "id", "name", "kind", pl.lit(radius, pl.Float64).alias("radius_m"), pl.lit(LICENCE).alias("licence"),
                "wkb",
            )
            for found, radius in ((outlined, None), (marked, POINT_RADIUS_M))
        ]
    )  # fmt: skip
