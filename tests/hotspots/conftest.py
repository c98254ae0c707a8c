"""Small worlds of H3 cells, built with scalar h3 calls alone."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING

import h3
import numpy as np
import polars as pl
import pyproj
import pytest
from scipy import sparse

from geo_service.model.cells import CellTable, Cube, DenseCounts
from geo_service.model.incidents import GROUP_COLUMNS, INCIDENT_SCHEMA
from geo_service.model.periods import Month
from geo_service.model.surfaces import Observed, Points

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Graph = tuple[NDArray[np.int64], NDArray[np.int64]]

CENTRE = (52.3, -1.94)
"""Latitude and longitude that the small worlds lie around."""


def _disk(steps: int, resolution: int = 10) -> NDArray[np.uint64]:
    centre = h3.latlng_to_cell(*CENTRE, resolution)
    return np.array(sorted(h3.str_to_int(cell) for cell in h3.grid_disk(centre, steps)), dtype=np.uint64)


def centres_m(cells: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return the centres in British National Grid metres."""
    lat, lon = zip(*(h3.cell_to_latlng(h3.int_to_str(cell)) for cell in cells), strict=True)
    east, north = pyproj.Transformer.from_crs(4326, 27700, always_xy=True).transform(lon, lat)
    return np.column_stack([east, north])


def _graph(cells: NDArray[np.uint64], ring: int = 1) -> Graph:
    position = {int(cell): at for at, cell in enumerate(cells)}
    indptr, indices = [0], []
    for cell in position:
        near = {h3.str_to_int(other) for other in h3.grid_disk(h3.int_to_str(cell), ring)} - {cell}
        indices += sorted(position[other] for other in near if other in position)
        indptr.append(len(indices))
    return np.array(indptr, dtype=np.int64), np.array(indices, dtype=np.int64)


@cache
def _laid(steps: int, ring: int) -> tuple[int, NDArray[np.uint64], Graph, NDArray[np.float64]]:
    """Return the number of cells of the area, those cells and then the halo's, their graph and their centres."""
    area = _disk(steps)
    cells = np.concatenate([area, np.setdiff1d(_disk(steps + ring), area)])
    return len(area), cells, _graph(cells, ring), centres_m(cells)


@pytest.fixture(scope="session")
def disk() -> Callable[..., NDArray[np.uint64]]:
    """Return a maker of the cells within some steps of one cell, ascending."""
    return _disk


@pytest.fixture(scope="session")
def graph() -> Callable[..., Graph]:
    """Return a maker of the neighbour graph of cells."""
    return _graph


@pytest.fixture(scope="session")
def observed() -> Callable[..., Observed]:
    """Return a maker of what a statistic sees: an area of `steps` around one cell, with a halo of `ring`.

    value: measure of each cell, or of each month and cell; area first, then halo. Without it, twelve months of counts
    with their incidents, known to the day, and residents.
    """

    def make(value: NDArray[np.float64] | None = None, *, steps: int = 4, ring: int = 1, seed: int = 1) -> Observed:
        area, cells, (indptr, indices), centres = _laid(steps, ring)
        inside = np.arange(len(cells)) < area
        drawn = value is None
        if value is None:
            rng = np.random.default_rng(seed)
            busy = rng.gamma(0.4, 1.5, len(cells))
            value = rng.poisson(busy, (12, len(cells))).astype(np.float64)
        by_month = np.atleast_2d(value)
        return Observed(
            cells=cells,
            inside=inside,
            covered_m2=np.where(inside, 13_600.0, 0.0),
            area_m2=np.full(len(cells), 13_600.0),
            east_north_m=centres,
            indptr=indptr,
            indices=indices,
            months=tuple(Month.parse("2025-01") + step for step in range(len(by_month))),
            by_month=sparse.csr_array(by_month),
            by_month_inside=sparse.csr_array(np.where(inside, by_month, 0.0)),
            value=by_month.sum(axis=0),
            value_inside=np.where(inside, by_month.sum(axis=0), 0.0),
            denominator=np.where(inside, np.arange(len(cells)) % 7 * 10.0, 0.0) if drawn else None,
            points=daily_points(by_month, centres, seed) if drawn else None,
        )

    return make


def daily_points(by_month: NDArray[np.float64], centres: NDArray[np.float64], seed: int) -> Points:
    """Draw the incidents behind counts by month and cell: a day of the month, and a place near the cell's centre."""
    rng = np.random.default_rng(seed)
    month, at = (np.repeat(index, by_month.astype(int).ravel()) for index in np.indices(by_month.shape).reshape(2, -1))
    start = np.array([(dt.date(2025 + step // 12, step % 12 + 1, 1) - dt.date(1970, 1, 1)).days for step in month])
    day = start + rng.integers(0, 28, len(at)).astype(np.float64)
    return Points(
        at=at,
        east_north_m=centres[at] + rng.uniform(-40, 40, (len(at), 2)),
        first_day=day,
        last_day=day + 1,
        value=np.ones(len(at)),
    )


@pytest.fixture(scope="session")
def cube() -> Callable[..., Cube]:
    """Return a maker of a cube from rows of (cell, member, group, counts by month)."""

    def make(rows: Sequence[tuple[int, int, int, Sequence[int]]], groups: int = 2, first: str = "2025-01") -> Cube:
        start = Month.parse(first).ordinal
        counts = np.array([row[3] for row in rows], dtype=np.int32).T.reshape(-1, len(rows))
        prefix = np.vstack([np.zeros((1, len(rows)), dtype=np.int32), np.cumsum(counts, axis=0, dtype=np.int32)])
        frame = pl.DataFrame(
            {"offence": [f"offence {group}" for group in range(groups)]},
        ).select(
            *(
                pl.col("offence") if name == "offence" else pl.lit(None, dtype=INCIDENT_SCHEMA[name]).alias(name)
                for name in GROUP_COLUMNS
            )
        )
        return Cube(
            resolution=10,
            steps=np.arange(start, start + len(counts), dtype=np.int32),
            held={"police_uk/somewhere": tuple(Month(start + step) for step in range(len(counts)))},
            groups=frame,
            cell=np.array([row[0] for row in rows], dtype=np.uint64),
            member=np.array([row[1] for row in rows], dtype=np.int32),
            group=np.array([row[2] for row in rows], dtype=np.int32),
            counts=DenseCounts(prefix),
        )

    return make


@pytest.fixture(scope="session")
def table() -> Callable[..., CellTable]:
    """Return a maker of a cell table that covers whole cells of one hectare and a half."""

    def make(cells: NDArray[np.uint64]) -> CellTable:
        return CellTable(10, cells, np.full(len(cells), 15_000.0), np.ones(len(cells)))

    return make
