"""Read from the cube what a question looks at, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo_service.model.cells import UNLOCATED
from geo_service.model.hotspots import Observed

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
        cells = np.concatenate([self.table.cells, self.halo])
        inside = np.arange(len(cells)) < len(self.table.cells)
        value_inside, covered_m2 = np.zeros(len(cells)), np.zeros(len(cells))
        value_inside[inside] = self.inside(period, days)
        covered_m2[inside] = self.table.covered_m2
        return Observed(
            cells=cells,
            inside=inside,
            value=tally(self.cube, cells, period, self.groups, days=days),
            value_inside=value_inside,
            covered_m2=covered_m2,
            indptr=self.indptr,
            indices=self.indices,
        )

    def inside(self, period: Period, days: Floats | None = None) -> Floats:
        """Return counts, or harm, of the part of each cell that lies in the area (n area cells)."""
        return tally(self.cube, self.table.cells, period, self.groups, members=self.members, days=days)


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
