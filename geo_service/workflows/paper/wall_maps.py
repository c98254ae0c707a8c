"""The wall map of a plan for the parade room: all zones, ways and places on one A3 sheet."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import shapely

from geo_service.model.access import DISCLOSURE
from geo_service.model.plan_sheets import WALL_MAP_MM, WallMap
from geo_service.workflows.markings import USUAL, Export, Handling, file_name
from geo_service.workflows.paper import plan_sheet_words as said
from geo_service.workflows.paper.plan_sheet_cards import PlanBoxes
from geo_service.workflows.paper.plan_sheet_places import PINS, Marks
from geo_service.workflows.paper.plan_sheet_sources import Sources
from geo_service.workflows.paper.plan_sheets import marks_of_plan
from geo_service.workflows.sheets import written

if TYPE_CHECKING:
    from geo_service.model.patrol import PatrolPlan
    from geo_service.model.sheets import MapPin, MapShape, SheetRow
    from geo_service.workflows.services import Services

_MOST_PINS = 12
"""Of each layer, for the whole of a plan: the list beside the map has no more room."""


def wall_map(
    services: Services, plan: PatrolPlan, *, handling: Handling = USUAL, sources: Sources | None = None
) -> WallMap:
    """Decide what the wall map of a plan shows; whatever is missing costs its box, never the map."""
    filled = PlanBoxes(sources or Sources(services), plan)
    marks = None if filled.places is None else Marks(filled.places)
    pins, nearby, fences = _places(filled, marks)
    orders = () if filled.places is None else filled.places.unlocated_orders()
    destroy_after = written(handling.destroy_after(plan.request.shift.day))
    return WallMap(
        title=f"Patrol plan: {plan.team_name}",
        subtitle=plan.request.shift.words,
        marking=handling.marking,
        demonstration=services.demonstration,
        map=filled.overview(WALL_MAP_MM, pins=pins, more=fences),
        zones=tuple((zone.at.number, zone.at.name, said.hours(plan, zone.at, None)[0]) for zone in filled.zones),
        nearby=nearby,
        notes=(*said.notes(plan, orders, with_streets=filled.with_streets), *filled.missing()),
        destroy_after=destroy_after,
        licences=filled.licences(marks),
        footer=said.footer(plan, filled.sources.newest.version),
        keywords=(handling.marking, f"data version {plan.provenance.data_version}", f"destroy after {destroy_after}"),
    )


def print_wall_map(
    services: Services, plan: PatrolPlan, *, handling: Handling = USUAL, sources: Sources | None = None
) -> Export:
    """Print the wall map of a plan as PDF, and record the disclosure."""
    content = wall_map(services, plan, handling=handling, sources=sources)
    marks = marks_of_plan(services, plan, handling)
    what = f"wall map of plan {plan.id} v{plan.version} {plan.request.shift.day} {plan.team_name}"
    made = Export(file_name(marks, what, ".pdf"), services.printer.print_wall_map(content), "application/pdf", marks)
    services.store.record(
        DISCLOSURE,
        f"wall map of plan {plan.id}",
        {"zones": [zone.id for zone in plan.zones], "version": plan.version, "file": made.name},
    )
    return made


def _places(
    filled: PlanBoxes, marks: Marks | None
) -> tuple[tuple[MapPin, ...], tuple[SheetRow, ...], tuple[MapShape, ...]]:
    """Mark what stands near any zone, and the orders in force in one."""
    if marks is None:
        return (), (), ()
    every = shapely.union_all([zone.place for zone in filled.zones])
    around = every.envelope.buffer(500)
    pins: list[MapPin] = []
    rows: list[SheetRow] = []
    for name, box in PINS.items():
        found = filled.boxes.fill(box, partial(marks.near, name, every, around, _MOST_PINS))
        pins += found[0] if found is not None else ()
        rows += found[1] if found is not None else ()
    orders = filled.boxes.fill("Orders in force", lambda: marks.orders(every)) or ((), ())
    return tuple(pins), (*rows, *orders[0]), orders[1]
