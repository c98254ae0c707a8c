"""How often placebo trials are refused, and how often intervals hold the truth: `python -m benchmarks.trials`.

Some minutes; the tests run a bounded sample of the same.
"""

from __future__ import annotations

import datetime as dt
import sys

import numpy as np

from geo_service.evaluation.before_after import contrasts
from geo_service.evaluation.crossover import Design, allocate
from geo_service.evaluation.etest import e_test
from geo_service.evaluation.trial import analyse
from geo_service.evaluation.wdd import Places, displacement_difference

TRIALS = 2_000
ZONES, DAYS, REDRAWS = 20, 28, 499
LEVEL = 0.1
TREATED, COMPARED, MOVED = 25 - 40, 55 - 60, 28 - 30


def crossover(effect: float, rng: np.random.Generator, seed: int, wash_out: int = 0) -> tuple[bool, bool, bool]:
    """Run one trial whose patrols make `effect` of the incidents; return refused, held by redraws, held by Poisson."""
    period = 4 if wash_out else 1
    design = Design(tuple(f"z{zone}" for zone in range(ZONES)), dt.date(2026, 3, 2), DAYS - DAYS % (2 * period), seed,
                    period, 2, wash_out)  # fmt: skip
    patrolled = allocate(design)
    mean = rng.gamma(2, 0.25, (ZONES, 1)) * np.where(patrolled, effect, 1.0)
    found = analyse(design, patrolled, rng.poisson(mean).astype(float), redraws=REDRAWS)
    counted = np.broadcast_to(design.counted, patrolled.shape)
    truth = mean[patrolled & counted].mean() - mean[~patrolled & counted].mean()
    return found.p <= LEVEL, found.low <= truth <= found.high, found.ratio_low <= effect <= found.ratio_high


def rates(effect: float, wash_out: int = 0) -> str:
    """Say in words what TRIALS trials gave."""
    rng = np.random.default_rng(1)
    refused, redrawn, poisson = np.mean([crossover(effect, rng, seed, wash_out) for seed in range(TRIALS)], axis=0)
    return (
        f"crossover, effect {effect:g}, wash-out {wash_out}: refused at 10 % {refused:.1%}; 90 % intervals hold: "
        f"redrawn {redrawn:.1%}, Poisson {poisson:.1%}"
    )


def differences() -> str:
    """Say how often the displacement difference, the relative rate and the e-test are right."""
    rng = np.random.default_rng(2)
    held = {"WDD interval": 0, "WDD with rings": 0, "relative rate interval": 0, "e-test refused at 10 %": 0}
    for _ in range(TRIALS):
        (t0, c0, d0, e0), (t1, c1, d1, e1) = rng.poisson([[40, 60, 30, 30], [25, 55, 28, 30]])
        plain = displacement_difference(Places.of((t0, t1), (c0, c1)))
        rings = displacement_difference(Places.of((t0, t1), (c0, c1), (d0, d1), (e0, e1)))
        (contrast,) = contrasts(("before", "after"), (12, 12), np.array([[t0, t1]], float), np.array([[c0, c1]], float))
        held["WDD interval"] += plain.low <= TREATED - COMPARED <= plain.high
        held["WDD with rings"] += rings.low <= TREATED - COMPARED + MOVED <= rings.high
        held["relative rate interval"] += contrast.low <= (25 / 40) / (55 / 60) <= contrast.high
        held["e-test refused at 10 %"] += e_test(*rng.poisson(30, 2).tolist()) <= LEVEL
    return "; ".join(f"{name} {count / TRIALS:.1%}" for name, count in held.items())


if __name__ == "__main__":
    print(differences())
    for asked in ((1.0, 0), (0.7, 0), (1.0, 2)):
        print(rates(*asked))
        sys.stdout.flush()
