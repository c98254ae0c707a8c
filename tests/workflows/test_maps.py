"""What a map of a run shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geo_service.app import open_area
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows import maps, tables
from geo_service.workflows.finding import hotspots, zones
from geo_service.workflows.keeping import history

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.workflows.services import Services

PERIOD = Period.parse("2025-08", "2026-07")


@pytest.mark.parametrize(
    ("boundary", "members"), [("Nonesuch West team", 3), ("NSUCH-T1", 3), ("Nonesuch Borough", 9), ("Fiddlestow", 1)]
)
def test_a_run_of_any_kind_of_area_can_be_drawn_and_asked_again(
    demonstration: Services, boundary: str, members: int
) -> None:
    _, run = zones.find_zones(demonstration, HotspotQuery(boundary, PERIOD))
    assert tables.area_table(demonstration, run).rows.height == members
    assert hotspots.ask(demonstration, run.query).sentence == run.sentence
    drawn = [table.id for table in maps.map_tables(demonstration, run)]
    assert drawn[0] == "ground"
    assert {"boundaries-demonstration-wards", "zones", "cctv", "safe-places"} <= set(drawn)


def test_a_kept_run_is_drawn_with_the_boundaries_that_it_was_found_in(demonstration_copy: Path) -> None:
    services = open_area(demonstration_copy)
    _, run = zones.find_zones(services, HotspotQuery("Nonesuch Borough", PERIOD))
    wards = next(version for version in services.store.versions() if version.act == "import boundaries")
    history.undo(services, wards.number)
    assert not services.store.snapshot().boundary_sets()
    assert tables.area_table(services, run).rows.height == 9
    services.close()
