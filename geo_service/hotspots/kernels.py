"""Spread what cells hold over the cells around them, and choose how far by what was held out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import scipy
from scipy import sparse
from scipy.spatial import cKDTree

from geo_service.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geo_service.model.cells import Floats, Ints
    from geo_service.model.surfaces import Kernel

CANDIDATES_M: Final[dict[Kernel, tuple[float, ...]]] = {
    "quartic": (100.0, 150.0, 200.0, 250.0, 300.0, 400.0, 500.0, 600.0, 800.0),
    # A quartic kernel spreads as far as a gaussian of a third of its bandwidth.
    "gaussian": (40.0, 50.0, 75.0, 100.0, 125.0, 150.0, 200.0, 250.0, 300.0),
}
"""Bandwidths that are tried, ascending."""

CUT_AT: Final[dict[Kernel, float]] = {"quartic": 1.0, "gaussian": 3.0}
"""Reach of a kernel in bandwidths; that of a gaussian is its standard deviation."""

MOST_PAIRS: Final = 200_000_000
"""Pairs of cells that one surface may need: some 20 seconds."""
MOST_TRIED: Final = 60_000_000
"""Pairs that choosing a bandwidth may need; wider candidates are left out."""
MOST_KEPT: Final = 20_000_000
"""Entries of a matrix that is kept whole, some 2 GB while it is made."""
_AT_ONCE: Final = 4_000_000
_HELD_OUT: Final = 4
"""One month in so many is held out, the latest."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Hold a bandwidth with what it was chosen by."""

    bandwidth_m: float
    held_out: int
    """Latest months that were held out."""
    tried_m: tuple[float, ...]
    log_likelihood: tuple[float, ...]
    """Of the months held out, for each bandwidth that was tried."""


def kernel_matrix(east_north_m: Floats, kernel: Kernel, bandwidth_m: float) -> sparse.csr_array:
    """Build the matrix that spreads an amount in each cell over the cells around it: `matrix @ value`.

    east_north_m: centres of the cells, EPSG:27700 (n, 2). Returns (n, n); each column sums to 1, so that mass is kept:
    what a kernel would lay beyond the outermost cells is shared out among those that exist (Jones 1993, Statistics and
    Computing 3, 135-146). Raises QueryError (field `bandwidth`) where the matrix would not fit in memory.
    """
    n = len(east_north_m)
    pairs = list(pairs_within(east_north_m, east_north_m, CUT_AT[kernel] * bandwidth_m, most=MOST_KEPT))
    to, source, distance = (np.concatenate([part[name] for part in pairs]) for name in ("i", "j", "v"))
    weight = _weights(distance, kernel, bandwidth_m)
    weight /= np.bincount(source, weights=weight, minlength=n)[source]
    return sparse.coo_array((weight, (to, source)), shape=(n, n)).tocsr()


def smooth(value: Floats, east_north_m: Floats, kernel: Kernel, bandwidth_m: float) -> Floats:
    """Spread an amount in each cell over the cells around it, as `kernel_matrix` does, without keeping the matrix.

    value: (n). Raises QueryError (field `bandwidth`) where the bandwidth spans too many cells.
    """
    spread = np.zeros(len(value))
    sources = np.flatnonzero(value)
    for part in pairs_within(east_north_m, east_north_m[sources], CUT_AT[kernel] * bandwidth_m):
        spread += shared(part["i"], part["j"], _weights(part["v"], kernel, bandwidth_m), value[sources], len(value))
    return spread


