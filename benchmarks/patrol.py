"""Set plans against an exact optimum and against the greedy plan: `python -m benchmarks.patrol`; some minutes.

The tests run a bounded sample of the first.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from benchmarks.patrol_exact import exact
from geo_service.errors import QueryError
from geo_service.model.patrol import PatrolRules, PlanZone, Travel
from geo_service.model.places import EastNorth
from geo_service.patrol import check, greedy, solve

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.patrol import Solved

CASES, TEAMS, REDRAWS = 200, 88, 10_000
SHIFT_MIN: Final = 480
ENOUGH: Final = 0.95
DETOUR_M_PER_MIN: Final = 80 / 1.3
"""On foot, along streets, as the crow flies."""


class Case(NamedTuple):
    """Hold a shift to be planned."""

    zones: tuple[PlanZone, ...]
    crews: int
    shift_min: int
    rules: PatrolRules
    travel: Travel


def zone(number: int, harm: float, windows: tuple[tuple[int, int], ...]) -> PlanZone:
    """Make one zone; where it is stands in the travel times."""
    return PlanZone(f"z{number}", number, f"Zone {number}", EastNorth(0, 0), harm, windows)


def small(rng: np.random.Generator) -> Case:
    """Draw a small shift: 2 or 3 zones, 1 or 2 crews, 2 to 4 hours; every time a multiple of five minutes."""
    zones, shift_min = int(rng.integers(2, 4)), 10 * int(rng.integers(12, 25))
    minutes = 5.0 * rng.integers(1, 5, (zones + 1, zones + 1))
    np.fill_diagonal(minutes, 0)
    made = []
    for number in range(1, zones + 1):
        length = 10 * int(rng.integers(2, shift_min // 10 + 1))
        start = 10 * int(rng.integers(0, (shift_min - length) // 10 + 1))
        made.append(zone(number, float(rng.pareto(1.5) + 1), ((start, start + length),)))
    rules = PatrolRules(every_min=int(rng.choice([60, 90, 120])))
    return Case(tuple(made), int(rng.integers(1, 3)), shift_min, rules, Travel(minutes, minutes * 60, "drawn"))


def team(rng: np.random.Generator, *, whole_shift: bool) -> Case:
    """Draw a team: 4 zones within 1,100 m of the station, 2 or 3 crews on foot, 8 hours.

    whole_shift: whether windows are the shift, as for data without hours; else one or two spans of 2 to 4 hours.
    """
    far, turn = 1_100 * np.sqrt(rng.random(4)), 2 * np.pi * rng.random(4)
    at = np.array([[0, 0], *zip(far * np.cos(turn), far * np.sin(turn), strict=True)])
    metres = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    zones = tuple(
        zone(number, float(rng.pareto(1.5) + 1), ((0, SHIFT_MIN),) if whole_shift else spans(rng))
        for number in range(1, 5)
    )
    travel = Travel(metres / DETOUR_M_PER_MIN, metres * 1.3, "straight line")
    return Case(zones, int(rng.integers(2, 4)), SHIFT_MIN, PatrolRules(), travel)


def spans(rng: np.random.Generator) -> tuple[tuple[int, int], ...]:
    """Draw one span of 2 to 4 hours, or two in the halves of the shift."""
    halves = [(0, SHIFT_MIN // 2), (SHIFT_MIN // 2, SHIFT_MIN)] if rng.random() < 1 / 2 else [(0, SHIFT_MIN)]
    drawn = []
    for first, last in halves:
        length = 10 * int(rng.integers(12, 25))
        start = first + 10 * int(rng.integers(0, (last - first - length) // 10 + 1))
        drawn.append((start, start + length))
    return tuple(drawn)


def optimum(case: Case) -> tuple[float | None, float | None]:
    """Return the most harm-minutes of any plan, and of those that keep the rule of every two hours; None: none does."""
    return exact(*case).harm_minutes, exact(*case, keep=True).harm_minutes


def against_exact() -> None:
    """Print how much of the optimum the plans of small shifts have."""
    rng, kept, keepable = np.random.default_rng(1), 0, 0
    ours: list[float] = []
    bare: list[float] = []
    by_hand: list[float] = []
    taken: list[float] = []
    for _ in range(CASES):
        case = small(rng)
        free, keeping = optimum(case)
        try:
            plan = timed(solve, case, taken)
        except QueryError:
            print("refused, and the optimum is", free)
            continue
        ours.append(plan.harm_minutes / (keeping or free))
        bare.append(plan.harm_minutes / free)
        by_hand.append(greedy(*case).harm_minutes / free)
        keepable += keeping is not None
        kept += keeping is not None and not plan.unkept
    print(f"{len(ours)} small shifts (2 or 3 zones, 1 or 2 crews, 2 to 4 hours), harm-minutes over an exact optimum:")
    print(f"  plan over the optimum under the same rules       {spread(ours)}")
    print(f"  plan over the optimum that may skip every two hours {spread(bare)}")
    print(f"  greedy over the same                             {spread(by_hand)}")
    print(f"  rule of every two hours kept in {kept} of the {keepable} where it can be; {times(taken)}")


def against_greedy(*, whole_shift: bool) -> None:
    """Print what the plans of teams gain over greedy plans."""
    rng = np.random.default_rng(2)
    taken: list[float] = []
    drawn = [team(rng, whole_shift=whole_shift) for _ in range(TEAMS)]
    ours, hand = [timed(solve, case, taken) for case in drawn], [greedy(*case) for case in drawn]
    both = list(zip(ours, hand, strict=True))
    broken = sum(len(check(plan.loops, *case)) for pair, case in zip(both, drawn, strict=True) for plan in pair)
    harm = np.array([[plan.harm_minutes, other.harm_minutes] for plan, other in both])
    late = np.array([[sum(lack.late_min for lack in plan.lacks) for plan in pair] for pair in both])
    kept = [sum(not plan.lacks for plan in plans) for plans in (ours, hand)]
    loops = [np.mean([len(plan.loops) for plan in plans]) for plans in (ours, hand)]
    print(
        f"{TEAMS} teams (4 zones, 2 or 3 crews, 8 hours), windows {'the shift' if whole_shift else 'of 2 to 4 hours'}:"
    )
    print(f"  harm-minutes over greedy {interval(100 * (harm[:, 0] / harm[:, 1] - 1))} %")
    print(f"  minutes beyond every two hours, a team: {interval(late[:, 0])}, greedy {interval(late[:, 1])}")
    print(f"  teams with every window kept: {kept[0]}, greedy {kept[1]}; loops {loops[0]:.1f}, greedy {loops[1]:.1f}")
    print(f"  rules broken: {broken}; {times(taken)}")


def timed(job: Callable[..., Solved], case: Case, taken: list[float]) -> Solved:
    """Do a job and note the processor's seconds."""
    start = time.process_time()
    done = job(*case)
    taken.append(time.process_time() - start)
    return done


def spread(values: list[float]) -> str:
    """Say the least, the 5th percentile, the median, the mean, and how many have at least 95 %."""
    low, fifth, middle = np.quantile(values, [0, 0.05, 0.5])
    enough = np.mean(np.array(values) >= ENOUGH)
    return f"min {low:.3f}, 5 % {fifth:.3f}, median {middle:.3f}, mean {np.mean(values):.4f}; {enough:.1%} have 95 %"


def interval(values: np.ndarray) -> str:
    """Say a mean with its 95 % bootstrap interval."""
    draws = np.random.default_rng(3).choice(values, (REDRAWS, len(values))).mean(axis=1)
    low, high = np.quantile(draws, [0.025, 0.975])
    return f"{values.mean():.2f} ({low:.2f} to {high:.2f})"


def times(taken: list[float]) -> str:
    """Say how long planning took."""
    return f"{sum(taken):.1f} s of processor, median {np.median(taken):.2f} s, longest {max(taken):.2f} s"


def main() -> None:
    """Print all three comparisons."""
    against_exact()
    for whole_shift in (False, True):
        against_greedy(whole_shift=whole_shift)


if __name__ == "__main__":
    sys.exit(main())
