"""Try statistics on months that they have not seen: fit on the months before, score what follows, again and again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

import numpy as np

from geo_service.errors import QueryError
from geo_service.hotspots.accuracy import Hindsight, held, pei_star
from geo_service.hotspots.backtesting.origins import fitted
from geo_service.hotspots.backtesting.scores import REFERENCE, UNITS, Score, summarise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from geo_service.hotspots.backtesting.origins import Origin
    from geo_service.hotspots.backtesting.scores import Line, Unit
    from geo_service.hotspots.statistics import Statistic
    from geo_service.model.cells import Floats, Ints
    from geo_service.model.hotspots import Held
    from geo_service.model.periods import Period
    from geo_service.model.surfaces import Observed, Surface, Tuning

    Flags = NDArray[np.bool_]
    _Scorer: TypeAlias = Callable[[str, Observed, Surface], Iterator[Score]]

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


class ZoneGrower(Protocol):
    """Make zones of a surface, for several budgets at once."""

    def __call__(self, observed: Observed, surface: Surface, budgets_ha: Sequence[float]) -> Sequence[Flags]:
        """Return for each budget which cells of the area are in a zone; together they have at most those hectares."""


@dataclass(frozen=True, slots=True)
class FineZones:
    """Say which zones of finer cells are tried, each on the hectares that `total`'s best cells have."""

    resolution: int
    views: Mapping[str, Observed]
    """What each statistic looks at, `total` among them; all have the same cells of the area in the same order."""
    grow: ZoneGrower


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
    resolution: int = 10
    """Of the cells."""
    fine: FineZones | None = None
    """None makes no zones of finer cells."""


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
    nothing may be chosen. Zones of finer cells have the hectares of those cells of `total`. A statistic that refuses
    the data (QueryError) is left out and named with its reason.
    """
    run = _Run(plan, progress)
    names = [REFERENCE, *(name for name in plan.statistics if name != REFERENCE)]
    later = _Later(views[REFERENCE], plan.resolution)
    finer, of_finer = None, [REFERENCE]
    if plan.fine is not None:
        finer = _Later(plan.fine.views[REFERENCE], plan.fine.resolution)
        of_finer += [name for name in names if name in plan.fine.views and name != REFERENCE]
    run.total = len(plan.origins) * (len(names) + (len(of_finer) if finer else 0))
    for origin in plan.origins:
        trial = _Trial(later, finer, origin, plan)
        run(origin, names, views, trial)
        if plan.fine is not None:
            run(origin, of_finer, plan.fine.views, trial.zones, f", zones of resolution {plan.fine.resolution}")
    kept = tuple(score for score in run.scores if score.statistic not in run.refused)
    return Backtest(kept, tuple(summarise(kept, seed=plan.seed)), run.refused)


class _Run:
    """Fit one statistic after another and gather the scores."""

    def __init__(self, plan: Plan, progress: Progress | None) -> None:
        self._plan, self._progress, self._done = plan, progress, 0
        self.total = 0
        self.refused: dict[str, str] = {}
        self.scores: list[Score] = []

    def __call__(
        self, origin: Origin, names: Sequence[str], views: Mapping[str, Observed], score: _Scorer, what: str = ""
    ) -> None:
        """Score some statistics at one origin; one that refuses the data is not asked again."""
        windows: dict[int, Observed] = {}
        for name in names:
            if self._progress is not None:
                self._progress(self._done, self.total, f"origin {origin.number} ({origin.month}): {name}{what}")
            self._done += 1
            if name in self.refused:
                continue
            view = views[name]
            if id(view) not in windows:
                windows[id(view)] = fitted(view, origin.fit)
            try:
                surface = self._plan.statistics[name].surface(windows[id(view)], self._plan.tunings[name])
            except QueryError as problem:
                self.refused[name] = problem.message
                continue
            self.scores += score(name, windows[id(view)], surface)


class _Later:
    """Give what each cell of the area held in any run of months."""

    def __init__(self, observed: Observed, resolution: int) -> None:
        self.resolution = resolution
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


class _Aftermath:
    """Hold what the cells of one resolution held after one origin."""

    def __init__(self, later: _Later, origin: Origin) -> None:
        self.later = later
        self.held = {ahead: later.over(origin.scored(ahead)) for ahead in origin.ahead}
        self.hindsight = {ahead: Hindsight(held, later.covered_m2) for ahead, held in self.held.items()}


class _Trial:
    """Score one choice after another at one origin; the first must be the cells of `total`."""

    def __init__(self, later: _Later, finer: _Later | None, origin: Origin, plan: Plan) -> None:
        self._later, self._origin, self._plan = later, origin, plan
        self._events = later.over(origin.fit)
        self._after = _Aftermath(later, origin)
        self._finer = None if finer is None else _Aftermath(finer, origin)
        self._ranked_m2: Floats = np.zeros(0)
        self._ranked: dict[int, Floats] = {}

    def __call__(self, name: str, observed: Observed, surface: Surface) -> Iterator[Score]:
        """Yield the scores of a surface: its best cells, and its zones where they are wanted."""
        covered_m2 = self._later.covered_m2
        order = np.lexsort((self._later.cells, -self._events, -surface.score))
        if name == REFERENCE:
            self._ranked_m2 = np.cumsum(covered_m2[order])
            self._ranked = {ahead: np.cumsum(after[order]) for ahead, after in self._after.held.items()}
        for share in self._plan.shares:
            best = order[: self._cells_of(share)]
            cells = np.zeros(len(order), dtype=np.bool_)
            cells[best] = True
            yield from self._scores(name, UNITS[0], share, cells, self._after)
            if self._plan.make_zones is not None:
                zones = self._plan.make_zones(observed, surface, best, share)
                yield from self._scores(name, UNITS[1], share, zones, self._after)

    def zones(self, name: str, observed: Observed, surface: Surface) -> Iterator[Score]:
        """Yield the scores of the zones of a surface of finer cells, on the hectares of `total`'s best cells."""
        fine = self._plan.fine
        if fine is None or self._finer is None:
            return
        counts = [self._cells_of(share) for share in self._plan.shares]
        budgets_ha = [float(self._ranked_m2[count - 1]) / 1e4 if count else 0.0 for count in counts]
        for share, zones in zip(self._plan.shares, fine.grow(observed, surface, budgets_ha), strict=True):
            yield from self._scores(name, UNITS[1], share, zones, self._finer)

    def _cells_of(self, share: float) -> int:
        """Return how many of `total`'s best cells fit in a share of the area."""
        return self._fitting(share * float(self._later.covered_m2.sum()))

    def _fitting(self, area_m2: float) -> int:
        """Return how many of `total`'s best cells fit in an area."""
        return int(np.searchsorted(self._ranked_m2, area_m2 * (1 + _ROUNDING), side="right"))

    def _scores(self, name: str, unit: Unit, share: float, chosen: Flags, aftermath: _Aftermath) -> Iterator[Score]:
        later = aftermath.later
        fit = later.held(chosen, self._origin.fit)
        singles = self._fitting(fit.area_m2)
        for ahead in self._origin.ahead:
            after = later.held(chosen, self._origin.scored(ahead))
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
                pei_star=pei_star(after, aftermath.hindsight[ahead]),
                by_singles=float(self._ranked[ahead][singles - 1]) if singles else 0.0,
                resolution=later.resolution,
            )
