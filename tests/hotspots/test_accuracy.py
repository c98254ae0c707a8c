"""The best cells are the best, fit in the share, and what they hold is counted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import QueryError
from geo_service.hotspots import choose, held
from geo_service.model.periods import Period

N = 40
CELLS = np.arange(100, 100 + N, dtype=np.uint64)
M2 = np.full(N, 100.0)
PERIOD = Period.parse("2025-01", "2025-06")

counts = st.lists(st.integers(0, 6), min_size=N, max_size=N).map(lambda some: np.array(some, dtype=np.float64))
areas = st.lists(st.floats(50.0, 150.0), min_size=N, max_size=N).map(np.array)
shares = st.floats(0.2, 1.0)


@given(events=counts, covered_m2=areas, share=shares)
@settings(deadline=None)
def test_the_chosen_cells_are_the_best_ones_that_fit(events: np.ndarray, covered_m2: np.ndarray, share: float) -> None:
    chosen = choose(events, events, covered_m2, CELLS, share)
    assert covered_m2[chosen].sum() <= share * covered_m2.sum() * (1 + 1e-6)
    assert (events[chosen] > 0).all()
    rest = ~chosen & (events > 0)
    if chosen.any() and rest.any():
        assert events[chosen].min() >= events[rest].max()
        # One more of the best would not have fitted.
        following = np.lexsort((CELLS, -events))[chosen.sum()]
        assert covered_m2[chosen].sum() + covered_m2[following] > share * covered_m2.sum() * (1 - 1e-6)


@given(events=counts, share=shares, seed=st.integers(0, 99))
@settings(deadline=None)
def test_the_choice_does_not_hang_on_the_order_of_the_cells(events: np.ndarray, share: float, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(N)
    shuffled = choose(events[order], events[order], M2, CELLS[order], share)
    np.testing.assert_array_equal(shuffled, choose(events, events, M2, CELLS, share)[order])


def test_ties_go_to_more_events_and_then_to_the_lower_cell() -> None:
    score = np.array([1.0, 2.0, 2.0, 2.0])
    events = np.array([9.0, 1.0, 3.0, 3.0])
    best = [choose(score, events, M2[:4], CELLS[:4], share).nonzero()[0].tolist() for share in (0.25, 0.5, 0.75, 1.0)]
    assert best == [[2], [2, 3], [1, 2, 3], [0, 1, 2, 3]]


def test_the_whole_area_takes_every_cell_with_an_event_and_no_other() -> None:
    events = np.array([0.0, 1.0, 0.0, 2.0])
    assert choose(np.array([9.0, 1.0, 8.0, 2.0]), events, M2[:4], CELLS[:4], 1.0).tolist() == [False, True, False, True]


def test_without_events_nothing_is_chosen() -> None:
    assert not choose(np.zeros(N), np.zeros(N), M2, CELLS, 0.014).any()


def test_a_share_below_one_cell_is_refused_with_the_smallest_that_works() -> None:
    events = np.ones(N)
    with pytest.raises(
        QueryError, match=r"Found: 1\.4 % of 0\.4 ha, and the cell has 0\.01 ha.*at least 2\.5 %"
    ) as refused:
        choose(events, events, M2, CELLS, 0.014)
    assert refused.value.field == "area_share"
    assert choose(events, events, M2, CELLS, 0.025).sum() == 1


def test_what_the_chosen_cells_hold_is_counted_by_hand() -> None:
    chosen = np.array([True, False, True, False])
    said = held(
        chosen,
        period=PERIOD,
        events=np.array([6.0, 1.0, 2.0, 1.0]),
        covered_m2=np.array([1.0, 4.0, 1.0, 4.0]),
        harm=np.array([10.0, 30.0, 10.0, 50.0]),
    )
    assert (said.events_share, said.area_share, said.harm_share) == (0.8, 0.2, 0.2)
    assert said.pai == pytest.approx(4.0)
    assert said.pai_harm == pytest.approx(1.0)


def test_without_weights_no_harm_is_held() -> None:
    said = held(np.array([True]), period=PERIOD, events=np.array([1.0]), covered_m2=np.array([1.0]))
    assert said.harm is None
    assert said.harm_share is None
    assert said.pai == 1.0
