"""The incidents behind what was observed are those that the cube counted, each where and when its source says."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows.finding import hotspots
from geo_service.workflows.finding.points import _moments, points_of

if TYPE_CHECKING:
    from geo_service.model.surfaces import Observed, Points
    from geo_service.workflows.services import Services

BOROUGH = HotspotQuery("Nonesuch Borough", Period.parse("2026-02", "2026-07"), statistic="near_repeat")


def seen(services: Services, query: HotspotQuery) -> tuple[Observed, Points]:
    _, observed = hotspots.answer(services, hotspots.look_up(services, query))
    assert observed.points is not None
    return observed, observed.points


@pytest.mark.parametrize("offences", ["all", "public-place"])
def test_the_incidents_of_each_cell_add_up_to_what_the_cube_counted(demonstration: Services, offences: str) -> None:
    observed, points = seen(demonstration, replace(BOROUGH, offence_set=offences))
    assert observed.value.sum() > 100
    np.testing.assert_array_equal(np.bincount(points.at, minlength=len(observed.cells)), observed.value)
    assert (points.value == 1).all()


def test_weighed_incidents_add_up_to_the_harm_of_each_cell(demonstration: Services) -> None:
    query = replace(BOROUGH, measure="harm", offence_set="all")
    observed, points = seen(demonstration, query)
    added = np.bincount(points.at, weights=points.value, minlength=len(observed.cells))
    np.testing.assert_allclose(added, observed.value)
    assert added.sum() > len(points.at)


def test_each_incident_lies_in_its_cell_and_its_month(demonstration: Services) -> None:
    observed, points = seen(demonstration, BOROUGH)
    apart = np.hypot(*(points.east_north_m - observed.east_north_m[points.at]).T)
    assert apart.max() < 90  # metres from the middle of a cell to its farthest corner
    assert (points.last_day >= points.first_day).all()
    first = (BOROUGH.period.first.first_day - dt.date(1970, 1, 1)).days
    assert points.first_day.min() >= first
    assert points.first_day.max() < first + 181


def test_other_statistics_are_not_given_the_incidents(demonstration: Services) -> None:
    question = hotspots.look_up(demonstration, replace(BOROUGH, statistic="total"))
    _, observed = hotspots.answer(demonstration, question)
    assert observed.points is None
    assert len(points_of(question, observed).at) == observed.value.sum()


def test_a_moment_is_what_the_source_gives_of_it() -> None:
    noon, midnight, later = map(dt.datetime.fromisoformat, ("2025-03-10T12:00", "2025-03-10T00:00", "2025-03-14T18:00"))
    may = 2025 * 12 + 4
    rows = pl.DataFrame(
        [(may - 2, noon, None), (may - 2, midnight, None), (may - 2, midnight, later), (may - 2, None, later),
         (may, None, None), (may, None, noon)],
        schema={"month": pl.Int32, "committed_from": pl.Datetime("us"), "committed_to": pl.Datetime("us")},
        orient="row",
    )  # fmt: skip
    day, march, spring = 20157.0, 20148.0, 20209.0
    first, last = _moments(rows)
    assert first.tolist() == [day + 0.5, day, day, march, spring, day + 0.5]
    assert last.tolist() == [day + 0.5, day + 1, day + 4.75, day + 4.75, spring + 31, day + 0.5]
