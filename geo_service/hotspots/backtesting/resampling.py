"""Say how sure a mean of months is: the block bootstrap, with intervals that hold for few months."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np
import scipy

if TYPE_CHECKING:
    from geo_service.model.cells import Floats, Ints

Verdict: TypeAlias = Literal["better", "no different", "worse", "too few months to tell"]
LEVEL: Final = 0.95
DRAWS: Final = 2_000
LEAST_WINDOWS: Final = 3
"""Windows that share no month, below which nothing is said: an interval would have to be absurdly wide."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """Hold the means of paired differences with their intervals, one of each for every comparison (c)."""

    mean: Floats
    low: Floats
    high: Floats
    windows: int
    """Windows that share no month."""

    def verdict(self, comparison: int) -> Verdict:
        """Say what the interval of a comparison leaves open: an interval across 0 is `no different`."""
        if self.windows < LEAST_WINDOWS:
            return "too few months to tell"
        return "better" if self.low[comparison] > 0 else "worse" if self.high[comparison] < 0 else "no different"


def paired_intervals(differences: Floats, first: Ints, ahead: int, *, seed: int, level: float = LEVEL) -> Intervals:
    """Give the mean of each comparison's differences with an interval.

    differences: one row for each comparison, one column for each window of months (c, w). first: first month of each
    window, ascending (w). ahead: months of each window. Windows that overlap are drawn in blocks of `ahead` in a row,
    around the end to the beginning (Politis and Romano 1992); windows of one month are drawn singly. The spread of
    the drawn means, less what blocks leave out, is that of the mean; the interval is so many of it as Student's t has
    for the windows that share no month, since plain percentiles of few draws are too narrow (Hesterberg 2015, The
    American Statistician 69, 371-386).
    Where there are fewer than two such windows there is no interval, and its ends are nan.
    """
    windows = apart(first, ahead)
    mean = differences.mean(axis=1) if differences.shape[1] else np.full(len(differences), np.nan)
    if windows < 2:  # noqa: PLR2004 - one has no spread
        return Intervals(mean, np.full(len(mean), np.nan), np.full(len(mean), np.nan), windows)
    drawn = differences @ _weights(differences.shape[1], ahead, seed).T
    spread = drawn.std(axis=1) * np.sqrt(_understated(ahead) * windows / (windows - 1))
    reach = float(scipy.stats.t.ppf((1 + level) / 2, windows - 1)) * spread
    return Intervals(mean, mean - reach, mean + reach, windows)


def apart(first: Ints, ahead: int) -> int:
    """Count the most windows that share no month, from their first months, ascending."""
    count, free = 0, None
    for month in first.tolist():
        if free is None or month >= free:
            count, free = count + 1, month + ahead
    return count


def _understated(ahead: int) -> float:
    """Return by how much blocks of overlapping windows understate the variance of their mean.

    Windows that move on by a month share 1 - j / ahead of their months at a distance of j; a block of `ahead` holds
    only that share of such pairs.
    """
    shared = 1 - np.abs(np.arange(-ahead + 1, ahead)) / ahead
    return float(shared.sum() / (shared**2).sum())


def _weights(windows: int, block: int, seed: int) -> Floats:
    """Return how much each window counts in each draw (DRAWS, windows), summing to 1."""
    generator = np.random.default_rng(seed)
    blocks = -(-windows // block)
    starts = generator.integers(0, windows, size=(DRAWS, blocks, 1))
    taken = ((starts + np.arange(block)) % windows).reshape(DRAWS, -1)[:, :windows]
    at = taken + windows * np.arange(DRAWS)[:, None]
    weights: Floats = np.bincount(at.ravel(), minlength=DRAWS * windows).reshape(DRAWS, windows) / windows
    return weights
