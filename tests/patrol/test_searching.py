"""Greedy loops are moved and turned by chance, and nothing but their minutes and orders changes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo_service.model.patrol import PatrolRules, PlanZone, Travel
from geo_service.model.places import EastNorth
from geo_service.patrol.columns import Column
from geo_service.patrol.greedy import walked
from geo_service.patrol.problem import Problem, state
from geo_service.patrol.searching import search, shifted, value

RULES = PatrolRules()
SHIFT = 540
WINDOW = (120, 480)


def stated(crews: int) -> Problem:
    """Lie two zones on one road, on either side of the station."""
    zones = [PlanZone(f"z{number}", number, "", EastNorth(0, 0), 1.0, (WINDOW,)) for number in (1, 2)]
    at = np.array([0.0, -17, 6])
    legs = np.abs(at[:, None] - at[None])
    return state(zones, crews, SHIFT, RULES, Travel(legs, legs * 80, "straight line"))


@given(st.integers(0, 2**32), st.integers(1, 2))
def test_what_chance_moves_keeps_every_rule_and_is_worth_no_less(seed: int, crews: int) -> None:
    problem = stated(crews)
    by_hand = tuple((problem.free[crew - 1], column) for crew, column in walked(problem))
    moved = shifted(problem, by_hand, np.random.default_rng(seed))
    assert value(problem, moved) >= value(problem, by_hand)
    assert sorted(sorted(zone for zone, _ in column.stops) for _, column in moved) == sorted(
        sorted(zone for zone, _ in column.stops) for _, column in by_hand
    )
    for zone in (0, 1):
        begins = sorted(at for _, column in moved for other, at in column.stops if other == zone)
        assert WINDOW[0] <= begins[0]
        assert begins[-1] + RULES.visit_min <= WINDOW[1]
        assert np.diff(begins).min() >= RULES.visit_min + RULES.gap_min
        assert np.diff([WINDOW[0], *begins, WINDOW[1]]).max() <= RULES.every_min
    for _, column in moved:
        path, now = [0, *(zone + 1 for zone, _ in column.stops), 0], column.start
        for (before, there), (_, at) in zip(pairwise(path), [*column.stops, (0, column.end)], strict=True):
            now += int(problem.legs[before, there])
            assert now == at
            now += RULES.visit_min
        assert column.end - column.start <= RULES.loop_min
        busy = sum(at.start <= column.start < at.end + RULES.pause_min for _, at in moved)
        assert busy <= crews


def test_another_seed_sends_a_pair_at_other_minutes() -> None:
    problem = stated(1)
    by_hand = tuple((problem.free[crew - 1], column) for crew, column in walked(problem))
    starts = {tuple(at.start for _, at in shifted(problem, by_hand, np.random.default_rng(seed))) for seed in range(9)}
    assert len(starts) == 9


def test_loops_set_out_at_minutes_of_no_grid() -> None:
    # Starts are listed every few minutes of the hour, so that :04, :14, :24 would be all that a watcher sees.
    zones = [PlanZone(f"z{number}", number, "", EastNorth(0, 0), 1.0, ((0, SHIFT),)) for number in range(1, 5)]
    at = np.array([0.0, 4, 6, 9, 12])
    legs = np.abs(at[:, None] - at[None])
    problem = state(zones, 3, SHIFT, RULES, Travel(legs, legs * 80, "straight line"))
    for seed in range(3):
        found = search(problem, np.random.default_rng(seed))
        starts = [column.start for _, column in found.picked]
        assert len(starts) > 5
        for step in (5, 10, 15):
            assert len({start % step for start in starts}) > 2


def test_visits_of_a_full_shift_do_not_come_on_the_minute() -> None:
    # Two crews at two doors could be there every hour, nine times; somebody who watches would know the next.
    zones = [PlanZone(f"z{number}", number, "", EastNorth(0, 0), 1.0, ((0, SHIFT),)) for number in (1, 2)]
    legs = np.array([[0, 2, 2], [2, 0, 2], [2, 2, 0]], dtype=float)
    problem = state(zones, 2, SHIFT, RULES, Travel(legs, legs * 80, "straight line"))
    for seed in range(3):
        found = search(problem, np.random.default_rng(seed))
        begins = sorted(stop for _, column in found.picked for stop in column.stops)
        apart = [later - at for (zone, at), (other, later) in pairwise(begins) if zone == other]
        assert len(apart) >= 12
        assert max(apart) - min(apart) >= 15
        assert sum(at <= 62 for at in apart) <= len(apart) / 2


def test_chance_turns_the_order_of_a_loop_where_it_costs_nothing() -> None:
    zones = [PlanZone(f"z{number}", number, "", EastNorth(0, 0), 1.0, (WINDOW,)) for number in (1, 2)]
    legs = np.array([[0, 4, 6], [4, 0, 3], [6, 3, 0]], dtype=float)
    problem = state(zones, 1, SHIFT, RULES, Travel(legs, legs * 80, "straight line"))
    only = ((problem.free[0], Column(196, 239, ((0, 200), (1, 218)))),)
    orders = {
        tuple(zone for zone, _ in column.stops)
        for seed in range(9)
        for _, column in shifted(problem, only, np.random.default_rng(seed))
    }
    assert orders == {(0, 1), (1, 0)}
