"""Zones that are kept, named and found again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from geo_service import spatial
from geo_service.app import open_area
from geo_service.errors import NotFoundError
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows.finding import hotspots, runs, zones
from geo_service.workflows.importing import imports
from geo_service.workflows.keeping import retention

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.workflows.services import Services

QUERY = HotspotQuery("Nonesuch Borough", Period.parse("2025-08", "2026-07"))


def test_zones_keep_their_rules_and_do_not_share_cells(demonstration: Services) -> None:
    _, run = zones.find_zones(demonstration, QUERY)
    assert len(run.zones) >= 3
    cells = np.concatenate([zone.cells for zone in run.zones])
    assert len(np.unique(cells)) == len(cells)
    for zone in run.zones:
        assert 2 <= zone.area_ha <= 10
        assert zone.events >= 36
        indptr, indices = spatial.neighbours(zone.cells, 1)
        assert spatial.components(indptr, indices, np.ones(len(zone.cells), dtype=bool)).max() == 0


def test_a_zone_counts_what_its_cells_hold_and_its_mix_adds_up(demonstration: Services) -> None:
    surface, run = zones.find_zones(demonstration, QUERY)
    for zone in run.zones:
        inside = np.isin(surface.table.cells, zone.cells)
        assert zone.events == surface.events[inside].sum()
        assert sum(count for _, count in zone.mix) == zone.events


def test_names_and_ids_are_distinct_and_the_same_question_gives_the_same_run(demonstration: Services) -> None:
    _, run = zones.find_zones(demonstration, QUERY)
    assert len({zone.name for zone in run.zones}) == len({zone.id for zone in run.zones}) == len(run.zones)
    _, again = zones.find_zones(demonstration, QUERY)
    assert runs.to_json(again) == runs.to_json(run)


def test_a_kept_run_comes_back_whole(demonstration: Services) -> None:
    _, run = zones.find_zones(demonstration, QUERY)
    found = zones.zone_run(demonstration, run.id)
    assert runs.to_json(found) == runs.to_json(run)
    np.testing.assert_array_equal(found.zones[0].cells, run.zones[0].cells)
    assert found.zones[0].cells.dtype == np.uint64
    assert zones.run_of_zone(demonstration, run.zones[-1].id).id == run.id


def test_asking_a_kept_run_again_gives_the_same_sentence(demonstration: Services) -> None:
    _, run = zones.find_zones(demonstration, QUERY)
    assert hotspots.ask(demonstration, run.query).sentence == run.sentence


def test_wards_without_a_zone_are_named(demonstration: Services) -> None:
    surface, run = zones.find_zones(demonstration, QUERY)
    names = {surface.area.boundary_set.names[position] for position in surface.area.members}
    assert set(run.without) | {zone.member_name for zone in run.zones} == names
    assert not set(run.without) & {zone.member_name for zone in run.zones}


def test_a_zone_belongs_to_the_ward_of_its_incidents_also_where_its_cells_have_their_centres_beyond_the_border(
    tmp_path: Path,
) -> None:
    lon, lat = (float(axis[0]) for axis in spatial.cell_centres(spatial.index_cells([-1.94], [52.3], 10)))
    west = lon + 0.0002
    wards = {
        "A": shapely.box(west, lat + 0.02, west + 0.05, lat + 0.04),
        "B": shapely.box(west, lat - 0.02, west + 0.05, lat + 0.02),
    }
    (tmp_path / "wards.geojson").write_text(
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [
                    {"type": "Feature", "properties": {"code": code}, "geometry": shapely.geometry.mapping(shape)}
                    for code, shape in wards.items()
                ],
            }
        )
    )
    columns = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type"
    row = f",2025-01,A Police,A Police,{lon + 0.0004},{lat},On or near Elm Road,E1,Name,Anti-social behaviour,,"
    (tmp_path / "street.csv").write_text("\n".join([f"{columns},Last outcome category,Context", *[row] * 40]))
    services = open_area(tmp_path / "area")
    fields = {"code_field": "code", "name_field": "code"}
    imports.import_boundaries(services, tmp_path / "wards.geojson", "wards", **fields)
    imports.import_incidents(services, [tmp_path / "street.csv"])
    _, run = zones.find_zones(services, HotspotQuery("wards", Period.parse("2025-01", "2025-01")))
    assert [(zone.member_code, zone.events) for zone in run.zones] == [("B", 40)]
    assert run.without == ("A",)
    assert zones.has_data(services, run)
    retention.erase(services, retention.wanted_months("", Period.parse("2025-01", "2025-01")), "a test")
    assert not zones.has_data(services, run)
    services.close()


def test_an_unknown_run_or_zone_says_what_to_do(demonstration: Services) -> None:
    with pytest.raises(NotFoundError, match="geo-service zones"):
        zones.zone_run(demonstration, "00000000")
    with pytest.raises(NotFoundError, match="geo-service zones"):
        zones.run_of_zone(demonstration, "00000000")
    with pytest.raises(NotFoundError, match="The run has 1"):
        zones.zone_of(zones.zone_run(demonstration, "latest"), "77")


def test_a_question_without_a_qualifying_zone_gives_none_and_names_every_ward(demonstration: Services) -> None:
    quiet = replace(QUERY, offence_set="robbery", boundary="Thimblecombe", period=Period.parse("2026-01", "2026-01"))
    _, run = zones.find_zones(demonstration, replace(quiet, area_share=0.5))
    assert run.zones == ()
    assert run.without == ("Thimblecombe",)
    assert run.sentence == "No located incident of the set robbery in Thimblecombe in 2026-01."
