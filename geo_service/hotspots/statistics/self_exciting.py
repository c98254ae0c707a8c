"""Score a cell by what is to be expected there: a background, and incidents that the latest ones set off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service.errors import QueryError
from geo_service.hotspots import kernels, triggering
from geo_service.hotspots.statistics.near_repeat import end_of, required_points, start_of
from geo_service.model.surfaces import Surface

if TYPE_CHECKING:
    from scipy import sparse

    from geo_service.hotspots.triggering import Fitted, Incidents
    from geo_service.model.cells import Floats
    from geo_service.model.surfaces import Observed, Tuning

NAME: Final = "self_exciting"
TITLE: Final = "Self-exciting: what is expected in the next 30 days, background and triggering"
REFERENCE: Final = (
    "Mohler, Short, Brantingham, Schoenberg and Tita (2011), JASA 106, 100-108; "
    "fitting: Veen and Schoenberg (2008), JASA 103, 614-624"
)
TUNED_BY: Final = ("bandwidth_m",)
NEEDS: Final = frozenset({"points"})
REACH_M: Final = triggering.FARTHEST_M

AHEAD_DAYS: Final = 30.0
"""What is expected is that of so many days after the period."""
LEAST_INCIDENTS: Final = 100
VAGUE_DAYS: Final = 7.0
"""An incident that is known to so many days takes the middle of them; a vaguer one is left out."""
FALLBACK_M: Final = 300.0
_NOTHING: Final = 1e-9
_CELL_SPREAD: Final = 5 * np.sqrt(3) / 54
"""Variance of a point in a regular hexagon, in each direction, over its area."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """Hold the incidents that are known well enough, in order of time, and how many are not."""

    incidents: Incidents
    value: Floats
    vague: int


def surface(observed: Observed, tuning: Tuning) -> Surface:
    """Score each cell of the area by the measure to be expected in the 30 days after the period: an amount.

    Incidents are split, by EM, into a background that is constant in time (quartic kernel, bandwidth as asked for or by
    held-out likelihood) and incidents set off by earlier ones (exponential in days, normal in metres). The score is the
    background of 30 days, what the incidents so far set off in them, and what these set off in turn, which is taken to
    lie where they do. Fitted on counts; harm weighs what each incident contributes. Incidents of the halo count like
    those of the area. Raises QueryError (field `statistic`) on data that knows the month alone, and for fewer than 100
    incidents.
    """
    taken = _take(observed)
    choice = kernels.choose_bandwidth(observed.by_month, observed.east_north_m, "quartic")
    bandwidth_m = tuning.bandwidth_m or (FALLBACK_M if choice is None else choice.bandwidth_m)
    spread = kernels.kernel_matrix(observed.east_north_m, "quartic", bandwidth_m)
    start = triggering.latest(taken.incidents)
    part = _from(taken.incidents, start)
    fitted = triggering.fit(part, spread, observed.area_m2)
    # Incidents that the fit had to leave out were background as often as the others, on average.
    background = np.concatenate([np.full(start, fitted.background.mean()), fitted.background])
    every = taken.incidents
    amount = np.bincount(every.at, weights=background * taken.value, minlength=len(observed.cells))
    by_background, by_excess = ahead(fitted)
    expected = by_background / every.days * (spread @ amount) + by_excess * _excess(
        observed, every, taken.value, fitted
    )
    return Surface(
        statistic=NAME,
        score=(expected * observed.covered_m2 / observed.area_m2)[observed.inside],
        is_amount=True,
        notes=_notes(fitted, part, taken, bandwidth_m, _without_time(part, spread, observed.area_m2)),
    )


def _take(observed: Observed) -> _Taken:
    points = required_points(observed)
    span = points.last_day - points.first_day
    known = np.flatnonzero(span <= VAGUE_DAYS)
    if len(known) * 2 < len(span) or (len(span) and not len(known)):
        raise QueryError(
            "Self-excitation is told from the days between incidents, and these are known to more than a week alone",
            found=f"{len(span) - len(known):,} of {len(span):,} incidents without a day, as on data.police.uk",
            do="Ask a force export with dates, or take near_repeat or recent",
            field="statistic",
        )
    if len(known) < LEAST_INCIDENTS:
        raise QueryError(
            "There are too few incidents to tell what sets off what",
            found=f"{len(known)} with a day",
            do=f"Ask for a longer period, a larger area or more offences: at least {LEAST_INCIDENTS}, or take kde",
            field="statistic",
        )
    start, end = start_of(observed), end_of(observed)
    day = np.clip((points.first_day + points.last_day)[known] / 2, start, end) - start
    # Those of the same moment by place, so that the order in which they were given changes nothing.
    order = np.lexsort((*points.east_north_m[known].T, day))
    kept = known[order]
    incidents = triggering.Incidents(day[order], points.east_north_m[kept], points.at[kept], end - start)
    return _Taken(incidents, points.value[kept], len(span) - len(known))


def _from(incidents: Incidents, start: int) -> Incidents:
    """Return the incidents from one on, their period beginning with it."""
    if not start:
        return incidents
    begun = float(incidents.day[start])
    return triggering.Incidents(
        incidents.day[start:] - begun, incidents.east_north_m[start:], incidents.at[start:], incidents.days - begun
    )


def _without_time(incidents: Incidents, spread: sparse.csr_array, area_m2: Floats) -> float:
    """Return how many others an incident sets off by the same fit where the days are shuffled: none did."""
    day = np.random.default_rng(0).permutation(incidents.day)
    order = np.argsort(day, kind="stable")
    shuffled = triggering.Incidents(day[order], incidents.east_north_m[order], incidents.at[order], incidents.days)
    return triggering.fit(shuffled, spread, area_m2).offspring


def ahead(fitted: Fitted) -> tuple[float, float]:
    """Return the incidents to be expected in the days ahead for a background of 1 a day, and for an excess of 1 a day.

    The excess is what the incidents so far add to the rate at the end of the period. Whatever follows sets off others
    in its turn: with an exponential law the mean rate r obeys r' = (background - (1 - offspring) r) / mean days, of
    which this is the integral (Hawkes 1971, Biometrika 58, 83-90).
    """
    left, decay = 1 - fitted.offspring, 1 / fitted.decay_days
    fading = -np.expm1(-decay * left * AHEAD_DAYS) / (decay * left)
    return AHEAD_DAYS / left + (1 - 1 / left) * fading, fading


def _excess(observed: Observed, incidents: Incidents, value: Floats, fitted: Fitted) -> Floats:
    """Return what the incidents add to the rate of each cell, a day, at the end of the period (n)."""
    age = incidents.days - incidents.day
    each = fitted.offspring / fitted.decay_days * np.exp(-age / fitted.decay_days) * value
    each *= age <= triggering.LONGEST_DAYS
    some = each > _NOTHING
    rate = np.zeros(len(observed.cells))
    places, place = np.unique(incidents.east_north_m[some], axis=0, return_inverse=True)
    amount = np.bincount(place, weights=each[some], minlength=len(places)).astype(np.float64)
    # A cell is not a point: its own extent widens the normal law, which then needs no more than its centre.
    spread_m = float(np.sqrt(fitted.spread_m**2 + _CELL_SPREAD * observed.area_m2.mean()))
    for near in kernels.pairs_within(observed.east_north_m, places, 4 * spread_m, field="statistic"):
        weight = np.exp(-(near["v"] ** 2) / (2 * spread_m**2))
        rate += kernels.shared(near["i"], near["j"], weight, amount, len(rate))
    return rate


def _notes(fitted: Fitted, part: Incidents, taken: _Taken, bandwidth_m: float, without_time: float) -> tuple[str, ...]:
    notes = [
        _said(fitted, len(part.day), bandwidth_m),
        (
            "With the days of the incidents shuffled, so that none sets off another, the same fit finds "
            f"{without_time:.2f}: only what is beyond that speaks for triggering, the rest is places that draw "
            "incidents all the time."
        ),
    ]
    if not fitted.has_settled:
        notes.append(f"The fit had not settled after {fitted.rounds} rounds: take its figures with care.")
    if fitted.decay_days >= triggering.DECAY_DAYS[1]:
        notes.append(
            f"The days between lie at the longest that is looked for, {fitted.decay_days:g}: the incidents tell places "
            "that draw them all the time, and hardly any triggering."
        )
    if len(part.day) < len(taken.incidents.day):
        notes.append(
            f"The fit took only the latest {len(part.day):,} of {len(taken.incidents.day):,} incidents, for there are "
            "too many pairs of near ones; the others count as background in the same share."
        )
    if taken.vague:
        notes.append(f"{taken.vague:,} incidents known to more than {VAGUE_DAYS:g} days alone are left out.")
    return tuple(notes)


def _said(fitted: Fitted, incidents: int, bandwidth_m: float) -> str:
    return (
        f"Fitted on {incidents:,} incidents: {fitted.background.mean() * 100:.0f} % background (bandwidth "
        f"{bandwidth_m:g} m); as the fit has it, an incident sets off {fitted.offspring:.2f} others directly, after "
        f"{fitted.decay_days:.1f} days on average and {fitted.spread_m:.0f} m away (standard deviation)."
    )
