"""Count how often noise is called better, worse or concentrated: `python -m benchmarks.verdicts [RUNS]`.

Every rate should be near 5 %: the intervals and the test are at that level. Cells stand in a row instead of on the
ground, for neither looks at where they lie.
"""

from __future__ import annotations

import sys

import numpy as np

from geo_service.hotspots.backtesting.resampling import paired_intervals
from geo_service.hotspots.concentration import concentration

CELLS, CHOSEN, MONTHS = 400, 20, 14


def backtests(runs: int, ahead: int, seed: int = 1) -> float:
    """Hold a random choice of cells against that of `total` on Poisson noise; return the share of verdicts."""
    generator = np.random.default_rng(seed)
    alarms = 0
    for run in range(runs):
        counts = generator.poisson(2.0, (12 + MONTHS, CELLS))
        other = generator.permutation(CELLS)[:CHOSEN]
        windows = range(12, 12 + MONTHS - ahead + 1)
        differences = []
        for month in windows:
            best = np.argsort(-counts[month - 12 : month].sum(axis=0), kind="stable")[:CHOSEN]
            after = counts[month : month + ahead].sum(axis=0)
            differences.append((after[other].sum() - after[best].sum()) / after.sum())
        found = paired_intervals(np.array([differences]), np.array(windows), ahead, seed=run)
        alarms += found.verdict(0) in ("better", "worse")
    return alarms / runs


def concentrations(runs: int, incidents: int, seed: int = 1) -> float:
    """Scatter incidents over places of unequal size; return the share that is called more than chance."""
    generator = np.random.default_rng(seed)
    size = generator.uniform(0.2, 1.8, CELLS)
    alarms = 0
    for run in range(runs):
        counts = generator.multinomial(incidents, size / size.sum())[None, :]
        alarms += concentration(counts, np.ones(1), size, seed=run).verdict == "more than chance"
    return alarms / runs


def main() -> None:
    """Print the rates."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    for ahead in (1, 3):
        print(f"backtest, {ahead} month(s) ahead: {backtests(runs, ahead):.1%} of {runs:,} runs are given a verdict")
    for incidents in (100, 1_000):
        share = concentrations(runs, incidents)
        print(f"concentration of {incidents:,} incidents: {share:.1%} of {runs:,} runs are called more than chance")


if __name__ == "__main__":
    main()
