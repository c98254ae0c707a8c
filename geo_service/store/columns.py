"""What the columns of each kind of file are, and the one order that rows are stored in."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
import pyarrow as pa
import shapely

from geo_service.model.boundaries import BoundarySet
from geo_service.model.denominators import Denominator
from geo_service.model.incidents import CELL_COLUMNS, INCIDENT_SCHEMA, REJECT_SCHEMA
from geo_service.model.offences import HarmTable
from geo_service.store import slots

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

STORED_SCHEMA: Final = pl.Schema({**INCIDENT_SCHEMA, **dict.fromkeys(CELL_COLUMNS.values(), pl.UInt64())})
"""Columns of an incident file: the cleaned incident and its cell at each resolution."""

SORT_CELL: Final = CELL_COLUMNS[10]
_ORDER: Final = (SORT_CELL, "month", "row")
# Every other column follows, so that equal rows in any order become equal bytes.
_SORT_BY: Final = (*_ORDER, *(name for name in STORED_SCHEMA if name not in _ORDER))

OF_INCIDENTS: Final = "geo_service.incidents_sha256"
OF_BOUNDARIES: Final = "geo_service.boundaries_sha256"
_GEOMETRY_TYPES: Final = (
    "Point",
    "LineString",
    "LineString",  # a ring, which WKB does not know
    "Polygon",
    "MultiPoint",
    "MultiLineString",
    "MultiPolygon",
    "GeometryCollection",
)
"""Names in GeoParquet of shapely's types, in the order of their ids."""
_ABOUT: Final = "geo_service.about"
_BOUNDARY_SET: Final = "geo_service.boundary_set"
# Metadata of GeoParquet: without a `crs` the coordinates are longitude and latitude (OGC:CRS84).
_GEOPARQUET: Final = {
    "version": "1.0.0",
    "primary_column": "geometry",
    "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}},
}


def stored_incidents(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the stored columns of incidents, others left out, in stored order; raise ValueError for a missing one."""
    return chosen_columns(frame, STORED_SCHEMA).sort(_SORT_BY)


def sorted_incidents(frame: pl.DataFrame) -> pl.DataFrame:
    """Return rows with the stored columns of incidents, and others, in stored order."""
    return frame.sort(_SORT_BY)


def stored_rejects(frame: pl.DataFrame) -> pl.DataFrame:
    """Return rejected rows in stored order; raise ValueError for a missing column."""
    return chosen_columns(frame, REJECT_SCHEMA).sort(REJECT_SCHEMA.names())


def chosen_columns(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """Return the columns of a schema; raise ValueError for a missing one."""
    if missing := [name for name in schema if name not in frame.columns]:
        msg = f"columns missing: {', '.join(missing)}"
        raise ValueError(msg)
    return frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def replace_rows(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Let new rows take the place of old ones of the same crime number; the last one wins.

    Rows without a crime number are the same only when all their columns are.
    """
    rows = pl.concat([old, new])
    numbered = rows.filter(pl.col("crime_id").is_not_null()).unique("crime_id", keep="last", maintain_order=True)
    return pl.concat([numbered, rows.filter(pl.col("crime_id").is_null()).unique()])


def months_of(rows: pl.DataFrame) -> dict[str, int | str | None]:
    """Return what the record of an incident file says of its months: `first_month`, `last_month` and `months`."""
    in_order = rows["month"].unique().sort().to_list()
    first, last = (in_order[0], in_order[-1]) if in_order else (None, None)
    return {"first_month": first, "last_month": last, "months": slots.months_written(held_months(rows))}


def held_months(rows: pl.DataFrame) -> list[int]:
    """Return the months (Month.ordinal) of incidents that were recorded in their month or the next.

    Of such months a force export is taken to be complete. An offence recorded years later, or a false old date, does
    not make its month held. An incident that does not say when it was recorded counts for its month.
    """
    recorded = pl.col("recorded").dt.year().cast(pl.Int32) * 12 + pl.col("recorded").dt.month().cast(pl.Int32) - 1
    soon = (recorded - pl.col("month") <= 1).fill_null(value=True)
    months: list[int] = rows.filter(soon)["month"].unique().sort().to_list()
    return months


def to_arrow(frame: pl.DataFrame) -> pa.Table:
    """Return a table whose column types do not depend on how the frame came about."""
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest()).combine_chunks()


def to_polars(table: pa.Table) -> pl.DataFrame:
    """Return a frame that shares the table's memory where it can."""
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table never becomes a series
    return frame


