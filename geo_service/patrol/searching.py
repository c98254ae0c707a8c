"""Search for the best loops of a shift: for harm first, then for the rule of every two hours, then minute by minute."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from geo_service.patrol.choosing import LATE_WEIGHT, Choice
from geo_service.patrol.columns import Column, columns, near
from geo_service.patrol.greedy import walked
from geo_service.patrol.lacking import late_minutes
from geo_service.patrol.problem import keepable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from geo_service.patrol.choosing import Picked
    from geo_service.patrol.problem import Problem, Span, Window

NEARBY: Final = 7
"""Minutes by which the last choice moves the loops of the one before to either side."""
FURTHEST: Final = (4, 12, 40)
"""Minutes by which chance moves loops at once: a full shift has room for a few, an empty one for many."""
TRIES: Final = 40
"""Times that chance tries, for each loop."""
TURNED: Final = 3
"""One try in so many turns the order of a loop; the others move loops as they are."""


@dataclass(frozen=True, slots=True)
class Found:
    """Hold the loops that were chosen, and what more crews would do."""

    picked: tuple[Picked, ...]
    more: int = 0
    """How many more crews keep the rule of every two hours, as far as `late`; 0 where these do, or none is known."""
    late: frozenset[Span] = frozenset()
    """The windows (zone, start) that are late even then."""


def search(problem: Problem, rng: np.random.Generator) -> Found:
    """Choose the loops of a shift: never worth less than the greedy ones, which are among those to choose from.

    For harm first; then, where a window is late, for the rule with these crews or with the fewest more; then among the
    near neighbours of what was chosen, minute by minute, where something is still wanting. Last, chance moves all of
    it: loops are listed on a grid of minutes, and who watches the door would see them set out at :04, :14, :24.
    """
    by_hand = tuple((problem.free[crew - 1], column) for crew, column in walked(problem))
    listed = sorted({*columns(problem, rng), *(column for _, column in by_hand)})
    if not listed:
        return Found(())
    solved = Choice(problem, listed, rng).solve()
    chosen = tuple(solved[0]) if solved else ()
    better = value(problem, chosen) >= value(problem, by_hand)
    found = Found(chosen if better else shifted(problem, by_hand, rng))
    if _lates(problem, found.picked):
        found = _keeping(problem, listed, found, by_hand, rng)
    found = _closer(problem, found, rng)
    return replace(found, picked=shifted(problem, found.picked, rng))


def _keeping(
    problem: Problem, listed: list[Column], found: Found, by_hand: Sequence[Picked], rng: np.random.Generator
) -> Found:
    """Take loops of the crews that there are, if they suffice to keep the rule; else find how many more would."""
    known = [] if _lates(problem, by_hand) else [tuple(by_hand)]
    more = 0
    late: frozenset[Span] = frozenset()
    if not known:
        choice = Choice(problem, listed, rng, keep=True, few=True, spare=sum(at.turns for at in problem.windows))
        choice.hint(found.picked)
        few = choice.solve()
        if few is not None:
            late, more = _lates(problem, few[0]), few[1]
            known = [] if late or more else [tuple(few[0])]
    full = Choice(problem, listed, rng, keep=True)
    full.hint(known[0] if known else found.picked)
    wider = full.solve()
    plans = [*known, *([tuple(wider[0])] if wider and not _lates(problem, wider[0]) else [])]
    return Found(max(plans, key=partial(gained, problem))) if plans else replace(found, more=more, late=late)


def _closer(problem: Problem, found: Found, rng: np.random.Generator) -> Found:
    """Move what was chosen by some minutes where a visit is wanting or a window late."""
    late, full = _lates(problem, found.picked), gained(problem, found.picked) >= _wanted(problem)
    if full and not late:
        return found
    listed = near(problem, [column for _, column in found.picked], NEARBY)
    choice = Choice(problem, listed, rng, keep=full or not late)
    choice.hint(found.picked)
    closer = choice.solve()
    if closer is None or value(problem, closer[0]) <= value(problem, found.picked):
        return found
    still = _lates(problem, closer[0])
    return found if still and not late else replace(found, picked=tuple(closer[0]))


def shifted(problem: Problem, picked: Sequence[Picked], rng: np.random.Generator) -> tuple[Picked, ...]:
    """Move loops and turn their orders by chance, one or several in a row, where all rules hold after it too.

    Loops as they are listed or walked set out on a grid, or as soon as a zone is due, and go the shortest way: who
    watches would learn when, and in which order.
    """
    best, may = sorted(picked, key=lambda pick: pick[1]), [problem.allowed(zone) for zone in range(len(problem.zones))]
    for _ in range(TRIES * len(best)):
        first, last = sorted(rng.integers(0, len(best), 2).tolist())
        if not rng.integers(3):  # all from one on, or all up to one: loops that are tightly packed move together alone
            first, last = (first, len(best) - 1) if rng.integers(2) else (0, last)
        furthest = FURTHEST[rng.integers(len(FURTHEST))]
        by = int(rng.integers(-furthest, furthest + 1))
        if rng.integers(TURNED):
            moved = [(spans, _later(column, by)) for spans, column in best[first : last + 1]]
        else:
            last = first
            moved = [(spans, _turned(problem, column, by, rng)) for spans, column in best[first : last + 1]]
        tried = sorted([*best[:first], *moved, *best[last + 1 :]], key=lambda pick: pick[1])
        if _stands(problem, tried, may) and value(problem, tried) >= value(problem, best):
            best = tried
    return tuple(best)


def _later(column: Column, by: int) -> Column:
    return Column(column.start + by, column.end + by, tuple((zone, at + by) for zone, at in column.stops))


def _turned(problem: Problem, column: Column, by: int, rng: np.random.Generator) -> Column:
    """Return a loop through the same zones in an order of chance, without waiting; as it is where that is too long."""
    now, at, stops = column.start + by, 0, []
    for place in rng.permutation(len(column.stops)).tolist():
        zone = column.stops[place][0]
        now += int(problem.legs[at, zone + 1])
        stops.append((zone, now))
        now, at = now + problem.rules.visit_min, zone + 1
    end = now + int(problem.legs[at, 0])
    fits = end - column.start - by <= problem.rules.loop_min
    return Column(column.start + by, end, tuple(stops)) if fits else column


def _stands(problem: Problem, picked: Sequence[Picked], may: Sequence[NDArray[np.bool_]]) -> bool:
    """Tell whether loops lie where their crews are free and rested, and visits in windows, with their gap."""
    pause, reach = problem.rules.pause_min, problem.rules.visit_min + problem.rules.gap_min
    if not all(any(first <= at.start and at.end <= last for first, last in spans) for spans, at in picked):
        return False
    for spans, column in picked:
        out = sum(own == spans and at.start <= column.start < at.end + pause for own, at in picked)
        if out > problem.free.count(spans):
            return False
    begins = sorted(stop for _, column in picked for stop in column.stops)
    apart = all(zone != other or later - at >= reach for (zone, at), (other, later) in pairwise(begins))
    return apart and all(0 <= at <= problem.shift_min and may[zone][at] for zone, at in begins)


def gained(problem: Problem, picked: Sequence[Picked]) -> float:
    """Return the minutes of all visits, each times the weight of its zone."""
    return sum(problem.weights[zone] for _, column in picked for zone, _ in column.stops) * problem.rules.visit_min


def value(problem: Problem, picked: Sequence[Picked]) -> float:
    """Return the worth of a choice where officers do not suffice: minutes gained, less a little for each late one."""
    late = sum(problem.weights[window.zone] * minutes for window, minutes in _late(problem, picked))
    return gained(problem, picked) - LATE_WEIGHT * late


def _late(problem: Problem, picked: Sequence[Picked]) -> list[tuple[Window, int]]:
    begins: list[list[int]] = [[start for start, _ in spans] for spans in problem.fixed]
    for _, column in picked:
        for zone, minute in column.stops:
            begins[zone].append(minute)
    every = problem.rules.every_min
    return [(at, late_minutes(at.start, at.end, begins[at.zone], every)[0]) for at in problem.windows]


def _lates(problem: Problem, picked: Sequence[Picked]) -> frozenset[Span]:
    """Return the windows (zone, start) that are visited too late though crews enough could keep the rule there."""
    late = _late(problem, picked)
    return frozenset((at.zone, at.start) for at, minutes in late if minutes and keepable(problem, at))


def _wanted(problem: Problem) -> float:
    """Return the weighted minutes of every visit that is wanted: no plan gains more."""
    visits = [0] * len(problem.zones)
    for window in problem.windows:
        visits[window.zone] += problem.open_turns(window)
    within = (min(number, problem.cap(zone)) * problem.weights[zone] for zone, number in enumerate(visits))
    return sum(within) * problem.rules.visit_min - 1e-9


def manned(problem: Problem, picked: Sequence[Picked]) -> list[tuple[int, Column]]:
    """Give each loop to a crew of its kind that has rested: one that comes from other zones, and has walked least."""
    ready = [0] * len(problem.free)
    out = [0] * len(problem.free)
    last: list[frozenset[int]] = [frozenset()] * len(problem.free)
    given = []
    for spans, column in sorted(picked, key=lambda pick: pick[1]):
        rested = [at for at, own in enumerate(problem.free) if own == spans and ready[at] <= column.start]
        zones = frozenset(zone for zone, _ in column.stops)
        crew = min(rested, key=lambda at: (len(zones & last[at]), out[at], at))
        ready[crew] = column.end + problem.rules.pause_min
        out[crew] += column.end - column.start
        last[crew] = zones
        given.append((crew + 1, column))
    return given
