"""Impact areas: rolling sums, changes, statuses by runs of falls and rises, and the limits that chance sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np
import scipy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo_service.model.cells import Floats

    Flags = NDArray[np.bool_]

WINDOW: Final = 12
"""Months of a rolling sum."""
RUN: Final = 3
"""Months of falls that make OUTSTANDING, of rises that make POOR."""
Status: TypeAlias = Literal["OUTSTANDING", "GOOD", "NO CHANGE", "NEEDS IMPROVEMENT", "POOR"]
BEST_FIRST: Final[tuple[Status, ...]] = ("OUTSTANDING", "GOOD", "NO CHANGE", "NEEDS IMPROVEMENT", "POOR")
EARLIER: Final = "earlier month needed"
"""What stands for a status, or an arrow, that the months there are do not decide."""
Arrow: TypeAlias = Literal["↑", "↓", "="]
REFERENCE: Final = (
    "Spiegelhalter, D. J. (2005): Funnel plots for comparing institutional performance. Stat. Med. 24(8)."
)
_FALLS: Final[tuple[Status, Status]] = ("GOOD", "OUTSTANDING")
_RISES: Final[tuple[Status, Status]] = ("NEEDS IMPROVEMENT", "POOR")
_ARROWS: Final[dict[int, Arrow]] = {1: "↑", 0: "=", -1: "↓"}
_SAME: Final = 1e-9
"""Relative difference below which two sums are equal: the same days added in another order."""
_WINSORISED: Final = 0.1
_LEAST_FOR_DISPERSION: Final = 10
"""Areas below which the spread between them is too uncertain to widen the limits by."""


def rolling(values: Floats, known: Flags, window: int = WINDOW) -> Floats:
    """Return the sums of the last `window` months.

    values: (areas, months). known: whether a month is there and may be joined to the one before, see `gaps`; shape
    (months) for all areas. Returns (areas, months), nan where the window begins before the first month or holds a month
    that is not known.
    """
    sums = np.full(values.shape, np.nan)
    if values.shape[1] < window:
        return sums
    total = np.lib.stride_tricks.sliding_window_view(np.where(known, values, np.nan), window, axis=1).sum(axis=2)
    sums[:, window - 1 :] = total
    return sums


def changes(rolled: Floats, lag: int = 1) -> Floats:
    """Return the relative change from `lag` months before, 0.05 for 5 % more.

    rolled: (areas, months). Returns the same shape; nan where either is not known or the earlier one is 0.
    """
    change = np.full(rolled.shape, np.nan)
    if rolled.shape[1] > lag:
        before = rolled[:, :-lag]
        with np.errstate(divide="ignore", invalid="ignore"):
            change[:, lag:] = np.where(before > 0, rolled[:, lag:] / before - 1, np.nan)
    return change


def directions(rolled: Floats) -> Floats:
    """Return -1 for a fall from the month before, 1 for a rise, 0 for neither; nan where it is not known."""
    moved = np.full(rolled.shape, np.nan)
    before, now = rolled[:, :-1], rolled[:, 1:]
    same = np.abs(now - before) <= _SAME * np.maximum(np.abs(before), np.abs(now))
    moved[:, 1:] = np.where(same, 0.0, np.sign(now - before))
    return moved


def possible(moved: Sequence[float]) -> tuple[Status, ...]:
    """Return the statuses that the latest run of falls or rises may mean: one where the months decide it.

    moved: directions of one area, ascending, the last being the month asked about. The run is that of the latest months
    that went the same way without a break: three falls OUTSTANDING, one or two GOOD, one or two rises NEEDS
    IMPROVEMENT, three POOR. A fall after rises is therefore GOOD, whatever came before. A month without change ends
    a run; its own status, which the published rule does not name, is NO CHANGE. A run of less than three that reaches
    the first month that is known may be longer. All five where the latest month itself is not known.
    """
    if not len(moved) or np.isnan(moved[-1]):
        return BEST_FIRST
    way = moved[-1]
    if not way:
        return ("NO CHANGE",)
    short, full = _FALLS if way < 0 else _RISES
    length = next((back for back, step in enumerate(reversed(moved)) if step != way), len(moved))
    if length >= RUN:
        return (full,)
    has_begun = length < len(moved) and not np.isnan(moved[-1 - length])
    return (short,) if has_begun else (short, full)


def status(moved: Sequence[float]) -> Status | None:
    """Return the status, None where an earlier month is needed; see `possible`."""
    found = possible(moved)
    return found[0] if len(found) == 1 else None


def arrow(moved: Sequence[float]) -> Arrow | None:
    """Return whether the status is better (↑) or worse (↓) than the month before, None where that is not decided.

    A status that is not known may still be better or worse than the other whichever it is: rises before a fall may
    have been NEEDS IMPROVEMENT or POOR, and GOOD is better than either.
    """
    before, now = ([BEST_FIRST.index(each) for each in possible(part)] for part in (moved[:-1], moved))
    steps = {int(np.sign(earlier - later)) for earlier in before for later in now}
    return _ARROWS[steps.pop()] if len(steps) == 1 else None


@dataclass(frozen=True, slots=True)
class Funnel:
    """Hold the change of each area beside what chance would let it be, ratios of now to then (n areas)."""

    ratio: Floats
    """nan where there was nothing then."""
    target: float
    """Ratio of all areas together."""
    low_95: Floats
    high_95: Floats
    low_998: Floats
    high_998: Floats
    dispersion: float
    """Factor on the variance: how much more the areas spread than chance alone; 1 where they do not."""

    def verdict(self, place: int) -> str:
        """Say where an area stands."""
        ratio = self.ratio[place]
        if np.isnan(ratio) or np.isnan(self.low_998[place]):
            return "not known"
        if not self.low_998[place] <= ratio <= self.high_998[place]:
            return "beyond 99.8 %: " + ("fell" if ratio < self.target else "rose")
        if not self.low_95[place] <= ratio <= self.high_95[place]:
            return "beyond 95 %: " + ("fell" if ratio < self.target else "rose")
        return "as the others"


def funnel(then: Floats, now: Floats, squares_then: Floats, squares_now: Floats) -> Funnel:
    """Set the change of each area beside that of all together.

    then, now: sums of the measure in two periods of equal length (n areas). squares_then, squares_now: sums of the
    squared weights of the incidents, which are the variances of the sums if incidents fall by chance; the counts
    themselves where the measure is a count. Limits are normal on the logarithm of the ratio, at 95 and 99.8 %, around
    the ratio of all areas, and widened where ten areas or more spread by more than chance (winsorised, 10 % on
    either side). An area that fell to nothing has no logarithm: its lower limit is 0 where chance leaves nothing often
    enough, by the binomial share of what it held. Source: REFERENCE.
    """
    whole, none_left = (then > 0) & (now > 0), (then > 0) & (now == 0) & bool(now.any())
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(then > 0, now / then, np.nan)
        target = float(now.sum() / then.sum()) if then.sum() > 0 else float("nan")
        own = squares_then / then**2
        error = np.sqrt(
            np.where(whole, own + squares_now / now**2, np.where(none_left, own * (1 + 1 / np.float64(target)), np.nan))
        )
        z = (np.log(np.where(whole, ratio, np.nan)) - np.log(target)) / error
    dispersion = 1.0
    if whole.sum() >= _LEAST_FOR_DISPERSION:
        kept = np.clip(z[whole], *np.quantile(z[whole], [_WINSORISED, 1 - _WINSORISED]))
        dispersion = max(1.0, float(np.mean(kept**2)))
    spread = error * np.sqrt(dispersion)
    near, far = scipy.stats.norm.ppf(0.975), scipy.stats.norm.ppf(0.999)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Of as many equal incidents as the sum is worth, each is of the first period with the share 1 / (1 + target).
        by_chance = np.where(none_left, (1 + target) ** -(1 / (own * dispersion)), 0.0)
    return Funnel(
        ratio=ratio,
        target=target,
        low_95=np.where(by_chance >= 1 - scipy.stats.norm.cdf(near), 0.0, target * np.exp(-near * spread)),
        high_95=target * np.exp(near * spread),
        low_998=np.where(by_chance >= 1 - scipy.stats.norm.cdf(far), 0.0, target * np.exp(-far * spread)),
        high_998=target * np.exp(far * spread),
        dispersion=dispersion,
    )
