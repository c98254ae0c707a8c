"""Prepare what every format writes of a table: plain columns and the sentences that go with every copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from geo_service.model.layers import FeatureTable

DEMONSTRATION: Final = "DEMONSTRATION: an invented place"


def plain_rows(table: FeatureTable) -> pl.DataFrame:
    """Return the attributes as text, numbers and yes/no.

    A cell number (uint64) becomes its hexadecimal name, a date or time its ISO 8601 form, a list its parts with `; `
    between them, and a number that is none (NaN, infinite) becomes null.
    """
    return table.rows.select(_plain(column) for column in table.rows.get_columns())


def _plain(column: pl.Series) -> pl.Series:
    kind = column.dtype
    if kind.is_integer() or kind in (pl.Boolean, pl.String):
        plain = cell_names(column) if kind == pl.UInt64 else column
    elif kind.is_float():
        finite = pl.when(pl.first().is_finite()).then(pl.first())
        plain = column.to_frame().select(finite.alias(column.name)).to_series()
    elif kind.is_temporal() and kind != pl.Duration:
        plain = column.dt.to_string("iso:strict" if isinstance(kind, pl.Datetime) else "iso").str.replace(r"\.0+", "")
    elif isinstance(kind, pl.List):
        plain = column.cast(pl.List(pl.String)).list.join("; ")
    else:
        plain = column.cast(pl.String)
    return plain


def cell_names(column: pl.Series) -> pl.Series:
    """Return H3 cell numbers (uint64) as hexadecimal text without leading zeros."""
    numbers = column.fill_null(0).to_numpy().astype(">u8")
    digits = np.frombuffer(numbers.tobytes().hex().encode(), dtype="S16").astype(str)
    names = pl.Series(column.name, digits.tolist(), dtype=pl.String).str.strip_chars_start("0")
    return names.zip_with(column.is_not_null(), pl.Series([None] * len(column), dtype=pl.String))


def said(table: FeatureTable) -> tuple[str, ...]:
    """Return the notes of a table, the demonstration's first wherever it applies."""
    notes = dict.fromkeys(table.notes)
    if table.provenance.demonstration and not any(note.startswith("DEMONSTRATION") for note in notes):
        return (DEMONSTRATION, *notes)
    return tuple(notes)
