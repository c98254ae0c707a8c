"""The best cells are the best, fit in the share, and what they hold is counted."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import QueryError
from geo_service.hotspots import choose, held
from geo_service.hotspots.accuracy import Hindsight, pei_star, rri
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


# --- PEI* and RRI ---------------------------------------------------------------------------------

few_counts = st.lists(st.integers(0, 6), min_size=9, max_size=9).map(lambda some: np.array(some, dtype=np.float64))
few_areas = st.lists(st.floats(20.0, 150.0), min_size=9, max_size=9).map(np.array)


def most_by_trying_all(later: np.ndarray, m2: np.ndarray, area_m2: float) -> float:
    """Try every set of cells that fits in an area."""
    sets = (set_ for size in range(len(m2) + 1) for set_ in itertools.combinations(range(len(m2)), size))
    return max(float(later[list(set_)].sum()) for set_ in sets if m2[list(set_)].sum() <= area_m2 * (1 + 1e-9))


@given(later=few_counts, cells=st.integers(0, 9))
@settings(deadline=None, max_examples=50)
def test_of_cells_of_one_size_the_best_possible_is_what_trying_every_set_finds(later: np.ndarray, cells: int) -> None:
    m2 = np.full(9, 130.0)
    assert Hindsight(later, m2).most(cells * 130.0) == most_by_trying_all(later, m2, cells * 130.0)


@given(later=few_counts, m2=few_areas, share=st.floats(0.05, 1.0))
@settings(deadline=None, max_examples=40)
def test_of_cells_of_any_size_it_is_less_than_one_cell_above_and_never_below(
    later: np.ndarray, m2: np.ndarray, share: float
) -> None:
    area_m2 = share * m2.sum()
    best = most_by_trying_all(later, m2, area_m2)
    assert best <= Hindsight(later, m2).most(area_m2) < best + max(later.max(), 1.0)


@given(later=few_counts, m2=few_areas, chosen=st.lists(st.booleans(), min_size=9, max_size=9).map(np.array))
def test_pei_star_is_a_share_of_the_best_possible(later: np.ndarray, m2: np.ndarray, chosen: np.ndarray) -> None:
    found = pei_star(held(chosen, period=PERIOD, events=later, covered_m2=m2), Hindsight(later, m2))
    assert np.isnan(found) or 0 <= found <= 1


def test_pei_star_and_rri_by_hand() -> None:
    m2, chosen = np.full(4, 100.0), np.array([True, True, False, False])
    before = held(chosen, period=PERIOD, events=np.array([6.0, 4.0, 0.0, 0.0]), covered_m2=m2)
    later = np.array([3.0, 1.0, 4.0, 2.0])
    after = held(chosen, period=PERIOD, events=later, covered_m2=m2)
    # 4 of 10 in half the area; the best half held 3 + 4.
    assert pei_star(after, Hindsight(later, m2)) == pytest.approx(4 / 7)
    # PAI (4 / 10) / (1 / 2) after (10 / 10) / (1 / 2).
    assert rri(before, after) == pytest.approx(0.8 / 2.0)
    assert np.isnan(rri(held(~chosen, period=PERIOD, events=np.array([6.0, 4, 0, 0]), covered_m2=m2), after))
    assert np.isnan(pei_star(after, Hindsight(np.zeros(4), m2)))
