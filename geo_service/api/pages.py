"""Cut one page of a feature table by place, time and number; say what place and time a table covers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import polars as pl
import shapely

from geo_service.errors import QueryError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.layers import FeatureTable
    from geo_service.model.places import BBox

OPEN = ("", "..")
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
DECIMALS = 7
"""Decimals of a degree, as in the features."""
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"


@dataclass(frozen=True, slots=True)
class Interval:
    """Bound time by days, an open end being None."""

    first: dt.date | None
    last: dt.date | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an RFC 3339 instant or `start/end` (`..` for an open end); raise QueryError on anything else."""
        parts = text.split("/")
        try:
            first, last = (parts[0], parts[-1]) if len(parts) <= 2 else ("?", "?")  # noqa: PLR2004 - start and end
            ends = tuple(None if end in OPEN and len(parts) > 1 else _day(end) for end in (first, last))
        except ValueError:
            ends = None
        if ends is None or (ends[0] and ends[1] and ends[1] < ends[0]):
            raise QueryError(
                "Not a time or an interval",
                found=text,
                do="Write a day such as 2025-06-01, or 2025-01-01/.. with an open end, or 2025-01-01/2025-06-30",
                field="datetime",
            )
        return cls(*ends)


def _day(text: str) -> dt.date:
    return dt.datetime.fromisoformat(text).date()


@dataclass(frozen=True, slots=True)
class Page:
    """Hold the rows of one page and how many there are in all."""

    table: FeatureTable
    matched: int
    offset: int

    @property
    def next_offset(self) -> int | None:
        """Return where the next page begins, None after the last."""
        end = self.offset + self.table.rows.height
        return end if end < self.matched else None


def cut(table: FeatureTable, *, bbox: BBox | None, interval: Interval | None, limit: int, offset: int) -> Page:
    """Keep what meets the box and the interval, then one page of it.

    A feature without a position meets every box, and one without a day every interval (OGC API Features 1.0.1,
    fc-bbox-response and fc-time-response).
    """
    keep = np.ones(table.rows.height, dtype=np.bool_)
    if bbox is not None:
        box = shapely.box(bbox.west, bbox.south, bbox.east, bbox.north)
        keep &= shapely.intersects(table.geometry, box) | ~_placed(table)
    if interval is not None and table.time_columns is not None:
        keep &= _during(table, interval)
    positions = np.flatnonzero(keep)
    return Page(_take(table, positions[offset : offset + limit]), len(positions), offset)


def _placed(table: FeatureTable) -> NDArray[np.bool_]:
    return np.asarray(~(shapely.is_missing(table.geometry) | shapely.is_empty(table.geometry)), dtype=np.bool_)


def _during(table: FeatureTable, interval: Interval) -> NDArray[np.bool_]:
    """Say which features speak of a day within the interval; an end that is not given is open."""
    first, last = (pl.col(column) for column in table.time_columns or ())
    meets = pl.lit(value=True)
    if interval.last is not None:
        meets &= first.is_null() | (first <= interval.last)
    if interval.first is not None:
        meets &= last.is_null() | (last >= interval.first)
    return table.rows.select(meets.fill_null(value=True).alias("meets"))["meets"].to_numpy()


def _take(table: FeatureTable, positions: NDArray[np.intp]) -> FeatureTable:
    return replace(table, rows=table.rows[positions], geometry=table.geometry[positions])


def one(table: FeatureTable, feature_id: str) -> FeatureTable | None:
    """Return the table with the one feature of that id, None where there is none."""
    positions = np.flatnonzero((table.rows["id"] == feature_id).to_numpy())
    return _take(table, positions[:1]) if len(positions) else None


def extent(table: FeatureTable) -> dict[str, Any]:
    """Return what place and time the features cover, as a collection's `extent`; empty where they cover none."""
    found: dict[str, Any] = {}
    if _placed(table).any():
        found["spatial"] = {"bbox": [shapely.total_bounds(table.geometry).round(DECIMALS).tolist()], "crs": CRS84}
    if table.time_columns is not None and table.rows.height:
        first, last = (table.rows[column] for column in table.time_columns)
        ends = (
            None if first.has_nulls() else first.dt.to_string("%FT00:00:00Z").min(),
            None if last.has_nulls() else last.dt.to_string("%FT23:59:59Z").max(),
        )
        if any(ends):
            found["temporal"] = {"interval": [ends], "trs": GREGORIAN}
    return found
