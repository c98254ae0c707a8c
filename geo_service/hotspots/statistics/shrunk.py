"""Score a cell by its rate, drawn towards that of the area where the cell tells little: empirical Bayes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geo_service.hotspots.exposure import exposure_of, notes_without
from geo_service.model.surfaces import Surface

if TYPE_CHECKING:
    from geo_service.model.cells import Floats
    from geo_service.model.surfaces import Observed, Tuning

NAME: Final = "shrunk"
TITLE: Final = "Shrunk: the rate, steadied by that of the whole area"
REFERENCE: Final = (
    "Clayton and Kaldor (1987), Biometrics 43, 671-681 (gamma-Poisson); "
    "prior by moments: Marshall (1991), Applied Statistics 40, 283-294"
)
TUNED_BY: Final = ("per",)
NEEDS: Final = frozenset({"denominator"})
REACH_M: Final = 0.0


@dataclass(frozen=True, slots=True)
class Prior:
    """Hold the spread of the true rates of the cells: a gamma law of this mean and variance."""

    mean: float
    variance: float
    """0 where the rates differ no more than chance makes them: every cell then has the mean."""
    dispersion: float
    """Variance of a cell's months over their mean; 1 is Poisson, harm has far more."""


def surface(observed: Observed, tuning: Tuning) -> Surface:
    """Score each cell of the area by the amount to be expected of it: posterior mean rate times exposure.

    Counts are Poisson around exposure x rate, and rates follow a gamma law that is fitted to the area. Where the months
    of the cells scatter more than Poisson counts do, as harm does, amounts are divided by that dispersion first
    (quasi-Poisson). Exposure is the denominator, or the ground of the cell in the area. Raises QueryError (field `per`)
    where the denominator is not there.
    """
    value, exposure = observed.value_inside[observed.inside], exposure_of(observed, tuning.per)
    fitted = fit(value, exposure, dispersion(observed))
    score = posterior_rates(value, exposure, fitted) * exposure
    return Surface(
        statistic=NAME,
        score=score,
        is_amount=True,
        notes=(_said(fitted, tuning.per), *notes_without(value, exposure, tuning.per)),
    )


def dispersion(observed: Observed) -> float:
    """Return the pooled variance of the cells' months over their mean, at least 1; 1 where there is but one month."""
    months = len(observed.months)
    inside = observed.by_month_inside
    total = float(inside.sum())
    if months == 1 or not total:
        return 1.0
    squares = float((inside.data**2).sum()) - float((observed.value_inside**2).sum()) / months
    return max(squares / (months - 1) / (total / months), 1.0)


def fit(value: Floats, exposure: Floats, dispersion: float = 1.0) -> Prior:
    """Fit mean and variance of the true rates by moments; cells without exposure tell nothing.

    value, exposure: (n).
    """
    known = exposure > 0
    value, exposure = value[known], exposure[known]
    whole = exposure.sum()
    mean = value.sum() / whole
    spread = (exposure * (value / exposure - mean) ** 2).sum() / whole
    return Prior(float(mean), float(max(spread - dispersion * mean / exposure.mean(), 0.0)), dispersion)


def posterior_rates(value: Floats, exposure: Floats, prior: Prior) -> Floats:
    """Return the posterior mean rate of each cell (n); that of the prior where there is no exposure."""
    noise = np.divide(prior.dispersion * prior.mean, exposure, out=np.full(len(value), np.inf), where=exposure > 0)
    rate = np.divide(value, exposure, out=np.zeros(len(value)), where=exposure > 0)
    if not prior.variance:
        return np.full(len(value), prior.mean)
    own = prior.variance / (prior.variance + noise)
    drawn: Floats = own * rate + (1 - own) * prior.mean
    return drawn


def _said(prior: Prior, per: str) -> str:
    """Say what was fitted, in the terms of the gamma law."""
    if not prior.mean:
        return "There is nothing to shrink: the area holds none of the measure."
    if not prior.variance:
        return (
            f"The rates of the cells differ no more than chance makes them: every cell has that of the area, "
            f"{prior.mean:.4g} a {per}."
        )
    return (
        f"Fitted prior of the rates: gamma with mean {prior.mean:.4g} a {per}, shape "
        f"{prior.mean**2 / prior.variance:.4g}; dispersion of the months {prior.dispersion:.3g} (1 is Poisson)."
    )