def about_table(frame: pl.DataFrame, about: Mapping[str, object]) -> pa.Table:
    """Return a table that says what it is."""
    return to_arrow(frame).replace_schema_metadata({_ABOUT: json.dumps(about, ensure_ascii=False)})


def about_of(table: pa.Table) -> dict[str, Any]:
    """Return what a table says of itself."""
    said: dict[str, Any] = json.loads(table.schema.metadata[_ABOUT.encode()])
    return said


def feature_table(frame: pl.DataFrame) -> pa.Table:
    """Return the features of a layer as GeoParquet 1.1: the column `wkb` is the geometry, longitude and latitude."""
    shapes = shapely.from_wkb(frame["wkb"].to_numpy(), on_invalid="ignore")
    there = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    types = shapely.get_type_id(there)
    told: dict[str, object] = {
        "encoding": "WKB",
        "geometry_types": sorted(_GEOMETRY_TYPES[type_id] for type_id in np.unique(types).tolist()),
    }
    if there.size:
        told["bbox"] = shapely.total_bounds(there).tolist()
    said = {"version": "1.1.0", "primary_column": "wkb", "columns": {"wkb": told}}
    return to_arrow(frame).replace_schema_metadata({"geo": json.dumps(said)})


def denominator_table(denominator: Denominator) -> pa.Table:
    """Return a denominator as a table: one row for each member."""
    frame = pl.DataFrame({"code": denominator.codes, "value": denominator.values})
    names = ("id", "title", "boundary_set", "source", "licence")
    return about_table(frame, {name: getattr(denominator, name) for name in names})


def denominator_of(table: pa.Table) -> Denominator:
    """Return the denominator that a table holds."""
    values = np.asarray(table["value"].to_numpy(), dtype=np.float64)
    return Denominator(**about_of(table), codes=tuple(table["code"].to_pylist()), values=values)


def harm_table_of(table: pa.Table) -> HarmTable:
    """Return the harm table that a table holds."""
    about = about_of(table)
    lists = {name: tuple(about[name]) for name in ("notes", "leaves_out")}
    return HarmTable(**about | lists, rows=to_polars(table))


def harm_arrow(harm: HarmTable) -> pa.Table:
    """Return a harm table as it is stored."""
    return about_table(
        harm.rows, {name: getattr(harm, name) for name in ("id", "title", "source", "notes", "leaves_out")}
    )


def assignment_table(member: NDArray[np.int32], of_incidents: str, of_boundaries: str) -> pa.Table:
    """Return the members of the rows of an incident file, with what they were computed from."""
    table = pa.table({"member": pa.array(member, pa.int32())})
    return table.replace_schema_metadata({OF_INCIDENTS: of_incidents, OF_BOUNDARIES: of_boundaries})


def boundary_table(boundary_set: BoundarySet) -> pa.Table:
    """Return a boundary set as GeoParquet: one row for each member, WKB in EPSG:4326."""
    about = {
        "id": boundary_set.id,
        "title": boundary_set.title,
        "vintage": boundary_set.vintage,
        "valid_from": boundary_set.valid_from.isoformat() if boundary_set.valid_from else None,
        "licence": boundary_set.licence,
    }
    table = pa.table(
        {
            "code": pa.array(boundary_set.codes, pa.string()),
            "name": pa.array(boundary_set.names, pa.string()),
            "parent_code": pa.array(boundary_set.parent_codes, pa.string()),
            "parent_name": pa.array(boundary_set.parent_names, pa.string()),
            "geometry": pa.array(shapely.to_wkb(boundary_set.geometry, byte_order=1, flavor="iso"), pa.binary()),
        }
    )
    said = {_BOUNDARY_SET: json.dumps(about, ensure_ascii=False), "geo": json.dumps(_GEOPARQUET)}
    return table.replace_schema_metadata(said)


def boundary_set_of(table: pa.Table) -> BoundarySet:
    """Return the boundary set that a table holds."""
    about = json.loads(table.schema.metadata[_BOUNDARY_SET.encode()])
    valid_from = about["valid_from"]
    text = {name: tuple(table[name].to_pylist()) for name in ("code", "name", "parent_code", "parent_name")}
    return BoundarySet(
        id=about["id"],
        title=about["title"],
        vintage=about["vintage"],
        valid_from=dt.date.fromisoformat(valid_from) if valid_from else None,
        licence=about["licence"],
        codes=text["code"],
        names=text["name"],
        parent_codes=text["parent_code"],
        parent_names=text["parent_name"],
        geometry=shapely.from_wkb(np.array(table["geometry"].to_pylist(), dtype=object)),
    )
