"""The e-test: its golden value, and how often it refuses what is true."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from geo_service.errors import QueryError
from geo_service.evaluation.etest import e_test


def test_six_against_two_is_wheelers_value() -> None:
    assert e_test(6, 2) == pytest.approx(0.1749, abs=5e-5)


def test_p_is_the_probability_of_all_pairs_as_far_apart() -> None:
    # Written out from the paper, for 9 in 12 months against 2 in 6.
    rate = (9 + 2) / (12 + 6)
    first, second = np.meshgrid(np.arange(200), np.arange(200), indexing="ij")

    def apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        spread = np.sqrt(one / 12**2 + other / 6**2)
        return np.divide(one / 12 - other / 6, spread, out=np.zeros_like(spread), where=spread > 0)

    chance = stats.poisson.pmf(first, 12 * rate) * stats.poisson.pmf(second, 6 * rate)
    far = np.abs(apart(first, second)) >= abs(apart(np.array(9.0), np.array(2.0)))
    assert e_test(9, 2, lengths=(12, 6)) == pytest.approx(chance[far].sum(), rel=1e-6)


def test_a_true_null_is_refused_about_as_often_as_it_says() -> None:
    # Of 800 at the 10 % level 80 ± 5 * 8.5 (false alarm one in a million).
    rng = np.random.default_rng(17)
    refused = sum(e_test(int(one), int(other)) <= 0.1 for one, other in rng.poisson(30, (800, 2)))
    assert 38 <= refused <= 122


def test_nothing_against_nothing_is_no_difference() -> None:
    assert e_test(0, 0) == 1


@pytest.mark.parametrize(("first", "second", "field"), [(-1, 2, "before"), (1, 20_001, "after")])
def test_a_count_that_cannot_be_is_refused(first: int, second: int, field: str) -> None:
    with pytest.raises(QueryError) as raised:
        e_test(first, second)
    assert raised.value.field == field


def test_a_period_without_length_is_refused() -> None:
    with pytest.raises(QueryError):
        e_test(1, 2, lengths=(0, 1))
