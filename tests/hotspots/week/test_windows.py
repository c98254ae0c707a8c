"""Windows hold what they say, and chance is told from a rhythm."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from geo_service.errors import QueryError
from geo_service.hotspots.week.moments import Spans, read_spans
from geo_service.hotspots.week.profiles import Profiles, spread
from geo_service.hotspots.week.windows import (
    adjusted,
    best_windows,
    chance_of_best,
    effective,
    p_of,
    running,
)
from geo_service.model.windows import Window, check_length

MONDAY = dt.datetime(2025, 6, 2)  # noqa: DTZ001 - local clock times have no zone
STEPS = 672


def spans_at(minutes: np.ndarray) -> Spans:
    first = pl.Series([MONDAY + dt.timedelta(minutes=int(each)) for each in minutes], dtype=pl.Datetime("us"))
    return read_spans(first, pl.Series([None] * len(first), dtype=pl.Datetime("us")))


@given(st.integers(0, 2**32 - 1), st.integers(1, 48))
@settings(max_examples=25, deadline=None)
def test_the_best_window_is_the_best_of_all(seed: int, width: int) -> None:
    mass = np.random.default_rng(seed).gamma(0.2, 1, (2, STEPS))
    found = best_windows(Profiles(mass, np.zeros(2)), np.full(2, 50.0), length_min=width * 15)
    for own, windows in zip(mass, found, strict=True):
        all_windows = [own[(start + np.arange(width)) % STEPS].sum() / own.sum() for start in range(STEPS)]
        assert windows[0].share == pytest.approx(max(all_windows))
        assert windows[0].held(own) == pytest.approx(windows[0].share)
        taken = [(window.start_min // 15 + step) % STEPS for window in windows for step in range(width)]
        assert len(set(taken)) == len(taken)
        assert [window.share for window in windows] == sorted((window.share for window in windows), reverse=True)


def test_a_window_may_pass_the_end_of_the_week_and_is_named_by_the_day_it_begins_on() -> None:
    mass = np.zeros((1, STEPS))
    mass[0, [670, 671, 0, 1, 300]] = [2, 2, 2, 2, 1]
    (best, *_), *_ = best_windows(Profiles(mass, np.zeros(1)), np.array([9.0]), length_min=60)
    assert best.words == "Sun 23:30–00:30"  # noqa: RUF001
    assert best.share == pytest.approx(8 / 9)
    assert best.expected == best.share
    assert best.chance == pytest.approx(1 / 168)


def test_the_area_counts_beside_few_incidents_and_hardly_beside_many() -> None:
    mass, area = np.zeros((2, STEPS)), np.ones(STEPS)
    mass[:, 5], area[400:404] = 1, 100
    (few, *_), (many, *_) = best_windows(Profiles(mass, np.zeros(2)), np.array([1.0, 1e6]), length_min=60, prior=area)
    assert few.start_min == 400 * 15
    assert few.share == 0
    assert few.expected == pytest.approx(240 / 241 * 400 / 1068)
    assert many.start_min <= 5 * 15 < many.start_min + 60
    assert many.expected == pytest.approx(1, abs=1e-3)


def test_a_group_without_known_times_has_no_window() -> None:
    assert best_windows(
        Profiles(np.zeros((1, STEPS)), np.ones(1)), np.zeros(1), length_min=60, prior=np.ones(STEPS)
    ) == [[]]


def test_what_holds_nothing_is_no_second_window() -> None:
    mass = np.zeros((1, STEPS))
    mass[0, 100] = 1
    assert len(best_windows(Profiles(mass, np.zeros(1)), np.ones(1), length_min=60)[0]) == 1


@pytest.mark.parametrize("length", [0, 10, 50, 735, -60])
def test_lengths_that_are_no_window_are_refused(length: int) -> None:
    with pytest.raises(QueryError, match="Give 15 to 720 minutes in steps of 15"):
        check_length(length)


def test_a_window_of_nothing_holds_no_share() -> None:
    assert np.isnan(Window(0, 60, 0.5, 0.5).held(np.zeros(STEPS)))


def test_equal_weights_count_whole_and_unequal_ones_less() -> None:
    spans = spans_at(np.arange(6))
    group = np.array([0, 0, 0, 1, 1, -1])
    found = effective(spans, np.array([2.0, 2, 2, 10, 0, 5]), group=group, groups=3)
    assert found.tolist() == [3, 1, 0]


def test_p_is_even_where_hours_play_no_part_and_small_where_they_do() -> None:
    """Two hundred even weeks: p below 5 % in 3 to 20 of them, which a sound test misses once in a thousand runs."""
    rng = np.random.default_rng(7)
    zones, each = 200, 40
    spans = spans_at(rng.integers(0, 10_080, zones * each))
    group = np.repeat(np.arange(zones), each)
    weight = np.ones(zones * each)
    by_chance = chance_of_best(spans, weight, group=group, groups=zones, length_min=60, rounds=199, seed=1)
    best = running(spread(spans, group=group, groups=zones, step_min=15).mass, 4).max(axis=1)
    p = np.array([p_of(best[at : at + 1], by_chance[:, at])[0] for at in range(zones)])
    # Whole counts tie, so the test is careful: the bounds are those of a binomial below its level.
    assert (p <= 0.05).sum() <= stats.binom.ppf(0.9995, zones, 0.05)
    busy = spans_at(np.concatenate([rng.integers(0, 10_080, 20), np.full(20, 7_000)]))
    chance = chance_of_best(
        busy, np.ones(40), group=np.zeros(40, dtype=np.int64), groups=1, length_min=60, rounds=199, seed=1
    )
    assert p_of(np.array([20.0]), chance[:, 0])[0] == pytest.approx(1 / 200)


def test_the_same_seed_gives_the_same_chance() -> None:
    spans, zero = spans_at(np.arange(50) * 37), np.zeros(50, dtype=np.int64)
    one, other, third = (
        chance_of_best(spans, np.ones(50), group=zero, groups=1, length_min=240, rounds=9, seed=seed)
        for seed in (1, 1, 2)
    )
    assert one.tolist() == other.tolist()
    assert one.tolist() != third.tolist()


def test_p_is_adjusted_over_groups_and_unknown_stays_unknown() -> None:
    found = adjusted(np.array([0.01, np.nan, 0.04]))
    assert found[0] == pytest.approx(0.02)
    assert found[2] == pytest.approx(0.04)
    assert np.isnan(found[1])
    assert np.isnan(adjusted(np.array([np.nan]))).all()


def test_the_order_of_the_incidents_changes_nothing() -> None:
    rng = np.random.default_rng(12)
    first = [MONDAY + dt.timedelta(minutes=int(each)) for each in rng.integers(0, 10_080, 40)]
    last = [
        each + dt.timedelta(minutes=int(lasts)) for each, lasts in zip(first, rng.choice([0, 30, 400], 40), strict=True)
    ]
    group, weight = rng.integers(-1, 2, 40), rng.choice([1.0, 10.0], 40)
    best = []
    for rows in (np.arange(40), rng.permutation(40)):
        spans = read_spans(*(pl.Series([ends[row] for row in rows], dtype=pl.Datetime("us")) for ends in (first, last)))
        best.append(
            chance_of_best(spans, weight[rows], group=group[rows], groups=2, length_min=60, rounds=9, seed=3)
        )  # fmt: skip
    np.testing.assert_allclose(best[0], best[1])
