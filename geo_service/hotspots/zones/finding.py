"""Find the patrol zones that together hold the most of a measure in an area budget."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse

from geo_service.errors import QueryError
from geo_service.hotspots.zones.growing import Ground, Limits
from geo_service.hotspots.zones.spending import Spending

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.hotspots.zones.growing import Path
    from geo_service.model.cells import Floats, Ints

    Flags = NDArray[np.bool_]

_YEAR: Final = 12
_HOPE: Final = 1.5
"""A place may turn out so much richer than estimated: chosen on rolling origins 13 to 19 of Merseyside."""


@dataclass(frozen=True, slots=True)
class ZoneRules:
    """Say what a patrol zone must be: large enough to be worth a visit, small enough to be walked."""

    min_ha: float = 2.0
    max_ha: float = 10.0
    min_events_12_months: float = 36.0
    """Scaled to the months that are loaded."""
    min_distance_m: float | None = None
    """Between the centres of two zones; None lets zones touch."""
    radius_m: float = 250.0
    """From the busiest cell of a zone, which it grew from, to the centre of any other: three minutes on foot."""
    compactness: float = 0.35
    """Least isoperimetric quotient (4 pi area / perimeter²), a row of four cells having 0.40 and one of five 0.34."""

    def __post_init__(self) -> None:
        """Refuse what no zone could keep, naming the parameter."""
        _refuse_unless(0.1 <= self.min_ha <= 100, "min_ha", self.min_ha, "hectares from 0.1 to 100")  # noqa: PLR2004
        _refuse_unless(
            self.min_ha <= self.max_ha <= 1000,  # noqa: PLR2004
            "max_ha",
            self.max_ha,
            f"hectares from the smallest size, {self.min_ha:g}, to 1000",
        )
        _refuse_unless(
            0 <= self.min_events_12_months < math.inf, "min_events", self.min_events_12_months, "a number from 0"
        )
        _refuse_unless(
            self.min_distance_m is None or 0 <= self.min_distance_m <= 100_000,  # noqa: PLR2004
            "spacing",
            self.min_distance_m,
            "metres from 0 to 100,000",
        )

    def min_events(self, months: int) -> float:
        """Return the events that a zone needs in so many months."""
        return self.min_events_12_months * months / _YEAR

    def in_words(self, months: int) -> str:
        """Return the rules as a reader of a map or sheet needs them."""
        said = f"adjoining cells, {self.min_ha:g} to {self.max_ha:g} ha, at least {self.min_events_12_months:g} events"
        if months == _YEAR:
            said += " in 12 months"
        else:
            said += f" a year ({self.min_events(months):g} in the {months} months loaded)"
        if self.min_distance_m is not None:
            said += f", centres at least {self.min_distance_m:g} m apart"
        return f"{said}, within {self.radius_m:g} m of the busiest cell, no more drawn out than a row of four cells"


def _refuse_unless(good: bool, name: str, found: object, wanted: str) -> None:  # noqa: FBT001 - the finding itself
    if not good:
        raise QueryError(
            f"The {name.replace('_', ' ')} of a zone is out of range", found=found, do=f"Give {wanted}", field=name
        )


@dataclass(frozen=True, slots=True)
class Grown:
    """Hold zones, and how they came about."""

    zones: list[Ints]
    """Positions of the cells of each zone, ascending; the zone with the highest total of the measure first."""
    steps: list[Path] = field(default_factory=list)
    """Cells in the order in which they were taken, best first: a new zone, or an addition to one."""
    area_ha: list[float] = field(default_factory=list)
    """Hectares of all zones after each step."""

    def within(self, budget_ha: float) -> Ints:
        """Return the cells (positions, ascending) that a smaller budget would have bought."""
        fits = int(np.searchsorted(self.area_ha, budget_ha * (1 + 1e-9), side="right"))
        return np.array(sorted(cell for path in self.steps[:fits] for cell in path), dtype=np.int64)


def best_zones(  # noqa: PLR0913 - each is one property of the same cells
    expected: Floats,
    *,
    events: Floats,
    area_ha: Floats,
    indptr: Ints,
    indices: Ints,
    east_north_m: Floats,
    budget_ha: float,
    months: int,
    rules: ZoneRules | None = None,
    seeds: Flags | None = None,
    blocked: Flags | None = None,
) -> Grown:
    """Find contiguous zones that together hold as much as they can of what is expected in a budget of hectares.

    expected: measure to be held, at least 0 (n). events: incidents (n). area_ha: hectares of whole cells (n). indptr,
    indices: graph of adjoining cells, less the edges that no zone may cross. east_north_m: centres in metres (n, 2).
    budget_ha: hectares of all zones together, at least one zone of the smallest size. months: months loaded. seeds:
    cells that a zone may begin at, None for all. blocked: cells that no zone may have. Zones may touch, and never share
    a cell. Raises QueryError (field `resolution`) where a single cell is larger than a zone may be.
    """
    rules = rules or ZoneRules()
    if len(area_ha) and float(area_ha.min()) > rules.max_ha:
        raise QueryError(
            "The cells are larger than a patrol zone may be",
            found=f"{float(area_ha.mean()):.1f} ha a cell, a zone has at most {rules.max_ha:g} ha",
            do="Use resolution 10 or finer",
            field="resolution",
        )
    limits = Limits(rules.min_ha, rules.max_ha, rules.min_events(months), rules.radius_m, rules.compactness)
    free = np.ones(len(expected), dtype=np.bool_) if blocked is None else ~blocked
    ground = Ground(
        expected,
        events=events,
        area_ha=area_ha,
        indptr=indptr,
        indices=indices,
        east_north_m=east_north_m,
        limits=limits,
        blocked=np.flatnonzero(~free).tolist(),
    )
    usable = np.where(free, expected, 0.0)
    hope = _hope(usable, area_ha, indptr, indices, rules.min_ha)
    first = _seeds(usable, events, area_ha, indptr, indices, east_north_m, limits)
    sought = Spending(ground, hope, max(budget_ha, rules.min_ha), rules.min_distance_m)
    sought.run(first if seeds is None else np.flatnonzero(seeds & free & (expected > 0)))
    places = sorted(sought.places, key=lambda place: (-place.worth, min(place.cells)))
    return Grown([np.array(sorted(place.cells), dtype=np.int64) for place in places], sought.steps, sought.area_ha)


def _hope(worth: Floats, area_ha: Floats, indptr: Ints, indices: Ints, min_ha: float) -> Floats:
    """Guess the worth of each hectare of the best place of the smallest size around each cell (n)."""
    n = len(worth)
    if _is_coarse(area_ha, min_ha):
        # Two cells make a place: with its best neighbour it cannot be worth more.
        return (worth + _highest_beside(worth, indptr, indices)) / (2 * area_ha)
    graph = sparse.csr_array((np.ones(len(indices)), indices, indptr), shape=(n, n))
    once = graph @ worth
    around = worth + 0.8 * once + (graph @ once - 6 * worth - 2 * once) / 3
    return np.asarray(_HOPE * np.maximum(around, worth) / min_ha, dtype=np.float64)


def _is_coarse(area_ha: Floats, min_ha: float) -> bool:
    return len(area_ha) > 0 and 2 * float(area_ha.mean()) >= min_ha


def _highest_beside(worth: Floats, indptr: Ints, indices: Ints) -> Floats:
    highest = np.zeros(len(worth))
    rows = np.flatnonzero(np.diff(indptr))
    if len(rows):
        highest[rows] = np.maximum.reduceat(worth[indices], indptr[rows])
    return highest


def _seeds(  # noqa: PLR0913, PLR0917 - the same cells
    worth: Floats, events: Floats, area_ha: Floats, indptr: Ints, indices: Ints, east_north_m: Floats, limits: Limits
) -> Ints:
    """Return the cells that no adjoining one outdoes, of few large cells all, where there may be events enough."""
    seeds = np.flatnonzero(worth > 0)
    if not _is_coarse(area_ha, limits.min_ha):
        seeds = seeds[worth[seeds] >= _highest_beside(worth, indptr, indices)[seeds]]
    if limits.min_events <= 0 or not len(seeds):
        return seeds
    # Events in the nine squares around, which hold whatever lies within the radius.
    square = np.floor((east_north_m - east_north_m.min(axis=0)) / limits.radius_m).astype(np.int64) + 1
    counts = np.zeros(square.max(axis=0) + 2)
    np.add.at(counts, (square[:, 0], square[:, 1]), events)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(counts, 1), (3, 3)).sum(axis=(2, 3))
    busy = around[square[seeds, 0], square[seeds, 1]] >= limits.min_events
    return np.asarray(seeds[busy], dtype=np.int64)
