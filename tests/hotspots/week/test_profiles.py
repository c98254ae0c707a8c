"""Aoristic profiles lose nothing and are those of a count minute by minute."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import QueryError
from geo_service.hotspots.week.moments import Defaults, read_spans
from geo_service.hotspots.week.profiles import spread

LONDON = ZoneInfo("Europe/London")
FIRST = dt.datetime(2025, 3, 20)  # noqa: DTZ001 - local clock times have no zone
MINUTES = 7 * 30 * 1_440
"""From before the clocks go forward until they have gone back, nearly."""

times = st.one_of(st.integers(0, 30 * 1_440), st.integers(215 * 1_440, 235 * 1_440)).map(
    lambda minute: FIRST + dt.timedelta(minutes=minute)
)
incidents = st.lists(
    st.tuples(times, st.one_of(st.none(), st.integers(-60, 12_000)), st.floats(0, 1e4), st.integers(-1, 2)),
    min_size=1,
    max_size=30,
)


def columns(rows: list[tuple[dt.datetime, int | None, float, int]]) -> tuple[pl.Series, pl.Series]:
    first = pl.Series([row[0] for row in rows], dtype=pl.Datetime("us"))
    last = [None if row[1] is None else row[0] + dt.timedelta(minutes=row[1]) for row in rows]
    return first, pl.Series(last, dtype=pl.Datetime("us"))


@given(incidents, st.sampled_from([15, 20, 30, 60]), st.tuples(st.floats(0, 1), st.floats(0, 1)))
@settings(max_examples=60, deadline=None)
def test_nothing_is_lost(rows: list, step: int, shares: tuple[float, float]) -> None:
    weight, group = np.array([row[2] for row in rows]), np.array([row[3] for row in rows])
    spans = read_spans(*columns(rows), defaults=Defaults(shares))
    found = spread(spans, weight, group=group, groups=3, step_min=step)
    assert found.mass.shape == (3, 10_080 // step)
    assert (found.mass >= 0).all()
    total = [weight[group == each].sum() for each in range(3)]
    np.testing.assert_allclose(found.known + found.unknown, total, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.hours.sum(axis=1), found.known)


def by_the_minute(first: dt.datetime, length: int) -> np.ndarray:
    """Walk through the real minutes of a span with the standard library and count the hours on the clock."""
    hours = np.zeros(168)
    begin = first.replace(tzinfo=LONDON).astimezone(dt.UTC)
    for minute in range(length):
        clock = (begin + dt.timedelta(minutes=minute)).astimezone(LONDON)
        hours[clock.weekday() * 24 + clock.hour] += 1 / length
    return hours


@pytest.mark.parametrize(
    ("first", "length"),
    [
        (dt.datetime(2025, 6, 2, 23, 17), 45),  # noqa: DTZ001
        (dt.datetime(2025, 6, 8, 22, 3), 3_001),  # noqa: DTZ001 - over the end of the week
        (dt.datetime(2025, 6, 4, 9, 59), 10_080),  # noqa: DTZ001 - all of a week
        (dt.datetime(2025, 3, 29, 21, 40), 777),  # noqa: DTZ001 - the missing hour
        (dt.datetime(2025, 10, 25, 18, 5), 1_234),  # noqa: DTZ001 - the doubled hour
        (dt.datetime(2025, 3, 25, 13, 0), 9_000),  # noqa: DTZ001
        (dt.datetime(2025, 10, 21, 13, 30), 10_000),  # noqa: DTZ001
    ],
)
def test_a_span_is_spread_as_minute_by_minute(first: dt.datetime, length: int) -> None:
    end = (first.replace(tzinfo=LONDON).astimezone(dt.UTC) + dt.timedelta(minutes=length)).astimezone(LONDON)
    spans = read_spans(
        pl.Series([first], dtype=pl.Datetime("us")), pl.Series([end.replace(tzinfo=None)], dtype=pl.Datetime("us"))
    )
    np.testing.assert_allclose(spread(spans).mass[0], by_the_minute(first, length), atol=1e-12)


def test_steps_of_a_quarter_add_up_to_hours() -> None:
    rng = np.random.default_rng(1)
    rows = [
        (FIRST + dt.timedelta(minutes=int(rng.integers(MINUTES))), int(rng.integers(0, 3_000)), 1.0, 0)
        for _ in range(300)
    ]
    spans = read_spans(*columns(rows))
    np.testing.assert_allclose(spread(spans, step_min=15).hours, spread(spans).mass, atol=1e-9)


def test_harm_weighs() -> None:
    rows = [(FIRST, None, 365.0, 0), (FIRST + dt.timedelta(hours=5), None, 1.0, 0)]
    found = spread(read_spans(*columns(rows)), np.array([365.0, 1.0]))
    assert found.mass[0, 72] == 365
    assert found.mass[0, 77] == 1


@pytest.mark.parametrize("step", [0, -15, 7, 45, 120])
def test_other_steps_are_refused(step: int) -> None:
    with pytest.raises(QueryError, match="divisor of 60"):
        spread(read_spans(*columns([(FIRST, None, 1.0, 0)])), step_min=step)


HOURS = np.arange(168)
EVENINGS = (
    0.1 + np.exp(-0.5 * ((HOURS % 24 - 20) / 2) ** 2) + (np.exp(-0.5 * ((HOURS % 24 - 13) / 2.5) ** 2)) * (HOURS < 120)
)
COUNT = 40_000


def errors(first: np.ndarray, last: np.ndarray, truth: np.ndarray) -> tuple[float, float, float]:
    """Return which share of the measure lies in the wrong hour, by spans, by their starts and by their middles."""
    begin, end, middle = (
        pl.Series(np.datetime64(FIRST, "us") + np.round(each).astype("timedelta64[m]"))
        for each in (first, last, (first + last) / 2)
    )
    none = pl.Series([None] * COUNT, dtype=pl.Datetime("us"))

    def error(start: pl.Series, stop: pl.Series) -> float:
        return float(np.abs(spread(read_spans(start, stop)).mass[0] / COUNT - truth).sum() / 2)

    return error(begin, end), error(begin, none), error(middle, none)


def moments(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw minutes of a week of June, after FIRST, by a known rhythm; return them and the rhythm."""
    truth = EVENINGS / EVENINGS.sum()
    monday = (dt.datetime(2025, 6, 2) - FIRST).days * 1_440  # noqa: DTZ001
    return monday + rng.choice(168, COUNT, p=truth) * 60 + rng.integers(0, 60, COUNT), truth


