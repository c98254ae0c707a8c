"""Tell apart incidents that a place draws anyway and incidents that earlier ones nearby set off: EM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from scipy import sparse

    from geo_service.model.cells import Floats, Ints

LONGEST_DAYS: Final = 60.0
"""Days after which an incident sets off no other."""
FARTHEST_M: Final = 400.0
"""Metres beyond which it sets off none."""
MOST_PAIRS: Final = 1_500_000
"""Pairs of incidents near enough to each other that a fit takes; where there are more, the latest incidents count."""
MOST_ROUNDS: Final = 300
_SETTLED: Final = 3e-4
"""Change of the offspring in one round, and that of the other parameters times it, below which a fit has settled."""
DECAY_DAYS: Final = (1 / 24, 30.0)
"""Shortest and longest mean of the days between: longer ones cannot be told from a place that draws incidents."""
MOST_SPREAD_M: Final = 200.0
_MOST_OFFSPRING: Final = 0.99
_NOTHING: Final = 1e-12
_FLOOR: Final = 0.02
"""Share of the background that is spread evenly, so that no place is impossible."""


@dataclass(frozen=True, slots=True)
class Incidents:
    """Hold r incidents in order of time."""

    day: Floats
    """Days since the start of the period (r)."""
    east_north_m: Floats
    """EPSG:27700 (r, 2)."""
    at: Ints
    """Cell of each (r)."""
    days: float
    """Length of the period; no incident lies beyond it."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Hold what a fit found: each incident sets off `offspring` others, so long after and so far away."""

    offspring: float
    """Mean number of incidents that one sets off directly."""
    decay_days: float
    """Mean of the exponential law of the days between."""
    spread_m: float
    """Standard deviation, in each direction, of the normal law of the metres between."""
    background: Floats
    """Probability that each incident was set off by none (r)."""
    rounds: int
    has_settled: bool


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Hold pairs of an earlier and a later incident that lie near enough."""

    earlier: Ints
    later: Ints
    days: Floats
    squared_m: Floats


def fit(incidents: Incidents, spread: sparse.csr_array, area_m2: Floats) -> Fitted:
    """Fit a background and a triggering law by expectation and maximisation.

    The rate at a place and time is a background, constant in time, plus for each earlier incident
    offspring x exponential(days) x normal(metres). The background is what each cell holds of incidents that nothing
    set off, spread by a kernel, the incident in question left out. The normal law is never denser than one incident in
    a cell: it would otherwise claim whatever happens again at one and the same address.

    spread: matrix that spreads an amount in each cell over cells, columns summing to 1 (n, n). area_m2: of each cell
    (n). Sources: Mohler et al. (2011), JASA 106, 100-108; Veen and Schoenberg (2008), JASA 103, 614-624; days lost at
    the end of the period are allowed for.
    """
    pairs, count = _pairs(incidents), len(incidents.day)
    left = np.minimum(incidents.days - incidents.day, LONGEST_DAYS)
    # Cells without an incident neither give nor are asked.
    cells, at = np.unique(incidents.at, return_inverse=True)
    own, ground, near = spread.diagonal()[incidents.at], area_m2[incidents.at], spread[cells][:, cells]
    least_m = float(np.sqrt(area_m2.mean() / (2 * np.pi)))
    even = _FLOOR / float(area_m2.sum()) / incidents.days
    offspring, decay, spread_m, background = 0.3, 1 / 14.0, 150.0, np.full(count, 0.7)
    for rounds in range(1, MOST_ROUNDS + 1):
        base = (near @ np.bincount(at, weights=background))[at] - own * background
        rate = (1 - _FLOOR) * base / ground / incidents.days + even * background.sum()
        law = _triggering(pairs.days, pairs.squared_m, offspring, decay, spread_m)
        whole = rate + np.bincount(pairs.later, weights=law, minlength=count)
        share = law / whole[pairs.later]
        background = rate / whole
        found = _maximise(pairs, share, left, decay, least_m)
        # How long and how far matters as much as there is any triggering.
        change = max(
            abs(found[0] - offspring), found[0] * abs(found[1] / decay - 1), found[0] * abs(found[2] / spread_m - 1)
        )
        offspring, decay, spread_m = found
        if change < _SETTLED:
            return Fitted(offspring, 1 / decay, spread_m, background, rounds, has_settled=True)
    return Fitted(offspring, 1 / decay, spread_m, background, MOST_ROUNDS, has_settled=False)


def latest(incidents: Incidents) -> int:
    """Return from which incident on a fit can take all: the first, unless there are too many pairs."""
    count = len(incidents.day)
    start = 0
    tree_of = _scaled(incidents)
    while count - start > 1:
        near = cKDTree(tree_of[start:])
        # Each pair is counted twice, and each incident with itself.
        if (near.count_neighbors(near, 1.0, p=np.inf) - (count - start)) / 2 <= MOST_PAIRS:
            break
        start += (count - start) // 4
    return start


def _scaled(incidents: Incidents) -> Floats:
    """Return place and day so that pairs that are near enough lie within 1 in each."""
    return np.column_stack([incidents.east_north_m / FARTHEST_M, incidents.day / LONGEST_DAYS])


def _pairs(incidents: Incidents) -> _Pairs:
    """Return the pairs of one incident and a later one; those at the same moment set off neither each other."""
    near = cKDTree(_scaled(incidents)).query_pairs(1.0, p=np.inf, output_type="ndarray").astype(np.int64)
    first, second = near.T
    swap = incidents.day[first] > incidents.day[second]
    earlier, later = np.where(swap, second, first), np.where(swap, first, second)
    days = incidents.day[later] - incidents.day[earlier]
    squared_m = ((incidents.east_north_m[later] - incidents.east_north_m[earlier]) ** 2).sum(axis=1)
    kept = (days > 0) & (squared_m <= FARTHEST_M**2)
    return _Pairs(earlier[kept], later[kept], days[kept], squared_m[kept])


def _triggering(days: Floats, squared_m: Floats, offspring: float, decay: float, spread_m: float) -> Floats:
    """Return the rate that an earlier incident adds, per day and square metre."""
    in_time = decay * np.exp(-decay * days)
    law: Floats = offspring * in_time * np.exp(-squared_m / (2 * spread_m**2)) / (2 * np.pi * spread_m**2)
    return law


def _maximise(pairs: _Pairs, share: Floats, left: Floats, decay: float, least_m: float) -> tuple[float, float, float]:
    """Return offspring, decay a day and spread that make the shares likeliest; left: days that each incident had."""
    triggered = float(share.sum())
    if triggered < _NOTHING:
        return _NOTHING, decay, least_m
    offspring = min(triggered / float((1 - np.exp(-decay * left)).sum()), _MOST_OFFSPRING)
    # What the end of the period, and the longest time that is looked at, cut off the mean of the days.
    cut = offspring * float((left * np.exp(-decay * left)).sum())
    mean_days = (float(share @ pairs.days) + cut) / triggered
    spread_m = float(np.sqrt(share @ pairs.squared_m / (2 * triggered)))
    shortest, longest = DECAY_DAYS
    return offspring, 1 / min(max(mean_days, shortest), longest), min(max(spread_m, least_m), MOST_SPREAD_M)
