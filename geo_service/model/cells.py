"""Cells as arrays, and the cube of counts that every question is answered from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from geo_service.errors import QueryError
from geo_service.model.periods import Month, Period, month_words

if TYPE_CHECKING:
    from collections.abc import Mapping

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


@dataclass(frozen=True, slots=True)
class DenseCounts:
    """Hold counts as prefix sums: any window of steps is one subtraction of two lines."""

    prefix: NDArray[np.int32]
    """Shape (steps + 1, rows): incidents before each step; the last line holds the totals."""

    def between(self, start: int, stop: int) -> Ints:
        """Count the incidents of each row from step `start` up to, without, `stop`."""
        counts: Ints = self.prefix[stop].astype(np.int64) - self.prefix[start]
        return counts

    def entries(self, start: int, stop: int) -> tuple[Ints, Ints, Ints]:
        """List (step, row, incidents) wherever there are any, from step `start` up to, without, `stop`."""
        # Step by step: the differences of all steps at once would take as much room as the cube.
        rows = [np.flatnonzero(self.prefix[step + 1] != self.prefix[step]) for step in range(start, stop)]
        steps = np.repeat(np.arange(start, stop), [len(each) for each in rows])
        row = np.concatenate(rows)
        counts = self.prefix[steps + 1, row].astype(np.int64) - self.prefix[steps, row]
        return steps, row, counts

    def chosen(self, rows: NDArray[np.int64]) -> DenseCounts:
        """Return the counts of some rows, given by their ascending numbers."""
        return DenseCounts(np.ascontiguousarray(self.prefix[:, rows]))


@dataclass(frozen=True, slots=True)
class SparseCounts:
    """Hold counts step by step, only where there are any: the answers of prefix sums in a fraction of their room."""

    rows: int
    """Rows of the cube."""
    starts: NDArray[np.int64]
    """Shape (steps + 1): where the entries of each step begin; the last is the number of entries."""
    row: NDArray[np.int32]
    """Row of each entry, ascending within a step."""
    count: NDArray[np.int32]
    """Incidents of that row in that step."""

    def between(self, start: int, stop: int) -> Ints:
        """Count the incidents of each row from step `start` up to, without, `stop`."""
        counts = np.zeros(self.rows, dtype=np.int64)
        for step in range(start, stop):
            entries = slice(self.starts[step], self.starts[step + 1])
            counts[self.row[entries]] += self.count[entries]
        return counts

    def entries(self, start: int, stop: int) -> tuple[Ints, Ints, Ints]:
        """List (step, row, incidents) wherever there are any, from step `start` up to, without, `stop`."""
        size = np.diff(self.starts[start : stop + 1])
        held = slice(self.starts[start], self.starts[stop])
        steps = np.repeat(np.arange(start, stop), size)
        return steps.astype(np.int64), self.row[held].astype(np.int64), self.count[held].astype(np.int64)

    def chosen(self, rows: NDArray[np.int64]) -> SparseCounts:
        """Return the counts of some rows, given by their ascending numbers."""
        place = np.full(self.rows, -1, dtype=np.int32)
        place[rows] = np.arange(len(rows), dtype=np.int32)
        kept = np.flatnonzero(place[self.row] >= 0)
        return SparseCounts(len(rows), np.searchsorted(kept, self.starts), place[self.row[kept]], self.count[kept])


Counts: TypeAlias = DenseCounts | SparseCounts


@dataclass(frozen=True)
class Cube:
    """Hold counts by cell, boundary member, offence group and month.

    A row is one combination that occurs. Only months that occur have a step: one false date of 1900 makes one step
    more, not fifteen hundred.
    """

    resolution: int
    steps: NDArray[np.int32]
    """Month.ordinal of each step, ascending."""
    held: Mapping[str, tuple[Month, ...]]
    """Months that each source holds, ascending; a source is a reader and a force, such as `police_uk/west-mercia`."""
    groups: pl.DataFrame
    """Offence groups (GROUP_COLUMNS), in the order that `group` counts them."""
    cell: Cells
    """Cell of each row; UNLOCATED where there is no position."""
    member: NDArray[np.int32]
    """Position in the boundary set of each row; OUTSIDE where in none or where no set was asked for."""
    group: NDArray[np.int32]
    counts: Counts

    @cached_property
    def loaded(self) -> tuple[Month, ...]:
        """Return the months that any source holds, ascending: a missing month is missing, not zero."""
        return tuple(sorted({month for months in self.held.values() for month in months}))

    @property
    def totals(self) -> Ints:
        """Return the incidents of each row in all months."""
        return self.counts.between(0, len(self.steps))

    def months_loaded(self, period: Period) -> tuple[Month, ...]:
        """Return the months of a period that any source has."""
        return tuple(month for month in self.loaded if period.first <= month <= period.last)

    def lacking(self, period: Period) -> Mapping[str, tuple[Month, ...]]:
        """Return, for each source, the months of a period that others hold and it does not; none are left out."""
        loaded = self.months_loaded(period)
        lacks = {source: tuple(sorted({*loaded} - {*months})) for source, months in sorted(self.held.items())}
        return {source: months for source, months in lacks.items() if months}

    def is_held_alike(self, month: Month, period: Period) -> bool:
        """Tell whether a month is held by every source that holds a month of a period, and by one at least."""
        asked = [months for months in self.held.values() if any(period.first <= each <= period.last for each in months)]
        return bool(asked) and all(month in months for months in asked)

    def window(self, period: Period) -> Ints:
        """Count the incidents of each row within a period; raise QueryError where no month is loaded."""
        return self.counts.between(*self._steps_of(period))

    def entries(self, period: Period) -> tuple[Ints, Ints, Ints]:
        """List (Month.ordinal, row, incidents) wherever there are any; raise QueryError where no month is loaded."""
        steps, rows, counts = self.counts.entries(*self._steps_of(period))
        return self.steps[steps].astype(np.int64), rows, counts

    def _steps_of(self, period: Period) -> tuple[int, int]:
        if not self.months_loaded(period):
            raise QueryError(
                "No month of the period is loaded",
                found=str(period),
                do=f"The data has {month_words(self.loaded)} (see `geo-service versions`)",
                field="from",
            )
        start = int(np.searchsorted(self.steps, period.first.ordinal))
        stop = int(np.searchsorted(self.steps, period.last.ordinal, side="right"))
        return start, stop

    def chosen(self, rows: NDArray[np.int64], member: NDArray[np.int32]) -> Cube:
        """Return some rows, given by their ascending numbers, with other members."""
        return replace(
            self, cell=self.cell[rows], member=member, group=self.group[rows], counts=self.counts.chosen(rows)
        )
