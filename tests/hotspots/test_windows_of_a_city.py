"""On real minutes: windows that were chosen on one year hold more than an even week in the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from geo_service import spatial
from geo_service.hotspots.week.moments import find_defaults, read_spans
from geo_service.hotspots.week.profiles import Profiles, spread
from geo_service.hotspots.week.windows import best_windows

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.hotspots.week.moments import Spans

FIT, NEXT = 2017, 2018


@pytest.fixture(scope="module")
def assaults(shared: Path) -> pl.DataFrame:
    path = shared / "chicago/aggravated-assaults-2010-2019.csv.gz"
    rows = pl.read_csv(path, columns=["date", "longitude", "latitude"])
    return rows.with_columns(pl.col("date").str.to_datetime("%Y-%m-%d %H:%M", time_unit="us")).filter(
        pl.col("date").dt.year().is_in([FIT, NEXT])
    )


def placed(rows: pl.DataFrame) -> Spans:
    none = pl.Series([None] * rows.height, dtype=pl.Datetime("us"))
    return read_spans(rows["date"], none, zone="America/Chicago")


def profiles_of(rows: pl.DataFrame, group: np.ndarray, groups: int) -> tuple[Profiles, Profiles]:
    spans, year = placed(rows), rows["date"].dt.year().to_numpy()
    one, other = (
        spread(spans, group=np.where(year == each, group, -1), groups=groups, step_min=15) for each in (FIT, NEXT)
    )
    return one, other


@pytest.mark.shared
def test_a_profile_is_that_of_a_plain_count(assaults: pl.DataFrame) -> None:
    counted = assaults.group_by(day=pl.col("date").dt.weekday(), hour=pl.col("date").dt.hour()).len()
    plain = np.zeros(168)
    plain[((counted["day"].cast(pl.Int64) - 1) * 24 + counted["hour"].cast(pl.Int64)).to_numpy()] = counted["len"]
    found = spread(placed(assaults)).mass[0]
    # In the hour that the clocks skip nothing can stand; what stands there is read an hour later.
    assert found.sum() == assaults.height
    assert np.abs(found - plain).sum() <= 4
    none = pl.Series([None] * assaults.height, dtype=pl.Datetime("us"))
    assert find_defaults(assaults["date"], none).shares == (0.0, 0.0)


@pytest.mark.shared
@pytest.mark.parametrize(("length", "times"), [(60, 1.6), (480, 1.5)])
def test_the_best_window_of_a_city_holds_again(assaults: pl.DataFrame, length: int, times: float) -> None:
    now, then = profiles_of(assaults, np.zeros(assaults.height, dtype=np.int64), 1)
    (best, *_), *_ = best_windows(now, now.known, length_min=length)
    assert best.held(then.mass[0]) > times * best.chance


@pytest.mark.shared
def test_the_best_shifts_of_places_hold_more_than_an_even_week_in_the_next_year(assaults: pl.DataFrame) -> None:
    """Of some 300 cells of a hundred hectares: five standard errors above an even week, so chance fails it never."""
    cell = spatial.index_cells(assaults["longitude"].to_numpy(), assaults["latitude"].to_numpy(), 8)
    cells, group = np.unique(cell, return_inverse=True)
    now, then = profiles_of(assaults, group, len(cells))
    area = spread(placed(assaults.filter(pl.col("date").dt.year() == FIT)), step_min=15).mass[0]
    best = best_windows(now, now.known, length_min=480, prior=area, most=1)
    held = sum(own[0].held(then.mass[at]) * then.known[at] for at, own in enumerate(best) if own and then.known[at])
    total = sum(then.known[at] for at, own in enumerate(best) if own)
    even = 480 / 10_080
    assert held / total > even + 5 * np.sqrt(even * (1 - even) / total)
