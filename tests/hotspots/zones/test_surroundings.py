"""Looking around keeps the mass, never looks across a cut edge, and weighs more the rarer the incidents are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.hotspots import surroundings

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

STEPS = 5
N = 3 * STEPS * (STEPS + 1) + 1


@given(counts=st.lists(st.integers(0, 9), min_size=N, max_size=N))
@settings(max_examples=30, deadline=None)
def test_mass_is_kept_to_what_is_too_little_to_follow(
    disk: Callable[..., NDArray[np.uint64]],
    graph: Callable[..., tuple[NDArray[np.int64], NDArray[np.int64]]],
    counts: list[int],
) -> None:
    value = np.array(counts, dtype=np.float64)
    indptr, indices = graph(disk(STEPS))
    mixed = surroundings(value, value, area_ha=np.full(N, 1.36), indptr=indptr, indices=indices)
    assert mixed.min() >= 0
    np.testing.assert_allclose(mixed.sum(), value.sum(), rtol=0.01)


def test_the_surroundings_weigh_as_the_rarity_says_and_end_at_a_cut(
    disk: Callable[..., NDArray[np.uint64]], graph: Callable[..., tuple[NDArray[np.int64], NDArray[np.int64]]]
) -> None:
    indptr, indices = graph(disk(STEPS))
    alone = np.zeros(N + 1, dtype=np.int64), np.zeros(0, dtype=np.int64)
    for many in (1.0, 18.0):
        value = np.zeros(N)
        value[45] = many
        weight = 1 / (1 + many / 2)
        mixed = surroundings(value, value, area_ha=np.full(N, 1.36), indptr=indptr, indices=indices)
        assert (1 - weight) * many < mixed[45] < many
        uncut = surroundings(value, value, area_ha=np.full(N, 1.36), indptr=alone[0], indices=alone[1])
        np.testing.assert_allclose(uncut, value)
