"""Which cells are neighbours, which lie around a set, and which hang together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import polars_h3 as ph
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from geo_service.errors import FaultError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.cells import Cells, Ints

_FINEST: Final = 15
_RESOLUTION_BIT: Final = 52
_LARGEST_TABLE: Final = 2**25
"""Numbers, of eight bytes each: a county's cells lie within far fewer at resolution 10, within more at 12."""


def neighbours(cells: Cells, ring: int) -> tuple[Ints, Ints]:
    """Build the graph of cells within `ring` steps of each other, self left out, as compressed sparse rows.

    cells: distinct cells of one resolution, shape (n), in any order. Returns (indptr (n + 1), indices), int64,
    symmetric, ascending within each row. Raises FaultError where a cell is given twice or is none.
    """
    n = len(cells)
    row, other = _disks(cells, ring)
    column = _positions(cells, other)
    kept = np.flatnonzero((column >= 0) & (column != row))
    row, column = row[kept], column[kept]
    indptr = np.zeros(n + 1, dtype=np.int64)
    np.cumsum(np.bincount(row, minlength=n), out=indptr[1:])
    # One number for row and column sorts several times faster than two keys.
    return indptr, np.sort(row * np.int64(n) + column) % max(n, 1)


def _positions(cells: Cells, wanted: Cells) -> NDArray[np.int64]:
    """Return where each wanted cell stands among distinct cells of one resolution; -1 where it does not.

    Raises FaultError where a cell is given twice.
    """
    order = np.argsort(cells, kind="stable")
    ascending = cells[order]
    if (ascending[1:] == ascending[:-1]).any():
        raise FaultError("A cell is given twice", found=hex(int(ascending[:-1][ascending[1:] == ascending[:-1]][0])))
    if not len(cells):
        return np.full(len(wanted), -1, dtype=np.int64)
    # The last digits of a cell, three bits each, are unused and alike; without them near cells have near numbers, so
    # that a table of all numbers between fits in memory, and a look into it is faster than a search.
    unused = np.uint64(3 * (_FINEST - (int(cells[0]) >> _RESOLUTION_BIT & 0xF)))
    number, first = wanted >> unused, ascending[0] >> unused
    numbers = int((ascending[-1] >> unused) - first) + 1
    if numbers > _LARGEST_TABLE:
        place = np.minimum(np.searchsorted(ascending, wanted), len(cells) - 1)
        found: NDArray[np.int64] = np.where(ascending[place] == wanted, order[place], -1)
        return found
    table = np.full(numbers + 1, -1, dtype=np.int64)
    table[(ascending >> unused) - first] = order
    # What lies before the first wraps round to what lies far after the last: both look at the table's end.
    looked_up: NDArray[np.int64] = table[np.minimum(number - first, np.uint64(numbers))]
    return looked_up


def least_step_m(resolution: int) -> float:
    """Return a distance in metres that is shorter than any between the centres of adjoining cells in Great Britain."""
    # Of regular hexagons with the smallest area in Britain, at Newcastle, less a tenth because H3 stretches them.
    smallest_m2 = 12_900.0 * 7.0 ** (10 - resolution)
    return 0.9 * math.sqrt(2 * smallest_m2 / math.sqrt(3))


def halo(cells: Cells, ring: int) -> Cells:
    """Return the cells within `ring` steps of a set that are not in it, ascending."""
    # Step by step: what lies around each step can only be in it, in the one before it, or new. Whole disks of many
    # steps around every cell would fill the memory.
    before, step, found = cells, cells, [cells[:0]]
    for _ in range(ring):
        new = np.setdiff1d(_disks(step, 1)[1], np.concatenate([before, step]))
        before, step = step, new
        found.append(new)
    return np.sort(np.concatenate(found))


def _disks(cells: Cells, ring: int) -> tuple[Ints, Cells]:
    """Return (position of the cell, cell of its disk), the cell itself included."""
    frame = pl.DataFrame({"cell": pl.Series(cells, dtype=pl.UInt64)}).select(ph.grid_disk("cell", ring).alias("disk"))
    disk = frame["disk"]
    if disk.null_count():
        raise FaultError("Not an H3 cell", found=hex(int(cells[int(disk.is_null().arg_true()[0])])), field="cell")
    size = disk.list.len().to_numpy().astype(np.int64)
    row = np.repeat(np.arange(len(cells), dtype=np.int64), size)
    other = disk.explode().to_numpy().astype(np.uint64) if len(cells) else np.zeros(0, dtype=np.uint64)
    return row, other


def components(indptr: Ints, indices: Ints, chosen: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Label the contiguous groups of the chosen cells.

    indptr, indices: the graph of `neighbours` (n cells). chosen: (n). Returns int32 (n): -1 where not chosen,
    else the group's number, from 0 in the order of each group's first cell.
    """
    n = len(chosen)
    graph = csr_array((np.ones(len(indices), dtype=np.int8), indices, indptr), shape=(n, n))
    labels = np.full(n, -1, dtype=np.int32)
    kept = np.flatnonzero(chosen)
    if len(kept) == 0:
        return labels
    _, found = connected_components(graph[kept][:, kept], directed=False)
    _, first, inverse = np.unique(found, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    labels[kept] = rank[inverse]
    return labels
