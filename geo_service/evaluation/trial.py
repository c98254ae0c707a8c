"""What a crossover trial showed: intention to treat, compliance, and what chance alone would give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import scipy

from geo_service.errors import QueryError
from geo_service.evaluation.crossover import REFERENCE, periods_of, redraw

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.evaluation.crossover import Design
    from geo_service.model.cells import Floats

    Flags = NDArray[np.bool_]

__all__ = ["REFERENCE", "Compliance", "Effect", "analyse", "comply", "rate_ratio"]

LEVEL: Final = 0.9
REDRAWS: Final = 1_999
_SAME: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Effect:
    """Compare patrolled hotspot-days with the others as they were allocated, whether or not anybody came."""

    treated: float
    """Incidents, or days of harm, on patrolled hotspot-days that are analysed."""
    control: float
    treated_days: int
    control_days: int
    difference: float
    """Per hotspot-day; below zero is better."""
    low: float
    """Of the interval by redrawing the allocation, for an effect that is the same on each patrolled day."""
    high: float
    level: float
    p: float
    """Two-sided mid-p, by redrawing."""
    ratio: float
    """Treated over control, nan where it cannot be."""
    ratio_low: float
    """Of the Poisson interval; nan for harm, whose amounts are no counts."""
    ratio_high: float
    redraws: int


def analyse(  # noqa: PLR0913 - the parts of an analysis
    design: Design,
    patrolled: Flags,
    daily: Floats,
    *,
    is_count: bool = True,
    level: float = LEVEL,
    redraws: int = REDRAWS,
) -> Effect:
    """Return the effect by intention to treat.

    patrolled: the allocation (z, d). daily: incidents, or harm, of each hotspot on each operational day (z, d). The p
    and the interval come from allocations drawn anew by the same design: under no effect every one was as likely. The
    interval holds the additive effects that such a test does not refuse. Raises QueryError for outcomes of another
    shape. Source: REFERENCE; for the interval Ernst, M. D. (2004), Statistical Science 19(4).
    """
    if daily.shape != patrolled.shape:
        raise QueryError("Outcomes and allocation are of unequal shape", found=(daily.shape, patrolled.shape))
    sign = np.where(patrolled, 1.0, -1.0)
    held = periods_of(design, daily)
    condition = periods_of(design, patrolled.astype(np.float64))
    days = float(condition.sum())
    treated = float(periods_of(design, daily * patrolled).sum())
    total = float(held.sum())
    seed = design.seed ^ 0x5EA1  # another stream than the allocation's own
    by_chance, overlap = redraw(design, [held, condition], redraws, seed)
    observed = float(periods_of(design, daily * sign).sum())
    # Counts are whole, so many redraws lie exactly as far: half of them count (mid-p), or too few would be refused.
    beyond = np.abs(by_chance) - abs(observed)
    same = np.abs(beyond) <= _SAME * max(1.0, abs(observed))
    further = float((beyond[~same] > 0).sum()) + same.sum() / 2
    # An effect e is not refused by a redraw where observed - e * days lies within by_chance - e * overlap: one bound
    # of e for each redraw, whose quantiles are the interval. A redraw that is the allocation itself bounds nothing.
    usable = days - overlap > days * 1e-9
    bounds = (observed - by_chance[usable]) / (days - overlap[usable])
    low, high = np.quantile(bounds, [(1 - level) / 2, (1 + level) / 2]) if usable.any() else (np.nan, np.nan)
    ratio, ratio_low, ratio_high = rate_ratio(treated, total - treated, level) if is_count else (np.nan,) * 3
    if not is_count and total > treated:
        ratio = treated / (total - treated)
    return Effect(
        treated=treated,
        control=total - treated,
        treated_days=round(days),
        control_days=int(design.counted.sum()) * len(design.zones) - round(days),
        difference=observed / days,
        low=float(low),
        high=float(high),
        level=level,
        p=(0.5 + further) / (1 + redraws),
        ratio=ratio,
        ratio_low=ratio_low,
        ratio_high=ratio_high,
        redraws=redraws,
    )


def rate_ratio(treated: float, control: float, level: float = LEVEL) -> tuple[float, float, float]:
    """Return the ratio of two Poisson counts of equal exposure with its conditional mid-p interval.

    Given their sum the treated count is binomial; mid-p, because the exact interval covers by more than it says. nan
    where there is nothing. Too narrow where incidents come in bursts: then the redrawn interval holds. Sources:
    Przyborowski and Wilenski (1940), Biometrika 31, 313-323; mid-p: Berry and Armitage (1995), The Statistician 44.
    """
    total = treated + control
    if not total:
        return float("nan"), float("nan"), float("nan")
    tail = (1 - level) / 2

    def beyond(share: float) -> float:
        """Return the mid-p of a count as low as the treated one."""
        return float(scipy.stats.binom.cdf(treated, total, share) - scipy.stats.binom.pmf(treated, total, share) / 2)

    low = scipy.optimize.brentq(lambda share: 1 - beyond(share) - tail, 0, 1) if treated else 0.0
    high = scipy.optimize.brentq(lambda share: beyond(share) - tail, 0, 1) if control else 1.0
    odds = [share / (1 - share) if share < 1 else float("inf") for share in (treated / total, low, high)]
    return odds[0], odds[1], odds[2]


@dataclass(frozen=True, slots=True)
class Compliance:
    """Say how far the patrols were made as they were drawn."""

    treated_visited: float
    """Share of patrolled hotspot-days with a visit."""
    control_visited: float
    """Share of the others with a visit: what should not be."""
    visits_per_treated_day: float
    by_zone: Floats
    """Share of each hotspot's patrolled days with a visit (z)."""
    difference_if_visited: float
    """Effect per day of those days that were visited because they were drawn (Angrist, Imbens and Rubin 1996)."""
    low: float
    high: float


def comply(design: Design, patrolled: Flags, visits: Floats, effect: Effect) -> Compliance:
    """Return the compliance of a trial, and what the effect would be had every allocated visit been made.

    visits: number of visits to each hotspot on each operational day (z, d). The analysed days only. The effect is
    divided by the difference between the two shares, which takes that difference as known; nan where there is none.
    """
    there, kept = visits > 0, np.broadcast_to(design.counted, patrolled.shape)
    treated, control = patrolled & kept, ~patrolled & kept
    share, wrong = float(there[treated].mean()), float(there[control].mean())
    gap = share - wrong
    divided = [value / gap if gap > 0 else float("nan") for value in (effect.difference, effect.low, effect.high)]
    by_zone: Floats = (there & treated).sum(axis=1) / treated.sum(axis=1)
    return Compliance(share, wrong, float(visits[treated].mean()), by_zone, *divided)
