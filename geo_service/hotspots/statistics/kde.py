"""Score a cell by what happened around it, the nearest counting most: kernel density."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geo_service.hotspots import kernels
from geo_service.model.periods import month_words
from geo_service.model.surfaces import Surface

if TYPE_CHECKING:
    from geo_service.model.surfaces import Observed, Tuning

NAME: Final = "kde"
TITLE: Final = "Kernel density: what happened in the cell and around it"
REFERENCE: Final = (
    "Silverman (1986), Density Estimation for Statistics and Data Analysis; for crime: Chainey, Tompson and Uhlig "
    "(2008), Security Journal 21, 4-28; edges: Jones (1993), Statistics and Computing 3, 135-146"
)
TUNED_BY: Final = ("kernel", "bandwidth_m")
NEEDS: Final = frozenset[str]()
REACH_M: Final = 800.0
"""Incidents so far outside give into the area; an edge of what is looked at lies beyond the widest candidate."""

FALLBACK_M: Final = {"quartic": 300.0, "gaussian": 100.0}
"""Where nothing can be held out."""


def surface(observed: Observed, tuning: Tuning) -> Surface:
    """Score each cell of the area by its share of the smoothed measure: an amount, mass kept.

    The measure of each whole cell, the halo's too, is laid over the cells within the kernel by the distance between
    centres. The weights of a cell sum to 1 over the cells that exist, those of the area and of the halo, so the border
    of the area is no edge, and what would fall beyond the halo is shared out within it. A cell that the border cuts
    takes the share that is covered. Bandwidth: the radius of a quartic kernel, the standard deviation of a gaussian
    one (cut at three). Raises QueryError (field `bandwidth`) where it spans too many cells.
    """
    bandwidth_m, note = _bandwidth(observed, tuning)
    spread = kernels.smooth(observed.value, observed.east_north_m, tuning.kernel, bandwidth_m)
    inside = observed.inside
    notes = [note] if note else []
    if kernels.CUT_AT[tuning.kernel] * bandwidth_m > REACH_M:
        notes.append(
            f"The kernel reaches further than the {REACH_M:,.0f} m that are looked at around the area: what lies "
            "beyond them is not seen, and what would fall there stays within."
        )
    return Surface(
        statistic=NAME,
        score=(spread * observed.covered_m2 / observed.area_m2)[inside],
        is_amount=True,
        notes=tuple(notes),
    )


def _bandwidth(observed: Observed, tuning: Tuning) -> tuple[float, str]:
    """Return the bandwidth that was asked for or chosen, and what must be said of it."""
    if tuning.bandwidth_m is not None:
        return tuning.bandwidth_m, ""
    choice = kernels.choose_bandwidth(observed.by_month, observed.east_north_m, tuning.kernel)
    if choice is None:
        fallback_m = FALLBACK_M[tuning.kernel]
        return fallback_m, f"Bandwidth {fallback_m:g} m: there are no two months with incidents to choose it by."
    months = observed.months
    ends = {choice.tried_m[0]: ", the smallest tried", choice.tried_m[-1]: ", the largest tried"}
    return choice.bandwidth_m, (
        f"Bandwidth {choice.bandwidth_m:g} m{ends.get(choice.bandwidth_m, '')}: of "
        f"{', '.join(f'{each:g}' for each in choice.tried_m)} m the one under which "
        f"{month_words(months[-choice.held_out :])} was likeliest, given {month_words(months[: -choice.held_out])}."
    )
