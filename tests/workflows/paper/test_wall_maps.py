"""What the wall map of a plan shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import pytest

from geo_service.errors import InputError
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.model.plan_sheets import WALL_MAP_MM
from geo_service.workflows.finding import zones
from geo_service.workflows.paper import plan_sheet_sources, wall_maps

if TYPE_CHECKING:
    from geo_service.model.access import AuditEvent
    from geo_service.model.patrol import PatrolPlan
    from geo_service.workflows.services import Services

Plans: TypeAlias = Callable[..., "PatrolPlan"]


@pytest.fixture(scope="module")
def plan(demonstration: Services, plan_by_hand: Plans) -> PatrolPlan:
    query = HotspotQuery("Nonesuch Borough", Period.parse("2025-08", "2026-07"))
    return plan_by_hand(zones.find_zones(demonstration, query)[1], 6)


def test_all_zones_ways_and_places_are_on_the_wall(demonstration: Services, plan: PatrolPlan) -> None:
    content = wall_maps.wall_map(demonstration, plan)
    assert [(number, name) for number, name, _ in content.zones] == [(zone.number, zone.name) for zone in plan.zones]
    assert (content.map.width_mm, content.map.height_mm) == WALL_MAP_MM
    kinds = [shape.kind for shape in content.map.shapes]
    assert kinds.count("zone") == 6
    assert kinds.count("route") == 2
    assert "order" in kinds
    listed = [row.label for row in content.nearby]
    assert [pin.label for pin in content.map.pins[1:]] == [label for label in listed if not label.startswith("P")]
    assert content.map.pins[0].label == "Station"
    assert any(row.text.startswith("Nonesuch town centre order") for row in content.nearby)


def test_a_wall_map_is_a_pdf_that_is_recorded(
    demonstration: Services, plan: PatrolPlan, events: Callable[[int], Sequence[AuditEvent]]
) -> None:
    made = wall_maps.print_wall_map(demonstration, plan)
    assert made.content.startswith(b"%PDF")
    assert made.name.startswith(f"DEMONSTRATION-OFFICIAL-wall-map-of-plan-{plan.id}-v1-")
    assert (events(1)[0].act, events(1)[0].what) == ("disclosure", f"wall map of plan {plan.id}")


def test_places_that_cannot_be_read_cost_their_pins(
    demonstration: Services, plan: PatrolPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise InputError("The layers are damaged")

    monkeypatch.setattr(plan_sheet_sources, "load_places", broken)
    content = wall_maps.wall_map(demonstration, plan)
    assert "Cameras, places and orders: The layers are damaged." in content.notes
    assert [pin.label for pin in content.map.pins] == ["Station"]
    assert len(content.zones) == 6
