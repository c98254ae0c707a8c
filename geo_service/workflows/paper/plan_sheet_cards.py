"""The boxes of a plan's sheets, each filled in a guard of its own."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from geo_service import harm, patrol, spatial
from geo_service.model.incidents import GROUP_COLUMNS
from geo_service.model.plan_sheets import CARD_MAP_MM, LARGE_PRINT_MAP_MM, ZoneCard
from geo_service.workflows import sheet_maps
from geo_service.workflows.finding.zones import zone_of
from geo_service.workflows.paper import plan_sheet_maps as maps
from geo_service.workflows.paper import plan_sheet_words as said
from geo_service.workflows.paper.plan_sheet_boxes import Boxes
from geo_service.workflows.paper.plan_sheet_places import PINS, Marks, station_pin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geo_service.model.cells import Floats
    from geo_service.model.hotspots import PatrolZone, ZoneRun
    from geo_service.model.patrol import Loop, PatrolPlan, PlanZone
    from geo_service.model.plan_sheets import VisitLine
    from geo_service.model.sheets import MapPin, MapShape, SheetMap, SheetRow
    from geo_service.model.zone_facts import ZoneFacts
    from geo_service.workflows.paper.plan_sheet_maps import Window
    from geo_service.workflows.paper.plan_sheet_sources import Sources

_MOST_STREETS: Final = 4
_PLACE_M: Final = 75.0
"""Radius of what stands for a zone whose outline is not known."""


class ZoneBoxes:
    """Hold what is known of one zone of a plan; what could not be had is said in its boxes."""

    def __init__(self, sources: Sources, plan: PatrolPlan, run: ZoneRun | None, at: PlanZone) -> None:
        """Ask for everything once."""
        self.at = at
        self.boxes = boxes = Boxes(f"zone {at.id} of plan {plan.id}")
        self.zone: PatrolZone | None = None
        self.facts: ZoneFacts | None = None
        self.outline: shapely.Geometry | None = None
        self.why: tuple[SheetRow, ...] = ()
        self.mix: tuple[tuple[str, int], ...] = ()
        if run is not None:
            self.zone = boxes.fill("The zone itself", lambda: zone_of(run, at.id))
        zone = self.zone
        if zone is not None and run is not None:
            self.outline = boxes.fill("Outline of the zone", lambda: sheet_maps.outline(zone.cells))
            self.why = boxes.several(
                "Incidents", lambda: said.incidents(run, zone, sources.data(run.provenance.data_version))
            )
            self.mix = boxes.several("Offences", lambda: said.mix(zone))
            facts = self.facts = boxes.fill("Trend, near repeats and hours", lambda: sources.facts(run, zone))
            if facts is not None:
                self.why += boxes.several("Trend", lambda: said.lately(facts))
        self.place: shapely.Geometry = self.outline or shapely.Point(at.at).buffer(_PLACE_M)


class PlanBoxes:
    """Fill the boxes of a plan once, and draw its cards and maps as each sheet wants them."""

    def __init__(self, sources: Sources, plan: PatrolPlan) -> None:
        """Ask for everything once."""
        self.sources, self.plan = sources, plan
        self.boxes = boxes = Boxes(f"plan {plan.id}")
        self.run = boxes.fill("Zones", lambda: sources.run(plan.run))
        self.ground = boxes.fill("Ground of the maps", lambda: sources.ground(plan))
        self.places = boxes.fill("Cameras, places and orders", lambda: sources.places(plan.request.shift.day))
        self._warm()
        self.zones = [ZoneBoxes(sources, plan, self.run, zone) for zone in plan.zones]
        self.ways = boxes.several("Ways through the streets", self._ways) or maps.straight_ways(plan)
        self.changes = boxes.fill("Changes since the last plan", self._changes) or said.changes(plan, ())
        self.member = sources.member(plan)

    def _warm(self) -> None:
        """Ask for the facts of all zones at once; where that cannot be, each zone says so when it is asked for."""
        run, wanted = self.run, {zone.id for zone in self.plan.zones}
        if run is not None:
            with suppress(Exception):
                self.sources.warm(run, [zone for zone in run.zones if zone.id in wanted])

    def _ways(self) -> tuple[MapShape, ...]:
        return () if self.ground is None else maps.ways(self.plan, self.ground)

    def _changes(self) -> tuple[str, ...]:
        plan = self.plan
        return said.changes(plan, patrol.differences(self.sources.before(plan), plan) if plan.before else ())

    @property
    def with_streets(self) -> bool:
        """Return whether any street is loaded."""
        return self.ground is not None and self.ground.with_streets

    def missing(self) -> Iterator[str]:
        """Yield what all of the plan lacks, in words."""
        yield from self.boxes.missing
        yield from () if self.ground is None else self.ground.missing
        yield from () if self.places is None else chain.from_iterable(self.places.missing.values())

    def licences(self, marks: Marks | None) -> tuple[str, ...]:
        """Return the licence lines of the plan, the ground and what was marked."""
        ground = self.ground.licences if self.ground is not None else ()
        return said.licences((*self.plan.licences, *ground, *(() if marks is None else marks.licences)))

    def overview(
        self,
        size_mm: tuple[float, float],
        crew: str | None = None,
        pins: Sequence[MapPin] = (),
        more: Sequence[MapShape] = (),
    ) -> SheetMap:
        """Draw all zones of the plan, the ways of one crew or of all, and the station."""
        plan = self.plan
        routes = [way for way in self.ways if crew in {None, way.label}]
        lines = [line for route in routes for line in route.geometry]
        window = maps.overview_window(
            [shapely.Point(plan.station), *(zone.place for zone in self.zones), *lines], size_mm
        )
        zones = [maps.zone_shape(zone.outline, zone.at.number) for zone in self.zones if zone.outline is not None]
        numbers = ", ".join(f"{zone.at.number} {zone.at.name}" for zone in self.zones)
        return window.map(
            [*self._lying(self.boxes, "Overview map", window), *more, *routes, *zones],
            [station_pin(plan.station), *pins],
            f"Map at 1:{window.scale:,} of the zones {numbers}, with the ways of the loops from {plan.station_name}",
            self.member,
        )

    def card(self, zone: ZoneBoxes, loops: Sequence[Loop], marks: Marks | None, *, cards: int, large: bool) -> ZoneCard:
        """Fill the card of one zone with the visits of some loops.

        cards: how many share the sheet, which their maps' size hangs on.
        """
        at, boxes = zone.at, zone.boxes.copy()
        window = self._window(zone, boxes, LARGE_PRINT_MAP_MM if large else CARD_MAP_MM[cards])
        pins, nearby = _nearby(boxes, zone, window, marks)
        orders, fences = boxes.fill("Orders in force", lambda: _orders(zone, marks)) or ((), ())
        streets = boxes.several("Street names", lambda: self._streets(zone))
        outline = [] if zone.outline is None else [maps.zone_shape(zone.outline, at.number)]
        return ZoneCard(
            number=at.number,
            id=at.id,
            name=at.name,
            map=window.map(
                [*self._lying(boxes, "Map", window), *fences, *outline],
                pins,
                f"Map at 1:{window.scale:,} of zone {at.number}, {at.name}",
                self.member,
            ),
            where=boxes.several("Where", lambda: self._where(zone, streets)),
            why=zone.why,
            mix=zone.mix,
            when=boxes.several("Hours", lambda: said.hours(self.plan, at, zone.facts)),
            to_do=said.on_paper(zone.facts.prompts) if zone.facts is not None else (),
            nearby=nearby,
            orders=orders,
            visits=self._visits(at, loops),
            missing=boxes.missing,
            below_bar=at.below_bar,
        )

    def _window(self, zone: ZoneBoxes, boxes: Boxes, size_mm: tuple[float, float]) -> Window:
        """Frame a zone; one that is too large for a card is shown where most happened, and says that it goes on."""
        window = maps.card_window(zone.place, size_mm)
        if window.whole:
            return window
        at_m = boxes.fill("Busiest part of the zone", lambda: self._incidents(zone))
        if at_m is not None:
            window = maps.busiest(window, zone.place, at_m)
        boxes.say("The zone goes on beyond this map: see the overview.")
        return window

    def _incidents(self, zone: ZoneBoxes) -> Floats:
        """Return where the incidents of a zone lie, EPSG:27700 (n, 2)."""
        run = self.run
        if run is None or zone.zone is None:
            return np.empty((0, 2))
        rows = self.sources.data(run.provenance.data_version).incidents(
            ["lon", "lat", *GROUP_COLUMNS],
            period=run.query.period,
            cells=zone.zone.cells,
            resolution=run.query.resolution,
        )
        wanted = self.sources.services.registry.offence_sets()[run.query.offence_set]
        rows = rows.filter(harm.select(rows, wanted, proactive=run.query.proactive))
        return np.column_stack(spatial.to_grid(rows["lon"], rows["lat"]))

    def _lying(self, boxes: Boxes, box: str, window: Window) -> tuple[MapShape, ...]:
        ground = self.ground
        return () if ground is None else boxes.several(box, lambda: ground.within(window.box, window.scale))

    def _streets(self, zone: ZoneBoxes) -> tuple[str, ...]:
        return () if self.ground is None else self.ground.street_names(zone.place, _MOST_STREETS)

    def _where(self, zone: ZoneBoxes, streets: Sequence[str]) -> tuple[SheetRow, ...]:
        return () if zone.zone is None else said.where(zone.zone, self.member, streets)

    def _visits(self, at: PlanZone, loops: Sequence[Loop]) -> tuple[VisitLine, ...]:
        plan, crews = self.plan, {None, *(loop.crew for loop in loops)}
        made = [
            (visit.start_min, loop.crew, said.visit_line(plan, loop, visit))
            for loop in loops
            for visit in loop.visits
            if visit.zone == at.id
        ]
        made += [
            (fixed.start_min, fixed.crew or 0, said.bound_line(plan, fixed))
            for fixed in plan.request.commitments
            if fixed.zone == at.id and fixed.crew in crews
        ]
        return tuple(line for _, _, line in sorted(made, key=lambda row: row[:2]))


def _nearby(
    boxes: Boxes, zone: ZoneBoxes, window: Window, marks: Marks | None
) -> tuple[tuple[MapPin, ...], tuple[SheetRow, ...]]:
    """Mark what stands near a zone, each layer in a guard of its own."""
    if marks is None:
        return (), ()
    found = [boxes.fill(box, partial(marks.near, name, zone.place, window.box)) for name, box in PINS.items()]
    # One of each kind before the next of any: a crowded card shows the first few.
    pairs = zip_longest(*(zip(*each, strict=True) for each in found if each is not None))
    here = [pair for some in pairs for pair in some if pair is not None]
    return tuple(pin for pin, _ in here), tuple(row for _, row in here)


def _orders(zone: ZoneBoxes, marks: Marks | None) -> tuple[tuple[SheetRow, ...], tuple[MapShape, ...]]:
    return ((), ()) if marks is None else marks.orders(zone.place)
