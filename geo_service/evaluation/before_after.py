"""Before, during and after a camera, an order or an operation, always beside comparison areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import scipy

from geo_service.evaluation.etest import e_test
from geo_service.evaluation.wdd import LEVEL, DisplacementDifference, Places, displacement_difference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

REFERENCE: Final = (
    "Relative incident rate ratio: Wilson, D. B. (2022): The relative incident rate ratio effect size for count-based "
    "impact evaluations. Journal of Quantitative Criminology 38, 323-341."
)
_HALF: Final = 0.5
"""Added to all four counts where one is 0, so that a ratio can be formed (Haldane and Anscombe)."""
_MOST_TESTED: Final = 20_000


@dataclass(frozen=True, slots=True)
class Contrast:
    """Compare one later phase with the phase before."""

    phase: str
    before: int
    """Incidents of the treated places in the phase before."""
    then: int
    """Incidents of the treated places in the later phase."""
    comparison_before: int
    comparison_then: int
    months_before: float
    months_then: float
    ratio: float
    """Treated places' change of rate over that of the comparison places; below 1 is better, nan where it cannot be."""
    low: float
    high: float
    difference: DisplacementDifference
    """By incidents, in the length of the phase before."""
    harm: DisplacementDifference | None
    p_alone: float | None
    """e-test of the treated places alone; None where there are too many incidents for it."""

    @property
    def change(self) -> float:
        """Return the treated places' own change of rate, 0.05 for 5 % more; nan from 0."""
        return _ratio(self.then, self.before, self.months_then, self.months_before) - 1

    @property
    def comparison_change(self) -> float:
        """Return the same of the comparison places."""
        return _ratio(self.comparison_then, self.comparison_before, self.months_then, self.months_before) - 1


def _ratio(now: float, then: float, length_now: float, length_then: float) -> float:
    return now / length_now / (then / length_then) if then else float("nan")


def contrasts(  # noqa: PLR0913 - the parts of a comparison
    phases: Sequence[str],
    months: Sequence[float],
    treated: NDArray[np.float64],
    comparison: NDArray[np.float64],
    *,
    days: NDArray[np.float64] | None = None,
    level: float = LEVEL,
) -> tuple[Contrast, ...]:
    """Compare each later phase with the first.

    phases: names, the first being the time before (f). months: their lengths. treated, comparison: incidents by kind of
    offence and phase (k, f). days: harm of one incident of each kind; None leaves harm out. Source: REFERENCE, and
    `displacement_difference`.
    """
    made = []
    for at in range(1, len(phases)):
        pair = [0, at]
        places = Places.of(treated[:, pair], comparison[:, pair])
        lengths = (float(months[0]), float(months[at]))
        (t0, t1), (c0, c1) = treated[:, pair].sum(axis=0), comparison[:, pair].sum(axis=0)
        ratio, low, high = _relative(np.array([t0, t1, c0, c1]), level)
        made.append(
            Contrast(
                phase=phases[at],
                before=int(t0),
                then=int(t1),
                comparison_before=int(c0),
                comparison_then=int(c1),
                months_before=lengths[0],
                months_then=lengths[1],
                ratio=ratio,
                low=low,
                high=high,
                difference=displacement_difference(places, lengths=lengths, level=level),
                harm=None if days is None else displacement_difference(places, days=days, lengths=lengths, level=level),
                p_alone=e_test(int(t0), int(t1), lengths=lengths) if max(t0, t1) <= _MOST_TESTED else None,
            )
        )
    return tuple(made)


def _relative(counts: NDArray[np.float64], level: float) -> tuple[float, float, float]:
    """Return the relative incident rate ratio with its interval; counts: treated before, then, comparison the same.

    The lengths of the phases are the same for both places and cancel.
    """
    if not (counts[:2].any() and counts[2:].any()):
        return float("nan"), float("nan"), float("nan")
    t0, t1, c0, c1 = counts if counts.all() else counts + _HALF
    reach = scipy.stats.norm.ppf(0.5 + level / 2) * np.sqrt(1 / t0 + 1 / t1 + 1 / c0 + 1 / c1)
    log = np.log(t1 / t0) - np.log(c1 / c0)
    return float(np.exp(log)), float(np.exp(log - reach)), float(np.exp(log + reach))
