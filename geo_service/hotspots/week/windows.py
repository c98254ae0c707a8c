"""Choose the windows of the week that hold most of a place, and say how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import scipy

from geo_service.hotspots.week.profiles import Profiles, fold
from geo_service.model.windows import STEP_MIN, WEEK_MIN, Window, check_length

if TYPE_CHECKING:
    from geo_service.hotspots.week.moments import Spans
    from geo_service.model.cells import Floats, Ints

PRIOR: Final = 240.0
"""Incidents that the profile of the whole area counts for beside a zone's own.

Chosen on assaults in Chicago of 2010 to 2013 among 0 to 640, by what windows of one, four and eight hours held in the
year after and by how near the share that it let expect came to that; between 120 and 320 the differences are within
chance. `benchmarks/chicago.py` reports it on later years.
"""


def best_windows(  # noqa: PLR0913 - one argument for each part of the choice
    profiles: Profiles,
    incidents: Floats,
    *,
    length_min: int,
    prior: Floats | None = None,
    strength: float = PRIOR,
    most: int = 3,
) -> list[list[Window]]:
    """Return, for each group, the windows that hold most, best first, no two overlapping.

    profiles: by steps of 15 minutes (g, 672). incidents: how many stand behind each group, or as many as unequal
    weights are worth (g; see `effective`). prior: measure of the whole area by step (672), which counts as `strength`
    incidents beside the group's own, because the best of 672 windows of a few dozen incidents is mostly luck; None
    takes the group alone. A group without a known time has none. Raises QueryError for a length that is none.
    """
    check_length(length_min)
    width = length_min // STEP_MIN
    known = profiles.known
    own = np.divide(profiles.mass, known[:, None], out=np.zeros_like(profiles.mass), where=known[:, None] > 0)
    weight = np.zeros(len(known)) if prior is None or not prior.sum() else strength / (strength + incidents)
    around = np.zeros(own.shape[1]) if prior is None or not prior.sum() else prior / prior.sum()
    shares = running(own, width)
    expected = (1 - weight)[:, None] * shares + weight[:, None] * running(around[None, :], width)
    return [
        _apart(shares[at], expected[at], width, length_min, most) if known[at] > 0 else [] for at in range(len(known))
    ]


def steadied(profiles: Profiles, incidents: Floats, prior: Floats, *, strength: float = PRIOR) -> Floats:
    """Return the share of the week that each step of each group may be expected to hold (g, steps).

    incidents, prior, strength: see `best_windows`. A group without a known time takes the profile of the whole area,
    and where that has none either every hour is alike. Each row adds up to 1.
    """
    steps = profiles.mass.shape[1]
    around = prior / prior.sum() if prior.sum() else np.full(steps, 1 / steps)
    known = profiles.known[:, None]
    own = np.divide(profiles.mass, known, out=np.tile(around, (len(known), 1)), where=known > 0)
    weight = (strength / (strength + incidents))[:, None]
    shares: Floats = (1 - weight) * own + weight * around
    return shares


def _apart(shares: Floats, expected: Floats, width: int, length_min: int, most: int) -> list[Window]:
    """Take the best windows of one group that do not overlap."""
    left = expected.copy()
    steps = len(left)
    found: list[Window] = []
    while len(found) < most and np.isfinite(left).any():
        at = int(np.argmax(left))
        if shares[at] <= 0 and found:
            break
        found.append(Window(at * STEP_MIN, length_min, float(shares[at]), float(expected[at])))
        left[(at + np.arange(1 - width, width)) % steps] = -np.inf
    return found


def running(mass: Floats, width: int) -> Floats:
    """Add up `width` steps from each step on, round the week (g, steps)."""
    steps = mass.shape[1]
    total = np.zeros((len(mass), steps + width + 1))
    np.cumsum(np.concatenate([mass, mass[:, :width]], axis=1), axis=1, out=total[:, 1:])
    sums: Floats = np.maximum(total[:, width : width + steps] - total[:, :steps], 0.0)
    return sums


def effective(spans: Spans, weight: Floats, *, group: Ints, groups: int) -> Floats:
    """Return as how many equal incidents those of each group with a known time count (groups).

    Kish (1965), "Survey Sampling": the square of the sum of the weights over the sum of their squares.
    """
    known = weight * (1 - spans.unknown)
    inside = group >= 0
    once = np.bincount(group[inside], known[inside], groups)
    squares = np.bincount(group[inside], known[inside] ** 2, groups)
    return np.divide(once**2, squares, out=np.zeros(groups), where=squares > 0)


def chance_of_best(  # noqa: PLR0913 - a group of incidents has these parts
    spans: Spans, weight: Floats, *, group: Ints, groups: int, length_min: int, rounds: int, seed: int
) -> Floats:
    """Return what the best window holds where hours play no part, in each of some rounds (rounds, groups).

    Each incident keeps its span and weight and is moved by a random number of steps round the week. The best window of
    many always looks busy; this is what it is held against.
    """
    rng = np.random.default_rng(seed)
    of_piece = group[spans.incident]
    taken = of_piece >= 0
    incident, of_piece = spans.incident[taken], of_piece[taken]
    start, length = spans.start_min[taken], spans.length_min[taken]
    weighed = spans.weighed(weight)[taken]
    width = length_min // STEP_MIN
    best = np.empty((rounds, groups))
    rank = _rank(spans, weight, group)
    for at in range(rounds):
        moved = rng.integers(0, WEEK_MIN // STEP_MIN, len(spans.unknown))[rank][incident] * STEP_MIN
        begun = (start + moved) % WEEK_MIN
        mass = fold(begun, length, weighed, group=of_piece, groups=groups, step_min=STEP_MIN)
        best[at] = running(mass, width).max(axis=1)
    return best


def _rank(spans: Spans, weight: Floats, group: Ints) -> Ints:
    """Return the place of each incident in an order that does not hang on how they were given (n).

    So a seed gives the same answer; incidents that stand alike in it are alike.
    """
    count = len(spans.unknown)
    begun, lasts, parts = np.full(count, -1.0), np.zeros(count), np.bincount(spans.incident, minlength=count)
    begun[spans.incident[::-1]] = spans.start_min[::-1]
    np.add.at(lasts, spans.incident, spans.length_min)
    rank = np.empty(count, dtype=np.int64)
    rank[np.lexsort((parts, spans.unknown, weight, lasts, begun, group))] = np.arange(count)
    return rank


def p_of(mass: Floats, by_chance: Floats) -> Floats:
    """Return the p of some amounts (k) against the best amounts of chance (rounds)."""
    least = mass[:, None] * (1 - 1e-9)
    p: Floats = (1 + (by_chance[None, :] >= least).sum(axis=1)) / (1 + len(by_chance))
    return p


def adjusted(p: Floats) -> Floats:
    """Return p after Benjamini and Hochberg (1995) over the groups; nan stays nan."""
    q = np.full(len(p), np.nan)
    known = np.isfinite(p)
    if known.any():
        q[known] = scipy.stats.false_discovery_control(p[known])
    return q
