"""Find where each feature of a file is, from its geometry, its coordinates or its WKT."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import shapely

from geo_service.registry.columns import number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.boundaries import Geometries
    from geo_service.registry.described import LayerDescriptor
    from geo_service.registry.reading import RawFeatures

POSITION_COLUMNS: Final = {"lon", "lat", "wkt"}
"""Columns of a CSV file that say where a feature is, beside the fields of its layer."""

GEOMETRY_TYPES: Final = ("Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
"""Types that a layer may take; by itself it takes those of its shape."""

_AREAS: Final = ("Polygon", "MultiPolygon")
_TYPES: Final = {"line": ("LineString", "MultiLineString", *_AREAS), "area": _AREAS}
_POINTS: Final = ("Point",)
_UK: Final = (-9.0, 49.0, 3.0, 62.0)


@dataclass(frozen=True, slots=True)
class Located:
    """Hold the positions of a file's rows."""

    geometry: Geometries
    """EPSG:4326, two dimensions; None where a row has no position or a wrong one."""
    reason: pl.Series
    """Why a position is refused; null where it is not."""
    cells: pl.DataFrame
    """The text cells, with `lon`, `lat` and `position_source` filled from the geometry where the layer has them."""


def locate_rows(described: LayerDescriptor, raw: RawFeatures, cells: pl.DataFrame) -> Located:
    """Return the position of each row and what is wrong with it.

    A layer of points takes points, a layer of areas takes areas, one of lines both lines and
    areas (a river is drawn as either), unless its descriptor says which; longitude -180 to 180, latitude -90 to 90.
    """
    types = described.geometry or _TYPES.get(described.layer.style.shape, _POINTS)
    reason = pl.Series("position", [None] * cells.height, dtype=pl.String)
    if raw.geometry is not None:
        geometry = raw.geometry
    elif types != _POINTS and ("wkt" in cells.columns or "Point" not in types):
        geometry, reason = _from_wkt(cells)
    else:
        geometry, reason = _from_lon_lat(cells)
    geometry = np.array(shapely.force_2d(geometry), dtype=object)
    reason = reason.zip_with(reason.is_not_null(), _refusals(geometry, types))
    none = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    if described.position_required:
        reason = reason.zip_with(reason.is_not_null(), _where(none, "is missing"))
    geometry[none | reason.is_not_null().to_numpy()] = None
    return Located(geometry, reason, _fill(described, cells, geometry, written=raw.geometry is not None))


def _from_lon_lat(cells: pl.DataFrame) -> tuple[Geometries, pl.Series]:
    texts = cells.select(_column(cells, "lon"), _column(cells, "lat"))
    written = texts.select(pl.all().is_not_null())
    values = texts.select(number(pl.col("lon")), number(pl.col("lat")))
    both = values.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
    one = written["lon"] ^ written["lat"]
    wrong = (written["lon"] | written["lat"]) & ~both
    reason = _where(one, "has only one of lon and lat")
    reason = reason.zip_with(reason.is_not_null(), _where(wrong, "is not two numbers in degrees"))
    geometry = np.full(cells.height, None, dtype=object)
    geometry[both.to_numpy()] = shapely.points(values.filter(both).to_numpy())
    return geometry, reason


def _from_wkt(cells: pl.DataFrame) -> tuple[Geometries, pl.Series]:
    texts = cells.select(_column(cells, "wkt")).to_series()
    geometry = np.atleast_1d(shapely.from_wkt(np.array(texts.to_list(), dtype=object), on_invalid="ignore"))
    unread = shapely.is_missing(geometry) & texts.is_not_null().to_numpy()
    return geometry, _where(unread, "is not well-known text, for example POLYGON ((…))")


def _refusals(geometry: Geometries, types: tuple[str, ...]) -> pl.Series:
    """Return why a geometry cannot stand on this layer's map; null where it can, or where there is none."""
    there = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    west, south, east, north = shapely.bounds(geometry).T
    lowest_lon, lowest_lat, highest_lon, highest_lat = _UK
    swapped = (south >= lowest_lon) & (north <= highest_lon) & (west >= lowest_lat) & (east <= highest_lat)
    outside = ~((west >= -180) & (south >= -90) & (east <= 180) & (north <= 90))  # noqa: PLR2004 (degrees; NaN is outside)
    names = np.array(["Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"])
    names = np.append(names, ["GeometryCollection", ""])  # type -1 is no geometry
    kind = names[shapely.get_type_id(geometry)]
    crossing = np.full(len(geometry), "", dtype=object)
    broken = there & ~shapely.is_valid(geometry)
    crossing[broken] = shapely.is_valid_reason(geometry[broken])
    tests: list[tuple[NDArray[np.bool_], str | pl.Series]] = [
        (
            ~np.isin(kind, types),
            pl.Series([f"is a {found}, not a {' or '.join(types)}" for found in kind], dtype=pl.String),
        ),
        (swapped, "looks as if longitude and latitude were swapped"),
        (outside, "is not in degrees: longitude goes from -180 to 180, latitude from -90 to 90"),
        ((west == 0) & (south == 0) & (east == 0) & (north == 0), "is 0, 0, which stands for no position"),
        (broken, pl.Series([f"is invalid: {said}" for said in crossing], dtype=pl.String)),
    ]
    reason = pl.Series([None] * len(geometry), dtype=pl.String)
    for failed, said in tests:
        reason = reason.zip_with(reason.is_not_null(), _where(there & failed, said))
    return reason


def _fill(described: LayerDescriptor, cells: pl.DataFrame, geometry: Geometries, *, written: bool) -> pl.DataFrame:
    """Write the coordinates of a point into the layer's own columns, and say that the list gave them."""
    names = {field.name for field in described.layer.fields}
    located = pl.Series(~shapely.is_missing(geometry))
    columns = []
    if written and names >= {"lon", "lat"}:
        for name, value in (("lon", shapely.get_x(geometry)), ("lat", shapely.get_y(geometry))):
            texts = pl.Series(value).cast(pl.String)
            columns.append(pl.when(located).then(texts).otherwise(pl.col(name)).alias(name))
    if "position_source" in names:
        given = pl.when(located).then(pl.coalesce("position_source", pl.lit("coordinates of the list")))
        columns.append(given.otherwise(pl.col("position_source")).alias("position_source"))
    return cells.with_columns(columns)


def _column(cells: pl.DataFrame, name: str) -> pl.Series:
    return cells[name] if name in cells.columns else pl.Series(name, [None] * cells.height, dtype=pl.String)


def _where(failed: NDArray[np.bool_] | pl.Series, said: str | pl.Series) -> pl.Series:
    """Return what is said where a test failed, null elsewhere."""
    test = pl.Series("test", failed, dtype=pl.Boolean)
    words = (
        said.alias("said") if isinstance(said, pl.Series) else pl.Series("said", [said] * len(test), dtype=pl.String)
    )
    return pl.DataFrame([test, words]).select(pl.when("test").then("said").alias("position")).to_series()
