"""Grow contiguous places cell by cell, always where the next hectare is worth the most.

A prize-collecting greedy: a step is a path over at most `REACH` cells to one that is worth the walk, taken by its worth
for each hectare; the steps of all places stand in one queue, so that an area budget goes where it does the most. After
Khuller, Moss and Naor (1999, Information Processing Letters 70, 39-45) and the compactness of Polsby and Popper (1991).
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo_service.model.cells import Floats, Ints

REACH: Final = 3
"""Cells that one step may take: a path through empty ones to the next busy one."""
_FILLERS: Final = 2
"""Cells that a step may take besides, so that the place stays compact."""
_SIDES: Final = 6
_SNUG: Final = 3
"""A filler adjoins at least so many cells of the place."""
_QUOTIENT: Final = 4 * math.pi * (3 * math.sqrt(3) / 2)
"""Isoperimetric quotient of n regular hexagons with e outer edges, times e² / n."""
_ROUNDING: Final = 1e-9
BLOCKED: Final = -1
"""Owner of a cell that no place may take."""

Path: TypeAlias = tuple[int, ...]


class Step(NamedTuple):
    """Hold what a place may take next."""

    density: float
    """Worth of its cells for each hectare."""
    path: Path


@dataclass(frozen=True, slots=True)
class Limits:
    """Say what a place may be."""

    min_ha: float
    max_ha: float
    min_events: float
    radius_m: float
    """From the cell that it grew from to the centre of any other."""
    compactness: float
    """Least isoperimetric quotient, 1 for a circle; that of regular hexagons stands for the cells."""


@dataclass(slots=True)
class Place:
    """Be one place that grows."""

    seed: int
    cells: list[int] = field(default_factory=list)
    members: set[int] = field(default_factory=set)
    area_ha: float = 0.0
    worth: float = 0.0
    events: float = 0.0
    edges: int = 0
    """Outer edges of its cells."""
    east_m: float = 0.0
    """Sum of worth x metres, so that the centre is known at once."""
    north_m: float = 0.0
    steps: list[tuple[float, Path]] = field(default_factory=list)
    """Queue of what it may take: (-density, path)."""

    @property
    def density(self) -> float:
        """Return the worth of each hectare."""
        return self.worth / self.area_ha

    @property
    def centre_m(self) -> tuple[float, float]:
        """Return the centre of its worth."""
        return self.east_m / self.worth, self.north_m / self.worth

    def centre_with(self, ground: Ground, path: Path) -> tuple[float, float]:
        """Return the centre that it would have with some more cells."""
        added = [ground.worth[cell] for cell in path]
        worth = self.worth + sum(added)
        east_m = self.east_m + sum(each * ground.east_m[cell] for each, cell in zip(added, path, strict=True))
        north_m = self.north_m + sum(each * ground.north_m[cell] for each, cell in zip(added, path, strict=True))
        return east_m / worth, north_m / worth


class Ground:
    """Hold the cells that places grow over, and who has taken which."""

    def __init__(  # noqa: PLR0913 - each is one property of the same cells
        self,
        worth: Floats,
        *,
        events: Floats,
        area_ha: Floats,
        indptr: Ints,
        indices: Ints,
        east_north_m: Floats,
        limits: Limits,
        blocked: Iterable[int] = (),
    ) -> None:
        # Lists: cells are looked at one by one, where numpy is ten times slower.
        self.worth: Sequence[float] = worth.tolist()
        self.events: Sequence[float] = events.tolist()
        self.area_ha: Sequence[float] = area_ha.tolist()
        self.east_m: Sequence[float] = east_north_m[:, 0].tolist()
        self.north_m: Sequence[float] = east_north_m[:, 1].tolist()
        self._indptr, self._indices = indptr, indices
        self._near: dict[int, list[int]] = {}
        self.limits = limits
        self.owner: dict[int, int] = dict.fromkeys(blocked, BLOCKED)

    def near(self, cell: int) -> list[int]:
        """Return the cells that adjoin one."""
        found = self._near.get(cell)
        if found is None:
            found = self._near[cell] = self._indices[self._indptr[cell] : self._indptr[cell + 1]].tolist()
        return found

    def begin(self, seed: int) -> Place | None:
        """Grow a place from a seed until it is large and busy enough; None where it cannot be."""
        place = Place(seed)
        self.take(place, (seed,))
        limits = self.limits
        while place.area_ha < limits.min_ha or place.events < limits.min_events:
            step = self.best(place)
            path = step.path if step else self._padding(place)
            if not path:
                return None
            self.take(place, path)
        return place

    def take(self, place: Place, path: Path) -> None:
        """Add cells to a place, and queue what may be reached from them."""
        for cell in path:
            place.edges += _SIDES - 2 * sum(near in place.members for near in self.near(cell))
            place.cells.append(cell)
            place.members.add(cell)
            worth = self.worth[cell]
            place.area_ha += self.area_ha[cell]
            place.worth += worth
            place.events += self.events[cell]
            place.east_m += worth * self.east_m[cell]
            place.north_m += worth * self.north_m[cell]
        for cell in path:
            self._queue(place, cell)

    def _queue(self, place: Place, start: int) -> None:
        """Queue the paths from a cell that each next cell makes worth more, or that are worth something at once."""
        worth, area_ha, owner, members = self.worth, self.area_ha, self.owner, place.members
        east_m, north_m = self.east_m[place.seed], self.north_m[place.seed]
        furthest = self.limits.radius_m**2
        seen = {start}
        level: list[tuple[float, float, Path, int]] = [(0.0, 0.0, (), start)]
        for _ in range(REACH):
            further = []
            for so_far, ha, path, end in level:
                for cell in self.near(end):
                    if cell in seen:
                        continue
                    seen.add(cell)
                    if cell in members or cell in owner:
                        continue
                    if (self.east_m[cell] - east_m) ** 2 + (self.north_m[cell] - north_m) ** 2 > furthest:
                        continue
                    total, size, reached = so_far + worth[cell], ha + area_ha[cell], (*path, cell)
                    if worth[cell] * ha > so_far * area_ha[cell] or (not path and worth[cell] > 0):
                        heapq.heappush(place.steps, (-total / size, reached))
                    further.append((total, size, reached, cell))
            # Where two paths lead to a cell, it is the richer one's.
            further.sort(key=lambda each: -each[0])
            level = further

    def best(self, place: Place) -> Step | None:
        """Return the best step of a place that keeps its limits; None where there is none."""
        steps, limits = place.steps, self.limits
        later: list[tuple[float, Path]] = []
        found = None
        while steps and found is None:
            negative, path = heapq.heappop(steps)
            fresh = tuple(cell for cell in path if cell not in place.members)
            if any(cell in self.owner for cell in fresh):
                continue
            size = sum(self.area_ha[cell] for cell in fresh)
            if len(fresh) < len(path):
                total = sum(self.worth[cell] for cell in fresh)
                if total > 0:
                    heapq.heappush(steps, (-total / size, fresh))
            elif place.area_ha + size > limits.max_ha + _ROUNDING:
                continue
            elif self._is_compact(place, path):
                found = Step(-negative, path)
                later.append((negative, path))
            elif (filler := self._filler(place, path)) is None:
                later.append((negative, path))
            else:
                total, grown = self.worth[filler] - negative * size, size + self.area_ha[filler]
                heapq.heappush(steps, (-total / grown, (*path, filler)))
        for step in later:
            heapq.heappush(steps, step)
        return found

    def _is_within(self, place: Place, cell: int) -> bool:
        east_m, north_m = self.east_m[cell] - self.east_m[place.seed], self.north_m[cell] - self.north_m[place.seed]
        return east_m**2 + north_m**2 <= self.limits.radius_m**2

    def _is_compact(self, place: Place, path: Path) -> bool:
        edges, added = place.edges, set[int]()
        for cell in path:
            edges += _SIDES - 2 * sum(near in place.members or near in added for near in self.near(cell))
            added.add(cell)
        return _QUOTIENT * (len(place.cells) + len(path)) >= self.limits.compactness * edges * edges

    def _filler(self, place: Place, path: Path) -> int | None:
        """Return the free cell beside a path that adjoins the most of the place and the path."""
        if len(path) >= REACH + _FILLERS:
            return None
        together = place.members.union(path)
        free = {near for cell in path for near in self.near(cell)} - together
        counted = [
            (sum(near in together for near in self.near(cell)), self.worth[cell], -cell)
            for cell in free
            if cell not in self.owner and self._is_within(place, cell)
        ]
        snug, _, negative = max(counted, default=(0, 0.0, 0))
        return -negative if snug >= _SNUG else None

    def _padding(self, place: Place) -> Path:
        """Return the free cell that makes a place larger where nothing is worth a step; empty where there is none."""
        if place.area_ha >= self.limits.min_ha:
            return ()
        free = {near for cell in place.cells for near in self.near(cell)} - place.members
        ranked = sorted(
            (-self.worth[cell], -sum(near in place.members for near in self.near(cell)), cell)
            for cell in free
            if cell not in self.owner and self._is_within(place, cell)
        )
        for _, _, cell in ranked:
            fits = place.area_ha + self.area_ha[cell] <= self.limits.max_ha + _ROUNDING
            if fits and self._is_compact(place, (cell,)):
                return (cell,)
        return ()