def test_a_known_rhythm_is_recovered_best_where_spans_are_the_hours_that_somebody_was_away() -> None:
    """Homes and cars are left in the morning or in the evening, and what happened is found on coming back."""
    rng = np.random.default_rng(20_251)
    at, truth = moments(rng)
    clock = at % 1_440
    left_at = np.array([0, 8.5 * 60, 18 * 60])[np.digitize(clock, [8.5 * 60, 18 * 60])] + rng.normal(0, 50, COUNT)
    back_at = np.array([8.5 * 60, 18 * 60, 1_440])[np.digitize(clock, [8.5 * 60, 18 * 60])] + rng.normal(0, 50, COUNT)
    first, last = at - clock + np.minimum(left_at, clock), at - clock + np.maximum(back_at, clock)
    aoristic, by_start, by_middle = errors(first, last, truth)
    assert aoristic < 0.15
    assert aoristic < 0.6 * min(by_start, by_middle)


def test_a_known_rhythm_is_blurred_by_spans_that_lie_anyhow_around_it_and_still_told_better_than_by_starts() -> None:
    rng = np.random.default_rng(20_252)
    at, truth = moments(rng)
    length = np.minimum(np.exp(rng.normal(np.log(5 * 60), 0.8, COUNT)), 1_440)
    first = at - length * rng.random(COUNT)
    aoristic, by_start, _ = errors(first, first + length, truth)
    assert aoristic < 0.15
    assert aoristic < by_start
