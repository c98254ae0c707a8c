"""Choose among loops with CP-SAT so that every rule holds between them and the aims are met as far as they can be.

Why this solver (OR-tools 9.15, CP-SAT): see `solving`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, TypeAlias

from geo_service.patrol.problem import keepable, needed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from ortools.sat.python import cp_model

    from geo_service.model.patrol import PatrolRules
    from geo_service.patrol.columns import Column
    from geo_service.patrol.problem import Problem, Span, Window

STEP: Final = 10
"""Minutes between the moments at which `every_min` is looked at while harm comes first; the rule itself is looked at
every minute: what kept it some minutes early cost visits."""
LATE_WEIGHT: Final = 0.005
"""What a minute beyond `every_min` weighs, in minutes in the zone, where the officers do not suffice to keep the rule:
the most harm comes first then, and visits are spread as far as that leaves them free to be."""
KEEP_WEIGHT: Final = 600
"""The same, in every zone alike, while it is tried how many crews keep the rule: more than a crew costs."""
SCALE: Final = 20_000
OUT: Final = 60
"""What a loop costs besides its minutes: full loops are rather walked than many."""
CHANCE: Final = 20
"""The most that chance takes from a loop: less than walking twice, so that it chooses among plans that are as good."""
WORK: Final = 1.2
"""Units of CP-SAT's deterministic time: counted in steps of work, so the same on every machine."""


Picked: TypeAlias = "tuple[tuple[Span, ...], Column]"
"""A loop with the free spans of the crews that it is for."""


