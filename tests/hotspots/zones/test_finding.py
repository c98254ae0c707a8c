"""Patrol zones are contiguous, disjoint, compact, walkable and busy enough, and hold nearly the most that they can."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from geo_service.errors import QueryError
from geo_service.hotspots import Grown, ZoneRules, best_zones

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Graph = tuple[NDArray[np.int64], NDArray[np.int64]]

STEPS = 6
N = 3 * STEPS * (STEPS + 1) + 1
CELL_HA = 1.36
AREA_HA = np.full(N, CELL_HA)
COUNTS = st.lists(st.integers(0, 60), min_size=N, max_size=N).map(lambda some: np.array(some, dtype=np.float64))


@pytest.fixture(scope="session")
def area(disk: Callable[..., NDArray[np.uint64]], graph: Callable[..., Graph]) -> Graph:
    """Return the graph of a disk of cells."""
    return graph(disk(STEPS))


@pytest.fixture(scope="session")
def centres(disk: Callable[..., NDArray[np.uint64]]) -> NDArray[np.float64]:
    """Return the centres of the same cells, a hexagon's side being 125 m from the next."""
    import h3  # noqa: PLC0415 - lattice coordinates alone

    cells = [h3.int_to_str(int(cell)) for cell in disk(STEPS)]
    i, j = np.array([h3.cell_to_local_ij(cells[0], cell) for cell in cells], dtype=np.float64).T
    return np.column_stack([125 * (i - j / 2), 125 * j * math.sqrt(3) / 2])


def found(area: Graph, centres: NDArray[np.float64], events: NDArray[np.float64], **changes: object) -> Grown:
    question: dict[str, object] = {
        "events": events,
        "area_ha": AREA_HA,
        "indptr": area[0],
        "indices": area[1],
        "east_north_m": centres,
        "budget_ha": N * CELL_HA,
        "months": 12,
    }
    return best_zones(changes.pop("expected", events), **(question | changes))  # type: ignore[arg-type]


def pieces(area: Graph, zone: NDArray[np.int64]) -> int:
    whole = sparse.csr_array((np.ones(len(area[1])), area[1], area[0]), shape=(N, N))
    return int(connected_components(whole[zone][:, zone], directed=False)[0])


def outer_edges(area: Graph, zone: NDArray[np.int64]) -> int:
    inside = set(zone.tolist())
    return sum(6 - sum(near in inside for near in area[1][area[0][cell] : area[0][cell + 1]]) for cell in inside)


@given(
    events=COUNTS,
    budget_ha=st.floats(2, 200),
    months=st.integers(1, 24),
    size_ha=st.floats(0.1, 4.0),
    spacing_m=st.none() | st.floats(0, 800),
    blocked=st.sets(st.integers(0, N - 1), max_size=40),
)
@settings(max_examples=60, deadline=None)
def test_zones_keep_every_rule(  # noqa: PLR0913, PLR0917 - fixtures and drawn values
    area: Graph,
    centres: NDArray[np.float64],
    events: NDArray[np.float64],
    budget_ha: float,
    months: int,
    size_ha: float,
    spacing_m: float | None,
    blocked: set[int],
) -> None:
    rules = ZoneRules(min_distance_m=spacing_m)
    answer = found(
        area, centres, events, budget_ha=budget_ha, months=months, area_ha=np.full(N, size_ha), rules=rules,
        blocked=np.isin(np.arange(N), list(blocked)),
    )  # fmt: skip
    together = np.concatenate([*answer.zones, np.array([], dtype=np.int64)])
    assert len(together) == len(set(together.tolist()))
    assert len(together) * size_ha <= budget_ha + 1e-6
    assert not blocked.intersection(together.tolist())
    assert sorted(cell for step in answer.steps for cell in step) == sorted(together.tolist())
    middles = []
    for zone in answer.zones:
        assert pieces(area, zone) == 1
        assert 2 - 1e-9 <= len(zone) * size_ha <= 10 + 1e-9
        assert events[zone].sum() >= 36 * months / 12
        assert min(np.hypot(*(centres[zone] - centres[each]).T).max() for each in zone) <= 250 + 1e-6
        # Area of n hexagons of side 1 and their outer edges.
        assert 4 * math.pi * len(zone) * 1.5 * math.sqrt(3) / outer_edges(area, zone) ** 2 >= 0.35 - 1e-9
        middles.append(np.average(centres[zone], axis=0, weights=events[zone]))
    if spacing_m is not None:
        assert all(math.dist(*pair) >= spacing_m - 1e-6 for pair in itertools.combinations(middles, 2))
    totals = [events[zone].sum() for zone in answer.zones]
    assert totals == sorted(totals, reverse=True)