def choose_bandwidth(
    by_month: sparse.csr_array, east_north_m: Floats, kernel: Kernel, tried_m: tuple[float, ...] | None = None
) -> Choice | None:
    """Choose the bandwidth under which the latest months were likeliest, given a surface of the months before them.

    by_month: (m months, n cells). The last quarter of the months, one at least, is held out. Their Poisson likelihood
    takes the total as given, so that only the shape of the surface counts; a uniform floor, whose share is fitted for
    each bandwidth, keeps a place without earlier incidents possible. Returns None where there is nothing to fit or to
    hold out.
    """
    months = by_month.shape[0]
    held_out = max(1, months // _HELD_OUT)
    earlier, later = (np.asarray(part.sum(axis=0)).ravel() for part in (by_month[:-held_out], by_month[-held_out:]))
    if not earlier.any() or not later.any():
        return None
    sources = np.flatnonzero(earlier)
    tried_m = _affordable(tried_m or CANDIDATES_M[kernel], kernel, east_north_m, east_north_m[sources])
    spread = np.zeros((len(tried_m), len(earlier)))
    for part in pairs_within(east_north_m, east_north_m[sources], CUT_AT[kernel] * max(tried_m)):
        near = part
        for at in np.argsort(tried_m)[::-1]:
            # From wide to narrow: each bandwidth needs only the pairs that the one before it had.
            near = near[near["v"] <= CUT_AT[kernel] * tried_m[at]]
            weight = _weights(near["v"], kernel, tried_m[at])
            spread[at] += shared(near["i"], near["j"], weight, earlier[sources], len(earlier))
    likelihood = tuple(_log_likelihood(surface / surface.sum(), later) for surface in spread)
    return Choice(tried_m[int(np.argmax(likelihood))], held_out, tried_m, likelihood)


def _log_likelihood(share: Floats, later: Floats) -> float:
    """Return the likelihood of later amounts under a surface mixed with a uniform floor of the best share."""
    hit = np.flatnonzero(later)
    amount, own, even = later[hit], share[hit], 1 / len(share)

    def less(floor: float) -> float:
        return -float((amount * np.log(floor * even + (1 - floor) * own)).sum())

    return -float(scipy.optimize.minimize_scalar(less, bounds=(1e-6, 1 - 1e-6), method="bounded").fun)


def shared(to: Ints, source: Ints, weight: Floats, amount: Floats, cells: int) -> Floats:
    """Share out the amount of each source over the cells (cells) by its weights; all pairs of a source come together.

    to, source, weight: target, source and weight of each pair. amount: of each source.
    """
    whole = np.bincount(source, weights=weight, minlength=len(amount))
    given = weight * (amount / np.where(whole > 0, whole, 1.0))[source]
    received: Floats = np.bincount(to, weights=given, minlength=cells).astype(np.float64, copy=False)
    return received


def _weights(distance_m: Floats, kernel: Kernel, bandwidth_m: float) -> Floats:
    """Return the height of a kernel at some distances, 1 in its middle."""
    squared = (distance_m / bandwidth_m) ** 2
    weight: Floats = (1 - np.minimum(squared, 1)) ** 2 if kernel == "quartic" else np.exp(-squared / 2)
    return weight


def _affordable(tried_m: tuple[float, ...], kernel: Kernel, to_m: Floats, sources_m: Floats) -> tuple[float, ...]:
    """Leave out the widest bandwidths where the cells are so fine that they would take too long; keep the narrowest."""
    every = cKDTree(to_m)
    costs = [_each(every, sources_m, CUT_AT[kernel] * bandwidth_m) * len(sources_m) for bandwidth_m in tried_m]
    return tuple(each for each, cost in zip(tried_m, costs, strict=True) if cost <= MOST_TRIED) or tried_m[:1]


def _each(every: cKDTree, sources_m: Floats, reach_m: float) -> float:
    """Return about how many targets lie within reach of a source, from a sample of them."""
    sample = sources_m[:: max(1, len(sources_m) // 64)]
    return max(float(every.query_ball_point(sample, reach_m, return_length=True).mean()), 1.0)


def pairs_within(
    to_m: Floats, sources_m: Floats, reach_m: float, *, field: str = "bandwidth", most: int | None = None
) -> Iterator[NDArray[Any]]:
    """Yield pairs within reach of each other, some sources at a time: records of target i, source j and metres v.

    to_m: (n, 2). sources_m: (s, 2). Both EPSG:27700. All pairs of a source come together. Raises QueryError (`field`)
    where there are more than `most`, by default MOST_PAIRS.
    """
    if not len(sources_m) or not len(to_m):
        return
    every = cKDTree(to_m)
    each = _each(every, sources_m, reach_m)
    if each * len(sources_m) > (MOST_PAIRS if most is None else most):
        raise QueryError(
            "The kernel spans too many cells",
            found=f"{reach_m:,.0f} m around {len(sources_m):,} places, {each:,.0f} cells within reach of each",
            do="Give a smaller bandwidth, or ask for a coarser resolution or a smaller area",
            field=field,
        )
    step = max(1, math.floor(_AT_ONCE / each))
    for start in range(0, len(sources_m), step):
        some = cKDTree(sources_m[start : start + step])
        found = every.sparse_distance_matrix(some, reach_m, output_type="ndarray")
        found["j"] += start
        yield found
