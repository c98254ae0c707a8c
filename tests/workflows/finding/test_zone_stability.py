"""A zone around one dense cluster is found again wherever the grid lies; one of uniform noise is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service import spatial
from geo_service.app import open_area
from geo_service.model.hotspots import HotspotQuery
from geo_service.model.periods import Period
from geo_service.workflows.finding import zones
from geo_service.workflows.finding.zone_stability import covered, offsets_m
from geo_service.workflows.importing import imports

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.workflows.services import Services

HEAD = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context"
)
MONTH = Period.parse("2025-01", "2025-01")


def area_of(folder: Path, points: np.ndarray) -> Services:
    """Import a ward of 2 km by 2 km with incidents at metres from its south-west corner."""
    lon, lat = spatial.to_lonlat(np.array([400_000.0, 402_000.0]), np.array([260_000.0, 262_000.0]))
    ward = {"type": "Feature", "properties": {"code": "A", "name": "A"}}
    shape = json.loads(shapely.to_geojson(shapely.box(lon[0], lat[0], lon[1], lat[1])))
    (folder / "wards.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [ward | {"geometry": shape}]})
    )
    lon, lat = spatial.to_lonlat(400_000 + points[:, 0], 260_000 + points[:, 1])
    rows = [
        f",2025-01,P,P,{x:.6f},{y:.6f},On or near Elm Road,E1,Name,Anti-social behaviour,,"
        for x, y in zip(lon, lat, strict=True)
    ]
    (folder / "street.csv").write_text("\n".join([HEAD, *rows]))
    services = open_area(folder / "area")
    imports.import_boundaries(services, folder / "wards.geojson", "wards", code_field="code", name_field="name")
    imports.import_incidents(services, [folder / "street.csv"])
    return services


def test_a_dense_cluster_is_stable_and_uniform_noise_is_not(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    cluster = 1000 + rng.normal(0, 60, (400, 2))
    noise = rng.uniform(150, 1850, (1500, 2))
    found = {}
    for name, points in (("cluster", cluster), ("noise", noise)):
        (tmp_path / name).mkdir()
        services = area_of(tmp_path / name, points)
        query = HotspotQuery("wards", MONTH, statistic="total", resolution=11, area_share=0.02, offence_set="all")
        run = zones.find_zones(services, query, stability=8)[1]
        assert run.zones
        assert run.shifts == 8
        found[name] = [(zone.stability, zone.overlap) for zone in run.zones]
        services.close()
    best = found["cluster"][0]
    assert best[0] is not None
    assert best[0] > 0.6
    shaky = [again for again, _ in found["noise"] if again is not None]
    assert np.mean(shaky) < 0.4
    assert "no rivers, railways or motorways are loaded" in run.rules
    assert "no excluded places" in run.rules


def test_offsets_lie_within_one_cell_spread_out_and_never_nought() -> None:
    offsets = offsets_m(12, 13_600.0)
    assert np.abs(offsets).max() <= np.sqrt(13_600) / 2
    apart = np.hypot(*(offsets[:, None] - offsets[None, :]).transpose(2, 0, 1))
    assert apart[np.triu_indices(12, 1)].min() > 10
    assert np.hypot(*offsets.T).min() > 5


def test_what_is_covered_is_the_share_of_the_zone_and_the_best_jaccard_index() -> None:
    zones_of = np.array([shapely.box(0, 0, 2, 1), shapely.box(5, 0, 6, 1)])
    others = np.array([shapely.box(0, 0, 1, 1), shapely.box(1.5, 0, 3.5, 1), shapely.box(9, 9, 10, 10)])
    share, best = covered(zones_of, others)
    np.testing.assert_allclose(share, [0.75, 0])
    np.testing.assert_allclose(best, [0.5, 0])