@given(events=COUNTS, budgets=st.tuples(st.floats(3, 60), st.floats(3, 60)).map(sorted))
@settings(max_examples=30, deadline=None)
def test_what_a_smaller_budget_would_have_bought_stands_in_the_order_of_the_steps(
    area: Graph, centres: NDArray[np.float64], events: NDArray[np.float64], budgets: list[float]
) -> None:
    answer = found(area, centres, events, budget_ha=budgets[1], rules=ZoneRules(min_events_12_months=0))
    bought = answer.within(budgets[0])
    assert len(bought) * CELL_HA <= budgets[0] + 1e-6
    assert set(bought.tolist()) <= {cell for zone in answer.zones for cell in zone.tolist()}
    assert len(answer.within(budgets[1])) == sum(map(len, answer.zones))


def best_by_trying_all(area: Graph, values: NDArray[np.float64], cells: list[int], most: int) -> float:
    """Return the most that disjoint zones of two to four cells hold, at most so many cells together."""
    zones = []
    for size in (2, 3, 4):
        for chosen in itertools.combinations(cells, size):
            zone = np.array(chosen)
            if (
                pieces(area, zone) == 1
                and 4 * math.pi * size * 1.5 * math.sqrt(3) / outer_edges(area, zone) ** 2 >= 0.35
            ):
                zones.append((frozenset(chosen), float(values[zone].sum())))

    def best(first: int, taken: frozenset[int]) -> float:
        most_held = 0.0
        for number in range(first, len(zones)):
            cells_of, held = zones[number]
            if len(taken) + len(cells_of) <= most and not taken & cells_of:
                most_held = max(most_held, held + best(number + 1, taken | cells_of))
        return most_held

    return best(0, frozenset())


def test_zones_hold_nearly_as_much_as_the_best_of_all_sets_of_zones(area: Graph, centres: NDArray[np.float64]) -> None:
    rng = np.random.default_rng(5)
    middle = int(np.argmin(np.hypot(*(centres - centres.mean(axis=0)).T)))
    near = np.argsort(np.hypot(*(centres - centres[middle]).T), kind="stable")[:9].tolist()
    ratios = []
    for _ in range(15):
        events = np.zeros(N)
        events[near] = rng.negative_binomial(0.6, 0.05, len(near))
        best = best_by_trying_all(area, events, near, 6)
        answer = found(
            area, centres, events, budget_ha=6 * CELL_HA + 0.01,
            rules=ZoneRules(min_ha=2, max_ha=4 * CELL_HA + 0.01, min_events_12_months=0),
            blocked=~np.isin(np.arange(N), near),
        )  # fmt: skip
        held = sum(events[zone].sum() for zone in answer.zones)
        assert held <= best + 1e-9
        ratios.append(held / best if best else 1.0)
    assert np.mean(ratios) >= 0.95
    assert min(ratios) >= 0.7


