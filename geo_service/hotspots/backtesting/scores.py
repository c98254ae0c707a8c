"""What choices of cells and zones held of the following months, and how statistics compare with the plain total."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np

from geo_service.hotspots.accuracy import rri
from geo_service.hotspots.backtesting.resampling import paired_intervals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from geo_service.hotspots.backtesting.resampling import Intervals, Verdict
    from geo_service.model.cells import Floats
    from geo_service.model.hotspots import Held

Unit: TypeAlias = Literal["cells", "zones"]
UNITS: Final[tuple[Unit, Unit]] = ("cells", "zones")
REFERENCE: Final = "total"
"""Statistic that every other one is held against."""


@dataclass(frozen=True, slots=True)
class Score:
    """Hold what the choice of one statistic at one origin held of the months that followed."""

    statistic: str
    unit: Unit
    share: float
    """Share of the area that might be covered."""
    ahead: int
    """Months scored."""
    origin: int
    first: int
    """Month.ordinal of the first month scored."""
    cells: int
    fitted: Held
    """What the choice held of the measure in the months fitted."""
    after: Held
    pei_star: float
    by_singles: float
    """What as much area of `total`'s single cells held of the same months."""
    resolution: int = 10
    """Of the cells, or of those that the zones are made of."""


@dataclass(frozen=True, slots=True)
class Line:
    """Sum up one statistic over the origins: means, and the paired difference from `total` of the same unit."""

    statistic: str
    unit: Unit
    share: float
    ahead: int
    origins: int
    cells: float
    area_share: float
    captured: float
    """Share of the measure in the following months."""
    pai: float
    pei_star: float
    rri: float
    of_singles: float
    """Captured over what as much area of `total`'s single cells captured."""
    difference: float
    """Of the captured share from that of `total`."""
    low: float
    high: float
    verdict: Verdict | None
    """None for `total`, which is not held against itself."""
    resolution: int = 10
    """Of the cells, or of those that the zones are made of."""
    from_cells: float = math.nan
    """Zones: the paired difference of the captured share from that of `total`'s single cells of the same share."""
    from_cells_low: float = math.nan
    from_cells_high: float = math.nan
    from_cells_verdict: Verdict | None = None


def summarise(scores: Iterable[Score], *, seed: int) -> Iterator[Line]:
    """Yield one line for each unit, resolution, number of months ahead, share and statistic.

    Origins after which nothing happened at all say nothing and are left out. The scores of every statistic are of the
    same origins, `total` and its cells among them.
    """
    known = list(scores)
    quiet = {(score.origin, score.ahead) for score in known if not score.after.events_all}
    cases: dict[tuple[Unit, int, int, float], dict[str, list[Score]]] = defaultdict(lambda: defaultdict(list))
    singles: dict[tuple[int, float], list[Score]] = defaultdict(list)
    for score in known:
        if (score.origin, score.ahead) in quiet:
            continue
        cases[score.unit, score.resolution, score.ahead, score.share][score.statistic].append(score)
        if score.unit == UNITS[0] and score.statistic == REFERENCE:
            singles[score.ahead, score.share].append(score)
    for (unit, _, ahead, share), by_statistic in sorted(cases.items()):
        reference = by_statistic[REFERENCE]
        captured = np.array([_captured(each) for each in by_statistic.values()])
        first = np.array([score.first for score in reference])
        intervals = paired_intervals(captured - _captured(reference), first, ahead, seed=seed)
        beside = None
        if unit == UNITS[1]:
            beside = paired_intervals(captured - _captured(singles[ahead, share]), first, ahead, seed=seed)
        for number, each in enumerate(by_statistic.values()):
            yield _line(each, intervals, beside, number)


def _captured(scores: Sequence[Score]) -> Floats:
    return np.array([score.after.events_share for score in scores])


def _line(scores: Sequence[Score], intervals: Intervals, beside: Intervals | None, number: int) -> Line:
    """Sum up one statistic; `beside` are the differences from the single cells of `total`."""
    head = scores[0]
    is_reference = head.statistic == REFERENCE
    line = Line(
        statistic=head.statistic,
        unit=head.unit,
        share=head.share,
        ahead=head.ahead,
        origins=len(scores),
        cells=_mean([score.cells for score in scores]),
        area_share=_mean([score.after.area_share for score in scores]),
        captured=_mean([score.after.events_share for score in scores]),
        pai=_mean([score.after.pai for score in scores]),
        pei_star=_mean([score.pei_star for score in scores]),
        rri=_mean([rri(score.fitted, score.after) for score in scores]),
        of_singles=_ratio(sum(score.after.events for score in scores), sum(score.by_singles for score in scores)),
        difference=float(intervals.mean[number]),
        low=float(intervals.low[number]),
        high=float(intervals.high[number]),
        verdict=None if is_reference else intervals.verdict(number),
        resolution=head.resolution,
    )
    if beside is None:
        return line
    return replace(
        line,
        from_cells=float(beside.mean[number]),
        from_cells_low=float(beside.low[number]),
        from_cells_high=float(beside.high[number]),
        from_cells_verdict=beside.verdict(number),
    )


def _mean(values: Sequence[float]) -> float:
    """Average what is known; nan where nothing is."""
    known = [value for value in values if value == value]  # noqa: PLR0124 - nan differs from itself
    return float(np.mean(known)) if known else float("nan")


def _ratio(over: float, under: float) -> float:
    return over / under if under else float("nan")
