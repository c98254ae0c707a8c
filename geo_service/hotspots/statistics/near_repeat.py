"""Score a cell by the incidents that happened nearby just now: the raised risk that follows each of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service.errors import FaultError
from geo_service.hotspots.kernels import pairs_within
from geo_service.model.surfaces import Surface

if TYPE_CHECKING:
    from geo_service.model.cells import Floats
    from geo_service.model.surfaces import Observed, Points, Tuning

NAME: Final = "near_repeat"
TITLE: Final = "Near repeat: what happened nearby in the last six weeks"
REFERENCE: Final = (
    "Bowers, Johnson and Pease (2004), Prospective Hot-Spotting, British Journal of Criminology 44, 641-658; "
    "Johnson et al. (2007), Journal of Quantitative Criminology 23, 201-219"
)
TUNED_BY: Final = ()
NEEDS: Final = frozenset({"points"})

DISTANCE_M: Final = 400.0
DAYS: Final = 42.0
REACH_M: Final = DISTANCE_M
_EPOCH: Final = dt.date(1970, 1, 1)
_INSTANT: Final = 1e-6


def surface(observed: Observed, tuning: Tuning) -> Surface:  # noqa: ARG001 - its bands are fixed
    """Score each cell of the area by the sum of what each incident, the halo's too, leaves behind at its centre.

    An incident of the measure w leaves w (1 - metres / 400) (1 - days / 42) at the end of the period, 0 beyond either.
    One that is not known to a moment takes the mean over all moments at which it may have happened, which on data with
    months alone is the whole month. The score is a risk relative to others and no amount.
    """
    points = required_points(observed)
    left = points.value * mean_decay(end_of(observed) - points.first_day, end_of(observed) - points.last_day)
    risk = np.zeros(len(observed.cells))
    recent = left > 0
    # Many incidents share a place: each place is taken once.
    places, place = np.unique(points.east_north_m[recent], axis=0, return_inverse=True)
    amount = np.bincount(place, weights=left[recent], minlength=len(places))
    for near in pairs_within(observed.east_north_m, places, DISTANCE_M, field="statistic"):
        risk += np.bincount(
            near["i"], weights=amount[near["j"]] * (1 - near["v"] / DISTANCE_M), minlength=len(observed.cells)
        )
    return Surface(statistic=NAME, score=risk[observed.inside], notes=_notes(points, recent))


def required_points(observed: Observed) -> Points:
    """Return the incidents behind what was observed; raise FaultError where they were not handed over."""
    if observed.points is None:
        raise FaultError("A statistic that looks at the incidents themselves was not given them", field="statistic")
    return observed.points


def start_of(observed: Observed) -> float:
    """Return the start of the first loaded month, in days since 1970-01-01."""
    return float((observed.months[0].first_day - _EPOCH).days)


def end_of(observed: Observed) -> float:
    """Return the end of the last loaded month, in days since 1970-01-01."""
    return float(((observed.months[-1] + 1).first_day - _EPOCH).days)


def mean_decay(oldest: Floats, youngest: Floats) -> Floats:
    """Return the mean of 1 - days / 42, 0 beyond, over the ages that an incident may have (n).

    oldest, youngest: its age in days at the end of the period, were it to have happened first or last (n).
    """
    old, young = np.maximum(oldest, 0.0), np.maximum(youngest, 0.0)
    span = old - young
    moment = np.maximum(1 - young / DAYS, 0.0)
    decay: Floats = np.divide(_integral(old) - _integral(young), span, out=moment, where=span > _INSTANT)
    return decay


def _integral(age: Floats) -> Floats:
    """Return the integral of the decay from age 0."""
    within = np.minimum(age, DAYS)
    area: Floats = within - within**2 / (2 * DAYS)
    return area


def _notes(points: Points, recent: np.ndarray) -> tuple[str, ...]:
    notes: list[str] = []
    if not points.is_daily:
        vague = int((points.last_day - points.first_day > 1)[recent].sum())
        if vague:
            notes.append(
                f"{vague:,} of the {int(recent.sum()):,} incidents that count are known to more than a day alone, most "
                "often to the month: their decay is the mean over all the days at which they may have happened."
            )
    if not recent.any():
        notes.append(f"No incident of the last {DAYS:g} days is known: every cell scores 0.")
    return tuple(notes)
