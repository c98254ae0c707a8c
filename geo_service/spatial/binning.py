"""Incidents to a cube of prefix sums, batch by batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from geo_service.errors import FaultError
from geo_service.model.cells import OUTSIDE, Cube
from geo_service.model.incidents import CELL_COLUMNS, GROUP_COLUMNS, INCIDENT_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from geo_service.model.periods import Month

_ROW: Final = ("group", "cell", "member")
_COUNTED: Final = pl.Schema({"group": pl.Int32, "cell": pl.UInt64, "member": pl.Int32, "step": pl.Int32, "n": pl.Int64})
_COMPACT_ABOVE: Final = 2_000_000
"""Rows of partial counts that may wait before they are added up."""


class CubeBuilder:
    """Count incidents by offence group, cell, boundary member and month.

    Batches may come in any order and size: the cube is the same. Memory grows with the combinations that
    occur, not with the incidents.
    """

    def __init__(self, resolution: int, first: Month, months: int) -> None:
        """Open a cube of some months from `first`, cells at `resolution` (one of RESOLUTIONS)."""
        self._resolution = resolution
        self._first = first
        self._months = months
        self._groups = pl.DataFrame(schema={name: INCIDENT_SCHEMA[name] for name in GROUP_COLUMNS})
        self._parts: list[pl.DataFrame] = []
        self._waiting = 0

    def add(self, frame: pl.DataFrame, member: NDArray[np.int32] | None = None) -> None:
        """Count a batch.

        frame: GROUP_COLUMNS, `month` and the resolution's cell column (n rows). member: int32 (n), position in
        the boundary set; None counts all as OUTSIDE. Raises FaultError for a month that the cube does not span.
        """
        counted = (
            frame.select(
                *GROUP_COLUMNS,
                cell=pl.col(CELL_COLUMNS[self._resolution]),
                member=pl.lit(OUTSIDE, pl.Int32) if member is None else pl.Series(member, dtype=pl.Int32),
                step=pl.col("month") - self._first.ordinal,
            )
            .group_by(*GROUP_COLUMNS, "cell", "member", "step")
            .agg(n=pl.len().cast(pl.Int64))
        )
        self._refuse_other_months(counted)
        part = self._numbered(counted).select(_COUNTED.names()).cast(_COUNTED)
        self._parts.append(part)
        self._waiting += part.height
        if self._waiting > _COMPACT_ABOVE:
            self._compact()

    def build(self, loaded: Iterable[Month]) -> Cube:
        """Close the cube.

        loaded: months that any source holds; those beyond the cube are passed over. Rows are the distinct combinations,
        ascending by group, cell and member; groups ascend by GROUP_COLUMNS, null first.
        """
        counted = self._compact()
        number = self._groups.with_row_index("old").sort(GROUP_COLUMNS, nulls_last=False)
        rank = np.empty(number.height, dtype=np.int32)
        rank[number["old"].to_numpy()] = np.arange(number.height, dtype=np.int32)
        counted = counted.with_columns(group=pl.Series(rank[counted["group"].to_numpy()], dtype=pl.Int32))
        rows = counted.select(_ROW).unique().sort(_ROW)
        placed = counted.join(rows.with_row_index("at"), on=_ROW)
        prefix = np.zeros((self._months + 1, rows.height), dtype=np.int32)
        prefix[placed["step"].to_numpy() + 1, placed["at"].to_numpy()] = placed["n"].to_numpy()
        np.cumsum(prefix, axis=0, out=prefix)
        held = np.zeros(self._months, dtype=np.bool_)
        steps = np.array([month.ordinal - self._first.ordinal for month in loaded], dtype=np.int64)
        held[steps[(steps >= 0) & (steps < self._months)]] = True
        return Cube(
            resolution=self._resolution,
            first=self._first,
            loaded=held,
            groups=number.drop("old"),
            cell=rows["cell"].to_numpy(),
            member=rows["member"].to_numpy(),
            group=rows["group"].to_numpy(),
            prefix=prefix,
        )

    def _refuse_other_months(self, counted: pl.DataFrame) -> None:
        other = counted.filter(~pl.col("step").is_between(0, self._months - 1).fill_null(value=False))
        if other.height:
            step = other["step"][0]
            raise FaultError(
                "An incident lies outside the months of the cube",
                found="no month" if step is None else str(self._first + step),
                do=f"The cube spans {self._months} months from {self._first}",
                field="month",
            )

    def _numbered(self, counted: pl.DataFrame) -> pl.DataFrame:
        """Replace the group columns by a provisional number, new groups being appended."""
        seen = counted.select(GROUP_COLUMNS).unique()
        new = seen.join(self._groups, on=GROUP_COLUMNS, how="anti", nulls_equal=True)
        self._groups = pl.concat([self._groups, new.cast(self._groups.schema)])
        numbered = self._groups.with_row_index("group")
        return counted.join(numbered, on=GROUP_COLUMNS, how="left", nulls_equal=True)

    def _compact(self) -> pl.DataFrame:
        """Add the partial counts up into one table."""
        parts = pl.concat([pl.DataFrame(schema=_COUNTED), *self._parts])
        total = parts.group_by(*_ROW, "step").agg(pl.col("n").sum())
        self._parts = [total]
        # Counted from nought again: a cube of more combinations than the limit must not be added up with every batch.
        self._waiting = 0
        return total