def test_a_lone_cell_takes_its_best_neighbour_to_be_large_enough(area: Graph, centres: NDArray[np.float64]) -> None:
    events = np.zeros(N)
    seed = 40
    near = area[1][area[0][seed] : area[0][seed + 1]]
    events[seed], events[near[2]] = 100, 7
    answer = found(area, centres, events)
    assert [zone.tolist() for zone in answer.zones] == [sorted([seed, int(near[2])])]


def test_a_zone_walks_through_an_empty_cell_to_the_next_busy_one_where_that_is_worth_it(
    area: Graph, centres: NDArray[np.float64]
) -> None:
    middle = int(np.argmin(np.hypot(*(centres - centres.mean(axis=0)).T)))
    row = [int(np.argmin(np.hypot(*(centres - centres[middle] - [125 * step, 0]).T))) for step in range(3)]
    events = np.zeros(N)
    events[[row[0], row[2]]] = 90, 80
    answer = found(area, centres, events, budget_ha=3 * CELL_HA + 0.01, rules=ZoneRules(min_ha=3))
    assert [zone.tolist() for zone in answer.zones] == [sorted(row)]


def test_the_bar_of_events_follows_the_months(area: Graph, centres: NDArray[np.float64]) -> None:
    events = np.zeros(N)
    events[[10, 100]] = 20, 40
    assert len(found(area, centres, events).zones) == 1
    assert len(found(area, centres, events, months=6).zones) == 2


def test_an_island_below_two_hectares_is_no_zone(centres: NDArray[np.float64]) -> None:
    alone = (np.zeros(N + 1, dtype=np.int64), np.array([], dtype=np.int64))
    events = np.zeros(N)
    events[5] = 100
    assert found(alone, centres, events).zones == []


def test_zones_are_ordered_by_what_is_expected_of_them(area: Graph, centres: NDArray[np.float64]) -> None:
    events = np.zeros(N)
    events[[10, 100]] = 50, 60
    expected = events.copy()
    expected[[10, 100]] = 900, 300
    answer = found(area, centres, events, expected=expected)
    assert [10 in zone for zone in answer.zones] == [True, False]


def test_zones_begin_only_where_they_may(area: Graph, centres: NDArray[np.float64]) -> None:
    events = np.zeros(N)
    events[[10, 100]] = 50, 60
    answer = found(area, centres, events, seeds=np.arange(N) == 10)
    assert [10 in zone for zone in answer.zones] == [True]


def test_cells_larger_than_a_zone_are_refused(area: Graph, centres: NDArray[np.float64]) -> None:
    with pytest.raises(QueryError, match=r"73\.0 ha a cell.*resolution 10 or finer") as refused:
        found(area, centres, np.ones(N), area_ha=np.full(N, 73.0))
    assert refused.value.field == "resolution"


def test_where_nothing_happened_there_are_no_zones(area: Graph, centres: NDArray[np.float64]) -> None:
    assert found(area, centres, np.zeros(N)).zones == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"min_ha": 0.0}, "min_ha"),
        ({"min_ha": float("nan")}, "min_ha"),
        ({"max_ha": 1.0}, "max_ha"),
        ({"min_events_12_months": -1.0}, "min_events"),
        ({"min_distance_m": -5.0}, "spacing"),
    ],
)
def test_rules_that_no_zone_could_keep_are_refused_by_name(wrong: dict[str, float], field: str) -> None:
    with pytest.raises(QueryError, match="out of range") as refused:
        ZoneRules(**wrong)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("rules", "months", "said"),
    [
        (ZoneRules(), 12, "adjoining cells, 2 to 10 ha, at least 36 events in 12 months, within 250 m"),
        (ZoneRules(), 6, "adjoining cells, 2 to 10 ha, at least 36 events a year (18 in the 6 months loaded), within"),
        (ZoneRules(min_distance_m=500), 12, "in 12 months, centres at least 500 m apart, within 250 m of the busiest"),
    ],
)
def test_the_rules_are_said_in_words(rules: ZoneRules, months: int, said: str) -> None:
    assert said in rules.in_words(months)
