"""Statistics are tried on months that they have not seen, side by side with the plain total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geo_service.errors import QueryError
from geo_service.hotspots import statistics
from geo_service.hotspots.backtesting.backtest import FineZones, Plan, backtest
from geo_service.hotspots.backtesting.origins import lay_origins
from geo_service.model.surfaces import Surface, Tuning

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geo_service.hotspots.backtesting.backtest import Backtest
    from geo_service.hotspots.statistics import Statistic
    from geo_service.model.surfaces import Observed

SIZES = 61 + 30
SHARE = 0.1


@dataclass
class Made:
    """Be a statistic of the test's own."""

    score: Callable[[Observed], np.ndarray]
    NAME: str = "made"
    NEEDS: frozenset[str] = frozenset()

    def surface(self, observed: Observed, tuning: Tuning) -> Surface:
        """Score each cell of the area."""
        return Surface("made", self.score(observed)[observed.inside])


def tried(
    seen: Observed, *also: Statistic, fit: int = 3, ahead: Sequence[int] = (1,), shares: Sequence[float] = (SHARE,)
) -> Backtest:
    origins = lay_origins(seen.months, fit_months=fit, ahead=ahead, first=None, last=None).kept
    members = {"total": statistics()["total"]} | {getattr(each, "NAME", "made"): each for each in also}
    plan = Plan(origins, shares, members, dict.fromkeys(members, Tuning()))
    return backtest(dict.fromkeys(members, seen), plan)


def noise(months: int, seed: int, mean: float = 2.0) -> np.ndarray:
    return np.random.default_rng(seed).poisson(mean, (months, SIZES)).astype(np.float64)


def test_what_total_captures_is_counted_by_sorting(observed: Callable[..., Observed]) -> None:
    value = np.random.default_rng(4).negative_binomial(0.5, 0.1, (8, SIZES)).astype(np.float64)
    seen = observed(value)
    found = tried(seen, ahead=(1, 2))
    inside = value[:, :61]
    chosen_cells = int(0.1 * 61)  # cells of one size
    for ahead in (1, 2):
        captured, pei = [], []
        for month in range(3, 8 - ahead + 1):
            before, after = inside[month - 3 : month].sum(axis=0), inside[month : month + ahead].sum(axis=0)
            best = sorted(range(61), key=lambda at: (-before[at], seen.cells[at]))[:chosen_cells]
            captured.append(after[best].sum() / after.sum())
            pei.append(after[best].sum() / np.sort(after)[-chosen_cells:].sum())
        line = next(line for line in found.lines if line.ahead == ahead)
        assert (line.origins, line.cells) == (len(captured), chosen_cells)
        assert line.captured == pytest.approx(np.mean(captured))
        assert line.pei_star == pytest.approx(np.mean(pei))
        assert line.pai == pytest.approx(np.mean(captured) / (chosen_cells / 61))
        assert line.of_singles == pytest.approx(1.0)
        assert (line.difference, line.verdict) == (0.0, None)


def test_a_statistic_that_knows_better_is_called_better_and_one_that_knows_worse_worse(
    observed: Callable[..., Observed],
) -> None:
    risk = np.random.default_rng(6).permutation(np.r_[np.full(6, 4.0), np.full(SIZES - 6, 2.0)])
    value = np.random.default_rng(7).poisson(risk, (20, SIZES)).astype(np.float64)
    seen = observed(value)
    knows = tried(seen, Made(lambda _: risk), fit=1).lines[1]
    assert (knows.statistic, knows.verdict) == ("made", "better")
    assert knows.low > 0
    against = tried(seen, Made(lambda _: -risk), fit=1).lines[1]
    assert against.verdict == "worse"
    assert against.high < 0


def test_every_statistic_chooses_as_many_cells(observed: Callable[..., Observed]) -> None:
    value = np.zeros((6, SIZES))
    value[:, 3] = 4.0  # a single cell ever holds anything
    found = tried(observed(value), Made(lambda seen: -seen.value), shares=(0.05, 0.2))
    assert {(score.share, score.cells) for score in found.scores} == {(0.05, 3), (0.2, 12)}


def test_no_score_hangs_on_months_that_come_later(observed: Callable[..., Observed]) -> None:
    value = noise(8, 1)
    changed = value.copy()
    changed[6:] = noise(2, 9) * 5
    names = [each for name, each in statistics().items() if name in ("total", "recent", "gi_star", "blended")]
    one, other = (
        {(score.statistic, score.origin): score for score in tried(observed(some), *names, fit=4).scores}
        for some in (value, changed)
    )
    early = [key for key in one if key[1] < 7]
    assert len(early) == 4 * 2
    assert all(one[key] == other[key] for key in early)


