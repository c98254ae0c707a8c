"""What is expected adds up, follows the latest incidents, and is refused where days are unknown."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo_service.errors import QueryError
from geo_service.hotspots import triggering
from geo_service.hotspots.statistics import self_exciting
from geo_service.model.surfaces import Points, Tuning

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.model.surfaces import Observed

SIZES = 817
START = (dt.date(2025, 1, 1) - dt.date(1970, 1, 1)).days


def bursting(make: Callable[..., Observed], *, last_burst: int | None = None) -> Observed:
    """Return a year of incidents: 300 spread evenly, and 60 bursts of four within three days and 50 m."""
    rng = np.random.default_rng(31)
    blank = make(np.zeros(SIZES), steps=15)
    at = rng.integers(0, SIZES, 300)
    burst = rng.integers(0, SIZES, 60)
    begun = rng.uniform(0, 355, 60)
    if last_burst is not None:
        burst[0], begun[0] = last_burst, 361.0
    where = np.concatenate([at, np.repeat(burst, 4)])
    day = START + np.concatenate([rng.uniform(0, 365, 300), np.repeat(begun, 4) + rng.uniform(0, 3, 240)])
    points = Points(
        at=where, east_north_m=blank.east_north_m[where] + rng.normal(0, 20, (540, 2)), first_day=day,
        last_day=day, value=np.ones(540),
    )  # fmt: skip
    month = np.minimum(((day - START) / 30.5).astype(int), 11)
    counts = np.zeros((12, SIZES))
    np.add.at(counts, (month, where), 1)
    return replace(make(counts, steps=15), points=points)


def step_by_step(fitted: triggering.Fitted, background: float, rate: float) -> float:
    """Return the incidents expected in 30 days, walking through them in steps of a minute and a half."""
    step, expected, excess = 0.001, 0.0, rate - background
    for _ in range(30_000):
        now = (background + excess) * step
        expected += now
        excess += fitted.offspring / fitted.decay_days * now - excess / fitted.decay_days * step
    return expected


def test_the_expected_adds_up_to_background_and_all_that_is_still_to_be_set_off(
    observed: Callable[..., Observed],
) -> None:
    seen = bursting(observed)
    everywhere = replace(seen, inside=np.ones(SIZES, dtype=np.bool_), covered_m2=seen.area_m2)
    surface = self_exciting.surface(everywhere, Tuning(bandwidth_m=600))
    taken = self_exciting._take(everywhere).incidents
    matrix = self_exciting.kernels.kernel_matrix(seen.east_north_m, "quartic", 600)
    fitted = triggering.fit(taken, matrix, seen.area_m2)
    assert 0.3 < fitted.offspring < 0.9
    assert fitted.decay_days < 6
    rate = fitted.offspring / fitted.decay_days * np.exp(-(365 - taken.day) / fitted.decay_days).sum()
    rate += fitted.background.sum() / 365
    assert surface.score.sum() == pytest.approx(step_by_step(fitted, fitted.background.sum() / 365, rate), rel=1e-3)
    assert surface.is_amount
    assert "an incident sets off 0." in surface.notes[0]


def test_what_the_fit_finds_where_there_is_no_triggering_is_told(observed: Callable[..., Observed]) -> None:
    seen = bursting(observed)
    assert seen.points is not None
    found = [_finds(self_exciting.surface(seen, Tuning(bandwidth_m=600)).notes[1])]
    rng = np.random.default_rng(4)
    day = rng.permutation(seen.points.first_day)
    still = replace(seen, points=replace(seen.points, first_day=day, last_day=day))
    notes = self_exciting.surface(still, Tuning(bandwidth_m=600)).notes
    found.append(_finds(notes[1]))
    # Less is left of bursts once days are shuffled, by whoever shuffles them.
    fits = [_sets_off(each) for each in (self_exciting.surface(seen, Tuning(bandwidth_m=600)).notes[0], notes[0])]
    assert found[0] < fits[0] - 0.1
    assert fits[1] == pytest.approx(found[1], abs=0.1)


def _sets_off(note: str) -> float:
    return float(note.split("sets off ")[1].split(maxsplit=1)[0])


def _finds(note: str) -> float:
    return float(note.split("the same fit finds ")[1].split(":", maxsplit=1)[0])


def test_the_order_of_the_incidents_changes_nothing(observed: Callable[..., Observed]) -> None:
    seen = bursting(observed)
    points = seen.points
    assert points is not None
    rows = np.random.default_rng(6).permutation(len(points.at))
    other = Points(
        points.at[rows], points.east_north_m[rows], np.floor(points.first_day)[rows], np.floor(points.first_day)[rows],
        points.value[rows],
    )  # fmt: skip
    whole = replace(points, first_day=np.floor(points.first_day), last_day=np.floor(points.first_day))
    one, two = (self_exciting.surface(replace(seen, points=each), Tuning(bandwidth_m=600)) for each in (whole, other))
    assert one.notes == two.notes
    np.testing.assert_allclose(one.score, two.score)


def test_a_burst_in_the_last_days_makes_its_place_the_hottest(observed: Callable[..., Observed]) -> None:
    seen = bursting(observed, last_burst=360)
    assert seen.inside[360]
    score = self_exciting.surface(seen, Tuning(bandwidth_m=600)).score
    assert int(score.argmax()) == 360
    assert score[360] > 2 * np.median(score)


def test_a_month_is_no_day(observed: Callable[..., Observed]) -> None:
    seen = bursting(observed)
    assert seen.points is not None
    monthly = replace(seen, points=replace(seen.points, last_day=seen.points.first_day + 30))
    with pytest.raises(QueryError, match=r"540 of 540 incidents without a day.*near_repeat") as refused:
        self_exciting.surface(monthly, Tuning())
    assert refused.value.field == "statistic"


def test_a_few_incidents_without_a_day_are_left_out_and_told(observed: Callable[..., Observed]) -> None:
    seen = bursting(observed)
    assert seen.points is not None
    last = seen.points.last_day.copy()
    last[:20] += 30
    notes = self_exciting.surface(replace(seen, points=replace(seen.points, last_day=last)), Tuning()).notes
    assert notes[0].startswith("Fitted on 520 incidents")
    assert notes[-1].startswith("20 incidents known to more than 7 days alone")


def test_too_few_incidents_are_refused(observed: Callable[..., Observed]) -> None:
    seen = bursting(observed)
    points = seen.points
    assert points is not None
    few = Points(points.at[:99], points.east_north_m[:99], points.first_day[:99], points.last_day[:99], points.value[:99])  # fmt: skip  # noqa: E501
    with pytest.raises(QueryError, match="Found: 99 with a day"):
        self_exciting.surface(replace(seen, points=few), Tuning())


def test_too_many_pairs_and_a_fit_that_does_not_settle_are_told(
    observed: Callable[..., Observed], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triggering, "MOST_PAIRS", 1_000)
    monkeypatch.setattr(triggering, "MOST_ROUNDS", 2)
    seen = bursting(observed)
    surface = self_exciting.surface(seen, Tuning(bandwidth_m=600))
    assert "had not settled after 2 rounds" in surface.notes[2]
    assert any(note.startswith("The fit took only the latest") for note in surface.notes)
    # Those that the fit leaves out are not lost: a month is expected to hold about a twelfth of the year.
    inside = np.flatnonzero(seen.inside)
    assert seen.points is not None
    assert surface.score.sum() == pytest.approx(np.isin(seen.points.at, inside).sum() / 12, rel=0.35)


def test_harm_weighs_what_each_incident_contributes(observed: Callable[..., Observed]) -> None:
    seen = bursting(observed)
    assert seen.points is not None
    weighed = replace(seen, points=replace(seen.points, value=np.full(540, 365.0)))
    plain, heavy = (self_exciting.surface(each, Tuning(bandwidth_m=600)).score for each in (seen, weighed))
    np.testing.assert_allclose(heavy, 365 * plain)


def test_places_that_draw_incidents_all_the_time_are_not_told_as_triggering(observed: Callable[..., Observed]) -> None:
    rng = np.random.default_rng(33)
    blank = observed(np.zeros(SIZES), steps=15)
    at = np.repeat(rng.choice(SIZES, 30, replace=False), 30)
    day = START + rng.uniform(0, 365, 900)
    # Thirty anchors, thirty incidents each, at the very same coordinates.
    points = Points(at=at, east_north_m=blank.east_north_m[at], first_day=day, last_day=day, value=np.ones(900))
    counts = np.zeros((12, SIZES))
    np.add.at(counts, (np.minimum(((day - START) / 30.5).astype(int), 11), at), 1)
    surface = self_exciting.surface(replace(observed(counts, steps=15), points=points), Tuning())
    background = int(surface.notes[0].split(" % background")[0].rsplit(maxsplit=1)[-1])
    assert background > 70 or "hardly any triggering" in surface.notes[1]
    # Every anchor draws 30 / 365 a day, whatever explains it.
    held = np.unique(at[blank.inside[at]])
    assert np.median(surface.score[held]) == pytest.approx(30 / 365 * 30, rel=0.3)
