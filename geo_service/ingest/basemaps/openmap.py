"""Read the GeoPackage of OS OpenMap Local, Ordnance Survey's open street map of Great Britain.

Layers and columns as its technical specification names them: the feature types Road, RailwayTrack, SurfaceWater_Area,
SurfaceWater_Line, TidalWater, Woodland, Building, ImportantBuilding, RailwayStation, FunctionalSite. Releases write
them `surface_water_area` or `SurfaceWater_Area`, so capitals and underscores do not count.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

import polars as pl

from geo_service.errors import InputError
from geo_service.ingest.basemaps.landmarks import once
from geo_service.ingest.basemaps.reading import Extract
from geo_service.ingest.gdal import gdal_errors
from geo_service.model.basemaps import Basemap
from geo_service.model.layers import BUILDINGS, EXCLUDED_PLACES, GROUND, LANDMARKS, STREETS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import shapely

    from geo_service.model.ports import Progress

LICENCE: Final = "Contains OS data © Crown copyright and database right{year}, Open Government Licence v3.0"
_KIND: Final = "the GeoPackage of OS OpenMap Local"
_NEEDED: Final = (
    "road", "railway_track", "surface_water_line", "surface_water_area", "woodland", "building", "important_building",
    "railway_station", "functional_site",
)  # fmt: skip
_TIDAL: Final = "tidal_water"
"""Layer that a file of an inland area may lack."""
_ROADS: Final = {
    "motorway": "motorway",
    "primary road": "trunk",
    "a road": "primary",
    "b road": "secondary",
    "minor road": "tertiary",
    "local road": "residential",
    "local street": "residential",
    "local access road": "service",
    "restricted local access road": "service",
    "secondary access road": "service",
    "restricted secondary access road": "service",
    "private road publicly accessible": "service",
    "private road": "service",
    "pedestrianised street": "pedestrian",
    "shared use carriageway": "pedestrian",
    "guided busway carriageway": "busway",
}
"""Classes of OS -> classes of OpenStreetMap; a dual carriageway drawn as one line counts as its road."""
_OTHER_ROAD: Final = "unclassified"
_NUMBERED: Final = ("motorway", "trunk", "primary", "secondary")
_LANDMARKS: Final = (
    ("higher|university|further|college", "college"),
    ("education|school", "school"),
    ("hospital", "hospital"),
    ("police", "police station"),
    ("fire", "fire station"),
    ("library", "library"),
    ("worship|religious", "place of worship"),
    ("bus station|coach station", "bus station"),
    ("town hall|local government", "town hall"),
    ("community|village hall", "community centre"),
)
"""What the classification or the theme of a site says -> kind of landmark; the first that fits."""
_PLACES: Final = ("hospital", "police station")
_PRISON: Final = "prison|detention"
_INVALID: Final = "areas whose outline crosses itself"
NOTES: Final = (
    "OS OpenMap Local does not tell rivers from streams: no river keeps a patrol zone from growing across it.",
    "OS OpenMap Local holds no parks and no footpaths.",
)


def read_openmap(path: Path, within: shapely.Geometry | None = None, progress: Progress | None = None) -> Basemap:
    """Read the GeoPackage, as far as it meets `within` (EPSG:4326); raise InputError as `MapFiles.read`.

    Ids are those of OS, after the layer's name. Raises InputError naming the layers or columns that are missing.
    """
    extract = Extract(path, within, _KIND, progress, layers=len(_NEEDED) + 1)
    names = _layers(path)
    licence = LICENCE.format(year=_year(path))

    def read(layer: str, *columns: str) -> pl.DataFrame:
        return _read(extract, names, layer, columns)

    streets = pl.concat(
        [
            _roads(read("road", "classification", "distinctive_name", "road_number")),
            read("railway_track").select("id", _none("name"), pl.lit("railway").alias("class"), "wkb"),
            read("surface_water_line").select("id", _none("name"), pl.lit("stream").alias("class"), "wkb"),
        ]
    )
    streets = extract.sound(streets, "lines of no length")
    extract.refuse_nothing(streets.filter(~pl.col("class").is_in(["railway", "stream"])), names["road"])
    water = [read(layer) for layer in ("surface_water_area", _TIDAL) if layer in names]
    ground = pl.concat(
        [
            *(found.select("id", _none("name"), pl.lit("water").alias("kind"), "wkb") for found in water),
            read("woodland").select("id", _none("name"), pl.lit("wood").alias("kind"), "wkb"),
        ]
    )
    plain = read("building").select("id", _none("name"), pl.lit("building").alias("kind"), "wkb")
    important = _sites(read("important_building", "classification", "building_theme", "distinctive_name"))
    sites = _sites(read("functional_site", "classification", "site_theme", "distinctive_name"))
    station = pl.lit("station").alias("kind")
    stations = read("railway_station", "distinctive_name").select(
        "id", pl.col("distinctive_name").alias("name"), station, "wkb"
    )
    known = extract.sound(pl.concat([sites, important]), f"landmarks, {_INVALID}")
    buildings = pl.concat([plain, important.select("id", "name", pl.col("told").alias("kind"), "wkb")])
    return Basemap(
        {
            STREETS: _kept(streets, licence, "class"),
            EXCLUDED_PLACES: _kept(_places(known), licence, "kind", "radius_m"),
            GROUND: _kept(extract.sound(ground, f"water and woods, {_INVALID}"), licence),
            BUILDINGS: _kept(
                extract.sound(buildings, f"buildings, {_INVALID}").unique("wkb", keep="last", maintain_order=True),
                licence,
            ),
            LANDMARKS: once(_kept(known.filter(pl.col("kind").is_not_null()), licence), _kept(stations, licence)),
        },
        extract.skipped,
        licence,
        NOTES,
    )


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _layers(path: Path) -> Mapping[str, str]:
    """Return the layers by the names that the product writes; raise InputError naming those that are missing."""
    import pyogrio  # noqa: PLC0415 (heavy)

    try:
        there = {_plain(str(name)): str(name) for name, _ in pyogrio.list_layers(str(path.resolve()))}
    except gdal_errors() as problem:
        raise InputError(f"{path.name} cannot be read as {_KIND}", found=problem, field="file") from None
    found = {layer: there[_plain(layer)] for layer in (*_NEEDED, _TIDAL) if _plain(layer) in there}
    if missing := [layer for layer in _NEEDED if layer not in found]:
        raise InputError(
            f"{path.name} is not {_KIND}: the layer{'s' if len(missing) > 1 else ''} {', '.join(missing)} "
            f"{'are' if len(missing) > 1 else 'is'} missing",
            found=", ".join(sorted(there.values())[:12]) or "no layer",
            do="Download OS OpenMap Local as GeoPackage from the OS Data Hub; it is free",
            field="file",
        )
    return found


def _read(extract: Extract, names: Mapping[str, str], layer: str, columns: Sequence[str]) -> pl.DataFrame:
    """Return the features of a layer with the columns named as the product names them, and an id."""
    import pyogrio  # noqa: PLC0415 (heavy)

    there = {_plain(name): name for name in pyogrio.read_info(str(extract.path), layer=names[layer])["fields"]}
    wanted = {column: there.get(_plain(column), "") for column in ("id", *columns)}
    if missing := [column for column, found in wanted.items() if not found]:
        raise InputError(
            f"The layer {names[layer]} of {extract.path.name} lacks the column{'s' if len(missing) > 1 else ''} "
            f"{', '.join(missing)}",
            found=", ".join(sorted(there.values())) or "no column",
            do="Give the GeoPackage of OS OpenMap Local as it is published",
            field="file",
        )
    frame = extract.layer(names[layer], list(wanted.values()))
    return frame.select(
        pl.format("{}-{}", pl.lit(layer.replace("_", "-")), wanted["id"]).alias("id"),
        *(
            pl.col(found).str.strip_chars().replace("", None).alias(column)
            for column, found in wanted.items()
            if column != "id"
        ),
        "wkb",
    )


def _none(name: str) -> pl.Expr:
    return pl.lit(None, pl.String).alias(name)


def _kept(frame: pl.DataFrame, licence: str, kind: str = "kind", *more: str) -> pl.DataFrame:
    return frame.select("id", "name", kind, *more, pl.lit(licence).alias("licence"), "wkb")


def _roads(roads: pl.DataFrame) -> pl.DataFrame:
    said = pl.col("classification").str.to_lowercase().str.split(",").list.first().str.strip_chars()
    found = roads.with_columns(said.replace_strict(_ROADS, default=_OTHER_ROAD, return_dtype=pl.String).alias("class"))
    number = pl.when(pl.col("class").is_in(_NUMBERED)).then("road_number")
    return found.select("id", pl.coalesce("distinctive_name", number).alias("name"), "class", "wkb")


def _sites(sites: pl.DataFrame) -> pl.DataFrame:
    """Return sites with `kind`, of landmarks alone, and `told`, what OS says of each."""
    theme = next(name for name in sites.columns if name.endswith("_theme"))
    said = pl.concat_str(pl.col("classification", theme).fill_null(""), separator=" ").str.to_lowercase()
    kind = pl.lit(None, pl.String)
    for pattern, word in reversed(_LANDMARKS):
        kind = pl.when(said.str.contains(pattern)).then(pl.lit(word)).otherwise(kind)
    told = pl.coalesce("classification", theme, pl.lit("building")).str.to_lowercase()
    prison = said.str.contains(_PRISON)
    return sites.select(
        "id", pl.col("distinctive_name").alias("name"), kind.alias("kind"), told.alias("told"), prison.alias("prison"),
        "wkb",
    )  # fmt: skip


def _places(sites: pl.DataFrame) -> pl.DataFrame:
    """Return what no patrol zone takes in."""
    kind = pl.when("prison").then(pl.lit("prison")).otherwise("kind").alias("kind")
    return sites.with_columns(kind, pl.lit(None, pl.Float64).alias("radius_m")).filter(
        pl.col("kind").is_in([*_PLACES, "prison"])
    )


def _year(path: Path) -> str:
    """Return the year of the newest layer for the licence line, with a space before it; nothing where none is told."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as opened:
            said = opened.execute("SELECT max(last_change) FROM gpkg_contents").fetchone()[0]
    except sqlite3.Error:
        return ""
    found = re.match(r"(20\d\d)-", str(said))
    return f" {found[1]}" if found else ""
