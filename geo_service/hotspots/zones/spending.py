"""Spend an area budget on places, the worthiest step first."""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from geo_service.hotspots.zones.growing import Ground, Path, Place
    from geo_service.model.cells import Floats, Ints

_BESIDE: Final = 0.7
"""A seed that lies in the place of another waits until the queue has fallen by this factor."""
_NEXT: Final = 3
"""Seeds that are tried beside a place that is full."""
_ROUNDING: Final = 1e-9


class Spending:
    """Spend a budget of hectares step by step, the worthiest first."""

    def __init__(self, ground: Ground, hope: Floats, budget_ha: float, spacing_m: float | None) -> None:
        self._ground = ground
        self._hope: list[float] = hope.tolist()
        self._left_ha = budget_ha * (1 + _ROUNDING)
        self._budget_ha = self._left_ha
        self._spacing_m = spacing_m
        self.places: list[Place] = []
        self.steps: list[Path] = []
        self.area_ha: list[float] = []
        # (-worth of a hectare, is it a place that grows?, number of the place or seed, has it waited?)
        self._queue: list[tuple[float, bool, int, bool]] = []
        self._begun: dict[int, Place] = {}
        self._covered: set[int] = set()
        self._failed: set[int] = set()

    def run(self, seeds: Ints) -> None:
        """Open and extend places until the budget is spent."""
        self._queue = [(-self._hope[seed], False, int(seed), False) for seed in seeds.tolist()]
        heapq.heapify(self._queue)
        smallest_ha = min(self._ground.area_ha, default=0.0)
        while self._queue and self._left_ha >= smallest_ha:
            negative, grows, number, waited = heapq.heappop(self._queue)
            if grows:
                self._extend(number, negative)
            else:
                self._open(number, negative, waited=waited)

    def _open(self, seed: int, negative: float, *, waited: bool) -> None:
        owner = self._ground.owner
        if seed in owner or seed in self._failed or self._left_ha < self._ground.limits.min_ha:
            return
        place = self._begun.get(seed)
        if place is None and not waited and seed in self._covered:
            heapq.heappush(self._queue, (negative * _BESIDE, False, seed, True))
            return
        if place is None or any(cell in owner for cell in place.cells):
            place = self._ground.begin(seed)
            if place is None:
                self._failed.add(seed)
                return
            self._begun[seed] = place
            self._covered.update(place.cells)
            if place.density < -negative:
                heapq.heappush(self._queue, (-place.density, False, seed, True))
                return
        if place.area_ha <= self._left_ha and self._keeps_apart(place.centre_m):
            self.places.append(place)
            self._take(len(self.places) - 1, tuple(place.cells), place.area_ha)

    def _extend(self, number: int, negative: float) -> None:
        place, ground = self.places[number], self._ground
        step = ground.best(place)
        if step is None:
            self._begin_beside(place)
            return
        if step.density < -negative * (1 - 1e-12):
            heapq.heappush(self._queue, (-step.density, True, number, False))
            return
        size_ha = sum(ground.area_ha[cell] for cell in step.path)
        if size_ha <= self._left_ha and self._keeps_apart(place.centre_with(ground, step.path), number):
            ground.take(place, step.path)
            self._take(number, step.path, size_ha)

    def _take(self, number: int, path: Path, size_ha: float) -> None:
        self._ground.owner.update(dict.fromkeys(path, number))
        self._left_ha -= size_ha
        self.steps.append(path)
        self.area_ha.append(self._budget_ha - self._left_ha)
        step = self._ground.best(self.places[number])
        if step is None:
            self._begin_beside(self.places[number])
        else:
            heapq.heappush(self._queue, (-step.density, True, number, False))

    def _begin_beside(self, place: Place) -> None:
        """Let what lies just beyond a place that cannot grow be tried as another."""
        ground = self._ground
        rim = {near for cell in place.cells for near in ground.near(cell)} - ground.owner.keys()
        beyond = {near for cell in rim for near in ground.near(cell)} - ground.owner.keys()
        for cell in heapq.nsmallest(_NEXT, beyond, key=lambda cell: (-self._hope[cell], cell)):
            if ground.worth[cell] > 0 and cell not in self._begun:
                heapq.heappush(self._queue, (-self._hope[cell], False, cell, True))

    def _keeps_apart(self, centre_m: tuple[float, float], number: int = -1) -> bool:
        if self._spacing_m is None:
            return True
        return all(
            math.dist(centre_m, place.centre_m) >= self._spacing_m
            for other, place in enumerate(self.places)
            if other != number
        )
