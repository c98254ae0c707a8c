"""Tell chance from more than chance: conditional permutations, and the false discovery rate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
import scipy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.model.cells import Floats, Ints

LEVEL: Final = 0.05
"""False discovery rate at which a cell is called hot, or takes a class."""
MOST_SKEWNESS: Final = 0.25
"""Of the sum over a neighbourhood; above it the tail of the normal law is too thin."""
_ROUNDING: Final = 1e-9
"""Slack between sums of the same values in another order, relative to the largest."""


def normal_notes(value: Floats, size: Ints, do: str) -> tuple[str, ...]:
    """Say where a sum over a neighbourhood is too lopsided for the normal law; do: what to take instead.

    value: of each cell, or of each month and cell. size: cells summed, of each cell. The skewness of a sum of
    independent values is theirs over the root of their number. `python -m benchmarks.noise` shows what follows:
    where it is 0.4, every fourth area without any pattern has a discovery at a false discovery rate of 5 %.
    """
    if not np.ptp(value):
        return ()
    skewness = float(scipy.stats.skew(value, axis=None) / np.sqrt(np.median(size)))
    if skewness <= MOST_SKEWNESS:
        return ()
    said = "Many cells hold little and a few hold much, so p and q by the normal law are too small"
    return (f"{said} (skewness of a neighbourhood's sum {skewness:.1f}, of the normal law 0): {do}.",)


def hot_notes(q: Floats, permutations: int = 0) -> tuple[str, ...]:
    """Count the cells that pass at a false discovery rate of 5 %, and say where draws are too few for any to pass.

    q: of each cell (n). permutations: draws behind its p; 0 where it is analytical.
    """
    hot = int((q <= LEVEL).sum())
    said = f"{hot:,} of {len(q):,} cells are hot at a false discovery rate of 5 %"
    why = "" if hot else _too_few_draws(len(q), permutations, 1)
    return (f"{said}: {why}." if why else f"{said}.",)


def draw_notes(classes: NDArray[np.str_], none: str, permutations: int) -> tuple[str, ...]:
    """Say where draws are too few for any cell to take a class, which asks for a two-sided p.

    classes: of each cell (n), `none` where it takes none. permutations: draws behind its p; 0 where it is analytical.
    """
    why = _too_few_draws(len(classes), permutations, 2) if (classes == none).all() else ""
    return (f"No cell takes a class: {why}.",) if why else ()


def _too_few_draws(cells: int, permutations: int, sides: int) -> str:
    """Say that no cell can pass a false discovery rate of 5 % alone; nothing where one can."""
    needed = math.ceil(sides * cells / LEVEL / (permutations + 1))
    if not permutations or needed <= 1:
        return ""
    least = f"with {permutations:,} draws p is never below {sides / (permutations + 1):.2g}"
    return f"{least}, so that none can pass unless {needed:,} do; more permutations tell more"


def class_notes(classes: NDArray[np.str_]) -> tuple[str, ...]:
    """Count the cells of each class, most first (n)."""
    names, counts = np.unique(classes, return_counts=True)
    order = np.lexsort((names, -counts))
    return ("Cells by class: " + ", ".join(f"{names[at]} {counts[at]:,}" for at in order) + ".",)


def discovery_rate(p: Floats) -> Floats:
    """Return q: p after Benjamini and Hochberg (1995), JRSS B 57, 289-300, over all of them (n)."""
    q: Floats = scipy.stats.false_discovery_control(p, method="bh") if len(p) else p
    return q


def reach_or_exceed(  # noqa: PLR0913 - the graph and what lies on it
    value: Floats,
    *,
    local: Floats,
    size: Ints,
    asked: NDArray[np.bool_],
    permutations: int,
    rng: np.random.Generator,
) -> tuple[Ints, Ints]:
    """Count the conditional permutations in which the neighbours of a cell hold at least, and at most, what they do.

    Each cell keeps its value, and as many others as it has neighbours are drawn without replacement from all other
    cells (Anselin 1995). All cells with the same number of neighbours share their draws; the few draws that hold the
    cell itself are mended for that cell, so that each cell's draws are exactly those of a permutation of the others.

    value: of each cell, in an order that does not hang on how they were given, so that a seed gives the same answer
    (n). local: sum over the neighbours of each cell, itself left out (n). size: number of neighbours (n). asked: cells
    whose counts are wanted (n). Returns two counts for each asked cell, 0 to `permutations`; ties are in both.
    """
    n, slack = len(value), _ROUNDING * max(float(np.abs(local).max(initial=0.0)), float(np.abs(value).max(initial=0.0)))
    high, low = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for k in np.unique(size[asked]):
        cells = np.flatnonzero(asked & (size == k))
        if not k:
            high[cells] = low[cells] = permutations
            continue
        draws = _draw(n, int(k), permutations, rng)
        sums = value[draws].sum(axis=1)
        ranked = np.sort(sums)
        least, most = local[cells] - slack, local[cells] + slack
        high[cells] = permutations - np.searchsorted(ranked, least, side="left")
        low[cells] = np.searchsorted(ranked, most, side="right")
        # Draws that hold the cell itself: one of the cells that the draw does not hold takes its place.
        itself, draw = _holding(cells, draws, n)
        mended = sums[draw] - value[itself] + value[_others(draws[draw], n, rng)]
        for count, counts in ((high, _at_least), (low, _at_most)):
            change = counts(mended, local[itself], slack) - counts(sums[draw], local[itself], slack)
            np.add.at(count, itself, change)
    return high[asked], low[asked]


def _at_least(sums: Floats, bound: Floats, slack: float) -> Ints:
    return (sums >= bound - slack).astype(np.int64)


def _at_most(sums: Floats, bound: Floats, slack: float) -> Ints:
    return (sums <= bound + slack).astype(np.int64)


def _draw(n: int, k: int, draws: int, rng: np.random.Generator) -> Ints:
    """Draw k of n cells without replacement, many times over: (draws, k), ascending in each draw."""
    drawn: Ints = np.sort(rng.integers(0, n, (draws, k)), axis=1)
    while True:
        twice = np.zeros(drawn.shape, dtype=np.bool_)
        twice[:, 1:] = drawn[:, 1:] == drawn[:, :-1]
        rows = np.flatnonzero(twice.any(axis=1))
        if not len(rows):
            return drawn
        # The first k different cells of a long run of draws: every set of k is equally likely.
        again = drawn[rows]
        again[twice[rows]] = rng.integers(0, n, int(twice.sum()))
        drawn[rows] = np.sort(again, axis=1)


def _holding(cells: Ints, draws: Ints, n: int) -> tuple[Ints, Ints]:
    """Return (cell, draw) for each of the cells that a draw holds."""
    wanted = np.zeros(n, dtype=np.bool_)
    wanted[cells] = True
    draw, place = np.nonzero(wanted[draws])
    return draws[draw, place], draw


def _others(draws: Ints, n: int, rng: np.random.Generator) -> Ints:
    """Draw for each of some draws, ascending (d, k), one of the n - k cells that it does not hold (d)."""
    rank = rng.integers(0, n - draws.shape[1], len(draws))
    # The r-th cell that is not among the ascending s is r + the number of s with s[i] - i <= r.
    before: Ints = (draws - np.arange(draws.shape[1]) <= rank[:, None]).sum(axis=1)
    return rank + before
