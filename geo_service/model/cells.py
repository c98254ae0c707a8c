"""Cells as arrays, and the cube of prefix sums that every question is answered from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo_service.errors import QueryError
from geo_service.model.periods import Month, Period, month_words

if TYPE_CHECKING:
    import polars as pl

Cells: TypeAlias = NDArray[np.uint64]
Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

UNLOCATED: int = 0
"""The cell number of an incident without a position."""
OUTSIDE: int = -1
"""The member number of an incident in no member of the boundary set."""


@dataclass(frozen=True, slots=True)
class CellTable:
    """Hold the cells of one area with the part of each that lies inside."""

    resolution: int
    cells: Cells
    """Cell numbers, ascending."""
    area_m2: Floats
    """Area of the whole cell in square metres."""
    share: Floats
    """Covered share of the cell, 0 < share <= 1."""

    @property
    def covered_m2(self) -> Floats:
        """Return the square metres of each cell that lie inside the area."""
        return self.area_m2 * self.share


@dataclass(frozen=True)
class Cube:
    """Hold counts by cell, boundary member and offence group as prefix sums over months.

    A row is one combination that occurs. Any window of months is one subtraction of two rows of
    `prefix`.
    """

    resolution: int
    first: Month
    """Month of the first step."""
    loaded: NDArray[np.bool_]
    """For each month from `first`, whether any source holds it: a missing month is missing, not zero."""
    groups: pl.DataFrame
    """Offence groups (GROUP_COLUMNS), in the order that `group` counts them."""
    cell: Cells
    """Cell of each row; UNLOCATED where there is no position."""
    member: NDArray[np.int32]
    """Position in the boundary set of each row; OUTSIDE where in none or where no set was asked for."""
    group: NDArray[np.int32]
    prefix: NDArray[np.int32]
    """Shape (months + 1, rows): incidents before each month; the last line holds the totals."""

    @cached_property
    def period(self) -> Period:
        """Return the months from the first to the last that the cube spans."""
        return Period(self.first, self.first + (len(self.loaded) - 1))

    def months_loaded(self, period: Period) -> tuple[Month, ...]:
        """Return the months of a period that the data has."""
        return tuple(
            month
            for month in period
            if 0 <= month.ordinal - self.first.ordinal < len(self.loaded)
            and self.loaded[month.ordinal - self.first.ordinal]
        )

    def window(self, period: Period) -> Ints:
        """Count the incidents of each row within a period; raise QueryError where no month is loaded."""
        if not self.months_loaded(period):
            raise QueryError(
                "No month of the period is loaded",
                found=str(period),
                do=f"The data has {month_words(self.months_loaded(self.period))} (see `geo-service versions`)",
                field="from",
            )
        last = len(self.loaded)
        start = min(max(period.first.ordinal - self.first.ordinal, 0), last)
        stop = min(max(period.last.ordinal - self.first.ordinal + 1, 0), last)
        counts: Ints = self.prefix[stop].astype(np.int64) - self.prefix[start]
        return counts
