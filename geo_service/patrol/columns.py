"""List loops that a crew could walk: which zones in which order from which minute, all rules of one loop kept."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from geo_service.patrol.problem import NEVER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from geo_service.patrol.problem import Problem

MOST_STOPS: Final = 4
"""Zones in one loop: four visits of a quarter of an hour fill sixty minutes without a step between them."""
MOST_COLUMNS: Final = 700
"""Of one kind of crew; the grid of starts is the finest that stays below it."""
STEPS: Final = (1, 2, 3, 5, 10, 15, 20, 30)
"""Minutes between starts, finest first."""


class Column(NamedTuple):
    """Hold one loop that could be chosen."""

    start: int
    end: int
    stops: tuple[tuple[int, int], ...]
    """(place of the zone, start of the visit), in order."""


@dataclass(frozen=True, slots=True)
class Order:
    """Hold one order of zones with every start of the shift: arrays of shape (minutes + 1,)."""

    zones: tuple[int, ...]
    visits: NDArray[np.int64]
    """(zones, minutes + 1): start of each visit."""
    end: NDArray[np.int64]
    """NEVER where the loop cannot be walked from that minute."""

    def column(self, start: int) -> Column:
        """Return the loop that begins at a minute."""
        return Column(start, int(self.end[start]), tuple(zip(self.zones, self.visits[:, start].tolist(), strict=True)))


def next_starts(problem: Problem) -> NDArray[np.int64]:
    """Return for each zone and minute when a visit may begin next: (zones, minutes + 2)."""
    minutes = problem.shift_min + 1
    table = np.full((len(problem.zones), minutes + 1), NEVER, dtype=np.int64)
    for zone in range(len(problem.zones)):
        own = np.where(problem.allowed(zone), np.arange(minutes), NEVER)
        table[zone, :minutes] = np.minimum.accumulate(own[::-1])[::-1]
    return table


def walk(problem: Problem, zones: Sequence[int], starts: NDArray[np.int64], soonest: NDArray[np.int64]) -> Order:
    """Walk an order of zones from every start, each visit as soon as it may be.

    A crew waits on the way where a window has not opened yet, but does not leave the station too early for its first.
    """
    last, visit = soonest.shape[1] - 1, problem.rules.visit_min
    now, at, visits = starts, 0, []
    for zone in zones:
        there = np.minimum(now + problem.legs[at, zone + 1], last)
        begins = soonest[zone, there]
        if at == 0:
            begins = np.where(begins == there, begins, NEVER)
        visits.append(begins)
        now, at = np.minimum(begins + visit, NEVER), zone + 1
    end = now + problem.legs[at, 0]
    end = np.where((end - starts <= problem.rules.loop_min) & (end <= problem.shift_min), end, NEVER)
    return Order(tuple(zones), np.array(visits), end)


def orders(problem: Problem) -> list[list[Order]]:
    """Return the orders of every set of zones that one loop can serve at some minute, grouped by set."""
    starts, soonest = np.arange(problem.shift_min + 1), next_starts(problem)
    found: list[list[Order]] = []
    sets: list[tuple[int, ...]] = [()]
    for _ in range(MOST_STOPS):
        grown = []
        for zones in sets:
            for zone in range(zones[-1] + 1 if zones else 0, len(problem.zones)):
                ways = _ways(problem, (*zones, zone), starts, soonest)
                if ways:
                    grown.append((*zones, zone))
                    found.append(ways)
        sets = grown
    return found


def _ways(
    problem: Problem, zones: tuple[int, ...], starts: NDArray[np.int64], soonest: NDArray[np.int64]
) -> list[Order]:
    room, visit = problem.rules.loop_min - problem.rules.visit_min * len(zones), problem.rules.visit_min
    if room < 0 or visit > problem.shift_min:
        return []
    walked = [walk(problem, way, starts, soonest) for way in permutations(zones) if _travel(problem, way) <= room]
    return [order for order in walked if (order.end < NEVER).any()]


def _travel(problem: Problem, way: Sequence[int]) -> int:
    path = [0, *(zone + 1 for zone in way), 0]
    return int(problem.legs[path[:-1], path[1:]].sum())


def columns(problem: Problem, rng: np.random.Generator) -> list[Column]:
    """List loops to choose from: for each set of zones the fastest order and a random one, on a grid of starts.

    A small shift has every order at every minute. A larger one has a coarser grid that begins at a random minute, and
    besides the starts at which a visit touches the edge of a window, or the loop an edge of what a crew is bound to.
    """
    grouped = orders(problem)
    every = sum(int((order.end < NEVER).sum()) for ways in grouped for order in ways)
    if every <= MOST_COLUMNS:
        return sorted({column for ways in grouped for order in ways for column in _at(order, range(len(order.end)))})
    chosen: set[Column] = set()
    usual = sum(int((np.min([order.end for order in ways], axis=0) < NEVER).sum()) for ways in grouped)
    step = next((step for step in STEPS if 2 * usual / step <= MOST_COLUMNS), STEPS[-1])
    grid = np.arange(int(rng.integers(step)), problem.shift_min + 1, step)
    for ways in grouped:
        ends = np.array([order.end[grid] for order in ways])
        fastest = ends.argmin(axis=0)
        other = np.where(ends < NEVER, rng.random(ends.shape), 2.0).argmin(axis=0)
        for place, start in enumerate(grid.tolist()):
            for number in {int(fastest[place]), int(other[place])}:
                chosen.update(_at(ways[number], (start,)))
        best = min(ways, key=lambda order: _travel(problem, order.zones))
        chosen.update(_at(best, _edges(problem, best)))
    return sorted(chosen)


def near(problem: Problem, picked: Sequence[Column], within: int) -> list[Column]:
    """List the loops of the same zones, in any order, that begin at most so many minutes before or after these."""
    starts, soonest = np.arange(problem.shift_min + 1), next_starts(problem)
    found: set[Column] = set(picked)
    for column in picked:
        around = range(max(column.start - within, 0), column.start + within + 1)
        for order in _ways(problem, tuple(sorted(zone for zone, _ in column.stops)), starts, soonest):
            found.update(_at(order, around))
    return sorted(found)


def _at(order: Order, starts: Sequence[int]) -> Iterator[Column]:
    return (order.column(start) for start in starts if 0 <= start < len(order.end) and order.end[start] < NEVER)


def _edges(problem: Problem, order: Order) -> list[int]:
    """Return the starts from which a walk without waiting touches an edge."""
    visit, now, at, after = problem.rules.visit_min, 0, 0, []
    for zone in order.zones:
        now += int(problem.legs[at, zone + 1])
        after.append(now)
        now, at = now + visit, zone + 1
    length = now + int(problem.legs[at, 0])
    starts = {edge for spans in problem.free for first, last in spans for edge in (first, last - length)}
    for window in problem.windows:
        if window.zone in order.zones:
            offset = after[order.zones.index(window.zone)]
            starts |= {window.start - offset, window.end - visit - offset}
    return sorted(starts)
