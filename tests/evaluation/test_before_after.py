"""Before, during and after, beside comparison areas."""

from __future__ import annotations

import numpy as np
import pytest

from geo_service.evaluation.before_after import contrasts
from geo_service.evaluation.etest import e_test
from geo_service.evaluation.wdd import Places, displacement_difference

PHASES = ("before", "during", "after")


def test_each_later_phase_is_set_against_the_phase_before() -> None:
    treated, comparison = np.array([[120.0, 30, 110]]), np.array([[240.0, 120, 240]])
    during, after = contrasts(PHASES, (12, 6, 12), treated, comparison)
    # By hand: 10 a month to 5, the others 20 to 20.
    assert (during.phase, during.change, during.comparison_change) == ("during", -0.5, 0)
    assert during.ratio == pytest.approx(0.5)
    assert during.p_alone == e_test(120, 30, lengths=(12, 6))
    assert during.difference == displacement_difference(Places.of((120, 30), (240, 120)), lengths=(12, 6))
    assert after.ratio == pytest.approx(110 / 120)
    assert after.low < 1 < after.high
    assert during.high < 1


def test_a_fall_that_the_comparison_areas_had_too_is_no_effect() -> None:
    (found,) = contrasts(PHASES[:2], (12, 12), np.array([[100.0, 60]]), np.array([[200.0, 120]]))
    assert found.ratio == pytest.approx(1)
    assert found.low < 1 < found.high


def test_harm_is_weighed_by_kind() -> None:
    treated, comparison = np.array([[4.0, 2], [30, 20]]), np.array([[3.0, 3], [10, 10]])
    (found,) = contrasts(PHASES[:2], (12, 12), treated, comparison, days=np.array([365.0, 2.0]))
    assert found.harm is not None
    assert found.harm.estimate == -750
    assert found.before == 34


def test_a_zero_is_mended_and_nothing_is_not_known() -> None:
    (found,) = contrasts(PHASES[:2], (12, 12), np.array([[10.0, 0]]), np.array([[20.0, 20]]))
    assert found.ratio == pytest.approx((0.5 / 10.5) / (20.5 / 20.5))
    (none,) = contrasts(PHASES[:2], (12, 12), np.array([[0.0, 0]]), np.array([[20.0, 20]]))
    assert np.isnan([none.ratio, none.low, none.change]).all()


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    # 90 % of 400, give or take five standard errors of 6: 330 to 390.
    rng = np.random.default_rng(31)
    held = 0
    for _ in range(400):
        treated, comparison = rng.poisson([[60.0, 30]]), rng.poisson([[200.0, 150]])
        (found,) = contrasts(PHASES[:2], (12, 12), treated.astype(float), comparison.astype(float))
        held += found.low <= (30 / 60) / (150 / 200) <= found.high
    assert 330 <= held <= 390
