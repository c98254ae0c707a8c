"""Zones take the names of the streets that their incidents are on."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import shapely

from geo_service import harm, hotspots, spatial
from geo_service.app import open_area
from geo_service.model.access import Audience
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.incidents import GROUP_COLUMNS
from geo_service.model.periods import Period
from geo_service.workflows.finding import runs, zones
from geo_service.workflows.finding.zone_names import NOT_WALKED, named_lines
from geo_service.workflows.importing import imports

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.workflows.services import Services

QUERY = HotspotQuery("Nonesuch Borough", Period.parse("2025-08", "2026-07"))


def test_names_are_those_of_a_recount_street_by_street(demonstration: Services) -> None:
    run = runs.find(demonstration.store, "latest")
    table = demonstration.registry.features("streets", Audience.FORCE, demonstration.store.snapshot())
    lines = [
        (name, shape)
        for name, kind, shape in zip(
            table.rows["name"], table.rows["class"], spatial.project_geometry(table.geometry, "grid"), strict=True
        )
        if name and kind not in NOT_WALKED
    ]
    rows = demonstration.store.snapshot().incidents(
        ["lon", "lat", "cell_10", "place", *GROUP_COLUMNS], period=run.query.period
    )
    offence_set = demonstration.registry.offence_sets()[run.query.offence_set]
    rows = rows.filter(harm.select(rows, offence_set)).filter(pl.col("cell_10") != 0)
    named = 0
    taken: list[str] = []
    for zone in run.zones:
        own = rows.filter(pl.col("cell_10").is_in(zone.cells))
        at = shapely.points(np.column_stack(spatial.to_grid(own["lon"], own["lat"])))
        apart = np.column_stack([shapely.distance(shape, at) for _, shape in lines])
        nearest = apart.argmin(axis=1)
        counts = Counter(lines[line][0] for line, near in zip(nearest, apart.min(axis=1), strict=True) if near <= 40)
        streets = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        places = Counter(own["place"].drop_nulls().to_list()).most_common()
        said = hotspots.name_zone(
            places, zone.member_name, zone.grid_reference, streets=streets, incidents=own.height, taken=taken
        )
        assert zone.name == said
        taken.append(said)
        named += 2 * sum(counts.values()) >= own.height
    assert named >= len(run.zones) - 2
    assert len({zone.name for zone in run.zones}) == len(run.zones)


def test_other_streets_give_other_names_and_their_licence_to_the_same_cells(
    demonstration_copy: Path, tmp_path: Path
) -> None:
    area = open_area(demonstration_copy)
    try:
        before = zones.find_zones(area, QUERY)[1]
        west, south, east, north = shapely.union_all(spatial.cell_polygons(before.zones[0].cells)).bounds
        across = [
            shapely.LineString([(west, at), (east, at)]).coords[:] for at in np.linspace(south, north, 30).tolist()
        ]
        drawn = [
            {
                "type": "Feature",
                "geometry": {"type": "LineString", "coordinates": line},
                "properties": {"id": f"{n}", "class": kind, "name": name, "licence": "Ordnance of Nowhere"},
            }
            for n, line in enumerate(across)
            for name, kind in [("Sole Street" if n % 2 else "The Canal", "residential" if n % 2 else "canal")]
        ]
        path = tmp_path / "streets.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": drawn}))
        imports.import_layer(area, "streets", path)
        after = zones.find_zones(area, QUERY)[1]
        renamed = {tuple(zone.cells): zone for zone in after.zones}[tuple(before.zones[0].cells)]
        assert renamed.name == "Sole Street"
        assert "Ordnance of Nowhere" in after.licences
        assert "Ordnance of Nowhere" not in before.licences
    finally:
        area.close()


def test_without_streets_there_is_nothing_to_name_after() -> None:
    assert named_lines(None).names == ()
