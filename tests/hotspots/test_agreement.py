"""Two rankings agree as far as the published measure says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.hotspots.agreement import agree, jaccard, lead, rank_biased_overlap

lists = st.integers(1, 14).flatmap(
    lambda size: st.tuples(st.permutations(range(14)).map(lambda some: some[:size]), st.permutations(range(14)))
)
persistences = st.floats(0.05, 0.98)


def by_the_text(first: list[int], second: list[int], p: float) -> float:
    """Work out equation 32 of Webber, Moffat and Zobel term by term, from sets."""
    short, long = sorted((first, second), key=len)
    s, depth = len(short), len(long)
    x = [len(set(short[:d]) & set(long[:d])) for d in range(1, depth + 1)]
    sum_1 = sum(x[d - 1] / d * p**d for d in range(1, depth + 1))
    sum_2 = sum(x[s - 1] * (d - s) / (s * d) * p**d for d in range(s + 1, depth + 1))
    return (1 - p) / p * (sum_1 + sum_2) + ((x[depth - 1] - x[s - 1]) / depth + x[s - 1] / s) * p**depth


@given(some=lists, p=persistences)
def test_it_is_the_published_equation(some: tuple[list[int], list[int]], p: float) -> None:
    first, second = (np.array(each) for each in some)
    assert rank_biased_overlap(first, second, p) == pytest.approx(by_the_text(*some, p))


def test_by_hand() -> None:
    # a b c against a c b, p 0.5: agreements 1, 1/2, 1; (1 - p) / p (0.5 + 0.125 + 0.125) + 0.125.
    assert rank_biased_overlap(np.array([1, 2, 3]), np.array([1, 3, 2]), 0.5) == pytest.approx(0.875)
    # a against a b: agreements 1, 1/2; (0.5 + 0.125 + 1 x 1 / (1 x 2) x 0.25) + (0 + 1) x 0.25.
    assert rank_biased_overlap(np.array([1]), np.array([1, 2]), 0.5) == pytest.approx(0.5 + 0.125 + 0.125 + 0.25)


@given(some=lists, p=persistences)
def test_it_is_a_share_the_same_both_ways_and_1_for_the_same(some: tuple[list[int], list[int]], p: float) -> None:
    first, second = (np.array(each) for each in some)
    found = rank_biased_overlap(first, second, p)
    assert -1e-12 <= found <= 1 + 1e-12
    assert rank_biased_overlap(second, first, p) == pytest.approx(found)
    assert rank_biased_overlap(first, first, p) == pytest.approx(1.0)


def test_nothing_in_common_and_nothing_at_all() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert rank_biased_overlap(np.arange(3), np.arange(3, 6), 0.9) == 0.0
    assert rank_biased_overlap(none, np.arange(3), 0.9) == 0.0
    assert rank_biased_overlap(none, none, 0.9) == 1.0


def test_agreement_of_cells_and_zones_by_hand() -> None:
    first, second = np.array([1, 1, 1, 0, 0, 0], bool), np.array([0, 1, 1, 1, 0, 0], bool)
    found = agree(
        (first, second),
        ([np.array([0, 1]), np.array([2])], [np.array([1, 2, 3])]),
        (np.array([0, 1, 2]), np.array([1, 2, 3])),
        0.9,
    )
    assert found.cells == pytest.approx(2 / 4)
    assert found.zone_cells == pytest.approx(2 / 4)
    assert found.zones_in_both == 2
    assert jaccard(np.zeros(3, bool), np.zeros(3, bool)) == 1.0


def test_a_zone_is_led_by_the_measure_that_chose_most_of_it_alone() -> None:
    first, second = np.array([1, 1, 1, 0, 0], bool), np.array([0, 0, 1, 1, 1], bool)
    assert lead(np.array([0, 1, 2]), first, second) == "first"
    assert lead(np.array([2, 3, 4]), first, second) == "second"
    assert lead(np.array([1, 2, 3]), first, second) == "both"
