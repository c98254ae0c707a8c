"""Which columns, months and cells of the incident files are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import polars as pl

from geo_service.errors import QueryError
from geo_service.model.incidents import CELL_COLUMNS
from geo_service.store.columns import STORED_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.cells import Cells
    from geo_service.model.periods import Period


@dataclass(frozen=True, slots=True)
class Selection:
    """Choose row groups by their statistics, then rows by their values."""

    columns: tuple[str, ...]
    period: Period | None
    cells: Cells | None
    """Ascending."""
    cell_column: str

    @classmethod
    def of(cls, columns: Sequence[str], period: Period | None, cells: Cells | None, resolution: int) -> Self:
        """Check a question; raise QueryError for an unknown column or resolution."""
        for name in columns:
            if name not in STORED_SCHEMA:
                raise QueryError(
                    "No such column of incidents",
                    found=name,
                    do=f"Use some of {', '.join(STORED_SCHEMA)}",
                    field="columns",
                )
        wanted = None if cells is None else np.unique(np.asarray(cells, dtype=np.uint64))
        return cls(tuple(columns), period, wanted, cell_column(resolution))

    @property
    def needed(self) -> tuple[str, ...]:
        """Return the columns to read: those asked for and those that decide."""
        deciding = [
            name for name, asked in (("month", self.period), (self.cell_column, self.cells)) if asked is not None
        ]
        return tuple(dict.fromkeys((*self.columns, *deciding)))

    def empty(self) -> pl.DataFrame:
        """Return the answer without rows."""
        return pl.DataFrame(schema={name: STORED_SCHEMA[name] for name in self.columns})

    def may_hold(self, first_month: int | None, last_month: int | None) -> bool:
        """Return whether a file with incidents of these months (Month.ordinal) may hold what is asked for."""
        if first_month is None or last_month is None:
            return False
        if self.cells is not None and not len(self.cells):
            return False
        return self.period is None or (
            first_month <= self.period.last.ordinal and last_month >= self.period.first.ordinal
        )

    def row_groups(self, described: Any) -> list[int]:  # noqa: ANN401 - pyarrow has no types
        """Return the row groups of a Parquet footer that may hold what is asked for."""
        place = {described.schema.column(i).name: i for i in range(described.num_columns)}
        return [
            number
            for number in range(described.num_row_groups)
            if self._may_hold_group(described.row_group(number), place)
        ]

    def rows(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows and columns asked for."""
        if self.period is not None:
            frame = frame.filter(pl.col("month").is_between(self.period.first.ordinal, self.period.last.ordinal))
        if self.cells is not None:
            frame = frame.filter(pl.col(self.cell_column).is_in(pl.Series(self.cells).implode()))
        return frame.select(pl.col(name).cast(STORED_SCHEMA[name]) for name in self.columns)

    def _may_hold_group(self, group: Any, place: dict[str, int]) -> bool:  # noqa: ANN401 - pyarrow has no types
        if self.period is not None:
            span = group.column(place["month"]).statistics
            if not self.may_hold(span.min, span.max):
                return False
        if self.cells is not None:
            span = group.column(place[self.cell_column]).statistics
            first = int(np.searchsorted(self.cells, np.uint64(span.min)))
            return first < len(self.cells) and bool(self.cells[first] <= np.uint64(span.max))
        return True


def cell_column(resolution: int) -> str:
    """Return the column that holds the cells of a resolution; raise QueryError for an unknown one."""
    if resolution not in CELL_COLUMNS:
        raise QueryError(
            "Unknown resolution",
            found=resolution,
            do=f"Use one of {', '.join(map(str, CELL_COLUMNS))}",
            field="resolution",
        )
    return CELL_COLUMNS[resolution]
