"""Patrol zones are contiguous, disjoint, walkable and busy enough, and lose no event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from geo_service.errors import QueryError
from geo_service.hotspots import Grown, ZoneRules, grow

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

STEPS = 6
N = 3 * STEPS * (STEPS + 1) + 1


@pytest.fixture(scope="session")
def area(
    disk: Callable[..., NDArray[np.uint64]], graph: Callable[..., tuple[NDArray[np.int64], NDArray[np.int64]]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the graph of a disk of cells."""
    return graph(disk(STEPS))


def grown(area: tuple[np.ndarray, np.ndarray], events: np.ndarray, chosen: np.ndarray, **changes: object) -> Grown:
    question: dict[str, object] = {
        "value": events,
        "events": events,
        "area_ha": np.full(N, 1.36),
        "indptr": area[0],
        "indices": area[1],
        "chosen": chosen,
        "months": 12,
    }
    return grow(changes.pop("score", events), **(question | changes))  # type: ignore[arg-type]


@given(
    events=st.lists(st.integers(0, 60), min_size=N, max_size=N).map(lambda some: np.array(some, dtype=np.float64)),
    share=st.floats(0.02, 0.6),
    months=st.integers(1, 24),
    size_ha=st.floats(0.1, 4.0),
)
@settings(max_examples=60, deadline=None)
def test_zones_are_contiguous_disjoint_walkable_and_busy(
    area: tuple[np.ndarray, np.ndarray], events: np.ndarray, share: float, months: int, size_ha: float
) -> None:
    best = np.argsort(-events, kind="stable")[: max(1, int(share * N))]
    chosen = np.isin(np.arange(N), best)
    answer = grown(area, events, chosen, months=months, area_ha=np.full(N, size_ha))
    whole = sparse.csr_array((np.ones(len(area[1])), area[1], area[0]), shape=(N, N))
    together = np.concatenate([*answer.zones, np.array([], dtype=np.int64)])
    assert len(together) == len(set(together.tolist()))
    for zone in answer.zones:
        assert connected_components(whole[zone][:, zone], directed=False)[0] == 1
        assert 2 <= len(zone) * size_ha <= 10 + 1e-9
        assert events[zone].sum() >= 36 * months / 12
        assert chosen[zone].any()
    elsewhere = np.setdiff1d(np.arange(N), together)
    assert sum(events[zone].sum() for zone in answer.zones) + events[elsewhere].sum() == events.sum()
    totals = [events[zone].sum() for zone in answer.zones]
    assert totals == sorted(totals, reverse=True)


def test_a_lone_cell_takes_its_best_neighbour_to_be_large_enough(area: tuple[np.ndarray, np.ndarray]) -> None:
    events = np.zeros(N)
    seed = 40
    near = area[1][area[0][seed] : area[0][seed + 1]]
    events[seed], events[near[2]] = 100, 7
    answer = grown(area, events, np.isin(np.arange(N), [seed]))
    assert [zone.tolist() for zone in answer.zones] == [sorted([seed, int(near[2])])]


def test_places_below_the_bar_are_counted_and_the_bar_follows_the_months(
    area: tuple[np.ndarray, np.ndarray],
) -> None:
    events = np.zeros(N)
    events[[10, 100]] = 20, 40
    chosen = events > 0
    year = grown(area, events, chosen)
    assert (len(year.zones), year.below) == (1, 1)
    half = grown(area, events, chosen, months=6)
    assert (len(half.zones), half.below) == (2, 0)


def test_an_island_below_two_hectares_is_no_zone(area: tuple[np.ndarray, np.ndarray]) -> None:
    alone = (np.zeros(N + 1, dtype=np.int64), np.array([], dtype=np.int64))
    events = np.zeros(N)
    events[5] = 100
    answer = grown(alone, events, events > 0)
    assert (len(answer.zones), answer.below, answer.too_small) == (0, 0, 1)


def test_zones_are_ordered_by_the_measure_and_not_by_the_score(area: tuple[np.ndarray, np.ndarray]) -> None:
    events = np.zeros(N)
    events[[10, 100]] = 50, 60
    value = events.copy()
    value[[10, 100]] = 900, 300
    answer = grown(area, events, events > 0, value=value)
    assert [10 in zone for zone in answer.zones] == [True, False]


def test_centres_keep_their_distance_where_a_rule_asks_for_it(area: tuple[np.ndarray, np.ndarray]) -> None:
    events = np.zeros(N)
    events[[10, 40, 100]] = 90, 60, 50
    east_north_m = np.zeros((N, 2))
    east_north_m[[10, 40, 100], 0] = 0, 499, 1000
    # Each zone's neighbour cell has no event, so its weight in the centre is next to nothing.
    apart = ZoneRules(min_distance_m=500)
    answer = grown(area, events, events > 0, rules=apart, east_north_m=east_north_m)
    assert [round(events[zone].sum()) for zone in answer.zones] == [90, 50]
    assert answer.too_near == 1


def test_cells_larger_than_a_zone_are_refused(area: tuple[np.ndarray, np.ndarray]) -> None:
    with pytest.raises(QueryError, match=r"73\.0 ha a cell.*resolution 10 or finer") as refused:
        grown(area, np.ones(N), np.ones(N, dtype=np.bool_), area_ha=np.full(N, 73.0))
    assert refused.value.field == "resolution"


def test_without_chosen_cells_there_are_no_zones(area: tuple[np.ndarray, np.ndarray]) -> None:
    answer = grown(area, np.ones(N), np.zeros(N, dtype=np.bool_))
    assert (answer.zones, answer.below, answer.too_small, answer.too_near) == ([], 0, 0, 0)


@pytest.mark.parametrize(
    ("rules", "months", "said"),
    [
        (ZoneRules(), 12, "adjoining cells, 2 to 10 ha, at least 36 events in 12 months"),
        (ZoneRules(), 6, "adjoining cells, 2 to 10 ha, at least 36 events a year (18 in the 6 months loaded)"),
        (
            ZoneRules(min_distance_m=500),
            12,
            "adjoining cells, 2 to 10 ha, at least 36 events in 12 months, centres at least 500 m apart",
        ),
    ],
)
def test_the_rules_are_said_in_words(rules: ZoneRules, months: int, said: str) -> None:
    assert rules.in_words(months) == said


def test_a_distance_without_centres_is_a_fault_of_the_caller(area: tuple[np.ndarray, np.ndarray]) -> None:
    with pytest.raises(ValueError, match="needs the centres"):
        grown(area, np.ones(N), np.ones(N, dtype=np.bool_), rules=ZoneRules(min_distance_m=500))
