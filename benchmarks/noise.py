"""`python -m benchmarks.noise`: how often tests of hotspots raise a false alarm where there is nothing but chance."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING

import h3
import numpy as np
from scipy import sparse

from geo_service import hotspots, spatial
from geo_service.model.periods import Month
from geo_service.model.surfaces import Observed, Tuning

if TYPE_CHECKING:
    from collections.abc import Sequence

SEED, RUNS, PERMUTATIONS, LEVEL = 1, 1_000, 999, 0.05
MEANS = (0.05, 0.2, 0.5, 1.0, 3.0, 10.0, 30.0)
"""Incidents that a cell has on average."""
STEPS, RING = 10, 1
"""The area is a disk of so many steps."""


@dataclass(frozen=True, slots=True)
class Alarms:
    """Count false alarms, as shares."""

    at_one_cell: float
    """Of the runs, in which p of the cell in the middle is 5 % or less."""
    of_cells: float
    """Of all cells of all runs."""
    any_discovery: float
    """Of the runs, in which q of any cell is 5 % or less."""


def world() -> Observed:
    """Return an area of hexagons with its halo, and nothing in it."""
    centre = h3.latlng_to_cell(52.3, -1.94, 10)
    area = np.array(sorted(h3.str_to_int(cell) for cell in h3.grid_disk(centre, STEPS)), dtype=np.uint64)
    cells = np.concatenate([area, spatial.halo(area, RING)])
    indptr, indices = spatial.neighbours(cells, RING)
    n, inside = len(cells), np.arange(len(cells)) < len(area)
    nothing, none = np.zeros(n), sparse.csr_array((1, n))
    return Observed(
        cells=cells, inside=inside, covered_m2=np.where(inside, 13_600.0, 0.0), area_m2=np.full(n, 13_600.0),
        east_north_m=np.column_stack(spatial.to_grid(*spatial.cell_centres(cells))), indptr=indptr, indices=indices,
        months=(Month.parse("2025-06"),), by_month=none, by_month_inside=none, value=nothing, value_inside=nothing,
    )  # fmt: skip


def with_counts(empty: Observed, counts: np.ndarray) -> Observed:
    """Put counts into an empty world."""
    return Observed(
        cells=empty.cells, inside=empty.inside, covered_m2=empty.covered_m2, area_m2=empty.area_m2,
        east_north_m=empty.east_north_m, indptr=empty.indptr, indices=empty.indices, months=empty.months,
        by_month=sparse.csr_array(counts[None]), by_month_inside=sparse.csr_array((counts * empty.inside)[None]),
        value=counts, value_inside=counts * empty.inside,
    )  # fmt: skip


def alarms(statistic: str, mean: float, *, runs: int, permutations: int, seed: int = SEED) -> Alarms:
    """Draw Poisson counts over and over and test every cell each time."""
    empty, rng = world(), np.random.default_rng(seed)
    member = hotspots.statistics()[statistic]
    middle = int(np.hypot(*(empty.east_north_m - empty.east_north_m[empty.inside].mean(axis=0)).T).argmin())
    at_one, share, discovered = 0, 0.0, 0
    for run in range(runs):
        counts = rng.poisson(mean, len(empty.cells)).astype(np.float64)
        surface = member.surface(with_counts(empty, counts), Tuning(ring=RING, permutations=permutations, seed=run))
        if surface.p is None or surface.q is None:
            msg = f"{statistic} tests nothing"
            raise ValueError(msg)
        at_one += bool(surface.p[middle] <= LEVEL)
        share += float((surface.p <= LEVEL).mean())
        discovered += bool((surface.q <= LEVEL).any())
    return Alarms(at_one / runs, share / runs, discovered / runs)


def table(tests: Sequence[tuple[str, int]], means: Sequence[float], runs: int) -> None:
    """Print one line for each test and mean."""
    print(f"{runs:,} runs each of Poisson counts in {int(world().inside.sum())} cells, ring {RING}, level {LEVEL:.0%}")
    print(f"{'test':<32} {'mean':>6} {'one cell':>9} {'all cells':>10} {'any, FDR':>9}")
    for statistic, permutations in tests:
        name = f"{statistic}, {permutations} permutations" if permutations else f"{statistic}, analytical"
        for mean in means:
            found = alarms(statistic, mean, runs=runs, permutations=permutations)
            print(
                f"{name:<32} {mean:>6g} {found.at_one_cell:>9.1%} {found.of_cells:>10.2%} {found.any_discovery:>9.1%}",
                flush=True,
            )


def main() -> None:
    """Run every test on every mean."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.noise")
    asked.add_argument("--runs", type=int, default=RUNS)
    options = asked.parse_args()
    tests = [(name, draws) for name in ("gi_star", "local_moran") for draws in (0, PERMUTATIONS)]
    table(tests, MEANS, options.runs)


if __name__ == "__main__":
    main()
