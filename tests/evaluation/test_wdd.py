"""The weighted displacement difference: its golden value, its laws, its null."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.errors import QueryError
from geo_service.evaluation.wdd import Places, displacement_difference

counts = st.tuples(st.integers(0, 500), st.integers(0, 500))


def test_the_published_example_comes_out() -> None:
    # Wheeler and Ratcliffe 2018: control (20, 20), treated (20, 10).
    found = displacement_difference(Places.of((20, 10), (20, 20)))
    assert found.estimate == -10
    assert found.standard_error == pytest.approx(8.3666, abs=5e-5)
    assert (round(found.low, 1), round(found.high, 1)) == (-23.8, 3.8)
    assert found.z == pytest.approx(-10 / 70**0.5)
    assert not found.few


def test_a_ring_that_took_the_crime_takes_the_benefit_away() -> None:
    found = displacement_difference(Places.of((20, 10), (20, 20), (5, 15), (5, 5)))
    assert found.estimate == 0
    assert (found.local, found.displaced) == (-10, 10)
    assert found.standard_error == pytest.approx((70 + 30) ** 0.5)
    # Of the rings alone, by hand: 10 ± 1.645 times the root of their 30 incidents.
    assert (found.displaced_low, found.displaced_high) == pytest.approx((10 - 9.009, 10 + 9.009), abs=1e-3)


def test_harm_weighs_changes_and_the_square_of_harm_their_variance() -> None:
    # Worked by hand: robberies (365 days) fall from 4 to 2, thefts (2 days) from 30 to 20; nothing changes elsewhere.
    places = Places.of([[4, 2], [30, 20]], [[3, 3], [10, 10]])
    found = displacement_difference(places, days=[365.0, 2.0])
    assert found.estimate == -2 * 365 - 10 * 2
    assert found.standard_error == pytest.approx((365**2 * (4 + 2 + 3 + 3) + 2**2 * (30 + 20 + 10 + 10)) ** 0.5)


def test_a_longer_time_after_is_brought_to_the_length_before() -> None:
    found = displacement_difference(Places.of((20, 20), (20, 40)), lengths=(12, 24))
    assert (found.treated, found.control, found.estimate) == (-10, 0, -10)
    assert found.standard_error == pytest.approx((20 + 20 + (20 + 40) / 4) ** 0.5)


@given(counts, counts, counts, counts)
def test_weights_of_one_are_the_plain_difference_and_places_changed_about_turn_its_sign(
    treated: tuple[int, int], control: tuple[int, int], ring: tuple[int, int], far_ring: tuple[int, int]
) -> None:
    found = displacement_difference(Places.of(treated, control, ring, far_ring))
    turned = displacement_difference(Places.of(control, treated, far_ring, ring))
    doubled = displacement_difference(Places.of(treated, control, ring, far_ring), days=2)
    assert turned.estimate == -found.estimate
    assert turned.standard_error == found.standard_error
    assert doubled.estimate == 2 * found.estimate
    assert doubled.standard_error == pytest.approx(2 * found.standard_error)
    assert found.local + found.displaced == found.estimate


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    # 90 % of 1,000, give or take five standard errors of 9.5: 853 to 947 (false alarm one in a million).
    rng = np.random.default_rng(21)
    before, after = rng.poisson([40, 60], (1_000, 2)), rng.poisson([25, 55], (1_000, 2))
    truth = (25 - 40) - (55 - 60)
    held = 0
    for (t0, c0), (t1, c1) in zip(before.tolist(), after.tolist(), strict=True):
        found = displacement_difference(Places.of((t0, t1), (c0, c1)))
        held += found.low <= truth <= found.high
    assert 853 <= held <= 947


def test_few_incidents_are_said() -> None:
    assert displacement_difference(Places.of((3, 2), (20, 20))).few


def test_nothing_at_all_gives_no_p() -> None:
    found = displacement_difference(Places.of((0, 0), (0, 0)))
    assert (found.estimate, found.standard_error) == (0, 0)
    assert np.isnan(found.p)


@pytest.mark.parametrize("wrong", [(1, 2, 3), (-1, 2), (float("nan"), 1), (5,)])
def test_what_is_no_before_and_after_is_refused(wrong: tuple[float, ...]) -> None:
    with pytest.raises(QueryError) as raised:
        Places.of(wrong, (20, 20))
    assert raised.value.field == "treated"


@pytest.mark.parametrize("settings", [{"lengths": (0, 1)}, {"level": 1.0}])
def test_a_length_or_level_that_cannot_be_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(QueryError):
        displacement_difference(Places.of((20, 10), (20, 20)), **settings)  # type: ignore[arg-type]


def test_a_ring_of_few_incidents_is_told() -> None:
    assert displacement_difference(Places.of((20, 10), (20, 20), (6, 1), (6, 6))).few
    assert not displacement_difference(Places.of((20, 10), (20, 20), (6, 6), (6, 6))).few
