"""Try statistics on months that they have not seen: fit on the months before, score what follows, again and again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from geo_service.errors import QueryError
from geo_service.hotspots.accuracy import Hindsight, held, pei_star
from geo_service.hotspots.origins import fitted
from geo_service.hotspots.scores import REFERENCE, UNITS, Score, summarise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from geo_service.hotspots.origins import Origin
    from geo_service.hotspots.scores import Line, Unit
    from geo_service.hotspots.statistics import Statistic
    from geo_service.model.cells import Floats, Ints
    from geo_service.model.hotspots import Held
    from geo_service.model.periods import Period
    from geo_service.model.surfaces import Observed, Surface, Tuning

    Flags = NDArray[np.bool_]

_ROUNDING: Final = 1e-9
"""Slack on the area share, as `choose` has it."""


class Progress(Protocol):
    """Tell somebody how far a long job is."""

    def __call__(self, done: int, total: int, what: str) -> None:
        """Report `done` of `total` units."""


class ZoneMaker(Protocol):
    """Make zones of a surface."""

    def __call__(self, observed: Observed, surface: Surface, best: Ints, share: float) -> Flags:
        """Return which cells of the area are in a zone; together they cover at most the share of it.

        best: positions of as many of the best cells as fit in the share, best first.
        """


@dataclass(frozen=True, slots=True)
class Plan:
    """Say what is tried."""

    origins: Sequence[Origin]
    shares: Sequence[float]
    """Of the area, each more than 0 and at most 1."""
    statistics: Mapping[str, Statistic]
    """`total` among them, for all are held against it."""
    tunings: Mapping[str, Tuning]
    """What each statistic is told."""
    make_zones: ZoneMaker | None = None
    """None scores single cells alone."""
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Backtest:
    """Hold every score, their summary, and the statistics that could not be tried."""

    scores: tuple[Score, ...]
    lines: tuple[Line, ...]
    refused: Mapping[str, str]
    """Statistic and why it could not be tried on this data."""


def backtest(views: Mapping[str, Observed], plan: Plan, progress: Progress | None = None) -> Backtest:
    """Fit each statistic at each origin and score what its cells and zones held afterwards.

    views: what each statistic looks at, over all months; statistics that look at the same may share one. All have the
    same cells of the area in the same order. `total` says how many cells each share takes, and every statistic chooses
    as many: ranked by score, then by what the cells held in the months fitted, then by cell number; a cell that held
    nothing may be chosen. A statistic that refuses the data (QueryError) is left out and named with its reason.
    """
    refused: dict[str, str] = {}
    scores: list[Score] = []
    names = [REFERENCE, *(name for name in plan.statistics if name != REFERENCE)]
    total = len(plan.origins) * len(names)
    later = _Later(views[REFERENCE])
    for turn, origin in enumerate(plan.origins):
        windows: dict[int, Observed] = {}
        trial = _Trial(later, origin, plan)
        for place, name in enumerate(names):
            if progress is not None:
                progress(turn * len(names) + place, total, f"origin {origin.number} ({origin.month}): {name}")
            if name in refused:
                continue
            view = views[name]
            if id(view) not in windows:
                windows[id(view)] = fitted(view, origin.fit)
            try:
                surface = plan.statistics[name].surface(windows[id(view)], plan.tunings[name])
            except QueryError as problem:
                refused[name] = problem.message
                continue
            scores += trial(name, windows[id(view)], surface)
    kept = tuple(score for score in scores if score.statistic not in refused)
    return Backtest(kept, tuple(summarise(kept, seed=plan.seed)), refused)


class _Later:
    """Give what each cell of the area held in any run of months."""

    def __init__(self, observed: Observed) -> None:
        inside = observed.by_month_inside[:, np.flatnonzero(observed.inside)].toarray()
        self.cells = observed.cells[observed.inside]
        self.covered_m2 = observed.covered_m2[observed.inside]
        self._month = {month: row for row, month in enumerate(observed.months)}
        self._before = np.vstack([np.zeros(inside.shape[1]), np.cumsum(inside, axis=0)])

    def over(self, period: Period) -> Floats:
        """Sum the months of a period, all of them loaded (n area cells)."""
        held_then: Floats = self._before[self._month[period.last] + 1] - self._before[self._month[period.first]]
        return held_then

    def held(self, chosen: Flags, period: Period) -> Held:
        """Say what some cells held in a period."""
        return held(chosen, period=period, events=self.over(period), covered_m2=self.covered_m2)


class _Trial:
    """Score one choice after another at one origin; the first must be that of `total`."""

    def __init__(self, later: _Later, origin: Origin, plan: Plan) -> None:
        self._later, self._origin, self._plan = later, origin, plan
        self._events = later.over(origin.fit)
        self._after = {ahead: later.over(origin.scored(ahead)) for ahead in origin.ahead}
        self._hindsight = {ahead: Hindsight(after, later.covered_m2) for ahead, after in self._after.items()}
        self._ranked_m2: Floats = np.zeros(0)
        self._ranked: dict[int, Floats] = {}

    def __call__(self, name: str, observed: Observed, surface: Surface) -> Iterator[Score]:
        """Yield the scores of a surface: its best cells, and its zones where they are wanted."""
        covered_m2 = self._later.covered_m2
        order = np.lexsort((self._later.cells, -self._events, -surface.score))
        if name == REFERENCE:
            self._ranked_m2 = np.cumsum(covered_m2[order])
            self._ranked = {ahead: np.cumsum(after[order]) for ahead, after in self._after.items()}
        for share in self._plan.shares:
            best = order[: self._fitting(share * float(covered_m2.sum()))]
            cells = np.zeros(len(order), dtype=np.bool_)
            cells[best] = True
            yield from self._scores(name, UNITS[0], share, cells)
            if self._plan.make_zones is not None:
                zones = self._plan.make_zones(observed, surface, best, share)
                yield from self._scores(name, UNITS[1], share, zones)

    def _fitting(self, area_m2: float) -> int:
        """Return how many of `total`'s best cells fit in an area."""
        return int(np.searchsorted(self._ranked_m2, area_m2 * (1 + _ROUNDING), side="right"))

    def _scores(self, name: str, unit: Unit, share: float, chosen: Flags) -> Iterator[Score]:
        fit = self._later.held(chosen, self._origin.fit)
        singles = self._fitting(fit.area_m2)
        for ahead in self._origin.ahead:
            after = self._later.held(chosen, self._origin.scored(ahead))
            yield Score(
                statistic=name,
                unit=unit,
                share=share,
                ahead=ahead,
                origin=self._origin.number,
                first=self._origin.month.ordinal,
                cells=int(chosen.sum()),
                fitted=fit,
                after=after,
                pei_star=pei_star(after, self._hindsight[ahead]),
                by_singles=float(self._ranked[ahead][singles - 1]) if singles else 0.0,
            )