class Choice:
    """Build and solve the choice among loops for one shift."""

    def __init__(  # noqa: PLR0913 - a shift, and what is asked of it
        self,
        problem: Problem,
        columns: Sequence[Column],
        rng: np.random.Generator,
        *,
        keep: bool = False,
        few: bool = False,
        spare: int = 0,
    ) -> None:
        """Take the shift and the loops to choose from.

        rng: breaks ties only. keep: put `every_min` first, wherever crews enough could keep it. few: with no more
        visits than that needs, which is far sooner found. spare: how many crews may be added; each costs more than all
        visits gain.
        """
        from ortools.sat.python import cp_model  # noqa: PLC0415 (heavy)

        self.problem, self.columns, self.keep, self.few = problem, columns, keep, few
        self.model = cp_model.CpModel()
        kinds = Counter(problem.free)
        if spare:
            kinds.setdefault(problem.spare, 0)
        self.kinds = sorted(kinds.items())
        self.chosen = [self._of_kind(spans) for spans, _ in self.kinds]
        self.terms: list[tuple[int, cp_model.IntVar]] = []
        """What is gained, in units of 1 / SCALE of a minute at the zone of the highest harm."""
        self.more = self.model.new_int_var(0, spare, "more")
        chance = rng.integers(0, CHANCE, len(columns)).tolist()
        self.minute = self._minute()
        for bools in self.chosen:
            for number, taken in bools.items():
                column = columns[number]
                self.terms.append((-self.minute * (column.end - column.start + OUT + chance[number]), taken))
        self._crews()
        self.visited = self._visits()
        for zone in range(len(problem.zones)):
            self._zone(zone)
        if spare:
            self.terms.append(
                (-SCALE * (1 + problem.rules.visit_min * sum(at.turns for at in problem.windows)), self.more)
            )

    def _minute(self) -> int:
        """Return what a minute of a loop costs: so little that all loops together cost less than the least visit."""
        problem = self.problem
        most = sum(window.turns for window in problem.windows) * (problem.rules.loop_min + OUT + CHANCE)
        return max(int(0.9 * min(problem.weights) * SCALE * problem.rules.visit_min / max(most, 1)), 1)

    def _of_kind(self, spans: Sequence[Span]) -> dict[int, cp_model.IntVar]:
        return {
            number: self.model.new_bool_var("")
            for number, column in enumerate(self.columns)
            if any(first <= column.start and column.end <= last for first, last in spans)
        }

    def _crews(self) -> None:
        """Hold at every moment no more loops, with their rests, than there are crews of the kind."""
        pause = self.problem.rules.pause_min
        for (spans, crews), bools in zip(self.kinds, self.chosen, strict=True):
            extra = self.more if spans == self.problem.spare else 0
            longest = max((self.columns[number].end - self.columns[number].start for number in bools), default=0)
            numbers = sorted(bools, key=lambda number: self.columns[number].start)
            starts = [self.columns[number].start for number in numbers]
            for moment in sorted(set(starts)):
                first, last = bisect_left(starts, moment - longest - pause), bisect_right(starts, moment)
                out = [bools[at] for at in numbers[first:last] if moment < self.columns[at].end + pause]
                if len(out) > crews:
                    self.model.add(sum(out) <= crews + extra)

    def _visits(self) -> list[dict[int, cp_model.IntVar]]:
        """Make for each zone and minute one variable that says whether a visit begins then."""
        by: list[defaultdict[int, list[cp_model.IntVar]]] = [defaultdict(list) for _ in self.problem.zones]
        for bools in self.chosen:
            for number, taken in bools.items():
                for zone, minute in self.columns[number].stops:
                    by[zone][minute].append(taken)
        made: list[dict[int, cp_model.IntVar]] = []
        for zone, minutes in enumerate(by):
            begins = {minute: self.model.new_bool_var("") for minute in sorted(minutes)}
            gain = round(self.problem.weights[zone] * SCALE) * self.problem.rules.visit_min
            for minute, loops in minutes.items():
                self.model.add(sum(loops) == begins[minute])
            self.terms += [(gain, begin) for begin in begins.values()]
            made.append(begins)
        return made

    def _zone(self, zone: int) -> None:
        rules, begins = self.problem.rules, self.visited[zone]
        minutes = list(begins)
        reach = rules.visit_min + rules.gap_min
        done = -1
        for place, minute in enumerate(minutes):
            after = bisect_left(minutes, minute + reach)
            if after > done and after - place > 1:
                self.model.add_at_most_one(begins[at] for at in minutes[place:after])
            done = max(done, after)
        if self.problem.cap(zone) < len(minutes):
            self.model.add(sum(begins.values()) <= self.problem.cap(zone))
        for window in self.problem.windows:
            if window.zone == zone and window.turns:
                self._window(window, begins)

    def _window(self, window: Window, begins: dict[int, cp_model.IntVar]) -> None:
        own = {at: begin for at, begin in begins.items() if window.start <= at < window.end}
        turns = self.problem.open_turns(window)
        if self.few:
            turns = min(turns, needed(window.end - window.start, self.problem.rules))
        if turns < len(own):
            self.model.add(sum(own.values()) <= turns)
        fixed = [start for start, _ in self.problem.fixed[window.zone]]
        rule = self.keep and keepable(self.problem, window)
        weight = SCALE * (KEEP_WEIGHT if rule else LATE_WEIGHT * self.problem.weights[window.zone])
        for first, last, minutes in moments(window, self.problem.rules, 1 if self.keep and not self.few else STEP):
            if any(first <= start <= last for start in fixed):
                continue
            within = [begin for at, begin in own.items() if first <= at <= last]
            late = self.model.new_bool_var("")
            self.model.add_bool_or([late, *within])
            self.terms.append((-round(weight * minutes), late))

    def hint(self, picked: Sequence[Picked]) -> None:
        """Let the search begin at a plan whose loops are among those to choose from."""
        taken = set(picked)
        for (spans, _), bools in zip(self.kinds, self.chosen, strict=True):
            for number, var in bools.items():
                self.model.add_hint(var, (spans, self.columns[number]) in taken)

    def solve(self) -> tuple[list[Picked], int] | None:
        """Return the best loops, each with the free spans of the crews that it is for, and how many crews were added.

        None where there is no such plan, or where the work allowed for was over before one was found.
        """
        from ortools.sat.python import cp_model  # noqa: PLC0415 (heavy)

        self.model.maximize(
            cp_model.LinearExpr.weighted_sum([var for _, var in self.terms], [by for by, _ in self.terms])
        )
        solver = cp_model.CpSolver()
        parameters = solver.parameters
        parameters.num_workers = 1
        parameters.random_seed = 1
        parameters.max_deterministic_time = WORK
        parameters.absolute_gap_limit = self.minute * OUT / 2
        parameters.linearization_level = 2  # the linear bound is all but exact here
        parameters.cp_model_probing_level = 0  # these three took longer than the search
        parameters.merge_at_most_one_work_limit = 0
        parameters.symmetry_level = 0
        if solver.solve(self.model) not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return None
        picked = [
            (spans, self.columns[number])
            for (spans, _), bools in zip(self.kinds, self.chosen, strict=True)
            for number, taken in bools.items()
            if solver.boolean_value(taken)
        ]
        return picked, solver.value(self.more)


def moments(window: Window, rules: PatrolRules, most: int) -> Iterator[tuple[int, int, int]]:
    """Yield spans of a window in which a visit must begin, with the minutes that are too late without one.

    most: minutes between the begins of two spans at most; what is found keeps the rule, at most so many minutes early.
    """
    every = rules.every_min
    if window.end - window.start <= every:
        yield window.start, window.end, window.end - window.start
        return
    yield window.start, window.end, every
    step = min(most, max((every - rules.visit_min - rules.gap_min) // 6, 1))  # finer where there is little play
    for first in sorted({*range(window.start, window.end - every, step), window.end - every - 1}):
        # Whoever waits longer than `every` passes over such a span: it begins on the grid, within `step` of the wait.
        yield first + 1, first + every + 1 - step, step
