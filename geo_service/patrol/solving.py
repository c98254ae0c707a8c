"""Plan a shift: choose loops with CP-SAT so that rules are kept and the most expected harm is met.

The loops that one crew could walk are listed (`columns`), and CP-SAT of OR-tools chooses among them (`choosing`).

**Why CP-SAT** (OR-tools 9.15), by trial on 20 drawn teams of 4 zones and 2 or 3 crews over 8 hours: a zone may be
visited at any minute, only not too soon and not too late after the visit before, by whichever crew. Routing solvers
want jobs with time windows of their own and one tour a vehicle. PyVRP 0.14, given each turn of a zone as a job with a
prize and each loop as a vehicle with a fixed hour, had 90 % of CP-SAT's harm-minutes where windows are of 2 to 4
hours, at 500 and at 3,000 iterations alike, and 86 % where they are the shift, at 500: the fixed hours and turns cost
that, not the search. It took a quarter of the time. OR-tools' routing, given the same, had answered for none of the
20 after two minutes. CP-SAT proves most choices the best of those listed, counts its work in steps, and all but
equals an exact optimum on small shifts: `python -m benchmarks.patrol`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from geo_service.model.patrol import Loop, Visit
from geo_service.patrol.checking import check
from geo_service.patrol.greedy import walked
from geo_service.patrol.lacking import Lack, lack_words, lacks
from geo_service.patrol.problem import NEVER, state
from geo_service.patrol.refusing import refuse_broken, refuse_hopeless, shortest_loop
from geo_service.patrol.remaining import with_if_two
from geo_service.patrol.searching import manned, search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.patrol import Commitment, PatrolRules, PlanZone, Travel
    from geo_service.patrol.columns import Column
    from geo_service.patrol.problem import Problem
    from geo_service.patrol.searching import Found


@dataclass(frozen=True, slots=True)
class Solved:
    """Hold what a shift was planned to be."""

    loops: tuple[Loop, ...]
    """By crew and start, with `if_two`."""
    harm_minutes: float
    unkept: tuple[str, ...]
    """Where the rule of every two hours is not kept, by how much, and what would keep it."""
    lacks: tuple[Lack, ...] = field(default=())
    """The same as windows and minutes, for who knows the clock: see `lack_words`."""


def harm_minutes(loops: Sequence[Loop], zones: Sequence[PlanZone]) -> float:
    """Return the expected harm an hour of each visited zone times the minutes spent there in its windows.

    Minutes outside a zone's windows and in zones that are not given earn nothing. In harm (or incidents) times minutes
    an hour: divide by 60 for the harm that is expected while somebody is there.
    """
    own = {zone.id: zone for zone in zones}
    return float(
        sum(
            own[visit.zone].harm_per_h * max(min(visit.end_min, end) - max(visit.start_min, start), 0)
            for loop in loops
            for visit in loop.visits
            if visit.zone in own
            for start, end in own[visit.zone].windows
        )
    )


def solve(  # noqa: PLR0913 - a shift and everything that binds it
    zones: Sequence[PlanZone],
    crews: int,
    shift_min: int,
    rules: PatrolRules,
    travel: Travel,
    *,
    commitments: Sequence[Commitment] = (),
    locked: Sequence[Loop] = (),
    seed: int = 1,
) -> Solved:
    """Plan a shift so that every rule is kept and the aims are met as far as they can be, in this order.

    1. Where the crews suffice, a visit begins at least every `every_min` in every window of every zone. 2. The most
       harm-minutes that gaps and caps leave room for; where the crews do not suffice, a minute beyond
       `every_min` costs next to nothing (LATE_WEIGHT). 3. Full loops rather than many; ties by chance, so times and
       orders are irregular and differ from seed to seed.

    Zone k of `zones` is row k + 1 of the travel times, whose minutes are rounded up. `locked` loops and all their
    visits stay as they are. The same input and seed give the same plan: work is limited by CP-SAT's deterministic time.

    Raises QueryError where nothing can be planned, with the rule to relax (`field`) and by how much.
    """
    problem = _stated(zones, crews, shift_min, rules, travel, commitments, locked)
    rng = np.random.default_rng(seed)
    found = search(problem, rng)
    if not found.picked and not locked:
        refuse_hopeless(problem)
    loops = _built(problem, travel, manned(problem, found.picked), locked)
    lacking = lacks(loops, zones, shift_min, rules, commitments=commitments)
    return Solved(with_if_two(loops, problem), harm_minutes(loops, zones), _unkept(problem, lacking, found), lacking)


def greedy(  # noqa: PLR0913 - a shift and everything that binds it
    zones: Sequence[PlanZone],
    crews: int,
    shift_min: int,
    rules: PatrolRules,
    travel: Travel,
    *,
    commitments: Sequence[Commitment] = (),
    locked: Sequence[Loop] = (),
    seed: int = 1,
) -> Solved:
    """Plan the same shift by the next best visit each time, as a yardstick: see `walked`. It takes no chances.

    Raises QueryError.
    """
    problem = _stated(zones, crews, shift_min, rules, travel, commitments, locked)
    loops = _built(problem, travel, walked(problem), locked)
    if not loops and not search(problem, np.random.default_rng(seed)).picked:
        refuse_hopeless(problem)
    lacking = lacks(loops, zones, shift_min, rules, commitments=commitments)
    said = tuple(lack_words(lack, rules) for lack in lacking)
    return Solved(with_if_two(loops, problem), harm_minutes(loops, zones), said, lacking)


def _stated(  # noqa: PLR0913, PLR0917 - a shift and everything that binds it
    zones: Sequence[PlanZone],
    crews: int,
    shift_min: int,
    rules: PatrolRules,
    travel: Travel,
    commitments: Sequence[Commitment],
    locked: Sequence[Loop],
) -> Problem:
    problem = state(zones, crews, shift_min, rules, travel, commitments=commitments, locked=locked)
    refuse_broken(check(locked, zones, crews, shift_min, rules, travel, commitments=commitments))
    return problem


def _built(
    problem: Problem, travel: Travel, manned: Sequence[tuple[int, Column]], locked: Sequence[Loop]
) -> tuple[Loop, ...]:
    """Make loops of columns, visits numbered in order of time with ids that no locked visit has."""
    taken = {visit.id for loop in locked for visit in loop.visits}
    count = sum(len(column.stops) for _, column in manned)
    names = (name for name in (f"v{number:02d}" for number in range(1, count + len(taken) + 1)) if name not in taken)
    stops = sorted((minute, zone, crew) for crew, column in manned for zone, minute in column.stops)
    name = dict(zip(stops, names, strict=False))
    loops = list(locked)
    for crew, column in manned:
        visits = tuple(
            Visit(name[minute, zone, crew], problem.zones[zone].id, minute, minute + problem.rules.visit_min)
            for zone, minute in column.stops
        )
        path = [0, *(zone + 1 for zone, _ in column.stops), 0]
        legs = tuple(float(travel.minutes[a, b]) for a, b in pairwise(path))
        loops.append(Loop(crew, column.start, column.end, visits, legs))
    return tuple(sorted(loops, key=lambda loop: (loop.crew, loop.start_min)))


def _unkept(problem: Problem, lacking: Sequence[Lack], found: Found) -> tuple[str, ...]:
    place = {zone.id: number for number, zone in enumerate(problem.zones)}
    return tuple(
        f"{lack_words(lack, problem.rules)}; {_why(problem, place[lack.zone.id], lack, found)}" for lack in lacking
    )


def _why(problem: Problem, zone: int, lack: Lack, found: Found) -> str:
    """Say what would keep the rule in one window."""
    rules, takes, span = problem.rules, shortest_loop(problem, zone), lack.end_min - lack.start_min
    if takes >= NEVER:
        return "there is no way from the station to it"
    if takes > rules.loop_min:
        return (
            f"it cannot be reached: a loop there takes {takes} minutes, {takes - rules.loop_min} more than the rule "
            f"`loop` of {rules.loop_min} allows"
        )
    if span < rules.visit_min:
        return f"its window is {rules.visit_min - span} minutes shorter than a visit"
    if found.more and (zone, lack.start_min) not in found.late:
        crews = len(problem.free)
        return f"{crews + found.more} crews instead of {crews} would keep the rule"
    if not lack.visits and problem.cap(zone):
        return "the crews have no time for it"
    return "no plan was found that keeps the rule: look at its cap, the gap, commitments and what is locked"
