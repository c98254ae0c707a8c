"""The ratio of two rates against R, and its interval by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from geo_service.errors import QueryError
from geo_service.evaluation.ratio import rate_ratio


def test_the_example_of_r() -> None:
    """R, help page of `poisson.test`: 11 in 800 against 21 in 3,011 gives 1.971488, 95 % from 0.8584264 to 4.277266."""
    found = rate_ratio(11, 6 + 8 + 7, lengths=(800, 1083 + 1050 + 878), level=0.95)
    assert found == pytest.approx((1.971488, 0.8584264, 4.277266), rel=1e-5)


def test_the_interval_holds_the_truth_at_least_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    drawn = zip(rng.poisson(12.0, 1_500).tolist(), rng.poisson(27.0, 1_500).tolist(), strict=True)
    held = [low <= 12 / 9 <= high for _, low, high in (rate_ratio(one, two, lengths=(1, 3)) for one, two in drawn)]
    assert 0.89 <= float(np.mean(held)) < 0.97


def test_the_other_way_round_is_the_inverse() -> None:
    one, other = rate_ratio(7, 19, lengths=(3, 9)), rate_ratio(19, 7, lengths=(9, 3))
    assert one == pytest.approx((1 / other.ratio, 1 / other.high, 1 / other.low))


def test_nothing_on_one_side() -> None:
    assert rate_ratio(5, 0).ratio == math.inf
    assert rate_ratio(5, 0).high == math.inf
    assert rate_ratio(0, 5)[:2] == (0.0, 0.0)
    assert math.isnan(rate_ratio(0, 0).ratio)
    assert rate_ratio(0, 0)[1:] == (0.0, math.inf)


@pytest.mark.parametrize(
    ("counts", "lengths", "level", "field"),
    [((-1, 2), (1, 1), 0.9, "counts"), ((1, 2), (0, 1), 0.9, "lengths"), ((1, 2), (1, 1), 1.0, "level")],
)
def test_what_cannot_be_is_refused(
    counts: tuple[int, int], lengths: tuple[float, float], level: float, field: str
) -> None:
    with pytest.raises(QueryError) as caught:
        rate_ratio(*counts, lengths=lengths, level=level)
    assert caught.value.field == field
