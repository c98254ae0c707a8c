"""Say what one pair does within a loop's time when only two officers of all remain."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING

from geo_service.patrol.columns import MOST_STOPS
from geo_service.patrol.problem import NEVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.model.patrol import Loop
    from geo_service.patrol.problem import Problem


def with_if_two(loops: Sequence[Loop], problem: Problem) -> tuple[Loop, ...]:
    """Return the loops with their `if_two`.

    The zones that any crew was to begin to visit within the loop's time, highest expected harm first, as many as one
    loop can serve inside their windows and after their gaps; in the order that comes to the highest harm soonest. The
    pair has until the end of the longest loop, or until its own next duty.
    """
    return tuple(replace(loop, if_two=_if_two(loop, loops, problem)) for loop in loops)


def _if_two(loop: Loop, loops: Sequence[Loop], problem: Problem) -> tuple[str, ...]:
    until = _until(loop, loops, problem)
    place = {zone.id: number for number, zone in enumerate(problem.zones)}
    visits = [visit for other in loops for visit in other.visits]
    due = {place[visit.zone] for visit in visits if loop.start_min <= visit.start_min < until}
    ranked = sorted(due, key=lambda zone: (-problem.zones[zone].harm_per_h, zone))
    since = {
        zone: max(
            (visit.end_min for visit in visits if place[visit.zone] == zone and visit.start_min < loop.start_min),
            default=-problem.rules.gap_min,
        )
        + problem.rules.gap_min
        for zone in ranked
    }
    best: tuple[int, ...] = ()
    for zone in ranked:
        wider = (*best, zone)
        ways = (way for way in permutations(wider) if _walkable(way, loop.start_min, until, problem, since))
        best = next(ways, best) if len(wider) <= MOST_STOPS else best
    return tuple(problem.zones[zone].id for zone in best)


def _until(loop: Loop, loops: Sequence[Loop], problem: Problem) -> int:
    pause = problem.rules.pause_min
    later = [other.start_min - pause for other in loops if other.crew == loop.crew and other.start_min >= loop.end_min]
    last = next((last for first, last in problem.free[loop.crew - 1] if first <= loop.start_min < last), loop.end_min)
    return max(min(loop.start_min + problem.rules.loop_min, last, problem.shift_min, *later), loop.end_min)


def _walkable(way: Sequence[int], start: int, until: int, problem: Problem, since: dict[int, int]) -> bool:
    now, at = start, 0
    for zone in way:
        there = max(now + int(problem.legs[at, zone + 1]), since[zone])
        now = _over(zone, there, problem)
        at = zone + 1
    return now + int(problem.legs[at, 0]) <= until


def _over(zone: int, there: int, problem: Problem) -> int:
    """Return when a visit that begins as soon as it may is over."""
    visit = problem.rules.visit_min
    spans = (window for window in problem.windows if window.zone == zone)
    return min(
        (max(there, span.start) + visit for span in spans if max(there, span.start) + visit <= span.end), default=NEVER
    )
