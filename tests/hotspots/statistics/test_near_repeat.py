"""Raised risk after each incident is the double sum of its decays, written out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import integrate

from geo_service.errors import FaultError
from geo_service.hotspots.statistics import near_repeat
from geo_service.model.surfaces import Points, Tuning

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.surfaces import Observed

END = (dt.date(2026, 1, 1) - dt.date(1970, 1, 1)).days
"""Of the twelve months of 2025."""


def one(seen: Observed, *, cell: int, first: float, last: float, value: float = 1.0) -> Observed:
    points = Points(
        at=np.array([cell]), east_north_m=seen.east_north_m[[cell]], first_day=np.array([END - first]),
        last_day=np.array([END - last]), value=np.array([value]),
    )  # fmt: skip
    return replace(seen, points=points)


def test_the_surface_is_the_sum_over_incidents_written_out(observed: Callable[..., Observed]) -> None:
    seen = observed()
    points = seen.points
    assert points is not None
    expected = np.zeros(61)
    for number in range(len(points.at)):
        moments = np.linspace(points.first_day[number], points.last_day[number], 201)
        decay = np.mean([max(0.0, 1 - (END - moment) / 42) for moment in moments])
        for cell in range(61):
            apart = np.hypot(*(points.east_north_m[number] - seen.east_north_m[cell]))
            expected[cell] += decay * max(0.0, 1 - apart / 400)
    surface = near_repeat.surface(seen, Tuning())
    np.testing.assert_allclose(surface.score, expected, rtol=1e-3, atol=1e-3)
    assert expected.max() > 5
    assert not surface.is_amount
    assert not surface.notes


@pytest.mark.parametrize(("age", "left"), [(0, 1.0), (21, 0.5), (42, 0.0), (300, 0.0)])
def test_a_moment_fades_over_six_weeks(age: float, left: float, observed: Callable[..., Observed]) -> None:
    score = near_repeat.surface(one(observed(), cell=30, first=age, last=age, value=8.0), Tuning()).score
    assert score[30] == pytest.approx(8 * left)
    assert score.argmax() == 30 or not left


@pytest.mark.parametrize(("first", "last"), [(31, 0), (61, 31), (30, 29), (90, 60), (20, -5)])
def test_a_span_takes_the_mean_over_all_its_moments(first: float, last: float) -> None:
    youngest = max(last, 0)
    by_quadrature = integrate.quad(lambda age: max(0.0, 1 - age / 42), youngest, first)[0] / (first - youngest)
    found = near_repeat.mean_decay(np.array([float(first)]), np.array([float(last)]))
    assert found[0] == pytest.approx(by_quadrature, abs=1e-9)


def test_incidents_known_to_the_month_are_told_as_such(observed: Callable[..., Observed]) -> None:
    seen = observed()
    notes = near_repeat.surface(one(seen, cell=3, first=31, last=0), Tuning()).notes
    assert notes[0].startswith("1 of the 1 incidents that count")
    old = near_repeat.surface(one(seen, cell=3, first=200, last=170), Tuning())
    assert "every cell scores 0" in old.notes[0]
    assert not old.score.any()


def test_incidents_beyond_the_border_raise_the_risk_within(observed: Callable[..., Observed]) -> None:
    assert near_repeat.surface(one(observed(), cell=88, first=1, last=1), Tuning()).score.max() > 0.5


def test_without_the_incidents_there_is_no_surface(observed: Callable[..., Observed]) -> None:
    with pytest.raises(FaultError, match="not given them"):
        near_repeat.surface(replace(observed(), points=None), Tuning())
