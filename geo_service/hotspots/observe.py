"""Read from the cube what a question looks at, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from geo_service.model.cells import UNLOCATED
from geo_service.model.surfaces import Observed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.cells import Cells, CellTable, Cube, Floats
    from geo_service.model.periods import Period

    Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Observer:
    """Look at the cells of one area and a halo around them, over any period."""

    cube: Cube
    """Split by the members of the area's boundary set."""
    table: CellTable
    """Cells of the area."""
    halo: Cells
    """Cells around the area, none of them in the table."""
    area_m2: Floats
    """Square metres of the table's cells and then of the halo's (n)."""
    east_north_m: Floats
    """Centres of the same cells, EPSG:27700 (n, 2)."""
    indptr: NDArray[np.int64]
    indices: NDArray[np.int64]
    """Neighbour graph over the table's cells and then the halo's, each cell itself left out."""
    members: NDArray[np.int32]
    """Members of the boundary set that make the area."""
    groups: Flags
    """Offence groups that the offence set takes."""

    def __call__(self, period: Period, days: Floats | None = None) -> Observed:
        """Return what a statistic looks at: counts, or harm by the days of each offence group.

        Raises QueryError where no month of the period is loaded.
        """
        cells, months = self.cells, self.cube.months_loaded(period)
        inside = np.arange(len(cells)) < len(self.table.cells)
        covered_m2 = np.zeros(len(cells))
        covered_m2[inside] = self.table.covered_m2
        by_month = tally_by_month(self.cube, cells, period, self.groups, days=days)
        kept = sparse.dia_array((inside[None, :].astype(np.float64), [0]), shape=(len(cells), len(cells)))
        of_members = tally_by_month(self.cube, cells, period, self.groups, members=self.members, days=days)
        by_month_inside = (of_members @ kept).tocsr()
        return Observed(
            cells=cells,
            inside=inside,
            covered_m2=covered_m2,
            area_m2=self.area_m2,
            east_north_m=self.east_north_m,
            indptr=self.indptr,
            indices=self.indices,
            months=months,
            by_month=by_month,
            by_month_inside=by_month_inside,
            value=by_month.sum(axis=0),
            value_inside=by_month_inside.sum(axis=0),
        )

    @property
    def cells(self) -> Cells:
        """Return the cells of the area and then the halo's (n)."""
        return np.concatenate([self.table.cells, self.halo])

    def inside(self, period: Period, days: Floats | None = None) -> Floats:
        """Return counts, or harm, of the part of each cell that lies in the area (n area cells)."""
        return tally(self.cube, self.table.cells, period, self.groups, members=self.members, days=days)


def tally_by_month(  # noqa: PLR0913 - a question about a cube has these parts
    cube: Cube,
    cells: Cells,
    period: Period,
    groups: Flags,
    *,
    members: NDArray[np.int32] | None = None,
    days: Floats | None = None,
) -> sparse.csr_array:
    """Sum incidents, or their harm, by month and cell.

    As `tally`, with one row for each loaded month of the period: shape (months, n).
    """
    months = [month.ordinal for month in cube.months_loaded(period)]
    month, row, amount = cube.entries(period)
    wanted = groups[cube.group] & (cube.cell != UNLOCATED)
    if members is not None:
        wanted &= np.isin(cube.member, members)
    # A step may be of a month that no source holds: a false old date.
    taken = np.flatnonzero(wanted[row] & np.isin(month, months))
    at = _positions(cube.cell[row[taken]], cells)
    taken, at = taken[at >= 0], at[at >= 0]
    weight = amount[taken].astype(np.float64)
    if days is not None:
        weight *= days[cube.group[row[taken]]]
    entries = (weight, (np.searchsorted(months, month[taken]), at))
    return sparse.coo_array(entries, shape=(len(months), len(cells))).tocsr()


def _positions(wanted: Cells, cells: Cells) -> NDArray[np.int64]:
    """Return where each wanted cell stands among distinct cells in any order; -1 where it does not."""
    if not len(cells):
        return np.full(len(wanted), -1, dtype=np.int64)
    order = np.argsort(cells)
    at = np.minimum(np.searchsorted(cells, wanted, sorter=order), len(cells) - 1)
    found: NDArray[np.int64] = np.where(cells[order[at]] == wanted, order[at], -1)
    return found


def tally(  # noqa: PLR0913 - a question about a cube has these parts
    cube: Cube,
    cells: Cells,
    period: Period,
    groups: Flags,
    *,
    members: NDArray[np.int32] | None = None,
    days: Floats | None = None,
) -> Floats:
    """Sum incidents, or their harm, by cell.

    cells: distinct, in any order (n). groups: flag of each offence group. members: those that count; None takes all,
    and what lies in no member too. days: weight of each group; None counts. Returns one sum for each cell (n). Raises
    QueryError where no month of the period is loaded.
    """
    amount = cube.window(period)
    totals = np.zeros(len(cells))
    if not len(cells):
        return totals
    wanted = groups[cube.group] & (cube.cell != UNLOCATED) & (amount != 0)
    if members is not None:
        wanted &= np.isin(cube.member, members)
    rows = np.flatnonzero(wanted)
    order = np.argsort(cells)
    ranked = cells[order]
    at = np.minimum(np.searchsorted(ranked, cube.cell[rows]), len(cells) - 1)
    found = ranked[at] == cube.cell[rows]
    rows, at = rows[found], at[found]
    weight = amount[rows].astype(np.float64)
    if days is not None:
        weight *= days[cube.group[rows]]
    totals[order] = np.bincount(at, weights=weight, minlength=len(cells))
    return totals
