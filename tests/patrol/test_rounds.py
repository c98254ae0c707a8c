"""The order in which doors are walked, against every order that there is."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from geo_service.patrol import walking_order


def _metres(at: np.ndarray) -> np.ndarray:
    return np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))


@pytest.mark.parametrize("seed", range(4))
def test_few_doors_are_walked_by_the_shortest_way(seed: int) -> None:
    metres = _metres(np.random.default_rng(seed).uniform(0, 200, (7, 2)))
    best = min(metres[list(order[:-1]), list(order[1:])].sum() for order in permutations(range(7)))
    found = walking_order(metres)
    assert sorted(found.tolist()) == list(range(7))
    assert metres[found[:-1], found[1:]].sum() == pytest.approx(best, abs=1.0)


def test_a_street_is_walked_from_its_first_end_to_the_other() -> None:
    street = np.column_stack([np.arange(20) * 9.0, np.zeros(20)])
    shuffled = np.random.default_rng(3).permutation(20)
    order = walking_order(_metres(street[shuffled]))
    walked = shuffled[order].tolist()
    assert walked in (list(range(20)), list(range(19, -1, -1)))
    assert order[0] < order[-1]


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_nothing_to_choose_is_no_problem(count: int) -> None:
    assert sorted(walking_order(np.zeros((count, count))).tolist()) == list(range(count))