def test_a_statistic_that_refuses_the_data_is_named_with_its_reason(observed: Callable[..., Observed]) -> None:
    def refuse(seen: Observed) -> np.ndarray:
        raise QueryError("No day is known", do="Import a force export")

    found = tried(observed(noise(6, 1)), Made(refuse))
    assert found.refused == {"made": "No day is known. Import a force export."}
    assert {line.statistic for line in found.lines} == {"total"}


def test_an_origin_after_which_nothing_happened_says_nothing(observed: Callable[..., Observed]) -> None:
    value = noise(8, 2)
    value[5] = 0
    line = tried(observed(value)).lines[0]
    assert line.origins == 4
    assert np.isfinite(line.captured)


def test_zones_are_scored_beside_single_cells(observed: Callable[..., Observed]) -> None:
    seen = observed(noise(7, 3))
    members = {"total": statistics()["total"]}

    def halve(observed: Observed, surface: Surface, best: np.ndarray, share: float) -> np.ndarray:
        chosen = np.zeros(61, dtype=np.bool_)
        chosen[best[: len(best) // 2]] = True
        return chosen

    origins = lay_origins(seen.months, fit_months=3, ahead=(1,), first=None, last=None).kept
    found = backtest({"total": seen}, Plan(origins, (SHARE,), members, {"total": Tuning()}, halve))
    cells, zones = (line for line in found.lines if line.unit in ("cells", "zones"))
    assert (cells.cells, zones.cells) == (6, 3)
    # Half of total's own best cells hold what as much area of its single cells holds.
    assert zones.of_singles == pytest.approx(1.0)


def test_finer_zones_have_the_hectares_of_the_cells_of_total_and_are_held_against_them(
    observed: Callable[..., Observed],
) -> None:
    seen = observed(noise(7, 3))
    finer = observed(noise(7, 3)[:, ::-1])  # other cells, of the same incidents
    asked: list[list[float]] = []

    def grow(observed: Observed, surface: Surface, budgets_ha: Sequence[float]) -> list[np.ndarray]:
        asked.append(list(budgets_ha))
        return [np.arange(61) < round(budget / float(observed.area_m2[0] / 1e4)) - 1 for budget in budgets_ha]

    members = {"total": statistics()["total"], "made": Made(lambda some: some.value)}
    views, tunings = dict.fromkeys(members, seen), dict.fromkeys(members, Tuning())
    origins = lay_origins(seen.months, fit_months=3, ahead=(1,), first=None, last=None).kept
    plan = Plan(origins, (0.1, 0.2), members, tunings, fine=FineZones(11, {"total": finer}, grow))
    found = backtest(views, plan)
    # Six and twelve cells of 61, of one size, in each of four origins.
    assert asked == [pytest.approx([6 * seen.area_m2[0] / 1e4, 12 * seen.area_m2[0] / 1e4])] * 4
    lines = {(line.statistic, line.unit, line.resolution, line.share): line for line in found.lines}
    assert sorted(key[:3] for key in lines if key[3] == 0.1) == [
        ("made", "cells", 10),
        ("total", "cells", 10),
        ("total", "zones", 11),
    ]
    inside, later = seen.by_month_inside.toarray()[:, :61], finer.by_month_inside.toarray()[:, :61]
    wanted = []
    for month in range(3, 7):
        before = inside[month - 3 : month].sum(axis=0)
        best = sorted(range(61), key=lambda at: (-before[at], seen.cells[at]))[:6]
        wanted.append(later[month, :5].sum() / later[month].sum() - inside[month, best].sum() / inside[month].sum())
    zones = lines["total", "zones", 11, 0.1]
    assert zones.from_cells == pytest.approx(np.mean(wanted))
    # Student's interval around the mean of four months, the bootstrap being one of it.
    reach = 3.182 * np.std(wanted, ddof=1) / 2
    assert (zones.from_cells_high - zones.from_cells_low) / 2 == pytest.approx(reach, rel=0.1)
    assert lines["total", "cells", 10, 0.1].from_cells_verdict is None


@pytest.mark.parametrize("ahead", [1, 3])
def test_on_noise_a_verdict_is_as_rare_as_it_says(ahead: int, observed: Callable[..., Observed]) -> None:
    # A random score against total, 120 times at 5 %: more than 14 alarms have a chance of 1 in 1,000.
    alarms = 0
    for trial in range(120):
        generator = np.random.default_rng(1_000 + trial)
        fixed = generator.random(SIZES)
        found = tried(observed(noise(14, trial)), Made(lambda _, fixed=fixed: fixed), fit=2, ahead=(ahead,))
        alarms += found.lines[1].verdict in ("better", "worse")
    assert alarms <= 14
