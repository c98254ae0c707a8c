"""Spread incidents over the hours of the week (aoristic analysis)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service.errors import QueryError
from geo_service.model.windows import WEEK_MIN

if TYPE_CHECKING:
    from geo_service.hotspots.week.moments import Spans
    from geo_service.model.cells import Floats, Ints

WEEK_H: Final = 168


@dataclass(frozen=True, slots=True)
class Profiles:
    """Hold how the measure of g groups lies over the week, Monday 00:00 first."""

    mass: Floats
    """Measure in each step of the week (g, steps)."""
    unknown: Floats
    """Measure whose time is not known (g)."""

    @property
    def known(self) -> Floats:
        """Return the measure with a time (g)."""
        total: Floats = self.mass.sum(axis=1)
        return total

    @property
    def hours(self) -> Floats:
        """Return the measure by hour of the week (g, 168)."""
        hours: Floats = self.mass.reshape(len(self.mass), WEEK_H, -1).sum(axis=2)
        return hours


def spread(
    spans: Spans,
    weight: Floats | None = None,
    *,
    group: Ints | None = None,
    groups: int = 1,
    step_min: int = 60,
) -> Profiles:
    """Spread each incident over the steps of the week in proportion to its overlap with them.

    spans: of n incidents. weight: 1, or the harm of each (n). group: zone of each, -1 for none (n). step_min: minutes
    of a step, a divisor of 60. Nothing is lost: `mass` and `unknown` of a group add up to its weights. Raises
    QueryError for another step. Source: Ratcliffe, J.H. (2000), "Aoristic analysis: the spatial interpretation of
    unspecific temporal events", International Journal of Geographical Information Science 14(7).
    """
    if step_min <= 0 or 60 % step_min:
        raise QueryError(
            "The week cannot be cut into such steps", found=f"{step_min} min", do="Use a divisor of 60", field="step"
        )
    count = len(spans.unknown)
    weight = np.ones(count) if weight is None else weight
    group = np.zeros(count, dtype=np.int64) if group is None else group
    inside = group >= 0
    unknown: Floats = np.bincount(group[inside], (weight * spans.unknown)[inside], groups).astype(np.float64)
    of_piece, weighed = group[spans.incident], spans.weighed(weight)
    taken = of_piece >= 0
    mass = fold(
        spans.start_min[taken],
        spans.length_min[taken],
        weighed[taken],
        group=of_piece[taken],
        groups=groups,
        step_min=step_min,
    )
    return Profiles(mass, unknown)


def fold(  # noqa: PLR0913 - a stretch has these parts
    start_min: Floats, length_min: Floats, weight: Floats, *, group: Ints, groups: int, step_min: int
) -> Floats:
    """Add weights that are spread evenly over stretches of the week, by group and step (groups, steps).

    start_min: minute of the week. length_min: at most a week; it may run on into the next week, which is this one.
    """
    steps = WEEK_MIN // step_min
    wide = 2 * steps + 1  # a stretch of a week that begins late runs on through a second one
    first = np.floor(start_min / step_min).astype(np.int64)
    end_min = start_min + length_min
    last = np.floor(end_min / step_min).astype(np.int64)
    moment = length_min == 0
    per_step = np.divide(weight * step_min, length_min, out=np.zeros(len(weight)), where=~moment)
    base = group * wide
    size = groups * wide
    # Each stretch adds its density from its first step on and takes it off again at its last; what it does not
    # cover of the first, and covers of the last, is put right beside it. A moment is one correction.
    begun = start_min / step_min - first
    ended = end_min / step_min - last
    jumps = np.bincount(base + first, per_step, size) - np.bincount(base + last, per_step, size)
    fixes = np.bincount(base + first, np.where(moment, weight, -per_step * begun), size)
    fixes += np.bincount(base + last, per_step * ended, size)
    unrolled = np.cumsum(jumps.reshape(groups, wide), axis=1) + fixes.reshape(groups, wide)
    folded = unrolled[:, :steps] + unrolled[:, steps : 2 * steps]
    folded[:, 0] += unrolled[:, 2 * steps]
    amounts: Floats = np.maximum(folded, 0.0)  # differences leave a last digit where there is nothing
    return amounts
