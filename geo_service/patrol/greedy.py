"""Plan as one would by hand: whoever is free goes to the next best zone that is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo_service.patrol.columns import MOST_STOPS, Column
from geo_service.patrol.problem import NEVER

if TYPE_CHECKING:
    from geo_service.patrol.problem import Problem, Window

MOST_WAIT: Final = 10
"""Minutes that a crew waits on its way for a zone to be due."""
STEP: Final = 1
"""Minutes after which a crew at the station that has nowhere to go looks again."""


class Day:
    """Walk through a shift, one visit after the other."""

    def __init__(self, problem: Problem) -> None:
        """Take the shift; visits that stand already count as made."""
        self.problem = problem
        self.made: list[list[tuple[int, int]]] = [list(spans) for spans in problem.fixed]
        self.may = [problem.allowed(zone) for zone in range(len(problem.zones))]

    def run(self) -> list[tuple[int, Column]]:
        """Return each loop with its crew, from 1, in the order in which they set out."""
        rules, loops = self.problem.rules, []
        ready = [0] * len(self.problem.free)
        while min(ready) < self.problem.shift_min:
            now = min(ready)
            crew = ready.index(now)
            last = next((last for first, last in self.problem.free[crew] if first <= now < last), None)
            if last is None:
                opens = [first for first, _ in self.problem.free[crew] if first > now]
                ready[crew] = min(opens, default=NEVER)
                continue
            column = self._loop(now, last)
            ready[crew] = now + STEP if column is None else column.end + rules.pause_min
            if column is not None:
                loops.append((crew + 1, column))
        return loops

    def _loop(self, start: int, last: int) -> Column | None:
        """Walk from the station to the best zone that is due, on to the next best, and back in time."""
        problem, now, at = self.problem, start, 0
        stops: list[tuple[int, int]] = []
        until = min(last, start + problem.rules.loop_min)
        while len(stops) < MOST_STOPS:
            ways = []
            for zone in range(len(problem.zones)):
                begins = self._next(zone, now + int(problem.legs[at, zone + 1]), wait=MOST_WAIT if stops else 0)
                over = begins + problem.rules.visit_min
                if over + int(problem.legs[zone + 1, 0]) <= until:
                    ways.append((problem.weights[zone] / (over - now), -begins, -zone))
            if not ways:
                break
            _, begins, zone = max(ways)
            stops.append((-zone, -begins))
            self.made[-zone].append((-begins, -begins + problem.rules.visit_min))
            now, at = -begins + problem.rules.visit_min, -zone + 1
        return Column(start, now + int(problem.legs[at, 0]), tuple(stops)) if stops else None

    def _next(self, zone: int, there: int, *, wait: int) -> int:
        """Return when a visit may begin that is due, at most so long after being there; else NEVER."""
        for minute in range(there, min(there + wait, self.problem.shift_min) + 1):
            if self.may[zone][minute] and self._due(zone, minute):
                return minute
        return NEVER

    def _due(self, zone: int, minute: int) -> bool:
        rules, made = self.problem.rules, self.made[zone]
        end = minute + rules.visit_min
        if any(start < end + rules.gap_min and minute < over + rules.gap_min for start, over in made):
            return False
        if len(made) - len(self.problem.fixed[zone]) >= self.problem.cap(zone):
            return False
        window = next(at for at in self.problem.windows if at.zone == zone and at.start <= minute and end <= at.end)
        return self._turn(window, minute)

    def _turn(self, window: Window, minute: int) -> bool:
        """Return whether a turn has begun that has not had its visit: turns are equal parts of the window."""
        made = sum(window.start <= start < window.end for start, _ in self.made[window.zone])
        return made < window.turns and (minute - window.start) * window.turns >= made * (window.end - window.start)


def walked(problem: Problem) -> list[tuple[int, Column]]:
    """Return the greedy loops, each with its crew from 1.

    The yardstick: each crew that is free takes, visit after visit, the due zone with the most harm for the minutes that
    it costs, until the loop is full. A zone is due once in each of its turns, from the turn's beginning.
    """
    return Day(problem).run()
