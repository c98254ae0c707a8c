"""Check features against the schema of their layer: a bad row is kept as a reject, a wrong file is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import shapely

from geo_service.errors import InputError
from geo_service.model.incidents import REJECT_SCHEMA
from geo_service.registry.columns import POLARS_TYPES, parse
from geo_service.registry.positions import POSITION_COLUMNS, locate_rows
from geo_service.registry.reading import RawFeatures, read_raw

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.model.layers import Layer, LayerField
    from geo_service.registry.described import LayerDescriptor

WKB: Final = "wkb"
"""Column that holds the geometry, EPSG:4326, null where a feature has no position."""

_EXPORT_COLUMNS: Final = (
    "data_version",
    "data_to",
    "parameters",
    "seed",
    "marking",
    "destroy_after",
    "notes",
    "licence",
)
"""Columns that our own CSV export adds; a list that was exported, edited and brought back may keep them."""


def schema_of(layer: Layer) -> pl.Schema:
    """Return the columns of a layer's features as they are stored, `wkb` last."""
    types: dict[str, pl.DataType] = {field.name: POLARS_TYPES[field.type] for field in layer.fields}
    return pl.Schema({**types, WKB: pl.Binary()})


def check_file(described: LayerDescriptor, path: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read a file and check each row.

    Returns the good rows (`schema_of` the layer) and the rejects (REJECT_SCHEMA, one for each bad row, with the first
    thing that is wrong in its own columns and the others in its reason); good + rejected are all rows of the file.
    Raises InputError for a file that cannot be read, an unknown column or a missing one.
    """
    layer = described.layer
    raw = read_raw(path)
    _check_columns(layer, raw, path.name)
    cells = raw.cells.with_columns(
        pl.lit(None, pl.String).alias(field.name) for field in layer.fields if field.name not in raw.cells.columns
    )
    found = locate_rows(described, raw, cells)
    cells = found.cells
    parsed = {field.name: parse(field) for field in layer.fields}
    values = cells.select(parsed[field.name].value.alias(field.name) for field in layer.fields)
    reasons = cells.select(
        raw.problem.alias(""),
        *(_reason(field, parsed[field.name].reason) for field in layer.fields),
        found.reason.alias("position"),
    )
    bad = reasons.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    wkb = pl.Series(WKB, shapely.to_wkb(found.geometry).tolist(), dtype=pl.Binary)
    good = values.with_columns(wkb).filter(~bad).cast(schema_of(layer))
    return good, _rejects(path.name, raw, cells, reasons, bad)


def _check_columns(layer: Layer, raw: RawFeatures, name: str) -> None:
    known = [field.name for field in layer.fields]
    position = () if raw.geometry is not None else ("wkt",) if layer.style.shape in ("line", "area") else ("lon", "lat")
    taken = {*known, *_EXPORT_COLUMNS} | (POSITION_COLUMNS if position else set())
    unknown = [column for column in raw.cells.columns if column not in taken]
    if unknown:
        raise InputError(
            f"{name} has columns that the layer {layer.id} does not know",
            found=", ".join(unknown),
            do=f"Delete or rename them; the layer's columns are {', '.join(dict.fromkeys([*known, *position]))}",
            field=unknown[0],
        )
    missing = [field.name for field in layer.fields if field.required and field.name not in raw.cells.columns]
    if missing and raw.cells.height:
        raise InputError(
            f"{name} lacks columns that the layer {layer.id} requires",
            found=f"the columns {', '.join(raw.cells.columns)}",
            do=f"Add {', '.join(missing)}",
            field=missing[0],
        )


def _reason(field: LayerField, reason: pl.Expr) -> pl.Expr:
    """Return why a row is refused for one field, null where it is not."""
    empty = pl.col(field.name).is_null()
    said: pl.Expr = pl.when(~empty).then(reason)
    if field.required:
        said = pl.when(empty).then(pl.lit("is missing")).otherwise(reason)
    if field.name == "id":
        said = (
            pl.when(~empty & ~pl.col("id").is_first_distinct())
            .then(pl.lit("is the id of an earlier row too"))
            .otherwise(said)
        )
    return said.alias(field.name)


def _rejects(name: str, raw: RawFeatures, cells: pl.DataFrame, reasons: pl.DataFrame, bad: pl.Series) -> pl.DataFrame:
    written = cells.select(
        pl.lit("").alias(""),
        *(pl.col(column) for column in reasons.columns[1:-1]),
        _position_as_written(cells).alias("position"),
    )
    first = reasons.select(
        pl.coalesce(pl.when(pl.col(column).is_not_null()).then(pl.lit(column)) for column in reasons.columns).alias(
            "field"
        ),
        pl.concat_str(
            [
                pl.when(pl.col(column).is_not_null()).then(
                    pl.format("{} {}", pl.lit(column), pl.col(column)).str.strip_chars()
                )
                for column in reasons.columns
            ],
            separator="; ",
            ignore_nulls=True,
        ).alias("reason"),
    )
    value = pl.coalesce(pl.when(first["field"] == column).then(written[column]) for column in reasons.columns).alias(
        "value"
    )
    return (
        first.with_columns(pl.lit(name).alias("file"), raw.row.alias("row"), value.str.slice(0, 200))
        .filter(bad)
        .select(REJECT_SCHEMA.names())
        .cast(REJECT_SCHEMA)
    )


def _position_as_written(cells: pl.DataFrame) -> pl.Expr:
    columns = [column for column in ("lon", "lat", "wkt") if column in cells.columns]
    return pl.concat_str(columns, separator=", ", ignore_nulls=True) if columns else pl.lit(None, pl.String)


def empty_features(layer: Layer) -> pl.DataFrame:
    """Return a table of a layer without a feature."""
    return pl.DataFrame(schema=schema_of(layer))


def conform(layer: Layer, frame: pl.DataFrame) -> pl.DataFrame:
    """Return stored features with the columns that the descriptor has now: a lost one is dropped, a new one null."""
    schema = schema_of(layer)
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind, strict=False).alias(name)
        for name, kind in schema.items()
    )


def geometry_of(frame: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Return the geometry of a table's rows, EPSG:4326, None where a feature has no position."""
    return np.atleast_1d(shapely.from_wkb(np.array(frame[WKB].to_list(), dtype=object)))
