"""How much larger one rate is than another, with its interval."""

from __future__ import annotations

from typing import NamedTuple

import scipy

from geo_service.errors import QueryError


class RateRatio(NamedTuple):
    """Hold a ratio of two rates with the ends of its interval."""

    ratio: float
    """First over second; inf where the second is 0, nan where both are."""
    low: float
    high: float


def rate_ratio(first: int, second: int, *, lengths: tuple[float, float] = (1.0, 1.0), level: float = 0.9) -> RateRatio:
    """Return the ratio of two Poisson rates with an exact interval that holds the truth in at least `level` of cases.

    first, second: counts. lengths: of the periods (or what else each was out of), any unit. The interval is that of
    Clopper and Pearson for the first count's share of both. Raises QueryError for a negative count, a length that is
    none, or a level that is not between 0 and 1. Source: Przyborowski, J. and Wilenski, H. (1940), "Homogeneity of
    results in testing samples from Poisson series", Biometrika 31; as R's `poisson.test` has it.
    """
    if min(first, second) < 0:
        raise QueryError("A count is below zero", found=(first, second), do="Give 0 or more", field="counts")
    if not min(lengths) > 0:
        raise QueryError("A period has no length", found=lengths, do="Give lengths above zero", field="lengths")
    if not 0 < level < 1:
        raise QueryError("No such level", found=level, do="Give a share such as 0.9", field="level")
    tail, both = (1 - level) / 2, first + second
    low = float(scipy.stats.beta.ppf(tail, first, second + 1)) if first else 0.0
    high = float(scipy.stats.beta.ppf(1 - tail, first + 1, second)) if second else 1.0
    scale = lengths[1] / lengths[0]
    ratio = scale * first / second if second else float("inf") if both else float("nan")
    return RateRatio(ratio, _odds(low) * scale, _odds(high) * scale)


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else float("inf")
