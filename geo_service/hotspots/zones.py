"""Grow contiguous patrol zones from the best cells."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geo_service.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geo_service.model.cells import Floats

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_YEAR = 12


@dataclass(frozen=True, slots=True)
class ZoneRules:
    """Say what a patrol zone must be: large enough to be worth a visit, small enough to be walked."""

    min_ha: float = 2.0
    max_ha: float = 10.0
    min_events_12_months: float = 36.0
    """Scaled to the months that are loaded."""
    min_distance_m: float | None = None
    """Between the centres of two zones; None lets zones touch."""

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
        return said if self.min_distance_m is None else f"{said}, centres at least {self.min_distance_m:g} m apart"


@dataclass(frozen=True, slots=True)
class Grown:
    """Hold zones, and count the places that were given up."""

    zones: list[Ints]
    """Positions of the cells of each zone, ascending; the zone with the highest total of the measure first."""
    below: int
    """Places with too few events."""
    too_small: int
    """Places that could not reach the smallest size."""
    too_near: int = 0
    """Places too near to a better zone."""


def grow(  # noqa: PLR0913 - each is one property of the same cells
    score: Floats,
    *,
    value: Floats,
    events: Floats,
    area_ha: Floats,
    indptr: Ints,
    indices: Ints,
    chosen: Flags,
    months: int,
    rules: ZoneRules | None = None,
    east_north_m: Floats | None = None,
) -> Grown:
    """Grow patrol zones from the chosen cells of an area.

    A zone begins at the best unused chosen cell and takes the best adjoining chosen cell while it stays within the
    largest size; if it is then below the smallest size it takes the best adjoining cell of the rest. A place with too
    few events is given up.

    score: what cells are ranked by (n). value: the measure (n). events: incidents (n). area_ha: hectares of whole cells
    (n). indptr, indices: graph of adjoining cells. months: months loaded in the period. east_north_m: centres of the
    cells in metres (n, 2), needed for a smallest distance. Raises QueryError (field `resolution`) where a single cell
    is larger than a zone may be.
    """
    rules = rules or ZoneRules()
    if len(area_ha) and float(area_ha.min()) > rules.max_ha:
        raise QueryError(
            "The cells are larger than a patrol zone may be",
            found=f"{float(area_ha.mean()):.1f} ha a cell, a zone has at most {rules.max_ha:g} ha",
            do="Use resolution 10 or finer",
            field="resolution",
        )
    places = list(_places(score, area_ha, indptr, indices, chosen, rules))
    large = [place for place in places if area_ha[place].sum() >= rules.min_ha]
    busy = [place for place in large if events[place].sum() >= rules.min_events(months)]
    busy.sort(key=lambda place: (-float(value[place].sum()), -float(score[place].max()), int(place[0])))
    zones = _apart(busy, value, rules, east_north_m)
    return Grown(zones, len(large) - len(busy), len(places) - len(large), len(busy) - len(zones))


def _places(  # noqa: PLR0913, PLR0917 - the same cells
    score: Floats, area_ha: Floats, indptr: Ints, indices: Ints, chosen: Flags, rules: ZoneRules
) -> Iterator[Ints]:
    """Yield contiguous places, each the positions of its cells; no cell is in two."""
    used = np.zeros(len(score), dtype=np.bool_)
    rank = np.empty(len(score), dtype=np.int64)
    rank[np.lexsort((np.arange(len(score)), -score))] = np.arange(len(score))
    seeds = np.flatnonzero(chosen)
    for seed in seeds[np.argsort(rank[seeds])]:
        if used[seed]:
            continue
        place = _place(int(seed), used, rank, area_ha, indptr, indices, chosen, rules)
        yield np.array(sorted(place), dtype=np.int64)


def _place(  # noqa: PLR0913, PLR0917 - the same cells
    seed: int, used: Flags, rank: Ints, area_ha: Floats, indptr: Ints, indices: Ints, chosen: Flags, rules: ZoneRules
) -> list[int]:
    """Grow one place from a seed, marking its cells as used."""
    place: list[int] = []
    size_ha = 0.0
    # Chosen cells come before the rest; the rest are taken only until the place is large enough.
    frontier: list[tuple[bool, int, int]] = [(False, int(rank[seed]), seed)]
    while frontier:
        spare, _, cell = heapq.heappop(frontier)
        if used[cell]:
            continue
        if (spare and size_ha >= rules.min_ha) or size_ha + area_ha[cell] > rules.max_ha:
            break
        used[cell] = True
        place.append(cell)
        size_ha += float(area_ha[cell])
        for near in indices[indptr[cell] : indptr[cell + 1]].tolist():
            if not used[near]:
                heapq.heappush(frontier, (not chosen[near], int(rank[near]), near))
    return place


def _apart(zones: list[Ints], value: Floats, rules: ZoneRules, east_north_m: Floats | None) -> list[Ints]:
    """Keep the zones, best first, whose centres lie far enough from those kept before."""
    if rules.min_distance_m is None:
        return zones
    if east_north_m is None:
        msg = "a smallest distance between zones needs the centres of the cells"
        raise ValueError(msg)
    kept: list[Ints] = []
    centres: list[Floats] = []
    for zone in zones:
        centre = np.average(east_north_m[zone], axis=0, weights=np.maximum(value[zone], 1e-9))
        if all(np.hypot(*(centre - other)) >= rules.min_distance_m for other in centres):
            kept.append(zone)
            centres.append(centre)
    return kept
