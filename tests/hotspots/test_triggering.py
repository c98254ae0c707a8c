"""What sets off what is found again where it is known, because it was simulated."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from geo_service.hotspots import kernels, triggering

DAYS, SIDE_M, STEP_M = 365.0, 4_000.0, 120.0


def hawkes(
    seed: int, offspring: float, decay_days: float, spread_m: float
) -> tuple[triggering.Incidents, np.ndarray, float]:
    """Simulate 2,000 background incidents, 25 busy places among them, and all that they set off in a year.

    Branching, generation by generation: no rate is ever written down. Returns the incidents, the centres of the square
    cells that they lie in, and the true share of the background.
    """
    rng = np.random.default_rng(seed)
    hearts = rng.uniform(0, SIDE_M, (25, 2))
    busy = hearts[rng.choice(25, 2_000, p=rng.dirichlet(np.ones(25)))] + rng.normal(0, 250, (2_000, 2))
    place = np.where(rng.random(2_000)[:, None] < 0.4, rng.uniform(0, SIDE_M, (2_000, 2)), busy)
    day = rng.uniform(0, DAYS, 2_000)
    places, days = [place], [day]
    while len(day):
        parent = np.repeat(np.arange(len(day)), rng.poisson(offspring, len(day)))
        place = place[parent] + rng.normal(0, spread_m, (len(parent), 2))
        day = day[parent] + rng.exponential(decay_days, len(parent))
        place, day = place[day < DAYS], day[day < DAYS]
        places.append(place)
        days.append(day)
    place, day = np.concatenate(places), np.concatenate(days)
    order = np.argsort(day)
    place, day = place[order], day[order]
    corner = place.min(axis=0) - STEP_M
    column = ((place - corner) // STEP_M).astype(int)
    size = column.max(axis=0) + 2
    centres = corner + (np.stack(np.indices(size), axis=-1).reshape(-1, 2) + 0.5) * STEP_M
    at = column[:, 0] * size[1] + column[:, 1]
    return triggering.Incidents(day, place, at, DAYS), centres, 2_000 / len(day)


@pytest.mark.parametrize(
    ("seed", "truth"), [(21, (0.4, 10.0, 80.0)), (22, (0.25, 20.0, 60.0)), (23, (0.6, 5.0, 120.0))]
)
def test_the_parameters_of_a_simulated_process_are_found_again(seed: int, truth: tuple[float, float, float]) -> None:
    incidents, centres, background = hawkes(seed, *truth)
    by_month = sparse.coo_array(
        (np.ones(len(incidents.at)), ((incidents.day / DAYS * 12).astype(int), incidents.at)),
        shape=(12, len(centres)),
    ).tocsr()
    choice = kernels.choose_bandwidth(by_month, centres, "quartic")
    assert choice is not None
    matrix = kernels.kernel_matrix(centres, "quartic", choice.bandwidth_m)
    fitted = triggering.fit(incidents, matrix, np.full(len(centres), STEP_M**2))
    # Wide: over seeds, nine fits in ten lie within half of these.
    assert fitted.offspring == pytest.approx(truth[0], abs=0.15)
    assert fitted.decay_days == pytest.approx(truth[1], rel=0.4)
    assert fitted.spread_m == pytest.approx(truth[2], rel=0.3)
    assert fitted.background.mean() == pytest.approx(background, abs=0.12)
    assert fitted.has_settled


def test_incidents_without_memory_set_off_next_to_nothing() -> None:
    incidents, centres, _ = hawkes(24, 0.0, 10.0, 80.0)
    matrix = kernels.kernel_matrix(centres, "quartic", 400.0)
    fitted = triggering.fit(incidents, matrix, np.full(len(centres), STEP_M**2))
    assert fitted.offspring < 0.2
    assert fitted.background.mean() > 0.8


def test_a_fit_that_does_not_settle_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triggering, "MOST_ROUNDS", 2)
    incidents, centres, _ = hawkes(25, 0.4, 10.0, 80.0)
    matrix = kernels.kernel_matrix(centres, "quartic", 400.0)
    fitted = triggering.fit(incidents, matrix, np.full(len(centres), STEP_M**2))
    assert fitted.rounds == 2
    assert not fitted.has_settled


def test_pairs_are_those_that_a_double_loop_finds() -> None:
    rng = np.random.default_rng(26)
    day = np.sort(rng.integers(0, 200, 80)).astype(np.float64)
    incidents = triggering.Incidents(day, rng.uniform(0, 1_500, (80, 2)), np.zeros(80, dtype=np.int64), 200.0)
    found = triggering._pairs(incidents)
    expected = {
        (i, j)
        for i in range(80)
        for j in range(80)
        if 0 < day[j] - day[i] <= 60 and np.hypot(*(incidents.east_north_m[i] - incidents.east_north_m[j])) <= 400
    }
    assert set(zip(found.earlier.tolist(), found.later.tolist(), strict=True)) == expected
    assert len(found.days) == len(expected) > 100


def test_where_there_are_too_many_pairs_the_latest_incidents_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    incidents, _, _ = hawkes(27, 0.2, 10.0, 80.0)
    assert triggering.latest(incidents) == 0
    monkeypatch.setattr(triggering, "MOST_PAIRS", 20_000)
    start = triggering.latest(incidents)
    assert 0 < start < len(incidents.day)
    kept = triggering.Incidents(
        incidents.day[start:], incidents.east_north_m[start:], incidents.at[start:], incidents.days
    )
    assert len(triggering._pairs(kept).days) <= 20_000


def test_without_pairs_everything_is_background() -> None:
    lone = triggering.Incidents(np.arange(4) * 91.0, np.arange(8.0).reshape(4, 2) * 1_000, np.arange(4), DAYS)
    fitted = triggering.fit(lone, sparse.eye_array(4).tocsr(), np.full(4, 1e4))
    np.testing.assert_allclose(fitted.background, 1.0)
    assert fitted.offspring < 1e-9
