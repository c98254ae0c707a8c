"""An interval of few months holds at its rate, overlapping windows included."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from geo_service.hotspots.backtesting.resampling import apart, paired_intervals


def test_single_months_give_students_interval() -> None:
    # Drawing whole months has the spread of the mean that the plain formula has, times sqrt((n - 1) / n).
    some = np.random.default_rng(5).normal(0.3, 1.0, (3, 14))
    found = paired_intervals(some, np.arange(14), 1, seed=1)
    wanted = stats.t.interval(0.95, 13, some.mean(axis=1), stats.sem(some, axis=1))
    np.testing.assert_allclose(found.low, wanted[0], atol=0.03)
    np.testing.assert_allclose(found.high, wanted[1], atol=0.03)
    assert found.windows == 14


@pytest.mark.parametrize(("months", "ahead"), [(14, 1), (7, 1), (14, 3), (24, 3), (36, 6)])
def test_noise_is_called_better_or_worse_as_seldom_as_it_says(months: int, ahead: int) -> None:
    noise = np.random.default_rng(7).normal(size=(2_000, months))
    windows = months - ahead + 1
    means = np.stack([noise[:, at : at + ahead].mean(axis=1) for at in range(windows)], axis=1)
    found = paired_intervals(means, np.arange(windows), ahead, seed=2)
    alarms = np.mean((found.low > 0) | (found.high < 0))
    # 5 % wanted, 2,000 trials: 3.5 and 6.5 % are three standard errors away; few blocks are rough beside that.
    assert 0.025 <= alarms <= 0.07


def test_a_verdict_is_what_the_interval_leaves_open() -> None:
    clear = np.array([[1.0, 1.1, 0.9, 1.0, 1.05], [-1.0, -1.1, -0.9, -1.0, -1.05], [1.0, -1.1, 0.9, -1.0, 0.1]])
    found = paired_intervals(clear, np.arange(5), 1, seed=1)
    assert [found.verdict(at) for at in range(3)] == ["better", "worse", "no different"]
    few = paired_intervals(clear[:, :2], np.arange(2), 1, seed=1)
    assert few.verdict(0) == "too few months to tell"
    assert np.isnan(paired_intervals(clear[:, :1], np.arange(1), 1, seed=1).high).all()


def test_the_same_as_total_is_no_different() -> None:
    found = paired_intervals(np.zeros((1, 7)), np.arange(7), 1, seed=1)
    assert (found.mean[0], found.low[0], found.high[0], found.verdict(0)) == (0.0, 0.0, 0.0, "no different")


@given(st.sets(st.integers(0, 30), max_size=12).map(sorted), st.integers(1, 6))
@settings(deadline=None)
def test_windows_apart_are_as_many_as_any_choice_can_have(first: list[int], ahead: int) -> None:
    # Dynamic programme, written differently from the greedy count.
    best = dict.fromkeys(range(-10, 50), 0)
    for month in range(31):
        best[month] = max(best[month - 1], best[month - ahead] + 1 if month in first else 0)
    assert apart(np.array(first, dtype=np.int64), ahead) == best[30]
