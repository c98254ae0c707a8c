"""Contiguous zones hold what the best scattered cells hold: on months of a big-city force, next month's incidents."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
import pytest

from geo_service import spatial
from geo_service.hotspots import ZoneRules, best_zones, choose, surroundings

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FORCE_HA = 65_400.0
ORIGINS = (14, 17)
"""Months that are forecast from the twelve before: among those that the search was tuned on."""

pytestmark = pytest.mark.shared


class City(NamedTuple):
    """Hold the located incidents of 26 months."""

    month: NDArray[np.int64]
    category: pl.Series
    lon: Floats
    lat: Floats


@pytest.fixture(scope="module")
def city(shared: Path) -> City:
    parts = []
    with zipfile.ZipFile(shared / "police-uk/merseyside-2019-08-to-2021-09.zip") as archive:
        names = sorted(name for name in archive.namelist() if name.endswith("-street.csv"))
        for number, name in enumerate(names[: max(ORIGINS) + 1]):
            columns = ["Longitude", "Latitude", "Crime type"]
            part = pl.read_csv(io.BytesIO(archive.read(name)), columns=columns, infer_schema_length=None)
            parts.append(part.drop_nulls(["Longitude", "Latitude"]).with_columns(month=pl.lit(number)))
    rows = pl.concat(parts)
    return City(
        rows["month"].to_numpy().astype(np.int64),
        rows["Crime type"],
        rows["Longitude"].to_numpy(),
        rows["Latitude"].to_numpy(),
    )


@pytest.mark.parametrize("category", [None, "Burglary"])
def test_zones_of_fine_cells_capture_at_least_what_the_best_scattered_cells_do(
    city: City, category: str | None
) -> None:
    taken = np.ones(len(city.month), dtype=bool) if category is None else (city.category == category).to_numpy()
    month, lon, lat = city.month[taken], city.lon[taken], city.lat[taken]
    coarse, at_coarse = np.unique(spatial.index_cells(lon, lat, 10), return_inverse=True)
    indexed = spatial.index_cells(lon, lat, 11)
    fine = np.union1d(np.unique(indexed), spatial.halo(np.unique(indexed), 4))
    at_fine = np.searchsorted(fine, indexed)
    area_ha, coarse_m2 = spatial.cell_areas_m2(fine) / 1e4, spatial.cell_areas_m2(coarse)
    indptr, indices = spatial.neighbours(fine, 1)
    centres = np.column_stack(spatial.to_grid(*spatial.cell_centres(fine)))
    scattered, zoned = 0.0, 0.0
    for origin in ORIGINS:
        before, after = (month >= origin - 12) & (month < origin), month == origin
        score = np.bincount(at_coarse[before], minlength=len(coarse)).astype(float)
        best = choose(score, score, coarse_m2, coarse, 0.014 * FORCE_HA * 1e4 / float(coarse_m2.sum()))
        scattered += float(best[at_coarse[after]].sum())
        value = np.bincount(at_fine[before], minlength=len(fine)).astype(float)
        found = best_zones(
            surroundings(value, value, area_ha=area_ha, indptr=indptr, indices=indices),
            events=value, area_ha=area_ha, indptr=indptr, indices=indices, east_north_m=centres,
            budget_ha=float(coarse_m2[best].sum()) / 1e4, months=12, rules=ZoneRules(min_events_12_months=0),
        )  # fmt: skip
        cells = np.concatenate(found.zones)
        assert area_ha[cells].sum() <= coarse_m2[best].sum() / 1e4 * (1 + 1e-6)
        zoned += float(np.isin(np.arange(len(fine)), cells)[at_fine[after]].sum())
    assert zoned >= scattered
