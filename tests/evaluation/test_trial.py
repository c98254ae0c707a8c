"""What a crossover trial shows: its p, its intervals and its compliance, by brute force and by simulation."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from geo_service.errors import QueryError
from geo_service.evaluation.crossover import Design, allocate
from geo_service.evaluation.trial import analyse, comply, rate_ratio

FIRST = dt.date(2026, 3, 2)


def designed(zones: int, days: int, seed: int = 1, **settings: int) -> Design:
    return Design(tuple(f"z{k}" for k in range(zones)), FIRST, days, seed, **settings)


def test_p_agrees_with_every_allocation_there_can_be() -> None:
    # Two hotspots and three blocks of two days: one of the two is patrolled first in each block, 2**3 allocations.
    design = designed(2, 6)
    daily = np.array([[5, 1, 4, 2, 6, 0], [1, 3, 0, 2, 1, 2]], dtype=float)
    patrolled = np.array([[False, True] * 3, [True, False] * 3])
    observed = (daily * np.where(patrolled, 1, -1)).sum()
    every = []
    for first in itertools.product([1, -1], repeat=3):
        sign = np.array([[side * first[day // 2] * (1 if day % 2 else -1) for day in range(6)] for side in (1, -1)])
        every.append(float((daily * sign).sum()))
    exact = np.mean(np.abs(every) > abs(observed)) + np.mean(np.abs(every) == abs(observed)) / 2
    found = analyse(design, patrolled, daily, redraws=20_000)
    assert found.difference == observed / 6
    assert found.p == pytest.approx(exact, abs=5 * (exact * (1 - exact) / 20_000) ** 0.5)


def test_the_interval_holds_the_effects_that_the_test_does_not_refuse() -> None:
    # A strict oracle: take each candidate effect off the patrolled days and test again, one tail at a time.
    rng = np.random.default_rng(3)
    design = designed(4, 20)
    patrolled = allocate(design)
    daily = rng.poisson(2.0, (4, 20)) + 1.5 * patrolled
    found = analyse(design, patrolled, daily, redraws=4_000)
    drawn = np.array([allocate(replace(design, seed=seed)) for seed in range(4_000)])
    for effect, held in ((found.low - 0.15, False), (found.low + 0.15, True), (found.high + 0.15, False)):
        rest = daily - effect * patrolled
        by_chance = np.where(drawn, rest, -rest).sum(axis=(1, 2))
        seen = np.where(patrolled, rest, -rest).sum()
        tail = min(np.mean(by_chance >= seen), np.mean(by_chance <= seen))
        assert (tail > 0.05) == held, effect
    assert found.low < 1.5 < found.high


def test_days_of_the_wash_out_change_nothing() -> None:
    design = designed(3, 12, period_days=3, wash_out_days=1)
    patrolled = allocate(design)
    daily = np.random.default_rng(5).poisson(1.0, patrolled.shape).astype(float)
    spoilt = daily + 1_000.0 * (np.arange(12) % 3 == 0)
    assert analyse(design, patrolled, daily) == analyse(design, patrolled, spoilt)
    assert analyse(design, patrolled, daily).treated_days == 12


def test_the_poisson_interval_agrees_with_the_binomial_one_it_comes_from() -> None:
    ratio, low, high = rate_ratio(18, 30)
    assert ratio == 0.6
    exact = stats.binomtest(18, 48).proportion_ci(0.9, method="exact")
    assert exact.low / (1 - exact.low) < low < ratio < high < exact.high / (1 - exact.high)
    wilson = stats.binomtest(18, 48).proportion_ci(0.9, method="wilson")
    assert low == pytest.approx(wilson.low / (1 - wilson.low), rel=0.02)
    assert high == pytest.approx(wilson.high / (1 - wilson.high), rel=0.02)


def test_a_ratio_from_or_to_nothing_has_an_open_end() -> None:
    ratio, low, high = rate_ratio(0, 4)
    assert (ratio, low) == (0, 0)
    assert 0 < high < 2
    assert rate_ratio(4, 0)[0] == float("inf")
    assert np.isnan(rate_ratio(0, 0)[0])


def test_placebo_trials_are_refused_about_as_often_as_they_say() -> None:
    # 300 trials at the 10 % level: 30 ± 4.9 * 5.2 (false alarm one in a million); benchmarks/trials.py runs 2,000.
    rng = np.random.default_rng(12)
    refused = 0
    for seed in range(300):
        design = designed(8, 28, seed)
        daily = rng.poisson(rng.gamma(2, 0.5, (8, 1)), (8, 28)).astype(float)
        refused += analyse(design, allocate(design), daily, is_count=False, redraws=199).p <= 0.1
    assert 5 <= refused <= 55


def test_harm_has_no_poisson_interval() -> None:
    design = designed(2, 4)
    found = analyse(design, allocate(design), np.full((2, 4), 365.0), is_count=False)
    assert found.ratio == 1
    assert np.isnan([found.ratio_low, found.ratio_high]).all()


def test_compliance_counts_visits_that_were_and_should_not_have_been() -> None:
    design = designed(2, 4)
    patrolled = np.array([[True, False, True, False], [False, True, False, True]])
    visits = np.array([[2.0, 0, 1, 0], [1, 0, 0, 1]])
    effect = analyse(design, patrolled, np.where(patrolled, 1.0, 3.0))
    found = comply(design, patrolled, visits, effect)
    assert (found.treated_visited, found.control_visited) == (0.75, 0.25)
    assert found.visits_per_treated_day == 1
    assert found.by_zone.tolist() == [1, 0.5]
    assert found.difference_if_visited == effect.difference / 0.5 == -4


def test_visits_that_did_not_follow_the_allocation_say_nothing_of_the_effect() -> None:
    design = designed(2, 4)
    patrolled = allocate(design)
    found = comply(design, patrolled, np.ones((2, 4)), analyse(design, patrolled, np.ones((2, 4))))
    assert np.isnan(found.difference_if_visited)


def test_outcomes_of_other_days_are_refused() -> None:
    design = designed(2, 4)
    with pytest.raises(QueryError):
        analyse(design, allocate(design), np.ones((2, 5)))
