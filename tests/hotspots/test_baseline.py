"""The baseline that comes with the real data: what last year's best cells hold of next month."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import h3
import numpy as np
import polars as pl
import pytest

from geo_service.hotspots import choose, held
from geo_service.model.periods import Month, Period

if TYPE_CHECKING:
    from pathlib import Path

FORCE_M2 = 654e6
"""Area of the force as the baseline was measured."""
MONTHS_BEFORE = 12

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def located(shared: Path) -> pl.DataFrame:
    """Return cell, month number and category of each located incident of 26 months."""
    parts = []
    with zipfile.ZipFile(shared / "police-uk/merseyside-2019-08-to-2021-09.zip") as archive:
        names = sorted(name for name in archive.namelist() if name.endswith("-street.csv"))
        for number, name in enumerate(names):
            part = pl.read_csv(
                io.BytesIO(archive.read(name)),
                columns=["Longitude", "Latitude", "Crime type"],
                infer_schema_length=None,
            )
            parts.append(part.drop_nulls(["Longitude", "Latitude"]).with_columns(month=pl.lit(number)))
    incidents = pl.concat(parts)
    points = incidents.select("Latitude", "Longitude").unique()
    cell = [h3.str_to_int(h3.latlng_to_cell(lat, lon, 10)) for lat, lon in points.rows()]
    return incidents.join(points.with_columns(pl.Series("cell", cell, dtype=pl.UInt64)), on=["Latitude", "Longitude"])


@pytest.mark.parametrize(
    ("category", "share", "captured", "in_hindsight"),
    [
        (None, 0.014, 0.284, 0.374),
        (None, 0.005, 0.153, None),
        ("Violence and sexual offences", 0.014, 0.269, 0.480),
        ("Violence and sexual offences", 0.005, 0.139, None),
        ("Robbery", 0.014, 0.321, 1.0),
        ("Burglary", 0.014, 0.225, 1.0),
    ],
)
def test_last_years_best_cells_capture_as_much_of_next_month_as_the_baseline_says(
    located: pl.DataFrame, category: str | None, share: float, captured: float, in_hindsight: float | None
) -> None:
    taken = located if category is None else located.filter(pl.col("Crime type") == category)
    cells = np.sort(taken["cell"].unique().to_numpy())
    at = np.searchsorted(cells, taken["cell"].to_numpy())
    counts = np.zeros((26, len(cells)))
    np.add.at(counts, (taken["month"].to_numpy(), at), 1)
    area_m2 = np.array([h3.cell_area(h3.int_to_str(int(cell)), unit="m^2") for cell in cells])
    # `choose` takes a share of the cells it is given; the baseline's share is of the whole force.
    of_cells = min(1.0, share * FORCE_M2 / area_m2.sum())
    shares, best = [], []
    for month in range(MONTHS_BEFORE, 26):
        before, after = counts[month - MONTHS_BEFORE : month].sum(axis=0), counts[month]
        period = Period(Month(month), Month(month))
        chosen = choose(before, before, area_m2, cells, of_cells)
        shares.append(held(chosen, period=period, events=after, covered_m2=area_m2).events_share)
        hindsight = choose(after, after, area_m2, cells, of_cells)
        best.append(held(hindsight, period=period, events=after, covered_m2=area_m2).events_share)
    assert len(shares) == 14
    assert np.mean(shares) == pytest.approx(captured, abs=0.005)
    if in_hindsight is not None:
        assert np.mean(best) == pytest.approx(in_hindsight, abs=0.005)
