"""Hold contiguous zones against the best scattered cells of resolution 10, from origin to origin of 26 months.

`python benchmarks/zones_of_a_city.py ZIP [FIRST LAST]` prints, for the months FIRST to LAST that are forecast (20 to 26
by default, counted from 1), the share of their incidents that both capture on the same hectares. The zones' search was
tuned on months 13 to 19. No least number of events is asked of a zone here: of rare offences hardly a place has it.
"""

from __future__ import annotations

import io
import sys
import time
import zipfile
from typing import NamedTuple

import numpy as np
import polars as pl

from geo_service import spatial
from geo_service.hotspots import ZoneRules, best_zones, choose, surroundings

FORCE_HA = 65_400.0
OFFENCES = {
    "all": None, "violence": "Violence and sexual offences", "robbery": "Robbery", "burglary": "Burglary",
}  # fmt: skip
SHARES = (0.005, 0.014, 0.03)
RULES = ZoneRules(min_events_12_months=0)


class Grid(NamedTuple):
    """Hold the cells of one resolution around everything that happened."""

    cells: np.ndarray
    area_ha: np.ndarray
    indptr: np.ndarray
    indices: np.ndarray
    east_north_m: np.ndarray
    at: np.ndarray
    """Position of the cell of each incident."""


def read(path: str) -> pl.DataFrame:
    """Return the located incidents with the number of their month, from 1."""
    parts = []
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith("-street.csv"))
        for number, name in enumerate(names, start=1):
            columns = ["Longitude", "Latitude", "Crime type"]
            part = pl.read_csv(io.BytesIO(archive.read(name)), columns=columns, infer_schema_length=None)
            parts.append(part.drop_nulls(["Longitude", "Latitude"]).with_columns(month=pl.lit(number)))
    return pl.concat(parts)


def lay(rows: pl.DataFrame, resolution: int) -> Grid:
    """Lay the cells with incidents and some around them."""
    found = spatial.index_cells(rows["Longitude"].to_numpy(), rows["Latitude"].to_numpy(), resolution)
    occupied = np.unique(found)
    cells = np.union1d(occupied, spatial.halo(occupied, 5))
    centres = np.column_stack(spatial.to_grid(*spatial.cell_centres(cells)))
    area_ha = spatial.cell_areas_m2(cells) / 1e4
    return Grid(cells, area_ha, *spatial.neighbours(cells, 1), centres, np.searchsorted(cells, found))


def zones(grid: Grid, value: np.ndarray, budget_ha: float) -> np.ndarray:
    """Return the cells of the best zones."""
    found = best_zones(
        surroundings(value, value, area_ha=grid.area_ha, indptr=grid.indptr, indices=grid.indices),
        events=value, area_ha=grid.area_ha, indptr=grid.indptr, indices=grid.indices, east_north_m=grid.east_north_m,
        budget_ha=budget_ha, months=12, rules=RULES,
    )  # fmt: skip
    return np.concatenate(found.zones)


def main() -> None:
    """Print the table."""
    first, last = (int(word) for word in sys.argv[2:4]) if len(sys.argv) > 3 else (20, 26)  # noqa: PLR2004
    rows = read(sys.argv[1])
    month = rows["month"].to_numpy()
    grids = {resolution: lay(rows, resolution) for resolution in (10, 11)}
    print(f"months {first} to {last}; share of the month's incidents captured, and seconds for one search")
    for name, category in OFFENCES.items():
        of_set = np.ones(len(month), bool) if category is None else (rows["Crime type"] == category).to_numpy()
        for share in SHARES:
            captured: dict[str, list[float]] = {"scattered": [], "zones 10": [], "zones 11": []}
            took = []
            for origin in range(first, last + 1):
                before, after = of_set & (month >= origin - 12) & (month < origin), of_set & (month == origin)
                coarse = grids[10]
                score = np.bincount(coarse.at[before], minlength=len(coarse.cells)).astype(float)
                of_cells = share * FORCE_HA / float(coarse.area_ha.sum())
                best = choose(score, score, coarse.area_ha * 1e4, coarse.cells, of_cells)
                captured["scattered"].append(best[coarse.at[after]].mean())
                for resolution, grid in grids.items():
                    value = np.bincount(grid.at[before], minlength=len(grid.cells)).astype(float)
                    started = time.process_time()
                    chosen = np.isin(np.arange(len(grid.cells)), zones(grid, value, float(coarse.area_ha[best].sum())))
                    took.append(time.process_time() - started)
                    captured[f"zones {resolution}"].append(chosen[grid.at[after]].mean())
            means = {said: float(np.mean(shares)) for said, shares in captured.items()}
            print(
                f"{name:9s} {share:6.1%}  " + "  ".join(f"{said} {held:6.1%}" for said, held in means.items())
                + f"  of scattered {means['zones 10'] / means['scattered']:.2f} and"
                f" {means['zones 11'] / means['scattered']:.2f}  {np.mean(took):.2f} s"
            )  # fmt: skip


if __name__ == "__main__":
    main()
