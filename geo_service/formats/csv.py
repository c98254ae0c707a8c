"""CSV, for spreadsheets and statistics programs.

UTF-8 with a byte order mark: without it a spreadsheet shows `Café` as `CafÃ©` and saves it so; pandas, Polars, R's
readr, Arrow and GDAL pass over it. The first line is the header, since a comment line breaks most of them; what must go
with every copy stands in the last columns of every row, so that it stays when rows are sorted, filtered or pasted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import shapely

from geo_service.formats.columns import plain_rows, said
from geo_service.model.layers import FORMULA

if TYPE_CHECKING:
    from geo_service.model.layers import FeatureTable

_DECIMALS: Final = 7
_LONGEST_CELL: Final = 32_000
"""Characters that fit in a spreadsheet's cell."""


class Csv:
    """Write attributes, position and provenance, one feature a line.

    Points stand in `lon` and `lat`. Lines and areas have a point within them there, and their shape as well-known text
    in `wkt`, empty where it is too long for a spreadsheet's cell (then the notes say so). A text that a spreadsheet
    would run as a formula begins with an apostrophe; numbers are left alone. A table that no place belongs to has no
    position.
    """

    name = "csv"
    media_type = "text/csv; charset=utf-8"
    suffix = ".csv"

    def write(self, table: FeatureTable) -> bytes:
        """Return the whole file, UTF-8 with a byte order mark, lines ended by a line feed."""
        rows = plain_rows(table)
        position, left_out = _position(table)
        rows = rows.with_columns(column for column in position if column.name not in rows.columns)
        notes = said(table)
        if left_out:
            notes = (*notes, f"{left_out} shapes are too long for a cell of this file: take them from the GeoJSON.")
        rows = rows.with_columns(_provenance(table, notes, rows.columns))
        text = pl.col(pl.String)
        rows = rows.with_columns(
            pl.when(text.str.contains(f"^{FORMULA}")).then(pl.lit("'") + text).otherwise(text).name.keep()
        )
        return rows.write_csv(include_bom=True).encode()


def _position(table: FeatureTable) -> tuple[list[pl.Series], int]:
    """Return the columns of position, and how many shapes are too long for a cell."""
    if table.style.shape == "none":
        return [], 0
    points = shapely.get_coordinates(shapely.point_on_surface(table.geometry)).round(_DECIMALS)
    there = ~(shapely.is_missing(table.geometry) | shapely.is_empty(table.geometry))
    lonlat = np.full((len(there), 2), np.nan)
    lonlat[there] = points
    columns = [pl.Series(name, lonlat[:, axis]).fill_nan(None) for axis, name in enumerate(("lon", "lat"))]
    if table.style.shape not in ("area", "line"):
        return columns, 0
    written = shapely.to_wkt(table.geometry, rounding_precision=_DECIMALS)
    wkt = pl.Series("wkt", np.atleast_1d(written).tolist(), dtype=pl.String)
    fits = wkt.str.len_chars() <= _LONGEST_CELL
    return [*columns, wkt.zip_with(fits, pl.Series([None] * len(wkt), dtype=pl.String))], int((~fits).sum())


def _provenance(table: FeatureTable, notes: tuple[str, ...], taken: list[str]) -> list[pl.Expr]:
    """Return the last columns; one whose name the table has already is written as `table_…`."""
    provenance = table.provenance
    cells = {
        "data_version": provenance.data_version,
        "data_to": provenance.data_to or None,
        "parameters": "; ".join(f"{name}: {value}" for name, value in provenance.parameters.items()) or None,
        "seed": provenance.seed,
        "marking": provenance.marking,
        "destroy_after": table.destroy_after,
        "notes": " ".join(note if note.endswith(".") else f"{note}." for note in notes) or None,
        "licence": " ".join(table.licences) or None,
    }
    return [pl.lit(value).alias(f"table_{name}" if name in taken else name) for name, value in cells.items()]


FORMAT = Csv()
