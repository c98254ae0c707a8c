"""Zones keep off rivers, railways, motorways and excluded places, where such are loaded, and say whether they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from geo_service import spatial
from geo_service.app import open_area
from geo_service.errors import QueryError
from geo_service.hotspots import ZoneRules
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows.finding import zones
from geo_service.workflows.importing import imports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shapely import Geometry

    from geo_service.workflows.services import Services

QUERY = HotspotQuery("Nonesuch Borough", Period.parse("2025-08", "2026-07"), resolution=11)


@pytest.fixture
def area(demonstration_copy: Path) -> Iterator[Services]:
    opened = open_area(demonstration_copy)
    yield opened
    opened.close()


def load(services: Services, folder: Path, layer: str, features: list[tuple[Geometry, dict[str, object]]]) -> None:
    drawn = [
        {"type": "Feature", "geometry": json.loads(shapely.to_geojson(shape)), "properties": {"id": f"{n}", **facts}}
        for n, (shape, facts) in enumerate(features)
    ]
    path = folder / f"{layer}.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": drawn}))
    imports.import_layer(services, layer, path)


def test_no_zone_crosses_a_river_or_takes_in_a_prison(area: Services, tmp_path: Path) -> None:
    before = zones.find_zones(area, QUERY)[1]
    first, second = (shapely.union_all(spatial.cell_polygons(zone.cells)) for zone in before.zones[:2])
    west, south, east, north = first.bounds
    x, y = first.centroid.x, first.centroid.y
    river = shapely.LineString([(x, south - 0.01), (x + 0.0001, north + 0.01)])
    road = shapely.LineString([(west - 0.01, y), (east + 0.01, y)])
    load(area, tmp_path, "streets", [(river, {"class": "river"}), (road, {"class": "residential"})])
    load(area, tmp_path, "excluded-places", [(second.centroid, {"kind": "prison", "radius_m": 60.0})])
    run = zones.find_zones(area, QUERY)[1]
    assert run.id != before.id
    assert "across none of 1 lines" in run.rules
    assert "1 excluded places left out" in run.rules
    assert len(run.zones) > 3
    prison = shapely.buffer(spatial.project_geometry(np.array([second.centroid], dtype=object), "grid")[0], 60.0)
    was_split = False
    for zone in run.zones:
        outlines = spatial.project_geometry(spatial.cell_polygons(zone.cells), "grid")
        assert not shapely.intersects(outlines, prison).any()
        lon, lat = spatial.cell_centres(zone.cells)
        indptr, indices = spatial.neighbours(zone.cells, 1)
        row = np.repeat(np.arange(len(lon)), np.diff(indptr))
        ways = shapely.linestrings(np.stack([np.c_[lon, lat][row], np.c_[lon, lat][indices]], axis=1))
        dry = ~shapely.intersects(ways, river)
        was_split |= bool(not dry.all())
        graph = sparse.csr_array((np.ones(dry.sum()), (row[dry], indices[dry])), shape=(len(lon), len(lon)))
        assert connected_components(graph, directed=False)[0] == 1
    # The river has no end near by, so no zone can reach around it.
    assert not was_split


def test_zones_follow_the_rules_that_are_asked_for(area: Services) -> None:
    rules = ZoneRules(min_ha=3, max_ha=4, min_events_12_months=20, min_distance_m=400)
    default = zones.find_zones(area, QUERY)[1]
    run = zones.find_zones(area, QUERY, rules)[1]
    assert run.id != default.id
    assert run.zones
    assert all(3 - 1e-6 <= zone.area_ha <= 4 + 1e-6 and zone.events >= 20 for zone in run.zones)


def test_a_score_that_is_no_amount_says_where_zones_begin_and_the_measure_how_they_grow(area: Services) -> None:
    from dataclasses import replace  # noqa: PLC0415

    surface, run = zones.find_zones(area, replace(QUERY, statistic="gi_star", resolution=10))
    assert not surface.surface.is_amount
    assert run.zones
    for zone in run.zones:
        assert surface.chosen[np.isin(surface.table.cells, zone.cells)].any()


def test_too_many_shifts_are_refused(area: Services) -> None:
    with pytest.raises(QueryError, match="shifted grids") as refused:
        zones.find_zones(area, QUERY, stability=51)
    assert refused.value.field == "stability"
