"""Find the most harm-minutes that any plan of a small shift has: a flow of crews through place and time, by HiGHS.

Nothing of the planner is used. Crews are a flow over nodes (place, time, minutes since the loop began); a visit of a
zone is an arc, and the rules between crews are sums over arcs. All data must be multiples of GRID minutes: then some
best plan has all its times on that grid too, because every rule bounds a difference of two times by such a multiple and
rounding all times down to the grid keeps each of them. So the optimum is that of the true rules, not of the grid.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from geo_service.model.patrol import PatrolRules, PlanZone, Travel

GRID: Final = 5


class Exact(NamedTuple):
    """Hold a proven optimum; None where HiGHS did not prove one."""

    harm_minutes: float | None


class _Flow:
    """Collect arcs with their nodes, and rows over arcs."""

    def __init__(self) -> None:
        self.gain: list[float] = []
        self.balance: defaultdict[Hashable, list[tuple[int, int]]] = defaultdict(list)
        self.rows: list[tuple[list[int], float, float]] = []
        self.visits: defaultdict[tuple[int, int], list[int]] = defaultdict(list)

    def arc(self, start: Hashable, end: Hashable, gain: float = 0.0) -> int:
        number = len(self.gain)
        self.gain.append(gain)
        self.balance[start].append((number, -1))
        self.balance[end].append((number, 1))
        return number


def exact(  # noqa: PLR0913 - a shift
    zones: Sequence[PlanZone],
    crews: int,
    shift_min: int,
    rules: PatrolRules,
    travel: Travel,
    *,
    keep: bool = False,
) -> Exact:
    """Return the most harm-minutes of any plan that keeps the rules.

    keep: whether every window must have a visit at least every `every_min`; there is then no answer where the crews do
    not suffice.
    """
    legs = np.asarray(travel.minutes)
    data = [*legs.ravel(), shift_min, rules.visit_min, rules.loop_min, rules.gap_min, rules.pause_min, rules.every_min]
    data += [edge for zone in zones for window in zone.windows for edge in window]
    if any(minutes % GRID for minutes in data):
        raise ValueError("every time must be a multiple of the grid")
    flow = _Flow()
    for start, end, zone, at in _arcs(zones, shift_min, rules, legs.astype(int)):
        gain = zones[zone].harm_per_h * rules.visit_min if zone >= 0 else 0.0
        number = flow.arc(start, end, gain)
        if zone >= 0:
            flow.visits[zone, at].append(number)
    for number, zone in enumerate(zones):
        _between(flow, number, zone, rules, keep=keep)
    return _solved(flow, crews)


def _arcs(
    zones: Sequence[PlanZone], shift_min: int, rules: PatrolRules, legs: np.ndarray
) -> Iterator[tuple[Hashable, Hashable, int, int]]:
    """Yield arcs (from, to, zone of the visit or -1, its start): station, at a zone before a visit, after one."""
    places, visit = range(len(zones)), rules.visit_min
    for now in range(0, shift_min + 1, GRID):
        yield ("station", now), ("station", now + GRID) if now + GRID <= shift_min else "over", -1, now
        for zone in places:
            out = int(legs[0, zone + 1])
            yield ("station", now), ("before", zone, now + out, out), -1, now
            for age in range(0, rules.loop_min + 1, GRID):
                yield ("before", zone, now, age), ("before", zone, now + GRID, age + GRID), -1, now
                if any(first <= now and now + visit <= last for first, last in zones[zone].windows):
                    yield ("before", zone, now, age), ("after", zone, now + visit, age + visit), zone, now
                for other in places:
                    leg = int(legs[zone + 1, other + 1])
                    if other != zone:
                        yield ("after", zone, now, age), ("before", other, now + leg, age + leg), -1, now
                back = int(legs[zone + 1, 0])
                if age + back <= rules.loop_min and now + back <= shift_min:
                    rested = now + back + rules.pause_min
                    yield ("after", zone, now, age), ("station", rested) if rested <= shift_min else "over", -1, now


def _between(flow: _Flow, zone: int, place: PlanZone, rules: PatrolRules, *, keep: bool) -> None:
    """Add what binds the visits of one zone to one another."""
    starts = {at: arcs for (own, at), arcs in flow.visits.items() if own == zone}

    def within(first: int, last: int) -> list[int]:
        return [arc for at, arcs in starts.items() if first <= at <= last for arc in arcs]

    for at in sorted(starts):
        flow.rows.append((within(at, at + rules.visit_min + rules.gap_min - GRID), 0, 1))
    caps = [cap for cap in (place.cap, rules.cap) if cap is not None]
    if caps:
        flow.rows.append((within(0, 10**6), 0, min(caps)))
    for first, last in place.windows if keep else ():
        flow.rows.append((within(first, last), 1, np.inf))
        for moment in range(first + GRID, last - rules.every_min + 1, GRID):
            flow.rows.append((within(moment, moment + rules.every_min - GRID), 1, np.inf))


def _solved(flow: _Flow, crews: int) -> Exact:
    rows, columns, values, low, high = [], [], [], [], []
    nodes = [(node, arcs) for node, arcs in flow.balance.items() if node != "over"]
    for row, (node, arcs) in enumerate(nodes):
        rows += [row] * len(arcs)
        columns += [number for number, _ in arcs]
        values += [sign for _, sign in arcs]
        # Crews appear at the station at 0; what comes in goes out, and where nothing goes out nothing may come in.
        low.append(-crews if node == ("station", 0) else 0)
        high.append(low[-1])
    for row, (arcs, least, most) in enumerate(flow.rows, start=len(nodes)):
        rows += [row] * len(arcs)
        columns += arcs
        values += [1] * len(arcs)
        low.append(least)
        high.append(most)
    matrix = sparse.csr_matrix((values, (rows, columns)), shape=(len(low), len(flow.gain)))
    found = milp(
        -np.array(flow.gain),
        constraints=LinearConstraint(matrix, low, high),
        bounds=Bounds(0, crews),
        integrality=np.ones(len(flow.gain)),
        options={"mip_rel_gap": 1e-9},
    )
    return Exact(float(-found.fun) if found.status == 0 else None)
