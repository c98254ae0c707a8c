"""Weighted displacement difference: did the treated place fall by more than the comparison place?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import scipy

from geo_service.errors import QueryError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

REFERENCE: Final = (
    "Wheeler, A. P. and Ratcliffe, J. H. (2018): A simple weighted displacement difference test to evaluate place "
    "based crime interventions. Crime Science 7:11."
)
LEVEL: Final = 0.9
"""Level of the paper's intervals."""
FEW: Final = 5
"""Incidents per place and period below which the normal distribution is a poor guide (the paper, figure 1)."""


@dataclass(frozen=True, slots=True)
class Places:
    """Hold what was counted before and after in each place; every array has shape (k kinds of offence, 2)."""

    treated: NDArray[np.float64]
    control: NDArray[np.float64]
    ring_treated: NDArray[np.float64]
    """Where crime may have moved to from the treated place; zeros where none is looked at."""
    ring_control: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        treated: ArrayLike,
        control: ArrayLike,
        ring_treated: ArrayLike = (0, 0),
        ring_control: ArrayLike = (0, 0),
    ) -> Places:
        """Read counts (before, after), or one such line for each kind of offence; raise QueryError."""
        given = {"treated": treated, "control": control, "ring_treated": ring_treated, "ring_control": ring_control}
        read = {name: np.atleast_2d(np.asarray(value, dtype=np.float64)) for name, value in given.items()}
        kinds = max(len(value) for value in read.values())
        for name, value in read.items():
            if value.shape[1] != 2 or len(value) not in (1, kinds):  # noqa: PLR2004 - before and after
                raise QueryError(
                    f"The counts of {name.replace('_', ' ')} are not a before and an after",
                    found=np.asarray(given[name]).tolist(),
                    do="Give two counts, for example 20,10",
                    field=name,
                )
            if not (np.isfinite(value).all() and (value >= 0).all()):
                raise QueryError(
                    f"A count of {name.replace('_', ' ')} is below zero or no number",
                    found=", ".join(f"{each:g}" for each in np.atleast_2d(value)[0]),
                    do="Give two counts, for example 20,10",
                    field=name,
                )
        return cls(
            **{
                name: np.broadcast_to(value, (kinds, 2)) if value.any() else np.zeros((kinds, 2))
                for name, value in read.items()
            }
        )


@dataclass(frozen=True, slots=True)
class DisplacementDifference:
    """Say by how much the treated place (and its ring) changed beyond the comparison place."""

    estimate: float
    """Incidents, or days of harm; below zero is better."""
    standard_error: float
    low: float
    high: float
    level: float
    z: float
    p: float
    """One-sided, of a fall: the chance of so low an estimate where nothing changed."""
    treated: float
    """Change of the treated place, in the length of the period before."""
    control: float
    ring_treated: float
    ring_control: float
    displaced_low: float
    """Of the interval of the part in the rings, at the same level."""
    displaced_high: float
    few: bool
    """Whether some place held fewer than FEW incidents, so that the normal distribution is a poor guide."""

    @property
    def local(self) -> float:
        """Return the part of the estimate that lies in the places themselves."""
        return self.treated - self.control

    @property
    def displaced(self) -> float:
        """Return the part in the rings: above zero crime moved there, below zero the benefit spread."""
        return self.ring_treated - self.ring_control


def displacement_difference(
    places: Places,
    *,
    days: ArrayLike = 1.0,
    lengths: tuple[float, float] = (1.0, 1.0),
    level: float = LEVEL,
) -> DisplacementDifference:
    """Compare the change of a treated place with that of a comparison place, displacement rings included.

    places: counts, Poisson under the null. days: harm of one incident of each kind (k); 1 counts. lengths: of the
    periods before and after; what came after is brought to the length of what came before. The estimate is
    (T1 - T0) - (C1 - C0) + (D1 - D0) - (E1 - E0) with rings D and E, its variance the sum of the counts, each times the
    square of its weight. Raises QueryError for a length or level that cannot be. Source: REFERENCE.
    """
    if not (min(lengths) > 0 and 0 < level < 1):
        raise QueryError("A period has no length, or the level is no share", found=(*lengths, level), field="level")
    weight = np.broadcast_to(np.asarray(days, dtype=np.float64), (len(places.treated),))[:, None]
    scale = np.array([1.0, lengths[0] / lengths[1]]) * weight
    held = (places.treated, places.control, places.ring_treated, places.ring_control)
    changes = [float(np.sum(counts * scale * [-1.0, 1.0])) for counts in held]
    treated, control, ring_treated, ring_control = changes
    estimate = treated - control + ring_treated - ring_control
    variances = [float(np.sum(counts * scale**2)) for counts in held]
    error, ring_error = float(np.sqrt(sum(variances))), float(np.sqrt(sum(variances[2:])))
    z = estimate / error if error else float("nan")
    wide = float(scipy.stats.norm.ppf(0.5 + level / 2))
    reach, moved = wide * error, ring_treated - ring_control
    looked_at = [places.treated, places.control, *(ring for ring in held[2:] if ring.any())]
    few = any(counts.sum(axis=0).min() < FEW for counts in looked_at)
    return DisplacementDifference(
        estimate=estimate,
        standard_error=error,
        low=estimate - reach,
        high=estimate + reach,
        level=level,
        z=z,
        p=float(scipy.stats.norm.cdf(z)),
        treated=treated,
        control=control,
        ring_treated=ring_treated,
        ring_control=ring_control,
        displaced_low=moved - wide * ring_error,
        displaced_high=moved + wide * ring_error,
        few=bool(few),
    )
