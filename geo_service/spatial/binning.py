"""Incidents to a cube of counts, batch by batch, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import numpy as np
import polars as pl

from geo_service.errors import FaultError
from geo_service.model.cells import OUTSIDE, Cube, DenseCounts, SparseCounts
from geo_service.model.incidents import CELL_COLUMNS, GROUP_COLUMNS, INCIDENT_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from geo_service.model.cells import Cells, Counts, Ints
    from geo_service.model.periods import Month

_Value = TypeVar("_Value", bound=np.generic)

DENSE_BYTES: Final = 1024**3
"""Most bytes of a cube of prefix sums (4 for each row and step, and a line of zeros); a larger cube is kept sparse."""
RUN_SCHEMA: Final = pl.Schema(
    {"cell": pl.UInt64, "group": pl.Int32, "member": pl.Int32, "month": pl.Int32, "n": pl.Int32}
)
"""Partial counts: incidents of a cell, group (numbered as it first came), member and month."""
_KEY: Final = ("cell", "group", "member", "month")
_SET_ASIDE_ABOVE: Final = 1_000_000
"""Rows of partial counts that may wait in memory before they are set aside as a run."""
_MERGED_AT_ONCE: Final = 1_000_000
"""About how many rows of all runs are added up at once; the rows of one cell stay together."""
_SAMPLED: Final = 1_000
"""One of so many cells of a run is remembered, to cut all runs at the same cells."""


class Run(Protocol):
    """Be partial counts that were set aside, ascending by cell."""

    def places(self, cells: Cells) -> Ints:
        """Return the number of rows before the first row of each cell."""

    def read(self, start: int, stop: int) -> pl.DataFrame:
        """Return some rows (RUN_SCHEMA)."""


@dataclass(frozen=True, slots=True)
class MemoryRun:
    """Keep partial counts where they are."""

    frame: pl.DataFrame

    def places(self, cells: Cells) -> Ints:
        """Return the number of rows before the first row of each cell."""
        return np.searchsorted(self.frame["cell"].to_numpy(), cells)

    def read(self, start: int, stop: int) -> pl.DataFrame:
        """Return some rows."""
        return self.frame[start:stop]


@dataclass(frozen=True, slots=True)
class CubePart:
    """Hold some rows of a cube, those of a range of cells, and their entries: the months in which they count any."""

    cell: Cells
    member: NDArray[np.int32]
    group: NDArray[np.int32]
    row: NDArray[np.int32]
    """Row of each entry within this part, ascending."""
    month: NDArray[np.int32]
    """Month.ordinal of each entry, ascending within a row."""
    count: NDArray[np.int32]
    """Incidents of each entry, at least 1."""


class CubeBuilder:
    """Count incidents by offence group, cell, boundary member and month.

    Batches may come in any order and size: the cube is the same. Memory holds some million rows of partial counts;
    the rest is set aside in sorted runs, which are merged range of cells by range of cells at the end.
    """

    def __init__(self, resolution: int, set_aside: Callable[[pl.DataFrame], Run] = MemoryRun) -> None:
        """Open a cube with cells at `resolution` (one of RESOLUTIONS); `set_aside` keeps a run outside of memory."""
        self._resolution = resolution
        self._set_aside = set_aside
        self._groups = pl.DataFrame(schema={name: INCIDENT_SCHEMA[name] for name in GROUP_COLUMNS})
        self._parts: list[pl.DataFrame] = []
        self._waiting = 0
        self._runs: list[Run] = []
        self._samples: list[NDArray[np.uint64]] = []
        self._rows = 0

    def add(self, frame: pl.DataFrame, member: NDArray[np.int32] | None = None) -> None:
        """Count a batch.

        frame: GROUP_COLUMNS, `month` and the resolution's cell column (n rows). member: int32 (n), position in
        the boundary set; None counts all as OUTSIDE. Raises FaultError for an incident without a month.
        """
        if frame["month"].null_count():
            raise FaultError("An incident has no month", field="month")
        part = (
            self._numbered(frame)
            .select(
                cell=pl.col(CELL_COLUMNS[self._resolution]),
                group=pl.col("group").cast(pl.Int32),
                member=pl.lit(OUTSIDE, pl.Int32) if member is None else pl.Series(member, dtype=pl.Int32),
                month=pl.col("month"),
            )
            .group_by(_KEY)
            .agg(n=pl.len().cast(pl.Int32))
            .cast(RUN_SCHEMA)
        )
        self._parts.append(part)
        self._waiting += part.height
        if self._waiting > _SET_ASIDE_ABOVE:
            self._finish_run()

    @property
    def groups(self) -> pl.DataFrame:
        """Return the offence groups that came (GROUP_COLUMNS), ascending, null first."""
        return self._groups.sort(GROUP_COLUMNS, nulls_last=False)

    def parts(self) -> Iterator[CubePart]:
        """Close the cube: yield its rows, ascending by cell, group and member, each combination once.

        `group` counts the rows of `groups`. Memory holds about _MERGED_AT_ONCE rows of partial counts.
        """
        self._finish_run()
        rank = self._ranks()
        for low, high in pairwise(self._cuts()):
            ends = [run.places(np.array([low, high], dtype=np.uint64)).tolist() for run in self._runs]
            frames = [run.read(*between) for run, between in zip(self._runs, ends, strict=True)]
            counted = pl.concat([RUN_SCHEMA.to_frame(), *frames])
            if counted.height:
                yield _part(counted.with_columns(group=pl.Series(rank[counted["group"].to_numpy()], dtype=pl.Int32)))

    def build(self, held: Mapping[str, Iterable[Month]], dense_bytes: int = DENSE_BYTES) -> Cube:
        """Close the cube in memory: prefix sums where they fit into `dense_bytes`, sparse otherwise.

        held: months that each source holds; a step is made of each month that has incidents.
        """
        parts = list(self.parts())
        before = np.cumsum([0, *(len(part.cell) for part in parts)])
        row, month, count = (
            _joined([getattr(part, name) for part in parts], np.int32) for name in ("row", "month", "count")
        )
        row += np.repeat(before[:-1], [len(part.row) for part in parts]).astype(np.int32)
        steps, step = np.unique(month, return_inverse=True)
        return Cube(
            resolution=self._resolution,
            steps=steps,
            held={source: tuple(months) for source, months in held.items()},
            groups=self.groups,
            cell=_joined([part.cell for part in parts], np.uint64),
            member=_joined([part.member for part in parts], np.int32),
            group=_joined([part.group for part in parts], np.int32),
            counts=_counts(int(before[-1]), len(steps), row, step, count, dense_bytes),
        )

    def _numbered(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Add a provisional group number, new groups being appended."""
        seen = frame.select(GROUP_COLUMNS).unique()
        new = seen.join(self._groups, on=GROUP_COLUMNS, how="anti", nulls_equal=True)
        # Copied value by value: text that is merely cut out of a batch keeps all text of the batch in memory.
        copied = pl.DataFrame(new.to_dict(as_series=False), schema=self._groups.schema)
        self._groups = pl.concat([self._groups, copied])
        numbered = self._groups.with_row_index("group")
        return frame.join(numbered, on=GROUP_COLUMNS, how="left", nulls_equal=True, maintain_order="left")

    def _ranks(self) -> NDArray[np.int32]:
        """Return the final number of each provisional one."""
        old = self._groups.with_row_index("old").sort(GROUP_COLUMNS, nulls_last=False)["old"].to_numpy()
        rank = np.empty(len(old), dtype=np.int32)
        rank[old] = np.arange(len(old), dtype=np.int32)
        return rank

    def _finish_run(self) -> None:
        """Set the waiting partial counts aside."""
        if not self._parts:
            return
        run = pl.concat(self._parts).sort("cell")
        self._parts, self._waiting = [], 0
        self._samples.append(run["cell"].gather_every(_SAMPLED).to_numpy())
        self._rows += run.height
        self._runs.append(self._set_aside(run))

    def _cuts(self) -> list[int]:
        """Return cells that cut the runs into ranges of about _MERGED_AT_ONCE rows; the first is 0, the last beyond."""
        known = np.sort(np.concatenate([np.empty(0, dtype=np.uint64), *self._samples]))
        pieces = max(-(-self._rows // _MERGED_AT_ONCE), 1)
        inner = known[np.linspace(0, len(known), pieces + 1).astype(np.int64)[1:-1]]
        return [0, *np.unique(inner).tolist(), int(np.iinfo(np.uint64).max)]


def dense_fits(rows: int, steps: int, dense_bytes: int = DENSE_BYTES) -> bool:
    """Tell whether the prefix sums of so many rows and steps fit into a number of bytes."""
    return (steps + 1) * rows * np.dtype(np.int32).itemsize <= dense_bytes


def prefix_sums(
    rows: int, steps: int, row: NDArray[np.int32], step: Ints, count: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Return prefix sums over the steps, shape (steps + 1, rows), of entries that name each row and step once."""
    prefix = np.zeros((steps + 1, rows), dtype=np.int32)
    prefix[step + 1, row] = count
    np.cumsum(prefix, axis=0, out=prefix)
    return prefix


def _counts(  # noqa: PLR0913, PLR0917 - a table of entries has these parts
    rows: int, steps: int, row: NDArray[np.int32], step: Ints, count: NDArray[np.int32], dense_bytes: int
) -> Counts:
    if dense_fits(rows, steps, dense_bytes):
        return DenseCounts(prefix_sums(rows, steps, row, step, count))
    order = np.argsort(step, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(step, minlength=steps))]).astype(np.int64)
    return SparseCounts(rows, starts, row[order], count[order])


def _part(counted: pl.DataFrame) -> CubePart:
    """Add up the partial counts of a range of cells and number its rows."""
    ordered = counted.sort(_KEY)
    cell, group, member, month = (ordered[name].to_numpy() for name in _KEY)
    new_row = _differs(cell) | _differs(group) | _differs(member)
    entry = np.flatnonzero(new_row | _differs(month))
    row = (np.cumsum(new_row) - 1).astype(np.int32)
    count = np.add.reduceat(ordered["n"].to_numpy(), entry)
    return CubePart(cell[new_row], member[new_row], group[new_row], row[entry], month[entry], count)


def _differs(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Tell which values are not those before them; the first is not."""
    found = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=found[1:])
    return found


def _joined(arrays: list[NDArray[_Value]], dtype: type[_Value]) -> NDArray[_Value]:
    return np.concatenate([np.empty(0, dtype=dtype), *arrays])
